"""Samples as the text of an element: Base64, Hex or Plain."""

from __future__ import annotations

import binascii
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from einthoven.errors import FormatError

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

_TOKEN = re.compile(r"\S+")
_WHOLE = re.compile(r"[+-]?\d{1,6}", re.ASCII)


def decode_bytes(element: Element, encoding: str, where: str) -> bytes:
    """Return the bytes of an element in Base64 or Hex; blanks and line ends do not count.

    Raises FormatError if the text is not in this encoding, or the encoding is another.
    """
    text = "".join((element.text or "").split())
    try:
        if encoding == "Base64":
            return binascii.a2b_base64(text, strict_mode=True)
        if encoding == "Hex":
            return binascii.a2b_hex(text)
    except ValueError as error:
        raise FormatError(f"{where}, {element.tag}: expected {encoding}, found {error}") from error
    raise FormatError(f"{where}, {element.tag}: expected Base64, Hex or Plain, found {encoding!r:.40}")


def decode_words(element: Element, encoding: str, signed: bool, where: str) -> NDArray[np.int32]:
    """Return the uncompressed samples of an element, words of 16 bits or, if Plain, numbers in text.

    Raises FormatError if the text is not in this encoding.
    """
    if encoding == "Plain":
        return np.fromiter(_numbers(element, where), np.int32)
    data = decode_bytes(element, encoding, where)
    if len(data) % 2:
        raise FormatError(f"{where}, {element.tag}: expected words of 2 bytes, found {len(data)} bytes")
    return np.frombuffer(data, "<i2" if signed else "<u2").astype(np.int32)


def _numbers(element: Element, where: str) -> Iterator[int]:
    for token in _TOKEN.finditer(element.text or ""):
        if not _WHOLE.fullmatch(token[0]):
            raise FormatError(f"{where}, {element.tag}: expected whole numbers of up to 6 digits, "
                              f"found {token[0]!r:.40}")  # fmt: skip
        yield int(token[0])
