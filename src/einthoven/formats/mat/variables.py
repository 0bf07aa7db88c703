"""MATLAB files of versions 4 to 7.2: bytes to variables.

Decoded here, and not by scipy.io.loadmat, because a single changed byte in the size of a structure keeps
loadmat busy for minutes. Nothing is taken at its word: every size is compared with the bytes that are there.
Cells, sparse arrays, objects, functions and structures within structures are passed over.
Source: MathWorks, MAT-File Format (R2019b), chapters 1 (level 5) and 2 (level 4).
"""

from __future__ import annotations

import math
import struct
import zlib
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from einthoven.formats.limits import LIMITS

Array = NDArray[Any]
Value = Array | str | Mapping[str, Array | str | None] | None
"""An array, a text, a structure of them, or None for what is passed over."""

_HEADER_BYTES = 128
_NUMBERS = {1: "i1", 2: "u1", 3: "i2", 4: "u2", 5: "i4", 6: "u4", 7: "f4", 9: "f8", 12: "i8", 13: "u8"}
_TEXTS = {1: "latin-1", 2: "latin-1", 4: "utf-16", 16: "utf-8", 17: "utf-16", 18: "utf-32"}
_MATRIX, _COMPRESSED = 14, 15
_STRUCTURE, _CHARACTERS, _OPAQUE = 2, 4, 17
_CLASSES = {6: "f8", 7: "f4", 8: "i1", 9: "u1", 10: "i2", 11: "u2", 12: "i4", 13: "u4", 14: "i8", 15: "u8"}
_COMPLEX, _LOGICAL = 0x0800, 0x0200
_LEVEL_4_NUMBERS = ("f8", "f4", "i4", "i2", "u2", "u1")


class _Element(NamedTuple):
    kind: int
    data: memoryview


def decode_mat(data: bytes, max_unpacked: int = LIMITS.unpacked_bytes) -> dict[str, Value]:
    """Return the variables of a file by name.

    max_unpacked : bytes that all of its compressed variables may have together

    Raises ValueError if the file is damaged, or unpacks to more, NotImplementedError if it is of version 7.3,
    which is HDF5.
    """
    try:
        if data.startswith(b"MATLAB 7."):
            raise NotImplementedError("version 7.3")
        return dict(_level_5(data, max_unpacked) if data.startswith(b"MATLAB") else _level_4(data))
    except (struct.error, zlib.error, UnicodeDecodeError, IndexError) as error:
        raise ValueError(f"damaged: {error}") from error


