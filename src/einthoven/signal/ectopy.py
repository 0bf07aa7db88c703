"""Ectopic beats in a row: isolated, couplets, triplets, longer runs, and bigeminy and trigeminy.

Source: ANSI/AAMI EC57, section 4.3 (isolated beats, couplets, runs of three and more); the words bigeminy and
trigeminy as in the rhythm annotations of the MIT-BIH Arrhythmia Database.
Differences: EC57 divides runs into short (3 to 5) and long ones; here each is listed with its length.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from einthoven.signal.rr_intervals import joined_parts

RUN_BEATS = 3
"""From so many ectopic beats in a row on it is a run."""
EPISODE_BEATS = 3
"""From so many isolated ectopic beats at equal distances on it is bigeminy or trigeminy [choice]."""

_Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Run:
    """Ectopic beats in a row, three or more.

    first : which beat of the recording is its first, from 0
    n_beats : how many
    start_s, end_s : times of its first and its last R peak, s
    rate_bpm : beats a minute within it
    """

    first: int
    n_beats: int
    start_s: float
    end_s: float
    rate_bpm: float


@dataclass(frozen=True, slots=True)
class Episode:
    """Bigeminy or trigeminy.

    n_ectopic : ectopic beats in it
    start_s, end_s : times of the first and the last of them, s
    """

    n_ectopic: int
    start_s: float
    end_s: float


@dataclass(frozen=True, slots=True)
class Ectopy:
    """What the ectopic beats of one class do.

    isolated, couplets, triplets : how often one, two, three come in a row
    runs : three and more in a row, the triplets among them
    bigeminy, trigeminy : at least three times an ectopic beat after each, after each second, normal beat
    """

    isolated: int
    couplets: int
    triplets: int
    runs: tuple[Run, ...]
    bigeminy: tuple[Episode, ...]
    trigeminy: tuple[Episode, ...]


def find_ectopy(
    rpeaks: ArrayLike, fs: float, is_ectopic: ArrayLike, is_normal: ArrayLike, is_joined: ArrayLike
) -> Ectopy:
    """Find what the ectopic beats of one class do.

    Parameters
    ----------
    rpeaks : (n_beats,) sample indices, increasing
    fs : sampling rate, Hz
    is_ectopic : (n_beats,) whether a beat is of the class, supraventricular or ventricular
    is_normal : (n_beats,) whether it is a normal one
    is_joined : (n_beats - 1,) whether nothing lies between two beats, see `RRIntervals`; others are
        not in a row

    >>> beats = np.array(list("NVNVNVNNVVVN"))
    >>> found = find_ectopy(np.arange(12) * 500, 500, beats == "V", beats == "N", np.full(11, True))
    >>> found.isolated, found.bigeminy
    (3, (Episode(n_ectopic=3, start_s=1.0, end_s=5.0),))
    >>> found.runs
    (Run(first=8, n_beats=3, start_s=8.0, end_s=10.0, rate_bpm=60.0),)
    """
    peaks, ectopic, normal = np.asarray(rpeaks, np.int64), np.asarray(is_ectopic), np.asarray(is_normal)
    parts = joined_parts(is_joined) if len(peaks) else []
    rows = [row for part in parts for row in _rows(ectopic, *part)]
    lengths = [last - first for first, last in rows]
    return Ectopy(
        isolated=lengths.count(1),
        couplets=lengths.count(2),
        triplets=lengths.count(3),
        runs=tuple(_run(peaks, fs, *row) for row in rows if row[1] - row[0] >= RUN_BEATS),
        bigeminy=_episodes(peaks, fs, ectopic, normal, parts, 2),
        trigeminy=_episodes(peaks, fs, ectopic, normal, parts, 3),
    )


def _rows(flags: _Flags, start: int, end: int) -> list[tuple[int, int]]:
    """Return the runs of true flags between start and end, as (first, last + 1)."""
    edges = np.flatnonzero(np.diff(flags[start:end].astype(np.int8), prepend=0, append=0)) + start
    return list(zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True))


def _run(peaks: NDArray[np.int64], fs: float, first: int, end: int) -> Run:
    start_s, end_s = peaks[first] / fs, peaks[end - 1] / fs
    n = end - first
    return Run(first, n, float(start_s), float(end_s), float(60 * (n - 1) / (end_s - start_s)))


def _episodes(
    peaks: NDArray[np.int64],
    fs: float,
    ectopic: _Flags,
    normal: _Flags,
    parts: list[tuple[int, int]],
    period: int,
) -> tuple[Episode, ...]:
    """Find where one ectopic and period - 1 normal beats take turns."""
    found = []
    for start, end in parts:
        places = np.flatnonzero(ectopic[start:end]) + start
        # Normal beats up to and with each beat: as many between two as there are beats, all are normal.
        n_normal = np.cumsum(normal[start:end])[places - start]
        takes_turns = (np.diff(places) == period) & (np.diff(n_normal) == period - 1)
        for first, last in _rows(takes_turns, 0, len(takes_turns)):
            if last - first + 1 >= EPISODE_BEATS:
                span = (float(peaks[places[first]] / fs), float(peaks[places[last]] / fs))
                found.append(Episode(last - first + 1, *span))
    return tuple(found)
