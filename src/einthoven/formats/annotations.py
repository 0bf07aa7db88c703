"""Annotation files beside recordings: found, checked against the recording, and written.

The format is that of MIT, `RECORD.atr` and the like, see `einthoven.formats.wfdb.annotations`; what is
written `wfdb.rdann` reads back the same, and the other way round.
"""

from __future__ import annotations

from glob import escape as glob_escape
from pathlib import Path

import numpy as np

from einthoven.atomic import write_atomically
from einthoven.errors import FormatError, RecordError, SettingsError
from einthoven.formats.limits import LIMITS
from einthoven.formats.sniff import header_of
from einthoven.formats.wfdb.annotations import SYMBOLS, decode_annotations, encode_annotations
from einthoven.formats.wfdb.header import read_header
from einthoven.formats.wfdb.signal_files import size_of
from einthoven.record import Annotation, Record

_NO_ANNOTATIONS = (".hea", ".dat", ".mat")


def read_annotations(record: Record, extension: str) -> Annotation:
    """Read the annotation file that lies beside a recording.

    Parameters
    ----------
    record : a recording that was read from a file
    extension : the annotator's name, which is the ending of the file: `atr` for `RECORD.atr`

    Returns
    -------
    The marks, in samples of the recording; none is out of order, before its start or past its end.

    Raises
    ------
    RecordError if the recording came from memory.
    FormatError if there is no such file, if it is no annotation file, is a link that leads out of the
        recording's folder, is larger than the limit, or if its marks do not fit the recording.
    """
    if not record.path:
        raise RecordError(f"{record.name or 'record'}: expected a recording from a file, found none: "
                          "annotations lie beside it")  # fmt: skip
    source = Path(record.path)
    header = header_of(source)
    beside = source.with_suffix("") if header is None else header.with_suffix("")
    path = beside.with_name(f"{beside.name}.{extension.removeprefix('.')}")
    if path.suffix in _NO_ANNOTATIONS:
        raise FormatError(f"{path}: expected the ending of an annotation file, such as atr, "
                          f"found {extension!r}")  # fmt: skip
    size = size_of(path, path.parent, str(header or source))
    if size is None:
        raise FormatError(f"{path}: expected an annotation file, found none{_others(beside)}")
    LIMITS.check("file_bytes", size, str(path))
    frame_fs = None if header is None else read_header(header).fs
    try:
        data = path.read_bytes()
    except OSError as error:
        raise FormatError(f"{path}: expected a readable file, found {error}") from error
    marks = decode_annotations(data, record.fs, str(path), frame_fs)
    _check_fits(marks, record, path)
    return marks


def write_annotations(annotation: Annotation, fs: float, path: Path) -> None:
    """Write an annotation file that states its rate, whole or not at all.

    fs : rate that the samples count in, Hz

    Raises RecordError as `encode_annotations`, OSError if the file cannot be written.
    """
    write_atomically(path, encode_annotations(annotation, fs))


def refuse_reference(path: Path) -> None:
    """Raise SettingsError if a file is the annotations of a recording: often the work of cardiologists."""
    if path.is_file() and path.with_suffix(".hea").is_file():
        raise SettingsError(f"{path}: expected a new file, found the annotations of the recording beside it: "
                            "choose another folder, or --force to replace them")  # fmt: skip


def _others(beside: Path) -> str:
    """Name the files of the record that could be meant."""
    paths = beside.parent.glob(f"{glob_escape(beside.name)}.*") if beside.parent.is_dir() else ()
    names = sorted(path.name for path in paths if path.suffix not in _NO_ANNOTATIONS)
    return f"; beside it: {', '.join(names)}" if names else ""


def _check_fits(marks: Annotation, record: Record, path: Path) -> None:
    unknown = [symbol for symbol in marks.symbols if symbol.isdecimal() and int(symbol) not in SYMBOLS]
    if unknown:
        raise FormatError(f"{path}: expected annotation codes up to {max(SYMBOLS)}, found {unknown[0]}: "
                          "is it an annotation file?")  # fmt: skip
    samples = marks.samples
    if len(samples) == 0:
        return
    if (np.diff(samples, prepend=0) < 0).any():
        raise FormatError(f"{path}: expected marks in order of time from sample 0 on, found one before its "
                          "predecessor: is it an annotation file?")  # fmt: skip
    if samples[-1] >= record.n_samples:
        n_beyond = int((samples >= record.n_samples).sum())
        raise FormatError(
            f"{path}: expected annotations within {record.n_samples} samples, found {n_beyond} beyond, the "
            f"last at {samples[-1]}: is it of another recording?"
        )
