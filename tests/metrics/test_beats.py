"""Beat-by-beat scores of EC57, against counts made by hand and scikit-learn."""

import numpy as np
import pytest
from sklearn import metrics

from einthoven.errors import DatasetError
from einthoven.metrics.beats import (
    EC57_IGNORED,
    F,
    N,
    Q,
    S,
    V,
    average_beat_scores,
    beat_confusion,
    beat_scores,
)

# Annotated N, S, V, F, Q by found N, S, V, F, Q.
COUNTS = np.array(
    [[900, 40, 10, 5, 0], [20, 70, 10, 0, 0], [5, 3, 80, 2, 0], [4, 0, 6, 10, 0], [1, 2, 3, 0, 4]]
)


def test_beats_are_matched_one_to_one_and_counted_by_class():
    confusion = beat_confusion(
        ([100, 200, 300, 400], [N, S, V, F]), ([98, 201, 203, 405, 700], [N, N, S, V, Q]), tolerance=10
    )
    expected = np.zeros((6, 6), int)
    # The second of two near beat 200 is extra; 300 is missed; 700 is nowhere.
    expected[N, N] = expected[S, N] = expected[F, V] = 1
    expected[V, 5] = expected[5, S] = expected[5, Q] = 1
    np.testing.assert_array_equal(confusion, expected)


def test_scores_by_hand():
    scores = beat_scores(COUNTS)
    assert scores.sensitivity[S] == 70 / 100
    assert scores.positive_predictivity[S] == 70 / (40 + 70 + 3 + 2)
    assert scores.false_positive_rate[S] == (40 + 3 + 2) / (COUNTS.sum() - 100)
    assert scores.accuracy == np.trace(COUNTS) / COUNTS.sum()


def test_scores_agree_with_scikit_learn():
    truth = np.repeat(np.arange(25) // 5, COUNTS.ravel())
    predicted = np.repeat(np.arange(25) % 5, COUNTS.ravel())
    scores = beat_scores(COUNTS)
    precision, recall, f1, _ = metrics.precision_recall_fscore_support(truth, predicted)
    np.testing.assert_allclose(scores.sensitivity, recall)
    np.testing.assert_allclose(scores.positive_predictivity, precision)
    np.testing.assert_allclose(scores.f1, f1)
    assert scores.macro_f1 == pytest.approx(metrics.f1_score(truth, predicted, average="macro"))
    assert scores.balanced_accuracy == pytest.approx(metrics.balanced_accuracy_score(truth, predicted))


def test_what_ec57_ignores_neither_helps_nor_harms():
    scores = beat_scores(COUNTS, ignored=EC57_IGNORED)
    assert scores.positive_predictivity[V] == 80 / (10 + 10 + 80)
    assert scores.false_positive_rate[V] == (10 + 10) / COUNTS[[N, S]].sum()
    assert scores.positive_predictivity[S] == 70 / (40 + 70 + 3)
    assert scores.sensitivity[V] == 80 / 90
    assert scores.positive_predictivity[N] == beat_scores(COUNTS).positive_predictivity[N]


def test_missed_and_extra_beats_count():
    confusion = np.zeros((3, 3), int)
    confusion[:2, :2] = [[8, 1], [0, 5]]
    confusion[0, 2], confusion[2, 1] = 1, 5
    scores = beat_scores(confusion, n_classes=2)
    assert scores.sensitivity.tolist() == [0.8, 1.0]
    assert scores.positive_predictivity.tolist() == [1.0, 5 / 11]
    assert scores.accuracy == 13 / 20


def test_a_class_that_does_not_occur_has_no_score_and_no_part_in_the_means():
    scores = beat_scores([[8, 2, 0], [0, 10, 0], [0, 0, 0]], n_classes=3)
    assert np.isnan(scores.sensitivity[2]) and np.isnan(scores.positive_predictivity[2])
    assert scores.balanced_accuracy == 0.9
    assert scores.macro_f1 == pytest.approx((16 / 18 + 20 / 22) / 2)


def test_the_average_weighs_recordings_alike():
    one = beat_scores([[9, 1], [0, 0]], n_classes=2)
    two = beat_scores([[50, 50], [1, 3]], n_classes=2)
    mean = average_beat_scores([one, two])
    np.testing.assert_allclose(mean.sensitivity, [0.7, 0.75])
    assert mean.accuracy == pytest.approx((0.9 + 53 / 104) / 2)


@pytest.mark.parametrize("confusion", [np.zeros((2, 3)), np.zeros((4, 4)), np.zeros(5), np.full((5, 5), -1)])
def test_what_is_no_confusion_matrix_is_refused(confusion):
    with pytest.raises(DatasetError, match="expected counts of 5 classes"):
        beat_scores(confusion)


def test_numbers_that_do_not_fit_are_refused():
    with pytest.raises(DatasetError, match="truth: expected one class a beat, found 2 beats and 1 classes"):
        beat_confusion(([1, 2], [0]), ([1], [0]), 5)
    with pytest.raises(DatasetError, match="found: expected class indices from 0 to 4, found 5 to 5"):
        beat_confusion(([1], [0]), ([1], [5]), 5)
    with pytest.raises(DatasetError, match="expected scores of recordings"):
        average_beat_scores([])
