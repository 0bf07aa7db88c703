"""The section of a card on recordings that were kept for the end: figures, and how often these were seen."""

from dataclasses import replace
from typing import Any

import pytest

from einthoven.apps.card import model_card
from einthoven.apps.card.tested import headlines_of_tests, section_of_tests
from einthoven.bundle import Bundle
from einthoven.bundle.tested import with_test


@pytest.fixture
def stating(named: Bundle, tested: Any) -> Any:
    """Makes the model of heartbeats with a test at annotated R peaks, of which some facts are changed."""

    def bundle(**changes: Any) -> Bundle:
        return replace(named, provenance={**named.provenance, "tested": [tested("annotated", **changes)]})

    return bundle


def of_unknown_origin(bundle: Bundle) -> Bundle:
    """The same model, of which nobody says all that it learnt from."""
    facts = {**bundle.provenance["learnt_from"], "is_known": False}
    return replace(bundle, provenance={**bundle.provenance, "learnt_from": facts})


def row(text: str, start: str) -> list[str]:
    line = next(line for line in text.splitlines() if line.startswith(f"| {start} |"))
    return [cell.strip() for cell in line.split("|")[1:-1]]


def test_a_test_is_told_with_everything(stating: Any) -> None:
    text = section_of_tests(stating())
    assert text.startswith("### At annotated R peaks: mitdb, part ds2\n")
    assert (
        "1,069 heartbeats of 22 recordings and 22 patients; none of them trained the model. Looked at once. "
        "`einthoven evaluate --model tiny-beats --data FOLDER --part ds2`"
    ) in text
    assert row(text, "`S`") == ["`S`", "91", *["0.800 (0.750 to 0.850)"] * 5]
    assert row(text, "`F`")[:3] == ["`F`", "7", "not measured"]
    assert (
        "Accuracy: 0.950 (0.900 to 1.000); balanced accuracy: 0.600 (0.550 to 0.650); mean F1: 0.500 (0.450 "
        "to 0.550); mean F1 (EC57): 0.500 (0.450 to 0.550)."
    ) in text
    assert (
        "sure of 93.0 % of them, and 99.0 % of these are named right; expected calibration error 0.012"
        in text
    )
    assert "EC57: without what AAMI EC57 calls neither right nor wrong" in text


def test_none_is_a_class_only_where_there_are_some(stating: Any, tested: Any) -> None:
    text = section_of_tests(stating())
    assert "none`" not in text
    assert "| `N` | 900 | 3 | 2 | 0 | 0 |" in text
    confusion = tested("annotated")["confusion"]
    confusion[5] = [7, 0, 1, 0, 0, 0]
    text = section_of_tests(stating(confusion=confusion))
    assert "`none`: beats that are not annotated (row), or were not found (column)" in text
    assert "| `none` | 7 | 0 | 1 | 0 | 0 | 0 |" in text


def test_it_stands_in_the_headline_if_none_of_it_trained_the_model(stating: Any) -> None:
    said = (
        "At annotated R peaks: mitdb, part ds2: **F1 of `S` 0.800 (0.750 to 0.850), F1 of `V` 0.700 (0.650 "
        "to 0.750)** over 1,069 heartbeats of other patients. Looked at once."
    )
    assert headlines_of_tests(stating()) == [said]
    assert model_card(stating()).index(said) < model_card(stating()).index("## What it does")
    for changes in ({"seen": ["101"]}, {"same_patient": ["202"]}, {"scores": {}}):
        assert headlines_of_tests(stating(**changes)) == []
    assert headlines_of_tests(of_unknown_origin(stating())) == []


def test_looks_are_counted(stating: Any, named: Bundle, tested: Any) -> None:
    assert "Looked at 3 times." in section_of_tests(stating(looks=3))
    assert "How often it was looked at: not stated." in section_of_tests(stating(looks=None))
    written = with_test(named, [tested("annotated"), tested("found")])
    text = section_of_tests(written)
    assert text.count("Looked at once.") == 2
    assert "### At R peaks that einthoven finds: mitdb, part ds2\n" in text


def test_what_the_model_has_seen_is_not_kept_quiet(stating: Any) -> None:
    text = section_of_tests(stating(seen=["101"], same_patient=["202"]))
    assert "**of the patients of 101, 202 the model has seen recordings**: it is flattered" in text
    said = "whether some of them trained the model is not known"
    assert said in section_of_tests(of_unknown_origin(stating()))
    assert said not in section_of_tests(stating())
    lost = section_of_tests(stating(failed={"102": "it is damaged", "a|b": "x"}))
    assert "Left out, as they could not be used: 102, a\\|b." in lost


def test_what_was_not_tested_is_said_to_be_so(named: Bundle, measured: Bundle, tested: Any) -> None:
    assert section_of_tests(named).startswith(
        "Not measured. `einthoven evaluate --model tiny-beats --data FOLDER --part ds2 --write-into "
        "tiny-beats.einthoven`"
    )
    assert "\n## Test\n" in model_card(named)
    # A model of recordings has this section only with a test.
    assert "\n## Test\n" not in model_card(measured)
    with_one = replace(measured, provenance={**measured.provenance, "tested": [tested("annotated")]})
    assert "\n## Test\n" in model_card(with_one)
