"""Calibration on cases worked out by hand."""

import numpy as np
import pytest

from einthoven.errors import DatasetError
from einthoven.metrics import brier_score, expected_calibration_error, reliability_curve

# Top probabilities 0.9, 0.9, 0.9, 0.6, 0.6: right, right, wrong, right, wrong.
PROBS = [[0.9, 0.1, 0.0], [0.1, 0.9, 0.0], [0.0, 0.1, 0.9], [0.6, 0.2, 0.2], [0.6, 0.4, 0.0]]
TRUTH = [0, 1, 0, 0, 1]


def test_hand_worked_error() -> None:
    expected = 3 / 5 * (0.9 - 2 / 3) + 2 / 5 * (0.6 - 1 / 2)
    assert expected_calibration_error(PROBS, TRUTH) == pytest.approx(expected)
    # One bin: mean confidence 0.78 against 3 of 5.
    assert expected_calibration_error(PROBS, TRUTH, n_bins=1) == pytest.approx(0.18)


def test_hand_worked_brier_score() -> None:
    squares = [0.01 + 0.01, 0.01 + 0.01, 1 + 0.01 + 0.81, 0.16 + 0.04 + 0.04, 0.36 + 0.36]
    assert brier_score(PROBS, TRUTH) == pytest.approx(np.mean(squares))


def test_best_and_worst() -> None:
    sure = np.eye(3)
    assert brier_score(sure, [0, 1, 2]) == 0
    assert brier_score(sure, [1, 2, 0]) == 2
    assert expected_calibration_error(sure, [0, 1, 2]) == 0
    assert expected_calibration_error(sure, [1, 2, 0]) == 1


def test_hand_worked_curve() -> None:
    curve = reliability_curve(PROBS, TRUTH, n_bins=10)
    assert curve.counts.tolist() == [0, 0, 0, 0, 0, 2, 0, 0, 3, 0]
    assert curve.edges == pytest.approx(np.arange(11) / 10)
    assert curve.confidence[[5, 8]] == pytest.approx([0.6, 0.9])
    assert curve.accuracy[[5, 8]] == pytest.approx([1 / 2, 2 / 3])
    assert np.isnan(curve.confidence[0])
    assert np.isnan(curve.accuracy[9])


@pytest.mark.parametrize(
    ("probs", "truth", "message"),
    [
        ([[0.5, 0.4]], [0], "sum to 1"),
        ([[1.5, -0.5]], [0], "at least 0"),
        ([[np.nan, 1.0]], [0], "expected finite scores"),
        ([[0.5, 0.5]], [0, 1], "expected a true class for each of 1 records, found 2"),
        ([[0.5, 0.5]], [2], "truth: expected class indices from 0 to 1"),
        ([0.5, 0.5], [0, 1], r"shape \(n_records, n_classes\), found \(2,\)"),
        (np.empty((0, 4)), [], "found"),
    ],
)
def test_refuses_what_are_no_probabilities(probs: object, truth: object, message: str) -> None:
    for score in (expected_calibration_error, brier_score, reliability_curve):
        with pytest.raises(DatasetError, match=message):
            score(probs, truth)  # type: ignore[operator]
