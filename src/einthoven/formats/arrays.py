"""From numbers, and what a caller says of them, to a Record: shared by MATLAB, CSV and NumPy files."""

from __future__ import annotations

from collections.abc import Sequence
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from einthoven.errors import FormatError, RecordError
from einthoven.formats.given import Given
from einthoven.formats.times import without_times
from einthoven.formats.units import millivolts
from einthoven.record import Record

_CONVERTED_AT_ONCE = 2**20
"""Samples of a lead whose doubles are in memory at a time."""


def oriented(array: NDArray[Any], where: str) -> NDArray[Any]:
    """Return numbers as (n_leads, n_samples): one dimension is one lead, of two the longer is time.

    Raises FormatError if the array holds no real numbers, or has other dimensions.
    """
    if array.dtype.kind not in "iuf":
        raise FormatError(f"{where}: expected real numbers, found an array of {array.dtype}")
    squeezed = array.reshape(1, -1) if array.ndim == 1 else array
    if squeezed.ndim != 2:
        raise FormatError(f"{where}: expected an array of shape (n_leads, n_samples), found {array.shape}")
    if not squeezed.size:
        raise FormatError(f"{where}: expected samples, found no samples in an array of shape {array.shape}")
    return squeezed.T if squeezed.shape[0] > squeezed.shape[1] else squeezed


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

    leads : names that the file states; then `given.leads` selects among them. A file that states none may
        hold a channel of times, which is no lead: see `times.without_times`

    Raises RecordError if fs, units or samples are missing, or if the number of names does not fit;
    FormatError if there are more leads (as in a table of recordings) or samples than the limits allow.
    """
    given.limits.check("leads", len(signal), given.where)
    given.limits.check("samples", signal.size, given.where)
    found = tuple(warnings)
    if leads is None:
        signal, given, notes = _leads_of(signal, given)
        found += notes
    fs, units = given.require()
    scale = millivolts(units, given.where)
    rows = _scaled(signal, scale)
    names, select = (leads, given.leads) if leads is not None else (given.leads, None)
    if names is None:
        names = ["ECG"] if len(rows) == 1 else [f"lead {i + 1}" for i in range(len(rows))]
        if len(rows) > 1:
            found += (
                f"the file states no lead names: called {names[0]} to {names[-1]}; pass leads= to name them",
            )
    record = Record(
        signal=rows,
        fs=fs,
        leads=tuple(names),
        name=given.name,
        path=given.path,
        patient=MappingProxyType(dict(patient or {})),
        comments=tuple(comments),
        warnings=found,
    )
    return record.select(select) if select is not None else record


def _scaled(signal: NDArray[Any], scale: float) -> NDArray[np.floating]:
    """Return the product, rounded once to float32; in doubles if some of it is too large for that."""
    rows = np.empty(signal.shape, np.float32)
    with np.errstate(over="ignore", invalid="ignore"):
        for lead, row in enumerate(signal):
            for at in range(0, len(row), _CONVERTED_AT_ONCE):
                part = slice(at, at + _CONVERTED_AT_ONCE)
                # A float32 product would round twice.
                rows[lead, part] = np.multiply(row[part], scale, dtype=np.float64)
        # A Record refuses it, and names the number.
        return np.multiply(signal, scale, dtype=np.float64) if np.isinf(rows).any() else rows


def _leads_of(signal: NDArray[Any], given: Given) -> tuple[NDArray[Any], Given, tuple[str, ...]]:
    names = [f"channel {i}" for i in range(1, len(signal) + 1)]
    rows, given, notes = without_times(list(signal), names, given)
    if notes and given.leads is not None and len(given.leads) != len(rows):
        raise RecordError(f"{given.where}: expected {len(rows)} lead names, found {len(given.leads)}: "
                          f"{'; '.join(notes)}")  # fmt: skip
    return (signal[rows] if notes else signal), given, notes
