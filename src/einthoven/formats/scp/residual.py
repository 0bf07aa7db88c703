"""From what is left of a recording after compression to the recording: thinned samples, subtracted beats.

Source: EN 1064:2005+A1:2007, 5.7, 5.9 and Annex C ("bimodal compression"): outside of the protected areas,
each `factor` samples became one, which stands for the middle of them; what does not fill a group at the end
of such a stretch is stored as it was. The samples between are interpolated, and before the first and after
the last one of a stretch they stay level.
Differences: the interpolated samples are not smoothed afterwards: the curve goes through those stored.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from einthoven.errors import FormatError
from einthoven.formats.scp.beats import Beats
from einthoven.formats.scp.waveform import Waveform

MOST = 8
"""Samples that may have become one; the standard's own method takes 4."""
_OVERLAP = 4
"""Subtraction zones may cover the recording so many times; they should not overlap at all."""


@dataclass(frozen=True, slots=True, eq=False)
class Thinning:
    """Which samples of a stretch are stored.

    n_samples, n_stored : how many there are, and how many of them are stored
    knots : (k,) samples whose value is known, counted from 0
    sources : (k,) the stored sample that each of them takes
    """

    n_samples: int
    n_stored: int
    knots: NDArray[np.int64]
    sources: NDArray[np.int64]

    def restore(self, stored: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return (n_samples,) from (n_stored,), interpolated between those that are stored."""
        return np.interp(np.arange(self.n_samples), self.knots, stored[self.sources])


def thinning(start: int, end: int, protected: NDArray[np.int64], factor: int) -> Thinning:
    """Find out which samples of a lead from `start` to `end` are stored, as described above.

    protected : (m, 2) first and last sample of each protected area, in any order
    """
    n = end - start + 1
    area_begins, area_stops = _joined(protected - start, n)
    begins = np.concatenate(([0], area_stops))
    n_groups = (np.concatenate((area_begins, [n])) - begins) // factor
    # What fills no group, and the protected area after it, up to where the next stretch begins.
    copied = begins + n_groups * factor
    n_copied = np.concatenate((begins[1:], [n])) - copied
    stored = np.sort(
        np.concatenate((_ranges(begins + factor // 2, n_groups, factor), _ranges(copied, n_copied, 1)))
    )
    # Level to the left of a stretch's first stored sample, and to the right of its last one.
    first = np.cumsum(n_groups + n_copied) - n_groups - n_copied
    some = n_groups > 0
    knots, at = np.unique(np.concatenate((stored, begins[some], copied[some] - 1)), return_index=True)
    sources = np.concatenate((np.arange(len(stored)), first[some], (first + n_groups - 1)[some]))
    return Thinning(n, len(stored), knots, sources[at])


def _joined(areas: NDArray[np.int64], n: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return where areas begin and stop within n samples, in order, those that overlap as one.

    areas : (m, 2) first and last sample, counted from 0
    """
    begins, stops = np.clip(areas[:, 0], 0, n), np.clip(areas[:, 1] + 1, 0, n)
    begins, stops = begins[stops > begins], stops[stops > begins]
    order = np.argsort(begins)
    begins, reach = begins[order], np.maximum.accumulate(stops[order])
    if len(begins) == 0:
        return begins, reach
    apart = np.flatnonzero(begins[1:] > reach[:-1])
    return begins[np.append(0, apart + 1)], reach[np.append(apart, len(reach) - 1)]


def _ranges(starts: NDArray[np.int64], counts: NDArray[np.int64], step: int) -> NDArray[np.int64]:
    """Return so many numbers from each start, by steps, one range after the other."""
    before = np.cumsum(counts) - counts
    return np.repeat(starts - step * before, counts) + step * np.arange(int(counts.sum()))


def thinning_factor(rhythm: Waveform, reference: Waveform | None, is_subtracted: bool) -> int:
    """Return how many samples became one: the rhythm's interval is that of the thinned samples.

    Raises FormatError if it is no whole multiple of the reference beat's interval, or more than 8 of them.
    """
    if reference is None or not (rhythm.is_bimodal or is_subtracted):
        return 1
    factor, rest = divmod(rhythm.interval_us, max(1, reference.interval_us))
    if rest or not 1 <= factor <= MOST:
        raise FormatError(
            f"{rhythm.where}: expected an interval of 1 to {MOST} times the reference beat's "
            f"{reference.interval_us} us, found {rhythm.interval_us} us"
        )
    return factor


@dataclass(frozen=True, slots=True, eq=False)
class Subtraction:
    """Where samples of the reference beat were subtracted.

    samples : (k,) of the recording, in its own count
    sources : (k,) the sample of the reference beat that was subtracted from each, counted from 0
    """

    samples: NDArray[np.int64]
    sources: NDArray[np.int64]

    def add_back(
        self, rhythm: NDArray[np.float64], start: int, reference: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """Return a lead that begins at sample `start`, with the reference beat where it was subtracted."""
        at = self.samples - start
        there = (at >= 0) & (at < len(rhythm)) & (self.sources >= 0) & (self.sources < len(reference))
        at, sources = at[there], self.sources[there]
        return rhythm + np.bincount(at, reference[sources], minlength=len(rhythm))


def subtraction(beats: Beats, first: int, last: int, where: str) -> Subtraction:
    """Find out where the reference beat was subtracted from a recording of samples `first` to `last`.

    Raises FormatError if the zones cover it many times over.
    """
    zones, fiducials = beats.zones[beats.subtracted], beats.fiducials[beats.subtracted]
    begins, ends = np.clip(zones[:, 0], first, last + 1), np.clip(zones[:, 1], first - 1, last)
    lengths = np.maximum(ends - begins + 1, 0)
    covered, n = int(lengths.sum()), last - first + 1
    if covered > _OVERLAP * n:
        raise FormatError(f"{where}: expected zones of subtraction apart from each other in {n} samples, "
                          f"found {covered} samples in them")  # fmt: skip
    samples = _ranges(begins, lengths, 1)
    shift = beats.reference_fiducial - 1 - fiducials
    return Subtraction(samples, samples + np.repeat(shift, lengths))
