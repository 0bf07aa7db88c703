"""Counting true against predicted classes."""

import numpy as np
import pytest

from einthoven.errors import DatasetError
from einthoven.metrics import confusion_matrix
from einthoven.metrics.confusion import precision_at


def test_rows_are_true_and_columns_predicted() -> None:
    matrix = confusion_matrix([0, 0, 0, 1, 2, 2], [0, 1, 1, 1, 0, 2], 4)
    assert matrix.tolist() == [[1, 2, 0, 0], [0, 1, 0, 0], [1, 0, 1, 0], [0, 0, 0, 0]]
    assert matrix.dtype == np.int64


def test_no_records_give_no_counts() -> None:
    assert confusion_matrix([], [], 2).tolist() == [[0, 0], [0, 0]]


@pytest.mark.parametrize(
    ("truth", "predicted", "message"),
    [
        ([0, 1], [0], "found 2 records and 1 predictions"),
        ([0, 3], [0, 1], "truth: expected class indices from 0 to 2, found 0 to 3"),
        ([0, 1], [0, -1], "predicted: expected class indices from 0 to 2, found -1 to 0"),
        ([0.0, 1.0], [0, 1], "truth: expected class indices in one row, found float64"),
        ([[0, 1]], [0, 1], "truth: expected class indices in one row"),
    ],
)
def test_refuses_what_are_no_classes(truth: object, predicted: object, message: str) -> None:
    with pytest.raises(DatasetError, match=message):
        confusion_matrix(truth, predicted, 3)  # type: ignore[arg-type]


def test_precision_elsewhere_is_that_of_bayes() -> None:
    # Of 1,000 recordings 50 have the class: 40 of them and 95 of the others are given it.
    assert precision_at(0.8, 0.9, 0.05) == pytest.approx(40 / 135)
    assert np.isnan(precision_at(0.0, 1.0, 0.5))
