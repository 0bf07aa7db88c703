"""Which classes records have, where not every class was judged for every record."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from einthoven.errors import DatasetError

Flags = NDArray[np.bool_]


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


def probability_matrix(scores: ArrayLike) -> NDArray[np.float64]:
    """Check probabilities and return them as float64, shape (n_records, n_classes).

    Raises DatasetError if the shape is another, or one is NaN or not in [0, 1].
    """
    values = np.asarray(scores, np.float64)
    if values.ndim != 2 or not values.shape[1]:
        raise DatasetError(f"scores: expected shape (n_records, n_classes), found {values.shape}")
    if (wrong := ~((values >= 0) & (values <= 1))).any():
        row, column = np.argwhere(wrong)[0]
        raise DatasetError(f"scores: expected probabilities from 0 to 1, found {values[row, column]} of "
                           f"record {row}, class {column}")  # fmt: skip
    return values
