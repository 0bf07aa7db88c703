"""Millivolts to 16-bit units and back."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from einthoven.datasets.quantise import MISSING, quantise
from einthoven.record import Signal


def _back(units: np.ndarray, gains: np.ndarray) -> Signal:
    signal = units.astype(np.float32) / gains[:, None]
    signal[units == MISSING] = np.nan
    return signal


@settings(deadline=None)
@given(
    arrays(np.int16, st.tuples(st.integers(1, 3), st.integers(1, 50)), elements=st.integers(-32767, 32767))
)
def test_microvolts_come_back_bit_for_bit(units: np.ndarray) -> None:
    signal = (units.astype(np.float64) / 1000).astype(np.float32)
    stored, gains, errors = quantise(signal)
    np.testing.assert_array_equal(stored, units)
    assert (gains == 1000).all()
    assert (errors == 0).all()
    np.testing.assert_array_equal(_back(stored, gains), signal)


def test_every_unit_at_1000_a_millivolt_comes_back() -> None:
    units = np.arange(-32767, 32768, dtype=np.int32)
    signal = (units / 1000).astype(np.float32)[None]
    stored, gains, _ = quantise(signal)
    np.testing.assert_array_equal(_back(stored, gains), signal)


def test_200_units_a_millivolt_are_whole_microvolts() -> None:
    signal = (np.arange(-1024, 1024) / 200).astype(np.float32)[None]
    stored, gains, errors = quantise(signal)
    assert (gains[0], errors[0]) == (1000, 0)
    np.testing.assert_array_equal(_back(stored, gains), signal)


@settings(deadline=None)
@given(
    arrays(
        np.float32,
        st.tuples(st.integers(1, 3), st.integers(1, 30)),
        elements=st.floats(-1e6, 1e6, width=32) | st.just(float("nan")),
    )
)
def test_any_signal_comes_back_within_the_stated_error(signal: Signal) -> None:
    units, gains, errors = quantise(signal)
    back = _back(units, gains)
    np.testing.assert_array_equal(np.isnan(back), np.isnan(signal))
    for lead, got, error in zip(signal, back, errors, strict=True):
        there = ~np.isnan(lead)
        if there.any():
            peak = np.abs(lead[there]).max()
            assert np.abs(lead[there].astype(np.float64) - got[there]).max() <= error + peak * 1e-6
            assert error <= max(peak / 65534 * (1 + 1e-6), 1e-9)


def test_leads_are_scaled_one_by_one() -> None:
    signal = np.array([[0.001, 0.002, -0.003], [50.0, -100.0, 25.00001]], np.float32)
    units, gains, errors = quantise(signal)
    assert gains[0] == 1000
    assert errors[0] == 0
    assert gains[1] == pytest.approx(327.67)
    assert units[1].tolist() == [16384, -32767, 8192]
    assert 0 < errors[1] <= 100 / 65534


def test_a_lead_without_samples_is_all_missing() -> None:
    units, gains, errors = quantise(np.full((1, 4), np.nan, np.float32))
    assert (units == MISSING).all()
    assert (gains[0], errors[0]) == (1000, 0)
