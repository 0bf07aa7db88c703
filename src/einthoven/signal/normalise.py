"""Every lead to zero mean and unit variance."""

from __future__ import annotations

import numpy as np

from einthoven.record import Signal


def z_score(signal: Signal, floor_mv: float = 1e-3) -> Signal:
    """Subtract from each lead its mean and divide by its standard deviation.

    Parameters
    ----------
    signal : (..., n_samples), mV, without NaN
    floor_mv : standard deviation below which a lead counts as silent and is not blown up further, mV

    Returns
    -------
    float32 array of the same shape, without unit; a lead whose samples are all alike becomes 0.

    >>> z_score(np.array([[1, 3], [5, 5]], np.float32)).tolist()
    [[-1.0, 1.0], [0.0, 0.0]]
    """
    moves = signal.max(axis=-1, keepdims=True) > signal.min(axis=-1, keepdims=True)
    centred = signal - signal.mean(axis=-1, keepdims=True, dtype=np.float64).astype(np.float32)
    spread = np.sqrt(np.square(centred).mean(axis=-1, keepdims=True, dtype=np.float64))
    factor = np.where(moves, 1 / np.maximum(spread, floor_mv), 0.0)
    centred *= factor.astype(np.float32)
    return np.asarray(centred, dtype=np.float32)
