"""Heartbeats, cut from a recording: `SevenSteps` as published, `AroundRPeaks` our own."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from einthoven.errors import SettingsError
from einthoven.signal.beats.around import AroundRPeaks
from einthoven.signal.beats.cut import BeatInputs, Cut
from einthoven.signal.beats.seven_steps import SevenSteps

__all__ = ["CUTS", "AroundRPeaks", "BeatInputs", "Cut", "SevenSteps", "cut_json", "read_cut"]

CUTS: dict[str, type[SevenSteps] | type[AroundRPeaks]] = {
    "SevenSteps": SevenSteps,
    "AroundRPeaks": AroundRPeaks,
}
"""The cuts that a protocol or a bundle may name."""


def cut_json(cut: Cut) -> dict[str, Any]:
    """Return a cut as JSON values, its name under `cut`; `read_cut` reads it back."""
    settings = asdict(cut)  # type: ignore[call-overload]
    plain = {name: list(value) if isinstance(value, tuple) else value for name, value in settings.items()}
    return {"cut": type(cut).__name__, **plain}


def read_cut(values: Mapping[str, Any]) -> Cut:
    """Build the cut that `cut_json` wrote.

    Raises SettingsError naming what is unknown, missing or out of range.

    >>> read_cut(cut_json(AroundRPeaks())) == AroundRPeaks()
    True
    """
    settings: dict[str, Any] = {
        name: tuple(v) if isinstance(v, list) else v for name, v in values.items() if name != "cut"
    }
    kind = CUTS.get(str(values.get("cut")))
    if kind is None:
        raise SettingsError(f"expected a cut among {', '.join(CUTS)}, found {values.get('cut')}")
    try:
        return kind(**settings)
    except TypeError as error:
        raise SettingsError(f"{values['cut']}: unknown or missing setting: {error}") from error
