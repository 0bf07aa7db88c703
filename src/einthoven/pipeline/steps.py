"""The steps that a pipeline is made of: each a frozen dataclass that takes samples and their rate."""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite
from typing import Any, Protocol

import numpy as np

from einthoven.errors import RecordError, SettingsError
from einthoven.record import Signal
from einthoven.signal.amplitude import robust_scale
from einthoven.signal.filters import bandpass, check_band
from einthoven.signal.inversion import Inversion, find_inversion
from einthoven.signal.missing import fill_missing
from einthoven.signal.normalise import z_score
from einthoven.signal.resample import resample
from einthoven.signal.spectrogram import check_window, log_spectrogram


class Step(Protocol):
    """Anything that takes samples and their rate, and returns samples and their rate."""

    def __call__(self, signal: Signal, fs: float) -> tuple[Signal, float]:
        """Return the changed signal (n_leads, ..., time) and the rate of its last axis, Hz."""
        ...


@dataclass(frozen=True)
class FillMissing:
    """Replace missing samples (NaN) by a line between their neighbours; an empty lead becomes 0."""

    def __call__(self, signal: Signal, fs: float) -> tuple[Signal, float]:
        """Return the signal without NaN."""
        return fill_missing(signal), fs


@dataclass(frozen=True)
class Resample:
    """Convert to the sampling rate `fs`, Hz."""

    fs: float

    def __post_init__(self) -> None:
        _check_positive(self, "fs")

    def __call__(self, signal: Signal, fs: float) -> tuple[Signal, float]:
        """Return the signal at the new rate, and that rate."""
        return resample(signal, fs, self.fs), self.fs


@dataclass(frozen=True)
class TakeRate:
    """Take the samples as they are for ones at `fs`, Hz, whatever their rate was.

    For networks that are to read so many samples of every recording, as published.
    """

    fs: float

    def __post_init__(self) -> None:
        _check_positive(self, "fs")

    def __call__(self, signal: Signal, fs: float) -> tuple[Signal, float]:  # noqa: ARG002
        """Return the same samples, and the rate they are taken to have."""
        return signal, self.fs


@dataclass(frozen=True)
class Bandpass:
    """Keep `low_hz` to `high_hz` with a zero-phase Butterworth filter; None leaves that side open."""

    low_hz: float | None
    high_hz: float | None
    order: int = 3

    def __post_init__(self) -> None:
        for name in ("low_hz", "high_hz"):
            if getattr(self, name) is not None:
                _check_positive(self, name)
        _check_whole(self, "order")
        check_band(self.low_hz, self.high_hz, self.order)

    def __call__(self, signal: Signal, fs: float) -> tuple[Signal, float]:
        """Return the filtered signal."""
        return bandpass(signal, fs, self.low_hz, self.high_hz, self.order), fs


@dataclass(frozen=True)
class RobustScale:
    """Scale each lead so that its median second is `height` units high, but never one under `floor_mv`."""

    height: float = 2.0
    floor_mv: float = 1e-3

    def __post_init__(self) -> None:
        _check_positive(self, "height")
        _check_positive(self, "floor_mv")

    def __call__(self, signal: Signal, fs: float) -> tuple[Signal, float]:
        """Return the scaled signal, without unit."""
        return robust_scale(signal, fs, self.height, self.floor_mv), fs


@dataclass(frozen=True)
class ZScore:
    """Give each lead zero mean and unit variance; of one that varies by less than `floor_mv`, less."""

    floor_mv: float = 1e-3

    def __post_init__(self) -> None:
        _check_positive(self, "floor_mv")

    def __call__(self, signal: Signal, fs: float) -> tuple[Signal, float]:
        """Return the signal without unit; a constant lead becomes 0."""
        return z_score(signal, self.floor_mv), fs


@dataclass(frozen=True)
class Upright:
    """Turn a recording over that is upside down as a whole; put it before what changes amplitudes.

    leads : names of the rows; without I, II and V6 among them nothing is turned over
    """

    leads: tuple[str, ...]

    def __post_init__(self) -> None:
        given: object = self.leads
        if not isinstance(given, list | tuple) or not all(isinstance(name, str) for name in given):
            raise SettingsError(f"Upright: expected the names of the leads, found {given!r}")
        object.__setattr__(self, "leads", tuple(self.leads))

    def __call__(self, signal: Signal, fs: float) -> tuple[Signal, float]:
        """Return the signal (n_leads, n_samples), multiplied by -1 where the evidence is strong."""
        found = self.look(signal, fs)
        return (-signal if found is not None and found.is_inverted else signal), fs

    def look(self, signal: Signal, fs: float) -> Inversion | None:
        """Return what is found, see `find_inversion`."""
        if len(signal) != len(self.leads):
            raise RecordError(f"Upright: expected {len(self.leads)} leads, found {len(signal)}")
        return find_inversion(signal, self.leads, fs)


