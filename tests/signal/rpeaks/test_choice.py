"""Which waves are beats: firm ones, and those the rhythm has room for. 100 samples a second."""

import numpy as np
import pytest

from einthoven.signal.rpeaks.choice import BeatChoice

FIRM, LIKELY, WEAK = 8.0, 1.0, -2.5


def choose(waves, length=None, cuts=()):
    """Give waves {sample: score}, whole or cut at these samples."""
    at, scores = np.array(sorted(waves)), np.array([waves[wave] for wave in sorted(waves)])
    length = length or int(at[-1]) + 50
    choice = BeatChoice(100.0)
    found, begin = [], 0
    for end in [*cuts, length]:
        inside = (at >= begin) & (at < end)
        found.append(choice.push(at[inside], scores[inside], end))
        begin = end
    return np.concatenate([*found, choice.finish(length)]).tolist()


def steady(n=12, interval=80, start=50):
    return {start + interval * beat: FIRM for beat in range(n)}


def test_firm_waves_are_beats():
    assert choose(steady()) == sorted(steady())


def test_a_weak_wave_between_two_beats_is_none():
    waves = steady()
    assert choose({**waves, 50 + 80 * 5 + 40: WEAK}) == sorted(waves)


def test_a_weak_wave_in_a_pause_is_found_by_searching_back():
    waves = steady()
    missing = 50 + 80 * 6
    assert choose({**waves, missing: WEAK}) == sorted(waves)


def test_of_the_waves_in_a_pause_those_that_fit_are_taken():
    waves = steady(16)
    for beat in (7, 8):
        waves[50 + 80 * beat] = WEAK
    fitting = sorted(waves)
    for beat in (6, 7, 8):
        waves[50 + 80 * beat + 30] = WEAK
    assert choose(waves) == fitting


def test_a_likely_wave_is_a_beat_unless_it_comes_much_too_soon():
    waves = steady()
    early, too_early = 50 + 80 * 5 + 50, 50 + 80 * 5 + 27
    assert early in choose({**waves, early: 2.0})
    assert too_early not in choose({**waves, too_early: LIKELY})


def test_nothing_comes_within_the_refractory_time_of_a_beat():
    waves = {**steady(6, 200), 50 + 15: 2.9}
    assert 65 not in choose(waves)


def test_a_train_as_regular_as_a_clock_is_a_fast_rhythm():
    fast = {50 + 27 * beat: 0.5 for beat in range(60)}
    assert len(choose(fast)) >= 55 and set(np.diff(choose(fast)[:15]).tolist()) == {27}
    jitter = np.random.default_rng(0).integers(-9, 10, 60)
    ragged = {50 + 36 * beat + int(jitter[beat]): 0.5 for beat in range(60)}
    assert np.diff(choose(ragged)[:6]).min() > 50


def test_without_anything_firm_what_there_is_must_do():
    weak = {50 + 80 * beat: 0.5 for beat in range(40)}
    assert len(choose(weak)) >= 36


def test_a_weak_wave_before_a_long_silence_is_settled_soon():
    choice = BeatChoice(100.0)
    waves = {**steady(), 50 + 80 * 12: LIKELY}
    at = np.array(sorted(waves))
    given = [choice.push(at, np.array([waves[wave] for wave in at]), 1100)]
    assert choice.pending_from == 50 + 80 * 12
    given.append(choice.push(np.empty(0, np.int64), np.empty(0), 3000))
    assert choice.pending_from is None
    assert np.concatenate(given).tolist() == sorted(waves)


@pytest.mark.parametrize("step", [1, 30, 170, 1000])
def test_cuts_into_pushes_change_nothing(step):
    rng = np.random.default_rng(4)
    at = np.cumsum(rng.integers(25, 90, 120))
    waves = dict(zip(at.tolist(), rng.normal(1, 3, 120).tolist(), strict=True))
    waves = {wave: score for wave, score in waves.items() if not 2000 < wave < 3500}
    length = int(at[-1]) + 2000
    assert choose(waves, length, cuts=range(step, length, step)) == choose(waves, length)
