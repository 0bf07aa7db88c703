"""Which heartbeats each lead shows, and low leads that are no noise."""

import numpy as np
import pytest
from numpy.typing import NDArray

from einthoven.datasets.cinc2020 import open_cinc2020
from einthoven.datasets.ptbxl import open_ptbxl
from einthoven.record import TWELVE_LEADS, Signal
from einthoven.signal.noise import noise_share
from einthoven.signal.rpeaks import find_rpeaks
from einthoven.signal.shown_beats import MIN_SHOWN, beats_of, limb_noise, shown_beats, shown_through
from einthoven.signal.simulated import simulate

FS = 300.0


def shown(signal: Signal, rpeaks: NDArray[np.int64], fs: float = FS) -> NDArray[np.float64]:
    return shown_beats([beats_of(signal[lead : lead + 1], fs, rpeaks) for lead in range(len(signal))])


def limb(signal: Signal, rpeaks: NDArray[np.int64], names: tuple[str, ...]) -> NDArray[np.float64]:
    leads = [beats_of(signal[lead : lead + 1], FS, rpeaks) for lead in range(len(signal))]
    return limb_noise(signal, FS, rpeaks, names, leads, shown_beats(leads))


def heart(rhythm: str = "normal", seed: int = 0, seconds: float = 10.0) -> tuple[Signal, NDArray[np.int64]]:
    record = simulate(rhythm, seed=seed, duration_s=seconds, fs=FS, leads=TWELVE_LEADS)
    return record.signal.copy(), find_rpeaks(record.signal, FS)


def white(n: int, mv: float, seed: int) -> Signal:
    return (mv * np.random.default_rng(seed).standard_normal(n)).astype(np.float32)


@pytest.mark.parametrize("rhythm", ["normal", "af", "ectopy"])
def test_every_lead_of_a_heart_shows_its_beats(rhythm: str) -> None:
    for seed in range(5):
        signal, rpeaks = heart(rhythm, seed)
        assert shown_through(signal, FS, TWELVE_LEADS, shown(signal, rpeaks)).min() > 0.25


def test_a_lead_may_be_low_and_upside_down() -> None:
    signal, rpeaks = heart()
    expected = shown(signal, rpeaks)
    signal[4] *= -0.01
    np.testing.assert_allclose(shown(signal, rpeaks), expected, atol=1e-3)


@pytest.mark.parametrize("mv", [0.005, 0.02, 0.05, 0.5])
@pytest.mark.parametrize("n_silent", [1, 6, 11])
def test_noise_shows_no_beats_however_high_and_in_however_many_leads(n_silent: int, mv: float) -> None:
    for seed in range(5):
        signal, _ = heart(seed=seed)
        silent = np.random.default_rng(seed).permutation(12)[:n_silent]
        for lead in silent:
            signal[lead] = white(signal.shape[1], mv, 100 * seed + lead)
        found = shown(signal, find_rpeaks(signal, FS))
        assert set(np.flatnonzero(found < MIN_SHOWN)) == set(silent)


@pytest.mark.parametrize("n_silent", [1, 11])
def test_hum_explains_nothing(n_silent: int) -> None:
    t = np.arange(3000) / FS
    for seed in range(5):
        signal, rpeaks = heart(seed=seed)
        signal[:n_silent] = np.sin(2 * np.pi * 50 * t + seed)
        assert shown(signal, rpeaks)[n_silent:].min() > 0.25


def test_beats_of_two_shapes_are_compared_with_their_like() -> None:
    t = np.arange(6000) / FS
    narrow, wide = (
        sum(np.exp(-0.5 * ((t - at) / width) ** 2) for at in np.arange(start, 19.5, 2.0))
        for start, width in ((0.7, 0.012), (1.5, 0.04))
    )
    leads = np.stack([narrow - wide, 0.1 * (narrow + wide)]).astype(np.float32)
    assert shown(leads, find_rpeaks(leads, FS)).min() > 0.95


def test_what_cannot_be_told_is_not_told() -> None:
    signal, rpeaks = heart()
    assert np.isnan(shown(signal[:1], rpeaks)).all()
    assert np.isnan(shown(signal, rpeaks[:2])).all()
    assert np.isnan(shown(signal, rpeaks[:0])).all()
    hum = np.sin(2 * np.pi * 50 * np.arange(3000) / FS)
    assert np.isnan(shown(np.stack([hum, -hum]).astype(np.float32), rpeaks)).all()
    signal[3] = np.nan
    assert list(np.flatnonzero(np.isnan(shown(signal, rpeaks)))) == [3]


