import numpy as np
import pytest

from einthoven.signal.amplitude import peak_to_peak, robust_scale

FS = 100.0


def spikes(heights):
    signal = np.zeros((1, len(heights) * 100), np.float32)
    signal[0, 50::100] = heights
    return signal


def test_peak_to_peak_looks_at_whole_seconds():
    signal = np.pad(spikes([1, 2, 3]), [(0, 0), (0, 30)], constant_values=9)
    np.testing.assert_array_equal(peak_to_peak(signal, FS), [[1, 2, 3]])
    np.testing.assert_array_equal(peak_to_peak(signal[:, 20:60], FS), [[1]])
    assert peak_to_peak(np.ones((2, 1), np.float32), FS).shape == (2, 1)


def test_a_fractional_rate_is_rounded():
    assert peak_to_peak(np.zeros((1, 257), np.float32), 85.6).shape == (1, 2)


def test_missing_samples_have_no_height():
    signal = spikes([1, 2, 3, 4])
    signal[0, 100:140] = np.nan
    signal[0, 249:300] = np.nan
    signal[0, 300:400] = np.nan
    np.testing.assert_array_equal(peak_to_peak(signal, FS), [[1, 2, np.nan, np.nan]])
    signal[0, 150] = np.nan
    np.testing.assert_array_equal(peak_to_peak(signal, FS), [[1, 0, np.nan, np.nan]])


def test_the_median_second_becomes_the_height_whatever_an_artefact_does():
    scaled = robust_scale(spikes([0.5, 0.5, 80, 0.5, 0.5]), FS)
    assert scaled.dtype == np.float32
    assert scaled[0, 50] == pytest.approx(2)
    assert robust_scale(spikes([0.5] * 3), FS, height=1.0).max() == pytest.approx(1)


def test_leads_are_scaled_each_by_its_own_amplitude():
    leads = np.concatenate([spikes([1, 1]), spikes([4, 4])])
    np.testing.assert_allclose(robust_scale(leads, FS)[0], robust_scale(leads, FS)[1])


def test_silence_is_not_blown_up():
    assert robust_scale(spikes([1e-5, 1e-5]), FS).max() == pytest.approx(0.02)
    assert not robust_scale(np.zeros((1, 300), np.float32), FS).any()
