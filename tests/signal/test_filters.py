import numpy as np
import pytest

from einthoven.errors import RecordError, SettingsError
from einthoven.signal import filters
from einthoven.signal.filters import bandpass, fast_length

FS = 300.0
T = np.arange(6000) / FS
MIDDLE = slice(1200, -1200)


def tone(hz):
    return np.sin(2 * np.pi * hz * T)


def gain(hz, low_hz, high_hz):
    return float(np.abs(bandpass(tone(hz), FS, low_hz, high_hz))[MIDDLE].max())


@pytest.mark.parametrize(("low_hz", "high_hz"), [(5, 40), (5, None), (None, 40)])
def test_cuts_are_at_a_quarter_of_the_power_and_the_middle_passes(low_hz, high_hz):
    assert gain(14, low_hz, high_hz) == pytest.approx(1, abs=0.01)
    if low_hz:
        assert gain(5, low_hz, high_hz) == pytest.approx(0.5, abs=0.01)
        assert gain(1, low_hz, high_hz) < 1e-3
    if high_hz:
        assert gain(40, low_hz, high_hz) == pytest.approx(0.5, abs=0.01)
        assert gain(130, low_hz, high_hz) < 1e-3


def test_nothing_is_delayed():
    impulse = np.zeros(2001)
    impulse[1000] = 1
    response = bandpass(impulse, FS, 0.5, 40)
    assert response.argmax() == 1000
    np.testing.assert_allclose(response, response[::-1], atol=1e-6)


def test_offset_and_drift_are_gone_even_at_the_ends():
    drift = 5 + 0.2 * T
    assert np.abs(bandpass(drift, FS, 0.5, 40)).max() < 0.02


def test_each_lead_is_filtered_alone():
    leads = np.stack([tone(10), tone(20) + 3]).astype(np.float32)
    both = bandpass(leads, FS, 0.5, 40)
    assert both.dtype == np.float32
    for row, alone in zip(both, leads, strict=True):
        np.testing.assert_array_equal(row, bandpass(alone, FS, 0.5, 40))


@pytest.mark.parametrize("n", [1, 2, 3, 50, 899, 901])
def test_short_signals_keep_their_length(n):
    filtered = bandpass(np.full((2, n), 4.0, np.float32), FS, 0.5, 40)
    assert filtered.shape == (2, n)
    np.testing.assert_allclose(filtered, 0, atol=1e-4)


@pytest.mark.parametrize("high_hz", [150, 400, None])
def test_a_high_cut_from_nyquist_on_is_no_cut(high_hz):
    x = tone(140) + 2
    np.testing.assert_array_equal(bandpass(x, FS, 0.5, high_hz), bandpass(x, FS, 0.5, None))
    np.testing.assert_array_equal(bandpass(x, FS, None, high_hz), x.astype(np.float32))


@pytest.mark.parametrize(
    ("low_hz", "high_hz", "order"),
    [(40, 0.5, 3), (5, 5, 3), (0, 40, 3), (-1, None, 3), (None, np.nan, 3), (0.5, 40, 0), (0.5, 40, 11)],
)
def test_impossible_settings_are_refused(low_hz, high_hz, order):
    with pytest.raises(SettingsError):
        bandpass(tone(10), FS, low_hz, high_hz, order)


def test_a_low_cut_above_nyquist_is_refused():
    with pytest.raises(SettingsError, match="half the sampling rate"):
        bandpass(tone(10), FS, 150, None)


def test_missing_samples_are_refused():
    x = tone(10)
    x[7] = np.nan
    with pytest.raises(RecordError, match="fill them first"):
        bandpass(x, FS, 0.5, 40)


def test_fast_length_is_the_smallest_product_of_two_three_and_five():
    smooth = sorted(2**a * 3**b * 5**c for a in range(12) for b in range(8) for c in range(5))
    for n in (1, 2, 6, 7, 11, 97, 601, 1013, 2049):
        assert fast_length(n) == next(m for m in smooth if m >= n)


def test_how_many_frequencies_are_at_hand_together_changes_nothing(monkeypatch):
    leads = np.random.default_rng(0).standard_normal((2, 5000)).astype(np.float32)
    whole = bandpass(leads, FS, 0.5, 40)
    monkeypatch.setattr(filters, "_AT_ONCE", 100)
    np.testing.assert_array_equal(bandpass(leads, FS, 0.5, 40), whole)


def test_the_signal_is_reflected_oddly_and_its_far_ends_are_joined():
    extended = filters._extend(np.array([[1, 2, 4, 8]], np.float32), 2)
    assert extended.dtype == np.float64
    # 8 samples and 2 for the line back: ten are quick.
    np.testing.assert_allclose(extended, [[-2, 0, 1, 2, 4, 8, 12, 14, 14 - 16 / 3, 14 - 32 / 3]])
    assert filters._extend(np.array([3.0, 5.0]), 0).tolist() == [3, 5]
