"""Another sampling rate for the same recording."""

from __future__ import annotations

from math import floor, isfinite

import numpy as np

from einthoven.errors import RecordError, SettingsError
from einthoven.record import Signal


def resample(signal: Signal, fs: float, new_fs: float) -> Signal:
    """Convert every lead to another sampling rate, without aliasing and without delay.

    Source: SoX resampler library (soxr), quality "HQ". The line through the first and the last sample is
    taken off before and put back after, because the library takes the signal to be zero outside the
    recording: so an electrode offset makes no step at the ends.

    Parameters
    ----------
    signal : (..., n_samples), mV, without NaN
    fs, new_fs : present and wanted sampling rate, Hz

    Returns
    -------
    float32 array (..., round(n_samples * new_fs / fs)), halves rounded up, at least one sample long; the very
    array that was given if the two rates are equal.

    Raises
    ------
    SettingsError if new_fs is not positive. RecordError if a sample is NaN.
    """
    if not (isfinite(new_fs) and new_fs > 0):
        raise SettingsError(f"expected a sampling rate above 0 Hz, found {new_fs}")
    if new_fs == fs:
        return signal
    if np.isnan(signal).any():
        raise RecordError("expected a signal without missing samples, found NaN: fill them first")
    import soxr

    n = signal.shape[-1]
    n_new = max(1, floor(n * new_fs / fs + 0.5))
    rows = signal.reshape(-1, n).astype(np.float64)
    first, slope = rows[:, :1], (rows[:, -1:] - rows[:, :1]) / max(n - 1, 1)
    flat = rows - (first + slope * np.arange(n))
    converted = soxr.resample(np.ascontiguousarray(flat.T, dtype=np.float32), fs, new_fs, quality="HQ").T
    result = np.zeros((len(rows), n_new))
    usable = min(n_new, converted.shape[-1])
    result[:, :usable] = converted[:, :usable]
    result += first + slope * (np.arange(n_new) * (fs / new_fs))
    return result.astype(np.float32).reshape(*signal.shape[:-1], n_new)
