"""Random changes of a signal that leave its label true, declared: how likely, and with which parameters.

What each of them does is in `einthoven.signal.augment`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, fields
from math import isfinite
from typing import ClassVar

import numpy as np

from einthoven.errors import SettingsError
from einthoven.record import Signal
from einthoven.signal import augment


@dataclass(frozen=True, kw_only=True)
class Augmentation(ABC):
    """A random change that happens with a `probability`; otherwise the signal stays as it is.

    spared : classes whose label would not stay true
    """

    probability: float = 1.0

    spared: ClassVar[tuple[str, ...]] = ()

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if not isfinite(value) or value < 0:
                name = type(self).__name__
                raise SettingsError(f"{name}: expected {field.name} from 0, found {value}")
        if self.probability > 1:
            raise SettingsError(f"expected a probability of at most 1, found {self.probability}")

    def __call__(self, signal: Signal, fs: float, rng: np.random.Generator) -> Signal:
        """Return the signal (n_leads, n_samples), changed or not; the given one is never changed."""
        return self.change(signal, fs, rng) if rng.random() < self.probability else signal

    @abstractmethod
    def change(self, signal: Signal, fs: float, rng: np.random.Generator) -> Signal:
        """Return the changed signal."""


@dataclass(frozen=True)
class DropoutBursts(Augmentation):
    """Zero `width_s` around random instants, about `fraction` of the samples in all."""

    fraction: float = 0.1
    width_s: float = 0.05

    def change(self, signal: Signal, fs: float, rng: np.random.Generator) -> Signal:
        """Return the signal with gaps of zeros."""
        return augment.dropout_bursts(signal, fs, rng, self.fraction, self.width_s)


@dataclass(frozen=True)
class ThresholdBursts(Augmentation):
    """Zero `width` samples around each at which white noise exceeds `threshold`."""

    threshold: float = 2.0
    width: int = 11

    def change(self, signal: Signal, fs: float, rng: np.random.Generator) -> Signal:  # noqa: ARG002
        """Return the signal with gaps of zeros."""
        return augment.dropout_bursts_code(signal, rng, self.threshold, self.width)


@dataclass(frozen=True)
class HeartRate(Augmentation):
    """Stretch time so that a heart at `assumed_bpm` would beat at a rate between `low_bpm` and `high_bpm`."""

    assumed_bpm: float = 80.0
    low_bpm: float = 60.0
    high_bpm: float = 120.0

    def change(self, signal: Signal, fs: float, rng: np.random.Generator) -> Signal:  # noqa: ARG002
        """Return the stretched signal."""
        return augment.resample_heart_rate(signal, rng, self.assumed_bpm, self.low_bpm, self.high_bpm)


@dataclass(frozen=True)
class MeasuredHeartRate(Augmentation):
    """Stretch time so that the heart seems to beat at a rate between `low_bpm` and `high_bpm`."""

    low_bpm: float = 60.0
    high_bpm: float = 120.0

    def change(self, signal: Signal, fs: float, rng: np.random.Generator) -> Signal:
        """Return the stretched signal."""
        return augment.resample_measured_heart_rate(signal, fs, rng, None, self.low_bpm, self.high_bpm)


@dataclass(frozen=True)
class Stretch(Augmentation):
    """Stretch time by a factor between `low` and `high`."""

    low: float = 2 / 3
    high: float = 4 / 3

    def change(self, signal: Signal, fs: float, rng: np.random.Generator) -> Signal:  # noqa: ARG002
        """Return the stretched signal."""
        return augment.resample_length(signal, rng, self.low, self.high)


@dataclass(frozen=True)
class Crop(Augmentation):
    """Keep at most `max_s` seconds, from a random place."""

    max_s: float = 30.0

    def change(self, signal: Signal, fs: float, rng: np.random.Generator) -> Signal:
        """Return the part that was kept."""
        return augment.random_crop(signal, fs, rng, self.max_s)


@dataclass(frozen=True)
class Gain(Augmentation):
    """Multiply by a factor between `low` and `high`."""

    low: float = 0.7
    high: float = 1.4

    def change(self, signal: Signal, fs: float, rng: np.random.Generator) -> Signal:  # noqa: ARG002
        """Return the scaled signal."""
        return augment.random_gain(signal, rng, self.low, self.high)


@dataclass(frozen=True)
class FlipPolarity(Augmentation):
    """Turn the signal upside down."""

    def change(self, signal: Signal, fs: float, rng: np.random.Generator) -> Signal:  # noqa: ARG002
        """Return the negative of the signal."""
        return augment.flip_polarity(signal, rng, 1.0)


@dataclass(frozen=True)
class WhiteNoise(Augmentation):
    """Add white noise of a standard deviation up to `high`, in the unit of the signal."""

    high: float = 0.05

    def change(self, signal: Signal, fs: float, rng: np.random.Generator) -> Signal:  # noqa: ARG002
        """Return the noisy signal."""
        return augment.white_noise(signal, rng, self.high)


@dataclass(frozen=True)
class BaselineWander(Augmentation):
    """Add a sine between `low_hz` and `high_hz` of an amplitude up to `high`, in the unit of the signal."""

    high: float = 0.5
    low_hz: float = 0.05
    high_hz: float = 0.6

    def change(self, signal: Signal, fs: float, rng: np.random.Generator) -> Signal:
        """Return the signal on a wandering baseline."""
        return augment.baseline_wander(signal, fs, rng, self.high, self.low_hz, self.high_hz)


@dataclass(frozen=True)
class MainsHum(Augmentation):
    """Add a sine at 50 or 60 Hz of an amplitude up to `high`, in the unit of the signal."""

    high: float = 0.1

    def change(self, signal: Signal, fs: float, rng: np.random.Generator) -> Signal:
        """Return the humming signal."""
        return augment.mains_hum(signal, fs, rng, self.high)


@dataclass(frozen=True)
class LeadDropout(Augmentation):
    """Zero some leads: all but the limb leads, all but a single one, or else 1 to n_leads - 1 random ones.

    limb_share, single_share : probabilities of the first two, see `augment.lead_dropout`
    """

    limb_share: float = 0.2
    single_share: float = 0.2

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.limb_share + self.single_share > 1:
            raise SettingsError("LeadDropout: expected limb_share and single_share of at most 1 together, "
                                f"found {self.limb_share} and {self.single_share}")  # fmt: skip

    def change(self, signal: Signal, fs: float, rng: np.random.Generator) -> Signal:  # noqa: ARG002
        """Return the signal with zeros in place of those leads."""
        return augment.lead_dropout(signal, rng, self.limb_share, self.single_share)
