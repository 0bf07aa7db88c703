"""The challenge's scores on a table worked out by hand."""

import json

import numpy as np
import pytest

from einthoven.errors import DatasetError
from einthoven.metrics import (
    accuracy,
    bootstrap_confusions,
    f1_average,
    f1_scores,
    recall_scores,
    score_table,
)
from einthoven.metrics.cinc2017 import AVERAGED
from einthoven.metrics.confusion import (
    balanced_accuracy_of_confusion,
    f1_of_confusion,
    mean_f1_of_confusion,
    precision_of_confusion,
    specificity_of_confusion,
)

CLASSES = ("N", "A", "O", "~")
# Rows true, columns predicted. Row sums 10, 5, 8, 2; column sums 11, 4, 8, 2.
MATRIX = np.array([[8, 1, 1, 0], [1, 3, 1, 0], [2, 0, 5, 1], [0, 0, 1, 1]])
TRUTH, PREDICTED = np.repeat(np.indices((4, 4)).reshape(2, 16), MATRIX.ravel(), axis=1)
F1 = (16 / 21, 6 / 9, 10 / 16, 2 / 4)
RECALL = (8 / 10, 3 / 5, 5 / 8, 1 / 2)


def test_hand_worked_scores() -> None:
    np.testing.assert_allclose(f1_scores(TRUTH, PREDICTED, 4), F1)
    np.testing.assert_allclose(recall_scores(TRUTH, PREDICTED, 4), RECALL)
    assert accuracy(TRUTH, PREDICTED, 4) == pytest.approx(17 / 25)
    assert f1_average(TRUTH, PREDICTED, 4) == pytest.approx((16 / 21 + 6 / 9 + 10 / 16) / 3)
    assert f1_average(TRUTH, PREDICTED, 4, averaged=(1, 3)) == pytest.approx((6 / 9 + 2 / 4) / 2)


def test_hand_worked_precision_and_specificity() -> None:
    np.testing.assert_allclose(precision_of_confusion(MATRIX), [8 / 11, 3 / 4, 5 / 8, 1 / 2])
    np.testing.assert_allclose(specificity_of_confusion(MATRIX), [12 / 15, 19 / 20, 14 / 17, 22 / 23])
    never = np.diag([3, 0])
    np.testing.assert_allclose(precision_of_confusion(never), [1, np.nan])
    np.testing.assert_allclose(specificity_of_confusion(never), [np.nan, 1])


def test_hand_worked_balanced_accuracy() -> None:
    assert balanced_accuracy_of_confusion(MATRIX) == pytest.approx(sum(RECALL) / 4)
    absent = np.array([[3, 1, 0], [0, 0, 0], [1, 0, 1]])
    both = balanced_accuracy_of_confusion(np.stack([absent, np.diag([1, 2, 3])]))
    np.testing.assert_allclose(both, [(3 / 4 + 1 / 2) / 2, 1])


def test_perfect_and_always_normal() -> None:
    assert f1_average(TRUTH, TRUTH) == 1
    always = np.zeros_like(TRUTH)
    np.testing.assert_allclose(f1_scores(TRUTH, always), [20 / 35, 0, 0, 0])
    assert f1_average(TRUTH, always) == pytest.approx(20 / 35 / 3)


def test_a_class_that_does_not_occur_is_skipped() -> None:
    scores = f1_scores([0, 0, 1], [0, 1, 1], 4)
    np.testing.assert_allclose(scores, [2 / 3, 2 / 3, np.nan, np.nan])
    assert f1_average([0, 0, 1], [0, 1, 1], 4) == pytest.approx(2 / 3)
    # Predicted without occurring, it counts against the classifier.
    assert f1_average([0, 0, 1], [0, 2, 1], 4) == pytest.approx((2 / 3 + 1 + 0) / 3)
    assert np.isnan(recall_scores([0], [1], 2)[1])
    assert np.isnan(f1_average([], []))
    assert np.isnan(accuracy([], []))


