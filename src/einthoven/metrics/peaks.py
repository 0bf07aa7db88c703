"""Found R peaks against annotated ones: which is which, and how many are missed, extra, or off.

Source: ANSI/AAMI EC57, Testing and reporting performance results of cardiac rhythm and ST segment measurement
algorithms (beat-by-beat comparison within 150 ms; gross and average statistics;
segments of ventricular flutter or fibrillation are left out of beat detection).
Differences: EC57 pairs the annotations in order of time, each with the nearer neighbour. Here the pairing has
the most pairs that are possible, and among those the least total distance: the order of looking decides
nothing. EC57's learning period, the first 5 minutes, is not left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from einthoven.errors import DatasetError
from einthoven.metrics.bootstrap import N_RESAMPLES
from einthoven.metrics.score import Score, proportion_score

TOLERANCE_S = 0.15
"""EC57: a found beat matches an annotated one within 150 ms."""

_Indices = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class PeakCounts:
    """What became of the annotated and the found R peaks of a recording, or of several together.

    matched : pairs
    missed : annotated, not found
    extra : found, not annotated
    distance_s : sum of the distances within the pairs, s
    """

    matched: int
    missed: int
    extra: int
    distance_s: float

    @property
    def sensitivity(self) -> float:
        """Share of the annotated that were found; NaN if none was annotated."""
        return _share(self.matched, self.matched + self.missed)

    @property
    def positive_predictivity(self) -> float:
        """Share of the found that are annotated; NaN if none was found."""
        return _share(self.matched, self.matched + self.extra)

    @property
    def localisation_error_s(self) -> float:
        """Mean distance within the pairs, s; NaN if there is none."""
        return _share(self.distance_s, self.matched)

    def __add__(self, other: PeakCounts) -> PeakCounts:
        return PeakCounts(
            self.matched + other.matched,
            self.missed + other.missed,
            self.extra + other.extra,
            self.distance_s + other.distance_s,
        )


def match_peaks(truth: ArrayLike, found: ArrayLike, tolerance: float) -> tuple[_Indices, _Indices]:
    """Pair annotated and found peaks one to one: the most pairs, and among those the least total distance.

    Parameters
    ----------
    truth, found : (n,) and (m,) sample indices, not decreasing
    tolerance : largest distance of a pair, samples; a pair exactly that far apart counts

    Returns
    -------
    Indices into `truth` and into `found`, one of each a pair, both increasing, int64.

    Raises
    ------
    DatasetError if indices are not in one row, not whole numbers, or not in order.

    >>> match_peaks([100, 200, 300], [98, 205, 240], tolerance=10)
    (array([0, 1]), array([0, 1]))
    """
    true, guess = _positions(truth, "truth"), _positions(found, "found")
    first = np.searchsorted(guess, true - tolerance, "left")
    last = np.searchsorted(guess, true + tolerance, "right")
    matched = np.full(len(true), -1, np.int64)
    alone = last - first == 1
    # Its only candidate may still be wanted by a neighbour: then the two are settled together.
    contested = (first[1:] < last[:-1]) & (last[1:] > first[1:]) & (last[:-1] > first[:-1])
    alone[1:] &= ~contested
    alone[:-1] &= ~contested
    matched[alone] = first[alone]
    open_ = np.flatnonzero(~alone & (last > first))
    # Neighbours in `open_` belong together if they want the same peak.
    groups = np.split(open_, np.flatnonzero(first[open_][1:] >= last[open_][:-1]) + 1) if len(open_) else []
    for group in groups:
        low, high = int(first[group[0]]), int(last[group[-1]])
        for row, column in _align(true[group].tolist(), guess[low:high].tolist(), tolerance):
            matched[group[row]] = low + column
    pairs = np.flatnonzero(matched >= 0)
    return pairs, matched[pairs]


def count_peaks(
    truth: ArrayLike,
    found: ArrayLike,
    fs: float,
    tolerance_s: float = TOLERANCE_S,
    left_out: Sequence[tuple[int, int]] = (),
) -> PeakCounts:
    """Count matched, missed and extra R peaks of a recording.

    Parameters
    ----------
    truth, found : sample indices, not decreasing
    fs : sampling rate, Hz
    tolerance_s : largest distance of a pair, s
    left_out : (first, last) samples of segments in which nothing counts, such as ventricular flutter; a found
        peak inside that pairs with an annotated one outside is still a pair

    Raises
    ------
    DatasetError if indices are not in one row, not whole numbers, or not in order.

    >>> count_peaks([100, 200, 300], [103, 200, 250], fs=100, tolerance_s=0.05)
    PeakCounts(matched=2, missed=1, extra=1, distance_s=0.03)
    """
    true, guess = _positions(truth, "truth"), _positions(found, "found")
    true = true[~lie_inside(true, left_out)]
    rows, columns = match_peaks(true, guess, tolerance_s * fs)
    counts = np.ones(len(guess), bool)
    counts[columns] = False
    extra = int((counts & ~lie_inside(guess, left_out)).sum())
    distance = float(np.abs(true[rows] - guess[columns]).sum()) / fs
    return PeakCounts(len(rows), len(true) - len(rows), extra, distance)


def gross(counts: Sequence[PeakCounts]) -> PeakCounts:
    """Pool recordings: each beat weighs the same (EC57's gross statistics)."""
    return sum(counts, PeakCounts(0, 0, 0, 0.0))


def gross_scores(
    counts: Sequence[PeakCounts], patients: Sequence[str], *, n: int = N_RESAMPLES, seed: int = 0
) -> tuple[Score, Score]:
    """Return gross sensitivity and positive predictivity, each with its 95 % bootstrap interval by patient.

    The recordings of a patient are drawn together, as their errors resemble each other.

    Parameters
    ----------
    counts : of each recording
    patients : of each recording, whose it is
    n : number of resamples
    seed : of the resampling

    Raises
    ------
    DatasetError if there is no recording, or not one patient for each.

    >>> counts = [PeakCounts(98, 2, 1, 0.0), PeakCounts(90, 10, 0, 0.0), PeakCounts(50, 0, 0, 0.0)]
    >>> str(gross_scores(counts, ["a", "a", "b"])[0])
    '0.952 (0.940 to 1.000)'
    """
    if not counts or len(counts) != len(patients):
        raise DatasetError(
            f"expected a patient for each recording, found {len(patients)} for {len(counts)} recordings"
        )
    names = sorted(set(patients))
    own = np.zeros((len(names), 3), np.int64)
    for patient, count in zip(patients, counts, strict=True):
        own[names.index(patient)] += (count.matched, count.missed, count.extra)
    times = np.random.default_rng(seed).multinomial(len(own), np.full(len(own), 1 / len(own)), size=n)
    matched, missed, extra = np.vstack([own.sum(axis=0), times @ own]).T

    def score(wrong: _Indices, column: int) -> Score:
        whole = matched + wrong
        shares = np.divide(matched, whole, out=np.full(len(whole), np.nan), where=whole > 0)
        return proportion_score(shares, int((own[:, [0, column]].sum(axis=1) > 0).sum()))

    return score(missed, 1), score(extra, 2)


def average(counts: Sequence[PeakCounts]) -> tuple[float, float]:
    """Return mean sensitivity and positive predictivity: each recording weighs the same (EC57's average).

    Recordings in which one of them is undefined are left out of its mean; NaN if that leaves none.
    """
    return (
        _mean([count.sensitivity for count in counts]),
        _mean([count.positive_predictivity for count in counts]),
    )


def _align(true: list[int], guess: list[int], tolerance: float) -> list[tuple[int, int]]:
    """Pair two short rows of positions; pairs on a line never need to cross, so time can be walked once."""
    best: list[list[tuple[int, float]]] = [[(0, 0.0)] * (len(guess) + 1) for _ in range(len(true) + 1)]
    for i, t in enumerate(true, 1):
        for j, g in enumerate(guess, 1):
            options = [best[i - 1][j], best[i][j - 1]]
            if abs(t - g) <= tolerance:
                n, closeness = best[i - 1][j - 1]
                options.append((n + 1, closeness - abs(t - g)))
            best[i][j] = max(options)
    pairs, i, j = [], len(true), len(guess)
    while i and j:
        if best[i][j] == best[i - 1][j]:
            i -= 1
        elif best[i][j] == best[i][j - 1]:
            j -= 1
        else:
            i, j = i - 1, j - 1
            pairs.append((i, j))
    return pairs


def lie_inside(samples: _Indices, segments: Sequence[tuple[int, int]]) -> NDArray[np.bool_]:
    """Tell which samples lie in one of the (first, last) segments, both ends included: (n,)."""
    inside = np.zeros(len(samples), bool)
    for first, last in segments:
        inside |= (samples >= first) & (samples <= last)
    return inside


def _positions(given: ArrayLike, name: str) -> _Indices:
    array = np.asarray(given)
    if array.ndim != 1 or (array.size and array.dtype.kind not in "iu"):
        raise DatasetError(
            f"{name}: expected sample indices in one row, found {array.dtype} of shape {array.shape}"
        )
    if (np.diff(array) < 0).any():
        raise DatasetError(
            f"{name}: expected sample indices in order of time, found one before its predecessor"
        )
    return array.astype(np.int64)


def _share(part: float, whole: int) -> float:
    return part / whole if whole else float("nan")


def _mean(values: list[float]) -> float:
    defined = [value for value in values if value == value]
    return sum(defined) / len(defined) if defined else float("nan")
