"""Every way to divide records by a score, and none twice."""

import numpy as np
import pytest

from einthoven.decisions.cuts import cuts_of


def test_cuts_by_hand() -> None:
    cuts = cuts_of(np.array([0.2, 0.8, 0.2, 0.6]))
    assert cuts.order.tolist() == [1, 3, 0, 2]
    assert cuts.steps.tolist() == [0.8, 0.6, 0.2]
    assert cuts.n_given.tolist() == [0, 1, 2, 4]
    assert cuts.thresholds.tolist() == pytest.approx([0.9, 0.7, 0.4, 0.1])
    assert cuts.totals(np.array([1.0, 10.0, 100.0, 1000.0])).tolist() == [0, 10, 1010, 1111]
    # A score at the threshold reaches it.
    assert [cuts.place(t) for t in (0.95, 0.8, 0.79, 0.6, 0.2, 0.1)] == [0, 1, 1, 2, 3, 3]


def test_each_threshold_makes_its_own_cut() -> None:
    rng = np.random.default_rng(0)
    # Zero, one, and floats that are neighbours, where a middle is neither.
    scores = np.concatenate([rng.random(40).round(1), [0.0, 1.0, 0.3, np.nextafter(0.3, 1)]])
    cuts = cuts_of(scores)
    inside = (cuts.thresholds > 0) & (cuts.thresholds < 1)
    assert inside.tolist() == [False] + [True] * (len(inside) - 2) + [False]
    for i in np.flatnonzero(inside):
        assert (scores >= cuts.thresholds[i]).sum() == cuts.n_given[i]
        assert cuts.place(cuts.thresholds[i]) == i


def test_the_best_of_equals_is_the_nearest() -> None:
    cuts = cuts_of(np.array([0.2, 0.4, 0.6, 0.8]))
    values = np.array([0.0, 1.0, 0.5, 1.0, 0.0])
    assert cuts.best(values, 0.55) == pytest.approx(0.7)
    assert cuts.best(values, 0.45) == pytest.approx(0.3)
    # What is best already stays, to the digit; the order of a sum is no gain.
    assert cuts.best(values, 0.799) == 0.799
    assert cuts.best(np.array([0.0, 1.0, 0.5, 1.0 + 1e-14, 0.0]), 0.799) == 0.799
    assert cuts.best(np.array([0.0, 1.0, 0.5, 1.0 + 1e-9, 0.0]), 0.799) == pytest.approx(0.3)


def test_no_threshold_is_0_or_1() -> None:
    cuts = cuts_of(np.array([0.0, 1.0]))
    # All, and none, would be better, but a score of 0 reaches no threshold, and one of 1 every one.
    assert cuts.best(np.array([5.0, 1.0, 5.0]), 0.4) == 0.4
    tiny = float(np.nextafter(0, 1))
    assert cuts_of(np.array([tiny])).best(np.array([0.0, 1.0]), 0.4) == tiny


def test_constant_scores_have_two_cuts() -> None:
    cuts = cuts_of(np.full(3, 0.5))
    assert (cuts.thresholds.tolist(), cuts.n_given.tolist()) == ([0.75, 0.25], [0, 3])
