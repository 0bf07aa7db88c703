"""Where a lead shows something else than an ECG: hum of a lead that is off, a pulse wave, a test, a jolt."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from einthoven.record import Signal
from einthoven.signal.amplitude import peak_to_peak
from einthoven.signal.likeness import lack_complexes
from einthoven.signal.missing import fill_missing
from einthoven.signal.parts import Parts, joined, n_inside, window_starts
from einthoven.signal.quality import PLAUSIBLE_MV, mains_ratio

WINDOW_S = 10.0
"""So long a part is judged at once, each half a window after the one before.

Of the windows of class N, A and O of every fourth recording of CinC 2017 (9,075), and of the 22 recordings of
MIT-BIH DS1 (7,920), none is called foreign: their hum reaches 0.04 of the ECG's power.
"""
MAX_MAINS = 10.0
"""Above this power at 50 or 60 Hz over that of the rest, there is nothing to be read beside the hum."""
_AT_ONCE = 64
HIGH_BESIDE_S = 3.0
"""So much on both sides of what is too high is left out too: an amplifier takes time to recover."""
MAX_HIGH = 0.1
"""If more of the seconds are too high, the whole recording is: of a wrong unit each beat would be cut out."""
OVER_BEATS = 3.0
"""What is less than so many times as high as the median second may be a beat, in whatever unit."""
_LEVEL_S = 31
"""A lead's level is the median of so many seconds: what is lifted for less than half of it stands out."""


def hum_stretches(row: Signal, fs: float, gaps: Parts = ()) -> tuple[tuple[int, int], ...]:
    """Return the stretches of a lead that are mostly mains hum.

    Parameters
    ----------
    row : (n_samples,), mV, NaN where a sample is missing
    fs : sampling rate, Hz
    gaps : (start, end) samples without signal, the end not in it, in order and apart: windows of which half
        or more lies there are not judged

    Returns
    -------
    (start, end) samples of each stretch, the end not in it, in order and apart; none of a recording that is
    shorter than a window, which is judged as a whole.
    """
    return _stretches(row, fs, gaps, lambda pieces: mains_ratio(pieces, fs) > MAX_MAINS)


def smooth_stretches(row: Signal, fs: float, gaps: Parts = ()) -> tuple[tuple[int, int], ...]:
    """Return the stretches of a lead without sharp complexes, see `lack_complexes`; as `hum_stretches`."""
    return _stretches(row, fs, gaps, lambda pieces: lack_complexes(pieces, fs))


def high_stretches(row: Signal, fs: float) -> tuple[tuple[int, int], ...]:
    """Return where a lead is more than 20 mV from its level: a jolt, a discharge, an electrode that moves.

    Where the median second is higher than a third of that, as in a wrong unit, three times its height counts.

    Parameters
    ----------
    row : (n_samples,), mV, NaN where a sample is missing
    fs : sampling rate, Hz

    Returns
    -------
    (start, end) samples of each stretch with 3 s on both sides, the end not in it, in order and apart; none
    if more than a tenth of the seconds are so high.

    >>> lead = np.zeros(10000, np.float32)
    >>> lead[5000] = 30
    >>> high_stretches(lead, 100.0)
    ((4700, 5301),)
    """
    heights = peak_to_peak(row, fs)
    heights = heights[~np.isnan(heights)]
    limit = max(PLAUSIBLE_MV[1], OVER_BEATS * float(np.median(heights)) if len(heights) else 0.0)
    levels = _levels(row, fs)
    # Where a step that stays meets the end of a second, only the level itself jumps.
    steps = np.abs(np.diff(levels, append=levels[-1])) > limit
    high = np.flatnonzero(steps | (np.abs(row - levels) > limit))
    if len(np.unique(high // fs)) > MAX_HIGH * len(row) / fs:
        return ()
    beside = round(HIGH_BESIDE_S * fs)
    parts = np.split(high, np.flatnonzero(np.diff(high) > 2 * beside + 1) + 1) if len(high) else []
    return tuple((max(0, int(part[0]) - beside), min(len(row), int(part[-1]) + beside + 1)) for part in parts)


def _levels(row: Signal, fs: float) -> Signal:
    """Return the level of a lead around each sample, (n_samples,), mV: the median of seconds' medians."""
    width = min(max(1, round(fs)), len(row))
    n = len(row) // width
    seconds = np.median(fill_missing(row)[: n * width].reshape(n, width), axis=-1)
    reach = _LEVEL_S // 2
    around = np.lib.stride_tricks.sliding_window_view(np.pad(seconds, reach, mode="reflect"), 2 * reach + 1)
    levels: Signal = np.median(around, axis=-1)[np.minimum(np.arange(len(row)) // width, n - 1)]
    return levels


def _stretches(
    row: Signal, fs: float, gaps: Parts, is_foreign: Callable[[Signal], NDArray[np.bool_]]
) -> tuple[tuple[int, int], ...]:
    width = round(WINDOW_S * fs)
    if len(row) < width:
        return ()
    filled = fill_missing(row)
    starts = np.array(window_starts(len(row), width))
    starts = starts[2 * n_inside(starts, width, gaps) < width]
    if not len(starts):
        return ()
    found: list[int] = []
    for portion in np.array_split(starts, -(-len(starts) // _AT_ONCE)):
        pieces = np.stack([filled[start : start + width] for start in portion])
        found += portion[is_foreign(pieces)].tolist()
    return tuple(joined((start, start + width) for start in found))