@dataclass(frozen=True)
class Clip:
    """Cut everything beyond plus and minus `limit`."""

    limit: float = 8.0

    def __post_init__(self) -> None:
        _check_positive(self, "limit")

    def __call__(self, signal: Signal, fs: float) -> tuple[Signal, float]:
        """Return the signal within the limits."""
        return np.clip(signal, -self.limit, self.limit, dtype=np.float32), fs


@dataclass(frozen=True)
class LogSpectrogram:
    """Take the log-spectrogram over segments of `window` samples, Tukey-windowed with `shape`."""

    window: int = 64
    overlap: int = 32
    shape: float = 0.25

    def __post_init__(self) -> None:
        _check_whole(self, "window", "overlap")
        _check_number(self, "shape")
        check_window(self.window, self.overlap, self.shape)

    def __call__(self, signal: Signal, fs: float) -> tuple[Signal, float]:
        """Return (n_leads, n_bins, n_frames) and the frame rate, Hz."""
        frames = log_spectrogram(signal, fs, self.window, self.overlap, self.shape)
        return frames, fs / (self.window - self.overlap)


@dataclass(frozen=True)
class PadTo:
    """Append zeros until the time axis has at least `min_samples` entries."""

    min_samples: int

    def __post_init__(self) -> None:
        _check_whole(self, "min_samples")

    def __call__(self, signal: Signal, fs: float) -> tuple[Signal, float]:
        """Return the padded signal; a longer one untouched."""
        missing = self.min_samples - signal.shape[-1]
        if missing <= 0:
            return signal, fs
        return np.pad(signal, [(0, 0)] * (signal.ndim - 1) + [(0, missing)]), fs


@dataclass(frozen=True)
class FixLength:
    """Make the time axis exactly `n_samples` long: append zeros, or cut off the end."""

    n_samples: int

    def __post_init__(self) -> None:
        _check_whole(self, "n_samples")
        _check_positive(self, "n_samples")

    def __call__(self, signal: Signal, fs: float) -> tuple[Signal, float]:
        """Return the signal (..., n_samples)."""
        return PadTo(self.n_samples)(signal[..., : self.n_samples], fs)


@dataclass(frozen=True)
class FirstRows:
    """Keep the first `n` rows, from 1; the others were for augmentation to draw from."""

    n: int

    def __post_init__(self) -> None:
        _check_whole(self, "n")
        _check_positive(self, "n")

    def __call__(self, signal: Signal, fs: float) -> tuple[Signal, float]:
        """Return those rows (n, ..., time), all of them where there are no more, and the same rate."""
        return signal[: self.n], fs


def _check_number(step: object, *names: str) -> None:
    for name in names:
        value = getattr(step, name)
        if isinstance(value, bool) or not isinstance(value, int | float) or not isfinite(value):
            raise SettingsError(
                f"{type(step).__name__}: expected a finite number for {name}, found {value!r}"
            )


def _check_positive(step: object, *names: str) -> None:
    _check_number(step, *names)
    for name in names:
        if getattr(step, name) <= 0:
            raise SettingsError(
                f"{type(step).__name__}: expected {name} above 0, found {getattr(step, name)!r}"
            )


def _check_whole(step: object, *names: str) -> None:
    for name in names:
        value = getattr(step, name)
        if isinstance(value, bool) or not isinstance(value, int) or value < 0:
            raise SettingsError(
                f"{type(step).__name__}: expected a whole number from 0 for {name}, found {value!r}"
            )


STEPS: dict[str, type[Any]] = {
    "FillMissing": FillMissing,
    "Resample": Resample,
    "TakeRate": TakeRate,
    "Bandpass": Bandpass,
    "RobustScale": RobustScale,
    "Clip": Clip,
    "LogSpectrogram": LogSpectrogram,
    "PadTo": PadTo,
    "FixLength": FixLength,
    "ZScore": ZScore,
    "Upright": Upright,
    "FirstRows": FirstRows,
}
"""The steps that a bundle may name."""
