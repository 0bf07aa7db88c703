import tracemalloc

import numpy as np
import pytest

from einthoven.signal import noise
from einthoven.signal.noise import noise_share
from einthoven.signal.rpeaks import find_rpeaks
from einthoven.signal.simulated import simulate

FS = 300.0
NARROW, WIDE = 0.012, 0.045


def lead(widths, rr_s=0.8):
    """Beats of these widths, s, one after another; wide ones point down. Returns the lead and its R peaks."""
    peaks = np.round((0.5 + rr_s * np.arange(len(widths))) * FS).astype(np.int64)
    t = np.arange(round((1 + rr_s * len(widths)) * FS)) / FS
    wave = sum(
        (1 if w == NARROW else -1) * np.exp(-0.5 * ((t - p / FS) / w) ** 2)
        for w, p in zip(widths, peaks, strict=True)
    )
    return wave.astype(np.float32)[None], peaks


def white(n, seed=0):
    return np.random.default_rng(seed).standard_normal((1, n)).astype(np.float32)


def share(signal, peaks):
    (found,) = noise_share(signal, FS, peaks)
    return found


def test_beats_that_are_alike_are_no_noise():
    assert share(*lead([NARROW] * 30)) == pytest.approx(0, abs=1e-6)


def test_noise_resembles_nothing():
    peaks = np.arange(200, 8800, 240)
    assert share(white(9000), peaks) > 0.99


@pytest.mark.parametrize("every", [2, 3, 5])
def test_a_second_shape_of_beat_is_no_noise(every):
    widths = [WIDE if beat % every == 1 else NARROW for beat in range(36)]
    assert share(*lead(widths)) == pytest.approx(0, abs=0.01)


def test_a_single_odd_beat_counts_as_one():
    widths = [NARROW] * 32
    widths[11] = WIDE
    assert share(*lead(widths)) == pytest.approx(1 / 32, abs=0.002)


def test_an_irregular_rhythm_is_no_noise():
    for seed in range(8):
        record = simulate("af", seed=seed)
        assert share(record.signal, find_rpeaks(record.signal, FS)) < 0.1


def test_a_noisy_half_counts_for_half():
    signal, peaks = lead([NARROW] * 100)
    signal[:, 12000:] = white(signal.shape[1] - 12000)
    assert share(signal, peaks) == pytest.approx(0.5, abs=0.05)


def test_more_noise_is_a_larger_share():
    levels = [0.02, 0.1, 0.2, 0.4, 0.8]
    shares = []
    for level in levels:
        records = [simulate(seed=seed, noise_mv=level) for seed in range(5)]
        shares.append(np.mean([share(r.signal, find_rpeaks(r.signal, FS)) for r in records]))
    assert shares == sorted(shares)
    assert shares[0] < 0.01
    assert shares[-1] > 0.9


def test_leads_are_judged_each_by_itself():
    clean, peaks = lead([NARROW] * 30)
    both = np.concatenate([clean, white(clean.shape[1])])
    np.testing.assert_allclose(noise_share(both, FS, peaks), [0, 1], atol=0.05)


def test_what_is_missing_or_silent_is_not_judged():
    clean, peaks = lead([NARROW] * 30)
    gap, silent = clean.copy(), clean.copy()
    gap[:, 2000:4000] = np.nan
    silent[:, 2000:4000] = 0.0
    for signal in (gap, silent):
        assert share(signal, peaks) < 0.05
    nothing = noise_share(np.concatenate([clean, np.full_like(clean, np.nan)]), FS, peaks)
    assert nothing[0] == pytest.approx(0, abs=1e-6)
    assert np.isnan(nothing[1])


def test_fewer_than_three_whole_beats_say_nothing():
    signal, peaks = lead([NARROW] * 5)
    assert share(signal, peaks[:3]) == pytest.approx(0, abs=1e-6)
    assert np.isnan(share(signal, peaks[:2]))
    assert np.isnan(share(signal, peaks[:0]))
    cut = slice(peaks[0] - 10, peaks[3])
    assert np.isnan(share(signal[:, cut], peaks[:4] - cut.start - 1))


@pytest.mark.parametrize("fs", [50.0, 128.0, 1000.0])
def test_other_sampling_rates_see_the_same(fs):
    clean, noisy = (simulate(rhythm, seed=3, fs=fs) for rhythm in ("normal", "noise"))
    assert noise_share(clean.signal, fs, find_rpeaks(clean.signal, fs)) < 0.1
    assert noise_share(noisy.signal, fs, find_rpeaks(noisy.signal, fs)) > 0.5


def test_a_long_recording_in_parts_is_judged_as_it_would_be_at_once(monkeypatch):
    record = simulate("ectopy", seed=4, duration_s=2500, noise_mv=0.15, leads=("I", "II"))
    signal, peaks = record.signal.copy(), record.annotations.samples
    # Gaps within a part, and across the edge between two.
    signal[0, 90_000:90_400] = signal[1, 149_000:151_000] = np.nan
    in_parts = noise_share(signal, FS, peaks)
    assert (in_parts > 0.05).all()
    monkeypatch.setattr(noise, "_PART_S", 1e6)
    monkeypatch.setattr(noise, "_BLOCKS_AT_ONCE", 1_000_000)
    np.testing.assert_allclose(in_parts, noise_share(signal, FS, peaks), rtol=0, atol=1e-6)


def test_what_is_filtered_at_once_does_not_grow_with_the_recording():
    minute = simulate(seed=2, duration_s=60, fs=250, noise_mv=0.05)
    peaks, length = minute.annotations.samples, minute.n_samples
    peak_bytes = []
    for minutes in (60, 180):
        signal = np.tile(minute.signal, (1, minutes))
        rpeaks = (peaks + length * np.arange(minutes)[:, None]).ravel()
        tracemalloc.start()
        noise_share(signal, 250, rpeaks)
        peak_bytes.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    added = 120 * 4 * length
    # The beats themselves, a third of the samples, and marks of missing ones; to filter all would take 13.
    assert peak_bytes[1] - peak_bytes[0] < 1.5 * added


def test_the_order_of_the_peaks_does_not_matter():
    signal, peaks = lead([NARROW, NARROW, WIDE] * 15)
    signal += 0.1 * white(signal.shape[1])
    assert share(signal, peaks[::-1].copy()) == share(signal, peaks)