def _level_4(data: bytes) -> Iterator[tuple[str, Value]]:
    position = 0
    while position < len(data):
        kind, n_rows, n_columns, imaginary, name_length = struct.unpack_from("<5I", data, position)
        if kind // 10 >= len(_LEVEL_4_NUMBERS):
            raise ValueError(f"unknown type of array {kind}")
        dtype = np.dtype("<" + _LEVEL_4_NUMBERS[kind // 10])
        start = position + 20 + name_length
        position = start + n_rows * n_columns * dtype.itemsize * (1 + (imaginary != 0))
        if position > len(data):
            raise ValueError(f"an array of {n_rows} x {n_columns} in {len(data)} bytes")
        name = data[start - name_length : start].rstrip(b"\0").decode("latin-1")
        if kind % 10 == 0 and not imaginary:
            flat = np.frombuffer(data, dtype, n_rows * n_columns, start)
            yield name, flat.reshape((n_rows, n_columns), order="F")
        else:
            yield name, None


def _level_5(data: bytes, max_unpacked: int) -> Iterator[tuple[str, Value]]:
    order = {b"IM": "<", b"MI": ">"}.get(data[_HEADER_BYTES - 2 : _HEADER_BYTES])
    if order is None:
        raise ValueError("no mark of the byte order")
    left = max_unpacked
    for element in _elements(memoryview(data)[_HEADER_BYTES:], order):
        inner = element
        if element.kind == _COMPRESSED:
            unpacked = _unpacked(element, left)
            left -= len(unpacked)
            inner = next(_elements(memoryview(unpacked), order), _Element(0, memoryview(b"")))
        if inner.kind == _MATRIX:
            yield _matrix(inner.data, order, structures=True)


def _elements(data: memoryview, order: str) -> Iterator[_Element]:
    position = 0
    while position < len(data):
        kind, size = struct.unpack_from(order + "2I", data, position)
        start, step = position + 8, size
        if kind >> 16:
            # A small element: its size is in the upper half of the type, its data where the size would be.
            kind, size = kind & 0xFFFF, kind >> 16
            start, step = position + 4, 0
        if start + size > len(data) or (step == 0 and size > 4):
            raise ValueError(f"an element of {size} bytes where {len(data) - start} are left")
        yield _Element(kind, data[start : start + size])
        position += 8 + (step if kind == _COMPRESSED else -(-step // 8) * 8)


def _unpacked(element: _Element, most: int) -> bytes:
    unpacker = zlib.decompressobj()
    # One byte more, since 0 would stand for any number of them.
    data = unpacker.decompress(element.data, most + 1)
    if not unpacker.eof or len(data) > most:
        raise ValueError("compressed data without end, or more of it than the limit unpacked_bytes allows")
    return data


def _matrix(data: memoryview, order: str, *, structures: bool) -> tuple[str, Value]:
    elements = _elements(data, order)
    try:
        (bits,) = struct.unpack_from(order + "I", next(elements).data)
        if bits & 0xFF >= _OPAQUE:
            # Objects of MATLAB's own classes have no dimensions before their name.
            return bytes(next(elements).data).decode("latin-1"), None
        dimensions, name = next(elements), next(elements)
        return bytes(name.data).decode("latin-1"), _contents(bits, dimensions, elements, order, structures)
    except StopIteration:
        raise ValueError("an array with parts missing") from None


def _contents(
    bits: int, dimensions: _Element, elements: Iterator[_Element], order: str, structures: bool
) -> Value:
    shape = tuple(np.frombuffer(dimensions.data, order + "i4").tolist())
    if min(shape, default=0) < 0:
        raise ValueError(f"an array of shape {shape}")
    if bits & 0xFF == _STRUCTURE and structures and math.prod(shape) == 1:
        return _structure(elements, order)
    if bits & 0xFF == _CHARACTERS:
        return _text(next(elements), order) if math.prod(shape) else ""
    if bits & 0xFF in _CLASSES and not bits & (_COMPLEX | _LOGICAL):
        return _numbers(next(elements), shape, order, _CLASSES[bits & 0xFF])
    return None


def _structure(elements: Iterator[_Element], order: str) -> dict[str, Array | str | None]:
    (length,) = struct.unpack_from(order + "I", next(elements).data)
    names = bytes(next(elements).data)
    if length == 0:
        return {}
    fields: dict[str, Array | str | None] = {}
    for start in range(0, len(names), length):
        name = names[start : start + length].partition(b"\0")[0].decode("latin-1")
        _, value = _matrix(next(elements).data, order, structures=False)
        fields[name] = None if isinstance(value, Mapping) else value
    return fields


def _numbers(element: _Element, shape: tuple[int, ...], order: str, wanted: str) -> Array:
    stored = np.dtype(order + _NUMBERS[element.kind]) if element.kind in _NUMBERS else None
    if stored is None or math.prod(shape) * stored.itemsize != len(element.data):
        raise ValueError(f"an array of shape {shape} in {len(element.data)} bytes of type {element.kind}")
    # Numbers are stored in the smallest type that holds them and belong to a wider one.
    with np.errstate(invalid="ignore", over="ignore"):
        return np.frombuffer(element.data, stored).astype(wanted, copy=False).reshape(shape, order="F")


def _text(element: _Element, order: str) -> str:
    encoding = _TEXTS.get(element.kind)
    if encoding is None:
        raise ValueError(f"a text of type {element.kind}")
    if encoding in ("utf-16", "utf-32"):
        encoding += "-le" if order == "<" else "-be"
    return bytes(element.data).decode(encoding)
