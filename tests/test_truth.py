"""Scores beside the truth: what belongs together passes unchanged, the rest is refused and named."""

import numpy as np
import pytest

from einthoven.errors import DatasetError
from einthoven.truth import class_array, judged_labels, scores_and_truth


def test_lists_become_arrays_of_fixed_types() -> None:
    scores, truth = scores_and_truth([[1, -2, 3], [4, 5, -6]], np.array([2, 0], np.uint8))
    assert (scores.dtype, truth.dtype) == (np.float64, np.int64)
    assert scores.tolist() == [[1, -2, 3], [4, 5, -6]]
    assert truth.tolist() == [2, 0]


@pytest.mark.parametrize(
    ("scores", "truth", "message"),
    [
        ([0.5, 0.5], [0, 1], r"^expected scores of shape \(n_records, n_classes\), found \(2,\)$"),
        (np.empty((0, 2)), [], r"found \(0, 2\)"),
        (np.empty((2, 0)), [0, 0], r"found \(2, 0\)"),
        ([[0.5, 0.5]], [0, 1], "^expected a true class for each of 1 records, found 2$"),
        ([[0.5, 0.5]], [2], "^truth: expected class indices from 0 to 1, found 2 to 2$"),
        ([[0.5, 0.5]], [-1], "found -1 to -1"),
        ([[0.5, 0.5]], [0.0], r"^truth: expected class indices in one row, found float64 of shape \(1,\)$"),
        ([[0.5, 0.5]], [[0]], r"found int64 of shape \(1, 1\)"),
        ([[float("nan"), 0.5]], [0], "^expected finite scores"),
        ([[0.5, float("-inf")]], [0], "^expected finite scores"),
    ],
)
def test_what_does_not_belong_together_is_refused(scores: object, truth: object, message: str) -> None:
    with pytest.raises(DatasetError, match=message):
        scores_and_truth(scores, truth)  # type: ignore[arg-type]


def test_classes_may_be_none_at_all() -> None:
    # What an empty list is made of nobody can tell: NumPy says float64.
    assert class_array([], 4, "predicted").dtype == np.int64
    with pytest.raises(DatasetError, match=r"^predicted: expected class indices from 0 to 3"):
        class_array([4], 4, "predicted")


def test_what_nobody_judged_is_told_apart_from_what_is_absent() -> None:
    has, judged = judged_labels([[1, 0, float("nan")], [True, float("nan"), 0]])
    assert has.tolist() == [[True, False, False], [True, False, False]]
    assert judged.tolist() == [[True, True, False], [True, False, True]]
    has, judged = judged_labels(np.array([[True, False]]), (1, 2))
    assert (has.tolist(), judged.tolist()) == ([[True, False]], [[True, True]])


@pytest.mark.parametrize(
    ("labels", "shape", "message"),
    [
        ([1, 0], None, r"^labels: expected shape \(n_records, n_classes\), found \(2,\)$"),
        (np.empty((0, 3)), None, r"found \(0, 3\)$"),
        (np.empty((3, 0)), None, r"found \(3, 0\)$"),
        ([["x"]], None, r"^labels: expected numbers of shape \(n_records, n_classes\): could not convert"),
        ([[1], [1, 0]], None, "^labels: expected numbers"),
        ([[1, 0]], (2, 1), r"^labels: expected the shape of the scores, \(2, 1\), found \(1, 2\)$"),
        ([[0.5]], None, r"^labels: expected 1, 0 or NaN \(not judged\) of each class, found other values$"),
        ([[float("inf")]], None, "^labels: expected 1, 0 or NaN"),
    ],
)
def test_what_are_no_judged_labels_is_refused(
    labels: object, shape: tuple[int, ...] | None, message: str
) -> None:
    with pytest.raises(DatasetError, match=message):
        judged_labels(labels, shape)  # type: ignore[arg-type]
    with pytest.raises(DatasetError, match=message.replace("labels: ", "truth: ")):
        judged_labels(labels, shape, "truth")  # type: ignore[arg-type]
