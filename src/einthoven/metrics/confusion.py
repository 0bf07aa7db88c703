"""Counts of true against predicted classes, from which the scores are made."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from einthoven.errors import DatasetError
from einthoven.truth import class_array


def confusion_cells(truth: ArrayLike, predicted: ArrayLike, n_classes: int) -> NDArray[np.int64]:
    """Number the cell of the confusion matrix that each record falls into: truth x n_classes + predicted.

    Raises DatasetError if the two differ in length or hold something else than class indices.
    """
    true, guess = class_array(truth, n_classes, "truth"), class_array(predicted, n_classes, "predicted")
    if len(true) != len(guess):
        raise DatasetError(
            f"expected one prediction a record, found {len(true)} records and {len(guess)} predictions"
        )
    return true * n_classes + guess


def confusion_matrix(truth: ArrayLike, predicted: ArrayLike, n_classes: int) -> NDArray[np.int64]:
    """Count records by true class (row) and predicted class (column).

    Parameters
    ----------
    truth, predicted : (n_records,) class indices
    n_classes : number of classes

    Returns
    -------
    (n_classes, n_classes) int64

    Raises
    ------
    DatasetError if the two differ in length or hold something else than class indices.

    >>> confusion_matrix([0, 0, 1], [0, 1, 1], 2).tolist()
    [[1, 1], [0, 1]]
    """
    cells = confusion_cells(truth, predicted, n_classes)
    return np.bincount(cells, minlength=n_classes**2).reshape(n_classes, n_classes)
