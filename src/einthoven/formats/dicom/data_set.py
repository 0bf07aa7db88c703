"""Data sets: text, numbers and items of the elements that are needed.

Source: DICOM PS3.5, 6.2 and 7.5.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from math import isfinite, nan
from typing import Any

import numpy as np

from einthoven.errors import FormatError
from einthoven.formats.dicom.character_sets import decode_text
from einthoven.formats.dicom.dictionary import ELEMENTS, words_of
from einthoven.formats.dicom.elements import (
    IMPLICIT_LITTLE,
    UNDEFINED,
    Element,
    Encoding,
    find_elements,
    item_length,
)

_BINARY = {"US": "u2", "SS": "i2", "UL": "u4", "SL": "i4", "FL": "f4", "FD": "f8"}
_DECIMAL = re.compile(r"[-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d{1,3})?", re.ASCII)
_LONGEST_DECIMAL = 64
_ONE_VALUE = ("LT", "ST", "UT", "UR")
"""Text in which a backslash is no delimiter."""


@dataclass(frozen=True)
class DataSet:
    """A data set, or an item of a sequence.

    data : the whole file
    elements : by tag, where their values lie
    where : what messages call it
    inherited : the character sets of the data set that it is part of
    """

    data: bytes
    encoding: Encoding
    elements: Mapping[int, Element]
    where: str
    inherited: tuple[str, ...] = ()

    def __contains__(self, keyword: str) -> bool:
        """Tell whether an element is there and not empty."""
        element = self.elements.get(ELEMENTS[keyword][0])
        return element is not None and element.end > element.start

    def raw(self, keyword: str) -> memoryview:
        """Return the value's bytes, none if it is not there.

        Raises FormatError if it consists of items.
        """
        element = self.elements.get(ELEMENTS[keyword][0])
        if element is None:
            return memoryview(b"")
        if element.is_undefined:
            raise FormatError(f"{self.where}: expected {words_of(keyword)} in one piece, found items")
        return memoryview(self.data)[element.start : element.end]

    def vr(self, keyword: str) -> str:
        """Return the value representation that the file states, or else the dictionary's."""
        tag, vr = ELEMENTS[keyword]
        stated = self.elements[tag].vr if tag in self.elements else ""
        return vr if stated in ("", "UN") else stated

    def texts(self, keyword: str) -> list[str]:
        """Return the values of an element of text; those that are empty are kept where there are others."""
        # An ill-formed description stops nothing: what consists of items is no text.
        element = self.elements.get(ELEMENTS[keyword][0])
        if element is None or element.is_undefined:
            return []
        text = decode_text(bytes(self.raw(keyword)), self.character_sets)
        values = [text] if ELEMENTS[keyword][1] in _ONE_VALUE else [one.strip() for one in text.split("\\")]
        return values if any(values) else []

    def text(self, keyword: str) -> str:
        """Return an element of text, several values with commas between them; empty if it is not there."""
        return ", ".join(filter(None, self.texts(keyword)))

    def numbers(self, keyword: str) -> list[float]:
        """Return the values of a numeric element, text or binary.

        Raises FormatError if one is no finite number.
        """
        vr = self.vr(keyword)
        values: list[float] = (
            self.binary(keyword, vr).tolist()
            if vr in _BINARY
            else [_number(text) for text in self.texts(keyword) if text]
        )
        if not all(map(isfinite, values)):
            raise FormatError(f"{self.where}: expected numbers in {words_of(keyword)}, "
                              f"found {self.text(keyword)[:60]!r}")  # fmt: skip
        return values

    def binary(self, keyword: str, vr: str) -> np.ndarray[Any, Any]:
        """Return the values of a binary numeric element; bytes that are no whole one are dropped."""
        raw = self.raw(keyword)
        dtype = np.dtype(_BINARY[vr]).newbyteorder("<" if self.encoding.order == "little" else ">")
        return np.frombuffer(raw[: len(raw) // dtype.itemsize * dtype.itemsize], dtype)

    def number(self, keyword: str, default: float | None = None) -> float:
        """Return the first value of a numeric element.

        Raises FormatError if it is no number, or not there and there is no default.
        """
        values = self.numbers(keyword)
        if values:
            return values[0]
        if default is None:
            raise FormatError(f"{self.where}: expected {words_of(keyword)}, found none")
        return default

    def integer(self, keyword: str, default: int | None = None) -> int:
        """Return the first value of a numeric element, which is to be a whole number.

        Raises FormatError if it is none, or not there and there is no default.
        """
        value = self.number(keyword, default)
        if value != int(value):
            raise FormatError(
                f"{self.where}: expected a whole number in {words_of(keyword)}, found {value:g}"
            )
        return int(value)

    def items(self, keyword: str) -> Iterator[DataSet]:
        """Go through the items of a sequence, one at a time.

        Raises FormatError if it is no sequence, or if an item is damaged or ends beyond it.
        """
        tag = ELEMENTS[keyword][0]
        element = self.elements.get(tag)
        if element is None:
            return
        if element.vr not in ("", "SQ", "UN"):
            raise FormatError(f"{self.where}: expected a sequence in {words_of(keyword)}, found {element.vr}")
        # What was not known to whoever wrote the file is encoded implicitly: PS3.5, 6.2.2.
        encoding = IMPLICIT_LITTLE if element.vr == "UN" else self.encoding
        at, number = element.start, 0
        while at < element.end:
            number += 1
            where = f"{self.where}, {keyword} {number}"
            length = item_length(self.data, at, element.end, encoding, where)
            at += 8
            end = element.end if length == UNDEFINED else at + length
            if end > element.end:
                raise FormatError(f"{where}: expected an item of {length} bytes at {at}, "
                                  f"found {element.end - at}")  # fmt: skip
            is_open = length == UNDEFINED
            found, at = find_elements(self.data, at, end, encoding, where, is_open=is_open)
            yield DataSet(self.data, encoding, found, where, self.character_sets)

    def first(self, keyword: str) -> DataSet | None:
        """Return the first item of a sequence, or None."""
        return next(self.items(keyword), None)

    @cached_property
    def character_sets(self) -> tuple[str, ...]:
        """Its Specific Character Set, or that of what it is part of."""
        element = self.elements.get(ELEMENTS["SpecificCharacterSet"][0])
        if element is None or element.is_undefined or element.end == element.start:
            return self.inherited
        text = self.data[element.start : element.end].decode("ascii", errors="replace")
        return tuple(name.strip("\0 ") for name in text.split("\\"))


def _number(text: str) -> float:
    # The pattern takes quadratic time to find that it does not fit.
    is_number = len(text) <= _LONGEST_DECIMAL and _DECIMAL.fullmatch(text)
    return float(text) if is_number else nan
