"""MATLAB files without a WFDB header: a numeric array, or CPSC 2018's structure `ECG`.

Source of the structure: The China Physiological Signal Challenge 2018, http://2018.icbeb.org/Challenge.html.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import isfinite

import numpy as np

from einthoven.errors import FormatError
from einthoven.formats.arrays import oriented, record_from
from einthoven.formats.given import Given, stating
from einthoven.formats.mat.variables import Array, Value, decode_mat
from einthoven.record import Record

CPSC_FS = 500.0
"""Hz: CPSC 2018, "sampled as 500 Hz"."""
CPSC_LEADS = ("I", "II", "III", "aVR", "aVL", "aVF", "V1", "V2", "V3", "V4", "V5", "V6")
"""Rows of `ECG.data` in CPSC 2018."""

_SIGNAL_NAMES = ("val", "signal", "ecg", "data")
_FS_NAMES = ("fs", "Fs")


def read_mat(data: bytes, given: Given) -> Record:
    """Read a MATLAB file.

    `ECG.data` with 12 rows beside `ECG.sex` and `ECG.age` is CPSC 2018's: 500 Hz, mV. Anything else needs fs
    and units; a number `fs` or `Fs` in the file counts.

    Raises FormatError if the file is damaged or holds no single signal, RecordError if fs or units are
    missing, or others than those given.
    """
    variables = _variables(data, given)
    structure = variables.get("ECG")
    if isinstance(structure, Mapping) and "data" in structure:
        return _from_structure(structure, given)
    arrays = {n: v for n, v in variables.items() if isinstance(v, np.ndarray) and v.size > 1}
    name = next((name for name in _SIGNAL_NAMES if name in arrays), None)
    if name is None and len(arrays) != 1:
        raise FormatError(
            f"{given.where}: expected a numeric array 'val' or a structure 'ECG', "
            f"found {', '.join(variables) or 'no variable':.200}"
        )
    signal = arrays[name] if name is not None else next(iter(arrays.values()))
    rates = (_number(variables.get(name)) for name in _FS_NAMES)
    fs = next((rate for rate in rates if rate is not None), None)
    return record_from(oriented(signal, given.where), stating(given, fs=fs))


def _variables(data: bytes, given: Given) -> dict[str, Value]:
    where = given.where
    try:
        return decode_mat(data, given.limits.unpacked_bytes)
    except NotImplementedError:
        raise FormatError(
            f"{where}: expected MATLAB up to version 7.2, found 7.3: save it with '-v7'"
        ) from None
    except ValueError as error:
        raise FormatError(f"{where}: expected a MATLAB file, found {error}") from error


def _from_structure(structure: Mapping[str, Array | str | None], given: Given) -> Record:
    signal = structure["data"]
    if not isinstance(signal, np.ndarray):
        raise FormatError(f"{given.where}: expected numbers in ECG.data, found {type(signal).__name__}")
    rows = oriented(signal, given.where)
    if len(rows) != len(CPSC_LEADS) or not {"sex", "age"} <= structure.keys():
        return record_from(rows, given)
    facts = {name: _fact(structure[name]) for name in ("age", "sex")}
    patient = {name: fact.lower() for name, fact in facts.items() if fact}
    return record_from(rows, stating(given, fs=CPSC_FS, units="mV"), leads=CPSC_LEADS, patient=patient)


def _fact(value: Array | str | None) -> str:
    if isinstance(value, str):
        return value.strip()
    number = _number(value)
    return "" if number is None or not isfinite(number) else f"{number:g}"


def _number(value: Value) -> float | None:
    return float(value.reshape(-1)[0]) if isinstance(value, np.ndarray) and value.size == 1 else None
