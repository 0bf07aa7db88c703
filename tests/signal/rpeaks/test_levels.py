"""Levels of the beats around, and leads in one."""

import numpy as np
import pytest

from einthoven.signal.rpeaks.levels import QRSLevels

FS = 120.0
SECOND = 120


def beats(seconds, height=1.0):
    """A height of so many beats, one a second, on nearly nothing."""
    signal = np.full((1, seconds * SECOND), 0.01, np.float32)
    signal[0, 60::SECOND] = height
    return signal


def run(height, slope=None, cuts=(), wave=None):
    slope = height if slope is None else slope
    wave = height if wave is None else wave
    levels = QRSLevels(FS, len(height))
    pieces = [np.split(part, cuts, axis=-1) for part in (wave, height, slope)]
    parts = [levels.push(*piece) for piece in zip(*pieces, strict=True)] + [levels.finish()]
    return tuple(np.concatenate(column, axis=-1) for column in zip(*parts, strict=True))


@pytest.mark.parametrize("gain", [1e-4, 1.0, 300.0])
def test_a_usual_beat_is_1_at_any_gain(gain):
    height, slope, weight = run(np.float32(gain) * beats(20))
    np.testing.assert_allclose(height[60::SECOND], 1, rtol=1e-5)
    np.testing.assert_allclose(slope[60::SECOND], 1, rtol=1e-5)
    np.testing.assert_array_equal(weight, np.ones((1, 20)))


def test_one_huge_wave_moves_no_level():
    signal = beats(30)
    signal[0, 15 * SECOND + 5] = 100
    height, _, _ = run(signal)
    np.testing.assert_allclose(height[60::SECOND], 1, rtol=1e-5)
    assert height[15 * SECOND + 5] == pytest.approx(100, rel=1e-5)


def test_the_level_follows_a_change_of_gain_within_seconds():
    signal = np.concatenate([beats(20), beats(20, 3.0)], axis=-1)
    height, _, _ = run(signal)
    np.testing.assert_allclose(height[60 : 16 * SECOND : SECOND], 1, rtol=1e-5)
    np.testing.assert_allclose(height[24 * SECOND + 60 :: SECOND], 1, rtol=1e-5)


def test_what_a_lost_electrode_leaves_is_not_raised_to_beats():
    signal = np.concatenate([beats(20), beats(20, 0.02)], axis=-1)
    height, _, _ = run(signal)
    # Two hundredths of what there was, measured by a tenth of it, which fades by half in 30 s.
    assert 0.2 <= height[25 * SECOND :].max() <= 0.4


def test_lower_beats_come_back_when_the_higher_ones_are_forgotten():
    height, _, _ = run(np.concatenate([beats(20), beats(150, 0.02)], axis=-1))
    np.testing.assert_allclose(height[-10 * SECOND :].max(), 1, rtol=1e-5)


def test_rounding_is_silence():
    noise = np.full((1, 20 * SECOND), 1e-6, np.float32)
    height, slope, _ = run(noise, wave=np.full_like(noise, 5.0))
    assert not height.any() and not slope.any()


def test_silence_around_does_not_make_beats_higher():
    signal = np.concatenate([np.zeros((1, 30 * SECOND), np.float32), beats(10)], axis=-1)
    height, _, _ = run(signal)
    np.testing.assert_allclose(height[30 * SECOND + 60 :: SECOND], 1, rtol=1e-5)


def test_the_lead_in_which_beats_stand_out_decides():
    clear = beats(20)
    noisy = np.random.default_rng(0).uniform(0.3, 1, size=clear.shape).astype(np.float32)
    silent = np.zeros_like(clear)
    height, _, weight = run(np.concatenate([clear, noisy, silent]))
    assert (weight[0] > 0.95).all() and not weight[2].any()
    np.testing.assert_allclose(weight.sum(axis=0), 1)
    assert height[60::SECOND].min() > 0.9
    between = np.delete(height, np.arange(60, len(height), SECOND))
    assert between.max() < 0.15


def test_an_artefact_in_one_of_two_leads_is_capped():
    signal = np.concatenate([beats(30), beats(30)])
    signal[0, 15 * SECOND + 5] = 1000
    height, _, _ = run(signal)
    assert height[15 * SECOND + 5] < 2


@pytest.mark.parametrize("cuts", [[1], [119, 120, 121], range(50, 2490, 50), [2000]])
def test_cuts_into_pushes_change_nothing(cuts):
    rng = np.random.default_rng(2)
    height = rng.uniform(0, 1, size=(2, 2500)).astype(np.float32)
    height[0, 500:1200] = 0
    whole = run(height)
    assert whole[0].shape == (2500,) and whole[2].shape == (2, 21)
    for expected, found in zip(whole, run(height, cuts=cuts), strict=True):
        np.testing.assert_array_equal(found, expected)
