"""The DICOM file format: preamble, File Meta Information, and the data set in its transfer syntax.

Source: DICOM PS3.10, section 7; PS3.5, annex A.
Differences: a file without preamble is read if its first elements say for certain that it is an ECG; one
whose File Meta Information names no transfer syntax is read if its first element shows which it is.
"""

from __future__ import annotations

import re
import zlib

from einthoven.errors import FormatError
from einthoven.formats.dicom.data_set import DataSet
from einthoven.formats.dicom.elements import (
    EXPLICIT_BIG,
    EXPLICIT_LITTLE,
    IMPLICIT_LITTLE,
    Element,
    Encoding,
    find_elements,
)
from einthoven.formats.dicom.sop_classes import ECG_CLASSES, ECG_ROOT, refusal
from einthoven.formats.given import Given

_PREFIX_AT = 128
_PREFIX = b"DICM"
_META_GROUP = 0x0002
_UID = re.escape(ECG_ROOT)
_BARE_EXPLICIT = re.compile(rb"(?:\x08\x00\x16\x00|\x02\x00\x02\x00)UI..%s" % _UID, re.DOTALL)
_BARE_IMPLICIT = re.compile(rb"\x08\x00\x16\x00..\x00\x00%s" % _UID, re.DOTALL)
_EXPLICIT = re.compile(rb"\x08\x00..[A-Z]{2}", re.DOTALL)

_IMPLICIT_SYNTAX = "1.2.840.10008.1.2"
_BIG_SYNTAX = "1.2.840.10008.1.2.2"
_DEFLATED_SYNTAX = "1.2.840.10008.1.2.1.99"
_RAW_DEFLATE = -15
"""What tells zlib to expect no header."""


def looks_like_dicom(head: bytes) -> bool:
    """Tell whether a file is DICOM from its first bytes: by its prefix, or for certain an ECG without one."""
    if head[_PREFIX_AT : _PREFIX_AT + 4] == _PREFIX:
        return True
    return _is_bare(head)


def read_file(data: bytes, given: Given) -> DataSet:
    """Find the data set of an ECG in a file.

    Raises FormatError if it is no DICOM, if it holds something else than an ECG, if its transfer syntax is
    unknown, or if it is damaged, cut off, or inflates beyond the limits.
    """
    where = given.where
    start = _PREFIX_AT + len(_PREFIX) if data[_PREFIX_AT : _PREFIX_AT + 4] == _PREFIX else 0
    if start == 0 and not _is_bare(data[:65536]):
        raise FormatError(
            f"{where}: expected DICOM, with DICM after 128 bytes, found neither that nor an ECG"
        )
    elements: dict[int, Element] = {}
    at = start
    if data[start : start + 2] == b"\x02\x00":
        elements, at = find_elements(data, start, len(data), EXPLICIT_LITTLE, where, group=_META_GROUP)
    meta = DataSet(data, EXPLICIT_LITTLE, elements, where)
    stated = meta.text("MediaStorageSOPClassUID")
    if stated and stated not in ECG_CLASSES:
        # Pictures are large, and need not be looked through.
        raise refusal(stated, where)
    syntax = meta.text("TransferSyntaxUID")
    if syntax == _DEFLATED_SYNTAX:
        data, at = _inflate(data, at, given), 0
    encoding = _encoding(syntax, data[at : at + 8], where)
    elements, _ = find_elements(data, at, len(data), encoding, where)
    found = DataSet(data, encoding, elements, where)
    uid = found.text("SOPClassUID") or stated
    if uid not in ECG_CLASSES:
        raise refusal(uid, where)
    return found


def _is_bare(head: bytes) -> bool:
    if head[:4] not in _FIRST_TAGS:
        return False
    return (_BARE_EXPLICIT.search(head) or _BARE_IMPLICIT.search(head)) is not None


_FIRST_TAGS = (
    b"\x02\x00\x00\x00",
    b"\x02\x00\x01\x00",
    b"\x02\x00\x02\x00",
    b"\x08\x00\x00\x00",
    b"\x08\x00\x01\x00",
    b"\x08\x00\x05\x00",
    b"\x08\x00\x12\x00",
    b"\x08\x00\x16\x00",
)
"""Elements that a file can begin with."""


def _encoding(syntax: str, first: bytes, where: str) -> Encoding:
    if not syntax:
        if _EXPLICIT.match(first):
            return EXPLICIT_LITTLE
        if first[:1] == b"\x08" and first[6:8] == b"\0\0":
            return IMPLICIT_LITTLE
        raise FormatError(f"{where}: expected a Transfer Syntax UID (0002,0010), found none")
    if syntax == _IMPLICIT_SYNTAX:
        return IMPLICIT_LITTLE
    if syntax == _BIG_SYNTAX:
        return EXPLICIT_BIG
    if syntax.startswith(f"{_IMPLICIT_SYNTAX}."):
        # All others of the standard differ in pictures only.
        return EXPLICIT_LITTLE
    raise FormatError(f"{where}: expected a transfer syntax of DICOM, found {syntax[:64]!r}")


def _inflate(data: bytes, at: int, given: Given) -> bytes:
    most = given.limits.unpacked_bytes
    unpacker = zlib.decompressobj(_RAW_DEFLATE)
    try:
        inflated = unpacker.decompress(memoryview(data)[at:], most + 1)
    except zlib.error as error:
        raise FormatError(
            f"{given.where}: expected a deflated data set at {at}, found it damaged: {error}"
        ) from error
    given.limits.check("unpacked_bytes", len(inflated), given.where)
    if not unpacker.eof:
        raise FormatError(f"{given.where}: expected a whole deflated data set, found its end missing")
    return inflated
