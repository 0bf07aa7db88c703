"""The card says what the bundle states, all of it, and where it states nothing says so."""

import re
from dataclasses import replace
from typing import Any

import pytest

from einthoven.apps.card import model_card
from einthoven.bundle import Bundle, encode_bundle, read_bundle

HEADINGS = (
    "What it does", "What it is for", "Data", "Scores", "Calibration", "Abstention", "What was not measured",
    "What it takes", "How it was trained", "Size", "Limits", "Attribution", "How this page was made",
)  # fmt: skip


def sections(bundle: Bundle) -> dict[str, str]:
    """The card's text by heading."""
    parts = re.split(r"^## (.*)\n", model_card(bundle), flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def row(text: str, start: str) -> list[str]:
    """The cells of the table row that begins with a cell."""
    line = next(line for line in text.splitlines() if line.startswith(f"| {start} |"))
    return [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]


def test_every_section_is_there(measured: Bundle, tiny_bundle: Bundle) -> None:
    for bundle in (measured, tiny_bundle):
        assert tuple(sections(bundle)) == HEADINGS
        assert model_card(bundle).startswith("# tiny 1.2: model card\n")
        assert "**not a medical device**" in sections(bundle)["What it is for"]


def test_answers_come_with_their_codes(measured: Bundle) -> None:
    text = sections(measured)["What it does"]
    assert text.startswith("\nRhythm by amplitude. It gives exactly one of these answers, or none")
    assert row(text, "`A`") == ["`A`", "atrial fibrillation", "164889003"]
    assert row(text, "`~`") == ["`~`", "noise", ""]


def test_calibration_is_a_table_and_a_picture(measured: Bundle) -> None:
    text = sections(measured)["Calibration"]
    assert row(text, "expected calibration error")[1:] == ["0.049", "0.027"]
    assert row(text, "Brier score")[1:] == ["0.214", "0.213"]
    assert "![Reliability diagram](tiny-reliability.svg)" in text
    assert row(text, "0.50 to 0.75") == ["0.50 to 0.75", "300", "0.660", "0.710"]
    assert "0.00 to 0.25" not in text
    spaced = sections(replace(measured, name="my model"))["Calibration"]
    assert "(my%20model-reliability.svg)" in spaced


def test_abstention_is_a_threshold_and_what_others_would_do(measured: Bundle) -> None:
    text = sections(measured)["Abstention"]
    for said in ("below 0.600", "91.0 % of the 100 held-out", "85.0 % of these answers", "80.0 % would be"):
        assert said in text
    assert row(text, "50.0 %") == ["50.0 %", "600", "0.934", "0.977", "not measured"]
    assert sections(replace(measured, abstention=None))["Abstention"].strip() == "It always answers."


def test_cross_fitted_figures_are_said_to_be_so(measured: Bundle, facts: dict[str, Any]) -> None:
    before = sections(measured)
    assert "figures here are of these very recordings, which flatters them" in before["Calibration"]
    assert "held-out recordings that the threshold was fitted on, and 85.0 %" in before["Abstention"]
    facts["calibrated"] |= {"cross_fitted": True, "measured_on": "single networks, one a fold"}
    after = sections(replace(measured, provenance=facts))
    assert "cross-fitted: each fold is measured by a temperature fitted on the others" in after["Calibration"]
    assert "held-out recordings, each by a threshold fitted on the others, and 85.0 %" in after["Abstention"]
    assert "single networks" not in after["Calibration"]
    facts["held_out"]["folds"] = [0]
    alone = sections(replace(measured, provenance=facts))
    assert "cross-fitted: each fifth of the fold is measured" in alone["Calibration"]


def test_an_ensemble_is_said_to_be_calibrated_by_its_single_networks(
    measured: Bundle, facts: dict[str, Any]
) -> None:
    facts["calibrated"] |= {"cross_fitted": True, "measured_on": "single networks, one a fold"}
    found = sections(replace(measured, provenance=facts, networks=measured.networks * 3, vote="majority"))
    assert "That is of single networks, one a fold" in found["Calibration"]
    assert "What its 3 networks are worth together." in found["What was not measured"]
    assert "where the probability of its answer is below" in found["Abstention"]


def test_a_threshold_that_never_fires_is_called_so(measured: Bundle) -> None:
    assert measured.abstention is not None
    idle = replace(measured, abstention=replace(measured.abstention, threshold=0.25))
    text = sections(idle)["Abstention"]
    assert "**It always answers**, sure or not: the highest of 4 probabilities is never below" in text
    assert "Of the 100 held-out recordings 80.0 % are answered right." in text
    assert "It says nothing" not in text
    # A majority's answer may have a lower probability than the highest.
    voted = replace(idle, networks=idle.networks * 3, vote="majority")
    assert "It says nothing where the probability of its answer" in sections(voted)["Abstention"]


def test_the_bin_that_is_furthest_off_is_named(measured: Bundle, facts: dict[str, Any]) -> None:
    said = "is 0.50 to 0.75: a mean probability of 0.660, and 0.710 are right"
    assert said in sections(measured)["Calibration"]
    # Of one recording in a hundred nothing can be said.
    facts["calibrated"]["reliability"] |= {"counts": [0, 100, 1, 800]}
    assert "is 0.25 to 0.50" in sections(replace(measured, provenance=facts))["Calibration"]


def test_what_was_not_measured_is_listed(measured: Bundle, tiny_bundle: Bundle) -> None:
    text = sections(measured)["What was not measured"]
    assert text.count("\n- ") + text.startswith("- ") == 3
    assert "recordings of one data set, cinc2017." in text
    assert "recordings of one data set, not stated." in sections(tiny_bundle)["What was not measured"]


def test_what_it_takes_is_said(measured: Bundle) -> None:
    text = sections(measured)["What it takes"]
    assert row(text, "leads")[1].startswith("I; where it is not there, the first lead")
    assert row(text, "length")[1].startswith("5 to 3600 s")
    assert row(text, "pipeline")[1] == "`FillMissing()`, `Resample(fs=100.0)`"


def test_how_it_was_trained_is_said(measured: Bundle) -> None:
    text = sections(measured)["How it was trained"]
    assert row(text, "recipe")[1] == "`rhythm`, budget `cpu`"
    assert row(text, "network")[1] == "`rhythm(recurrent=64)`"
    assert row(text, "phases")[1] == "`joint(epochs=18)`"
    assert row(text, "augmentations")[1] == "`Crop(max_s=30.0)`"
    assert "batch_size=32" in row(text, "other settings")[1]
    assert row(text, "versions")[1] == "einthoven 0.1.0, torch 2.13.0+cpu"
    assert row(text, "shipped") == ["shipped", "none", "3", "1,200", "joint 18", "`aaaaaaaaaaaa`"]
    assert text.count("| judged |") == 3
    assert "Distilled" not in text
    assert "1 network, " in sections(measured)["Size"]
    assert "866,437 parameters" in sections(measured)["Size"]


def test_a_teacher_and_initial_weights_are_not_kept_quiet(measured: Bundle, facts: dict[str, Any]) -> None:
    facts["networks"][0] |= {"distilled": True, "init": "c" * 64}
    text = sections(replace(measured, provenance=facts))["How it was trained"]
    assert "Distilled: a share of 0.500 of the loss" in text
    assert row(text, "shipped")[4] == "joint 18 from the weights `cccccccccccc`"


def test_limits_and_attribution_cannot_break_the_page(measured: Bundle) -> None:
    found = sections(measured)
    assert "- It knows one device only.\n- Labels are &lt;uncertain> \\| partly." in found["Limits"]
    assert found["Attribution"].strip() == "Somebody 2017, ODC-BY 1.0."
    odd = replace(measured, version="1\n# x", task="<script>|`")
    assert "\n# x" not in model_card(odd)
    assert "<script>" not in model_card(odd)


def test_the_card_is_the_same_after_the_bundle_was_written(measured: Bundle) -> None:
    assert model_card(read_bundle(encode_bundle(measured))) == model_card(measured)


def test_a_bundle_that_states_nothing_has_a_card(tiny_bundle: Bundle) -> None:
    found = sections(tiny_bundle)
    assert found["Scores"].strip() == found["Calibration"].strip() == "Not measured."
    assert found["Limits"].strip() == found["Attribution"].strip() == "Not stated."
    assert row(found["How it was trained"], "recipe")[1] == "not stated, budget not stated"
    assert "Other thresholds: not measured." in found["Abstention"]


def test_a_model_of_several_labels_has_a_card(tiny_bundle: Bundle) -> None:
    several = replace(tiny_bundle, single_label=False, thresholds=(0.5, 0.4, 0.3, 0.2), abstention=None,
                      input=replace(tiny_bundle.input, leads=("I",)))  # fmt: skip
    found = sections(several)
    assert tuple(found) == HEADINGS
    text = found["What it does"]
    assert "Of 4 answers it gives any number, or none, to a recording of lead I," in text
    # Without scores the thresholds stand here.
    assert row(text, "`A`") == ["`A`", "atrial fibrillation", "164889003", "0.400"]
    assert found["Scores"].strip() == found["Calibration"].strip() == "Not measured."
    assert "A recording of which a lead is flat or saturated" in found["Abstention"]


def test_a_card_of_several_labels_speaks_of_several(several: Bundle) -> None:
    found = sections(several)
    assert tuple(found) == HEADINGS
    text = found["What it does"]
    assert "any number, or none, to a recording of 12 leads" in text
    assert "The thresholds stand beside the scores." in text
    assert row(text, "`MI`") == ["`MI`", "myocardial infarction", ""]
    assert "It gives one or more" not in text
    forced = sections(replace(several, at_least_one=True))["What it does"]
    assert "Of 4 answers it gives one or more to a recording" in forced
    assert "zeros in place of those that are not there" in row(found["What it takes"], "leads")[1]
    unmeasured = found["What was not measured"]
    assert "how good it is with fewer than 12 leads" in unmeasured
    assert "How far cardiologists agree" in unmeasured
    whole = replace(several, input=replace(several.input, may_lack_leads=False))
    assert "with fewer than 12 leads" not in model_card(whole)
    assert "V6, all of them" in row(sections(whole)["What it takes"], "leads")[1]
    assert "confusion matrix" not in model_card(several)


def test_pipelines_that_take_samples_as_they_come_say_so(several: Bundle) -> None:
    usual = sections(several)["What it takes"]
    assert row(usual, "sampling rate")[1] == "any; the network was trained at 100 Hz"
    assert row(usual, "length")[1] == "5 to 600 s; others are refused"
    fixed = (
        {"step": "FillMissing"},
        {"step": "TakeRate", "fs": 500.0},
        {"step": "FixLength", "n_samples": 5000},
    )
    text = sections(replace(several, pipeline=fixed))["What it takes"]
    assert row(text, "sampling rate")[1] == "500 Hz; others are refused, as it takes samples as they come"
    assert row(text, "length")[1] == (
        "5 to 600 s; others are refused; of those longer than 10 s the rest is cut off"
    )
    after = sections(replace(several, pipeline=({"step": "Resample", "fs": 500.0}, *fixed)))["What it takes"]
    assert row(after, "sampling rate")[1] == "any; the network was trained at 100 Hz"


def _spoilt(value: Any, nonsense: Any) -> list[Any]:
    """Every way to put the nonsense in the place of one value."""
    if isinstance(value, dict):
        changed = [(key, item) for key in value for item in _spoilt(value[key], nonsense)]
        return [nonsense, *({**value, key: item} for key, item in changed)]
    if isinstance(value, list) and value:
        return [nonsense, *([item, *value[1:]] for item in _spoilt(value[0], nonsense))]
    return [nonsense]


NONSENSE = ["text", 3, None, [], [1, None], {"x": 1}, [{"x": []}], [["joint"]]]


@pytest.mark.parametrize("nonsense", NONSENSE)
def test_whatever_a_provenance_holds_there_is_a_card(
    measured: Bundle, facts: dict[str, Any], nonsense: Any
) -> None:
    for provenance in _spoilt(facts, nonsense)[1:]:
        card = model_card(replace(measured, provenance=provenance))
        assert card.count("\n## ") == len(HEADINGS)


@pytest.mark.parametrize("nonsense", NONSENSE)
def test_whatever_is_stated_of_several_labels_there_is_a_card(
    several: Bundle, label_facts: dict[str, Any], nonsense: Any
) -> None:
    # The head that answers first: of a list the first item is spoilt.
    label_facts["held_out"]["heads"].reverse()
    for provenance in _spoilt(label_facts, nonsense)[1:]:
        card = model_card(replace(several, provenance=provenance))
        assert card.count("\n## ") == len(HEADINGS)
