"""What must not change when gain, electrode offset, polarity, length or sampling rate do."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from einthoven.pipeline import Bandpass, Clip, FillMissing, LogSpectrogram, Pipeline, Resample, RobustScale
from einthoven.signal.filters import bandpass
from einthoven.signal.noise import noise_share
from einthoven.signal.quality import assess
from einthoven.signal.resample import resample
from einthoven.signal.rpeaks import find_rpeaks
from einthoven.signal.simulated import simulate
from einthoven.signal.spectrogram import log_spectrogram

FS = 300.0
ECG = simulate("ectopy", seed=11, leads=("I", "II"), duration_s=20.0).signal
FRONT_END = Pipeline((FillMissing(), Bandpass(0.5, 40.0), Resample(100.0), RobustScale(), Clip(8.0)))
GAINS = st.floats(0.05, 50) | st.floats(-50, -0.05)


@settings(max_examples=25, deadline=None)
@given(gain=GAINS, offset=st.floats(-5, 5))
def test_rpeaks_ignore_gain_polarity_and_offset(gain, offset):
    changed = (ECG * gain + offset * abs(gain)).astype(np.float32)
    np.testing.assert_array_equal(find_rpeaks(changed, FS), find_rpeaks(ECG, FS))


@settings(max_examples=15, deadline=None)
@given(first=GAINS, second=GAINS)
def test_rpeaks_ignore_the_gain_of_each_lead(first, second):
    gains = np.array([[first], [second]], np.float32)
    found, expected = find_rpeaks(ECG * gains, FS), find_rpeaks(ECG, FS)
    assert len(found) == len(expected)
    assert np.abs(found - expected).max() <= 0.03 * FS


def test_rpeaks_ignore_silence_around_the_recording():
    around = np.pad(ECG, [(0, 0), (900, 600)], mode="edge")
    inside = find_rpeaks(around, FS) - 900
    expected = find_rpeaks(ECG, FS)
    well_inside = expected[(expected > 60) & (expected < ECG.shape[1] - 60)]
    assert set(well_inside) <= set(inside)
    assert len(inside) <= len(expected) + 1


@pytest.mark.parametrize("new_fs", [100.0, 128.0, 250.0, 360.0, 500.0, 1000.0])
@pytest.mark.parametrize("leads", [1, 2])
def test_rpeaks_come_at_the_same_time_at_any_rate(new_fs, leads):
    there = find_rpeaks(resample(ECG[:leads], FS, new_fs), new_fs) / new_fs
    here = find_rpeaks(ECG[:leads], FS) / FS
    assert len(there) == len(here)
    assert np.abs(there - here).max() < 0.015


@pytest.mark.parametrize("gain", [1e-3, 1e3])
def test_rpeaks_ignore_the_unit(gain):
    np.testing.assert_array_equal(find_rpeaks(ECG * np.float32(gain), FS), find_rpeaks(ECG, FS))


@settings(max_examples=20, deadline=None)
@given(gain=st.floats(0.05, 50), offset=st.floats(-5, 5))
def test_the_front_end_ignores_gain_and_offset(gain, offset):
    expected, _ = FRONT_END(ECG, FS)
    changed, _ = FRONT_END((gain * (ECG + offset)).astype(np.float32), FS)
    np.testing.assert_allclose(changed, expected, atol=2e-3)


def test_the_front_end_follows_polarity():
    expected, _ = FRONT_END(ECG, FS)
    np.testing.assert_allclose(FRONT_END(-ECG, FS)[0], -expected, atol=1e-6)


@pytest.mark.parametrize("scale", [0.25, 4.0])
def test_gain_shifts_the_log_spectrogram_by_a_constant(scale):
    expected = log_spectrogram(ECG, FS) + 2 * np.log(scale)
    np.testing.assert_allclose(log_spectrogram(ECG * np.float32(scale), FS), expected, atol=1e-4)


def test_the_log_spectrogram_ignores_offset_and_polarity():
    expected = log_spectrogram(ECG, FS)
    np.testing.assert_array_equal(log_spectrogram(-ECG, FS), expected)
    loud = expected > -14
    np.testing.assert_allclose(log_spectrogram(ECG + np.float32(1), FS)[loud], expected[loud], atol=0.05)


def test_zeros_after_the_recording_leave_earlier_frames_as_they_are():
    features, _ = LogSpectrogram()(ECG, FS)
    longer, _ = LogSpectrogram()(np.pad(ECG, [(0, 0), (0, 640)]), FS)
    np.testing.assert_array_equal(longer[..., : features.shape[-1]], features)
    assert not longer[..., -18:].any()


@settings(max_examples=25, deadline=None)
@given(
    weights=st.tuples(st.floats(-3, 3), st.floats(-3, 3)),
    low_hz=st.none() | st.floats(0.3, 5),
    high_hz=st.none() | st.floats(10, 200),
    order=st.integers(1, 5),
)
def test_filtering_is_linear_and_knows_no_direction(weights, low_hz, high_hz, order):
    def run(x):
        return bandpass(x, FS, low_hz, high_hz, order)

    a, b = weights
    mixed = (a * ECG[0] + b * ECG[1]).astype(np.float32)
    np.testing.assert_allclose(run(mixed), a * run(ECG[0]) + b * run(ECG[1]), atol=1e-4)
    np.testing.assert_allclose(run(ECG[:, ::-1]), run(ECG)[:, ::-1], atol=1e-4)


NOISY = ECG + 0.3 * np.random.default_rng(0).standard_normal(ECG.shape).astype(np.float32)


@settings(max_examples=15, deadline=None)
@given(gain=GAINS, offset=st.floats(-5, 5))
def test_noise_ignores_gain_polarity_and_offset(gain, offset):
    rpeaks = find_rpeaks(NOISY, FS)
    expected = noise_share(NOISY, FS, rpeaks)
    assert (expected > 0.2).all() and (expected < 0.95).all()
    changed = (NOISY * gain + offset * abs(gain)).astype(np.float32)
    np.testing.assert_allclose(noise_share(changed, FS, rpeaks), expected, atol=1e-3)


@pytest.mark.parametrize("new_fs", [150.0, 250.0, 500.0])
def test_noise_is_the_same_at_any_rate(new_fs):
    quality = assess(resample(NOISY, FS, new_fs), new_fs)
    np.testing.assert_allclose(quality.noise, assess(NOISY, FS).noise, atol=0.1)


def test_noise_ignores_silence_around_the_recording():
    around = np.pad(NOISY, [(0, 0), (900, 600)], mode="edge")
    np.testing.assert_allclose(assess(around, FS).noise, assess(NOISY, FS).noise, atol=0.1)


def test_quality_ignores_offset_and_polarity():
    expected, changed = assess(ECG, FS), assess(-ECG + np.float32(0.5), FS)
    assert changed.flat == expected.flat
    assert changed.score == pytest.approx(expected.score, abs=1e-4)
    np.testing.assert_allclose(changed.amplitude_mv, expected.amplitude_mv, rtol=1e-4)
