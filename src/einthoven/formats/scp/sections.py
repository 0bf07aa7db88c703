"""Section 0 of SCP-ECG: which sections a record has and where; headers and checksums of all of them.

Source: EN 1064:2005+A1:2007, 5.2 and 5.3. Everything is little-endian; positions are counted from 1.
"""

from __future__ import annotations

import struct
from binascii import crc_hqx
from collections.abc import Mapping
from dataclasses import dataclass

from einthoven.errors import FormatError

POINTERS, HEADER, HUFFMAN, LEADS, BEATS, REFERENCE, RHYTHM, MEASUREMENTS, STATEMENTS = range(9)
"""Numbers of the sections that are read."""
LONG_TERM = 12
"""Long-term rhythm data, of EN 1064:2020."""

_DECIDING = frozenset({HUFFMAN, LEADS, RHYTHM})
"""Without one of these the samples would be wrong, or not there."""
_RECORD = struct.Struct("<HI")
_HEADER = struct.Struct("<HHIBB6s")
_POINTER = struct.Struct("<HII")
_NAME = b"SCPECG"
_USUAL_POINTERS = 12
_CRC_START = 0xFFFF
_REVISION_3 = range(30, 50)
"""Versions of the protocol, in tenths, that know no reference beat subtraction and no bimodal compression."""


@dataclass(frozen=True, slots=True)
class Section:
    """The data of one section, without its header.

    number : its identification
    body : the bytes after the header
    where : what messages call it: the file, and the section's number
    """

    number: int
    body: bytes
    where: str

    def unpack(self, layout: str, at: int, what: str) -> tuple[int, ...]:
        """Return the integers of a struct layout at a position of the data.

        Raises FormatError, naming what was expected there, if the section ends before.
        """
        size = struct.calcsize(layout)
        if at + size > len(self.body):
            raise FormatError(
                f"{self.where}: expected {what} in bytes {at + 1} to {at + size} of its data, "
                f"found {len(self.body)} bytes"
            )
        return struct.unpack_from(layout, self.body, at)


@dataclass(frozen=True, slots=True)
class Sections:
    """What a record is made of.

    by_number : the sections that hold data, by their numbers
    protocol : version of the protocol in tenths, such as 13 or 20, as section 0 states it; 0 if it does not
    warnings : what does not fit together, but stops nothing
    """

    by_number: Mapping[int, Section]
    protocol: int
    warnings: tuple[str, ...]


def looks_like_scp(head: bytes) -> bool:
    """Tell whether a file is an SCP-ECG record from its first bytes.

    Section 0 says `SCPECG`; where a device left that out, its first pointer must point to itself.
    """
    if len(head) < _RECORD.size + _HEADER.size + _POINTER.size:
        return False
    _, number, length, _, _, name = _HEADER.unpack_from(head, _RECORD.size)
    if number != POINTERS:
        return False
    pointer = _POINTER.unpack_from(head, _RECORD.size + _HEADER.size)
    points_to_itself = pointer == (POINTERS, length, _RECORD.size + 1)
    n_pointers, rest = divmod(length - _HEADER.size, _POINTER.size)
    return name == _NAME or (points_to_itself and rest == 0 and n_pointers >= 1)


def is_revision_3(sections: Sections, stated: int) -> bool:
    """Tell whether a record is one of EN 1064:2020.

    stated : version of the protocol in tenths that section 1 states, 0 if none

    All that is stated must say so, as some devices leave chance bytes in headers; and section 4, which says
    what was subtracted, must not be there.
    """
    versions = [version for version in (sections.protocol, stated) if version]
    return bool(versions) and all(v in _REVISION_3 for v in versions) and BEATS not in sections.by_number


