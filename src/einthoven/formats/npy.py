"""NumPy files: one array (`.npy`), or an archive of arrays (`.npz`) with the signal and what it is.

An archive holds `signal` (or `val`, `ecg`, or a single array) and may hold `fs` (Hz), `units` and `leads`.
Arrays of Python objects are refused: nothing is ever unpickled.
Source: NumPy Enhancement Proposal 1, https://numpy.org/neps/nep-0001-npy-format.html.
"""

from __future__ import annotations

import io
import math
import warnings
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.lib import format as npy_format
from numpy.typing import NDArray

from einthoven.errors import FormatError, RecordError
from einthoven.formats.arrays import oriented, record_from
from einthoven.formats.channels import all_named, without_others
from einthoven.formats.foreign import ZIP
from einthoven.formats.given import Given, stating
from einthoven.record import Record

_SIGNAL_NAMES = ("signal", "val", "ecg")
_MAX_CHARACTER = 0x10FFFF
_SURROGATES = (0xD800, 0xDFFF)
"""Halves of characters in UTF-16, which no text holds by themselves."""


def read_npy(data: bytes, given: Given) -> Record:
    """Read one array as a recording; fs and units must be given.

    Raises FormatError if the array is damaged or no signal, RecordError if fs or units are missing.
    """
    return record_from(oriented(decode_npy(data, given.where), given.where), given)


def read_npz(data: bytes, given: Given) -> Record:
    """Read an archive of arrays as a recording; fs and units must be in it or given.

    Raises FormatError if the archive is damaged, is another ZIP or holds no signal, RecordError if fs or
    units are missing, or others than those given.
    """
    arrays = _members(data, given)
    signal = next((name for name in _SIGNAL_NAMES if name in arrays), None)
    if signal is None:
        many = [name for name, array in arrays.items() if array.dtype.kind in "iuf" and array.size > 1]
        if len(many) != 1:
            raise FormatError(
                f"{given.where}: expected an array named {', '.join(_SIGNAL_NAMES)} or a single one, "
                f"found {', '.join(arrays) or 'none':.200}"
            )
        signal = many[0]
    fs, units, leads = (arrays.get(name) for name in ("fs", "units", "leads"))
    given = stating(
        given,
        fs=None if fs is None else _scalar(fs, given.where),
        units=None if units is None or not units.size else _texts(units, "units", given.where)[0],
    )
    rows = oriented(arrays[signal], given.where)
    if leads is None:
        return record_from(rows, given)
    if leads.size != len(rows):
        raise RecordError(f"{given.where}: expected {len(rows)} lead names, found {leads.size}")
    names, unnamed = all_named(_texts(leads, "leads", given.where), given)
    kept, notes = without_others(names, given.leads)
    return record_from(rows[kept], given, leads=[names[i] for i in kept], warnings=(*unnamed, *notes))


def announced_samples(path: Path) -> int | None:
    """Return how many samples a lead the header of a `.npy` file states; None if the file is no such array.

    Only the header is read, so that a recording can be refused for its length before it fills the memory.
    """
    with path.open("rb") as file:
        if file.read(len(npy_format.MAGIC_PREFIX)) != npy_format.MAGIC_PREFIX:
            return None
        file.seek(0)
        try:
            shape, _, _ = _read_header(file)
        except Exception:
            # Whoever reads the file says what is wrong with it.
            return None
    return max(shape, default=None) if len(shape) <= 2 else None


def decode_npy(data: bytes, where: str) -> NDArray[Any]:
    """Return the array in a `.npy` file, a view of its bytes.

    Raises FormatError if the header is damaged, holds objects, or claims more than the file has.
    """
    stream = io.BytesIO(data)
    try:
        shape, fortran, dtype = _read_header(stream)
    except Exception as error:
        raise FormatError(
            f"{where}: expected the header of a NumPy array, found a damaged one: {error!s:.200}"
        ) from error
    if dtype.hasobject or dtype.itemsize == 0 or dtype.subdtype is not None:
        raise FormatError(f"{where}: expected an array of numbers, found {dtype}, which is never unpickled")
    need, found = math.prod(shape) * dtype.itemsize, len(data) - stream.tell()
    if found < need or min(shape, default=0) < 0:
        raise FormatError(f"{where}: expected {need} bytes for an array of shape {shape}, found {found}")
    flat = np.frombuffer(data, dtype, math.prod(shape), stream.tell())
    return flat.reshape(shape, order="F" if fortran else "C")


def _read_header(stream: BinaryIO) -> tuple[tuple[int, ...], bool, np.dtype[Any]]:
    version = npy_format.read_magic(stream)
    read = npy_format.read_array_header_1_0 if version == (1, 0) else npy_format.read_array_header_2_0
    with warnings.catch_warnings():
        # That it was written by Python 2, or as text in an odd way, is nobody's trouble.
        warnings.simplefilter("ignore")
        return read(stream)


def _members(data: bytes, given: Given) -> dict[str, NDArray[Any]]:
    import zipfile

    where = given.where
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = [info for info in archive.infolist() if info.filename.endswith(".npy")]
            if archive.infolist() and not members:
                raise ZIP.refusal(where)
            given.limits.check("unpacked_bytes", sum(info.file_size for info in members), where)
            unpacked = {info.filename.removesuffix(".npy"): archive.read(info) for info in members}
    except FormatError:
        raise
    except Exception as error:
        # Damaged archives make zipfile raise nearly anything.
        raise FormatError(
            f"{where}: expected an archive of NumPy arrays, found a damaged one: {error!s:.200}"
        ) from error
    return {name: decode_npy(array, f"{where}:{name}") for name, array in unpacked.items()}


def _scalar(array: NDArray[Any], where: str) -> float:
    if array.size != 1 or array.dtype.kind not in "iuf":
        raise FormatError(
            f"{where}: expected one number as fs, found an array of {array.dtype} {array.shape}"
        )
    return float(array.reshape(-1)[0])


def _texts(array: NDArray[Any], what: str, where: str) -> list[str]:
    """Return the texts of an array, which may hold numbers that are no characters."""
    if array.dtype.kind == "U":
        found = np.frombuffer(array.tobytes(), np.dtype(np.uint32).newbyteorder(array.dtype.byteorder))
        half = (found >= _SURROGATES[0]) & (found <= _SURROGATES[1])
        if half.any() or found.max(initial=0) > _MAX_CHARACTER:
            raise FormatError(f"{where}: expected texts as {what}, found numbers that are no characters")
    return [str(text) for text in array.reshape(-1)]