def test_many_matrices_at_once() -> None:
    both = np.stack([MATRIX, MATRIX.T, np.eye(4, dtype=np.int64)])[None]
    np.testing.assert_allclose(f1_of_confusion(both)[0], [F1, F1, np.ones(4)])
    assert mean_f1_of_confusion(both, AVERAGED).shape == (1, 3)


def test_table() -> None:
    table = score_table(TRUTH, PREDICTED, CLASSES, n=200)
    assert table.classes == CLASSES
    assert table.support == (10, 5, 8, 2)
    assert table.n_records == 25
    assert [score.value for score in table.f1] == pytest.approx(F1)
    assert [score.value for score in table.recall] == pytest.approx(RECALL)
    assert [score.value for score in table.precision] == pytest.approx([8 / 11, 3 / 4, 5 / 8, 1 / 2])
    assert table.accuracy.value == pytest.approx(17 / 25)
    assert table.balanced_accuracy.value == pytest.approx(sum(RECALL) / 4)
    assert table.f1_average.value == pytest.approx((16 / 21 + 6 / 9 + 10 / 16) / 3)
    assert table.averaged == ("N", "A", "O")
    assert table.confusion == tuple(map(tuple, MATRIX.tolist()))
    assert table.resampled == "records"
    of_classes = (*table.f1, *table.recall, *table.precision)
    for score in (*of_classes, table.accuracy, table.balanced_accuracy, table.f1_average):
        assert 0 <= score.low <= score.value <= score.high <= 1
        assert score.low < score.high


def test_table_repeats_with_its_seed() -> None:
    one, same, other = (score_table(TRUTH, PREDICTED, CLASSES, n=100, seed=seed) for seed in (1, 1, 2))
    assert one == same != other


def test_table_averages_by_name() -> None:
    turned = (3 - TRUTH, 3 - PREDICTED)
    table = score_table(*turned, CLASSES[::-1], n=10)
    assert table.averaged == ("N", "A", "O")
    assert table.f1_average.value == pytest.approx((16 / 21 + 6 / 9 + 10 / 16) / 3)
    own = score_table(TRUTH, PREDICTED, ("a", "b", "c", "d"), n=10)
    assert own.averaged == ("a", "b", "c", "d")
    assert own.f1_average.value == pytest.approx(np.mean(F1))


def test_table_by_patient_is_wider_where_patients_resemble_themselves() -> None:
    truth = np.tile([0, 1, 2, 3], 100)
    groups = np.arange(400) // 40
    predicted = np.where(groups % 2 == 0, truth, (truth + 1) % 4)
    by_record = score_table(truth, predicted, CLASSES, n=300)
    by_patient = score_table(truth, predicted, CLASSES, groups=groups, n=300)
    assert by_patient.resampled == "patients"
    assert by_patient.accuracy.value == by_record.accuracy.value == 0.5
    width = by_record.accuracy.high - by_record.accuracy.low
    assert by_patient.accuracy.high - by_patient.accuracy.low > 3 * width


def test_table_is_printable_and_serialises() -> None:
    table = score_table(TRUTH, PREDICTED, CLASSES, n=50)
    assert str(table.accuracy).startswith("0.680 (0.")
    assert json.loads(json.dumps(table.to_dict()))["f1"][0]["value"] == pytest.approx(16 / 21)


def test_refuses_no_records() -> None:
    with pytest.raises(DatasetError, match="found none"):
        score_table([], [], CLASSES)


def test_what_is_averaged_can_be_told() -> None:
    truth, predicted = [0, 0, 1, 1], [0, 2, 1, 1]
    told = score_table(truth, predicted, ("a", "b", "none"), averaged=("a", "b"), n=10)
    assert told.averaged == ("a", "b")
    assert told.f1_average.value == pytest.approx((2 / 3 + 1) / 2)
    assert score_table(truth, predicted, ("a", "b", "none"), n=10).f1_average.value == pytest.approx(5 / 9)


