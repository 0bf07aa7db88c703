"""R-R intervals: how fast the heart beats, and how much the normal-to-normal intervals vary.

Source: Task Force of the ESC and NASPE, Heart rate variability: standards of measurement, physiological
interpretation and clinical use, 1996, DOI 10.1161/01.CIR.93.5.1043; SD1 and SD2: M. Brennan, M. Palaniswami
and P. Kamen, 2001, DOI 10.1109/10.959330.
Differences: pNN50 is the share of the adjacent pairs of intervals, not of all intervals, since an ectopic
beat or a gap takes away pairs; intervals of more than 3 s are left out; no length of recording is demanded,
while the source wants 5 minutes or 24 hours and warns of comparing SDNN over different lengths.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike, NDArray

from einthoven.errors import RecordError

PAUSE_S = 3.0
"""A longer interval is a pause (2018 ACC/AHA/HRS guideline, DOI 10.1161/CIR.0000000000000628), or hides
missed beats: it is reported, and belongs to no statistic."""
NN50_MS = 50.0
"""Task Force, table 1: pairs of adjacent NN intervals that differ by more than 50 ms."""
RATE_BEATS = 8
"""The lowest and the highest heart rate are means over so many consecutive intervals: one early beat, or one
missed, is no rate."""

_Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class RRIntervals:
    """The intervals between successive R peaks; the i-th lies between the beats i and i + 1.

    ms : (n,) float64, ms
    is_normal : (n,) whether both beats are normal ones, and the interval is joined: an NN interval
    is_pause : (n,) longer than 3 s, with signal throughout
    is_joined : (n,) no pause and no stretch without signal lies between the beats
    """

    ms: NDArray[np.float64]
    is_normal: _Flags
    is_pause: _Flags
    is_joined: _Flags

    @property
    def adjacent_nn(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """NN intervals that follow each other directly, ms: the first and the second of each pair."""
        pairs = self.is_normal[:-1] & self.is_normal[1:]
        return self.ms[:-1][pairs], self.ms[1:][pairs]


@dataclass(frozen=True, slots=True)
class HeartRate:
    """Beats a minute; None where there are too few intervals.

    mean : of all joined intervals
    lowest, highest : of the means over 8 consecutive joined intervals
    """

    mean: float | None
    lowest: float | None
    highest: float | None


@dataclass(frozen=True, slots=True)
class Variability:
    """How NN intervals vary; None where there are too few of them.

    n_nn : NN intervals
    n_pairs : pairs of NN intervals that follow each other directly
    mean_nn_ms : mean, from one NN interval on
    sdnn_ms : standard deviation (n - 1), from two on
    rmssd_ms : root mean square of the differences within the pairs, from one pair on
    pnn50 : percent of the pairs that differ by more than 50 ms, from one pair on
    sd1_ms, sd2_ms : standard deviations across and along the diagonal of the Poincaré plot, from two pairs on
    """

    n_nn: int
    n_pairs: int
    mean_nn_ms: float | None
    sdnn_ms: float | None
    rmssd_ms: float | None
    pnn50: float | None
    sd1_ms: float | None
    sd2_ms: float | None


def rr_intervals(
    rpeaks: ArrayLike, fs: float, is_normal: ArrayLike, gaps: Sequence[tuple[int, int]] = ()
) -> RRIntervals:
    """Measure the intervals between beats, and say which are NN intervals.

    Parameters
    ----------
    rpeaks : (n_beats,) sample indices, increasing
    fs : sampling rate, Hz
    is_normal : (n_beats,) whether a beat is a normal one
    gaps : (start, end) samples of stretches without signal, in order, apart from each other

    Returns
    -------
    RRIntervals, n_beats - 1 of them (none of no beat).

    Raises
    ------
    RecordError if R peaks do not increase, or their number is another than that of `is_normal`.

    >>> found = rr_intervals([0, 400, 800, 1300], 500, [True, True, True, False])
    >>> found.ms.tolist(), found.is_normal.tolist()
    ([800.0, 800.0, 1000.0], [True, True, False])
    """
    peaks, normal = np.asarray(rpeaks, np.int64), np.asarray(is_normal, bool)
    if peaks.ndim != 1 or peaks.shape != normal.shape:
        raise RecordError(f"expected as many R peaks as labels, found {peaks.shape} and {normal.shape}")
    steps = np.diff(peaks)
    if (steps <= 0).any():
        raise RecordError(
            f"expected R peaks in order of time, found {peaks[np.flatnonzero(steps <= 0)[0] + 1]} after "
            f"{peaks[np.flatnonzero(steps <= 0)[0]]}"
        )
    is_whole = ~_crosses(peaks, gaps)
    is_pause = is_whole & (steps > PAUSE_S * fs)
    is_joined = is_whole & ~is_pause
    return RRIntervals(1000.0 * steps / fs, is_joined & normal[:-1] & normal[1:], is_pause, is_joined)


def _crosses(peaks: NDArray[np.int64], gaps: Sequence[tuple[int, int]]) -> _Flags:
    starts, ends = np.array(gaps, np.int64).reshape(-1, 2).T
    begun = np.searchsorted(starts, peaks[1:], "left")
    over = np.searchsorted(ends, peaks[:-1], "right")
    crossed: _Flags = begun > over
    return crossed


def measure_rate(intervals: RRIntervals) -> HeartRate:
    """Measure the heart rate over all beats, normal or not.

    >>> measure_rate(rr_intervals(range(0, 5000, 500), 500, [True] * 10))
    HeartRate(mean=60.0, lowest=60.0, highest=60.0)
    """
    joined = intervals.ms[intervals.is_joined]
    if not len(joined):
        return HeartRate(None, None, None)
    mean = float(60_000 / joined.mean())
    if len(intervals.ms) < RATE_BEATS:
        return HeartRate(mean, None, None)
    windows, whole = (
        np.lib.stride_tricks.sliding_window_view(row, RATE_BEATS)
        for row in (intervals.ms, intervals.is_joined)
    )
    rates = 60_000 / windows[whole.all(axis=-1)].mean(axis=-1)
    return HeartRate(mean, *((float(rates.min()), float(rates.max())) if len(rates) else (None, None)))


def measure_variability(intervals: RRIntervals) -> Variability:
    """Measure how the NN intervals vary.

    >>> intervals = rr_intervals([0, 400, 820, 1200], 500, [True] * 4)
    >>> found = measure_variability(intervals)
    >>> found.n_nn, found.mean_nn_ms, found.sdnn_ms, found.pnn50
    (3, 800.0, 40.0, 50.0)
    """
    nn = intervals.ms[intervals.is_normal]
    first, second = intervals.adjacent_nn
    differences = second - first
    n_nn, n_pairs = len(nn), len(differences)
    return Variability(
        n_nn=n_nn,
        n_pairs=n_pairs,
        mean_nn_ms=float(nn.mean()) if n_nn else None,
        sdnn_ms=float(nn.std(ddof=1)) if n_nn > 1 else None,
        rmssd_ms=float(np.sqrt(np.square(differences).mean())) if n_pairs else None,
        pnn50=float(100 * (np.abs(differences) > NN50_MS).mean()) if n_pairs else None,
        sd1_ms=float(np.std(differences, ddof=1) / np.sqrt(2)) if n_pairs > 1 else None,
        sd2_ms=float(np.std(first + second, ddof=1) / np.sqrt(2)) if n_pairs > 1 else None,
    )


def joined_parts(is_joined: ArrayLike) -> list[tuple[int, int]]:
    """Return the runs of beats between which no interval is broken, as (first, last + 1) beats.

    is_joined : (n_beats - 1,) see `RRIntervals`; of at least one beat

    >>> joined_parts([True, True, False, True])
    [(0, 3), (3, 5)]
    """
    joined = np.asarray(is_joined, bool)
    edges = [0, *(np.flatnonzero(~joined) + 1).tolist(), len(joined) + 1]
    return list(pairwise(edges))
