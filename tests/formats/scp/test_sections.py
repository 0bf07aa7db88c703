import struct

import pytest
import scp_encoder as scp

from einthoven.errors import FormatError
from einthoven.formats.scp.sections import Section, Sections, is_revision_3, looks_like_scp, read_sections

GOOD = scp.record({1: scp.header(), 3: scp.leads([(1, 2, 3)]), 6: scp.waveform([scp.plain([1, 2])])})
POINTER = struct.Struct("<HII")


def pointer_at(number: int) -> int:
    return 22 + 10 * number


def with_pointer(number: int, *values: int) -> bytes:
    at = pointer_at(number)
    return GOOD[:at] + POINTER.pack(*values) + GOOD[at + 10 :]


def test_sections_that_are_there() -> None:
    sections = read_sections(GOOD, "x.scp")
    assert sorted(sections.by_number) == [1, 3, 6]
    assert (sections.protocol, sections.warnings) == (20, ())
    assert sections.by_number[3].where == "x.scp: section 3"
    assert sections.by_number[3].body[0] == 1


@pytest.mark.parametrize("cut", [0, 6, 31])
def test_files_too_short_for_a_section(cut: int) -> None:
    with pytest.raises(FormatError) as caught:
        read_sections(GOOD[:cut], "x.scp")
    assert str(caught.value) == f"x.scp: expected an SCP-ECG record of at least 32 bytes, found {cut}"


def test_files_that_do_not_begin_with_section_0() -> None:
    data = GOOD[:8] + b"\x07\x00" + GOOD[10:]
    with pytest.raises(
        FormatError, match=r"^x.scp: expected section 0 at byte 7 of an SCP-ECG record, found section 7$"
    ):
        read_sections(data, "x.scp")
    assert not looks_like_scp(data)


def test_positions_that_are_counted_from_0() -> None:
    _, length, position = POINTER.unpack_from(GOOD, pointer_at(3))
    sections = read_sections(with_pointer(3, 3, length, position - 1), "x.scp")
    assert sections.by_number[3].body == read_sections(GOOD, "x.scp").by_number[3].body


def test_a_deciding_section_that_is_not_where_it_should_be() -> None:
    for position in (4, 0, 2**32 - 1):
        with pytest.raises(FormatError) as caught:
            read_sections(with_pointer(3, 3, 28, position), "x.scp")
        assert str(caught.value) == (
            f"x.scp: section 3: expected its header at byte {position} of {len(GOOD)}, found none"
        )


def test_a_describing_section_that_is_not_where_it_should_be() -> None:
    sections = read_sections(with_pointer(1, 1, 20, 9), "x.scp")
    assert sorted(sections.by_number) == [3, 6]
    assert (
        f"section 1: expected its header at byte 9 of {len(GOOD)}, found none: it was not read"
        in sections.warnings
    )


def test_of_two_lengths_the_larger_that_fits_counts() -> None:
    _, length, position = POINTER.unpack_from(GOOD, pointer_at(6))
    body = read_sections(GOOD, "x.scp").by_number[6].body
    for stated in (length - 2, length + 10**6, 1, 15):
        sections = read_sections(with_pointer(6, 6, stated, position), "x.scp")
        assert sections.by_number[6].body == body
        assert (
            f"section 6: expected {stated} bytes as its pointer says, found {length} in its header"
            in sections.warnings
        )


def test_a_section_that_the_file_cuts() -> None:
    sections = read_sections(GOOD[:-3], "x.scp")
    _, length, _ = POINTER.unpack_from(GOOD, pointer_at(6))
    assert (
        f"section 6: expected {length} bytes, found {length - 3}: the file is truncated" in sections.warnings
    )
    assert len(sections.by_number[6].body) == length - 3 - 16


@pytest.mark.parametrize("length", [0, 25, 2**31])
def test_an_impossible_length_of_section_0(length: int) -> None:
    data = GOOD[:10] + struct.pack("<I", length) + GOOD[14:]
    sections = read_sections(data, "x.scp")
    assert sorted(sections.by_number) == [1, 3, 6]
    assert (
        f"section 0: expected at least 26 bytes, found {length}: read as the usual 12 pointers"
        in sections.warnings
    )


def test_of_several_pointers_to_a_section_the_first_counts() -> None:
    _, length, position = POINTER.unpack_from(GOOD, pointer_at(3))
    again = with_pointer(4, 3, 5, 5)
    assert len(read_sections(again, "x.scp").by_number[3].body) == length - 16
    assert position


def test_what_is_expected_within_a_section_is_named() -> None:
    section = read_sections(GOOD, "x.scp").by_number[1]
    with pytest.raises(FormatError) as caught:
        section.unpack("<I", 3, "a number")
    assert (
        str(caught.value) == "x.scp: section 1: expected a number in bytes 4 to 7 of its data, found 4 bytes"
    )


@pytest.mark.parametrize(
    ("in_section", "in_tag", "is_it"),
    [
        (0, 0, False),
        (20, 0, False),
        (97, 0, False),
        (30, 0, True),
        (0, 30, True),
        (31, 30, True),
        (30, 20, False),
        (97, 30, False),
    ],
)
def test_versions(in_section: int, in_tag: int, is_it: bool) -> None:
    assert is_revision_3(Sections({}, in_section, ()), in_tag) == is_it
    beats = Sections({4: Section(4, b"x", "")}, in_section, ())
    assert not is_revision_3(beats, in_tag)
