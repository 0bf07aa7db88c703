"""The signals of a WFDB record that is no more than one segment, in millivolts at one rate.

Source: WFDB Applications Guide, header(5), https://physionet.org/physiotools/wag/header-5.htm.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from einthoven.errors import FormatError
from einthoven.formats.channels import without_others
from einthoven.formats.given import Given
from einthoven.formats.units import NOT_VOLTAGE, millivolts
from einthoven.formats.wfdb.header import Header, SignalLine
from einthoven.formats.wfdb.samples import MISSING, checksum_warnings
from einthoven.formats.wfdb.signal_files import SignalFile, measure, read_digital, signal_files
from einthoven.record import Signal

_N_LEVELS = {"16": 2**16, "61": 2**16, "160": 2**16, "516": 2**16, "212": 2**12, "80": 2**8, "508": 2**8}
"""How many different samples a format can hold, where a table of them is worth it."""
_CHUNK = 65536


@dataclass(frozen=True, slots=True)
class Signals:
    """What a record holds beside its annotations and comments.

    signal : (n_leads, n_samples), mV
    width : samples a frame
    names : of the leads, as the header has them
    """

    signal: Signal
    width: int
    names: tuple[str, ...]
    warnings: tuple[str, ...]


def read_signals(folder: Path, header: Header, given: Given) -> Signals:
    """Read the signals of a record of one segment; those that are no ECG are left out with a warning.

    Raises FormatError if a file is missing, too short or damaged, if a unit is unknown, if the rates of the
    leads are no multiples of each other, or if something goes beyond the limits.
    """
    names = [line.description for line in header.signals]
    rows, left_out = ecg_rows([line.units for line in header.signals], names, given)
    widths = [header.signals[row].samples_per_frame for row in rows]
    width, repeated = common_width(widths, [names[row] for row in rows], given.where)
    files = signal_files(folder, header.signals, given.where, given.limits)
    n_samples, longer = measure(files, header.n_samples, given.where)
    given.limits.check("samples", len(rows) * n_samples * width, given.where)
    given.limits.check("gap_samples", n_samples * (len(rows) * width - sum(widths)), given.where)
    signal = np.empty((len(rows), n_samples * width), np.float32)
    changed = fill(signal, n_samples, files, header, rows, given)
    return Signals(signal, width, tuple(names[row] for row in rows), longer + changed + left_out + repeated)


def ecg_rows(units: Sequence[str], names: Sequence[str], given: Given) -> tuple[list[int], tuple[str, ...]]:
    """Return the rows that are voltages and no EEG or the like, and a warning that names the others.

    Raises FormatError if a unit is unknown, RecordError if it is another one than the caller gave.
    """
    rows = [row for row, unit in enumerate(units) if unit.lower() not in NOT_VOLTAGE]
    others = [f"{names[row]} ({unit})" for row, unit in enumerate(units) if row not in rows]
    notes = (f"left out, as they are no voltages: {', '.join(others)}",) if others else ()
    kept, more = without_others([names[row] for row in rows], given.leads)
    rows = [rows[i] for i in kept]
    # Without any voltage, the first unit is what the error is about.
    for row in rows or [0]:
        millivolts(units[row], given.where)
    for row in rows:
        given.agree_units(units[row], f"lead {names[row]}")
    return rows, notes + more


def common_width(widths: Sequence[int], names: Sequence[str], where: str) -> tuple[int, tuple[str, ...]]:
    """Return the most samples a frame that a lead has, and a warning that names those which have fewer.

    Raises FormatError if samples of one would have to be repeated by no whole factor.
    """
    width = max(widths)
    slower = [name for name, own in zip(names, widths, strict=True) if own < width]
    if any(width % own for own in widths):
        raise FormatError(f"{where}: expected rates that are multiples of each other, found "
                          f"{', '.join(map(str, widths))} samples a frame in {', '.join(names)}")  # fmt: skip
    if not slower:
        return width, ()
    return width, (f"{', '.join(slower)}: samples repeated to the highest rate of the record",)


def fill(
    out: Signal,
    n_samples: int,
    files: Sequence[SignalFile],
    header: Header,
    rows: Sequence[int | None],
    given: Given,
) -> tuple[str, ...]:
    """Write leads in mV to the rows of `out`; a row that the record has not is left as it is.

    n_samples : frames to read
    rows : which signal of the header goes to each row of `out`, all of whose frames have the same width

    Returns warnings where samples do not have the checksum that the header states.
    """
    digital = read_digital(files, header.signals, n_samples, given.where, given.limits)
    kept = [row for row in rows if row is not None]
    plain = [row for row in kept if header.signals[row].skew == 0]
    changed = checksum_warnings([digital[row] for row in plain], [header.signals[row] for row in plain])
    for target, row in zip(out, rows, strict=True):
        if row is not None and n_samples:
            _write_lead(target, digital[row], header.signals[row], n_samples, given.where)
    return changed


def _write_lead(
    target: NDArray[np.float32], digital: NDArray[Any], line: SignalLine, n_samples: int, where: str
) -> None:
    factor = millivolts(line.units, where)
    repeats = len(target) // len(digital)
    if repeats == 1:
        _to_millivolts(digital, line, factor, target)
    else:
        slow = np.empty(len(digital), np.float32)
        _to_millivolts(digital, line, factor, slow)
        target.reshape(-1, repeats)[:] = slow[:, np.newaxis]
    if line.skew:
        shift = min(line.skew, n_samples) * (len(target) // n_samples)
        target[: len(target) - shift] = target[shift:].copy()
        target[len(target) - shift :] = np.nan


def _to_millivolts(digital: NDArray[Any], line: SignalLine, factor: float, out: NDArray[np.float32]) -> None:
    n_levels = _N_LEVELS.get(line.fmt, len(digital))
    if len(digital) <= n_levels:
        for start in range(0, len(digital), _CHUNK):
            chunk = slice(start, start + _CHUNK)
            _convert(digital[chunk], line, factor, out[chunk])
        return
    # A long lead repeats its few levels: each is converted once. Negative ones count from the table's end.
    table = np.empty(n_levels, np.float32)
    levels = np.roll(np.arange(-n_levels // 2, n_levels // 2), n_levels // 2)
    _convert(levels, line, factor, table)
    for start in range(0, len(digital), _CHUNK):
        # At once, NumPy would copy all samples to 64-bit indices: four times what is read.
        chunk = slice(start, start + _CHUNK)
        np.take(table, digital[chunk], out=out[chunk], mode="wrap")


def _convert(digital: NDArray[Any], line: SignalLine, factor: float, out: NDArray[np.float32]) -> None:
    with np.errstate(over="ignore", invalid="ignore"):
        # In doubles, as wfdb does; float32 throughout would differ in the last bit.
        values = np.subtract(digital, float(line.baseline), dtype=np.float64)
        values /= line.gain
        if factor != 1.0:
            values *= factor
        out[:] = values
    if line.fmt in MISSING:
        out[digital == MISSING[line.fmt]] = np.nan
