"""Scores on a card: those the bundle states, and what follows from its confusion matrix."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from einthoven.apps.card.scores import headline, scores_section
from einthoven.bundle import Bundle


@pytest.fixture
def stating(tiny_bundle: Bundle, facts: dict[str, Any]) -> Any:
    """Makes the tiny model with some facts of its table changed."""

    def bundle(**changes: Any) -> Bundle:
        held_out = facts["held_out"]
        table = {**held_out["table"], **changes}
        return replace(tiny_bundle, provenance={**facts, "held_out": {**held_out, "table": table}})

    return bundle


def row(text: str, start: str, n: int = 0) -> list[str]:
    """The cells of the nth table row that begins with a cell."""
    lines = [line for line in text.splitlines() if line.startswith(f"| {start} |")]
    return [cell.strip() for cell in lines[n].split("|")[1:-1]]


def test_stated_scores_come_with_their_intervals(stating: Any) -> None:
    text = scores_section(stating())
    assert row(text, "`A`")[:4] == ["`A`", "100", "0.820 (0.770 to 0.870)", "0.860 (0.810 to 0.910)"]
    assert row(text, "`~`")[2] == "not measured"
    assert "F1avg, the mean F1 of `N`, `A`, `O`: **0.831 (0.781 to 0.881)**" in text
    assert "accuracy: 0.857 (0.807 to 0.907), where always answering `N` gets 0.583." in text
    assert "bootstrap intervals over recordings" in text
    assert "exact binomial" not in text
    assert "| `O` | 61 | 22 | 249 | 18 |" in text


def test_specificity_and_precision_follow_from_the_matrix(stating: Any) -> None:
    # Of 1,100 without A, 9 + 22 + 2 are called A; of the 119 answers A, 86 are right.
    specificity, precision = row(scores_section(stating()), "`A`")[4:]
    for cell, hits, n in ((specificity, 1067, 1100), (precision, 86, 119)):
        value, low, high = (float(part.strip("()")) for part in cell.replace(" to ", " ").split())
        assert value == pytest.approx(hits / n, abs=5e-4)
        error = np.sqrt(hits / n * (1 - hits / n) / n)
        assert (low, high) == (
            pytest.approx(value - 1.96 * error, abs=0.25 * error + 5e-4),
            pytest.approx(value + 1.96 * error, abs=0.25 * error + 5e-4),
        )


def test_where_patients_were_drawn_the_matrix_gives_no_interval(stating: Any) -> None:
    assert row(scores_section(stating(resampled="patients")), "`A`")[4:] == ["0.970", "0.723"]


def test_a_perfect_class_has_an_interval(stating: Any) -> None:
    matrix = [[3, 0, 0, 0], [0, 2, 0, 0], [0, 0, 2, 0], [0, 0, 0, 0]]
    perfect = {"value": 1.0, "low": 0.29, "high": 1.0}
    text = scores_section(stating(confusion=matrix, recall=[perfect] * 4))
    assert row(text, "`N`")[4] == f"1.000 ({0.025 ** (1 / 4):.3f} to 1.000)"
    assert row(text, "`~`")[5] == "not measured"
    assert "there stands the exact binomial interval" in text
    assert "most frequent mistakes" not in text


def test_the_largest_mistakes_are_named_first(stating: Any) -> None:
    said = "24.0 % of `~` are called `N`, 17.4 % of `O` are called `N`, 14.0 % of `~` are called `O`."
    assert f"The most frequent mistakes: {said}" in scores_section(stating())


def test_precision_is_that_of_bayes_where_a_class_is_rarer(stating: Any) -> None:
    name, part, here, *others = row(scores_section(stating()), "`A`", n=2)
    recall, false = 86 / 100, 33 / 1100
    expected = [recall * p / (recall * p + false * (1 - p)) for p in (0.01, 0.05, 0.2)]
    assert (name, part, here) == ("`A`", "8.3 %", f"{86 / 119:.3f}")
    assert others == [f"{value:.3f}" for value in expected]


def test_warnings_of_packing_stand_first(stating: Any, facts: dict[str, Any]) -> None:
    facts["warnings"] = ["accuracy 0.500 is not above 0.583"]
    text = scores_section(stating())
    assert text.startswith("**Warning**: accuracy 0.500 is not above 0.583.\n")


@pytest.mark.parametrize("matrix", [None, [], [[1, 2]], [[-1] * 4] * 4, [[0] * 4] * 4, [["x"] * 4] * 4])
def test_no_matrix_is_said_to_be_none(stating: Any, matrix: Any) -> None:
    text = scores_section(stating(confusion=matrix))
    assert "Confusion matrix: not measured." in text
    assert row(text, "`A`")[4:] == ["not measured", "not measured"]


def test_the_headline_is_the_score_and_what_it_stands_on(stating: Any, facts: dict[str, Any]) -> None:
    said = "**F1avg 0.831 (0.781 to 0.881)** over 1,200 held-out recordings of cinc2017."
    assert headline(stating()) == said
    facts["simulated"] = True
    assert "1,200 **simulated** recordings" in headline(stating())
    assert headline(stating(f1_average={})) == "How good it is: not measured."