def test_a_perfect_score_has_the_interval_of_its_recordings() -> None:
    truth = np.repeat([0, 1, 2], [5, 4, 4])
    table = score_table(truth, truth, CLASSES, n=50)
    # Clopper & Pearson: all right in n, 2.5 % below.
    shares = [0.025 ** (1 / n) for n in (5, 4, 4)]
    assert [score.low for score in table.recall[:3]] == pytest.approx(shares)
    assert [score.low for score in table.f1[:3]] == pytest.approx([2 * j / (1 + j) for j in shares])
    assert (table.accuracy.low, table.accuracy.high) == pytest.approx((0.025 ** (1 / 13), 1.0))
    # All doubt in one of the classes of four.
    assert table.f1_average.low == pytest.approx((2 + 2 * shares[1] / (1 + shares[1])) / 3)
    assert table.f1_average.high == 1
    # The same doubt in all: of the recalls, that is the wider one.
    assert table.balanced_accuracy.low == pytest.approx(0.025 ** (1 / 13))
    assert table.balanced_accuracy.high == 1
    assert str(table.f1[3]) == "nan (nan to nan)"


def test_a_score_of_nothing_has_one_too() -> None:
    truth = np.repeat([0, 1, 2], [20, 20, 20])
    table = score_table(truth, (truth + 1) % 3, CLASSES[:3], n=50)
    assert (table.recall[0].low, table.recall[0].high) == pytest.approx((0, 1 - 0.025 ** (1 / 20)))
    share = 1 - 0.025 ** (1 / 40)
    assert table.f1[0].high == pytest.approx(2 * share / (1 + share))
    assert (table.f1_average.low, table.accuracy.low) == (0, 0)
    assert 0 < table.f1_average.high < table.f1[0].high
    assert (table.precision[1].low, table.precision[1].high) == pytest.approx((0, 1 - 0.025 ** (1 / 20)))
    assert 0 < table.balanced_accuracy.high < table.recall[0].high


def test_doubt_is_the_same_in_all_classes_where_these_are_rare() -> None:
    table = score_table([0, 1, 2], [0, 1, 2], CLASSES[:3], n=50)
    share = 0.025 ** (1 / 3)
    assert table.f1_average.low == pytest.approx(2 * share / (1 + share))


def test_patients_are_what_a_perfect_score_stands_on() -> None:
    truth = np.repeat([0, 1], 50)
    table = score_table(truth, truth, ("a", "b"), groups=np.arange(100) // 10, n=50)
    assert table.recall[0].low == pytest.approx(0.025 ** (1 / 5))
    assert table.accuracy.low == pytest.approx(0.025 ** (1 / 10))


def test_one_patient_says_nothing_of_others() -> None:
    table = score_table([0, 0, 1, 1], [0, 1, 1, 1], ("a", "b"), groups=["p"] * 4, n=50)
    overall = (table.accuracy, table.balanced_accuracy, table.f1_average)
    assert [(score.low, score.high) for score in overall] == [(0, 1)] * 3


def test_a_class_that_no_resample_drew_has_an_interval() -> None:
    truth = np.array([0] * 4000 + [1])
    table = score_table(truth, truth, ("a", "b"), n=1, seed=3)
    assert (table.recall[1].low, table.recall[1].high) == pytest.approx((0.025, 1.0))


def test_other_scores_have_the_bootstrap_s_intervals() -> None:
    table = score_table(TRUTH, PREDICTED, CLASSES, n=200, seed=1)
    drawn = bootstrap_confusions(TRUTH, PREDICTED, 4, n=200, seed=1)
    expected = np.quantile(mean_f1_of_confusion(drawn, AVERAGED), [0.025, 0.975])
    assert (table.f1_average.low, table.f1_average.high) == pytest.approx(expected)
    balanced = np.quantile(balanced_accuracy_of_confusion(drawn), [0.025, 0.975])
    assert (table.balanced_accuracy.low, table.balanced_accuracy.high) == pytest.approx(balanced)
    given = np.quantile(precision_of_confusion(drawn)[:, 0], [0.025, 0.975])
    assert (table.precision[0].low, table.precision[0].high) == pytest.approx(given)
    first = np.quantile(f1_of_confusion(drawn)[:, 0], [0.025, 0.975])
    assert (table.f1[0].low, table.f1[0].high) == pytest.approx(first)
