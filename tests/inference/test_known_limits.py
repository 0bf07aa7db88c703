"""Which classes a model misses, as its bundle states it."""

from typing import Any

import pytest

from einthoven.inference.known_limits import missed_classes, missed_warning

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
