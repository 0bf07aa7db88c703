"""Writing a recording in a standard's format, the counterpart of `read_record`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from einthoven.atomic import write_atomically
from einthoven.errors import ECGError, SettingsError
from einthoven.formats.read import read_record
from einthoven.formats.table import encode_csv, encode_parquet
from einthoven.formats.wfdb.writing import ENDINGS as WFDB_ENDINGS
from einthoven.formats.wfdb.writing import wfdb_files
from einthoven.record import Record


@dataclass(frozen=True, slots=True)
class Writer:
    """How a format is written.

    what : its name in words
    ending : of its files
    encode : record -> bytes of a file; None for WFDB, which is several files
    lacks : what of a `Record` has no place in it
    has_steps : whether its samples are whole multiples of a step
    """

    what: str
    ending: str
    encode: Callable[[Record], bytes] | None
    lacks: tuple[str, ...] = ()
    has_steps: bool = False


def _encode_edf(record: Record) -> bytes:
    from einthoven.formats.edf import encode_edf

    return encode_edf(record)


def _encode_dicom(record: Record) -> bytes:
    from einthoven.formats.dicom import encode_dicom

    return encode_dicom(record)


def _encode_aecg(record: Record) -> bytes:
    from einthoven.formats.aecg import encode_aecg

    return encode_aecg(record)


WRITERS = {
    "wfdb": Writer("WFDB", ".hea", None, ("representative_beat",)),
    "edf": Writer("EDF+", ".edf", _encode_edf, ("representative_beat",), has_steps=True),
    "dicom": Writer("DICOM", ".dcm", _encode_dicom, has_steps=True),
    "aecg": Writer("HL7 aECG", ".xml", _encode_aecg, has_steps=True),
    "csv": Writer("CSV", ".csv", encode_csv, ("representative_beat",)),
    "parquet": Writer("Parquet", ".parquet", encode_parquet, ("representative_beat",)),
}
"""What can be written, by the name that callers use."""


def writer_of(path: Path, kind: str | None = None) -> str:
    """Return the name of the format that a file is written in: `kind`, or what its ending stands for.

    Raises SettingsError if there is no such format, or if the ending stands for none.
    """
    if kind is not None:
        if kind not in WRITERS:
            raise SettingsError(f"expected a format among {', '.join(WRITERS)}, found {kind!r}")
        return kind
    for name, writer in WRITERS.items():
        if path.suffix.lower() == writer.ending:
            return name
    endings = ", ".join(writer.ending for writer in WRITERS.values())
    found = path.suffix or "none"
    raise SettingsError(f"{path}: expected an ending among {endings}, or the format by name, found {found}")


def written_files(path: Path, kind: str) -> tuple[Path, ...]:
    """Return the files that may be written or removed where a record is written to a path; the first is the
    one to be read again.
    """
    if WRITERS[kind].encode is None:
        return tuple(path.parent / f"{path.stem}{ending}" for ending in WFDB_ENDINGS)
    return (path,)


def write_record(
    record: Record, path: str | Path, kind: str | None = None, *, removes_marks: bool = False
) -> tuple[str, ...]:
    """Write a record as one file, or for WFDB as a header and its files, each whole or not at all.

    A file that is there is replaced.

    kind : a name of `WRITERS`; if not given, what the ending of the path stands for
    removes_marks : whether annotations (`.atr`) go that are beside a WFDB record which has none of its own

    Returns what of the record had no place in this format, or not as it was, in words.

    Raises SettingsError as `writer_of`, RecordError if the format cannot hold the samples or if such
    annotations must not go, OSError if the file cannot be written.
    """
    path = Path(path)
    name = writer_of(path, kind)
    encode = WRITERS[name].encode
    if encode is None:
        files = wfdb_files(replace(record, name=path.stem))
        files.write(path.parent, removes_marks=removes_marks)
        return (*lost(record, name), *files.changed)
    content = encode(record)
    write_atomically(path, content)
    return (*lost(record, name), *_rounding(record, name, content))


def lost(record: Record, kind: str) -> tuple[str, ...]:
    """Say what of a record has no place in a format."""
    return tuple(part.replace("_", " ") for part in WRITERS[kind].lacks if getattr(record, part))


def _rounding(record: Record, kind: str, content: bytes) -> tuple[str, ...]:
    """Say how far samples moved, of a format that keeps them in steps, by reading back what was written."""
    if not WRITERS[kind].has_steps:
        return ()
    try:
        back = read_record(content)
    except ECGError:
        # Such as a rate that no reader takes for that of an ECG.
        return ()
    if back.n_leads != record.n_leads or back.n_samples < record.n_samples:
        return ()
    moved = np.abs(back.signal[:, : record.n_samples] - record.signal)
    largest = float(np.nanmax(moved, initial=0.0)) * 1000
    return (f"samples rounded by up to {largest:.2g} uV",) if largest > 0 else ()
