"""Texts of SCP-ECG, in the alphabet that the recording device says it uses.

Source: EN 1064:2005+A1:2007, 5.4.3 and 5.4.5, tag 14, byte 17 (language support code); Annex A.
Differences: where ASCII or Latin-1 is stated, as nearly everywhere, text that is UTF-8 is read as such.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

ASCII = 0
"""The code of a file that states none."""
_CODECS: Mapping[int, str] = MappingProxyType(
    {
        0x03: "iso8859_2",
        0x0B: "iso8859_4",
        0x13: "iso8859_5",
        0x1B: "iso8859_6",
        0x23: "iso8859_7",
        0x2B: "iso8859_8",
        0x33: "iso8859_11",
        0x3B: "iso8859_15",
        0x07: "utf-16-le",
        0x0F: "shift_jis",
        0x17: "euc_jp",
        0x1F: "euc_jp",
        0x27: "gb2312",
        0x2F: "euc_kr",
        0x37: "utf-8",
    }
)
_WIDE = 0x07


def decode_text(raw: bytes, language: int = ASCII) -> str:
    """Return a text up to its terminating null, without blanks around it; never fails.

    language : the language support code; an unknown one is read as Latin-1

    >>> decode_text(b"Smith \\0rest"), decode_text("Łódź".encode("iso8859_2"), 0x03)
    ('Smith', 'Łódź')
    """
    codec = _CODECS.get(language)
    if language == _WIDE:
        return _printable(raw[: len(raw) // 2 * 2].decode("utf-16-le", errors="replace").split("\0")[0])
    raw = raw.split(b"\0", 1)[0]
    if codec is not None:
        return _printable(raw.decode(codec, errors="replace"))
    try:
        return _printable(raw.decode("utf-8"))
    except UnicodeDecodeError:
        return _printable(raw.decode("latin-1"))


def _printable(text: str) -> str:
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(c if c.isprintable() or c in "\n\t" else " " for c in lines).strip()
