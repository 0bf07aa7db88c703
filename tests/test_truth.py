"""Scores beside the truth: what belongs together passes unchanged, the rest is refused and named."""

import numpy as np
import pytest

from einthoven.errors import DatasetError
from einthoven.truth import class_array, scores_and_truth


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
