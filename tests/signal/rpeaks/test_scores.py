"""How much waves stand out."""

import numpy as np
import pytest

from einthoven.signal.rpeaks.scores import WaveScores

FS = 120.0


def bump(signal, at, height, width=8.0):
    signal += (height * np.exp(-0.5 * ((np.arange(len(signal)) - at) / width) ** 2)).astype(np.float32)


def run(height, slope=None, cuts=()):
    slope = height if slope is None else slope
    scores = WaveScores(FS)
    parts = [
        scores.push(*piece) for piece in zip(np.split(height, cuts), np.split(slope, cuts), strict=True)
    ] + [scores.finish()]
    assert scores.length == len(height)
    return np.concatenate([part[0] for part in parts]), np.concatenate([part[1] for part in parts])


def rhythm(interval=100, n=1200):
    height = np.full(n, 0.02, np.float32)
    for at in range(60, n, interval):
        bump(height, at, 1.0)
    return height


def test_every_beat_is_a_firm_wave_at_its_place():
    waves, scores = run(rhythm())
    np.testing.assert_array_equal(waves, np.arange(60, 1200, 100))
    assert scores.min() > 3


def test_a_wave_in_noise_is_less_likely():
    calm = rhythm()
    restless = calm + np.random.default_rng(0).uniform(0, 0.8, len(calm)).astype(np.float32)
    assert np.median(run(restless)[1]) < np.median(run(calm)[1]) - 3


def test_a_wave_that_is_not_steep_is_no_beat():
    height, slope = rhythm(), rhythm()
    bump(height, 105, 0.5)
    bump(slope, 105, 0.1)
    waves, _ = run(height, slope)
    np.testing.assert_array_equal(waves, np.arange(60, 1200, 100))


def test_a_p_wave_that_stands_alone_is_no_beat():
    height = rhythm()[:1000]
    alone = np.concatenate([height, np.full(300, 0.02, np.float32), height])
    bump(alone, 1150, 0.17)
    waves, _ = run(alone)
    assert not ((waves > 1000) & (waves < 1300)).any()


def test_of_two_waves_within_the_refractory_time_the_better_stays():
    height = rhythm(300)
    bump(height, 60 + 26, 0.7, width=4.0)
    waves, _ = run(height)
    assert waves[0] == 60 and not (waves == 86).any()
    apart = rhythm(300)
    bump(apart, 60 + 40, 0.7, width=4.0)
    assert {60, 100} <= set(run(apart)[0].tolist())


def test_the_first_and_the_last_sample_are_no_peaks():
    falling = np.linspace(1, 0.02, 400, dtype=np.float32)
    assert len(run(falling)[0]) == 0
    assert len(run(falling[::-1].copy())[0]) == 0


@pytest.mark.parametrize("cuts", [[1], [78, 79], range(1, 1500), range(33, 1500, 33), [1400]])
def test_cuts_into_pushes_change_nothing(cuts):
    rng = np.random.default_rng(3)
    height = np.convolve(rng.uniform(0, 1.5, 1520), np.ones(21) / 21, "valid").astype(np.float32)
    slope = rng.uniform(0, 1.5, 1500).astype(np.float32)
    for expected, found in zip(run(height, slope), run(height, slope, cuts), strict=True):
        np.testing.assert_array_equal(found, expected)
