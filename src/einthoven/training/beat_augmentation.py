"""Random changes of heartbeats that leave their class true, declared: how likely, with which parameters.

What each of them does is in `einthoven.signal.beats.augment`; they change what `AroundRPeaks` cuts for
training.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from einthoven.record import Signal
from einthoven.signal.beats import augment
from einthoven.signal.beats.around import N_LEADS_VIEWS, VIEWS, AroundRPeaks
from einthoven.training.augmentation import Augmentation


@dataclass(frozen=True)
class OtherLead(Augmentation):
    """Put another lead's beat in place of this one: the other lead's, the sum's or the difference's."""

    def change(self, signal: Signal, fs: float, rng: np.random.Generator) -> Signal:  # noqa: ARG002
        """Return the rows with the first three exchanged."""
        return augment.choose_view(signal, rng, 1, N_LEADS_VIEWS - 1)


@dataclass(frozen=True)
class Fibrillation(Augmentation):
    """Put the beat in atrial fibrillation: in that, a supraventricular beat cannot be told."""

    spared: ClassVar[tuple[str, ...]] = ("S",)

    def change(self, signal: Signal, fs: float, rng: np.random.Generator) -> Signal:  # noqa: ARG002
        """Return the rows with the first three exchanged."""
        return augment.choose_view(signal, rng, N_LEADS_VIEWS, len(VIEWS) - 1)


@dataclass(frozen=True)
class ShiftBeat(Augmentation):
    """Move the beat by up to `most_s`, as if its R peak had been found elsewhere."""

    most_s: float = 0.016

    def change(self, signal: Signal, fs: float, rng: np.random.Generator) -> Signal:
        """Return the rows, the beat moved."""
        return augment.shift_beat(signal, rng, round(self.most_s * fs))


@dataclass(frozen=True)
class BeatHeight(Augmentation):
    """Make beat and usual beat between `low` and `high` times as high."""

    low: float = 0.8
    high: float = 1.25

    def change(self, signal: Signal, fs: float, rng: np.random.Generator) -> Signal:  # noqa: ARG002
        """Return the rows, their waves scaled."""
        return augment.scale_waves(signal, rng, self.low, self.high)


@dataclass(frozen=True)
class BeatNoise(Augmentation):
    """Add muscle noise and baseline wander of up to `level` times half the usual QRS complex."""

    level: float = 0.3

    def change(self, signal: Signal, fs: float, rng: np.random.Generator) -> Signal:  # noqa: ARG002
        """Return the rows, their waves disturbed."""
        return augment.disturb_waves(signal, rng, self.level)


@dataclass(frozen=True)
class FeatureNoise(Augmentation):
    """Add noise of standard deviation `level` to the features of rhythm and shape."""

    level: float = 0.02

    def change(self, signal: Signal, fs: float, rng: np.random.Generator) -> Signal:  # noqa: ARG002
        """Return the rows, their features disturbed."""
        return augment.disturb_features(signal, rng, AroundRPeaks.n_features, self.level)
