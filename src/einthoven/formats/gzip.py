"""Files packed with gzip, which are looked through."""

from __future__ import annotations

import zlib
from typing import BinaryIO

from einthoven.errors import FormatError
from einthoven.formats.limits import Limits

_AT_ONCE = 2**20
_MAGIC = b"\x1f\x8b\x08"
_GZIP_WINDOW = 31
"""What tells zlib to expect the header of gzip, with the largest window."""


def is_gzip(head: bytes) -> bool:
    """Tell whether a file begins as RFC 1952, section 2.3, says."""
    return head.startswith(_MAGIC)


def look_into_gzip(head: bytes, n_bytes: int) -> bytes:
    """Return the first bytes of what is packed in a file, from its own first bytes; none if it is damaged."""
    try:
        return zlib.decompressobj(_GZIP_WINDOW).decompress(head, n_bytes)
    except zlib.error:
        return b""


def unpack_gzip(head: bytes, rest: BinaryIO, where: str, limits: Limits) -> bytes:
    """Unpack a file, of one member or several, of which the first bytes were read already.

    Raises FormatError if it is damaged or cut off, or beyond `limits.file_bytes` before it is unpacked or
    `limits.unpacked_bytes` after.
    """
    unpacker = zlib.decompressobj(_GZIP_WINDOW)
    parts: list[bytes] = []
    n_read = n_unpacked = 0
    data = head
    while data:
        n_read += len(data)
        limits.check("file_bytes", n_read, where)
        is_more = True
        while is_more:
            if unpacker.eof:
                # The next member may begin at the end of what was read so far.
                data += rest.read(_AT_ONCE) if len(data) < len(_MAGIC) else b""
                if not is_gzip(data):
                    # What follows the last member is padding, as gzip itself takes it.
                    return b"".join(parts)
                unpacker = zlib.decompressobj(_GZIP_WINDOW)
            try:
                parts.append(unpacker.decompress(data, _AT_ONCE))
            except zlib.error as error:
                raise FormatError(f"{where}: expected a whole gzip file, found {error}") from error
            n_unpacked += len(parts[-1])
            limits.check("unpacked_bytes", n_unpacked, where)
            data = unpacker.unused_data if unpacker.eof else unpacker.unconsumed_tail
            # A full part may be followed by what the unpacker still holds back.
            is_more = bool(data) or (len(parts[-1]) == _AT_ONCE and not unpacker.eof)
        data = rest.read(_AT_ONCE)
    if not unpacker.eof:
        raise FormatError(f"{where}: expected a whole gzip file, found its end missing")
    return b"".join(parts)
