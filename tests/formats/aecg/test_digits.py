"""A lead as whole numbers of a step."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from einthoven.errors import RecordError
from einthoven.formats.aecg.digits import decimal_of, encode_digits


def decoded(scale_uv: str, digits: np.ndarray) -> np.ndarray:
    """Read as the standard says, in doubles."""
    return (digits * float(Fraction(scale_uv) / 1000)).astype(np.float32)


@pytest.mark.parametrize("scale", ["2.5", "4.88", "1", "0.1526", "5", "0.007", "1000", "12.5"])
def test_the_step_of_a_recorder_is_kept(scale: str) -> None:
    digital = np.random.default_rng(3).integers(-3000, 3000, 5000)
    signal = decoded(scale, digital)
    found = encode_digits(signal, "x")
    assert found.scale_uv == scale
    assert np.array_equal(found.digits, digital)


def test_the_roundest_of_steps_that_give_the_same_samples_is_taken() -> None:
    digital = np.random.default_rng(3).integers(-3000, 3000, 5000)
    signal = decoded("3.814697265625", digital)
    found = encode_digits(signal, "x")
    assert found.scale_uv.startswith("3.81469")
    assert np.array_equal(found.digits, digital)
    assert np.array_equal(decoded(found.scale_uv, found.digits), signal)


def test_samples_of_no_step_are_written_in_nanovolts() -> None:
    signal = np.random.default_rng(3).normal(size=1000).astype(np.float32)
    found = encode_digits(signal, "x")
    assert found.scale_uv == "0.001"
    assert np.abs(decoded(found.scale_uv, found.digits) - signal.astype(np.float64)).max() < 0.6e-6


def test_an_offset_that_is_no_multiple_of_the_step() -> None:
    signal = (np.arange(-500, 500) * 0.0025 + 0.0007).astype(np.float32)
    found = encode_digits(signal, "x")
    assert np.array_equal(decoded(found.scale_uv, found.digits), signal)


@pytest.mark.parametrize("signal", [[], [0.0], [0.0, 0.0]])
def test_nothing_but_zeros(signal: list[float]) -> None:
    found = encode_digits(np.float32(signal), "x")
    assert found.digits.tolist() == [0] * len(signal)


def test_samples_beyond_nanovolts_are_written_coarser() -> None:
    signal = np.float32([1e-4, 3.3e4, 1.23456e5])
    found = encode_digits(signal, "x")
    assert found.scale_uv == "0.1"
    assert found.digits.max() < 2**31


def test_samples_that_are_too_large() -> None:
    with pytest.raises(RecordError, match=r"^x: expected samples of at most 2147483647 uV, found 3e\+06 mV$"):
        encode_digits(np.float32([1e-3, 3e6]), "x")


def test_tiny_samples_do_not_ask_for_endless_decimals() -> None:
    found = encode_digits(np.float32([1e-38, 2e-38]), "x")
    assert len(found.scale_uv) <= 50
    assert np.abs(decoded(found.scale_uv, found.digits)).max() < 1e-6


@settings(max_examples=80, deadline=None)
@given(
    arrays(np.int32, st.integers(1, 60), elements=st.integers(-32768, 32767)),
    st.decimals("0.001", "9", places=3).filter(bool),
)
def test_what_was_in_steps_comes_back_exactly(digital: np.ndarray, scale: object) -> None:
    signal = decoded(str(scale), digital)
    found = encode_digits(signal, "x")
    assert np.array_equal(decoded(found.scale_uv, found.digits), signal)


def test_decimals() -> None:
    assert decimal_of(Fraction(1, 3), 4) == "0.3333"
    assert decimal_of(Fraction(12, 100), 40) == "0.12"
    assert decimal_of(Fraction(7), 0) == "7"
    assert decimal_of(Fraction(0), 3) == "0"
