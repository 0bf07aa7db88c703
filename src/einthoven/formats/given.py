"""What the caller says of a file, beside what the file states."""

from __future__ import annotations

from dataclasses import dataclass, replace

from einthoven.errors import RecordError
from einthoven.formats.limits import LIMITS, Limits
from einthoven.formats.units import millivolts

FS_TOLERANCE = 0.01
"""Rates that differ by more than this share are different ones."""


@dataclass(frozen=True, slots=True)
class Given:
    """What the caller says of a file, and what messages call it.

    where : the file in messages
    name : the record's name
    path : where the file lies, empty if in memory
    fs : Hz
    units : of the samples
    leads : names of the leads if the file states none, otherwise the leads to keep
    limits : the most that is taken in
    strict : whether a doubt about units or leads is an error
    """

    where: str
    name: str = ""
    path: str = ""
    fs: float | None = None
    units: str | None = None
    leads: tuple[str, ...] | None = None
    limits: Limits = LIMITS
    strict: bool = False

    def doubt(self, text: str) -> str:
        """Return a warning about what units or leads the file has, which it does not say for certain.

        Raises RecordError with this text, naming the file, if the caller is strict.
        """
        if self.strict:
            raise RecordError(f"{self.where}: expected certain units and leads (strict), found: {text}")
        return text

    def require(self) -> tuple[float, str]:
        """Return fs and units.

        Raises RecordError naming what is missing and how to give it.
        """
        if self.fs is None or self.units is None:
            asked = {"fs": self.fs, "units": self.units}
            options = [option for option, value in asked.items() if value is None]
            what = " and ".join(
                {"fs": "fs (Hz)", "units": "units of the samples"}[option] for option in options
            )
            python, shell = (
                ", ".join(text) for text in zip(*((f"{o}=", f"--{o}") for o in options), strict=True)
            )
            raise RecordError(
                f"{self.where}: expected {what}, found none: pass {python} (on the command line {shell})"
            )
        return self.fs, self.units

    def agree_fs(self, stated_fs: float, what: str = "the file") -> None:
        """Raise RecordError if the caller gave another sampling rate than the file, or `what`, states."""
        if self.fs is not None and abs(self.fs - stated_fs) > FS_TOLERANCE * stated_fs:
            raise RecordError(
                f"{self.where}: expected fs={self.fs:g} Hz as given, found {stated_fs:g} Hz in {what}"
            )

    def agree_units(self, stated: str, what: str = "") -> None:
        """Raise RecordError if the caller gave other units than the file states for its samples, or `what`.

        Raises FormatError if either is no unit of voltage.
        """
        if self.units is not None and millivolts(self.units, self.where) != millivolts(stated, self.where):
            part = f" for {what}" if what else ""
            raise RecordError(
                f"{self.where}: expected units={self.units} as given, found {stated} in the file{part}"
            )


def stating(
    given: Given, *, fs: float | None = None, units: str | None = None, where_fs: str = "the file"
) -> Given:
    """Fill in what the file itself states.

    where_fs : what in the file states the sampling rate

    Raises RecordError if the caller gave another sampling rate or other units, FormatError if units are no
    unit of voltage.
    """
    if fs is not None:
        given.agree_fs(fs, where_fs)
    if units is not None:
        given.agree_units(units)
    return replace(given, fs=given.fs if fs is None else fs, units=given.units if units is None else units)
