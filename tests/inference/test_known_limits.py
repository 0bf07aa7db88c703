"""Which classes a model misses, as its bundle states it."""

from typing import Any

import pytest

from einthoven.inference.known_limits import (
    imprecise_warning,
    label_precisions,
    missed_classes,
    missed_warning,
)

RECALLS = ({"value": 0.98}, {"value": 0.43}, {"value": 0.89}, {"value": None})
HELD_OUT = {"table": {"classes": ["N", "S", "V", "Q"], "recall": list(RECALLS)}}


def test_of_fewer_than_half_most_are_missed() -> None:
    assert missed_classes({"held_out": HELD_OUT}) == ("S",)


def test_what_was_measured_afterwards_counts_too() -> None:
    scores = {"recall": {"N": {"value": 0.9}, "V": {"value": 0.3}, "S": {"value": 0.8}}}
    test = {"classes": ["N", "S", "V"], "scores": scores}
    assert missed_classes({"held_out": HELD_OUT, "tested": [test]}) == ("S", "V")
    assert missed_classes({"tested": [test]}) == ("V",)


def test_recordings_that_it_learnt_from_prove_nothing() -> None:
    test = {"classes": ["V"], "scores": {"recall": {"V": {"value": 0.3}}}, "learnt_from_it": "name"}
    assert missed_classes({"tested": [test]}) == ()


@pytest.mark.parametrize(
    "provenance",
    [
        {},
        {"held_out": None, "tested": None},
        {"held_out": {"table": {"classes": 3, "recall": "x"}}, "tested": [None, {"classes": ["V"]}]},
        {"held_out": {"table": {"classes": ["V"], "recall": [0.2]}}},
    ],
)
def test_what_states_nothing_warns_of_nothing(provenance: dict[str, Any]) -> None:
    assert missed_classes(provenance) == ()


def test_nothing_missed_is_nothing_said() -> None:
    assert missed_warning(()) == ()
    assert "this model missed most V beats: finding none" in missed_warning(("V",))[0]
    assert "missed most S, F and Q beats" in missed_warning(("S", "F", "Q"))[0]


def several_labels(precision: float | None) -> dict[str, object]:
    tables = {
        rule: {"classes": ["NORM", "MI"], "precision": [{"value": value}, {"value": precision}]}
        for rule, value in (("fixed", 0.1), ("exact", 0.82))
    }
    decided = [{"rule": rule, "table": table} for rule, table in tables.items()]
    return {
        "calibrated": {"head": "sigmoid", "rule": "exact"},
        "held_out": {"heads": [{"head": "linear", "decided": []}, {"head": "sigmoid", "decided": decided}]},
    }


def test_a_label_that_is_mostly_wrong_is_pointed_out() -> None:
    precisions = label_precisions(several_labels(0.25))
    assert precisions == {"NORM": 0.82, "MI": 0.25}
    assert imprecise_warning(("NORM",), precisions) == ()
    (warning,) = imprecise_warning(("NORM", "MI"), precisions)
    assert warning == "more often wrong than right: MI (25 % of the held-out recordings given it have it)"


def test_a_label_that_nothing_held_out_was_given_is_pointed_out() -> None:
    (warning,) = imprecise_warning(("MI",), label_precisions(several_labels(None)))
    assert warning == "more often wrong than right: MI (no held-out recording was given it)"


def test_a_bundle_that_states_no_scores_warns_of_nothing() -> None:
    assert label_precisions({}) == {}
    assert imprecise_warning(("MI",), {}) == ()
