"""Heartbeats where they can be told: what is found in noise, or without signal, shapes no other beat."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from einthoven.record import Signal
from einthoven.signal.beats.cut import BeatInputs, Cut
from einthoven.signal.foreign import high_stretches
from einthoven.signal.left_out import Stretch, find_left_out, joined_samples, lie_outside
from einthoven.signal.parts import Parts
from einthoven.signal.rpeaks import find_rpeaks

_WHOLE_S = 0.5
"""So much of both ends of what is too high is read all the same: a beat that is cut in two is misplaced."""


@dataclass(frozen=True, slots=True, eq=False)
class ToldBeats:
    """The heartbeats of a recording, and where none could be told.

    inputs : the beats as a network reads them
    left_out : stretches in which none can be told, in order of their start
    n_dropped : R peaks that were found in these, and are no beats
    """

    inputs: BeatInputs
    left_out: tuple[Stretch, ...] = ()
    n_dropped: int = 0


def cut_told(cut: Cut, signal: Signal, fs: float) -> ToldBeats:
    """Find R peaks, leave out those where no beats can be told, and cut the others.

    So a beat's rhythm, the beat that is usual around it and its neighbours are made of beats. A cut that
    finds R peaks in its own way is asked first; what it found where none can be told is dropped afterwards.
    What is more than 20 mV from the level of the lead is missing to all of this: it would hide beats far
    beside it.

    Parameters
    ----------
    cut : how beats are cut
    signal : (n_leads, n_samples) float32, mV, the leads that it reads; the first tells where there is no
        signal, or only noise
    fs : sampling rate, Hz

    Raises
    ------
    RecordError as the cut.
    """
    too_high = high_stretches(signal[0], fs)
    read = _without(too_high, signal, fs)
    inputs = cut(read, fs) if cut.finds_rpeaks else None
    rpeaks = find_rpeaks(read[:1], fs, warn=False) if inputs is None else inputs.rpeaks
    left_out = find_left_out(signal[0], fs, rpeaks, too_high)
    kept = lie_outside(rpeaks, joined_samples(left_out, fs))
    told = cut(read, fs, rpeaks[kept]) if inputs is None else _only(inputs, kept)
    return ToldBeats(told, left_out, int((~kept).sum()))


def _without(parts: Parts, signal: Signal, fs: float) -> Signal:
    if not parts:
        return signal
    read, n = signal.copy(), signal.shape[-1]
    inside = round(_WHOLE_S * fs)
    for first, last in parts:
        start, end = first and first + inside, last if last == n else last - inside
        read[:, start:end] = np.nan
        if start > 0 and end < n:
            # What follows goes on where the rest ended: a step that stays would look like a beat.
            read[:, end:] -= np.nan_to_num(read[:, end] - read[:, start - 1])[:, None]
    return read


def _only(inputs: BeatInputs, kept: NDArray[np.bool_]) -> BeatInputs:
    if kept.all():
        return inputs
    return BeatInputs(inputs.rows[kept], inputs.rpeaks[kept], inputs.skipped)
