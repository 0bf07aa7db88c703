"""Our MATLAB decoding against SciPy's."""

import io
import re
from typing import Any

import numpy as np
import pytest
import scipy.io
import scipy.sparse
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from einthoven.formats.mat.variables import decode_mat

NUMBERS = st.sampled_from(["f8", "f4", "i1", "u1", "i2", "u2", "i4", "u4", "i8", "u8"])
NAMES = st.from_regex(re.compile(r"[a-z][a-z0-9_]{0,9}", re.ASCII), fullmatch=True)


def numbers(dtypes: st.SearchStrategy[str], **shape: int) -> st.SearchStrategy[Any]:
    return dtypes.flatmap(lambda dtype: arrays(dtype, array_shapes(min_dims=2, max_side=5, **shape)))


def saved(variables: dict[str, Any], **options: Any) -> bytes:
    stream = io.BytesIO()
    scipy.io.savemat(stream, variables, **options)
    return stream.getvalue()


@settings(deadline=None)
@given(variables=st.dictionaries(NAMES, numbers(NUMBERS), max_size=3), compressed=st.booleans())
def test_level_5(variables: dict[str, Any], compressed: bool) -> None:
    data = saved(variables, do_compression=compressed)
    assert_same(decode_mat(data), scipy.io.loadmat(io.BytesIO(data)))


@settings(deadline=None)
@given(
    variables=st.dictionaries(
        NAMES,
        numbers(st.sampled_from(["f8", "f4", "i4", "i2", "u2", "u1"]), max_dims=2),
        min_size=1,
        max_size=3,
    )
)
def test_level_4(variables: dict[str, Any]) -> None:
    data = saved(variables, format="4")
    assert_same(decode_mat(data), scipy.io.loadmat(io.BytesIO(data)))


@settings(deadline=None)
@given(
    fields=st.dictionaries(
        NAMES, numbers(NUMBERS) | st.text("abc \u00e9\u03bc", min_size=1, max_size=5), min_size=1, max_size=4
    ),
    compressed=st.booleans(),
)
def test_structures(fields: dict[str, Any], compressed: bool) -> None:
    found = decode_mat(saved({"ECG": fields}, do_compression=compressed))["ECG"]
    assert isinstance(found, dict)
    for name, value in fields.items():
        if isinstance(value, str):
            assert found[name] == value
        else:
            np.testing.assert_array_equal(found[name], value, strict=True)


def assert_same(found: dict[str, Any], expected: dict[str, Any]) -> None:
    assert found.keys() == {name for name in expected if not name.startswith("__")}
    for name, array in found.items():
        np.testing.assert_array_equal(array, expected[name].astype(array.dtype), strict=True)


@pytest.mark.parametrize("version", ["4", "5"])
def test_what_is_passed_over_keeps_its_name(version: str) -> None:
    others: dict[str, Any] = {"text": "words", "complex": np.array([1j, 2]), "sparse": scipy.sparse.eye(3)}
    if version == "5":
        cells = np.empty(2, object)
        cells[:] = [np.zeros(2), "x"]
        others |= {"cells": cells, "flags": np.array([True]), "nested": {"inner": {"x": 1}}}
    found = decode_mat(saved(others | {"val": np.arange(3)}, format=version))
    assert found.pop("val").tolist() == [[0, 1, 2]]  # type: ignore[union-attr]
    if version == "5":
        assert found.pop("text") == "words"
        assert found.pop("nested") == {"inner": None}
    assert set(found.values()) == {None}
    assert found.keys() == others.keys() - ({"text", "nested"} if version == "5" else set())
