"""The sample codecs of WFDB signal files that nearly every record uses, and the sizes of all of them.

Source: WFDB Applications Guide, signal(5), https://physionet.org/physiotools/wag/signal-5.htm.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from einthoven.errors import FormatError
from einthoven.formats.wfdb_header import SignalLine

MISSING = {"16": -32768, "212": -2048}
"""The sample that says "no sample here", by format: signal(5). Also the list of formats decoded here."""
N_LEVELS = {"16": 65536, "212": 4096}
"""How many different samples a format can hold."""

_BITS = {"8": 8, "16": 16, "24": 24, "32": 32, "61": 16, "80": 8, "160": 16, "212": 12}
_TRIPLETS = {"310": (0, 2, 4), "311": (0, 2, 3)}
_COMPRESSED = ("508", "516", "524")
KNOWN = (*_BITS, *_TRIPLETS, *_COMPRESSED)
"""Every format of signal(5)."""

_CHUNK = 65536


@dataclass(frozen=True, slots=True)
class SignalFile:
    """A signal file, its format and the rows of the record that lie in it."""

    path: Path
    fmt: str
    byte_offset: int
    rows: tuple[int, ...]
    samples_per_frame: int
    n_bytes: int


def decode_212(data: NDArray[np.uint8], n_values: int) -> NDArray[np.int16]:
    """Unpack 12-bit samples, two in three bytes: (n_bytes,) uint8 to (ceil(n_values / 2), 2) int16.

    An odd number of values leaves the last element of the result without meaning.
    """
    n_pairs = (n_values + 1) // 2
    if n_pairs == 0:
        return np.empty((0, 2), np.int16)
    if len(data) < 3 * n_pairs:
        data = np.concatenate([data, np.zeros(3 * n_pairs - len(data), np.uint8)])
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


def signal_files(folder: Path, signals: Sequence[SignalLine], where: str) -> tuple[SignalFile, ...]:
    """Find the signal files of a record, in the order of their first signal.

    Raises FormatError if one is missing, not a file, of an unknown format, or of two formats.
    """
    rows: dict[str, list[int]] = {}
    for row, signal in enumerate(signals):
        rows.setdefault(signal.file_name, []).append(row)
    files = []
    for name, own in rows.items():
        first, path = signals[own[0]], folder / name
        formats = {signals[row].fmt for row in own}
        if len(formats) > 1 or first.fmt not in KNOWN:
            raise FormatError(f"{where}: expected one of the WFDB formats {', '.join(KNOWN)} in {name}, "
                              f"found {', '.join(sorted(formats))}")  # fmt: skip
        if not path.is_file():
            raise FormatError(f"{where}: expected signal file {name} beside it, found no such file")
        frame = sum(signals[row].samples_per_frame for row in own)
        files.append(SignalFile(path, first.fmt, first.byte_offset, tuple(own), frame, path.stat().st_size))
    return tuple(files)


def measure(files: Sequence[SignalFile], n_samples: int | None, where: str) -> tuple[int, tuple[str, ...]]:
    """Return the number of frames that header and files agree on, and warnings where a file is longer.

    Raises FormatError if a file is too short, before anything of the claimed length is allocated.
    """
    if n_samples is None:
        n_samples = _frames_in(files, where)
    warnings = []
    for file in files:
        need = file.byte_offset + n_bytes(file.fmt, n_samples * file.samples_per_frame)
        what = f"{n_samples} samples of {len(file.rows)} leads in format {file.fmt}"
        expected = f"expected {need} bytes ({what}), found {file.n_bytes}"
        if file.n_bytes < need:
            raise FormatError(f"{file.path}: {expected}: the file is truncated or {where} is not its header")
        spare = n_values(file.fmt, file.n_bytes - need)
        if spare is not None and spare > 0:
            warnings.append(f"{file.path.name}: {expected}: the rest was not read")
    return n_samples, tuple(warnings)


def _frames_in(files: Sequence[SignalFile], where: str) -> int:
    frames = []
    for file in files:
        values = n_values(file.fmt, max(0, file.n_bytes - file.byte_offset))
        if values is None:
            raise FormatError(
                f"{where}: expected the number of samples, as {file.path.name} is compressed, found none"
            )
        frames.append(values // file.samples_per_frame)
    return min(frames)


def is_native(signals: Sequence[SignalLine]) -> bool:
    """Tell whether `read_digital` can read these signals: formats 16 and 212, one rate, no skew."""
    return all(s.fmt in MISSING and s.samples_per_frame == 1 and s.skew == 0 for s in signals)


def read_digital(files: Sequence[SignalFile], n_samples: int) -> list[NDArray[np.int16]]:
    """Read the samples of a native record as they are stored: (n_samples,) for each signal."""
    rows: dict[int, NDArray[np.int16]] = {}
    for file in files:
        shape = n_samples, len(file.rows)
        count = shape[0] * shape[1]
        if file.fmt == "16":
            frames = np.fromfile(file.path, "<i2", count, offset=file.byte_offset)
        else:
            packed = np.fromfile(file.path, np.uint8, n_bytes("212", count), offset=file.byte_offset)
            frames = decode_212(packed, count)
        if frames.shape != shape:
            frames = frames.reshape(-1)[:count].reshape(shape)
        rows.update(zip(file.rows, frames.T, strict=True))
    return [rows[row] for row in range(len(rows))]


def checksum_warnings(digital: Sequence[NDArray[np.int16]], signals: Sequence[SignalLine]) -> tuple[str, ...]:
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


def checksum(row: NDArray[np.int16]) -> int:
    """Return the sum of one lead's samples as a signed 16-bit number: header(5), "checksum"."""
    return int(row.sum(dtype=np.int16))
