"""The rhythm around each beat: R-R intervals beside what is usual here, near and far."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_Array = NDArray[np.float64]

N_NEIGHBOURS = 8
"""Intervals before and after a beat that are told one by one."""
NEAR, FAR = 10, 100
"""Beats to either side whose intervals say what is usual here."""
FAR_PERCENTILES, NEAR_PERCENTILES = (10, 25, 50, 75, 90), (50, 75)
REFERENCE = FAR_PERCENTILES.index(75)
"""Which of these is the reference.

A sinus beat is seldom early: among many, the longer intervals are those of the underlying rhythm."""
TYPICAL_S = 0.8
"""An R-R interval of nobody in particular, s."""
N_FEATURES = 2 * N_NEIGHBOURS + 2 + len(FAR_PERCENTILES) + len(NEAR_PERCENTILES) + 4
_SHORTEST_S, _LONGEST_S = 0.15, 4.0
_LARGEST = 2.0
_AT_ONCE = 4096
"""Beats whose neighbourhoods are in memory together."""


def rhythm_features(times_s: _Array) -> NDArray[np.float32]:
    """Describe the R-R intervals around each beat.

    Source: after P. de Chazal, M. O'Dwyer and R. B. Reilly, 2004, DOI 10.1109/TBME.2004.827359, section II-D:
    the intervals before and after a beat, their local mean, and their mean over the recording.
    Differences: logarithms of ratios; eight intervals to either side; percentiles of those near and far in
    place of means, the 75th as reference: also where most beats are early, it is an interval of the
    underlying rhythm.

    Parameters
    ----------
    times_s : (n_beats,) times of the R peaks, s, increasing. What differs by less than 0.15 s or more than
        4 s counts as that

    Returns
    -------
    (n_beats, 29), natural logarithms within -2 and 2:

    - 16: the 8 intervals before the beat and the 8 after it, in order of time, over the reference (0 beyond
      the ends); the reference is the 75th percentile of the intervals that end with the beats up to 100 away
    - 2: the reference, and the interval before the beat, over 0.8 s
    - 5 and 2: that interval over the 10th, 25th, 50th, 75th and 90th percentile of those up to 100 beats
      away, and over the 50th and 75th of those up to 10 beats away
    - 2: the median change from one interval to the next, up to 10 and up to 100 beats away
    - 1: the 90th over the 10th percentile of those up to 100 beats away
    - 1: the median of those up to 10 beats away over the reference

    Zeros for a single beat. The first beat of several has the interval of the second.
    """
    if len(times_s) < 2:
        return np.zeros((len(times_s), N_FEATURES), np.float32)
    intervals = np.log(np.clip(np.diff(times_s), _SHORTEST_S, _LONGEST_S))
    before = np.concatenate([intervals[:1], intervals])
    changes = np.abs(np.diff(before, append=before[-1]))
    far, near = _percentiles(before, FAR, FAR_PERCENTILES), _percentiles(before, NEAR, NEAR_PERCENTILES)
    reference = far[:, REFERENCE]
    typical = np.log(TYPICAL_S)
    columns = [
        _neighbours(intervals) - reference[:, None],
        np.stack([reference, before], axis=1) - typical,
        before[:, None] - far,
        before[:, None] - near,
        _percentiles(changes, NEAR, (50,)),
        _percentiles(changes, FAR, (50,)),
        (far[:, -1] - far[:, 0])[:, None],
        (near[:, 0] - reference)[:, None],
    ]
    found = np.concatenate(columns, axis=1)
    bounded: NDArray[np.float32] = np.clip(np.nan_to_num(found, nan=0.0), -_LARGEST, _LARGEST).astype(
        np.float32
    )
    return bounded


def intervals_before(times_s: _Array) -> _Array:
    """Return the R-R interval that ends with each beat, s; the first has that of the second, a lone one 0.8.

    times_s : (n_beats,) times of the R peaks, s

    >>> intervals_before(np.array([0.0, 0.8, 1.4])).round(1).tolist()
    [0.8, 0.8, 0.6]
    """
    intervals = np.diff(times_s)
    return np.concatenate([intervals[:1], intervals]) if len(intervals) else np.full(len(times_s), TYPICAL_S)


def _neighbours(intervals: _Array) -> _Array:
    """Return the 8 intervals before and the 8 after each beat, NaN beyond the ends: (n_beats, 16)."""
    padded = np.pad(intervals, N_NEIGHBOURS, constant_values=np.nan)
    return np.lib.stride_tricks.sliding_window_view(padded, 2 * N_NEIGHBOURS)


def _percentiles(values: _Array, reach: int, percentiles: tuple[int, ...]) -> _Array:
    """Return percentiles of the values up to `reach` beats away: (n_beats, n_percentiles)."""
    padded = np.pad(values, reach, constant_values=np.nan)
    around = np.lib.stride_tricks.sliding_window_view(padded, 2 * reach + 1)
    pieces = (around[start : start + _AT_ONCE] for start in range(0, len(around), _AT_ONCE))
    return np.concatenate([_row_percentiles(piece, np.array(percentiles) / 100) for piece in pieces])


def _row_percentiles(rows: _Array, shares: _Array) -> _Array:
    """Return linearly interpolated quantiles of each row without its NaN, much faster than np.nanquantile.

    rows : (n_rows, n_values), in none of which all is NaN
    shares : (n_quantiles,) from 0 to 1
    """
    ordered = np.sort(rows, axis=1)  # NaN last
    last = (~np.isnan(rows)).sum(axis=1)[:, None] - 1
    place = last * shares
    low = np.floor(place).astype(np.int64)
    share = place - low
    below, above = (np.take_along_axis(ordered, index, axis=1) for index in (low, np.minimum(low + 1, last)))
    found: _Array = below + (above - below) * share
    return found
