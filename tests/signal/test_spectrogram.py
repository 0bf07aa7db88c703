import numpy as np
import pytest

from einthoven.errors import RecordError, SettingsError
from einthoven.signal.spectrogram import log_spectrogram, tukey

FS = 300.0


@pytest.mark.parametrize(("n", "frames"), [(18286, 570), (2714, 83), (64, 1), (95, 1), (96, 2)])
def test_frames_of_the_challenge_recordings(n, frames):
    result = log_spectrogram(np.ones((2, n), np.float32), FS)
    assert result.shape == (2, 33, frames)
    assert result.dtype == np.float32


def test_a_tone_is_highest_in_its_bin():
    t = np.arange(3000) / FS
    spectrogram = log_spectrogram(np.sin(2 * np.pi * 10 * FS / 64 * t)[None].astype(np.float32), FS)
    assert (spectrogram[0].argmax(axis=0) == 10).all()


def test_power_adds_up_to_the_mean_square():
    noise = np.random.default_rng(0).normal(size=(1, 60_000)).astype(np.float32)
    density = np.exp(log_spectrogram(noise, FS, shape=0.0))[:, 1:].mean(axis=-1).sum()
    assert density * FS / 64 == pytest.approx(1, rel=0.03)


@pytest.mark.parametrize("level", [0.0, 0.3, -7.1])
def test_bins_without_power_stay_zero(level):
    assert not log_spectrogram(np.full((1, 640), level, np.float32), FS).any()


def test_a_short_recording_is_padded_to_one_window():
    x = np.random.default_rng(1).normal(size=(1, 20)).astype(np.float32)
    padded = np.pad(x, [(0, 0), (0, 44)])
    np.testing.assert_array_equal(log_spectrogram(x, FS), log_spectrogram(padded, FS))


def test_tukey_goes_from_rectangle_to_hann():
    assert (tukey(8, 0) == 1).all()
    np.testing.assert_allclose(tukey(8, 1), np.sin(np.pi * np.arange(8) / 8) ** 2, atol=1e-12)


@pytest.mark.parametrize("settings", [(1, 0, 0.25), (64, 64, 0.25), (64, -1, 0.25), (64, 32, 1.5)])
def test_impossible_settings_are_refused(settings):
    with pytest.raises(SettingsError):
        log_spectrogram(np.zeros((1, 100), np.float32), FS, *settings)


def test_missing_samples_are_refused():
    with pytest.raises(RecordError):
        log_spectrogram(np.full((1, 100), np.nan, np.float32), FS)
