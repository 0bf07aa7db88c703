"""Support vector machines that are fitted: numbers, and what they make of features."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from einthoven.errors import DatasetError

Matrix = NDArray[np.float64]
UNKNOWN_LOGIT = float(np.log(0.02 / 0.98))
"""Of every recording, for a class without a machine, where heads of several parts are judged together."""
CHUNK = 1024
"""Records of which the kernel is computed at a time."""


@dataclass(frozen=True, eq=False, kw_only=True)
class SVMHead:
    """One support vector machine a class, as arrays of float32.

    With z = (features - mean) * scale, the decision values are z @ weights + bias, or, with vectors,
    exp(-gamma |z - vectors|^2) @ weights + bias; slope and offset make a logit of each (Platt).

    mean, scale : (n_features,) a feature that was constant has scale 0
    vectors : (n_vectors, n_features) standardised recordings that all classes share, the support vectors of
        an RBF machine or what a Nystroem approximation is spanned by; none for a linear one
    weights : (n_features, n_classes), or (n_vectors, n_classes)
    bias, slope, offset : (n_classes,)
    gamma : () of the kernel, 0 where there is none
    costs : (n_classes,) the C that was chosen; NaN for a class without a machine, whose slope is 0
    notes : (n_notes,) text, what was out of the ordinary in fitting
    """

    mean: NDArray[np.float32]
    scale: NDArray[np.float32]
    vectors: NDArray[np.float32]
    weights: NDArray[np.float32]
    bias: NDArray[np.float32]
    slope: NDArray[np.float32]
    offset: NDArray[np.float32]
    gamma: NDArray[np.float32]
    costs: NDArray[np.float32]
    notes: NDArray[np.str_]

    @property
    def n_features(self) -> int:
        """Length of the feature vector that it reads."""
        return len(self.mean)

    @property
    def n_classes(self) -> int:
        """Number of classes, each with its own machine."""
        return len(self.bias)

    def decision(self, features: ArrayLike) -> Matrix:
        """Return the decision values (n_records, n_classes) of features (n_records, n_features).

        Raises DatasetError if the features are of another number, or are not all finite.
        """
        rows = (checked_features(features, self.n_features) - self.mean) * self.scale.astype(np.float64)
        if len(self.vectors):
            vectors, gamma = self.vectors.astype(np.float64), float(self.gamma)
            starts = range(0, len(rows), CHUNK)
            values = [rbf(rows[i : i + CHUNK], vectors, gamma) @ self.weights for i in starts]
            rows_of_weights = np.concatenate([np.zeros((0, self.n_classes)), *values])
        else:
            rows_of_weights = rows @ self.weights
        decisions: Matrix = rows_of_weights + self.bias
        return decisions

    def logits(self, features: ArrayLike) -> Matrix:
        """Return what the sigmoid of is Platt's probability; shapes and errors are those of `decision`."""
        logits: Matrix = self.decision(features) * self.slope + self.offset
        return logits

    def judged_logits(self, features: ArrayLike) -> Matrix:
        """Return logits to judge together with those of other heads; shapes and errors as of `decision`.

        A class without a machine has `UNKNOWN_LOGIT`, whatever the head. Its share would be the lower, the
        more of the class lies where the head is judged: areas under pooled curves would be far below 0.5.
        """
        return np.where(np.isnan(self.costs), UNKNOWN_LOGIT, self.logits(features))

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        """Return every array by its name, for `numpy.savez`: no pickle."""
        return {field.name: getattr(self, field.name) for field in fields(self)}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> Self:
        """Return the head that gave `arrays`.

        Raises DatasetError if one is missing.
        """
        names = [field.name for field in fields(cls)]
        if missing := [name for name in names if name not in arrays]:
            raise DatasetError(f"SVM head: expected the arrays {', '.join(names)}, found no {missing[0]}")
        return cls(**{name: arrays[name] for name in names})


def rbf(rows: Matrix, vectors: Matrix, gamma: float) -> Matrix:
    """Return exp(-gamma |row - vector|^2), (n_rows, n_vectors)."""
    exponents = (2 * gamma * rows) @ vectors.T
    exponents -= gamma * (rows**2).sum(axis=1)[:, None]
    exponents -= gamma * (vectors**2).sum(axis=1)
    # A distance of 0 may come out a rounding below it.
    np.minimum(exponents, 0, out=exponents)
    return np.exp(exponents, out=exponents)


def checked_features(features: ArrayLike, n_features: int | None = None) -> Matrix:
    """Return features as (n_records, n_features) float64.

    Raises DatasetError if they are not a table of finite numbers, or not of `n_features` columns.
    """
    table = np.asarray(features, np.float64)
    if table.ndim != 2 or (n_features is not None and table.shape[1] != n_features):
        expected = "n_features" if n_features is None else n_features
        raise DatasetError(f"SVM head: expected features (n_records, {expected}), found shape {table.shape}")
    if n_bad := int((~np.isfinite(table)).any(axis=1).sum()):
        raise DatasetError(f"SVM head: expected finite features, found {n_bad} of {len(table)} records with "
                           "one that is not")  # fmt: skip
    return table
