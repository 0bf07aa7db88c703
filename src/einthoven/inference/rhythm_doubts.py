"""What the R-R intervals alone warn of: an irregular rhythm, and one too fast for its beats to be named."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from einthoven.duration import format_time
from einthoven.signal.rr_intervals import RRIntervals

MAX_CHANGE = 0.08
"""From this median change from one NN interval to the next on, as a share of the median NN interval, a rhythm
is irregular.

Measured at the beats that the shipped model names N, on CinC 2017: of 1500 recordings of class N 1.5 % lie
above it, of all 613 of class A (atrial fibrillation) 81 %, of 400 of class O (other rhythms) 13 %. At 0.06 it
would be 3.1, 86 and 15 %, at 0.10 1.1, 76 and 10 %.
"""
MIN_PAIRS = 10
"""Of fewer pairs of NN intervals the median says little (4 % of these recordings of class A have fewer)."""
FAST_BPM = 180.0
"""A faster rhythm may be flutter or fibrillation, whose waves no class of beats is meant for [choice]."""
FAST_S = 3.0
FAST_BEATS = 8
"""Told over so many intervals at once, since of fast waves some are missed, and for at least so long."""


def irregularity(intervals: RRIntervals) -> float | None:
    """Return the median change from one NN interval to the next, over the median NN interval.

    Ectopic beats are in no NN interval. None of fewer than ten pairs.
    """
    first, second = intervals.adjacent_nn
    if len(first) < MIN_PAIRS:
        return None
    return float(np.median(np.abs(second - first)) / np.median(intervals.ms[intervals.is_normal]))


def irregular_warning(intervals: RRIntervals) -> tuple[str, ...]:
    """Say that a rhythm is irregular, if it is so."""
    change = irregularity(intervals)
    if change is None or change <= MAX_CHANGE:
        return ()
    return (f"irregular rhythm (from one NN interval to the next the median change is {100 * change:.0f} %): "
            "NN statistics do not mean what they mean in sinus rhythm; einthoven classify names the "
            "rhythm",)  # fmt: skip


def fast_seconds(intervals: RRIntervals) -> float:
    """Return for how long beats follow each other faster than 180 a minute, for at least 3 s each time, s."""
    if len(intervals.ms) < FAST_BEATS:
        return 0.0
    steps, whole = (
        np.lib.stride_tricks.sliding_window_view(row, FAST_BEATS)
        for row in (intervals.ms, intervals.is_joined)
    )
    is_fast = np.zeros(len(intervals.ms), bool)
    for start in np.flatnonzero(whole.all(axis=1) & (steps.mean(axis=1) < 60_000 / FAST_BPM)).tolist():
        is_fast[start : start + FAST_BEATS] = True
    edges = np.flatnonzero(np.diff(is_fast.astype(np.int8), prepend=0, append=0))
    parts = zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True)
    lengths = [_between_fast(intervals.ms[start:end]) / 1000 for start, end in parts]
    return sum(length for length in lengths if length >= FAST_S)


def _between_fast(ms: NDArray[np.float64]) -> float:
    """Return the sum from the first fast interval to the last: the mean of a window is fast beyond them."""
    fast = np.flatnonzero(ms < 60_000 / FAST_BPM)
    return float(ms[fast[0] : fast[-1] + 1].sum())


def fast_warning(intervals: RRIntervals) -> tuple[str, ...]:
    """Say that beats come too fast for their classes to mean much, if they do."""
    seconds = fast_seconds(intervals)
    if not seconds:
        return ()
    return (f"{format_time(seconds)} faster than {FAST_BPM:.0f} a minute: flutter or fibrillation is not "
            "told apart; classes there mean little",)  # fmt: skip
