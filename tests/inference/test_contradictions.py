"""Labels that cannot all be true of one recording, and those that only look as if they could not."""

from collections.abc import Sequence
from itertools import combinations
from pathlib import Path

import pytest

from einthoven.bundle import Label
from einthoven.datasets import open_data
from einthoven.datasets.twelve_leads import CLASSES
from einthoven.inference.contradictions import CODES, EXCLUSIONS, contradiction, excluded_pairs
from einthoven.metrics.cinc2020 import SCORED_CLASSES, SYNONYMS, class_places
from einthoven.recipes.ecg12 import LABELS
from einthoven.recipes.singstad2018 import LABELS as CPSC_LABELS

MAX_TOGETHER = 0.1
"""What experts give more often together, as a share of the recordings with the rarer class, is no error."""


def of(names: str, labels: Sequence[Label] = LABELS) -> list[Label]:
    found = {label.name: label for label in labels}
    return [found[name] for name in names.split()]


@pytest.mark.parametrize(
    "names",
    ["NORM MI", "NORM STTC", "NORM CD", "NORM HYP", "NORM AF", "NORM AFL", "NORM LBBB", "NORM RBBB",
     "NORM IAVB", "AF AFL", "AF NSR", "AFL NSR", "AF SB", "AFL STach", "AF SA", "AF IAVB", "AF PAC",
     "SB STach", "Brady STach", "SB NSR", "STach NSR", "LBBB RBBB", "LBBB IRBBB", "RBBB IRBBB",
     "NSIVCB LBBB", "LAD RAD"],
)  # fmt: skip
def test_what_cannot_both_be_true_is_said_in_any_order(names: str) -> None:
    first, second = names.split()
    said = contradiction(of(names))
    assert said is not None
    assert {said.partition(" contradict each other: ")[0]} <= {f"{first} and {second}",
                                                               f"{second} and {first}"}  # fmt: skip
    assert contradiction(of(f"{second} {first}")) == said
    # What goes with both changes nothing.
    assert contradiction(of(f"{first} PVC {second}")) == said


@pytest.mark.parametrize(
    "names",
    ["", "NORM", "NORM NSR", "NORM PVC", "NORM PAC", "NORM IRBBB", "NORM IRBBB CD", "NORM SA", "NORM SB",
     "NORM STach", "NORM LAD", "NORM TAb", "MI STTC CD HYP", "AF PVC RBBB", "RBBB LAnFB LAD CD NSR", "SA SB",
     "SA NSR", "SB Brady", "AF Brady", "PR NSR", "IAVB LPR NSR PAC"],
)  # fmt: skip
def test_what_can_be_true_of_one_recording_is_not(names: str) -> None:
    assert contradiction(of(names)) is None


@pytest.mark.parametrize(
    ("names", "words"),
    [("CD NORM", "NORM and CD contradict each other: a normal ECG has nothing of the kind"),
     ("NORM CD LBBB", "NORM contradicts CD and LBBB: a normal ECG has nothing of the kind"),
     ("NORM CD LBBB MI", "NORM contradicts MI, CD and LBBB: a normal ECG has nothing of the kind"),
     ("NORM RBBB IRBBB CD", "NORM and RBBB contradict each other: a normal ECG has nothing of the kind; RBBB "
      "and IRBBB contradict each other: a QRS complex has the shape of one of them"),
     ("SB NSR STach", "SB, NSR and STach contradict each other: a rate is either slow, normal or fast"),
     ("Brady SB STach", "SB and Brady contradict STach: a rate is either slow, normal or fast"),
     ("AF AFL NSR PAC", "AF contradicts AFL, NSR and PAC, AFL contradicts NSR and PAC: atria fibrillate, "
      "flutter or make P waves, one at a time")],
)  # fmt: skip
def test_it_is_one_clear_line(names: str, words: str) -> None:
    assert contradiction(of(names)) == words


def test_classes_are_known_by_their_codes_whatever_they_are_called() -> None:
    assert contradiction(of("Normal AF", CPSC_LABELS)) == (
        "AF and Normal contradict each other: atria fibrillate, flutter or make P waves, one at a time"
    )
    assert contradiction(of("STD STE PVC", CPSC_LABELS)) is None


def test_what_only_has_the_name_of_a_class_is_another() -> None:
    chagas = Label("CD", "Chagas disease", "77506005")
    assert contradiction([Label("NORM", "normal ECG"), chagas]) is None
    assert contradiction([Label("NORM", "NORM"), Label("CD", "CD")]) is not None


def test_other_classes_are_left_alone() -> None:
    names = ("N", "A", "O", "~", "S", "V", "F", "Q")
    assert contradiction([Label(name, name) for name in names]) is None


def test_the_codes_are_those_of_the_challenge() -> None:
    known = {name for exclusion in EXCLUSIONS for group in exclusion.groups for name in group}
    assert known <= set(CLASSES)
    # Each name of a class of the challenge has all of its codes.
    challenge = {scored.abbreviations[0]: scored.codes for scored in SCORED_CLASSES}
    synonyms = {code: name for code, name in SYNONYMS.items() if name in known}
    expected = {code: name for name in known for code in challenge.get(name, ())} | synonyms
    assert dict(CODES) == expected
    assert class_places(["AF"]) == class_places([code for code, name in CODES.items() if name == "AF"])


def test_the_pairs_are_what_contradicts() -> None:
    pairs = {frozenset(pair) for pair in excluded_pairs()}
    found = {frozenset(pair) for pair in combinations(CLASSES, 2) if contradiction(of(" ".join(pair)))}
    assert pairs == found
    assert frozenset({"NORM", "CD"}) in pairs
    assert frozenset({"NORM", "PVC"}) not in pairs


@pytest.mark.realdata
def test_experts_hardly_ever_give_them_together(data_folder: Path) -> None:
    entries = open_data(data_folder, "twelve-leads").entries
    for pair in excluded_pairs():
        judged = [set(entry.labels) for entry in entries if not set(pair) & set(entry.unjudged)]
        rarer = min(sum(name in labels for labels in judged) for name in pair)
        together = sum(set(pair) <= labels for labels in judged)
        assert together <= MAX_TOGETHER * rarer, pair
