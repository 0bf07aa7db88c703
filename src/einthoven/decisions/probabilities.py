"""From logits to probabilities, of one class among many or of each class by itself."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from einthoven.errors import SettingsError


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
