"""MATLAB files (versions 4 to 7.2) without a WFDB header: a numeric array, or CPSC 2018's structure `ECG`.

Read by scipy.io.loadmat, which builds plain arrays and never runs what a file holds.
Source of the structure: The China Physiological Signal Challenge 2018, http://2018.icbeb.org/Challenge.html.
"""

from __future__ import annotations

import io
from typing import Any

import numpy as np
from numpy.typing import NDArray

from einthoven.errors import FormatError
from einthoven.formats.arrays import Given, oriented, record_from, stating
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
    missing.
    """
    variables = _variables(data, given.where)
    structure = variables.get("ECG")
    if (
        structure is not None
        and structure.dtype.names
        and "data" in structure.dtype.names
        and structure.size == 1
    ):
        return _from_structure(structure.reshape(-1)[0], structure.dtype.names, given)
    names = [name for name, array in variables.items() if array.dtype.kind in "iuf" and array.size > 1]
    chosen = next((name for name in _SIGNAL_NAMES if name in names), names[0] if len(names) == 1 else None)
    if chosen is None:
        raise FormatError(f"{given.where}: expected a numeric array 'val' or a structure 'ECG', "
                          f"found {', '.join(variables) or 'no variable'}")  # fmt: skip
    stated = next(
        (float(variables[name].reshape(-1)[0]) for name in _FS_NAMES if _is_number(variables, name)), None
    )
    return record_from(oriented(variables[chosen], given.where), stating(given, fs=stated))


def _variables(data: bytes, where: str) -> dict[str, NDArray[Any]]:
    import scipy.io

    try:
        contents = scipy.io.loadmat(io.BytesIO(data))
    except NotImplementedError as error:
        raise FormatError(
            f"{where}: expected MATLAB up to version 7.2, found 7.3: save it with '-v7'"
        ) from error
    except Exception as error:
        # Damaged files make loadmat raise nearly anything.
        raise FormatError(f"{where}: expected a MATLAB file, found a damaged one: {error}") from error
    return {name: value for name, value in contents.items() if isinstance(value, np.ndarray)}


def _from_structure(fields: Any, names: tuple[str, ...], given: Given) -> Record:
    signal = fields["data"]
    if not isinstance(signal, np.ndarray):
        raise FormatError(f"{given.where}: expected an array ECG.data, found {type(signal).__name__}")
    rows = oriented(signal, given.where)
    if len(rows) != len(CPSC_LEADS) or not {"sex", "age"} <= set(names):
        return record_from(rows, given)
    facts = {name: _text(fields[name]) for name in ("age", "sex")}
    if given.fs is None:
        given = stating(given, fs=CPSC_FS)
    patient = {name: fact.lower() for name, fact in facts.items() if fact}
    return record_from(rows, stating(given, units="mV"), leads=CPSC_LEADS, patient=patient)


def _text(value: Any) -> str:
    array = np.asarray(value).reshape(-1)
    if array.size != 1 or array.dtype.kind not in "iufU":
        return ""
    if array.dtype.kind == "f":
        return f"{array[0]:g}" if np.isfinite(array[0]) else ""
    return str(array[0])


def _is_number(variables: dict[str, NDArray[Any]], name: str) -> bool:
    return name in variables and variables[name].size == 1 and variables[name].dtype.kind in "iuf"
