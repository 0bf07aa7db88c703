"""Our NumPy signal processing against scipy.signal's."""

import numpy as np
import pytest
from scipy import signal as scipy_signal

from einthoven.signal.filters import bandpass
from einthoven.signal.resample import resample
from einthoven.signal.simulated import simulate
from einthoven.signal.spectrogram import log_spectrogram, tukey

FS = 300.0


@pytest.fixture(scope="module")
def ecg():
    return simulate("af", seed=1, leads=("I", "V2"), noise_mv=0.05).signal + np.float32(2.0)


@pytest.mark.parametrize(
    ("low_hz", "high_hz", "kind"),
    [(0.5, 40.0, "bandpass"), (5.0, 15.0, "bandpass"), (0.5, None, "highpass"), (None, 40.0, "lowpass")],
)
@pytest.mark.parametrize("order", [1, 3, 4])
def test_bandpass_is_sosfiltfilt_with_the_same_reflection(ecg, low_hz, high_hz, kind, order):
    cuts = [cut for cut in (low_hz, high_hz) if cut]
    sos = scipy_signal.butter(order, cuts if len(cuts) == 2 else cuts[0], kind, fs=FS, output="sos")
    expected = scipy_signal.sosfiltfilt(sos, ecg.astype(np.float64), padlen=900)
    ours = bandpass(ecg, FS, low_hz, high_hz, order)
    np.testing.assert_allclose(ours, expected, atol=0.01)
    inside = slice(900, -900)
    np.testing.assert_allclose(ours[:, inside], expected[:, inside], atol=2e-4)


@pytest.mark.parametrize("order", [1, 3])
def test_bandpass_is_plain_sosfiltfilt_well_inside(ecg, order):
    sos = scipy_signal.butter(order, [0.5, 40.0], "bandpass", fs=FS, output="sos")
    expected = scipy_signal.sosfiltfilt(sos, ecg.astype(np.float64))
    inside = slice(1800, -1800)
    np.testing.assert_allclose(bandpass(ecg, FS, 0.5, 40.0, order)[:, inside], expected[:, inside], atol=5e-4)


@pytest.mark.parametrize(
    ("window", "overlap", "shape"), [(64, 32, 0.25), (65, 10, 0.25), (128, 127, 1.0), (20, 0, 0.0)]
)
def test_log_spectrogram_is_the_log_of_scipys(ecg, window, overlap, shape):
    part = ecg[:, :2000].astype(np.float64)
    _, _, power = scipy_signal.spectrogram(
        part, FS, window=("tukey", shape), nperseg=window, noverlap=overlap
    )
    ours = log_spectrogram(ecg[:, :2000], FS, window, overlap, shape)
    assert ours.shape == power.shape
    visible = power > 1e-20
    np.testing.assert_allclose(ours[visible], np.log(power[visible]), atol=1e-4)


def test_zeroed_stretches_stay_zero_where_scipy_finds_no_power(ecg):
    gappy = ecg.copy()
    gappy[:, 500:900] = 0
    _, _, power = scipy_signal.spectrogram(gappy.astype(np.float64), FS, ("tukey", 0.25), 64, 32)
    ours = log_spectrogram(gappy, FS)
    assert (power == 0).any()
    assert not ours[power == 0].any()


@pytest.mark.parametrize("n", [2, 7, 64, 65])
@pytest.mark.parametrize("shape", [0, 0.25, 0.7, 1])
def test_tukey_is_scipys(n, shape):
    np.testing.assert_allclose(tukey(n, shape), scipy_signal.get_window(("tukey", shape), n), atol=1e-12)


@pytest.mark.parametrize("new_fs", [100.0, 250.0, 500.0])
def test_resampling_agrees_with_fourier_resampling(new_fs):
    smooth = bandpass(simulate(seed=3, noise_mv=0.0).signal, FS, None, 30.0)
    expected = scipy_signal.resample(smooth, round(9000 * new_fs / FS), axis=-1)
    ours = resample(smooth, FS, new_fs)
    edge = round(2 * new_fs)
    np.testing.assert_allclose(ours[:, edge:-edge], expected[:, edge:-edge], atol=5e-3)
