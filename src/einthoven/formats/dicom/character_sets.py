"""Text of data elements: DICOM PS3.5, section 6.1; Specific Character Set, PS3.3, C.12.1.1.2."""

from __future__ import annotations

import warnings
from collections.abc import Sequence

_ESCAPE = b"\x1b"
_DELIMITERS = {"^", "=", "\\", "\t", "\n", "\f", "\r"}
"""What returns to the first character set."""


def decode_text(data: bytes, character_sets: Sequence[str]) -> str:
    """Decode text, without the blanks and zeros that pad it.

    character_sets : the defined terms of Specific Character Set; those that are none count as not there

    Bytes of no stated set are taken as UTF-8, or else as Latin-1.
    """
    is_plain = data.isascii() and _ESCAPE not in data
    return (data.decode("ascii") if is_plain else _decode(data, character_sets)).strip("\0 ")


def _decode(data: bytes, character_sets: Sequence[str]) -> str:
    from pydicom.charset import convert_encodings, decode_bytes, python_encoding

    # Names of Python's own codecs, which pydicom would take, are not all made for text of strangers.
    known = [name for name in character_sets if name in python_encoding]
    if not any(known):
        try:
            return data.decode("utf-8")
        except UnicodeDecodeError:
            return data.decode("latin-1")
    with warnings.catch_warnings():
        # What cannot be decoded becomes a replacement character: names are for reading, not for deciding.
        warnings.simplefilter("ignore")
        return decode_bytes(data, convert_encodings(known), set(map(ord, _DELIMITERS)))
