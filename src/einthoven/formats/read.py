"""Reading a recording, whatever it is stored as."""

from __future__ import annotations

import io
import os
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

from einthoven.errors import ECGError, FormatError, RecordError
from einthoven.formats.foreign import recognise
from einthoven.formats.given import Given
from einthoven.formats.gzip import is_gzip, unpack_gzip
from einthoven.formats.limits import LIMITS, Limits
from einthoven.formats.mat import read_mat
from einthoven.formats.npy import read_npy, read_npz
from einthoven.formats.plausibility import amplitude_doubts
from einthoven.formats.sniff import HEAD_BYTES, NAMES, READ, Content, content_of, header_of
from einthoven.formats.table.reading import decode_text, read_csv
from einthoven.formats.table.refusal import why_no_table
from einthoven.formats.wfdb import read_wfdb
from einthoven.record import Record, sampling_rate

_AT_ONCE = 2**24
"""So many bytes are asked for at a time: asked for all that is allowed, Python would make room for it."""

Reader = Callable[[bytes, Given], Record]


def _reader_of(content: Content) -> Reader:
    """Return the function that reads a format; those of devices are imported only when one is met."""
    from einthoven.formats import aecg, dicom, edf, ishne, muse, philips, scp

    readers: dict[Content, Reader] = {
        "mat": read_mat,
        "csv": read_csv,
        "npy": read_npy,
        "npz": read_npz,
        "edf": edf.read_edf,
        "dicom": dicom.read_dicom,
        "scp": scp.read_scp,
        "ishne": ishne.read_ishne,
        "aecg": aecg.read_aecg,
        "muse": muse.read_muse,
        "philips": philips.read_philips,
    }
    return readers[content]


def read_record(
    source: str | os.PathLike[str] | bytes | BinaryIO,
    *,
    fs: float | None = None,
    units: str | None = None,
    leads: Sequence[str] | None = None,
    name: str | None = None,
    strict: bool = False,
    limits: Limits = LIMITS,
) -> Record:
    """Read a recording; its content decides what it is, not its name. What gzip packed is unpacked.

    Parameters
    ----------
    source : a path, the bytes of a file, or a binary file object. A WFDB record is given by the path of its
        header, of one of its signal files, or without ending; it cannot be given as bytes
    fs : sampling rate in Hz of a file that does not state it (MATLAB, CSV, NumPy)
    units : V, mV, uV or nV, of the samples of a file that does not state them
    leads : names of the leads, in order, of a file that states none; otherwise which leads to keep, in order
    name : name of the record; default is the file's name without folder and ending
    strict : whether a doubt about units, gain or lead names is an error, and not just a warning: a gain that
        the file does not state, an impossible amplitude (over 20 mV, or under 0.01 mV throughout)
    limits : the most that is read, see `Limits`; by default files of 4 GiB, 2**31 samples and 256 leads,
        XML of a depth of 64 and a million elements, 1 GiB of what was packed

    Returns
    -------
    The recording in mV, its leads named as usual.

    Raises
    ------
    FormatError : if there is no such file, if it is damaged, contradicts itself, goes beyond a limit or is of
        no format read here
    RecordError : if it has no sample, if fs or units are neither stated nor given, if the file states another
        fs or other units than those given, if these are no number and no text, if a lead is not there, or if
        the caller is strict and units or leads are in doubt
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
    given = Given(
        where=where, name=name or "", fs=rate, units=units, leads=wanted, limits=limits, strict=strict
    )
    record = _read(source, given, label)
    doubts = amplitude_doubts(record, replace(given, where=record.path or where))
    return replace(record, warnings=(*record.warnings, *doubts)) if doubts else record


def _read(source: str | os.PathLike[str] | bytes | BinaryIO, given: Given, label: str) -> Record:
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
    stream = io.BytesIO(source) if isinstance(source, bytes) else source
    try:
        return _read_stream(stream, given)
    except OSError as error:
        raise FormatError(f"{given.where}: expected a readable stream, found {error}") from error


def _read_path(path: Path, given: Given) -> Record:
    header = header_of(path)
    if header is not None:
        record = read_wfdb(header, replace(given, name=given.name or header.stem))
        return replace(record, source_format=NAMES["wfdb"])
    given = replace(given, name=given.name or _stem(path))
    if not path.is_file():
        found = "a folder" if path.is_dir() else "something else" if path.exists() else "no such file"
        raise FormatError(f"{path}: expected a file, found {found}")
    with path.open("rb") as file:
        return _read_stream(file, given, path)


def _stem(path: Path) -> str:
    return (path.with_suffix("") if path.suffix.lower() == ".gz" else path).stem


def _read_stream(stream: BinaryIO, given: Given, path: Path | None = None) -> Record:
    """Read what a stream holds, of which no more than the head is looked at if it is nothing read here."""
    head = _head(stream, given)
    if is_gzip(head):
        unpacked = unpack_gzip(head, stream, given.where, given.limits)
        if is_gzip(unpacked):
            raise FormatError(f"{given.where}: expected a recording in a gzip file, found gzip in gzip")
        record = _read_stream(io.BytesIO(unpacked), given)
        return replace(record, source_format=f"{record.source_format} in gzip")
    content = content_of(head)
    if content is None and (foreign := recognise(head)) is not None:
        raise foreign.refusal(given.where)
    if content == "wfdb" and path is not None:
        return replace(read_wfdb(path, given), source_format=NAMES["wfdb"])
    if content == "wfdb":
        raise FormatError(
            f"{given.where}: expected the path of a WFDB record, found the bytes of its header, "
            "which hold no samples"
        )
    if content is None and path is not None and path.suffix == ".dat":
        raise FormatError(f"{path}: expected header {path.stem}.hea beside a WFDB signal file, found none")
    if content is None:
        found = (why_no_table(head, decode_text(head)) or "unknown content") if head else "an empty file"
        raise FormatError(f"{given.where}: expected one of {', '.join(READ)}, found {found}")
    data = _whole(head, stream, given)
    return replace(_reader_of(content)(data, given), source_format=NAMES[content])


def _whole(head: bytes, stream: BinaryIO, given: Given) -> bytes:
    """Return all that a stream holds, of which the head was read, if it is not too much."""
    data = bytearray(head)
    given.limits.check("file_bytes", len(data), given.where)
    while more := _some(stream, _AT_ONCE, given.where):
        data += more
        given.limits.check("file_bytes", len(data), given.where)
    return bytes(data)


def _head(stream: BinaryIO, given: Given) -> bytes:
    # A pipe gives what it has, which may be less than it will.
    head = b""
    while len(head) < HEAD_BYTES and (more := _some(stream, HEAD_BYTES - len(head), given.where)):
        head += more
    return head


def _some(stream: BinaryIO, n_bytes: int, where: str) -> bytes:
    try:
        more = stream.read(n_bytes)
    except (OSError, ValueError) as error:
        # A file that was closed is a ValueError.
        raise FormatError(f"{where}: expected a readable stream, found {error}") from error
    if not isinstance(more, bytes | None):
        raise RecordError(
            f"{where}: expected a stream of bytes, such as open(path, 'rb') gives, "
            f"found one of {type(more).__name__}"
        )
    return more or b""
