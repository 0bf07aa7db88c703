"""The outermost layer of a bundle: magic line, SHA-256, and a zip archive whose sizes are bounded."""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Iterable

from einthoven.bundle.model import MAX_NETWORKS
from einthoven.errors import BundleError

BUNDLE_VERSION = 1
MAX_BUNDLE_BYTES = 256 * 2**20

_MAGIC = b"einthoven-bundle "
_EPOCH = (1980, 1, 1, 0, 0, 0)
# A zip without a comment ends in this record; where it is missing, the end of the file is.
_ZIP_END, _ZIP_END_BYTES = b"PK\x05\x06", 22


def seal(archive: bytes) -> bytes:
    """Return the archive under its magic line and digest."""
    return b"%s%d\n%s\n%s" % (_MAGIC, BUNDLE_VERSION, _digest(archive), archive)


def open_seal(content: bytes, where: str) -> bytes:
    """Return the archive under a seal, all of whose bytes are as they were written.

    Raises BundleError, beginning with `where`, if it is no bundle, too large, newer, truncated or changed.
    """
    if len(content) > MAX_BUNDLE_BYTES:
        raise BundleError(f"{where}: expected at most {MAX_BUNDLE_BYTES // 2**20} MiB, found more")
    line, _, rest = content.partition(b"\n")
    number = line.removeprefix(_MAGIC)
    if not line.startswith(_MAGIC) or not number.isdigit() or len(number) > 9:
        raise BundleError(f"{where}: not an einthoven bundle, it begins with {content[:20]!r}")
    if int(number) > BUNDLE_VERSION:
        raise BundleError(f"{where}: written by a newer einthoven (bundle version {int(number)}), "
                          f"this one reads {BUNDLE_VERSION}: upgrade")  # fmt: skip
    if number != b"%d" % BUNDLE_VERSION:
        raise BundleError(f"{where}: expected bundle version {BUNDLE_VERSION}, found {number.decode()}")
    sealed, _, archive = rest.partition(b"\n")
    if sealed != _digest(archive):
        if archive[-_ZIP_END_BYTES:-_ZIP_END_BYTES + 4] != _ZIP_END:  # fmt: skip
            raise BundleError(
                f"{where}: truncated or damaged: its end is missing ({len(content)} bytes found)"
            )
        raise BundleError(f"{where}: damaged: its content does not have the SHA-256 it was sealed with")
    return archive


def check_members(members: zipfile.ZipFile) -> None:
    """Raise BundleError if a name occurs twice, or if unpacking would give more than a bundle may hold."""
    entries = members.infolist()
    names = [entry.filename for entry in entries]
    if len(set(names)) != len(names) or len(names) > MAX_NETWORKS + 2:
        raise BundleError(f"expected at most {MAX_NETWORKS + 2} different members, found {len(names)}")
    total = sum(entry.file_size for entry in entries)
    if total > MAX_BUNDLE_BYTES:
        raise BundleError(f"expected at most {MAX_BUNDLE_BYTES} bytes unpacked, found {total}")


def read_member(members: zipfile.ZipFile, name: str, limit: int) -> bytes:
    """Return one member, inflating at most `limit` bytes.

    Raises BundleError if it is missing or says that it is larger.
    """
    if name not in members.namelist():
        raise BundleError(f"{name} is missing, found {', '.join(members.namelist()) or 'nothing'}")
    if members.getinfo(name).file_size > limit:
        raise BundleError(f"{name}: expected at most {limit} bytes, found {members.getinfo(name).file_size}")
    with members.open(name) as file:
        return file.read(limit)


def pack(members: Iterable[tuple[str, bytes]]) -> bytes:
    """Return a zip archive of these members, stored, in this order; the same members give the same bytes."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for name, content in members:
            entry = zipfile.ZipInfo(name, _EPOCH)
            # Left alone, this says which operating system wrote it.
            entry.create_system = 3
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, content)
    return buffer.getvalue()


def _digest(archive: bytes) -> bytes:
    return hashlib.sha256(archive).hexdigest().encode()
