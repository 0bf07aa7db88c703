"""The sample codecs of WFDB signal files: bytes to numbers, and how many of one the others take.

Source: WFDB Applications Guide, signal(5), https://physionet.org/physiotools/wag/signal-5.htm.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from einthoven.formats.wfdb.header import SignalLine

MISSING = {
    "16": -(2**15), "24": -(2**23), "32": -(2**31), "61": -(2**15), "80": -(2**7), "160": -(2**15),
    "212": -(2**11), "310": -(2**9), "311": -(2**9), "508": -(2**7), "516": -(2**15), "524": -(2**23),
}  # fmt: skip
"""The sample that says "no sample here", by format. Format 8 has none, as it stores differences."""
COMPRESSED = ("508", "516", "524")
"""Formats of a FLAC stream."""

_BITS = {"8": 8, "16": 16, "24": 24, "32": 32, "61": 16, "80": 8, "160": 16, "212": 12}
_TRIPLETS = {"310": (0, 2, 4), "311": (0, 2, 3)}
"""Three samples in four bytes; how many bytes the last none, one or two samples need."""
KNOWN = (*_BITS, *_TRIPLETS, *COMPRESSED)
"""Every format of signal(5)."""

_CHUNK = 65536


def decode_samples(fmt: str, data: NDArray[np.uint8], n_values: int) -> NDArray[Any]:
    """Unpack samples in the order they are stored in: (n_bytes,) uint8 to (n_values,) signed integers.

    fmt : any format but the compressed ones; samples of format 8 are differences

    The bytes must be at least as many as `n_bytes` says.
    """
    data = data[: n_bytes(fmt, n_values)]
    match fmt:
        case "16":
            return data.view("<i2")
        case "32":
            return data.view("<i4")
        case "61":
            return data.view(">i2").astype(np.int16)
        case "80":
            return (data ^ 0x80).view(np.int8)
        case "160":
            return (data.view("<u2") ^ 0x8000).view(np.int16)
        case "212":
            return decode_212(data, n_values).reshape(-1)[:n_values]
        case "24":
            return _decode_24(data, n_values)
        case "310" | "311":
            return _decode_triplets(fmt, data, n_values)
    return data.view(np.int8)


def decode_212(data: NDArray[np.uint8], n_values: int) -> NDArray[np.int16]:
    """Unpack 12-bit samples, two in three bytes: (n_bytes,) uint8 to (ceil(n_values / 2), 2) int16.

    An odd number of values leaves the last element of the result without meaning.
    """
    n_pairs = (n_values + 1) // 2
    if n_pairs == 0:
        return np.empty((0, 2), np.int16)
    data = _padded(data, 3 * n_pairs)
    # Of each three bytes, the words that begin at the first and at the second.
    low = np.ndarray(n_pairs, "<i2", data, 0, (3,))
    high = np.ndarray(n_pairs, "<i2", data, 1, (3,))
    # Column by column, each shift runs over contiguous memory, and two leads come out as they are wanted.
    pairs = np.empty((n_pairs, 2), np.int16, order="F")
    for start in range(0, n_pairs, _CHUNK):
        chunk = slice(start, start + _CHUNK)
        _unpack_pairs(low[chunk], high[chunk].astype(np.int16), pairs[chunk, 0], pairs[chunk, 1])
    return pairs


def _unpack_pairs(
    low: NDArray[np.int16], high: NDArray[np.int16], first: NDArray[np.int16], second: NDArray[np.int16]
) -> None:
    # To the left and back to the right: the sign bit of 12 bits fills the upper ones of 16.
    np.left_shift(low, 4, out=first)
    first >>= 4
    np.left_shift(high, 8, out=second)
    second >>= 4
    second &= ~0xFF
    high >>= 8
    high &= 0xFF
    second |= high


def _decode_24(data: NDArray[np.uint8], n_values: int) -> NDArray[np.int32]:
    # Into the upper three bytes of four: the shift to the right brings the sign along.
    wide = np.zeros((n_values, 4), np.uint8)
    wide[:, 1:] = data.reshape(n_values, 3)
    samples: NDArray[np.int32] = wide.reshape(-1).view("<i4")
    samples >>= 8
    return samples


def _decode_triplets(fmt: str, data: NDArray[np.uint8], n_values: int) -> NDArray[np.int16]:
    n_groups = -(-n_values // 3)
    words = _padded(data, 4 * n_groups).view("<u4")
    samples = np.empty((n_groups, 3), np.int16)
    if fmt == "310":
        # Eleven lower bits of each half without the lowest one; the third is what is left above them.
        samples[:, 0] = words >> 1 & 0x3FF
        samples[:, 1] = words >> 17 & 0x3FF
        samples[:, 2] = words >> 11 & 0x1F | words >> 22 & 0x3E0
    else:
        for i in range(3):
            samples[:, i] = words >> 10 * i & 0x3FF
    flat = samples.reshape(-1)[:n_values]
    # The sign bit of ten bits fills the upper ones of 16.
    flat ^= 0x200
    flat -= 0x200
    return flat


def _padded(data: NDArray[np.uint8], size: int) -> NDArray[np.uint8]:
    missing = size - len(data)
    return np.concatenate([data, np.zeros(missing, np.uint8)]) if missing > 0 else data


def n_bytes(fmt: str, n_values: int) -> int:
    """Return the fewest bytes that hold so many samples; 0 for compressed formats, which take any number."""
    if fmt in _TRIPLETS:
        return n_values // 3 * 4 + _TRIPLETS[fmt][n_values % 3]
    return -(-n_values * _BITS.get(fmt, 0) // 8)


def n_values(fmt: str, size: int) -> int | None:
    """Return how many samples fit into so many bytes, or None for compressed formats."""
    if fmt in _TRIPLETS:
        return size // 4 * 3 + sum(size % 4 >= need for need in _TRIPLETS[fmt][1:])
    return size * 8 // _BITS[fmt] if fmt in _BITS else None


def checksum_warnings(digital: Sequence[NDArray[Any]], signals: Sequence[SignalLine]) -> tuple[str, ...]:
    """Compare the samples with the checksums that a header states.

    A checksum of 0 counts as not stated: all headers of CinC 2017 have it, whatever the samples, and many of
    them an initial value that is not the first sample.
    """
    warnings = []
    for row, signal in zip(digital, signals, strict=True):
        if signal.checksum and (found := checksum(row)) != (signal.checksum + 32768) % 65536 - 32768:
            name = signal.description or signal.file_name
            warnings.append(f"{name}: expected checksum {signal.checksum}, found {found}: "
                            "samples were changed after the header was written")  # fmt: skip
    return tuple(warnings)


def checksum(row: NDArray[Any]) -> int:
    """Return the sum of one lead's samples as a signed 16-bit number: header(5), "checksum"."""
    return int(row.sum(dtype=np.int16))
