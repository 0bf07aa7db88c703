"""The temperature is found again, stays within bounds, and leaves out what nobody judged."""

import numpy as np
import pytest

from einthoven.decisions import (
    TEMPERATURES,
    fit_sigmoid_temperature,
    fit_temperature,
    is_at_bound,
    negative_log_likelihood,
    sigmoid,
    softmax,
)
from einthoven.errors import DatasetError, SettingsError


def test_likelihood_by_hand() -> None:
    logits = np.log([[1.0, 3.0], [4.0, 1.0]])
    assert negative_log_likelihood(logits, [1, 1]) == pytest.approx(-(np.log(3 / 4) + np.log(1 / 5)) / 2)


@pytest.mark.parametrize("temperature", [0.5, 1.0, 3.0])
def test_temperature_is_found_again(temperature: float) -> None:
    rng = np.random.default_rng(0)
    logits = rng.normal(size=(20_000, 4)) * 2
    truth = (rng.random((20_000, 1)) > np.cumsum(softmax(logits), axis=1)).sum(axis=1)
    assert fit_temperature(logits * temperature, truth) == pytest.approx(temperature, rel=0.05)


def test_temperature_is_the_minimum_and_scales_with_the_logits() -> None:
    rng = np.random.default_rng(1)
    logits, truth = rng.normal(size=(200, 3)) * 5, rng.integers(3, size=200)
    logits[np.arange(200), truth] += 4
    best = fit_temperature(logits, truth)
    least = negative_log_likelihood(logits, truth, best)
    assert all(negative_log_likelihood(logits, truth, best * factor) > least for factor in (0.98, 1.02))
    assert fit_temperature(logits * 1.5 + 7, truth) == pytest.approx(best * 1.5)


def test_temperature_stays_within_bounds() -> None:
    low, high = TEMPERATURES
    assert fit_temperature([[5.0, 0.0], [0.0, 5.0]], [0, 1]) == pytest.approx(low)
    assert fit_temperature([[5.0, 0.0], [0.0, 5.0]], [1, 0]) == pytest.approx(high)


def test_a_temperature_at_a_bound_is_told_from_one_that_fits() -> None:
    assert is_at_bound(fit_temperature([[5.0, 0.0], [0.0, 5.0]], [0, 1]))
    assert is_at_bound(fit_temperature([[5.0, 0.0], [0.0, 5.0]], [1, 0]))
    assert not is_at_bound(fit_temperature([[5.0, 0.0], [0.0, 5.0], [1.0, 0.0]], [0, 1, 1]))
    assert not is_at_bound(19.9)


@pytest.mark.parametrize("temperature", [0.5, 1.0, 3.0])
def test_temperature_of_sigmoids_is_found_again(temperature: float) -> None:
    rng = np.random.default_rng(0)
    logits = rng.normal(size=(10_000, 4)) * 2 - [0, 1, 2, 3]
    truth = rng.random(logits.shape) < sigmoid(logits)
    assert fit_sigmoid_temperature(logits * temperature, truth) == pytest.approx(temperature, rel=0.05)


def _cross_entropy(logits: np.ndarray, truth: np.ndarray, temperature: float) -> float:
    probs = sigmoid(logits, temperature)
    return float(-np.nanmean(truth * np.log(probs) + (1 - truth) * np.log(1 - probs)))


def test_temperature_of_sigmoids_is_the_minimum_over_what_was_judged() -> None:
    rng = np.random.default_rng(1)
    logits = rng.normal(size=(300, 3)) * 3
    truth = (rng.random(logits.shape) < sigmoid(logits, 2.0)).astype(float)
    truth[rng.random(truth.shape) < 0.3] = np.nan
    best = fit_sigmoid_temperature(logits, truth)
    least = _cross_entropy(logits, truth, best)
    assert all(_cross_entropy(logits, truth, best * factor) > least for factor in (0.98, 1.02))
    # What stands where nobody judged is of no matter.
    assert fit_sigmoid_temperature(np.where(np.isnan(truth), 50.0, logits), truth) == best
    assert fit_sigmoid_temperature(logits * 1.5, truth) == pytest.approx(best * 1.5)


def test_temperature_of_sigmoids_by_hand() -> None:
    # Three of four are right at a logit of 1 or -1: 3/4 = sigmoid(1/T).
    logits, truth = [[1.0], [1.0], [-1.0], [-1.0]], [[1.0], [1.0], [0.0], [1.0]]
    assert fit_sigmoid_temperature(logits, truth) == pytest.approx(1 / np.log(3))


def test_temperature_of_sigmoids_stays_within_bounds() -> None:
    low, high = TEMPERATURES
    assert fit_sigmoid_temperature([[5.0, -5.0]], [[1, 0]]) == pytest.approx(low)
    assert fit_sigmoid_temperature([[5.0, -5.0]], [[0, 1]]) == pytest.approx(high)


@pytest.mark.parametrize(
    ("logits", "truth", "message"),
    [
        ([[0.0, 1.0]], [[1], [0]], r"truth: expected the shape of the scores, \(1, 2\), found \(2, 1\)"),
        ([0.0, 1.0], [0, 1], r"truth: expected shape \(n_records, n_classes\), found \(2,\)"),
        (np.empty((0, 2)), np.empty((0, 2)), r"found \(0, 2\)"),
        ([[0.0, 1.0]], [[0.5, 1]], "truth: expected 1, 0 or NaN"),
        ([[0.0, 1.0]], [["a", 1]], "truth: expected numbers"),
        ([[0.0, float("nan")]], [[0, 1]], "expected finite logits"),
        ([[0.0, 1.0]], [[float("nan")] * 2], "expected at least one class that was judged"),
    ],
)
def test_refuses_what_does_not_fit_sigmoids(logits: object, truth: object, message: str) -> None:
    with pytest.raises(DatasetError, match=message):
        fit_sigmoid_temperature(logits, truth)  # type: ignore[arg-type]


@pytest.mark.parametrize("temperature", [0.0, -1.0, float("nan")])
def test_likelihood_refuses_an_impossible_temperature(temperature: float) -> None:
    with pytest.raises(SettingsError, match="expected a temperature above 0"):
        negative_log_likelihood([[0.0, 1.0]], [0], temperature)


@pytest.mark.parametrize(
    ("scores", "truth", "message"),
    [
        ([[0.5, 0.5]], [0, 1], "a true class for each of 1 records, found 2"),
        ([0.5, 0.5], [0, 1], r"found \(2,\)"),
        (np.empty((0, 2)), [], r"found \(0, 2\)"),
        ([[0.5, 0.5]], [2], "expected class indices from 0 to 1"),
        ([[0.5, 0.5]], [0.0], "expected class indices in one row, found float64"),
        ([[float("nan"), 0.5]], [0], "expected finite scores"),
    ],
)
def test_refuses_what_does_not_fit(scores: object, truth: object, message: str) -> None:
    for fit in (fit_temperature, negative_log_likelihood):
        with pytest.raises(DatasetError, match=message):
            fit(scores, truth)  # type: ignore[operator]
