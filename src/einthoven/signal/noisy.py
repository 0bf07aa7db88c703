"""Where what was found are no heartbeats: stretches in which hardly any beat resembles another."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from einthoven.record import Signal
from einthoven.signal.noise import noise_share
from einthoven.signal.parts import joined, window_starts

WINDOW_S = 20.0
"""So long a part is judged at once, each half a window after the one before."""
MAX_NOISE = 0.65
"""From this share of noise on, a window holds no heartbeats.

Of the windows of the 22 recordings of MIT-BIH DS1 the noisiest have 0.52, but for one of 0.92 in the
ventricular flutter of 207; of windows filled with noise of four kinds (white, wandering, steps, bursts) the
least noisy has 0.75.
"""
_MIN_BEATS = 8


def noisy_stretches(row: Signal, fs: float, rpeaks: NDArray[np.int64]) -> tuple[tuple[int, int], ...]:
    """Return the stretches of a lead in which beats were found that hardly resemble each other.

    That is noise, such as of a lead that is off, or ventricular flutter or fibrillation. Windows of 20 s are
    judged (a shorter recording as a whole) if at least 8 beats were found in them, see `noise_share`.

    Parameters
    ----------
    row : (n_samples,), mV, NaN where a sample is missing
    fs : sampling rate, Hz
    rpeaks : (n_beats,) sample indices of the R peaks, increasing

    Returns
    -------
    (start, end) samples of each stretch, the end not in it, in order and apart from each other.
    """
    width = min(round(WINDOW_S * fs), len(row))
    noisy: list[tuple[int, int]] = []
    for start in window_starts(len(row), width):
        first, last = np.searchsorted(rpeaks, [start, start + width])
        if last - first < _MIN_BEATS:
            continue
        share = noise_share(row[None, start : start + width], fs, rpeaks[first:last] - start)[0]
        if share >= MAX_NOISE:
            noisy.append((start, start + width))
    return tuple(joined(noisy))
