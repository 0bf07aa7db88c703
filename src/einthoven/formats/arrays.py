"""From numbers, and what a caller says of them, to a Record: shared by MATLAB, CSV and NumPy files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from einthoven.errors import FormatError, RecordError
from einthoven.formats.units import millivolts
from einthoven.record import Record, lead_name

MAX_LEADS = 256
"""More rows than this are a table of recordings, not the leads of one."""


@dataclass(frozen=True, slots=True)
class Given:
    """What the caller says of a file, and what messages call it.

    where : the file in messages
    name : the record's name
    path : where the file lies, empty if in memory
    fs : Hz
    units : of the samples
    leads : names of the leads if the file states none, otherwise the leads to keep
    """

    where: str
    name: str = ""
    path: str = ""
    fs: float | None = None
    units: str | None = None
    leads: tuple[str, ...] | None = None

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

    def agree_fs(self, stated_fs: float) -> None:
        """Raise RecordError if the caller gave another sampling rate than the file states."""
        if self.fs is not None and abs(self.fs - stated_fs) > 0.01 * stated_fs:
            raise RecordError(
                f"{self.where}: expected fs={self.fs:g} Hz as given, found {stated_fs:g} Hz in the file"
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


def oriented(array: NDArray[Any], where: str) -> NDArray[Any]:
    """Return numbers as (n_leads, n_samples): one dimension is one lead, of two the longer is time.

    Raises FormatError if the array holds no real numbers, has other dimensions, or more than 256 leads.
    """
    if array.dtype.kind not in "iuf":
        raise FormatError(f"{where}: expected real numbers, found an array of {array.dtype}")
    squeezed = array.reshape(1, -1) if array.ndim == 1 else array
    if squeezed.ndim != 2:
        raise FormatError(f"{where}: expected an array of shape (n_leads, n_samples), found {array.shape}")
    rows = squeezed.T if squeezed.shape[0] > squeezed.shape[1] else squeezed
    if rows.shape[0] > MAX_LEADS:
        raise FormatError(
            f"{where}: expected one recording of at most {MAX_LEADS} leads, found {array.shape}"
        )
    return rows


def record_from(
    signal: NDArray[Any],
    given: Given,
    *,
    leads: Sequence[str] | None = None,
    patient: dict[str, str] | None = None,
    comments: Sequence[str] = (),
    warnings: Sequence[str] = (),
) -> Record:
    """Make a Record of samples (n_leads, n_samples) in the units given.

    leads : names that the file states; then `given.leads` selects among them

    Raises RecordError if fs, units or samples are missing, or if the number of names does not fit.
    """
    fs, units = given.require()
    scale = millivolts(units, given.where)
    with np.errstate(over="ignore", invalid="ignore"):
        # Doubles first: a float32 product would round twice.
        rows = np.ascontiguousarray(np.multiply(signal, scale, dtype=np.float64).astype(np.float32))
    names, select = (leads, given.leads) if leads is not None else (given.leads, None)
    found = tuple(warnings)
    if names is None:
        names = ["ECG"] if len(rows) == 1 else [f"lead {i + 1}" for i in range(len(rows))]
        if len(rows) > 1:
            found += (
                f"the file states no lead names: called {names[0]} to {names[-1]}; pass leads= to name them",
            )
    record = Record(
        signal=rows,
        fs=float(fs),
        leads=tuple(lead_name(name) for name in names),
        name=given.name,
        path=given.path,
        patient=MappingProxyType(dict(patient or {})),
        comments=tuple(comments),
        warnings=found,
    )
    return record.select(select) if select is not None else record


def stating(given: Given, *, fs: float | None = None, units: str | None = None) -> Given:
    """Fill in what the file itself states.

    Raises RecordError if the caller gave another sampling rate or other units, FormatError if units are no
    unit of voltage.
    """
    if fs is not None:
        given.agree_fs(fs)
    if units is not None:
        given.agree_units(units)
    return replace(given, fs=given.fs if fs is None else fs, units=given.units if units is None else units)
