"""Labels of one answer that cannot all be true of one short recording: a normal ECG with an infarction, say.

A pair counts where the definitions of its classes exclude each other and experts hardly ever give both: of
the recordings of the data set twelve-leads in which both were judged, at most 7 % of those with the rarer
class have the other one too (`python -m bench.contradictions`). PTB-XL's statements that mean IAVB, RBBB,
LBBB, LAnFB, NSIVCB and LQT belong to its superclasses CD or STTC by its own table. The blocks exclude each
other as Surawicz et al. 2009 define them, doi:10.1016/j.jacc.2008.12.013, the sinus rhythms by their rates.

Pairs that look like contradictions and are none, since experts do give them together (in percent of the
recordings with the rarer class): NORM with SA (75), SB (73), RAD (38), LAD, LQRSV and STach (33), PAC (27),
LPR (24), PVC (20), IRBBB (17) and TAb (9): PTB-XL calls normal what is so but for this, as what has CD for
IRBBB alone, the reason in 8 of 9 recordings with NORM and CD. Left out though rare: NORM with QAb or TInv, as
PTB-XL states that there are Q waves or inverted T waves, not that they are abnormal; NSR with SA, which both
say sinus rhythm; PR with any rhythm of the atria, which go on beating.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from einthoven.bundle import Label

CODES: Mapping[str, str] = MappingProxyType(
    {
        "270492004": "IAVB",
        "164889003": "AF",
        "164890007": "AFL",
        "426627000": "Brady",
        "59118001": "RBBB",
        "713427006": "RBBB",
        "713426002": "IRBBB",
        "445118002": "LAnFB",
        "39732003": "LAD",
        "164909002": "LBBB",
        "733534002": "LBBB",
        "698252002": "NSIVCB",
        "10370003": "PR",
        "284470004": "PAC",
        "63593006": "PAC",
        "164947007": "LPR",
        "111975006": "LQT",
        "47665007": "RAD",
        "427393009": "SA",
        "426177001": "SB",
        "426783006": "NSR",
        "427084000": "STach",
    }
)
"""SNOMED CT code -> class of the CinC Challenge 2020, as `einthoven.metrics.cinc2020` has them,
which would take longer to import than this to run."""


@dataclass(frozen=True, slots=True)
class Exclusion:
    """Classes that exclude each other.

    groups : of at most one of which classes can be true; those of one group can be true together
    why : in words
    """

    groups: tuple[tuple[str, ...], ...]
    why: str


_ABNORMAL = ("MI", "STTC", "CD", "HYP", "IAVB", "RBBB", "LBBB", "LAnFB", "NSIVCB", "LQT", "AF", "AFL", "PR")
_OF_P_WAVES = ("NSR", "SB", "STach", "SA", "PAC", "IAVB", "LPR")
EXCLUSIONS = (
    Exclusion((("NORM",), _ABNORMAL), "a normal ECG has nothing of the kind"),
    Exclusion((("AF",), ("AFL",), _OF_P_WAVES), "atria fibrillate, flutter or make P waves, one at a time"),
    Exclusion((("SB", "Brady"), ("NSR",), ("STach",)), "a rate is either slow, normal or fast"),
    Exclusion((("LBBB",), ("RBBB",), ("IRBBB",), ("NSIVCB",)), "a QRS complex has the shape of one of them"),
    Exclusion((("LAD",), ("RAD",)), "an axis deviates to one side"),
)
BENIGN, ITS_SUPERCLASS = "IRBBB", "CD"
"""A conduction disturbance that leaves an ECG normal, and what it makes of it in PTB-XL all the same."""


def contradiction(given: Sequence[Label]) -> str | None:
    """Return which of the labels of an answer contradict each other, and why; None if there are none.

    given : labels of the model; one with a SNOMED CT code is known by it, another by its name

    >>> contradiction([Label("NORM", "normal ECG"), Label("CD", "conduction disturbance")])
    'NORM and CD contradict each other: a normal ECG has nothing of the kind'
    """
    # By class, since a model may call one by another name.
    names = {_class_of(label): label.name for label in given}
    if BENIGN in names:
        names.pop(ITS_SUPERCLASS, None)
    said = []
    for exclusion in EXCLUSIONS:
        found = [[names[name] for name in group if name in names] for group in exclusion.groups]
        if len(groups := [group for group in found if group]) > 1:
            said.append(f"{_words(groups)}: {exclusion.why}")
    return "; ".join(said) or None


def excluded_pairs() -> Iterable[tuple[str, str]]:
    """Yield each two classes that exclude each other, apart from what `BENIGN` excuses."""
    for exclusion in EXCLUSIONS:
        for position, group in enumerate(exclusion.groups):
            others = [name for other in exclusion.groups[position + 1 :] for name in other]
            yield from ((name, other) for name in group for other in others)


def _class_of(label: Label) -> str:
    # A code that is none of these is of another class, whatever its name.
    return CODES.get(label.snomed, "") if label.snomed else label.name


def _words(groups: Sequence[Sequence[str]]) -> str:
    """Say of each group that it contradicts those after it."""
    if all(len(group) == 1 for group in groups):
        return f"{_listed([name for group in groups for name in group])} contradict each other"
    said = []
    for position, group in enumerate(groups[:-1], 1):
        others = [name for other in groups[position:] for name in other]
        said.append(f"{_listed(group)} contradict{'s' * (len(group) == 1)} {_listed(others)}")
    return ", ".join(said)


def _listed(names: Sequence[str]) -> str:
    *others, last = names
    return f"{', '.join(others)} and {last}" if others else last
