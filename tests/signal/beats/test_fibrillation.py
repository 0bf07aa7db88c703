"""Beats as in atrial fibrillation: which intervals change, and which part of the wave."""

import numpy as np
import pytest

from einthoven.signal.beats.fibrillation import (
    F_WAVES_HEIGHT,
    F_WAVES_HZ,
    LONGEST_S,
    P_WAVE_S,
    SHORTEST_S,
    SPREAD,
    fibrillating_times,
    without_p_waves,
)

FS, RPEAK, N = 125.0, 75, 150


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def test_intervals_become_irregular_around_the_same_median() -> None:
    times = 5 + 0.8 * np.arange(3000)
    spreads = []
    for seed in range(20):
        found = np.diff(fibrillating_times(times, np.zeros(3000, bool), rng(seed)))
        assert np.median(found) == pytest.approx(0.8, rel=0.03)
        assert found.min() >= SHORTEST_S - 1e-9 and found.max() <= LONGEST_S + 1e-9
        assert abs(np.corrcoef(found[1:], found[:-1])[0, 1]) < 0.1
        spreads.append(np.log(found).std())
    assert SPREAD[0] * 0.9 < min(spreads) and max(spreads) < SPREAD[1] * 1.1
    assert max(spreads) > 1.5 * min(spreads)


def test_kept_beats_keep_the_interval_before_them() -> None:
    times = np.cumsum(np.tile([0.9, 0.9, 0.5], 50))
    kept = np.tile([False, False, True], 50)
    found = np.diff(fibrillating_times(times, kept, rng()))
    assert found[1::3] == pytest.approx(0.5)
    assert (np.abs(np.delete(found, np.s_[1::3]) - 0.9) > 1e-9).all()


def test_all_kept_is_the_same_rhythm() -> None:
    times = np.cumsum(rng().uniform(0.5, 1.0, 20))
    found = fibrillating_times(times, np.ones(20, bool), rng())
    assert np.diff(found) == pytest.approx(np.diff(times))


@pytest.mark.parametrize("n", [0, 1])
def test_without_an_interval_there_is_nothing_to_draw(n: int) -> None:
    times = np.full(n, 3.0)
    found = fibrillating_times(times, np.zeros(n, bool), rng())
    assert found.tolist() == times.tolist() and found is not times


def test_a_seed_decides_the_rhythm() -> None:
    times, kept = 0.8 * np.arange(30), np.zeros(30, bool)
    first, again, other = (fibrillating_times(times, kept, rng(seed)) for seed in (1, 1, 2))
    assert first.tolist() == again.tolist() and not np.allclose(first, other)


T = (np.arange(N) - RPEAK) / FS
BEAT = (
    2 * np.exp(-((T / 0.02) ** 2)) + 0.4 * np.exp(-(((T + 0.17) / 0.03) ** 2)) + 0.5 * (T > 0.2) + 0.1
).astype(np.float32)
"""A QRS complex, a P wave 0.17 s before it, and a step after it."""


def test_the_usual_beat_loses_its_p_wave_and_nothing_else() -> None:
    beats = np.tile(BEAT, (6, 1))
    _, usual = without_p_waves(beats, beats, RPEAK, FS, rng())
    outside = (-P_WAVE_S[0] >= T) | (-P_WAVE_S[1] <= T)
    assert usual.dtype == np.float32 and usual.shape == beats.shape
    assert usual[:, outside] == pytest.approx(beats[:, outside])
    inner = usual[:, (T > -0.26) & (T < -0.14)]
    assert np.ptp(inner) == pytest.approx(0, abs=1e-6) and inner[0, 0] < 0.3
    assert np.abs(np.diff(usual[:, T < -0.05])).max() < 0.15  # No step at the edges.


def test_the_beat_gets_f_waves_besides() -> None:
    beats = np.tile(BEAT, (200, 1))
    heights, rates = [], []
    for seed in range(20):
        found, usual = without_p_waves(beats, beats, RPEAK, FS, rng(seed))
        waves = found - usual
        amplitudes = np.abs(waves).max(axis=1)
        assert F_WAVES_HEIGHT[0] * 0.4 < amplitudes.min() and amplitudes.max() <= F_WAVES_HEIGHT[1] * 1.5
        # All beats of a recording share the frequency, no two of them the phase.
        spectrum = np.abs(np.fft.rfft(waves * np.hanning(N), 1024)).mean(axis=0)
        rates.append(np.fft.rfftfreq(1024, 1 / FS)[spectrum.argmax()])
        heights.append(amplitudes.mean())
        assert len(np.unique(waves[:, 0])) > 190
    assert F_WAVES_HZ[0] - 0.5 < min(rates) and max(rates) < F_WAVES_HZ[1] + 0.5 and np.std(rates) > 0.5
    assert max(heights) > 2 * min(heights)


def test_the_given_beats_stay_and_a_seed_decides() -> None:
    beats, usual = np.tile(BEAT, (2, 3, 1))
    first = without_p_waves(beats, usual, RPEAK, FS, rng(1))
    again, other = (without_p_waves(beats, usual, RPEAK, FS, rng(seed)) for seed in (1, 2))
    assert all(np.array_equal(a, b) for a, b in zip(first, again, strict=True))
    assert not np.array_equal(first[0], other[0])
    assert (beats == BEAT).all() and (usual == BEAT).all()
