"""Stretches of a recording in which no heartbeats can be told, and the beats outside of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from einthoven.record import Signal
from einthoven.signal.contact import empty_stretches
from einthoven.signal.noisy import noisy_stretches

if TYPE_CHECKING:
    from einthoven.inference.annotated_beats import AnnotatedBeats
    from einthoven.inference.heartbeats import Heartbeats

NO_SIGNAL, NOISE, FLUTTER = "no signal", "noise", "annotated ventricular flutter"


@dataclass(frozen=True, slots=True)
class Stretch:
    """A part of the recording in which no beats can be told; no interval across it counts.

    start_s, end_s : from the start of the recording, s
    reason : `no signal`, `noise` or `annotated ventricular flutter`
    """

    start_s: float
    end_s: float
    reason: str


def find_left_out(
    row: Signal, beats: Heartbeats, annotated: AnnotatedBeats | None = None
) -> tuple[Stretch, ...]:
    """Find the stretches in which no beats can be told; where somebody has annotated some, they can.

    Parameters
    ----------
    row : (n_samples,), mV, the lead that was read, NaN where a sample is missing
    beats : as a model classified them
    annotated : whose positions were given to the model, if they were
    """
    empty = empty_stretches(row, beats.fs)
    found = {NO_SIGNAL: empty}
    if annotated is None:
        found[NOISE] = noisy_stretches(row, beats.fs, beats.rpeaks[_lie_outside(beats.rpeaks, empty)])
    else:
        found[FLUTTER] = tuple((first, last + 1) for first, last in annotated.flutter)
    parts = sorted((*part, reason) for reason, stretches in found.items() for part in stretches)
    return tuple(Stretch(start / beats.fs, end / beats.fs, reason) for start, end, reason in parts)


def joined_samples(stretches: Sequence[Stretch], fs: float) -> list[tuple[int, int]]:
    """Return stretches, which are in order, as (start, end) samples; those that overlap are one.

    >>> parts = [Stretch(1.0, 4.0, NO_SIGNAL), Stretch(2.0, 3.0, NOISE), Stretch(5.0, 6.0, NOISE)]
    >>> joined_samples(parts, 100)
    [(100, 400), (500, 600)]
    """
    merged: list[tuple[int, int]] = []
    for stretch in stretches:
        start, end = round(stretch.start_s * fs), round(stretch.end_s * fs)
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], end))
        else:
            merged.append((start, end))
    return merged


def beats_outside(beats: Heartbeats, gaps: Sequence[tuple[int, int]]) -> tuple[Heartbeats, int]:
    """Return the beats that lie where they can be told, and how many do not: a step is no heartbeat.

    gaps : (start, end) samples, in order and apart from each other
    """
    kept = _lie_outside(beats.rpeaks, gaps)
    if kept.all():
        return beats, 0
    labels = tuple(label for label, is_kept in zip(beats.labels, kept.tolist(), strict=True) if is_kept)
    chosen = replace(
        beats, rpeaks=beats.rpeaks[kept], labels=labels, probs=beats.probs[kept], sure=beats.sure[kept]
    )
    return chosen, int((~kept).sum())


def _lie_outside(rpeaks: NDArray[np.int64], gaps: Sequence[tuple[int, int]]) -> NDArray[np.bool_]:
    edges = np.array(gaps, np.int64).ravel()
    # Starts and ends take turns: an odd number of them before a beat means that it is inside.
    outside: NDArray[np.bool_] = np.searchsorted(edges, rpeaks, "right") % 2 == 0
    return outside
