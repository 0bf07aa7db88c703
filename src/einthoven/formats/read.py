"""Reading a recording, whatever it is stored as."""

from __future__ import annotations

import io
import os
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

from einthoven.errors import ECGError, FormatError, RecordError
from einthoven.formats.csv import decode_text, read_csv
from einthoven.formats.csv_refusal import why_no_table
from einthoven.formats.foreign import recognise
from einthoven.formats.given import Given
from einthoven.formats.mat import read_mat
from einthoven.formats.npy import read_npy, read_npz
from einthoven.formats.sniff import HEAD_BYTES, READABLE, content_of, header_of
from einthoven.formats.wfdb import read_wfdb
from einthoven.record import Record, sampling_rate

_READERS: dict[str, Callable[[bytes, Given], Record]] = {
    "mat": read_mat,
    "csv": read_csv,
    "npy": read_npy,
    "npz": read_npz,
}


def read_record(
    source: str | os.PathLike[str] | bytes | BinaryIO,
    *,
    fs: float | None = None,
    units: str | None = None,
    leads: Sequence[str] | None = None,
    name: str | None = None,
) -> Record:
    """Read a recording; its content decides what it is, not its name.

    Parameters
    ----------
    source : a path, the bytes of a file, or a binary file object. A WFDB record is given by the path of its
        header, of one of its signal files, or without ending; it cannot be given as bytes
    fs : sampling rate in Hz of a file that does not state it (MATLAB, CSV, NumPy)
    units : V, mV, uV or nV, of the samples of a file that does not state them
    leads : names of the leads, in order, of a file that states none; otherwise which leads to keep, in order
    name : name of the record; default is the file's name without folder and ending

    Returns
    -------
    The recording in mV, its leads named as usual.

    Raises
    ------
    FormatError : if there is no such file, if it is damaged, contradicts itself or is of no format read here
    RecordError : if it has no sample, if fs or units are neither stated nor given, if the file states another
        fs or other units than those given, if these are no number and no text, or if a lead is not there
    """
    wanted = (leads,) if isinstance(leads, str) else None if leads is None else tuple(leads)
    is_path = isinstance(source, str | os.PathLike)
    if not is_path and not isinstance(source, bytes) and not hasattr(source, "read"):
        raise RecordError(f"expected a path, found {type(source).__name__}")
    label = str(source if is_path else getattr(source, "name", "") or "")
    where = label or "<bytes>"
    rate = None if fs is None else sampling_rate(fs, where)
    if not isinstance(units, str | None):
        raise RecordError(f"{where}: expected units as text, such as mV, found {units!r:.60}")
    given = Given(where=where, name=name or "", fs=rate, units=units, leads=wanted)
    if isinstance(source, str | os.PathLike):
        path = Path(source)
        given = replace(given, where=str(path), path=str(path))
        try:
            return _read_path(path, given)
        except ECGError:
            raise
        except (OSError, ValueError) as error:
            raise FormatError(f"{path}: expected a readable file, found {error}") from error
    given = replace(given, name=given.name or Path(label).stem)
    return _read_stream(io.BytesIO(source) if isinstance(source, bytes) else source, given)


def _read_path(path: Path, given: Given) -> Record:
    header = header_of(path)
    if header is not None:
        return read_wfdb(header, replace(given, name=given.name or header.stem))
    given = replace(given, name=given.name or path.stem)
    if not path.is_file():
        found = "a folder" if path.is_dir() else "something else" if path.exists() else "no such file"
        raise FormatError(f"{path}: expected a file, found {found}")
    with path.open("rb") as file:
        return _read_stream(file, given, path)


def _read_stream(stream: BinaryIO, given: Given, path: Path | None = None) -> Record:
    """Read what a stream holds, of which no more than the head is looked at if it is nothing read here."""
    head = _head(stream)
    foreign = recognise(head)
    if foreign is not None:
        raise foreign.refusal(given.where)
    content = content_of(head)
    if content == "wfdb" and path is not None:
        return read_wfdb(path, given)
    if content == "wfdb":
        raise FormatError(
            f"{given.where}: expected the path of a WFDB record, found the bytes of its header, "
            "which hold no samples"
        )
    if content is None and path is not None and path.suffix == ".dat":
        raise FormatError(f"{path}: expected header {path.stem}.hea beside a WFDB signal file, found none")
    if content is None:
        found = (why_no_table(head, decode_text(head)) or "unknown content") if head else "an empty file"
        raise FormatError(f"{given.where}: expected {READABLE}, found {found}")
    return _READERS[content](head + stream.read(), given)


def _head(stream: BinaryIO) -> bytes:
    # A pipe gives what it has, which may be less than it will.
    head = b""
    while len(head) < HEAD_BYTES and (more := stream.read(HEAD_BYTES - len(head))):
        head += more
    return head
