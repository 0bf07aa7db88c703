"""What a card says of calibration and abstention, down to which bin is called the worst."""

from dataclasses import replace
from typing import Any

import pytest

from einthoven.apps.card.evidence import abstention_section, calibration_section
from einthoven.bundle import Bundle


def told(bundle: Bundle, facts: dict[str, Any]) -> str:
    return calibration_section(replace(bundle, provenance=facts), "picture.svg")


def test_nothing_is_said_of_what_was_not_measured(measured: Bundle, facts: dict[str, Any]) -> None:
    del facts["calibrated"]["calibration_error"]
    assert told(measured, facts) == "Not measured."
    facts["calibrated"]["calibration_error"] = 0.03
    del facts["calibrated"]["reliability"]
    text = told(measured, facts)
    assert text.endswith("\n\nReliability curve: not measured.")
    assert "Furthest off" not in text
    assert "picture.svg" not in text
    assert "| expected calibration error | 0.049 | 0.030 |" in text


def test_the_temperature_is_the_bundles(measured: Bundle, facts: dict[str, Any]) -> None:
    assert "divided by a temperature of 0.500," in told(measured, facts)
    assert "divided by a temperature of 1.250," in told(replace(measured, temperature=1.25), facts)


def test_the_worst_bin_may_be_sure_or_unsure(measured: Bundle, facts: dict[str, Any]) -> None:
    curve = facts["calibrated"]["reliability"]
    curve |= {"confidence": [None, 0.40, 0.60, 0.90], "accuracy": [None, 0.41, 0.65, 0.80]}
    assert "is 0.75 to 1.00: a mean probability of 0.900, and 0.800 are right." in told(measured, facts)
    curve["accuracy"] = [None, 0.41, 0.75, 0.80]
    assert "is 0.50 to 0.75: a mean probability of 0.600, and 0.750 are right." in told(measured, facts)
    # 12 of 1,200 are one in a hundred, 11 are too few to be named.
    for counts, worst in (([0, 600, 12, 588], "0.50 to 0.75"), ([0, 601, 11, 588], "0.75 to 1.00")):
        curve["counts"] = counts
        assert f"of the recordings, is {worst}:" in told(measured, facts)


@pytest.mark.parametrize(
    ("folds", "crossed", "said"),
    [
        ([0, 1, 2], False, "the figures here are of these very recordings, which flatters them."),
        ([0, 1, 2], True, "cross-fitted: each fold is measured by a temperature fitted on the others."),
        (
            [2],
            True,
            "cross-fitted: each fifth of the fold is measured by a temperature fitted on the others.",
        ),
    ],
)
def test_how_it_was_measured_is_said(
    measured: Bundle, facts: dict[str, Any], folds: list[int], crossed: bool, said: str
) -> None:
    facts["held_out"]["folds"] = folds
    facts["calibrated"]["cross_fitted"] = crossed
    assert said in told(measured, facts)


def test_only_an_ensemble_says_whose_figures_these_are(measured: Bundle, facts: dict[str, Any]) -> None:
    facts["calibrated"]["measured_on"] = "single <networks>"
    assert "That is of" not in told(measured, facts)
    three = replace(measured, networks=measured.networks * 3)
    assert "That is of single &lt;networks>: what the networks say together" in told(three, facts)


def test_abstention_gives_its_figures_in_order(measured: Bundle) -> None:
    text = abstention_section(measured)
    figures = ("0.600", "91.0 %", "100", "85.0 %", "80.0 %")
    places = [text.index(figure) for figure in figures]
    assert places == sorted(places)
    assert "| 100.0 % | 1,200 | 0.000 | 0.857 | 0.831 |" in text
    assert abstention_section(replace(measured, abstention=None)) == "It always answers."
    assert abstention_section(replace(measured, provenance={})).endswith("Other thresholds: not measured.")


@pytest.mark.parametrize(("threshold", "fires"), [(0.0, False), (0.25, False), (0.251, True), (1.0, True)])
def test_a_threshold_below_chance_never_fires(measured: Bundle, threshold: float, fires: bool) -> None:
    assert measured.abstention is not None
    text = abstention_section(replace(measured, abstention=replace(measured.abstention, threshold=threshold)))
    assert ("It says nothing where" in text) is fires
    assert ("**It always answers**" in text) is not fires
