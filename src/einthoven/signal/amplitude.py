"""How high a lead's waves are, whatever the gain it was recorded with."""

from __future__ import annotations

import numpy as np

from einthoven.record import Signal

_MAX_MISSING = 0.5
"""Above this share of missing samples, what is left of a second says little of its height."""


def peak_to_peak(signal: Signal, fs: float) -> Signal:
    """Return the peak-to-peak amplitude in each whole second; of the whole recording if it is shorter.

    Parameters
    ----------
    signal : (..., n_samples), mV, NaN where a sample is missing
    fs : sampling rate, Hz

    Returns
    -------
    (..., n_seconds), mV, of the samples that are there. A second that lacks more than half of them gives NaN.
    """
    width = min(max(1, round(fs)), signal.shape[-1])
    n_windows = signal.shape[-1] // width
    windows = signal[..., : n_windows * width].reshape(*signal.shape[:-1], n_windows, width)
    heights = np.asarray(windows.max(axis=-1) - windows.min(axis=-1))
    if np.isnan(heights).any():
        heights = np.fmax.reduce(windows, axis=-1) - np.fmin.reduce(windows, axis=-1)
        heights[np.isnan(windows).mean(axis=-1) > _MAX_MISSING] = np.nan
    return heights


def robust_scale(signal: Signal, fs: float, height: float = 2.0, floor_mv: float = 1e-3) -> Signal:
    """Scale each lead so that its typical second is `height` units from the lowest to the highest sample.

    The typical second is the median one, so that a few artefacts, however high, change nothing.

    Parameters
    ----------
    signal : (..., n_samples), mV, without NaN
    fs : sampling rate, Hz
    height : wanted peak-to-peak amplitude of the median second; with 2, a QRS complex is about 2 units high
    floor_mv : amplitude below which a lead counts as silent and is not blown up further, mV

    Returns
    -------
    float32 array of the same shape, without unit.
    """
    typical = np.median(peak_to_peak(signal, fs), axis=-1, keepdims=True)
    return np.asarray(signal * (height / np.maximum(typical, floor_mv)), dtype=np.float32)
