"""Counts of true against predicted classes, from which the scores are made."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from einthoven.errors import DatasetError


def class_array(values: ArrayLike, n_classes: int, name: str) -> NDArray[np.int64]:
    """Check class indices and return them as int64, shape (n_records,).

    Raises DatasetError if they are no whole numbers in one row, or not all in [0, n_classes).
    """
    array = np.asarray(values)
    if array.ndim != 1 or (array.size and not np.issubdtype(array.dtype, np.integer)):
        raise DatasetError(
            f"{name}: expected class indices in one row, found {array.dtype} of shape {array.shape}"
        )
    if array.size and (array.min() < 0 or array.max() >= n_classes):
        raise DatasetError(f"{name}: expected class indices from 0 to {n_classes - 1}, "
                           f"found {array.min()} to {array.max()}")  # fmt: skip
    return array.astype(np.int64)


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
