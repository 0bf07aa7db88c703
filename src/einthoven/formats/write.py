"""Writing a recording in a standard's format, the counterpart of `read_record`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from einthoven.atomic import write_atomically
from einthoven.errors import SettingsError
from einthoven.formats.table import encode_csv, encode_parquet
from einthoven.formats.wfdb import write_wfdb
from einthoven.record import Record


@dataclass(frozen=True, slots=True)
class Writer:
    """How a format is written.

    what : its name in words
    ending : of its files
    encode : record -> bytes of a file; None for WFDB, which is several files
    lacks : what of a `Record` has no place in it
    """

    what: str
    ending: str
    encode: Callable[[Record], bytes] | None
    lacks: tuple[str, ...] = ()


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
    "edf": Writer("EDF+", ".edf", _encode_edf, ("representative_beat",)),
    "dicom": Writer("DICOM", ".dcm", _encode_dicom),
    "aecg": Writer("HL7 aECG", ".xml", _encode_aecg),
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


def write_record(record: Record, path: Path, kind: str | None = None) -> tuple[str, ...]:
    """Write a record as one file, or for WFDB as a header and its files, whole or not at all.

    kind : a name of `WRITERS`; if not given, what the ending of the path stands for

    Returns what of the record had no place in this format, in words.

    Raises SettingsError as `writer_of`, RecordError if the format cannot hold the samples, OSError if the
    file cannot be written.
    """
    name = writer_of(path, kind)
    encode = WRITERS[name].encode
    if encode is None:
        write_wfdb(replace(record, name=path.stem), path.parent, name=path.stem, gain=None)
    else:
        write_atomically(path, encode(record))
    return lost(record, name)


def lost(record: Record, kind: str) -> tuple[str, ...]:
    """Say what of a record has no place in a format."""
    return tuple(part.replace("_", " ") for part in WRITERS[kind].lacks if getattr(record, part))
