"""Intervals from resampling."""

import numpy as np
import pytest

from einthoven.errors import DatasetError
from einthoven.metrics import (
    bootstrap_confusions,
    bootstrap_interval,
    confusion_matrix,
    extreme_interval,
    percentile_interval,
)
from einthoven.metrics.bootstrap import resample_confusion, resample_sums, resample_times


def _share(truth: np.ndarray, predicted: np.ndarray) -> float:
    return float(np.mean(truth == predicted))


def test_resamples_have_the_records_of_the_original() -> None:
    rng = np.random.default_rng(0)
    truth, predicted = rng.integers(4, size=(2, 500))
    drawn = bootstrap_confusions(truth, predicted, 4, n=400, seed=3)
    matrix = confusion_matrix(truth, predicted, 4)
    assert drawn.shape == (400, 4, 4)
    assert (drawn.sum(axis=(1, 2)) == 500).all()
    # Each cell is binomial: the mean of 400 lies within 5 of its standard errors.
    spread = np.sqrt(matrix * (1 - matrix / 500) / 400)
    assert (np.abs(drawn.mean(axis=0) - matrix) < 5 * spread).all()
    np.testing.assert_allclose(drawn.var(axis=0), matrix * (1 - matrix / 500), rtol=0.5)
    assert (drawn[:, matrix == 0] == 0).all()


def test_a_matrix_is_resampled_as_its_records_are() -> None:
    truth, predicted = np.random.default_rng(5).integers(3, size=(2, 90))
    drawn = resample_confusion(confusion_matrix(truth, predicted, 3), n=30, seed=7)
    assert np.array_equal(drawn, bootstrap_confusions(truth, predicted, 3, n=30, seed=7))
    with pytest.raises(DatasetError, match="expected records to resample, found none"):
        resample_confusion(np.zeros((3, 3), np.int64))


def test_groups_are_drawn_whole() -> None:
    # Patient x has 3 correct records of class 0, patient y 2 of class 1 taken for 0.
    truth, predicted, groups = [0, 1, 0, 1, 0], [0, 0, 0, 0, 0], ["x", "y", "x", "y", "x"]
    drawn = bootstrap_confusions(truth, predicted, 2, groups=groups, n=250, seed=0)
    found = {tuple(matrix.ravel().tolist()) for matrix in drawn}
    assert found == {(6, 0, 0, 0), (3, 0, 2, 0), (0, 0, 4, 0)}
    share = np.mean([matrix[0, 0] == 3 for matrix in drawn])
    assert share == pytest.approx(0.5, abs=0.12)


def test_a_patient_for_every_record_is_no_patient() -> None:
    rng = np.random.default_rng(1)
    truth, predicted = rng.integers(3, size=(2, 300))
    alone = bootstrap_confusions(truth, predicted, 3, groups=np.arange(300), n=500)
    plain = bootstrap_confusions(truth, predicted, 3, n=500)
    np.testing.assert_allclose(alone.mean(axis=0), plain.mean(axis=0), atol=2)
    np.testing.assert_allclose(alone.std(axis=0), plain.std(axis=0), rtol=0.25)


def test_seed_decides() -> None:
    truth, predicted = [0, 1, 0, 1], [0, 1, 1, 1]
    for groups in (None, [0, 0, 1, 2]):
        one, same, other = (
            bootstrap_confusions(truth, predicted, 2, groups=groups, n=20, seed=seed) for seed in (5, 5, 6)
        )
        assert np.array_equal(one, same)
        assert not np.array_equal(one, other)


def test_interval_of_any_statistic_agrees_with_the_confusions() -> None:
    rng = np.random.default_rng(2)
    truth = rng.integers(2, size=400)
    predicted = np.where(rng.random(400) < 0.8, truth, 1 - truth)
    groups = rng.integers(60, size=400)
    for by in (None, groups):
        low, high = bootstrap_interval(_share, truth, predicted, groups=by, n=400)
        drawn = bootstrap_confusions(truth, predicted, 2, groups=by, n=400)
        counts = drawn.sum(axis=(1, 2))
        expected = percentile_interval(np.trace(drawn, axis1=1, axis2=2) / counts)
        assert low < _share(truth, predicted) < high
        assert (low, high) == pytest.approx(expected, abs=0.012)


