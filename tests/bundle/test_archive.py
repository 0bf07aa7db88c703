"""The outermost layer of a bundle: what is sealed comes back, what is not is named, sizes are bounded."""

import io
import zipfile

import pytest

from einthoven.bundle import archive
from einthoven.bundle.archive import check_members, open_seal, pack, read_member, seal
from einthoven.errors import BundleError

MEMBERS = [("b.txt", b"two"), ("a.txt", b"one" * 1000)]


def opened(content: bytes) -> zipfile.ZipFile:
    return zipfile.ZipFile(io.BytesIO(content))


def test_a_seal_holds_every_byte() -> None:
    content = pack(MEMBERS)
    assert open_seal(seal(content), "here") == content
    for position in (0, len(content) // 2, len(content) - 1):
        changed = bytearray(seal(content))
        changed[position - len(content)] ^= 1
        with pytest.raises(BundleError, match=r"^here: damaged: its content does not have the SHA-256"):
            open_seal(bytes(changed), "here")


def test_what_ends_too_early_is_told_from_what_was_changed() -> None:
    sealed = seal(pack(MEMBERS))
    with pytest.raises(BundleError, match=rf"^here: truncated .*\({len(sealed) - 1} bytes found\)$"):
        open_seal(sealed[:-1], "here")


def test_a_seal_is_looked_at_before_it_is_hashed(monkeypatch: pytest.MonkeyPatch) -> None:
    def never(_: bytes) -> bytes:
        raise AssertionError("hashed")

    monkeypatch.setattr(archive, "_digest", never)
    for content, message in (
        (b"PK\x03\x04", "not an einthoven bundle"),
        (b"einthoven-bundle 7\n", r"written by a newer einthoven \(bundle version 7\), this one reads 1"),
        (b"einthoven-bundle 0\n", "expected bundle version 1, found 0"),
        (b"einthoven-bundle 1234567890\n", "not an einthoven bundle"),
    ):
        with pytest.raises(BundleError, match=f"^here: {message}"):
            open_seal(content, "here")
    monkeypatch.setattr(archive, "MAX_BUNDLE_BYTES", 3)
    with pytest.raises(BundleError, match=r"^here: expected at most 0 MiB, found more$"):
        open_seal(b"PK\x03\x04", "here")


def test_the_same_members_give_the_same_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    first = pack(MEMBERS)
    monkeypatch.setattr("time.time", lambda: 2e9)
    monkeypatch.setattr("sys.platform", "win32")
    assert pack(iter(MEMBERS)) == first
    with opened(first) as members:
        assert members.namelist() == ["b.txt", "a.txt"]
        assert {entry.compress_type for entry in members.infolist()} == {zipfile.ZIP_STORED}
        assert {entry.date_time for entry in members.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert {entry.create_system for entry in members.infolist()} == {3}


def test_members_are_read_up_to_a_limit() -> None:
    with opened(pack(MEMBERS)) as members:
        assert read_member(members, "a.txt", 3000) == b"one" * 1000
        with pytest.raises(BundleError, match=r"^a\.txt: expected at most 2999 bytes, found 3000$"):
            read_member(members, "a.txt", 2999)
        with pytest.raises(BundleError, match=r"^c\.txt is missing, found b\.txt, a\.txt$"):
            read_member(members, "c.txt", 9)
    with opened(pack([])) as members, pytest.raises(BundleError, match=r"^c\.txt is missing, found nothing$"):
        read_member(members, "c.txt", 9)


def test_members_are_few_and_small_in_sum(monkeypatch: pytest.MonkeyPatch) -> None:
    names = [f"{index}" for index in range(archive.MAX_NETWORKS + 3)]
    with opened(pack((name, b"") for name in names[1:])) as members:
        check_members(members)
    too_many = pytest.raises(BundleError, match="expected at most 34 different members, found 35")
    with opened(pack((name, b"") for name in names)) as members, too_many:
        check_members(members)
    with opened(pack(MEMBERS)) as members:
        monkeypatch.setattr(archive, "MAX_BUNDLE_BYTES", 3003)
        check_members(members)
        monkeypatch.setattr(archive, "MAX_BUNDLE_BYTES", 3002)
        with pytest.raises(BundleError, match="expected at most 3002 bytes unpacked, found 3003"):
            check_members(members)
