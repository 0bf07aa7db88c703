"""WFDB records: a header (`.hea`), signal files (`.dat`, `.mat`) and annotations (`.atr`).

Formats 16 and 212, and so the `16+24` and `16x1+24` of the PhysioNet challenges, are decoded here; the rest
goes through the `wfdb` package, imported only then.
Source: WFDB Applications Guide, https://physionet.org/physiotools/wag/wag.htm.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from einthoven.errors import ECGError, RecordError
from einthoven.formats.channels import without_others
from einthoven.formats.given import Given
from einthoven.formats.units import NOT_VOLTAGE, millivolts
from einthoven.formats.wfdb_annotations import decode_annotations, encode_annotations
from einthoven.formats.wfdb_header import Header, SignalLine, format_header, read_header
from einthoven.formats.wfdb_samples import (
    MISSING,
    N_LEVELS,
    checksum,
    checksum_warnings,
    is_native,
    measure,
    read_digital,
    signal_files,
)
from einthoven.record import Annotation, Record, Signal, lead_name

_NAME = re.compile(r"[-\w]+", re.ASCII)
_AGE = re.compile(r"\bage\b[>:=\s]*(\d+(?:\.\d+)?)\b", re.IGNORECASE)
_SEX = re.compile(r"\b(?:sex|gender)\b[>:=\s]*(male|female|m|f)\b", re.IGNORECASE)
_MITDB = re.compile(r"(-?\d+) ([MF]) ")
_SEXES = {"m": "male", "f": "female"}
_DIGITAL_MAX = 32767
_CHUNK = 65536


def read_wfdb(header_path: Path, given: Given) -> Record:
    """Read a WFDB record through its header.

    Age and sex are taken from the comments of the challenges, PTB and MIT-BIH. Annotations come from the
    `.atr` file beside the header, if there is one; a damaged one is a warning. Signals that are no voltage,
    such as a blood pressure, or have the name of something else, such as EEG, are left out with a warning.

    Raises FormatError if header and files are damaged or disagree, RecordError if there is no sample, if the
    sampling rate or the unit of a voltage is not the one given, or if a lead asked for is not there.
    """
    header, given = read_header(header_path), replace(given, where=str(header_path))
    if header.n_signals == 0:
        raise RecordError(f"{given.where}: expected at least one lead, found a record of 0 signals")
    if not header.segments and is_native(header.signals):
        signal, names, warnings = _read_natively(header_path.parent, header, given)
        fs = header.fs
    else:
        signal, fs, names, warnings = _read_with_package(header_path.parent, header, given)
    given.agree_fs(fs)
    annotations, more = _annotations_beside(header_path, fs, header.fs)
    record = Record(
        signal=signal,
        fs=fs,
        leads=_lead_names(names),
        name=given.name,
        path=given.path,
        annotations=annotations,
        patient=MappingProxyType(_patient(header.comments)),
        comments=header.comments,
        warnings=header.warnings + warnings + more,
    )
    return record.select(given.leads) if given.leads is not None else record


def write_record(
    record: Record, folder: str | Path, *, name: str | None = None, gain: float = 1000.0
) -> Path:
    """Write a record as WFDB: `.hea`, `.dat` in format 16 and, where it has annotations, `.atr`.

    name : the record's name and that of its files, default `record.name`
    gain : steps a mV; samples are rounded to 1 / gain mV, missing ones become the format's missing value

    Returns the path of the header, which is written last.

    Raises RecordError if the name has other characters than letters, digits, `-` and `_`, if a sample does
    not fit into 16 bits at this gain, or if annotations are out of order or have unknown symbols.
    """
    name = record.name if name is None else name
    if not _NAME.fullmatch(name):
        raise RecordError(f"expected a record name of letters, digits, - and _, found {name!r}")
    digital = _digital(record, gain)
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    atr = folder / f"{name}.atr"
    if record.annotations is None:
        atr.unlink(missing_ok=True)
    else:
        atr.write_bytes(encode_annotations(record.annotations))
    (folder / f"{name}.dat").write_bytes(digital.T.astype("<i2").tobytes())
    header = Header(
        name=name,
        fs=record.fs,
        n_samples=record.n_samples,
        n_signals=record.n_leads,
        signals=tuple(
            SignalLine(
                file_name=f"{name}.dat",
                gain=gain,
                adc_resolution=16,
                initial_value=int(row[0]),
                checksum=checksum(row),
                description=" ".join(lead.split()),
            )
            for lead, row in zip(record.leads, digital, strict=True)
        ),
        comments=_comments(record),
    )
    path = folder / f"{name}.hea"
    path.write_text(format_header(header), encoding="utf-8")
    return path


def _read_natively(folder: Path, header: Header, given: Given) -> tuple[Signal, list[str], tuple[str, ...]]:
    names = [line.description for line in header.signals]
    rows, factors, left_out = _voltages([line.units for line in header.signals], names, given)
    files = signal_files(folder, header.signals, given.where)
    n_samples, longer = measure(files, header.n_samples, given.where)
    digital = read_digital(files, n_samples)
    changed = checksum_warnings(digital, header.signals)
    signal = np.empty((len(rows), n_samples), np.float32)
    for out, row, factor in zip(signal, rows, factors, strict=True):
        _to_millivolts(digital[row], header.signals[row], factor, out)
    return signal, [names[row] for row in rows], longer + changed + left_out


def _to_millivolts(
    digital: NDArray[np.int16], line: SignalLine, factor: float, out: NDArray[np.float32]
) -> None:
    n_levels = N_LEVELS[line.fmt]
    if len(digital) <= n_levels:
        _convert(digital, line, factor, out)
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
    out[digital == MISSING[line.fmt]] = np.nan


def _read_with_package(
    folder: Path, header: Header, given: Given
) -> tuple[Signal, float, list[str], tuple[str, ...]]:
    from einthoven.formats.wfdb_package import read_with_package

    physical = read_with_package(folder, header, given.where)
    rows, factors, left_out = _voltages(physical.units, physical.names, given)
    with np.errstate(over="ignore", invalid="ignore"):
        signal = (physical.signal[rows] * np.array(factors)[:, np.newaxis]).astype(np.float32)
    return signal, physical.fs, [physical.names[row] for row in rows], physical.warnings + left_out


def _voltages(
    units: Sequence[str], names: Sequence[str], given: Given
) -> tuple[list[int], list[float], tuple[str, ...]]:
    rows = [row for row, unit in enumerate(units) if unit.lower() not in NOT_VOLTAGE]
    others = [f"{names[row]} ({unit})" for row, unit in enumerate(units) if row not in rows]
    notes = (f"left out, as they are no voltages: {', '.join(others)}",) if others else ()
    kept, more = without_others([names[row] for row in rows], given.leads)
    rows = [rows[i] for i in kept]
    # Without any voltage, the first unit is what the error is about.
    factors = [millivolts(units[row], given.where) for row in rows or [0]]
    for row in rows:
        given.agree_units(units[row], f"lead {names[row]}")
    return rows, factors, notes + more


def _lead_names(names: Sequence[str]) -> tuple[str, ...]:
    if len(names) == 1 and not names[0]:
        return ("ECG",)
    return tuple(lead_name(name) if name else f"lead {i}" for i, name in enumerate(names, 1))


def _annotations_beside(
    header_path: Path, fs: float, frame_fs: float
) -> tuple[Annotation | None, tuple[str, ...]]:
    path = header_path.parent / f"{header_path.name.removesuffix('.hea')}.atr"
    if not path.is_file():
        return None, ()
    try:
        return decode_annotations(path.read_bytes(), fs, str(path), frame_fs), ()
    except (ECGError, OSError) as error:
        return None, (f"annotations were not read: {error}",)


def _patient(comments: Sequence[str]) -> dict[str, str]:
    facts: dict[str, str] = {}
    for i, comment in enumerate(comments):
        if i == 0 and (mitdb := _MITDB.match(comment)):
            if int(mitdb[1]) >= 0:
                facts["age"] = mitdb[1]
            facts["sex"] = _SEXES[mitdb[2].lower()]
        if age := _AGE.search(comment):
            facts.setdefault("age", age[1])
        if sex := _SEX.search(comment):
            facts.setdefault("sex", _SEXES[sex[1][0].lower()])
    return facts


def _comments(record: Record) -> tuple[str, ...]:
    lines = [line for comment in record.comments for line in comment.splitlines()]
    stated = _patient(lines)
    facts = [
        f"{key.capitalize()}: {value}" for key, value in record.patient.items() if stated.get(key) != value
    ]
    return (*lines, *facts)


def _digital(record: Record, gain: float) -> NDArray[np.int16]:
    if not (np.isfinite(gain) and gain > 0):
        raise RecordError(f"expected a gain above 0 steps a mV, found {gain}")
    steps = np.rint(record.signal.astype(np.float64) * gain)
    largest = float(np.nanmax(np.abs(steps), initial=0.0))
    if largest > _DIGITAL_MAX:
        raise RecordError(
            f"{record.name}: expected samples of at most {_DIGITAL_MAX / gain:g} mV at {gain:g} steps a mV, "
            f"found {largest / gain:g} mV: choose a lower gain"
        )
    return np.where(np.isnan(steps), MISSING["16"], steps).astype(np.int16)