def test_interval_draws_groups_whole() -> None:
    values, groups = np.array([1.0, 5.0, 1.0, 1.0]), np.array([7, 3, 7, 7])
    sums: list[float] = []
    bootstrap_interval(lambda drawn: sums.append(float(drawn.sum())) or 0.0, values, groups=groups, n=60)
    assert set(sums) == {6.0, 8.0, 10.0}


@pytest.mark.parametrize("n_records", [40, 300_000])
def test_counts_of_draws_are_those_of_the_drawn_records(n_records: int) -> None:
    groups = np.arange(n_records) % 30 if n_records > 40 else None
    drawn: list[np.ndarray] = []

    def count(rows: np.ndarray) -> float:
        drawn.append(np.bincount(rows, minlength=n_records))
        return 0.0

    bootstrap_interval(count, np.arange(n_records), groups=groups, n=7, seed=9)
    blocks = list(resample_times(n_records, groups=groups, n=7, seed=9))
    # Seven resamples of many records come one by one.
    assert [len(block) for block in blocks] == ([7] if n_records == 40 else [1] * 7)
    assert np.array_equal(np.concatenate(blocks), drawn)


def test_sums_are_of_all_and_of_each_resample() -> None:
    values, groups = np.array([[1.0, 0.5], [5.0, 0.0], [1.0, 0.0], [1.0, 2.0]]), np.array([7, 3, 7, 7])
    sums = resample_sums(values, groups=groups, n=60)
    assert sums.shape == (61, 2)
    assert sums[0].tolist() == [8.0, 2.5]
    # Group 7 twice, each once, group 3 twice.
    assert set(map(tuple, sums[1:].tolist())) == {(6.0, 5.0), (8.0, 2.5), (10.0, 0.0)}
    with pytest.raises(DatasetError, match="found none"):
        resample_sums(np.zeros((0, 2)))
    with pytest.raises(DatasetError, match="a group for each of 4 records"):
        resample_sums(values, groups=[1])


def test_percentiles_leave_out_what_is_not_defined() -> None:
    assert percentile_interval([np.nan, *range(41)]) == pytest.approx((1.0, 39.0))
    assert all(np.isnan(percentile_interval([np.nan, np.nan])))
    assert all(np.isnan(percentile_interval([])))


@pytest.mark.parametrize(
    ("arrays", "groups", "message"),
    [
        (([0, 1], [0]), None, "found 2"),
        (([], []), None, "expected records to resample, found none"),
        (([0, 1], [0, 1]), [1], "expected a group for each of 2 records"),
    ],
)
def test_refuses_what_does_not_fit(
    arrays: tuple[list[int], list[int]], groups: list[int] | None, message: str
) -> None:
    with pytest.raises(DatasetError, match=message):
        bootstrap_confusions(*arrays, 2, groups=groups)
    with pytest.raises(DatasetError):
        bootstrap_interval(_share, *map(np.array, arrays), groups=groups)


@pytest.mark.parametrize("n", [1, 3, 13, 400])
def test_all_right_leaves_room_for_what_was_not_seen(n: int) -> None:
    low, high = extreme_interval(1.0, n)
    # With that share of right ones, n right in a row still happen in 2.5 % of the cases.
    assert (low**n, high) == (pytest.approx(0.025), 1.0)
    assert extreme_interval(0.0, n) == pytest.approx((0.0, 1 - low))
    assert extreme_interval(1.0, n, level=0.5)[0] > low


def test_on_one_side_the_limit_is_the_rule_of_three() -> None:
    assert extreme_interval(1.0, 400, level=0.9)[0] == pytest.approx(1 - 3 / 400, abs=5e-5)


def test_what_nothing_is_drawn_of_is_not_known() -> None:
    assert extreme_interval(0.7, 1) == (0.0, 1.0)
    with pytest.raises(DatasetError, match="at least one trial, found 0"):
        extreme_interval(1.0, 0)
