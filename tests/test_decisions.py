"""Probabilities, votes, and when to say nothing."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from einthoven.decisions import (
    TEMPERATURES,
    Abstention,
    average,
    coverage_table,
    fit_abstention,
    fit_temperature,
    is_at_bound,
    majority_vote,
    negative_log_likelihood,
    softmax,
)
from einthoven.errors import DatasetError, SettingsError


@settings(deadline=None)
@given(arrays(np.float64, (3, 4), elements=st.floats(-1e300, 1e300)))
def test_softmax_is_a_distribution_without_overflow(logits: np.ndarray) -> None:
    probs = softmax(logits)
    assert (probs >= 0).all()
    np.testing.assert_allclose(probs.sum(axis=-1), 1)


def test_softmax_by_hand() -> None:
    np.testing.assert_allclose(softmax(np.log([1.0, 3.0, 4.0])), [1 / 8, 3 / 8, 4 / 8])
    np.testing.assert_allclose(softmax(np.log([1.0, 9.0]), temperature=2.0), [1 / 4, 3 / 4])
    np.testing.assert_allclose(softmax([1.0, 2.0]), softmax([101.0, 102.0]))


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


def test_average() -> None:
    np.testing.assert_allclose(average([[[0.2, 0.8]], [[0.6, 0.4]]]), [[0.4, 0.6]])


def test_majority_beats_the_mean() -> None:
    probs = [[[0.95, 0.05]], [[0.45, 0.55]], [[0.45, 0.55]]]
    assert average(probs).argmax(axis=-1).tolist() == [0]
    assert majority_vote(probs).tolist() == [1]


def test_a_tie_goes_to_the_tied_class_of_highest_mean() -> None:
    # Two votes for class 0, two for class 1, one for class 2, which has the highest mean of all.
    members = [[0.5, 0.01, 0.49], [0.5, 0.01, 0.49], [0.02, 0.5, 0.48], [0.02, 0.52, 0.46], [0.0, 0.1, 0.9]]
    probs = np.array(members)[:, None, :]
    mean = probs.mean(axis=0)[0]
    assert mean.argmax() == 2
    assert mean[1] > mean[0]
    assert majority_vote(probs).tolist() == [1]


def test_votes_are_by_record() -> None:
    probs = np.zeros((3, 2, 3))
    probs[:, 0, 2] = 1
    probs[:, 1, 0] = 1
    assert majority_vote(probs).tolist() == [2, 0]
    assert majority_vote(probs[:1]).tolist() == [2, 0]


def _ten() -> tuple[np.ndarray, np.ndarray]:
    """Ten records, sure to 0.55, 0.60, ... 1.00; the three least sure are wrong."""
    top = 0.55 + 0.05 * np.arange(10)
    return np.column_stack([top, 1 - top]), (np.arange(10) < 3).astype(np.int64)


def test_abstention_by_hand() -> None:
    probs, truth = _ten()
    fitted = fit_abstention(probs, truth, 0.8)
    assert fitted == Abstention(fitted.threshold, 0.8, 0.8, 0.7, 7 / 8, 10)
    assert fitted.threshold == pytest.approx(0.625)
    assert fitted.abstains(probs).tolist() == [True, True] + [False] * 8
    assert fit_abstention(probs, truth, 0.7).kept_accuracy == 1


@pytest.mark.parametrize(("coverage", "kept"), [(0.9, 9), (0.89, 9), (0.91, 10), (0.3, 3), (0.01, 1)])
def test_at_least_the_coverage_is_kept(coverage: float, kept: int) -> None:
    assert fit_abstention(*_ten(), coverage).coverage == kept / 10


def test_full_coverage_never_abstains() -> None:
    fitted = fit_abstention(*_ten(), 1.0)
    assert fitted.threshold == 0
    assert not fitted.abstains(np.full((1, 4), 0.25)).any()


def test_a_threshold_that_every_record_reaches_never_fires() -> None:
    at = fit_abstention(*_ten(), 0.8)
    assert at.can_abstain(2)
    assert not Abstention(0.25, 0.9, 1.0, 0.5, 0.5, 10).can_abstain(4)
    assert Abstention(0.25, 0.9, 1.0, 0.5, 0.5, 10).can_abstain(5)
    assert not fit_abstention(*_ten(), 1.0).can_abstain(2)


def test_equal_records_share_their_fate() -> None:
    probs = np.array([[0.9, 0.1], [0.7, 0.3], [0.7, 0.3], [0.6, 0.4]])
    fitted = fit_abstention(probs, [0, 0, 1, 1], 0.5)
    assert fitted.coverage == 0.75
    assert fitted.kept_accuracy == pytest.approx(2 / 3)


def test_coverage_table_buys_accuracy_with_silence() -> None:
    rows = coverage_table(*_ten(), coverages=(1.0, 0.9, 0.8, 0.7))
    assert [row.coverage for row in rows] == [1.0, 0.9, 0.8, 0.7]
    assert [row.kept_accuracy for row in rows] == pytest.approx([7 / 10, 7 / 9, 7 / 8, 1])
    assert {row.accuracy for row in rows} == {0.7}


@pytest.mark.parametrize("coverage", [0.0, 1.01, -1.0, float("nan")])
def test_refuses_an_impossible_coverage(coverage: float) -> None:
    with pytest.raises(SettingsError, match="expected a coverage above 0 and at most 1"):
        fit_abstention(*_ten(), coverage)


@pytest.mark.parametrize("temperature", [0.0, -1.0, float("nan")])
def test_refuses_an_impossible_temperature(temperature: float) -> None:
    with pytest.raises(SettingsError, match="expected a temperature above 0"):
        softmax([0.0, 1.0], temperature)
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
    for fit in (fit_temperature, fit_abstention, negative_log_likelihood):
        with pytest.raises(DatasetError, match=message):
            fit(scores, truth)  # type: ignore[operator]


@pytest.mark.parametrize("shape", [(2, 3), (0, 2, 3), (2, 3, 0)])
def test_refuses_other_shapes_of_an_ensemble(shape: tuple[int, ...]) -> None:
    for decide in (average, majority_vote):
        with pytest.raises(SettingsError, match="n_members, n_records, n_classes"):
            decide(np.zeros(shape))  # type: ignore[operator]
