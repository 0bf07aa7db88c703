"""Scores of a classifier beside the true classes: what every measure and every fit checks first."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from einthoven.errors import DatasetError

Flags = NDArray[np.bool_]

MIN_POSITIVES = 10
"""Of a class that fewer held-out recordings have hardly anything is known."""


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


def scores_and_truth(scores: ArrayLike, truth: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Check that scores and true classes belong together, and return them as float64 and int64.

    Parameters
    ----------
    scores : (n_records, n_classes), logits or probabilities
    truth : (n_records,) class indices

    Raises
    ------
    DatasetError if there are no records, the two do not fit, a class is unknown, or a score is not finite.
    """
    values = np.asarray(scores, np.float64)
    if values.ndim != 2 or not values.size:
        raise DatasetError(f"expected scores of shape (n_records, n_classes), found {values.shape}")
    true = class_array(truth, values.shape[1], "truth")
    if len(true) != len(values):
        raise DatasetError(f"expected a true class for each of {len(values)} records, found {len(true)}")
    if not np.isfinite(values).all():
        raise DatasetError("expected finite scores, found NaN or infinite ones")
    return values, true


def judged_labels(
    labels: ArrayLike, shape: tuple[int, ...] | None = None, name: str = "labels"
) -> tuple[Flags, Flags]:
    """Divide labels into two: which classes records have, and which were judged at all.

    Parameters
    ----------
    labels : (n_records, n_classes), 1 or true where a record has the class, 0 or false where not, NaN where
        nobody judged
    shape : of what they belong to; None: any
    name : what errors call them

    Returns
    -------
    (n_records, n_classes) bool each; a class that was not judged is not had

    Raises
    ------
    DatasetError if they have another shape, there are no records or classes, or there are other values.
    """
    try:
        values = np.asarray(labels, np.float64)
    except (TypeError, ValueError) as error:
        raise DatasetError(f"{name}: expected numbers of shape (n_records, n_classes): {error}") from None
    if values.ndim != 2 or not values.size:
        raise DatasetError(f"{name}: expected shape (n_records, n_classes), found {values.shape}")
    if shape is not None and values.shape != shape:
        raise DatasetError(f"{name}: expected the shape of the scores, {shape}, found {values.shape}")
    judged = ~np.isnan(values)
    if not np.isin(values[judged], (0, 1)).all():
        raise DatasetError(f"{name}: expected 1, 0 or NaN (not judged) of each class, found other values")
    return values == 1, judged
