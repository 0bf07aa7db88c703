"""Windows around R peaks, and the beat that is usual around each."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_Array = NDArray[np.float32]
_Indices = NDArray[np.int64]

LATE = (55, 95)
"""Percentiles of the preceding interval between which a beat is taken for one of the underlying rhythm.

Not the very longest: those end in pauses, with an escape beat."""


def windows(lead: _Array, rpeaks: _Indices, before: int, after: int) -> _Array:
    """Cut (n_beats, before + after) samples around R peaks; beyond the ends stands the lead's end value.

    Parameters
    ----------
    lead : (n_samples,)
    rpeaks : (n_beats,) sample indices within it, in any order
    before, after : samples before the R peak, and from it on

    >>> windows(np.arange(5, dtype=np.float32), np.array([0, 3]), 2, 2)
    array([[0., 0., 0., 1.],
           [1., 2., 3., 4.]], dtype=float32)
    """
    padded = np.pad(lead, (before, after), mode="edge")
    cut: _Array = np.lib.stride_tricks.sliding_window_view(padded, before + after)[rpeaks]
    return cut


def aligned(lead: _Array, rpeaks: _Indices, reach: int) -> _Indices:
    """Move R peaks to the largest deflection, up or down, within `reach` samples.

    What is largest is measured from the mean of the ends of that stretch. So annotated and found R peaks,
    which may stand at different points of a QRS complex, give the same beats.

    Parameters
    ----------
    lead : (n_samples,)
    rpeaks : (n_beats,) sample indices within it
    reach : samples to either side

    Returns
    -------
    (n_beats,) sample indices within the lead. Where it is constant they move too: by `reach`, to the front.

    >>> aligned(np.array([0, 0, 1, -5, 1, 0, 0], np.float32), np.array([4]), 2)
    array([3])
    """
    around = windows(lead, rpeaks, reach, reach + 1)
    rest = (around[:, :1] + around[:, -1:]) / 2
    moved = rpeaks + np.abs(around - rest).argmax(axis=1) - reach
    inside: _Indices = np.clip(moved, 0, len(lead) - 1).astype(np.int64)
    return inside


def usual_beats(beats: _Array, intervals: NDArray[np.float64], reach: int, step: int) -> _Array:
    """Return the beat of the underlying rhythm around each one: the sample-wise median of late beats.

    Ectopic beats come early, so that beats after a long interval are those of the underlying rhythm, even
    where every second beat is ectopic.

    Parameters
    ----------
    beats : (n_beats, n_samples), in order of time
    intervals : (n_beats,) the R-R interval before each, in any unit
    reach : so many beats to either side are looked at; near the ends, as many in all
    step : so many neighbours share one median

    Returns
    -------
    (n_beats, n_samples), in the unit of the beats.

    >>> sinus, ectopic = [0.0, 1.0, 0.0], [0.0, -2.0, 0.0]
    >>> beats = np.array(3 * [sinus, ectopic], np.float32)
    >>> usual_beats(beats, np.array(3 * [1.2, 0.6]), 100, 20)[1].tolist()
    [0.0, 1.0, 0.0]
    """
    usual = np.empty_like(beats)
    for start in range(0, len(beats), step):
        middle = start + step // 2
        first = min(max(0, middle - reach), max(0, len(beats) - 2 * reach - 1))
        around = slice(first, first + 2 * reach + 1)
        low, high = np.percentile(intervals[around], LATE)
        is_late = (intervals[around] >= low) & (intervals[around] <= high)
        # Of three beats with different intervals none may lie between the percentiles.
        chosen = beats[around][is_late] if is_late.any() else beats[around]
        usual[start : start + step] = np.median(chosen, axis=0)
    return usual
