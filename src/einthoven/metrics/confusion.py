"""Counts of true against predicted classes, and the scores that they decide.

The functions on confusion matrices take any number of leading axes, so that the bootstrap scores all its
resamples at once. A score that is not defined, of a class that neither occurs nor is predicted, is NaN, and
means skip it.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from einthoven.errors import DatasetError
from einthoven.truth import class_array

Scores = NDArray[np.float64]


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


def f1_of_confusion(matrix: NDArray[np.int64]) -> Scores:
    """Compute F1 from confusion matrices (..., n_classes, n_classes): (..., n_classes)."""
    hits = np.diagonal(matrix, axis1=-2, axis2=-1)
    return divide(2 * hits, matrix.sum(axis=-1) + matrix.sum(axis=-2))


def mean_f1_of_confusion(matrix: NDArray[np.int64], averaged: Sequence[int]) -> Scores:
    """Compute the mean F1 over some classes from confusion matrices (..., n_classes, n_classes): (...)."""
    return mean_of_defined(f1_of_confusion(matrix)[..., list(averaged)])


def recall_of_confusion(matrix: NDArray[np.int64]) -> Scores:
    """Compute recall from confusion matrices (..., n_classes, n_classes): (..., n_classes)."""
    return divide(np.diagonal(matrix, axis1=-2, axis2=-1), matrix.sum(axis=-1))


def precision_of_confusion(matrix: NDArray[np.int64]) -> Scores:
    """Compute the share of right ones among the answers of each class, from (..., n_classes, n_classes)."""
    return divide(np.diagonal(matrix, axis1=-2, axis2=-1), matrix.sum(axis=-2))


def specificity_of_confusion(matrix: NDArray[np.int64]) -> Scores:
    """Compute the share of the records without a class that are not given it: (..., n_classes)."""
    without = matrix.sum(axis=(-2, -1))[..., None] - matrix.sum(axis=-1)
    wrong = matrix.sum(axis=-2) - np.diagonal(matrix, axis1=-2, axis2=-1)
    return divide(without - wrong, without)


def balanced_accuracy_of_confusion(matrix: NDArray[np.int64]) -> Scores:
    """Compute the mean recall of the classes that occur from (..., n_classes, n_classes): (...)."""
    return mean_of_defined(recall_of_confusion(matrix))


def accuracy_of_confusion(matrix: NDArray[np.int64]) -> Scores:
    """Compute accuracy from confusion matrices (..., n_classes, n_classes): (...)."""
    return divide(np.trace(matrix, axis1=-2, axis2=-1), matrix.sum(axis=(-2, -1)))


def precision_at(recall: float, specificity: float, prevalence: float) -> float:
    """Return the positive predictive value by Bayes' rule; NaN where nothing would be called so.

    >>> precision_at(0.9, 0.9, 0.1)
    0.5...
    """
    right, wrong = recall * prevalence, (1 - specificity) * (1 - prevalence)
    return float(right / (right + wrong)) if right + wrong > 0 else float("nan")


def mean_of_defined(scores: Scores) -> Scores:
    """Compute the mean over the last axis, leaving out NaN; NaN where that leaves none."""
    defined = ~np.isnan(scores)
    return divide(np.where(defined, scores, 0.0).sum(axis=-1), defined.sum(axis=-1))


def divide(numerator: ArrayLike, denominator: ArrayLike) -> Scores:
    """Divide arrays of one shape, with NaN where the denominator is 0."""
    above, below = np.asarray(numerator, np.float64), np.asarray(denominator, np.float64)
    quotient: Scores = np.divide(above, below, out=np.full(below.shape, np.nan), where=below != 0)
    return quotient
