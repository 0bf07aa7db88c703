"""What a file is, told from its first bytes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Literal

import numpy as np

from einthoven.errors import FormatError
from einthoven.formats.table.reading import decode_text, find_layout
from einthoven.formats.wfdb.header import looks_like_header, read_header
from einthoven.formats.xml import root_of

Content = Literal[
    "wfdb", "edf", "dicom", "aecg", "muse", "philips", "scp", "ishne", "mat", "npy", "npz", "csv"
]
NAMES: dict[Content, str] = {
    "wfdb": "WFDB",
    "edf": "EDF",
    "dicom": "DICOM",
    "aecg": "HL7 aECG",
    "muse": "GE MUSE XML",
    "philips": "Philips XML",
    "scp": "SCP-ECG",
    "ishne": "ISHNE",
    "mat": "MATLAB",
    "npy": "NumPy",
    "npz": "NumPy",
    "csv": "CSV",
}
"""What the formats are called in words."""
OF_DEVICES: frozenset[Content] = frozenset({"edf", "dicom", "aecg", "muse", "philips", "scp", "ishne"})
"""Formats in which a file is a recording, by whatever name."""

HEAD_BYTES = 65536
"""How much of a file is looked at."""
READ = tuple(dict.fromkeys(NAMES.values()))
"""The formats that are read, in words."""

_SIGNATURES: tuple[tuple[bytes, Content], ...] = (
    (b"\x93NUMPY", "npy"),
    (b"PK\x03\x04", "npz"),
    (b"PK\x05\x06", "npz"),
    (b"MATLAB 5.0 MAT-file", "mat"),
    (b"MATLAB 7.", "mat"),
)
_MAT4_HEADER_BYTES = 20
_LIKE_TEXT = (b"0  ", b"\xffBIOSEMI")
"""How EDF and BDF begin, which are binary, but whose headers may be text."""


def content_of(head: bytes) -> Content | None:
    """Tell the format of a file from its first bytes (up to `HEAD_BYTES`), or None if it is not read here."""
    for signature, content in _SIGNATURES:
        if head.startswith(signature):
            return content
    if _is_mat4(head):
        return "mat"
    if root_of(head) is not None:
        return _first_of(_documents(), head)
    text = decode_text(head)
    if (text is None or head.startswith(_LIKE_TEXT)) and (device := _first_of(_binaries(), head)):
        return device
    if text is None:
        return None
    if looks_like_header(text):
        return "wfdb"
    whole = text if len(head) < HEAD_BYTES else _without_cut_cell(text)
    return "csv" if find_layout(whole) is not None else None


def _first_of(formats: Sequence[tuple[Content, Callable[[bytes], bool]]], head: bytes) -> Content | None:
    return next((content for content, looks_like in formats if looks_like(head)), None)


def _documents() -> tuple[tuple[Content, Callable[[bytes], bool]], ...]:
    """Return the formats of devices that are XML, imported only where something may be one."""
    from einthoven.formats import aecg, muse, philips

    return (
        ("aecg", aecg.looks_like_aecg),
        ("muse", muse.looks_like_muse),
        ("philips", philips.looks_like_philips),
    )


def _binaries() -> tuple[tuple[Content, Callable[[bytes], bool]], ...]:
    """Return the formats of devices that are binary, imported only where something may be one."""
    from einthoven.formats import dicom, edf, ishne, scp

    return (
        ("edf", edf.looks_like_edf),
        ("dicom", dicom.looks_like_dicom),
        ("scp", scp.looks_like_scp),
        ("ishne", ishne.looks_like_ishne),
    )


def header_of(path: Path) -> Path | None:
    """Return the WFDB header that a path stands for, or None.

    That is a `.hea` file itself, the record's name without ending, or a signal or annotation file beside a
    header of the same name that refers to it.

    Raises FormatError, naming the file as well, if the header beside it is damaged.
    """
    if path.suffix == ".hea":
        return path
    if not path.exists() or path.is_dir():
        header = path.parent / f"{path.name}.hea"
        return header if header.is_file() else None
    header = path.with_suffix(".hea")
    if not header.is_file():
        return None
    if path.suffix == ".atr" or _refers_to(header, path):
        return header
    return None


def _refers_to(header: Path, path: Path) -> bool:
    try:
        signals = read_header(header).signals
    except FormatError as error:
        raise FormatError(f"{path}: expected a readable WFDB header beside it: {error}") from error
    return any(path.name == signal.file_name for signal in signals)


def _is_mat4(head: bytes) -> bool:
    if len(head) < _MAT4_HEADER_BYTES:
        return False
    kind, _, _, imaginary, name_length = np.frombuffer(head, "<u4", 5).tolist()
    # Type MOPT: machine little-endian, a reserved 0, a number format, a matrix that is full, text or sparse.
    number_format, matrix = kind // 10, kind % 10
    name = head[_MAT4_HEADER_BYTES : _MAT4_HEADER_BYTES + name_length]
    return (
        number_format <= 5
        and matrix <= 2
        and imaginary <= 1
        and 1 < name_length <= 256
        and name.endswith(b"\0")
        and name[:-1].isascii()
        and name[:1].isalpha()
    )


def _without_cut_cell(text: str) -> str:
    lines = text.splitlines()
    if len(lines) > 1:
        return "\n".join(lines[:-1])
    return text.rstrip("0123456789+-.eE ").rstrip(",;\t")
