"""Which signals of an EDF file are ECG leads, told from their labels.

Source: https://www.edfplus.info/specs/edftexts.html, section 2: `ECG` and the lead, as in `ECG V2`. Files of
EDF have many other labels; those of sleep laboratories are known here too.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from einthoven.formats.channels import is_other
from einthoven.record import TWELVE_LEADS, lead_name

_ECG = re.compile(r"(?:ECG|EKG)(.*)", re.IGNORECASE)
_INVERTED = re.compile(r" -aVR", re.IGNORECASE)
_REFERENCE = re.compile(r"[\s_-]*\b(?:ref|reference|avg)\b\.?$", re.IGNORECASE)
_NUMBERED = re.compile(r"lead \d+", re.IGNORECASE)
_LEAD = re.compile(r"^(?:lead|ch|channel)[\s_]+(?=\D)", re.IGNORECASE)
_OTHER_LEADS = {
    name.upper(): name
    for name in (
        *("V7", "V8", "V9", "V2R", "V3R", "V4R", "V5R", "V6R", "V7R", "V8R", "V9R", "-aVR"),
        *("MLI", "MLII", "MLIII", "MCL1", "MCL6", "MV1", "MV2", "MV5", "CM5", "CC5"),
    )
}
_FRANK = frozenset("XYZ")
_EEG = re.compile(
    r"(?:FP|AF|FT|FC|TP|CP|PO|SP|[FTCPOAM])(?:\d{1,2}|Z)(?![A-Z0-9]).*|EEG.*|GND|REF\d*", re.IGNORECASE
)
_SLEEP = re.compile(
    r"(?:E[1-4]|[LR]OC|EOG|CHIN|[LR]?LEG|[LR]AT|PLM|SNORE|NASAL|CANNULA|THERM|ABD|CHEST|THO|POS|BODY|LIGHT"
    r"|STATUS|TRIG|BATT|ACTIVITY|PHOTIC|DC\d|IBI|PR\b|OSAT|SAT|LEAK|PRESS|CPAP|SOUND|MIC|STAGE|HYPNO|CREST"
    r"|MARK|ANNOT).*",
    re.IGNORECASE,
)


def ecg_lead(label: str) -> str | None:
    """Return the name of the ECG lead that a label surely means; None if it does not.

    >>> [ecg_lead(label) for label in ("ECG V2", "EKG-Ref", "ECG1", "mlii", "ECG Lead II", "C3-A2")]
    ['V2', 'ECG', 'ECG1', 'MLII', 'II', None]
    """
    label = " ".join(label.split())
    match = _ECG.fullmatch(label)
    if match is None:
        return _known(_REFERENCE.sub("", label))
    if _INVERTED.fullmatch(match[1]):
        return "-aVR"
    rest = _REFERENCE.sub("", match[1]).strip(" ()[]-_:.")
    if not rest:
        return "ECG"
    if is_other(rest):
        return None
    if _NUMBERED.fullmatch(rest):
        return rest
    return _known(rest) or (rest.upper() if rest.upper() in _FRANK else label)


def may_be_ecg(label: str) -> bool:
    """Tell whether nothing in a label speaks against an ECG."""
    return not (is_other(label) or _EEG.fullmatch(label) or _SLEEP.fullmatch(label))


def unique_names(names: Sequence[str]) -> tuple[str, ...]:
    """Number names that occur more than once.

    >>> unique_names(["ECG", "ECG", "II"])
    ('ECG', 'ECG 2', 'II')
    """
    seen: Counter[str] = Counter()
    unique = []
    for name in names:
        seen[name] += 1
        unique.append(name if seen[name] == 1 else f"{name} {seen[name]}")
    return tuple(unique)


def _known(text: str) -> str | None:
    stripped = _LEAD.sub("", text.strip())
    name = lead_name(stripped)
    return name if name in TWELVE_LEADS else _OTHER_LEADS.get(stripped.upper())
