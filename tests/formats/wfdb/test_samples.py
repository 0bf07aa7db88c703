import numpy as np
import pytest
from wfdb_encoder import RANGES, encode_samples

from einthoven.formats.wfdb.header import SignalLine
from einthoven.formats.wfdb.samples import (
    MISSING,
    checksum,
    checksum_warnings,
    decode_212,
    decode_samples,
    n_bytes,
    n_values,
)


@pytest.mark.parametrize(
    ("data", "values"),
    [
        # signal(5): the first sample is the low byte and the low nibble after it, the second the rest.
        (bytes([0x01, 0x00, 0x02]), [1, 2]),
        (bytes([0xFF, 0xF7, 0x00]), [2047, -256]),
        (bytes([0x00, 0x88, 0x00]), [-2048, -2048]),
        (bytes([0xE3, 0x33, 0xF3]), [995, 1011]),
        (bytes([0xFF, 0x0F]), [-1, 0]),
    ],
)
def test_212_by_hand(data: bytes, values: list[int]) -> None:
    np.testing.assert_array_equal(decode_212(np.frombuffer(data, np.uint8), 2), [values], strict=False)


@pytest.mark.parametrize(
    ("fmt", "n", "size"),
    [
        ("16", 3, 6),
        ("212", 2, 3),
        ("212", 3, 5),
        ("24", 2, 6),
        ("310", 3, 4),
        ("310", 2, 4),
        ("311", 2, 3),
        ("516", 9, 0),
    ],
)
def test_sizes(fmt: str, n: int, size: int) -> None:
    assert n_bytes(fmt, n) == size


@pytest.mark.parametrize("fmt", RANGES)
@pytest.mark.parametrize("n", range(8))
def test_every_format_by_an_encoder_of_its_own(fmt: str, n: int) -> None:
    low, high = RANGES[fmt]
    values = [low, high, 0, -1, 1, low + 1, high - 1][:n]
    data = encode_samples(fmt, values)
    assert len(data) == n_bytes(fmt, n)
    assert n_values(fmt, len(data)) in (n, n + 1)
    stored = np.frombuffer(data + b"\xff\xff", np.uint8)
    np.testing.assert_array_equal(decode_samples(fmt, stored, n), values)


def test_what_says_that_a_sample_is_missing_is_the_smallest_number() -> None:
    assert {fmt: low for fmt, (low, _) in RANGES.items() if fmt != "8"} == {
        fmt: value for fmt, value in MISSING.items() if fmt in RANGES
    }
    assert "8" not in MISSING


def test_checksum_of_32_bits_wraps_too() -> None:
    assert checksum(np.array([65536 * 5 + 7, -3], np.int32)) == 4


def test_checksum_wraps_as_signed_16_bits() -> None:
    assert checksum(np.array([32767, 1], np.int16)) == -32768
    assert checksum(np.full(65536, 3, np.int16)) == 0


def test_checksum_that_is_stated_and_wrong_is_a_warning() -> None:
    row = np.array([1, 2, 3], np.int16)
    lines = [SignalLine("x.dat", checksum=value, description="II") for value in (6, 6 - 65536, 7, 0, None)]
    assert checksum_warnings([row] * 5, lines) == (
        "II: expected checksum 7, found 6: samples were changed after the header was written",
    )
