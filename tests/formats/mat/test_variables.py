"""The MATLAB file format where SciPy writes no such file; the rest is compared with SciPy in tests/oracle."""

import io
import struct
import zlib
from typing import Any

import numpy as np
import pytest
import scipy.io

from einthoven.formats.mat.variables import decode_mat


def element(kind: int, data: bytes, order: str = "<") -> bytes:
    return struct.pack(order + "2I", kind, len(data)) + data + bytes(-len(data) % 8)


def matrix(flags: int, shape: tuple[int, ...], name: bytes, *parts: bytes, order: str = "<") -> bytes:
    head = element(6, struct.pack(order + "2I", flags, 0), order)
    dimensions = element(5, struct.pack(f"{order}{len(shape)}i", *shape), order)
    return element(14, head + dimensions + element(1, name, order) + b"".join(parts), order)


def file(*elements: bytes, order: str = "<") -> bytes:
    version = struct.pack(order + "H", 0x0100) + (b"IM" if order == "<" else b"MI")
    return b"MATLAB 5.0 MAT-file".ljust(124) + version + b"".join(elements)


@pytest.mark.parametrize("order", ["<", ">"])
def test_byte_orders_and_numbers_stored_in_a_smaller_type(order: str) -> None:
    numbers = element(3, np.array([1, -2, 3, 4], order + "i2").tobytes(), order)
    text = element(17, "µV".encode("utf-16-le" if order == "<" else "utf-16-be"), order)
    data = file(
        matrix(6, (2, 2), b"val", numbers, order=order),
        matrix(4, (1, 2), b"u", text, order=order),
        order=order,
    )
    found = decode_mat(data)
    np.testing.assert_array_equal(found["val"], np.array([[1.0, 3.0], [-2.0, 4.0]]), strict=True)
    assert found["u"] == "µV"


def test_small_elements() -> None:
    small = struct.pack("<2H", 1, 3) + b"abc\0" + struct.pack("<2H", 2, 2) + b"\5\6\0\0"
    head = element(6, struct.pack("<2I", 9, 0)) + element(5, struct.pack("<2i", 1, 2))
    assert decode_mat(file(element(14, head + small)))["abc"].tolist() == [[5, 6]]  # type: ignore[union-attr]


def test_objects_are_passed_over() -> None:
    opaque = element(14, element(6, struct.pack("<2I", 17, 0)) + element(1, b"table") + element(1, b"MCOS"))
    val = matrix(9, (1, 1), b"val", element(2, b"\7"))
    assert decode_mat(file(opaque, val))["table"] is None


def test_an_empty_text_and_an_empty_structure() -> None:
    empty = matrix(2, (1, 1), b"s", element(5, struct.pack("<i", 0)), element(1, b""))
    assert decode_mat(file(matrix(4, (0, 0), b"t"), empty)) == {"t": "", "s": {}}


BYTES_8 = element(2, bytes(8))


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (
            file(matrix(9, (2, 10**9), b"val", BYTES_8)),
            r"an array of shape \(2, 1000000000\) in 8 bytes of type 2",
        ),
        (file(matrix(9, (-1, -8), b"val", BYTES_8)), r"an array of shape \(-1, -8\)"),
        (file(matrix(9, (1, 8), b"val", element(99, bytes(8)))), "in 8 bytes of type 99"),
        (file(matrix(4, (1, 8), b"val", element(99, bytes(8)))), "a text of type 99"),
        (file(matrix(4, (1, 8), b"val", element(16, b"\xff" * 8))), "damaged: 'utf-8' codec"),
        (file(matrix(9, (1, 8), b"val")), "an array with parts missing"),
        (file(matrix(2, (1, 1), b"s", element(5, bytes(4)), element(1, b"a"))), None),
        (
            file(matrix(2, (1, 1), b"s", element(5, b"\1\0\0\0"), element(1, b"a"))),
            "an array with parts missing",
        ),
        (file(struct.pack("<2I", 14, 10**9)), "an element of 1000000000 bytes where 0 are left"),
        (file(struct.pack("<2H", 1, 9) + bytes(20)), "an element of 9 bytes"),
        (file(b"\1\2\3"), "damaged: unpack_from requires"),
        (file(element(15, b"no zlib")), "damaged: Error -3"),
        (file(element(15, zlib.compress(bytes(100))[:-6])), "compressed data without end"),
        (b"MATLAB 5.0 MAT-file".ljust(128), "no mark of the byte order"),
        (struct.pack("<5I", 0, 10**6, 10**6, 0, 4) + b"val\0", "an array of 1000000 x 1000000 in 24 bytes"),
        (struct.pack("<5I", 90, 1, 1, 0, 4) + b"val\0", "unknown type of array 90"),
    ],
)
def test_damage(data: bytes, message: str | None) -> None:
    if message is None:
        assert decode_mat(data) == {"s": {}}
        return
    with pytest.raises(ValueError, match=message):
        decode_mat(data)


def test_a_structure_that_claims_to_be_huge_takes_no_time() -> None:
    stream = io.BytesIO()
    content: dict[str, Any] = {"ECG": {"sex": "M", "age": 5, "data": np.zeros((12, 13))}}
    scipy.io.savemat(stream, content)
    damaged = bytearray(stream.getvalue())
    damaged[167] = 210
    with pytest.raises(ValueError, match=r"an array of shape \(1, -\d+\)"):
        decode_mat(bytes(damaged))
    damaged[167] = 70
    assert decode_mat(bytes(damaged)) == {"ECG": None}


def test_data_that_unpack_to_too_much_are_not_unpacked() -> None:
    packed = element(15, zlib.compress(matrix(9, (1, 1000), b"a", element(2, bytes(1000)))))
    other = element(15, zlib.compress(matrix(9, (1, 1000), b"b", element(2, bytes(1000)))))
    assert decode_mat(file(packed, other), max_unpacked=2200).keys() == {"a", "b"}
    for most, elements in ((1000, [packed]), (2000, [packed, other]), (0, [packed])):
        with pytest.raises(ValueError, match="or more of it than the limit unpacked_bytes allows"):
            decode_mat(file(*elements), max_unpacked=most)


def test_numbers_too_large_for_their_type_are_infinite() -> None:
    doubles = element(9, np.array([1e300, 2.0]).tobytes())
    assert decode_mat(file(matrix(7, (1, 2), b"val", doubles)))["val"].tolist() == [[np.inf, 2.0]]  # type: ignore[union-attr]


def test_version_7_3_is_another_format() -> None:
    with pytest.raises(NotImplementedError):
        decode_mat(b"MATLAB 7.3 MAT-file".ljust(512))
