"""Probabilities, of one class among many or of each class by itself: from logits, or given and checked."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from einthoven.errors import DatasetError, SettingsError


def softmax(logits: ArrayLike, temperature: float = 1.0) -> NDArray[np.float64]:
    """Turn logits into probabilities over the last axis, without overflow.

    temperature : divides the logits; above 1 it lowers the confidence, the order stays

    Raises SettingsError if the temperature is not above 0.

    >>> softmax([1000.0, 1000.0]).tolist()
    [0.5, 0.5]
    """
    if not temperature > 0:
        raise SettingsError(f"expected a temperature above 0, found {temperature}")
    scaled = np.asarray(logits, np.float64) / temperature
    powers = np.exp(scaled - scaled.max(axis=-1, keepdims=True))
    probs: NDArray[np.float64] = powers / powers.sum(axis=-1, keepdims=True)
    return probs


def sigmoid(logits: ArrayLike, temperature: float = 1.0) -> NDArray[np.float64]:
    """Turn each logit into the probability of its own class, without overflow: any shape, the same shape.

    temperature : divides the logits; above 1 it draws every probability towards 0.5

    Raises SettingsError if the temperature is not above 0.

    >>> sigmoid([-1000.0, 0.0, 1000.0]).tolist()
    [0.0, 0.5, 1.0]
    """
    if not temperature > 0:
        raise SettingsError(f"expected a temperature above 0, found {temperature}")
    with np.errstate(over="ignore"):
        scaled = np.asarray(logits, np.float64) / temperature
    # Of the two equal forms, the one whose power is at most 1; it keeps the digits of both tails.
    powers = np.exp(-np.abs(scaled))
    probs: NDArray[np.float64] = np.where(scaled >= 0, 1.0, powers) / (1 + powers)
    return probs


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
