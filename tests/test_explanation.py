"""What an explanation marks, and what it says of itself."""

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from einthoven.errors import SettingsError
from einthoven.explanation import Explanation, Faithfulness, log_odds, marked, runs_of


def explanation(attribution: Any, **more: Any) -> Explanation:
    """Of a recording of 100 samples at 10 Hz, from sample 20 on."""
    signal = np.zeros((1, 100), np.float32)
    given = {"record": "r", "path": "r.hea", "model": "tiny 1", "signal": signal, "background": signal,
             "fs": 10.0, "leads": ("I",), "first": 20, "label": "A", "probs": {"N": 0.7, "A": 0.3},
             "attribution": np.asarray(attribution, float), "method": "occlusion", "window_s": 0.2,
             "step_s": 0.1, "fill": "line"}  # fmt: skip
    return Explanation(**given | more)


def test_log_odds_are_those_of_the_probabilities_and_finite_at_the_ends() -> None:
    p = np.array([0.2, 0.5, 0.99])
    assert log_odds(p) == pytest.approx(np.log(p / (1 - p)))
    assert np.isfinite(log_odds([0.0, 1.0])).all()
    assert log_odds(1.0) == pytest.approx(-log_odds(0.0))


def test_the_highest_share_is_marked_but_nothing_that_speaks_against() -> None:
    attribution = np.array([3.0, -1.0, 0.0, 5.0, 4.0, 1.0, -2.0, 2.0, 0.5, 0.1])
    assert np.flatnonzero(marked(attribution, 0.3)).tolist() == [0, 3, 4]
    assert np.flatnonzero(marked(-attribution, 0.5)).tolist() == [1, 6]
    # A share of less than one sample is one sample, and of equal ones the earlier counts.
    assert np.flatnonzero(marked(np.ones(5), 0.01)).tolist() == [0]
    assert not marked(np.zeros(5), 0.5).any()


@pytest.mark.parametrize("share", [0, -0.1, 0.51, float("nan")])
def test_other_shares_are_refused(share: float) -> None:
    with pytest.raises(SettingsError, match=r"expected a share above 0 and at most 0\.5"):
        marked(np.ones(10), share)


def test_runs_are_the_stretches_of_true() -> None:
    assert runs_of(np.array([True, True, False, True])) == [(0, 2), (3, 4)]
    assert runs_of(np.zeros(3, bool)) == []


def test_segments_are_in_seconds_of_the_recording_and_the_most_important_first() -> None:
    found = explanation([0, 1, 1, 0, 0, 3, 0, 0, 0, 0])
    assert found.runs(0.3) == [(21, 23), (25, 26)]
    assert [(s.start_s, s.end_s, s.attribution) for s in found.segments(0.3)] == [
        (2.5, 2.6, 3),
        (2.1, 2.3, 1),
    ]
    assert (found.start_s, found.end_s) == (2.0, 3.0)
    moved = replace(found, origin_s=100.0)
    assert (moved.start_s, moved.segments(0.3)[0].start_s) == (102.0, 102.5)


def test_it_knows_label_and_answer() -> None:
    found = explanation(np.ones(10))
    assert (found.prob, found.answer, found.column) == (0.3, "N", 1)
    assert found.part == slice(20, 30)


def test_its_json_has_every_piece() -> None:
    plain = json.loads(json.dumps(explanation([0, 1, 0, 0, 0, 3, 0, 0, 0, 0]).to_dict(0.2)))
    assert plain["segments"][0] == {"start_s": 2.5, "end_s": 2.6, "attribution": 3.0}
    assert (plain["label"], plain["start_s"], plain["end_s"], len(plain["segments"])) == ("A", 2.0, 3.0, 2)


def test_faithful_is_what_matters_more_than_chance() -> None:
    found = Faithfulness(0.1, 2, drop=1.0, prob_after=0.4, random_drops=(0.0, 0.5, 1.5, 1.0))
    assert (found.random_mean, found.random_range, found.beaten) == (0.75, (0.0, 1.5), 0.5)
    assert found.is_faithful
    assert not replace(found, drop=0.75).is_faithful
    assert found.to_dict()["n_random"] == 4


def test_random_removals_that_do_as_much_are_counted() -> None:
    found = Faithfulness(0.1, 2, drop=1.0, prob_after=0.4, random_drops=(0.0, 0.5, 1.5, 1.0))
    assert found.n_as_much == found.to_dict()["n_as_much"] == 2
    assert replace(found, drop=2.0).n_as_much == 0


@pytest.mark.parametrize(
    ("drop", "is_slight"), [(0.24, True), (-0.24, True), (0.25, False), (-0.25, False), (1.0, False)]
)
def test_a_change_is_slight_below_a_quarter(drop: float, is_slight: bool) -> None:
    found = Faithfulness(0.1, 2, drop=drop, prob_after=0.4, random_drops=(0.0,))
    assert found.is_slight == found.to_dict()["is_slight"] == is_slight


def test_what_is_not_in_the_picture_is_in_its_json() -> None:
    told = explanation(np.ones(10), rpeak_s=13.63456, choice="the only V", beside={"rhythm": 1.23456789},
                       obstacle="hum", unsure="not sure: so").to_dict()  # fmt: skip
    assert (told["rpeak_s"], told["choice"], told["obstacle"]) == (13.6346, "the only V", "hum")
    assert told["unsure"] == "not sure: so"
    assert told["beside"] == {"rhythm": 1.234568}
    plain = explanation(np.ones(10)).to_dict()
    assert (plain["rpeak_s"], plain["choice"], plain["beside"]) == (None, "", {})
    assert (plain["obstacle"], plain["unsure"]) == (None, None)
