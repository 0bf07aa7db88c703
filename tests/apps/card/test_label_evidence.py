"""Calibration and abstention of several labels, in words that are of several labels."""

from dataclasses import replace
from typing import Any

import pytest

from einthoven.apps.card.label_evidence import label_abstention_section, label_calibration_section
from einthoven.bundle import Bundle


def told(bundle: Bundle, facts: dict[str, Any], **calibrated: Any) -> str:
    changed = {**facts, "calibrated": {**facts["calibrated"], **calibrated}}
    return label_calibration_section(replace(bundle, provenance=changed), "picture.svg")


def test_calibration_is_of_all_classes_together(several: Bundle, label_facts: dict[str, Any]) -> None:
    text = told(several, label_facts)
    assert "logits are divided by a temperature of 1.100, one for all classes" in text
    assert "cross-fitted: each fold is measured by a temperature fitted on the others." in text
    assert "| expected calibration error | 0.040 |  |" in text
    # Shares of 60, 12 and 150 of 300, and 7 of 140.
    idle = sum(p * (1 - p) for p in (0.2, 0.04, 0.5, 0.05)) / 4
    assert f"| Brier score | 0.080 | {idle:.3f} |" in text
    assert "![Reliability diagram](picture.svg)" in text
    assert "| 0.50 to 0.75 | 300 | 0.660 | 0.710 |" in text
    assert "is 0.50 to 0.75: a mean probability of 0.660, and 0.710 have the class." in text
    assert "single networks" not in text
    three = told(replace(several, networks=several.networks * 3), label_facts)
    assert "That is of single networks, one a fold: the mean of what several say" in three


def test_gaps_of_the_calibration_are_told(several: Bundle, label_facts: dict[str, Any]) -> None:
    assert told(several, label_facts, calibration_error=None) == "Not measured."
    text = told(several, label_facts, reliability=None)
    assert text.endswith("Reliability curve: not measured.")
    assert "Furthest off" not in text and "picture.svg" not in text
    own = told(several, label_facts, rule="singstad2018")
    assert "the probabilities are the network's own, as it gives them." in own
    assert "temperature of" not in own
    label_facts["held_out"]["judged"] = []
    assert "| Brier score | 0.080 |  |" in told(several, label_facts)


def test_no_class_is_no_normal_ecg(several: Bundle, label_facts: dict[str, Any]) -> None:
    text = label_abstention_section(several)
    assert "it gives none and says that it is not sure. That does not mean that the ECG is normal." in text
    assert "So it was with 30 of the 300 held-out recordings (10.0 %)." in text
    label_facts["held_out"]["heads"] = []
    assert "So it was" not in label_abstention_section(replace(several, provenance=label_facts))
    forced = label_abstention_section(replace(several, at_least_one=True))
    assert "it gives the one that misses its own least, and says that it is not sure." in forced
    assert "gives none" not in forced


@pytest.mark.parametrize(
    ("may_lack", "said", "unsaid"),
    [
        (True, "All figures on this page are of recordings with all 12 leads", "A recording of which a lead"),
        (False, "A recording of which a lead is flat or saturated for more than 15.0 %", "zeros"),
    ],
)
def test_what_becomes_of_leads_that_are_not_there(
    several: Bundle, may_lack: bool, said: str, unsaid: str
) -> None:
    taken = replace(several.input, may_lack_leads=may_lack)
    text = label_abstention_section(replace(several, input=taken))
    assert said in text
    assert unsaid not in text


def test_where_a_normal_rhythm_is_doubted(several: Bundle) -> None:
    text = label_abstention_section(several)
    said = (
        "Nor is it sure where NSR is among the classes though the R-R intervals change by more than 10.0 % "
        "from beat to beat, as in atrial fibrillation, unless one of AF, PAC is among them too."
    )
    assert said in text
    assert text.count("There is no further limit on how sure it must be.") == 1
    af, *others = several.labels
    flutter = replace(several, labels=(af, replace(others[0], name="AFL"), *others[1:]))
    assert "unless one of AF, AFL" in label_abstention_section(flutter)
    unknown = replace(several, labels=(replace(af, name="VF"), *others))
    assert "R-R intervals" not in label_abstention_section(unknown)
    assert "There is no further limit" in label_abstention_section(unknown)


def test_that_contradictions_are_doubted_is_said_of_models_that_can_make_one(several: Bundle) -> None:
    af, *others = several.labels
    of_atria = replace(several, labels=(af, replace(others[0], name="AFL", snomed=""), *others[1:]))
    assert "contradict each other, such as AF and AFL." in label_abstention_section(of_atria)
    foreign = tuple(replace(label, name=f"class {i}", snomed="") for i, label in enumerate(several.labels))
    assert "contradict" not in label_abstention_section(replace(several, labels=foreign))


def test_several_leads_without_heartbeats_get_no_answer(several: Bundle) -> None:
    assert "none of them has reliable heartbeats" in label_abstention_section(several)
    strict = replace(several, input=replace(several.input, may_lack_leads=False))
    assert "no ECG, or of which no lead has reliable heartbeats." in label_abstention_section(strict)
    golden = replace(several.golden, signal=several.golden.signal[:1])
    alone = replace(several, input=replace(several.input, leads=("I",)), golden=golden)
    assert "reliable heartbeats" not in label_abstention_section(alone)
