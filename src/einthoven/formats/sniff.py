"""What a file is, told from its first bytes."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import numpy as np

from einthoven.errors import FormatError
from einthoven.formats.csv import decode_text, find_layout
from einthoven.formats.wfdb_header import looks_like_header, read_header

Content = Literal["wfdb", "mat", "npy", "npz", "csv"]

HEAD_BYTES = 65536
"""How much of a file is looked at."""
READABLE = "WFDB (.hea with .dat or .mat), MATLAB .mat, CSV, NumPy .npy or .npz"
"""What messages call the formats that are read."""

_SIGNATURES: tuple[tuple[bytes, Content], ...] = (
    (b"\x93NUMPY", "npy"),
    (b"PK\x03\x04", "npz"),
    (b"PK\x05\x06", "npz"),
    (b"MATLAB 5.0 MAT-file", "mat"),
    (b"MATLAB 7.", "mat"),
)
_MAT4_HEADER_BYTES = 20


def content_of(head: bytes) -> Content | None:
    """Tell the format of a file from its first bytes (up to `HEAD_BYTES`), or None if it is not read here."""
    for signature, content in _SIGNATURES:
        if head.startswith(signature):
            return content
    if _is_mat4(head):
        return "mat"
    text = decode_text(head)
    if text is None:
        return None
    if looks_like_header(text):
        return "wfdb"
    whole = text if len(head) < HEAD_BYTES else _without_cut_cell(text)
    return "csv" if find_layout(whole) is not None else None


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
