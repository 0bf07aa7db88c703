"""Removing what is marked, beside removing as much at random."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from einthoven.errors import SettingsError
from einthoven.explanation import Explanation
from einthoven.inference.faithfulness import measure_faithfulness, scattered
from einthoven.inference.occlusion import Score


@pytest.fixture
def score() -> Score:
    """Log-odds of the second class: the sum of samples 40 to 49."""

    def probs(signals):
        p = 1 / (1 + np.exp(-np.array([signal[0, 40:50].sum() for signal in signals], float)))
        return np.stack([1 - p, p], axis=1)

    return probs


@pytest.fixture
def right(score: Score) -> Explanation:
    """An explanation that marks what decides."""
    signal = np.zeros((1, 200), np.float32)
    signal[0, 40:50] = 0.3
    attribution = np.zeros(160)
    attribution[20:30] = 1.0
    probs = score([signal])[0]
    return Explanation("r", "", "m", signal, np.zeros_like(signal), 100.0, ("I",), 20, "B",
                       {"A": probs[0], "B": probs[1]}, attribution, "occlusion", 0.1, 0.05,
                       "line")  # fmt: skip


def test_what_decides_matters_more_than_chance(score: Score, right: Explanation) -> None:
    found = measure_faithfulness(score, right, n_random=30)
    assert found is not None
    assert (found.n_pieces, found.share) == (1, 10 / 160)
    assert found.drop == pytest.approx(3, abs=1e-4)
    assert found.prob_after == pytest.approx(0.5, abs=1e-4)
    assert found.is_faithful
    assert len(found.random_drops) == 30
    assert 0 <= found.random_mean < 1.5


def test_what_does_not_decide_is_found_out(score: Score, right: Explanation) -> None:
    wrong = replace(right, attribution=np.roll(right.attribution, 60))
    found = measure_faithfulness(score, wrong, n_random=30)
    assert found is not None
    assert found.drop == pytest.approx(0, abs=1e-6)
    assert not found.is_faithful


def test_where_nothing_is_marked_nothing_is_measured(score: Score, right: Explanation) -> None:
    assert measure_faithfulness(score, replace(right, attribution=-right.attribution)) is None


def test_the_same_seed_gives_the_same_places(score: Score, right: Explanation) -> None:
    first, same, other = (measure_faithfulness(score, right, seed=seed) for seed in (1, 1, 2))
    assert first is not None
    assert first == same
    assert first != other


def test_at_least_one_random_removal_is_needed(score: Score, right: Explanation) -> None:
    with pytest.raises(SettingsError, match="expected at least one random removal, found 0"):
        measure_faithfulness(score, right, n_random=0)


def test_pieces_keep_their_lengths_stay_inside_and_never_touch() -> None:
    rng = np.random.default_rng(0)
    lengths = [5, 1, 12, 3]
    starts = set()
    for _ in range(200):
        places = scattered(lengths, 10, 50, rng)
        assert sorted(end - first for first, end in places) == sorted(lengths)
        assert places[0][0] >= 10
        assert places[-1][1] <= 50
        assert all(end < following for (_, end), (following, _) in pairwise(places))
        starts |= {first for first, _ in places}
    assert min(starts) == 10
    assert len(starts) > 20


def test_pieces_that_do_not_fit_are_refused() -> None:
    rng = np.random.default_rng(0)
    assert scattered([4, 5], 0, 10, rng) in ([(0, 4), (5, 10)], [(0, 5), (6, 10)])
    with pytest.raises(SettingsError, match="expected pieces that fit in 10 samples"):
        scattered([5, 5], 0, 10, rng)
