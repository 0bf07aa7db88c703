"""Stretches of a lead in which no heartbeats can be told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from einthoven.record import Signal
from einthoven.signal.contact import empty_stretches
from einthoven.signal.foreign import high_stretches, hum_stretches, smooth_stretches
from einthoven.signal.noisy import noisy_stretches
from einthoven.signal.parts import Parts, joined

NO_SIGNAL, HUM, NO_ECG, NOISE, HIGH = "no signal", "mains hum", "no ECG", "noise", "over 20 mV"
"""Why: what is found."""
FLUTTER = "annotated ventricular flutter"
"""Why: what annotations tell."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """A part of the recording in which no beats can be told; no interval across it counts.

    start_s, end_s : from the start of the recording, s
    reason : `no signal`, `mains hum`, `no ECG` (no sharp complexes), `noise`, `over 20 mV` (away from
        the lead's level), or `annotated ventricular flutter`
    """

    start_s: float
    end_s: float
    reason: str


def find_left_out(
    row: Signal, fs: float, rpeaks: NDArray[np.int64], too_high: Parts | None = None
) -> tuple[Stretch, ...]:
    """Find the stretches in which there is no signal, or what was found are no heartbeats.

    Parameters
    ----------
    row : (n_samples,), mV, NaN where a sample is missing
    fs : sampling rate, Hz
    rpeaks : (n_beats,) sample indices of the R peaks that were found, increasing
    too_high : what `high_stretches` gives, where that is known

    Returns
    -------
    In order of their start; they may overlap.
    """
    gaps = empty_stretches(row, fs)
    empty = stretches_of(gaps, fs, NO_SIGNAL)
    high = stretches_of(high_stretches(row, fs) if too_high is None else too_high, fs, HIGH)
    lost = joined_samples(in_order(empty, high), fs) if high else gaps
    hum = hum_stretches(row, fs, lost)
    smooth = [part for part in smooth_stretches(row, fs, lost) if not _is_inside(part, hum)]
    known = in_order(empty, high, stretches_of(hum, fs, HUM), stretches_of(smooth, fs, NO_ECG))
    rest = rpeaks[lie_outside(rpeaks, joined_samples(known, fs))]
    return in_order(known, stretches_of(noisy_stretches(row, fs, rest), fs, NOISE))


def find_empty(row: Signal, fs: float) -> tuple[Stretch, ...]:
    """Find only those without signal: where somebody has told beats, noise hides none.

    row, fs : as `find_left_out`
    """
    return stretches_of(empty_stretches(row, fs), fs, NO_SIGNAL)


def stretches_of(parts: Sequence[tuple[int, int]], fs: float, reason: str) -> tuple[Stretch, ...]:
    """Return parts, (start, end) samples of which the end is not in it, as stretches."""
    return tuple(Stretch(start / fs, end / fs, reason) for start, end in parts)


def in_order(*kinds: Sequence[Stretch]) -> tuple[Stretch, ...]:
    """Return stretches of several kinds in order of their start."""
    return tuple(sorted((one for kind in kinds for one in kind), key=lambda one: (one.start_s, one.end_s)))


def joined_samples(stretches: Sequence[Stretch], fs: float) -> list[tuple[int, int]]:
    """Return stretches, which are in order, as (start, end) samples; those that overlap are one.

    >>> parts = [Stretch(1.0, 4.0, NO_SIGNAL), Stretch(2.0, 3.0, NOISE), Stretch(5.0, 6.0, NOISE)]
    >>> joined_samples(parts, 100)
    [(100, 400), (500, 600)]
    """
    return joined((round(stretch.start_s * fs), round(stretch.end_s * fs)) for stretch in stretches)


def lie_outside(rpeaks: NDArray[np.int64], gaps: Sequence[tuple[int, int]]) -> NDArray[np.bool_]:
    """Tell which R peaks lie outside of stretches, (n_beats,): a step is no heartbeat.

    Parameters
    ----------
    rpeaks : (n_beats,) sample indices
    gaps : (start, end) samples, the end not in it, in order and apart from each other

    >>> lie_outside(np.array([5, 10, 19, 20]), [(10, 20)]).tolist()
    [True, False, False, True]
    """
    edges = np.array(gaps, np.int64).ravel()
    # Starts and ends take turns: an odd number of them before a beat means that it is inside.
    outside: NDArray[np.bool_] = np.searchsorted(edges, rpeaks, "right") % 2 == 0
    return outside


def _is_inside(part: tuple[int, int], gaps: Sequence[tuple[int, int]]) -> bool:
    return any(start <= part[0] and part[1] <= end for start, end in gaps)
