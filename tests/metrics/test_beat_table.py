"""Scores of beats with intervals by patient: pooled counts, exact limits, and what a unit is."""

import numpy as np
import pytest

from einthoven.errors import DatasetError
from einthoven.metrics.beat_table import beat_table
from einthoven.metrics.beats import EC57_IGNORED, F, N, Q, S, V, beat_scores
from einthoven.metrics.bootstrap import bootstrap_confusions, percentile_interval
from einthoven.metrics.confusion import recall_of_confusion

CLASSES = range(5)


@pytest.fixture(scope="module")
def patients() -> np.ndarray:
    """Confusion matrices of 12 patients, whose share of V beats that are found differs widely."""
    draw = np.random.default_rng(5)
    own = np.zeros((12, 6, 6), np.int64)
    own[:, N, N] = draw.integers(50, 80, 12)
    own[:, V, V] = draw.integers(0, 20, 12)
    own[:, V, N] = draw.integers(0, 20, 12)
    own[:, N, V] = draw.integers(0, 6, 12)
    own[:, S, S] = draw.integers(1, 9, 12)
    own[:, S, 5] = draw.integers(1, 4, 12)
    own[:, 5, V] = draw.integers(0, 3, 12)
    own[:, F, V] = draw.integers(1, 8, 12)
    own[:, Q, S] = draw.integers(1, 3, 12)
    return own


@pytest.mark.parametrize("ignored", [None, EC57_IGNORED])
def test_values_are_those_of_the_pooled_counts(patients: np.ndarray, ignored) -> None:
    table, pooled = beat_table(patients, ignored=ignored), beat_scores(patients.sum(axis=0), ignored=ignored)
    for name in ("sensitivity", "positive_predictivity", "false_positive_rate", "f1"):
        np.testing.assert_equal([score.value for score in getattr(table, name)], getattr(pooled, name))
    for name in ("accuracy", "macro_f1", "balanced_accuracy"):
        assert getattr(table, name).value == getattr(pooled, name)
    np.testing.assert_array_equal(table.confusion, patients.sum(axis=0))
    assert table.support == tuple(patients.sum(axis=(0, 2))[:5].tolist())
    assert table.n_patients == 12


def test_ec57_leaves_out_what_is_neither_right_nor_wrong(patients: np.ndarray) -> None:
    plain, ec57 = beat_table(patients), beat_table(patients, ignored=EC57_IGNORED)
    for name in (S, V):
        assert ec57.positive_predictivity[name].value > plain.positive_predictivity[name].value
        assert ec57.f1[name].value > plain.f1[name].value
    assert ec57.sensitivity == plain.sensitivity
    assert ec57.accuracy == plain.accuracy
    assert ec57.balanced_accuracy == plain.balanced_accuracy


def test_intervals_are_those_of_drawing_patients(patients: np.ndarray) -> None:
    counts = patients[:, :5, :5]
    cells = np.repeat(np.tile(np.arange(25), 12), counts.ravel())
    groups = np.repeat(np.repeat(np.arange(12), 25), counts.ravel())
    drawn = bootstrap_confusions(cells // 5, cells % 5, 5, groups=groups, seed=3)
    expected = percentile_interval(recall_of_confusion(drawn)[:, V])
    found = beat_table(patients).sensitivity[V]
    assert (found.low, found.high) == pytest.approx(expected, abs=0.02)
    assert found.high - found.low > 0.2


def test_more_beats_of_the_same_patients_tell_nothing_more(patients: np.ndarray) -> None:
    one, ten = beat_table(patients), beat_table(10 * patients)
    assert one.sensitivity == ten.sensitivity
    assert one.macro_f1 == ten.macro_f1


def test_a_score_of_0_or_1_stands_on_patients() -> None:
    own = np.zeros((5, 6, 6), np.int64)
    own[:, N, N] = 1000
    own[:3, V, V] = 200
    own[4, Q, V] = 7
    table, ec57 = beat_table(own), beat_table(own, ignored=EC57_IGNORED)
    assert table.sensitivity[V].low == pytest.approx(0.025 ** (1 / 3))
    assert table.sensitivity[V].high == 1
    assert table.sensitivity[N].low == pytest.approx(0.025 ** (1 / 5))
    # The patient of class Q counts for V where all confusions count, and only there.
    assert table.positive_predictivity[V].value == 600 / 607
    assert ec57.positive_predictivity[V].value == 1.0
    assert ec57.positive_predictivity[V].low == pytest.approx(0.025 ** (1 / 3))
    assert ec57.false_positive_rate[V].high == pytest.approx(1 - 0.025 ** (1 / 5))
    assert np.isnan(table.sensitivity[S].value) and np.isnan(table.sensitivity[S].low)


def test_a_single_patient_says_nothing_of_others() -> None:
    table = beat_table([[[9, 1, 0], [0, 2, 0], [0, 0, 0]]])
    assert (table.sensitivity[0].low, table.sensitivity[0].high) == (0.0, 1.0)


@pytest.mark.parametrize("confusions", [np.zeros((0, 6, 6)), np.zeros((6, 6)), []])
def test_no_patient_is_refused(confusions) -> None:
    with pytest.raises(DatasetError, match="expected a confusion matrix of each patient"):
        beat_table(confusions)
