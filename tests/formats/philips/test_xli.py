"""XLI against an encoder of our own, written from the description of the format."""

import struct
import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from xli_encoder import END, encode_lead, pack, rest_of_limb_leads

from einthoven.errors import FormatError
from einthoven.formats.philips.xli import decode_xli, restore_limb_leads

PLENTY = 2**24
LEADS = hnp.arrays(np.int64, st.integers(2, 300), elements=st.integers(-8000, 8000))


def chunk(codes: list[int], first: int = 0, method: int = 1) -> bytes:
    data = pack(codes)
    return struct.pack("<iHh", len(data), method, first) + data


@given(leads=st.lists(LEADS, min_size=1, max_size=3), with_end=st.booleans())
@settings(max_examples=60, deadline=None)
def test_what_is_encoded_comes_back(leads: list[np.ndarray], with_end: bool) -> None:
    data = b"".join(encode_lead(lead, with_end=with_end) for lead in leads)
    decoded = decode_xli(data, len(leads), PLENTY, "x")
    for lead, found in zip(leads, decoded, strict=True):
        np.testing.assert_array_equal(found[: len(lead)], lead)
        # Without the mark of the end, the bits that fill the last byte cannot make a code of 10 bits.
        assert len(found) == len(lead)


def test_a_long_lead_fills_the_table_and_several_blocks() -> None:
    rng = np.random.default_rng(3)
    lead = np.rint(3000 * np.sin(np.arange(150_000) / 90) + rng.normal(0, 3, 150_000)).astype(int)
    (found,) = decode_xli(encode_lead(lead), 1, PLENTY, "x")
    np.testing.assert_array_equal(found, lead)


def test_a_string_that_is_used_as_it_is_made() -> None:
    lead = [0] * 40
    assert decode_xli(encode_lead(lead), 1, PLENTY, "x")[0].tolist() == lead


def test_two_samples_and_a_missing_lower_byte() -> None:
    assert decode_xli(chunk([0, 0, 5, END]), 1, PLENTY, "x")[0].tolist() == [5, 0]


def test_channels_after_the_wanted_ones_are_not_looked_at() -> None:
    data = encode_lead([1, 2, 3]) + b"rubbish"
    assert decode_xli(data, 1, PLENTY, "x")[0].tolist() == [1, 2, 3]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", r"x, XLI chunk 1 at byte 0: expected a header of 8 bytes, found 0"),
        (struct.pack("<iHh", 50, 1, 0) + b"abc", r"chunk 1 at byte 0: expected 50 bytes of codes, found 3"),
        (struct.pack("<iHh", -1, 1, 0) + b"abc", r"expected -1 bytes of codes, found 3"),
        (chunk([0, 0, 0, 0], method=2), r"expected compression 1, found 2"),
        (chunk([300]), r"expected LZW codes below 256, found 300"),
        (chunk([0, 258]), r"expected LZW codes below 256, found 258"),
        (chunk([END]), r"expected at least 2 samples, found 0"),
        (chunk([127, 127, 127, 0, 0, 0, END], first=-32768), r"expected samples of 16 bits, found"),
    ],
)
def test_what_is_damaged_is_refused(data: bytes, message: str) -> None:
    with pytest.raises(FormatError, match=message):
        decode_xli(data, 1, PLENTY, "x")


def test_a_second_lead_that_is_missing_is_named() -> None:
    data = encode_lead([1, 2, 3])
    with pytest.raises(FormatError, match=rf"chunk 2 at byte {len(data)}: expected a header of 8 bytes"):
        decode_xli(data, 2, PLENTY, "x")


def test_a_bomb_stops_at_the_limit() -> None:
    # Zeros unpack to the most: each code stands for one byte more than the one before.
    bomb = chunk([0, *range(256, 1023), *[1022] * 100_000])
    start = time.process_time()
    with pytest.raises(FormatError, match=r"expected at most 1000000 more bytes of samples \(the limit"):
        decode_xli(bomb, 1, 1_000_000, "x")
    assert time.process_time() - start < 5


def test_no_limit_lets_a_resting_ecg_be_longer_than_an_hour() -> None:
    bomb = chunk([0, *range(256, 1023), *[1022] * 100_000])
    with pytest.raises(FormatError, match="expected at most 67108864 more bytes of samples"):
        decode_xli(bomb, 1, 2**40, "x")


def test_all_leads_share_the_limit() -> None:
    data = encode_lead([0] * 100) * 2
    assert len(decode_xli(data, 2, 400, "x")) == 2
    with pytest.raises(FormatError, match="unpacked_bytes"):
        decode_xli(data, 2, 399, "x")


@given(six=hnp.arrays(np.int32, st.tuples(st.just(6), st.integers(1, 50)), elements=st.integers(-4000, 4000)))
@settings(max_examples=50, deadline=None)
def test_limb_leads_come_back(six: np.ndarray) -> None:
    i, ii, *rest = (np.array(row, np.int32) for row in rest_of_limb_leads(six.tolist()))
    found = restore_limb_leads(i, ii, tuple(rest))
    np.testing.assert_array_equal(np.array(found), six[2:])


def test_halves_are_rounded_towards_zero() -> None:
    i, ii = np.array([3, -3], np.int32), np.array([0, 0], np.int32)
    nothing = np.zeros(2, np.int32)
    _, avr, avl, avf = restore_limb_leads(i, ii, (nothing, nothing, nothing, nothing))
    assert (avr.tolist(), avl.tolist(), avf.tolist()) == ([-1, 1], [3, -3], [-1, 1])
