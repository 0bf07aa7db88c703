"""When a classifier says nothing."""

import numpy as np
import pytest

from einthoven.decisions import Abstention, coverage_table, fit_abstention
from einthoven.errors import DatasetError, SettingsError


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


@pytest.mark.parametrize(
    ("probs", "truth", "message"),
    [
        ([[0.5, 0.5]], [0, 1], "a true class for each of 1 records, found 2"),
        (np.empty((0, 2)), [], r"found \(0, 2\)"),
        ([[0.5, 0.5]], [2], "expected class indices from 0 to 1"),
        ([[float("nan"), 0.5]], [0], "expected finite scores"),
    ],
)
def test_refuses_what_does_not_fit(probs: object, truth: object, message: str) -> None:
    with pytest.raises(DatasetError, match=message):
        fit_abstention(probs, truth)  # type: ignore[arg-type]
