"""Packed files."""

from __future__ import annotations

import gzip as packer
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from einthoven.errors import FormatError
from einthoven.formats.gzip import is_gzip, unpack_gzip
from einthoven.formats.limits import LIMITS, Limits


def unpack(data: bytes, limits: Limits = LIMITS, n_head: int = 10) -> bytes:
    return unpack_gzip(data[:n_head], io.BytesIO(data[n_head:]), "x.gz", limits)


@settings(deadline=None, max_examples=30)
@given(st.lists(st.binary(max_size=100), min_size=1, max_size=3), st.integers(3, 60))
def test_members_are_unpacked_one_after_the_other(members: list[bytes], n_head: int) -> None:
    packed = b"".join(packer.compress(member) for member in members)
    assert is_gzip(packed)
    assert unpack(packed, n_head=n_head) == b"".join(members)


def test_more_than_a_part_at_a_time() -> None:
    content = bytes(3 * 2**20 + 5)
    assert unpack(packer.compress(content)) == content


def test_padding_behind_the_last_member_is_passed_over() -> None:
    assert unpack(packer.compress(b"ECG") + bytes(512), n_head=600) == b"ECG"


def test_a_bomb_is_stopped_at_the_limit() -> None:
    bomb = packer.compress(bytes(2**26))
    with pytest.raises(FormatError, match="unpacked_bytes"):
        unpack(bomb, Limits(unpacked_bytes=2**22))


def test_a_packed_file_that_is_too_long_is_stopped() -> None:
    with pytest.raises(FormatError, match="file_bytes"):
        unpack(packer.compress(b"ECG"), Limits(file_bytes=5))


@pytest.mark.parametrize("cut", [11, 18])
def test_a_cut_file_is_named(cut: int) -> None:
    with pytest.raises(FormatError, match=r"x\.gz: expected a whole gzip file, found its end missing"):
        unpack(packer.compress(b"an electrocardiogram")[:cut])


def test_a_damaged_file_is_named() -> None:
    packed = bytearray(packer.compress(b"an electrocardiogram"))
    packed[-6] ^= 255
    with pytest.raises(FormatError, match="expected a whole gzip file, found Error -3"):
        unpack(bytes(packed))
