"""Compressed WFDB signal files: formats 508, 516 and 524, which are FLAC streams.

Source: WFDB Applications Guide, signal(5). They are decoded by libsndfile, which is imported only here.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from einthoven.errors import FormatError
from einthoven.formats.limits import Limits
from einthoven.formats.wfdb.signal_files import SignalFile

_SIGNATURE = b"fLaC"
_SHIFTS = {"PCM_S8": ("int16", 8, 8), "PCM_16": ("int16", 0, 16), "PCM_24": ("int32", 8, 24)}
"""What libsndfile calls a stream: the type to read it as, by how many bits it is shifted then, its bits."""
_READ_AT_ONCE = 2**20
"""libsndfile cannot read blocks of 2^24 samples: https://github.com/libsndfile/libsndfile/issues/431"""


def read_flac(file: SignalFile, n_samples: int, where: str, limits: Limits) -> NDArray[Any]:
    """Read a compressed file: (n_samples * samples a frame, n_signals) signed integers.

    A stream may have fewer bits a sample than its format.

    Raises FormatError if it is no FLAC stream, is damaged, has other channels than the header or more bits,
    if its signals have different rates, if it holds fewer samples than the header says, or would take more
    memory than the limit.
    """
    import soundfile

    width = file.widths[0]
    if any(other != width for other in file.widths):
        raise FormatError(f"{where}: expected one rate in the compressed file {file.path.name}, "
                          f"found {', '.join(map(str, file.widths))} samples a frame")  # fmt: skip
    with file.path.open("rb") as stream:
        if (found := stream.read(len(_SIGNATURE))) != _SIGNATURE:
            raise FormatError(f"{file.path}: expected a FLAC stream in format {file.fmt}, found {found!r}")
    try:
        with soundfile.SoundFile(file.path) as stream:
            return _read(stream, file, n_samples * width, limits)
    except soundfile.SoundFileError as error:
        raise FormatError(f"{file.path}: expected an undamaged FLAC stream, found {error}") from error


def _read(stream: Any, file: SignalFile, n: int, limits: Limits) -> NDArray[Any]:
    if stream.subtype not in _SHIFTS:
        raise FormatError(f"{file.path}: expected a stream of 8, 16 or 24 bits, found {stream.subtype}")
    dtype, shift, bits = _SHIFTS[stream.subtype]
    if bits > int(file.fmt) - 500:
        raise FormatError(
            f"{file.path}: expected at most {int(file.fmt) - 500} bits in format {file.fmt}, found {bits}"
        )
    if stream.channels != len(file.rows):
        raise FormatError(
            f"{file.path}: expected {len(file.rows)} channels as the header, found {stream.channels}"
        )
    if stream.frames < file.offset + n:
        raise FormatError(f"{file.path}: expected {file.offset + n} samples of each signal, "
                          f"found {stream.frames}: the file is truncated")  # fmt: skip
    limits.check("samples", n * len(file.rows), str(file.path))
    limits.check("unpacked_bytes", n * len(file.rows) * np.dtype(dtype).itemsize, str(file.path))
    samples = np.empty((n, len(file.rows)), dtype)
    if file.offset:
        stream.seek(file.offset)
    for start in range(0, n, _READ_AT_ONCE):
        wanted = samples[start : start + _READ_AT_ONCE]
        if len(stream.read(out=wanted)) < len(wanted):
            raise FormatError(
                f"{file.path}: expected {n} samples of each signal, found the stream's end before"
            )
    samples >>= shift
    return samples
