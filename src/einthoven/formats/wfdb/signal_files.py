"""The signal files of a WFDB record: found, measured against the header, and read as they are stored.

Source: WFDB Applications Guide, header(5) and signal(5), https://physionet.org/physiotools/wag/wag.htm.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from einthoven.errors import FormatError
from einthoven.formats.limits import Limits
from einthoven.formats.wfdb.header import SignalLine
from einthoven.formats.wfdb.samples import COMPRESSED, KNOWN, decode_212, decode_samples, n_bytes, n_values

_MOST_INT32 = 2**31 - 1


@dataclass(frozen=True, slots=True)
class SignalFile:
    """A signal file, its format and the rows of the record that lie in it.

    offset : bytes before the first sample; in compressed formats samples of each signal
    widths : samples a frame of each row
    """

    path: Path
    fmt: str
    offset: int
    rows: tuple[int, ...]
    widths: tuple[int, ...]
    n_bytes: int

    @property
    def samples_per_frame(self) -> int:
        """Samples a frame of all rows together."""
        return sum(self.widths)


def signal_files(
    folder: Path, signals: Sequence[SignalLine], where: str, limits: Limits
) -> tuple[SignalFile, ...]:
    """Find the signal files of a record, in the order of their first signal.

    Raises FormatError if one is missing, not a file, a link to somewhere outside the folder, larger than the
    limit, of an unknown format, or of two formats.
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
        size = size_of(path, folder, where)
        if size is None:
            raise FormatError(f"{where}: expected signal file {name} beside it, found no such file")
        limits.check("file_bytes", size, str(path))
        widths = tuple(signals[row].samples_per_frame for row in own)
        files.append(SignalFile(path, first.fmt, first.byte_offset, tuple(own), widths, size))
    return tuple(files)


def size_of(path: Path, folder: Path, where: str) -> int | None:
    """Return how many bytes a file that a header names has, or None if there is no such file.

    where : the header's path; if it is a link itself, files beside the true header are of the record too

    Raises FormatError if it is a link that leads out of the header's folder.
    """
    try:
        if not path.is_file():
            return None
        homes = (folder.resolve(), Path(where).resolve().parent)
        if not any(path.resolve().is_relative_to(home) for home in homes):
            raise FormatError(f"{where}: expected files inside the header's folder, found {path.name}, "
                              "a link that leads out of it")  # fmt: skip
        return path.stat().st_size
    except OSError:
        # Such as a name that is too long for a file.
        return None


def measure(files: Sequence[SignalFile], n_samples: int | None, where: str) -> tuple[int, tuple[str, ...]]:
    """Return the number of frames that header and files agree on, and warnings where a file is longer.

    What a compressed file holds shows only when it is read.

    Raises FormatError if a file is too short, before anything of the claimed length is allocated.
    """
    if n_samples is None:
        n_samples = _frames_in(files, where)
    warnings = []
    for file in files:
        if file.fmt in COMPRESSED:
            continue
        need = file.offset + n_bytes(file.fmt, n_samples * file.samples_per_frame)
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
        values = n_values(file.fmt, max(0, file.n_bytes - file.offset))
        if values is None:
            raise FormatError(
                f"{where}: expected the number of samples, as {file.path.name} is compressed, found none"
            )
        frames.append(values // file.samples_per_frame)
    return min(frames)


def read_digital(
    files: Sequence[SignalFile], signals: Sequence[SignalLine], n_samples: int, where: str, limits: Limits
) -> list[NDArray[Any]]:
    """Read the samples of a record as they are stored: for each signal (n_samples * samples_per_frame,).

    Raises FormatError if there are more samples than the limit, if a compressed file holds fewer than the
    header says or is damaged, or if an initial value of format 8 does not fit into 32 bits.
    """
    limits.check("samples", n_samples * sum(file.samples_per_frame for file in files), where)
    rows: dict[int, NDArray[Any]] = {}
    for file in files:
        if file.fmt in COMPRESSED:
            from einthoven.formats.wfdb.flac import read_flac

            columns = list(read_flac(file, n_samples, where, limits).T)
        else:
            columns = _columns(_stored(file, n_samples), file.widths)
        rows.update(zip(file.rows, columns, strict=True))
    return [
        _summed(rows[row], signal, where) if signal.fmt == "8" else rows[row]
        for row, signal in enumerate(signals)
    ]


def _stored(file: SignalFile, n_samples: int) -> NDArray[Any]:
    """Return frames: (n_samples, samples_per_frame)."""
    shape = n_samples, file.samples_per_frame
    count = shape[0] * shape[1]
    size = n_bytes(file.fmt, count)
    data = np.fromfile(file.path, np.uint8, size, offset=file.offset)
    if len(data) < size:
        raise FormatError(f"{file.path}: expected {size} bytes after {file.offset}, found {len(data)}")
    if file.fmt == "212" and (pairs := decode_212(data, count)).shape == shape:
        # As it is in memory, each lead lies in one piece.
        return pairs
    return decode_samples(file.fmt, data, count).reshape(shape)


def _columns(frames: NDArray[Any], widths: Sequence[int]) -> list[NDArray[Any]]:
    columns, start = [], 0
    for width in widths:
        columns.append(frames[:, start] if width == 1 else frames[:, start : start + width].reshape(-1))
        start += width
    return columns


def _summed(differences: NDArray[Any], signal: SignalLine, where: str) -> NDArray[np.int32]:
    initial = signal.initial_value or 0
    if abs(initial) > _MOST_INT32:
        raise FormatError(f"{where}: expected an initial value of 32 bits, found {initial}")
    samples = np.cumsum(differences, dtype=np.int32)
    samples += np.int32(initial)
    return samples
