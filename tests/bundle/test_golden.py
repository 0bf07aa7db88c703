"""The golden pair: comes back bit for bit, and its headers are not believed."""

import io

import numpy as np
import pytest

from einthoven.bundle import Bundle
from einthoven.bundle.archive import pack
from einthoven.bundle.golden import decode_golden, encode_golden
from einthoven.bundle.model import Golden
from einthoven.errors import BundleError


def npy(array: object, version: tuple[int, int] | None = None) -> bytes:
    buffer = io.BytesIO()
    np.lib.format.write_array(buffer, np.asarray(array), version)
    return buffer.getvalue()


def spoilt(**arrays: bytes) -> bytes:
    fitting = {"signal": npy(np.ones((1, 9), "<f4")), "fs": npy(1.0), "probs": npy(np.ones(4, "<f4"))}
    return pack((f"{name}.npy", content) for name, content in (fitting | arrays).items())


def test_the_pair_comes_back(tiny_bundle: Bundle) -> None:
    golden = tiny_bundle.golden
    found = decode_golden(encode_golden(golden))
    assert found.fs == golden.fs
    for name in ("signal", "probs"):
        assert getattr(found, name).dtype == np.float32
        np.testing.assert_array_equal(getattr(found, name), getattr(golden, name))


def test_other_layouts_of_memory_give_the_same_bytes() -> None:
    signal = np.arange(12, dtype=np.float32).reshape(2, 6)
    usual = encode_golden(Golden(signal, 250.0, np.ones(3, np.float32)))
    odd = Golden(np.asfortranarray(signal.astype(">f4")), 250, np.ones(6, np.float64)[::2])  # type: ignore[arg-type]
    assert encode_golden(odd) == usual
    assert decode_golden(spoilt()).fs == 1.0


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({"signal": npy(np.ones((1, 9)), (2, 0))}, r"expected \.npy version 1\.0"),
        ({"signal": npy(np.ones((1, 9), "<i4"))}, "expected 9 little-endian floats, found int32, 36 bytes"),
        ({"signal": npy(np.ones((1, 9), ">f4"))}, "expected 9 little-endian floats"),
        ({"probs": npy(np.ones(4, "<f4"))[:-1]}, "expected 4 little-endian floats, found float32, 15 bytes"),
        ({"probs": npy(np.ones(4, "<f4")) + b"\0"}, "found float32, 17 bytes"),
        ({"fs": npy(np.ones(2))}, "expected one sampling rate, found 2"),
        ({"fs": npy(np.ones(0))}, "expected one sampling rate, found 0"),
    ],
)
def test_headers_are_compared_with_what_follows(arrays: dict[str, bytes], message: str) -> None:
    with pytest.raises(BundleError, match=message):
        decode_golden(spoilt(**arrays))


def test_a_missing_array_is_named() -> None:
    with pytest.raises(BundleError, match=r"^fs\.npy is missing, found signal\.npy$"):
        decode_golden(pack([("signal.npy", npy(np.ones((1, 9))))]))
