"""Calibration on cases worked out by hand."""

import numpy as np
import pytest

from einthoven.errors import DatasetError
from einthoven.metrics import (
    brier_score,
    expected_calibration_error,
    pooled_reliability,
    reliability_curve,
)
from einthoven.metrics.calibration import sigmoid_calibration

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


def test_hand_worked_calibration_of_classes_that_hold_each_by_itself() -> None:
    probs = [[0.9, 0.2], [0.9, 0.2], [0.1, 0.7], [0.3, 0.7]]
    labels = [[1, 0], [0, 0], [0, 1], [np.nan, np.nan]]
    # First class: 0.9 twice, one of them right; 0.1 once. Second: 0.2 twice, 0.7 once.
    error = ((2 * abs(0.9 - 0.5) + 0.1) / 3 + (2 * 0.2 + 0.3) / 3) / 2
    brier = ((0.01 + 0.81 + 0.01) / 3 + (0.04 + 0.04 + 0.09) / 3) / 2
    assert sigmoid_calibration(probs, labels) == pytest.approx((error, brier))
    # One bin: what is too high in one place makes up for what is too low in another.
    assert sigmoid_calibration([[0.8], [0.2]], [[0], [1]], n_bins=1)[0] == 0


def test_what_nobody_judged_counts_nothing() -> None:
    rng = np.random.default_rng(0)
    probs, labels = rng.random((40, 3)), (rng.random((40, 3)) < 0.3).astype(float)
    labels[:20, 1], labels[:, 2] = np.nan, np.nan
    of_first, of_second = (
        sigmoid_calibration(probs[:, :1], labels[:, :1]),
        sigmoid_calibration(probs[20:, 1:2], labels[20:, 1:2]),
    )
    found = sigmoid_calibration(probs, labels)
    assert found == pytest.approx([(a + b) / 2 for a, b in zip(of_first, of_second, strict=True)])


def test_sure_and_right_or_wrong() -> None:
    truth = np.array([[1, 0], [0, 1]], float)
    assert sigmoid_calibration(truth, truth) == (0, 0)
    assert sigmoid_calibration(1 - truth, truth) == (1, 1)


@pytest.mark.parametrize(
    ("probs", "labels", "said"),
    [
        ([[0.5, 0.5]], [[1]], "labels: expected the shape of the scores"),
        ([0.5], [1], "shape"),
        ([[0.5]], [[np.nan]], "judged, found none"),
        (np.empty((0, 2)), np.empty((0, 2)), r"labels: expected shape .*, found \(0, 2\)"),
        ([[1.5]], [[1]], "from 0 to 1"),
        ([[np.nan]], [[1]], "from 0 to 1"),
        ([[0.5]], [[2]], "labels: expected 1, 0 or NaN"),
        ([[0.5]], [[np.inf]], "labels: expected 1, 0 or NaN"),
    ],
)
def test_refuses_what_are_no_judged_labels(probs: object, labels: object, said: str) -> None:
    with pytest.raises(DatasetError, match=said):
        sigmoid_calibration(probs, labels)  # type: ignore[arg-type]


def test_hand_worked_curve_of_several_labels() -> None:
    probs = [[0.9, 0.1, 0.3], [0.9, 0.4, 0.3], [0.2, 0.1, 0.0]]
    labels = [[1, 0, np.nan], [0, 1, np.nan], [0, 1, 0]]
    curve = pooled_reliability(probs, labels, n_bins=5)
    # Up to 0.2: 0.1, 0.2, 0.1, 0.0; a probability of 0 is in the first bin. Those nobody judged are in none.
    assert curve.counts.tolist() == [4, 1, 0, 0, 2]
    assert curve.confidence[[0, 1, 4]] == pytest.approx([0.1, 0.4, 0.9])
    assert curve.accuracy[[0, 1, 4]] == pytest.approx([1 / 4, 1, 1 / 2])
    assert np.isnan(curve.accuracy[2])
    for wrong, message in (
        (labels[:2], "labels: expected the shape of the scores"),
        (np.full((3, 3), np.nan), "none"),
    ):
        with pytest.raises(DatasetError, match=message):
            pooled_reliability(probs, wrong)
