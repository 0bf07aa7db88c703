"""What happens to a recording before a network sees it: a tuple of frozen steps.

The same object trains, serves and is saved in the bundle, so that a model never
meets other input than it learnt from.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from math import isfinite
from typing import Any, Protocol

import numpy as np

from einthoven.errors import SettingsError
from einthoven.record import Signal
from einthoven.signal.amplitude import robust_scale
from einthoven.signal.filters import bandpass, check_band
from einthoven.signal.missing import fill_missing
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
class FirstRows:
    """Keep the first `n` rows, from 1; the others were for augmentation to draw from."""

    n: int

    def __post_init__(self) -> None:
        _check_whole(self, "n")
        _check_positive(self, "n")

    def __call__(self, signal: Signal, fs: float) -> tuple[Signal, float]:
        """Return those rows (n, ..., time), all of them where there are no more, and the same rate."""
        return signal[: self.n], fs


STEPS: dict[str, type[Any]] = {
    "FillMissing": FillMissing,
    "Resample": Resample,
    "Bandpass": Bandpass,
    "RobustScale": RobustScale,
    "Clip": Clip,
    "LogSpectrogram": LogSpectrogram,
    "PadTo": PadTo,
    "FirstRows": FirstRows,
}
"""The steps that a bundle may name."""


@dataclass(frozen=True, repr=False)
class Pipeline:
    """Steps applied one after the other.

    >>> Pipeline(steps=(FillMissing(), Bandpass(0.5, 40.0), Resample(100.0)))
    Pipeline(steps=(
        FillMissing(),
        Bandpass(low_hz=0.5, high_hz=40.0, order=3),
        Resample(fs=100.0),
    ))
    """

    steps: tuple[Step, ...] = ()

    def __call__(self, signal: Signal, fs: float) -> tuple[Signal, float]:
        """Apply every step.

        Parameters
        ----------
        signal : (n_leads, n_samples) float32, mV
        fs : sampling rate, Hz

        Returns
        -------
        The network's input (n_leads, ..., time) and the rate of its last axis, Hz. `signal` stays as it is.
        """
        for step in self.steps:
            signal, fs = step(signal, fs)
        return signal, fs

    def __repr__(self) -> str:
        return "\n".join(["Pipeline(steps=(", *(f"    {step!r}," for step in self.steps), "))"])

    def to_json(self) -> list[dict[str, Any]]:
        """Return the steps as JSON objects, each with its class under "step" and its fields.

        Raises SettingsError if a step is not among STEPS: nobody could read it back.

        >>> Pipeline((Resample(100.0),)).to_json()
        [{'step': 'Resample', 'fs': 100.0}]
        """
        return [_step_to_json(step) for step in self.steps]

    @classmethod
    def from_json(cls, objects: Sequence[Mapping[str, Any]]) -> Pipeline:
        """Build the pipeline that `to_json` wrote.

        Raises SettingsError naming the step or field that is unknown, missing or out of range.
        """
        if isinstance(objects, str | bytes | Mapping) or not isinstance(objects, Sequence):
            raise SettingsError(f"expected a list of pipeline steps, found {type(objects).__name__}")
        return cls(tuple(_step_from_json(position, item) for position, item in enumerate(objects)))


def _step_to_json(step: Step) -> dict[str, Any]:
    name = type(step).__name__
    if STEPS.get(name) is not type(step):
        raise SettingsError(f"expected steps among {', '.join(STEPS)}, found {name}")
    return {"step": name, **asdict(step)}  # type: ignore[call-overload]


def _step_from_json(position: int, item: Mapping[str, Any]) -> Step:
    where = f"pipeline step {position}"
    if not isinstance(item, Mapping) or not isinstance(item.get("step"), str):
        raise SettingsError(f'{where}: expected an object with "step", found {item!r}')
    name = item["step"]
    if name not in STEPS:
        raise SettingsError(f"{where}: expected one of {', '.join(STEPS)}, found {name}")
    known = [field.name for field in fields(STEPS[name])]
    given = {key: value for key, value in item.items() if key != "step"}
    unknown = sorted(set(given) - set(known))
    if unknown:
        raise SettingsError(
            f"{where}: {name} has the fields {', '.join(known) or '(none)'}, found {', '.join(unknown)}"
        )
    try:
        step: Step = STEPS[name](**given)
    except TypeError as error:
        raise SettingsError(
            f"{where}: expected the fields {', '.join(known)} of {name}, found {given}"
        ) from error
    return step


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
