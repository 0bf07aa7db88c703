"""Data elements: where the values of a data set lie in a file. Nothing is copied, nothing recurses.

Source: DICOM PS3.5, section 7 and annex A. pydicom, which writes files here and is the oracle of the tests,
makes objects of whatever it meets, 85 bytes of memory for each byte of a hostile file.
Differences: elements need not be in order; of one that is there twice the last counts; zeros at the end, less
than an element would be, are passed over.
"""

from __future__ import annotations

from dataclasses import dataclass
from struct import Struct
from typing import Literal

from einthoven.errors import FormatError
from einthoven.formats.dicom.dictionary import TAGS

ITEM, ITEM_END, SEQUENCE_END = 0xFFFEE000, 0xFFFEE00D, 0xFFFEE0DD
UNDEFINED = 0xFFFFFFFF
"""A length that is told by what ends the value."""
_LONG = frozenset(
    name.encode() for name in ("OB", "OD", "OF", "OL", "OV", "OW", "SQ", "SV", "UC", "UN", "UR", "UT", "UV")
)
"""Value representations whose length takes four bytes."""
_SHORT = frozenset(
    name.encode()
    for name in (
        *("AE", "AS", "AT", "CS", "DA", "DS", "DT", "FD", "FL", "IS", "LO", "LT", "PN", "SH", "SL", "SS"),
        *("ST", "TM", "UI", "UL", "US"),
    )
)


@dataclass(frozen=True, slots=True)
class Encoding:
    """How elements are encoded.

    is_explicit : whether their value representation is in the file
    order : of bytes
    """

    is_explicit: bool
    order: Literal["little", "big"]


IMPLICIT_LITTLE = Encoding(False, "little")
EXPLICIT_LITTLE = Encoding(True, "little")
EXPLICIT_BIG = Encoding(True, "big")

_HEADERS = {"little": (Struct("<HH2sH"), Struct("<HHI"), Struct("<I")),
            "big": (Struct(">HH2sH"), Struct(">HHI"), Struct(">I"))}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Element:
    """Where the value of an element lies.

    vr : its value representation, empty if the file does not say
    is_undefined : whether its length is undefined, so that it consists of items
    """

    vr: str
    start: int
    end: int
    is_undefined: bool


def find_elements(
    data: bytes,
    at: int,
    end: int,
    encoding: Encoding,
    where: str,
    *,
    is_open: bool = False,
    group: int | None = None,
) -> tuple[dict[int, Element], int]:
    """Find the elements between two positions by their tags, and return where they end.

    is_open : whether an Item Delimitation Item ends them
    group : read elements of this group only, and stop at the first of another

    Raises FormatError, naming the position, if an element is cut off or cannot be one.
    """
    elements: dict[int, Element] = {}
    while at < end:
        if group is not None and int.from_bytes(data[at : at + 2], encoding.order) != group:
            # Those of another group may be encoded in another way.
            break
        if end - at < 8 or data.startswith(bytes(8), at):
            if data.count(0, at, end) == end - at:
                at = end
                break
            raise _cut(where, at, 8, end)
        tag, vr, start, length = _header(data, at, end, encoding, where)
        if tag == ITEM_END and is_open:
            return elements, start
        if tag >> 16 == 0xFFFE:
            raise FormatError(f"{where}: expected an element at {at}, found {_words(tag)}")
        if length == UNDEFINED:
            stop, at = _skip_items(data, start, end, IMPLICIT_LITTLE if vr == "UN" else encoding, where)
        else:
            stop = at = start + length
            if stop > end:
                raise FormatError(f"{where}: expected {length} bytes of element {_words(tag)} at {start}, "
                                  f"found {end - start}")  # fmt: skip
        if tag in TAGS:
            elements[tag] = Element(vr, start, stop, length == UNDEFINED)
    if is_open:
        raise FormatError(f"{where}: expected the end of an item, found the end of the data at {end}")
    return elements, at


def _header(data: bytes, at: int, end: int, encoding: Encoding, where: str) -> tuple[int, str, int, int]:
    """Return tag, value representation, where the value starts, and its length."""
    explicit, implicit, long = _HEADERS[encoding.order]
    if end - at < 8:
        raise _cut(where, at, 8, end)
    group, element, vr, length = explicit.unpack_from(data, at)
    tag = group << 16 | element
    if not encoding.is_explicit or group == 0xFFFE:
        return tag, "", at + 8, implicit.unpack_from(data, at)[2]
    if vr in _SHORT:
        return tag, vr.decode("ascii"), at + 8, length
    if vr not in _LONG:
        raise FormatError(f"{where}: expected a value representation of element {_words(tag)} at {at + 4}, "
                          f"found {vr!r}")  # fmt: skip
    if end - at < 12:
        raise _cut(where, at, 12, end)
    return tag, vr.decode("ascii"), at + 12, long.unpack_from(data, at + 8)[0]


def _skip_items(data: bytes, at: int, end: int, encoding: Encoding, where: str) -> tuple[int, int]:
    """Pass over a value of undefined length; return where its last item ends, and where the next element is.

    Items within items are kept on a stack of our own, so that no depth of them is too deep.
    """
    # For each open sequence its encoding and whether one of its items is open.
    levels = [(encoding, False)]
    while True:
        encoding, is_in_item = levels[-1]
        if not is_in_item:
            if data.startswith(_MARKS[encoding.order][SEQUENCE_END], at) and end - at >= 8:
                levels.pop()
                if not levels:
                    return at, at + 8
                at += 8
                continue
            length = item_length(data, at, end, encoding, where)
            at += 8
            if length == UNDEFINED:
                levels[-1] = encoding, True
            else:
                at += length
        else:
            tag, vr, start, length = _header(data, at, end, encoding, where)
            at = start
            if tag == ITEM_END:
                levels[-1] = encoding, False
            elif length == UNDEFINED:
                levels.append((IMPLICIT_LITTLE if vr == "UN" else encoding, False))
            else:
                at += length
        if at > end:
            raise FormatError(f"{where}: expected the end of a sequence, found the end of the data at {end}")


_MARKS = {
    order: {tag: Struct(f"{sign}HH").pack(tag >> 16, tag & 0xFFFF) for tag in (ITEM, SEQUENCE_END)}
    for order, sign in (("little", "<"), ("big", ">"))
}


def item_length(data: bytes, at: int, end: int, encoding: Encoding, where: str) -> int:
    """Return the length that an item of a sequence states, which may be `UNDEFINED`.

    Raises FormatError if there is none at this position.
    """
    if end - at < 8:
        raise _cut(where, at, 8, end)
    group, element, length = _HEADERS[encoding.order][1].unpack_from(data, at)
    tag = group << 16 | element
    if tag != ITEM:
        raise FormatError(f"{where}: expected an item (FFFE,E000) at {at}, found {_words(tag)}")
    return int(length)


def _cut(where: str, at: int, need: int, end: int) -> FormatError:
    return FormatError(f"{where}: expected an element of at least {need} bytes at {at}, found {end - at}")


def _words(tag: int) -> str:
    return f"({tag >> 16:04X},{tag & 0xFFFF:04X})"
