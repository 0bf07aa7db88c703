"""Elements byte by byte; whole files are in tests/spec and tests/oracle."""

import struct
import tracemalloc

import pytest

from einthoven.errors import FormatError
from einthoven.formats.dicom.dictionary import ELEMENTS
from einthoven.formats.dicom.elements import (
    EXPLICIT_BIG,
    EXPLICIT_LITTLE,
    IMPLICIT_LITTLE,
    Element,
    Encoding,
    find_elements,
)

NAME = ELEMENTS["PatientName"][0]
SEQUENCE = ELEMENTS["WaveformSequence"][0]
UNDEFINED = 0xFFFFFFFF


def explicit(tag: int, vr: str, value: bytes, length: int | None = None) -> bytes:
    size = len(value) if length is None else length
    head = struct.pack("<HH2s", tag >> 16, tag & 0xFFFF, vr.encode())
    if vr in ("OB", "OW", "SQ", "UN", "UT"):
        return head + struct.pack("<HI", 0, size) + value
    return head + struct.pack("<H", size) + value


def item(value: bytes, length: int | None = None) -> bytes:
    return struct.pack("<HHI", 0xFFFE, 0xE000, len(value) if length is None else length) + value


END_OF_ITEM = struct.pack("<HHI", 0xFFFE, 0xE00D, 0)
END_OF_SEQUENCE = struct.pack("<HHI", 0xFFFE, 0xE0DD, 0)


def found(data: bytes, encoding: Encoding = EXPLICIT_LITTLE) -> dict[int, Element]:
    elements, end = find_elements(data, 0, len(data), encoding, "x.dcm")
    assert end == len(data)
    return elements


def test_where_the_values_lie() -> None:
    data = (
        explicit(NAME, "PN", b"A^B ") + explicit(0x00091001, "LO", b"own") + explicit(0x00100020, "LO", b"7 ")
    )
    elements = found(data)
    assert elements == {NAME: Element("PN", 8, 12, False), 0x00100020: Element("LO", 31, 33, False)}


def test_implicit_and_big_endian() -> None:
    assert found(struct.pack("<HHI", 0x0010, 0x0010, 2) + b"AB", IMPLICIT_LITTLE) == {
        NAME: Element("", 8, 10, False)
    }
    assert found(struct.pack(">HH2sH", 0x0010, 0x0010, b"PN", 2) + b"AB", EXPLICIT_BIG) == {
        NAME: Element("PN", 8, 10, False)
    }


def test_undefined_lengths_end_where_their_delimiter_says() -> None:
    inner = explicit(NAME, "PN", b"AB")
    value = item(inner + END_OF_ITEM, UNDEFINED) + item(inner)
    data = explicit(SEQUENCE, "SQ", value + END_OF_SEQUENCE, UNDEFINED) + explicit(NAME, "PN", b"CD")
    elements = found(data)
    assert elements[SEQUENCE] == Element("SQ", 12, 12 + len(value), True)
    assert data[elements[NAME].start : elements[NAME].end] == b"CD"


def test_what_was_unknown_to_the_writer_is_implicit_within() -> None:
    inner = struct.pack("<HHI", 0x0010, 0x0010, 2) + b"AB" + END_OF_ITEM
    data = explicit(SEQUENCE, "UN", item(inner, UNDEFINED) + END_OF_SEQUENCE, UNDEFINED)
    assert found(data)[SEQUENCE].vr == "UN"


def test_zeros_at_the_end_are_padding() -> None:
    data = explicit(NAME, "PN", b"AB")
    for n in (1, 7, 8, 100):
        assert NAME in found(data + bytes(n))
    with pytest.raises(
        FormatError, match=r"^x\.dcm: expected an element of at least 8 bytes at 10, found 9$"
    ):
        found(data + bytes(8) + b"1")


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"\x10\0\x10\0PN", "expected an element of at least 8 bytes at 0, found 6"),
        (explicit(NAME, "PN", b"AB", 9), r"expected 9 bytes of element \(0010,0010\) at 8, found 2"),
        (explicit(NAME, "UT", b"", 0)[:10], "expected an element of at least 12 bytes at 0, found 10"),
        (
            explicit(NAME, "xx", b""),
            r"expected a value representation of element \(0010,0010\) at 4, found b'xx'",
        ),
        (item(b""), r"expected an element at 0, found \(FFFE,E000\)"),
        (END_OF_ITEM, r"expected an element at 0, found \(FFFE,E00D\)"),
        (explicit(SEQUENCE, "SQ", b"", UNDEFINED), "expected an element of at least 8 bytes at 12, found 0"),
        (
            explicit(SEQUENCE, "SQ", explicit(NAME, "PN", b"AB"), UNDEFINED),
            r"expected an item \(FFFE,E000\) at 12, found \(0010,0010\)",
        ),
        (
            explicit(SEQUENCE, "SQ", item(b"", 50), UNDEFINED),
            "expected the end of a sequence, found the end of the",
        ),
        (
            explicit(SEQUENCE, "SQ", item(explicit(NAME, "PN", b"", 50), UNDEFINED), UNDEFINED),
            "expected the end of a sequence, found the end of the data at 28",
        ),
    ],
)
def test_what_is_no_element(data: bytes, message: str) -> None:
    with pytest.raises(FormatError, match=rf"^x\.dcm: {message}"):
        found(data)


def test_an_item_that_nothing_ends() -> None:
    with pytest.raises(FormatError, match=r"expected the end of an item, found the end of the data at 10"):
        find_elements(explicit(NAME, "PN", b"AB"), 0, 10, EXPLICIT_LITTLE, "x.dcm", is_open=True)


@pytest.mark.parametrize("kind", ["elements", "items", "nested", "open items"])
def test_a_megabyte_of_next_to_nothing_takes_little_memory(kind: str) -> None:
    n = 60_000
    data = {
        "elements": b"".join(explicit(0x00090000 | i, "LO", b"") for i in range(n)),
        "items": explicit(SEQUENCE, "SQ", item(b"") * n + END_OF_SEQUENCE, UNDEFINED),
        "open items": explicit(SEQUENCE, "SQ", item(END_OF_ITEM, UNDEFINED) * n + END_OF_SEQUENCE, UNDEFINED),
        "nested": b"".join(explicit(SEQUENCE, "SQ", item(b"", UNDEFINED), UNDEFINED) for _ in range(n)),
    }[kind]
    tracemalloc.start()
    try:
        find_elements(data, 0, len(data), EXPLICIT_LITTLE, "x.dcm")
    except FormatError as error:
        assert kind == "nested"
        assert "expected an element of at least 8 bytes at" in str(error)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 20 * len(data)