def read_sections(data: bytes, where: str) -> Sections:
    """Find the sections of a record through the pointers of section 0.

    A checksum of 0 counts as not stated; others that do not fit are warnings, as is a length that differs
    from the file's.

    Raises FormatError if there is no section 0, or if the header of section 2, 3 or 6 is not where it should
    be.
    """
    least = _RECORD.size + _HEADER.size + _POINTER.size
    if len(data) < least:
        raise FormatError(f"{where}: expected an SCP-ECG record of at least {least} bytes, found {len(data)}")
    checksum, stated_bytes = _RECORD.unpack_from(data)
    _, number, length, _, protocol, _ = _HEADER.unpack_from(data, _RECORD.size)
    if number != POINTERS:
        raise FormatError(
            f"{where}: expected section 0 at byte 7 of an SCP-ECG record, found section {number}"
        )
    warnings = []
    if stated_bytes != len(data):
        warnings.append(f"expected a record of {stated_bytes} bytes, found {len(data)}")
    record = data[2 : stated_bytes if _HEADER.size < stated_bytes <= len(data) else len(data)]
    if _is_wrong(checksum, record):
        warnings.append("the record's checksum is wrong: the file was changed, or written carelessly")
    first: dict[int, tuple[int, int, int]] = {}
    for pointer in _pointers(data, length, warnings):
        if POINTERS < pointer[0] <= LONG_TERM and pointer[1] > 0:
            first.setdefault(pointer[0], pointer)
    sections = (_section(data, pointer, where, warnings) for pointer in first.values())
    found = {section.number: section for section in sections if section is not None and section.body}
    return Sections(found, protocol, tuple(warnings))


def _pointers(data: bytes, length: int, warnings: list[str]) -> list[tuple[int, int, int]]:
    at = _RECORD.size
    most = len(data) - at - _HEADER.size
    n_pointers = (length - _HEADER.size) // _POINTER.size
    if not 1 <= n_pointers <= most // _POINTER.size:
        warnings.append(f"section 0: expected at least {_HEADER.size + _POINTER.size} bytes, found {length}: "
                        f"read as the usual {_USUAL_POINTERS} pointers")  # fmt: skip
        n_pointers = min(_USUAL_POINTERS, most // _POINTER.size)
    elif _is_wrong(_HEADER.unpack_from(data, at)[0], data[at + 2 : at + length]):
        warnings.append("section 0: its checksum is wrong")
    stop = at + _HEADER.size + n_pointers * _POINTER.size
    return list(_POINTER.iter_unpack(data[at + _HEADER.size : stop]))


def _section(data: bytes, pointer: tuple[int, int, int], where: str, warnings: list[str]) -> Section | None:
    number, stated, position = pointer
    name = f"section {number}"
    # Some writers count positions from 0.
    starts = [at for at in (position - 1, position) if 0 <= at <= len(data) - _HEADER.size]
    at = next((at for at in starts if _HEADER.unpack_from(data, at)[1] == number), None)
    if at is None:
        text = f"{name}: expected its header at byte {position} of {len(data)}, found none"
        if number in _DECIDING:
            raise FormatError(f"{where}: {text}")
        warnings.append(f"{text}: it was not read")
        return None
    checksum, _, own_length, *_ = _HEADER.unpack_from(data, at)
    length = _length(stated, own_length, len(data) - at, name, warnings)
    if _is_wrong(checksum, data[at + 2 : at + length]):
        warnings.append(f"{name}: its checksum is wrong")
    return Section(number, data[at + _HEADER.size : at + length], f"{where}: {name}")


def _length(stated: int, own: int, most: int, name: str, warnings: list[str]) -> int:
    """Choose between the length in the pointer and that in the section's header: the larger that fits."""
    if stated != own:
        warnings.append(f"{name}: expected {stated} bytes as its pointer says, found {own} in its header")
    fitting = [length for length in (stated, own) if _HEADER.size <= length <= most]
    if not fitting:
        warnings.append(f"{name}: expected {max(stated, own)} bytes, found {most}: the file is truncated")
        return most
    return max(fitting)


def _is_wrong(checksum: int, data: bytes) -> bool:
    return checksum not in (0, crc_hqx(data, _CRC_START))
