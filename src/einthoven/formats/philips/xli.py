"""XLI, the compression of Philips waveforms: bytes to samples.

Each lead is a chunk: its size (4 bytes), the number 1 (2 bytes), the first delta code (2 bytes), and LZW
codes of 10 bits. What they unpack to are the upper bytes of all delta codes, then the lower ones. The first
two are samples themselves; each sample after them is what the two before it lead to in a straight line, less
the delta code before its own, which has 64 added, but for the one in the header.

Source: https://github.com/sixlettervariables/sierra-ecg-tools/wiki, "XLI Compression in Detail". Not said
there but seen in files: code 1023 ends a lead, and the last delta code is a filler.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from einthoven.errors import FormatError

_CHUNK = struct.Struct("<iHh")
_METHOD = 1
_END = 1023
_BIAS = 64
_LEVELS = 32768
_AT_ONCE = 2**16

MOST_BYTES = 2**26
"""All leads together unpack to no more: 12 leads of 46 minutes at 1000 Hz. A resting ECG has seconds."""


def decode_xli(data: bytes, n_leads: int, most_bytes: int, where: str) -> list[NDArray[np.int16]]:
    """Decompress the first leads; channels that follow them are left out.

    most_bytes : the most that all of them may unpack to, beside `MOST_BYTES`

    Returns the leads as they are stored: III, aVR, aVL and aVF as what is left after computing them, see
    `restore_limb_leads`; (n_samples,) each.

    Raises FormatError if a lead is missing or cut off, if its codes are none of XLI, or if it unpacks to more
    than `most_bytes` or to samples of more than 16 bits.
    """
    leads: list[NDArray[np.int16]] = []
    start = 0
    most_bytes = min(most_bytes, MOST_BYTES)
    for lead in range(1, n_leads + 1):
        of_lead = f"{where}, XLI chunk {lead} at byte {start}"
        if len(data) - start < _CHUNK.size:
            raise FormatError(f"{of_lead}: expected a header of {_CHUNK.size} bytes, "
                              f"found {len(data) - start}")  # fmt: skip
        size, method, first = _CHUNK.unpack_from(data, start)
        start += _CHUNK.size
        if method != _METHOD:
            raise FormatError(f"{of_lead}: expected compression {_METHOD}, found {method}")
        if not 0 < size <= len(data) - start:
            raise FormatError(f"{of_lead}: expected {size} bytes of codes, found {len(data) - start}")
        unpacked = _unpack(data[start : start + size], most_bytes, of_lead)
        most_bytes -= len(unpacked)
        leads.append(_samples(unpacked, first, of_lead))
        start += size
    return leads


def restore_limb_leads(
    i: NDArray[np.int32],
    ii: NDArray[np.int32],
    rest: tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.int32], NDArray[np.int32]],
) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.int32], NDArray[np.int32]]:
    """Compute III, aVR, aVL and aVF of leads I and II and of what XLI stores for them, (n_samples,) each.

    Halves are rounded towards zero, as the tools in C# and Java round them. The Python package `sierraecg`
    rounds down; then what is stored would leave aVR, aVL and aVF up to 1.5 steps from where leads I and II
    put them, and on one side only.
    """
    iii = ii - i - rest[0]
    avr = -rest[1] - _half(i + ii)
    avl = _half(i - iii) - rest[2]
    avf = _half(ii + iii) - rest[3]
    return iii, avr, avl, avf


def _half(values: NDArray[np.int32]) -> NDArray[np.int32]:
    return (values + (values < 0)) >> 1


def _codes(chunk: bytes) -> Iterator[int]:
    """Take the bytes apart into numbers of 10 bits, the uppermost bit first; spare bits are left."""
    n_codes = len(chunk) * 8 // 10
    for at in range(0, n_codes, 4 * _AT_ONCE):
        part = chunk[at * 10 // 8 : (at + 4 * _AT_ONCE) * 10 // 8]
        five = np.frombuffer(part + bytes(-len(part) % 5), np.uint8).reshape(-1, 5).astype(np.uint16)
        four = np.empty((len(five), 4), np.uint16)
        for k in range(4):
            four[:, k] = (five[:, k] << (2 + 2 * k)) & 1023 | five[:, k + 1] >> (6 - 2 * k)
        yield from four.ravel()[: n_codes - at].tolist()


def _unpack(chunk: bytes, most_bytes: int, where: str) -> bytes:
    table = [bytes([value]) for value in range(256)]
    parts: list[bytes] = []
    size = 0
    previous = b""
    for code in _codes(chunk):
        if code == _END:
            break
        if code < len(table):
            part = table[code]
        elif code == len(table) and previous:
            part = previous + previous[:1]
        else:
            raise FormatError(f"{where}: expected LZW codes below {len(table)}, found {code}")
        parts.append(part)
        size += len(part)
        if size > most_bytes:
            raise FormatError(f"{where}: expected at most {most_bytes} more bytes of samples (the limit "
                              "unpacked_bytes, or that of a resting ECG), found more")  # fmt: skip
        if previous and len(table) < _END:
            table.append(previous + part[:1])
        previous = part
    return b"".join(parts)


def _samples(unpacked: bytes, first: int, where: str) -> NDArray[np.int16]:
    # The tools add a zero where the last lower byte is missing.
    n_samples = (len(unpacked) + 1) // 2
    if n_samples < 2:
        raise FormatError(f"{where}: expected at least 2 samples, found {n_samples}")
    upper = np.frombuffer(unpacked, np.int8, n_samples)
    lower = np.frombuffer(unpacked + bytes(len(unpacked) % 2), np.uint8, offset=n_samples)
    signal = np.empty(n_samples, np.int16)
    signal[:2] = upper[:2].astype(np.int16) << 8 | lower[:2]
    level, slope = int(signal[1]), int(signal[1]) - int(signal[0])
    for at in range(2, n_samples, _AT_ONCE):
        end = min(at + _AT_ONCE, n_samples)
        codes = upper[at - 1 : end - 1].astype(np.int64) << 8 | lower[at - 1 : end - 1]
        codes -= _BIAS
        if at == 2:
            codes[0] = first
        slopes = slope - np.cumsum(codes)
        levels = level + np.cumsum(slopes)
        if levels.min() < -_LEVELS or levels.max() >= _LEVELS:
            raise FormatError(f"{where}: expected samples of 16 bits, found {levels.min()} to {levels.max()}")
        signal[at:end] = levels
        level, slope = int(levels[-1]), int(slopes[-1])
    return signal
