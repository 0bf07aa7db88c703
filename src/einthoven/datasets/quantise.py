"""Millivolts to 16-bit units and the gain that turns them back, exactly where the recorder's units allow."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from einthoven.record import Signal

MISSING = -32768
"""The unit that stands for a missing sample, as in WFDB's format 16."""

EXACT_GAIN = 1000.0
"""Units per mV tried first: 1 µV a unit. Most recorders' resolution is that or a multiple of it."""

_LARGEST = 32767
_LARGEST_GAIN = 1e9


def quantise(signal: Signal) -> tuple[NDArray[np.int16], NDArray[np.float32], NDArray[np.float64]]:
    """Turn a signal into 16-bit units, lead by lead.

    A lead whose samples are all whole multiples of 1/1000 mV within ±32.767 mV keeps the gain 1000 and comes
    back bit for bit. Another takes the largest gain that fits its range.

    Parameters
    ----------
    signal : (n_leads, n_samples) float32, mV, NaN where missing

    Returns
    -------
    units : (n_leads, n_samples) int16, `MISSING` where missing; divided by the gain in float32 they are mV
    gains : (n_leads,) float32, units per mV
    errors : (n_leads,) float64, the largest rounding error, mV; 0 where exact
    """
    units = np.empty(signal.shape, np.int16)
    gains = np.empty(len(signal), np.float32)
    errors = np.zeros(len(signal), np.float64)
    for row, lead in enumerate(signal):
        missing = np.isnan(lead)
        filled = np.where(missing, np.float32(0), lead)
        gains[row] = EXACT_GAIN
        rounded = _round(filled, gains[row])
        if not np.array_equal(rounded.astype(np.float32) / gains[row], filled):
            gains[row] = min(_LARGEST / float(np.abs(filled).max()), _LARGEST_GAIN)
            rounded = _round(filled, gains[row])
            errors[row] = float(np.abs(rounded / np.float64(gains[row]) - filled).max())
        units[row] = np.where(missing, MISSING, rounded)
    return units, gains, errors


def _round(lead: NDArray[np.float32], gain: np.float32) -> NDArray[np.float64]:
    return np.clip(np.rint(lead * np.float64(gain)), -_LARGEST, _LARGEST)
