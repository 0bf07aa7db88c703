import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from einthoven.errors import RecordError, SettingsError
from einthoven.signal.resample import resample


def waves(fs, seconds=8.0, offset=0.0):
    t = np.arange(round(seconds * fs)) / fs
    return np.stack([np.sin(2 * np.pi * 3 * t), np.cos(2 * np.pi * 11 * t)]).astype(np.float32) + np.float32(
        offset
    )


@pytest.mark.parametrize(("fs", "new_fs"), [(300, 100), (360, 300), (128, 500), (257.5, 100)])
def test_a_tone_keeps_its_time_and_its_height(fs, new_fs):
    new = resample(waves(fs), fs, new_fs)
    expected = waves(new_fs, waves(fs).shape[1] / fs)
    inside = slice(int(new_fs), int(-new_fs))
    assert new.dtype == np.float32
    np.testing.assert_allclose(new[:, inside], expected[:, inside], atol=2e-3)


def test_an_offset_makes_no_step_at_the_ends():
    high = resample(waves(300, offset=500.0), 300, 100)
    low = resample(waves(300), 300, 100)
    np.testing.assert_allclose(high - 500, low, atol=1e-3)
    np.testing.assert_allclose(resample(np.full((1, 900), 2.5, np.float32), 300, 100), 2.5, atol=1e-6)


def test_a_frequency_above_the_new_nyquist_is_removed():
    t = np.arange(3000) / 300
    alias = resample(np.sin(2 * np.pi * 90 * t)[None].astype(np.float32), 300, 100)
    assert np.abs(alias[:, 100:-100]).max() < 1e-3


def test_the_same_rate_returns_the_same_array_and_loads_nothing(monkeypatch):
    monkeypatch.setitem(sys.modules, "soxr", None)
    x = waves(300)
    assert resample(x, 300, 300.0) is x


@settings(max_examples=50, deadline=None)
@given(n=st.integers(1, 700), fs=st.floats(50, 1000), new_fs=st.floats(50, 1000))
def test_length_follows_the_rates(n, fs, new_fs):
    new = resample(np.ones((2, n), np.float32), fs, new_fs)
    assert new.shape[0] == 2
    assert abs(new.shape[1] - max(1, n * new_fs / fs)) <= 0.5 + 1e-9
    assert np.isfinite(new).all()


@pytest.mark.parametrize("new_fs", [0, -100, np.nan, np.inf])
def test_impossible_rates_are_refused(new_fs):
    with pytest.raises(SettingsError):
        resample(waves(300), 300, new_fs)


def test_missing_samples_are_refused():
    x = waves(300)
    x[0, 5] = np.nan
    with pytest.raises(RecordError):
        resample(x, 300, 100)


def test_how_many_samples_are_converted_at_once_changes_nothing(monkeypatch):
    signal = waves(360, offset=4.0)
    whole = resample(signal, 360, 125)
    monkeypatch.setattr("einthoven.signal.resample._AT_ONCE", 100)
    np.testing.assert_array_equal(resample(signal, 360, 125), whole)
