"""Another sampling rate for the same recording."""

from __future__ import annotations

from collections.abc import Iterator
from math import floor, isfinite

import numpy as np

from einthoven.errors import RecordError, SettingsError
from einthoven.record import Signal

_AT_ONCE = 1 << 16


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
    rows = signal.reshape(-1, n)
    first = rows[:, :1].astype(np.float64)
    slope = (rows[:, -1:] - first) / max(n - 1, 1)
    flat = np.empty((n, len(rows)), np.float32)
    for at in _pieces(n):
        flat[at] = (rows[:, at] - (first + slope * np.arange(at.start, at.stop))).T
    converted = soxr.resample(flat, fs, new_fs, quality="HQ").T
    del flat
    result = np.empty((len(rows), n_new), np.float32)
    for at in _pieces(n_new):
        piece = converted[:, at].astype(np.float64)
        piece = np.pad(piece, ((0, 0), (0, at.stop - at.start - piece.shape[1])))
        result[:, at] = piece + (first + slope * (np.arange(at.start, at.stop) * (fs / new_fs)))
    return result.reshape(*signal.shape[:-1], n_new)


def _pieces(n: int) -> Iterator[slice]:
    """Divide n samples: in float64 a day as a whole would take several times its memory."""
    return (slice(start, min(start + _AT_ONCE, n)) for start in range(0, n, _AT_ONCE))
