"""The scores of several labels: a row a class, which are not to be relied on, and means over whole groups."""

from dataclasses import replace
from typing import Any

import pytest

from einthoven.apps.card.label_scores import label_headline, label_scores_section
from einthoven.bundle import Bundle
from einthoven.metrics.confusion import precision_at


def told(bundle: Bundle, facts: dict[str, Any]) -> str:
    return label_scores_section(replace(bundle, provenance=facts))


def own_head(facts: dict[str, Any]) -> dict[str, Any]:
    head: dict[str, Any] = facts["held_out"]["heads"][1]
    return head


def row(text: str, start: str, n: int = 0) -> list[str]:
    """The cells of the nth table row that begins with a cell."""
    lines = [line for line in text.splitlines() if line.startswith(f"| {start} |")]
    return [cell.strip() for cell in lines[n].split("|")[1:-1]]


def test_a_class_has_a_row_with_its_threshold(several: Bundle) -> None:
    text = label_scores_section(several)
    assert text.startswith("**Warning**: no held-out recording has X.\n")
    assert row(text, "`PAC`") == [
        "`PAC`",
        "12 of 300",
        "0.800 (0.750 to 0.850)",
        "0.300 (0.250 to 0.350)",
        "0.400",
        "0.600 (0.550 to 0.650)",
        "0.940 (0.890 to 0.990)",
        "0.400 (0.350 to 0.450)",
        "0.480 (0.430 to 0.530)",
    ]
    # What no recording defines is a dash.
    assert row(text, "`MI`")[7:] == ["–", "–"]
    assert row(text, "`MI`")[1] == "7 of 140"
    assert "confusion" not in text.lower()


def test_each_unreliable_class_is_named_once_with_its_first_reason(
    several: Bundle, label_facts: dict[str, Any]
) -> None:
    assert (
        "**Not to be relied on where given**, 2 of 4 classes: fewer than 10 positives: `MI` (7); more often "
        "wrong than right (precision): `PAC` (0.400). An answer that gives one of them says so."
    ) in label_scores_section(several)
    ranking, table = own_head(label_facts)["ranking"], own_head(label_facts)["decided"][0]["table"]
    ranking["auroc"][1] = {"value": 0.8, "low": 0.5, "high": 0.9}
    assert "; AUROC not surely above chance: `PAC`. An answer" in told(several, label_facts)
    ranking["support"][3] = 10
    table["precision"][1] = {"value": 0.5, "low": 0.4, "high": 0.6}
    assert "2 of 4 classes: AUROC not surely above chance: `PAC`; given to no held-out recording: `MI`." in (
        told(several, label_facts)
    )
    ranking["auroc"][1]["low"] = 0.501
    table["precision"][3] = {"value": 0.7}
    assert "Not to be relied on" not in told(several, label_facts)


def test_classes_that_are_mostly_missed_are_named_beside_those_that_are_mostly_wrong(
    several: Bundle, label_facts: dict[str, Any]
) -> None:
    assert "Mostly missed" not in label_scores_section(several)
    recall = own_head(label_facts)["decided"][0]["table"]["recall"]
    recall[0], recall[3] = {"value": 0.49}, {"value": None}
    assert (
        "**Mostly missed**, so that it proves little if they are not given, 1 of 4 classes (recall below "
        "0.5): `AF` (0.490)."
    ) in told(several, label_facts)
    # It is right where it is given, and so has its row among the reliable ones.
    assert row(told(several, label_facts), "`AF`", n=1)[2] == "0.700"


def test_means_say_over_which_classes_they_are(several: Bundle, label_facts: dict[str, Any]) -> None:
    text = label_scores_section(several)
    assert row(text, "classes with at least 10 positives") == [
        "classes with at least 10 positives",
        "3",
        "0.870 (0.820 to 0.920)",
        "–",
        "0.660 (0.610 to 0.710)",
        "0.640 (0.590 to 0.690)",
        "–",
    ]
    assert row(text, "superclasses of PTB-XL")[1:3] == ["1", "0.740 (0.690 to 0.790)"]
    assert row(text, "all")[1:] == ["4", "0.850 (0.800 to 0.900)", "0.530 (0.480 to 0.580)",
                                   "0.600 (0.550 to 0.650)", "0.550 (0.500 to 0.600)",
                                   "0.350 (0.300 to 0.400)"]  # fmt: skip
    assert "Challenge metric of 2020: 0.310 (0.210 to 0.410)." in text
    assert "as far as judged, are 42.0 % (37.0 % to 47.0 %) of the recordings" in text
    own_head(label_facts)["ranking"]["auroc"][0] = {"value": None}
    own_head(label_facts)["decided"][0]["challenge"] = None
    text = told(several, label_facts)
    assert row(text, "all")[1] == "3 of the 4"
    assert "Challenge metric of 2020" not in text


def test_precision_elsewhere_is_told_of_reliable_classes_alone(several: Bundle) -> None:
    text = label_scores_section(several)
    name, part, here, *others = row(text, "`AF`", n=1)
    assert (name, part, here) == ("`AF`", "20.0 %", "0.700")
    assert others == [f"{precision_at(0.8, 0.93, share):.3f}" for share in (0.01, 0.05, 0.2)]
    with pytest.raises(IndexError):
        row(text, "`PAC`", n=1)


def test_the_intervals_say_what_was_drawn(several: Bundle, label_facts: dict[str, Any]) -> None:
    said = "over patients, where a recording of an unknown patient counts as a patient: what other patients"
    assert said in label_scores_section(several)
    label_facts["held_out"]["n_of_unknown_patients"] = 0
    assert "over patients: what other patients" in told(several, label_facts)
    own_head(label_facts)["ranking"]["resampled"] = "records"
    assert "over recordings: what other recordings" in told(several, label_facts)


def test_the_headline_is_frank(several: Bundle, label_facts: dict[str, Any]) -> None:
    assert label_headline(several) == (
        "Macro AUROC **0.740 (0.690 to 0.790)** over 1 superclasses of PTB-XL; 300 held-out recordings of "
        "twelve-leads. A class has 7 to 150 positives among them, 36 in the median. **2 of its 4 classes are "
        "not to be relied on where they are given, 0 are mostly missed**, see Scores."
    )
    head = own_head(label_facts)
    head["groups"] = head["groups"][:1]
    label_facts["simulated"] = True
    text = label_headline(replace(several, provenance=label_facts))
    assert text.startswith("Macro AUROC **0.850 (0.800 to 0.900)** over 4 classes; 300 **simulated** rec")
    head["ranking"]["support"] = [9, 9, 9, 9]
    text = label_headline(replace(several, provenance=label_facts))
    assert text.endswith("**None of its 4 classes is to be relied on**, see Scores.")
    label_facts["calibrated"]["head"] = "rbf"
    assert label_headline(replace(several, provenance=label_facts)) == "How good it is: not measured."
    assert told(several, label_facts) == "**Warning**: no held-out recording has X.\n\nNot measured."


def test_figures_of_other_classes_are_not_taken_for_these(
    several: Bundle, label_facts: dict[str, Any]
) -> None:
    own_head(label_facts)["ranking"]["classes"] = ["PAC", "AF", "NSR", "MI"]
    assert told(several, label_facts).endswith("Not measured.")