def test_a_lead_on_which_the_axis_stands_upright_shows_what_it_should() -> None:
    signal, rpeaks = heart("af", 4)
    found = shown(signal, rpeaks)
    assert list(np.flatnonzero(found < MIN_SHOWN)) == [4]
    through = shown_through(signal, FS, TWELVE_LEADS, found)
    np.testing.assert_array_equal(through, np.where(found < MIN_SHOWN, 1.0, found))
    leads = [beats_of(signal[at : at + 1], FS, rpeaks) for at in range(12)]
    noise = limb_noise(signal, FS, rpeaks, TWELVE_LEADS, leads, through)
    assert noise[4] < 0.3 < noise_share(signal, FS, rpeaks)[4]
    # Where its name, or that of another, is not known, or I is noise itself, nothing says so.
    assert shown_through(signal, FS, (), found) is found
    np.testing.assert_array_equal(shown_through(signal, FS, TWELVE_LEADS[::-1], found), found)
    off = np.where(np.arange(12) == 0, 0.0, found)
    np.testing.assert_array_equal(shown_through(signal, FS, TWELVE_LEADS, off), off)
    signal[4] = white(signal.shape[1], 0.2, 0)
    np.testing.assert_array_equal(shown_through(signal, FS, TWELVE_LEADS, found), found)


def test_a_long_recording_is_looked_at_here_and_there() -> None:
    signal, rpeaks = heart(seconds=300.0)
    assert len(rpeaks) > 300
    assert beats_of(signal[:1], FS, rpeaks).shapes.shape[0] == 64
    signal[2] = white(signal.shape[1], 0.02, 0)
    assert list(np.flatnonzero(shown(signal, rpeaks) < MIN_SHOWN)) == [2]


def test_a_low_limb_lead_is_less_noisy_than_its_beats_by_themselves() -> None:
    signal, rpeaks = heart(seed=1)
    signal[3] = 0.04 * signal[3] + white(signal.shape[1], 0.03, 1)
    by_itself = noise_share(signal, FS, rpeaks)
    assert by_itself[3] > 0.5
    found = limb(signal, rpeaks, TWELVE_LEADS)
    assert found[3] < 0.05
    others = [0, 1, *range(6, 12)]
    np.testing.assert_array_equal(found[others], by_itself[others])


def test_noise_in_all_leads_is_still_noise_in_a_low_one() -> None:
    signal, rpeaks = heart(seed=1)
    for lead in range(6):
        signal[lead] = 0.3 * signal[lead] + white(signal.shape[1], 0.2, lead)
    signal[3] *= 0.3
    assert limb(signal, rpeaks, TWELVE_LEADS)[:6].min() > 0.3


def test_only_a_limb_lead_that_shows_beats_is_low() -> None:
    signal, rpeaks = heart(seed=1)
    signal[4] = white(signal.shape[1], 0.02, 1)
    assert limb(signal, rpeaks, TWELVE_LEADS)[4] > 0.7
    signal, rpeaks = heart(seed=1)
    signal[6] = 0.03 * signal[6] + white(signal.shape[1], 0.02, 1)
    np.testing.assert_array_equal(limb(signal, rpeaks, TWELVE_LEADS)[6], noise_share(signal, FS, rpeaks)[6])
    np.testing.assert_array_equal(limb(signal, rpeaks, ()), noise_share(signal, FS, rpeaks))


@pytest.mark.realdata
def test_real_leads_show_their_heartbeats_and_few_recordings_are_noisy(data_folder) -> None:  # type: ignore[no-untyped-def]
    for dataset in (open_ptbxl(data_folder), open_cinc2020(data_folder)):
        records = [dataset.read(at) for at in range(0, len(dataset), 8)]
        n_silent = n_noisy = 0
        for record in records:
            rpeaks = find_rpeaks(record.signal, record.fs, warn=False)
            leads = [beats_of(record.signal[at : at + 1], record.fs, rpeaks) for at in range(record.n_leads)]
            found = shown_through(record.signal, record.fs, record.leads, shown_beats(leads))
            n_silent += bool((found < MIN_SHOWN).any())
            noise = limb_noise(record.signal, record.fs, rpeaks, record.leads, leads, found)
            n_noisy += bool((noise >= 0.3).any())
        assert n_silent <= 0.01 * len(records)
        assert n_noisy <= 0.15 * len(records)
