"""The golden pair of a bundle: three little-endian float arrays, read without trusting their headers."""

from __future__ import annotations

import io
import zipfile
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from einthoven.bundle.archive import pack, read_member
from einthoven.bundle.model import Golden
from einthoven.errors import BundleError

GOLDEN = "golden.npz"
MAX_GOLDEN_BYTES = 16 * 2**20


def encode_golden(golden: Golden) -> bytes:
    """Return the arrays as an uncompressed .npz."""
    arrays = {"signal": golden.signal, "fs": np.float64(golden.fs), "probs": golden.probs}
    members = []
    for name, array in arrays.items():
        buffer = io.BytesIO()
        kind = "<f8" if name == "fs" else "<f4"
        np.lib.format.write_array(buffer, np.ascontiguousarray(array, dtype=kind), allow_pickle=False)
        members.append((f"{name}.npy", buffer.getvalue()))
    return pack(members)


def decode_golden(content: bytes) -> Golden:
    """Return the pair that `encode_golden` wrote.

    Raises BundleError if an array is missing, is not of floats, or does not have the size its header says.
    """
    with zipfile.ZipFile(io.BytesIO(content)) as members:
        signal, fs, probs = (
            _decode_array(read_member(members, f"{name}.npy", MAX_GOLDEN_BYTES))
            for name in ("signal", "fs", "probs")
        )
    if fs.size != 1:
        raise BundleError(f"{GOLDEN}: expected one sampling rate, found {fs.size}")
    return Golden(signal.astype(np.float32), float(fs.reshape(-1)[0]), probs.astype(np.float32))


def _decode_array(content: bytes) -> NDArray[Any]:
    # np.load would allocate whatever shape the header names before it looks at the data.
    buffer = io.BytesIO(content)
    if np.lib.format.read_magic(buffer) != (1, 0):
        raise BundleError(f"{GOLDEN}: expected .npy version 1.0")
    shape, _, dtype = np.lib.format.read_array_header_1_0(buffer)
    data = buffer.read()
    if dtype not in (np.dtype("<f4"), np.dtype("<f8")) or prod(shape) * dtype.itemsize != len(data):
        raise BundleError(
            f"{GOLDEN}: expected {prod(shape)} little-endian floats, found {dtype}, {len(data)} bytes"
        )
    return np.frombuffer(data, dtype).reshape(shape)
