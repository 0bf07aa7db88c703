"""The answer to a recording's heartbeats."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from einthoven.signal.left_out import Stretch


@dataclass(frozen=True, slots=True, eq=False)
class Heartbeats:
    """The heartbeats of a recording, each with its class.

    record : the recording's name
    path : the file it was read from, empty if it came from memory
    fs : its sampling rate, Hz
    n_samples : its length
    lead : the lead that was looked at
    model, model_version : which model answered
    classes : names of the classes, in the order of the columns of `probs`
    rpeaks : (n_beats,) int64, sample of each R peak, increasing
    labels : n_beats class names
    probs : (n_beats, n_classes) calibrated probabilities
    sure : (n_beats,) bool, whether the model is as sure of the label as its bundle demands
    obstacle : why none of it should be believed, or None
    warnings : what a reader should know
    left_out : stretches in which no beats can be told, in order of their start
    n_dropped : R peaks that were found in these, and are not among the beats
    are_given : whether R peaks were given: then every one of them is a beat, wherever it lies
    are_beats : whether, where there is an obstacle, it speaks against the classes alone: the R peaks hold
    missed : classes of which the model missed most in people it had not seen
    ignores_polarity : whether turning the lead upside down changes no class
    """

    record: str
    path: str
    fs: float
    n_samples: int
    lead: str
    model: str
    model_version: str
    classes: tuple[str, ...]
    rpeaks: NDArray[np.int64]
    labels: tuple[str, ...]
    probs: NDArray[np.float32]
    sure: NDArray[np.bool_]
    obstacle: str | None
    warnings: tuple[str, ...]
    left_out: tuple[Stretch, ...] = ()
    n_dropped: int = 0
    are_given: bool = False
    are_beats: bool = False
    missed: tuple[str, ...] = ()
    ignores_polarity: bool = False

    @property
    def duration_s(self) -> float:
        """Length of the recording, s."""
        return self.n_samples / self.fs

    @property
    def have_rhythm(self) -> bool:
        """Whether the R peaks are to be believed, whatever is said of the classes."""
        return self.obstacle is None or self.are_beats
