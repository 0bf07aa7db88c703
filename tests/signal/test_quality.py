import numpy as np
import pytest

from einthoven.datasets.cinc2017 import open_cinc2017
from einthoven.signal.quality import assess
from einthoven.signal.rpeaks import find_rpeaks
from einthoven.signal.simulated import simulate

FS = 300.0


@pytest.fixture(scope="module")
def clean():
    return simulate(seed=4, leads=("I", "II")).signal


def changed(signal, lead, where, value):
    signal = signal.copy()
    signal[lead, where] = value
    return signal


def test_a_clean_recording_has_nothing_to_say(clean):
    quality = assess(clean, FS)
    assert quality.warnings(("I", "II")) == ()
    assert quality.score > 0.98
    assert quality.flat == quality.saturated == quality.missing_fraction == (0, 0)
    assert max(quality.noise) < 0.01
    assert 0.3 < quality.amplitude_mv[0] < 4


def test_a_flat_lead_is_named_and_halves_the_score(clean):
    quality = assess(changed(clean, 1, slice(None), 0.7), FS)
    assert quality.flat == (0, 1)
    assert quality.saturated == (0, 0)
    assert quality.score == pytest.approx(0.5, abs=0.02)
    assert quality.warnings(("I", "II")) == ("lead II: flat for 100 % of the time",)


def test_a_lead_that_comes_off_is_flat_for_that_share(clean):
    quality = assess(changed(clean, 0, slice(3000, 6000), 0.0), FS)
    assert quality.flat[0] == pytest.approx(1 / 3, abs=0.01)
    assert quality.warnings(("I", "II")) == ("lead I: flat for 33 % of the time",)


def test_saturation_counts_only_samples_stuck_in_runs(clean):
    lone = changed(clean, 0, [100, 900, 1700, 2500], clean.max() + 1)
    assert assess(lone, FS).saturated == (0, 0)
    stuck = changed(clean, 0, slice(1000, 1900), clean.max() + 1)
    quality = assess(stuck, FS)
    assert quality.saturated == (pytest.approx(0.1), 0)
    assert "lead I: stuck at its highest or lowest value for 10 % of the time" in quality.warnings(
        ("I", "II")
    )
    low = changed(stuck, 0, slice(3000, 3900), clean.min() - 1)
    assert assess(low, FS).saturated[0] == pytest.approx(0.2)


def test_missing_samples_are_counted_and_never_spread(clean):
    quality = assess(changed(clean, 1, slice(0, 900), np.nan), FS)
    assert quality.missing_fraction == (0, pytest.approx(0.1))
    assert np.isfinite(quality.score)
    assert quality.warnings(("I", "II")) == ("lead II: 10 % of the samples are missing",)
    assert assess(changed(clean, 0, 5, np.nan), FS).warnings("ab") == (
        "lead a: 0.011 % of the samples are missing",
    )


def test_the_amplitude_is_that_of_real_samples(clean):
    quality = assess(changed(clean, 0, slice(0, 6000), np.nan), FS)
    seconds = clean[0, 6000:].reshape(-1, 300)
    assert quality.amplitude_mv[0] == pytest.approx(np.median(np.ptp(seconds, axis=-1)), rel=1e-5)
    scattered = changed(clean, 0, slice(0, None, 150), np.nan)
    assert assess(scattered, FS).amplitude_mv[0] == pytest.approx(quality.amplitude_mv[0], rel=0.2)


def test_what_is_missing_is_neither_flat_nor_moving(clean):
    half = changed(clean, 0, slice(0, 4500), np.nan)
    quality = assess(changed(half, 0, slice(4500, None), 0.0), FS)
    assert (quality.flat[0], quality.missing_fraction[0], quality.noise[0]) == (1, 0.5, 0)
    assert assess(changed(half, 0, slice(4500, 6750), 0.0), FS).flat[0] == pytest.approx(0.5, abs=0.07)


def test_an_empty_lead_is_missing_and_not_flat(clean):
    quality = assess(changed(clean, 0, slice(None), np.nan), FS)
    assert quality.missing_fraction[0] == 1 and quality.flat[0] == 0
    assert quality.amplitude_mv[0] == quality.noise[0] == 0
    assert quality.warnings(("I", "II")) == ("lead I: 100 % of the samples are missing",)


@pytest.mark.parametrize("hz", [50, 60])
def test_mains_hum_is_seen_at_both_frequencies(clean, hz):
    t = np.arange(clean.shape[1]) / FS
    hum = (0.3 * np.sin(2 * np.pi * hz * t)).astype(np.float32)
    quality = assess(clean + hum, FS)
    power = 0.3**2 / 2
    assert quality.mains_ratio[0] == pytest.approx(power / clean[0].var(), rel=0.4)
    low, high = (f"{ratio:.2g}" for ratio in sorted(quality.mains_ratio))
    assert quality.warnings(("I", "II"))[0] == (
        f"leads I, II: mains hum has {low} to {high} times the power of the ECG"
    )
    assert quality.score < assess(clean, FS).score - 0.1


def test_neighbouring_frequencies_are_no_hum(clean):
    t = np.arange(clean.shape[1]) / FS
    tone = (0.3 * np.sin(2 * np.pi * 54 * t)).astype(np.float32)
    assert assess(clean + tone, FS).mains_ratio[0] < 0.01


def test_a_low_rate_cannot_show_hum(clean):
    assert assess(clean[:, ::3], 100.0).mains_ratio == (0, 0)


def test_microvolts_taken_for_millivolts_are_suspected(clean):
    quality = assess(clean * np.float32(1000), FS)
    assert quality.score == 0
    low, high = (f"{height:.0f}" for height in sorted(quality.amplitude_mv))
    assert quality.warnings(("I", "II")) == (
        f"leads I, II: an amplitude of {low} to {high} mV is not that of a body-surface ECG: check the unit",
    )


def test_volts_taken_for_millivolts_look_flat(clean):
    quality = assess(clean / np.float32(1000), FS)
    assert quality.score == 0
    assert quality.flat == (1, 1)


@pytest.mark.parametrize("n", [1, 2, 299])
def test_short_recordings_are_assessed(n):
    quality = assess(np.arange(n, dtype=np.float32)[None], FS)
    assert 0 <= quality.score <= 1
    assert len(quality.flat) == 1


def test_noise_lowers_the_score_and_is_said(clean):
    noise = np.random.default_rng(0).standard_normal(clean.shape[1]).astype(np.float32)
    scores = []
    for level in (0.0, 0.1, 0.2, 0.4):
        quality = assess(np.stack([clean[0] + np.float32(level) * noise, clean[1]]), FS)
        assert quality.noise[1] < 0.2
        scores.append(quality.score)
    assert scores == sorted(scores, reverse=True)
    assert scores[0] > 0.98 and scores[-1] < 0.6
    (line,) = quality.warnings(("I", "II"))
    share = f"{100 * quality.noise[0]:.0f} %"
    assert line == f"lead I: noisy: {share} of what should be heartbeats looks like no other beat"


def test_leads_without_the_heartbeats_of_another_are_named_in_one_line(clean):
    noise = 0.01 * np.random.default_rng(0).standard_normal((7, clean.shape[1])).astype(np.float32)
    quality = assess(np.concatenate([noise[:1], clean[:1], noise[1:]]), FS)
    assert [quality.shows_heartbeats(lead) for lead in range(8)] == [False, True] + 6 * [False]
    assert quality.warnings(("I", "II", "V1", "V2", "V3", "V4", "V5", "V6")) == (
        "leads I, V1 to V6: none of the heartbeats that other leads show",
    )
    assert quality.usable[1] > 0.9 > 0.2 > max(quality.usable[0], *quality.usable[2:])


def test_what_was_said_of_some_leads_is_said_of_the_others(clean):
    half_flat = changed(clean, slice(None), slice(0, 4500), 0.0)
    quality = assess(np.concatenate([half_flat, half_flat]), FS)
    rest = "flat for 50 % of the time"
    assert quality.warnings("abcd") == (f"leads a, b, c, d: {rest}",)
    assert quality.warnings("abcd", ((0, 2), "flat")) == (f"leads b, d: {rest}",)
    assert quality.warnings("abcd", ((0, 1, 2, 3), "flat")) == ()
    assert quality.warnings("abcd", ((0, 1, 2, 3), "noise")) == (f"leads a, b, c, d: {rest}",)


def test_a_low_limb_lead_is_not_called_noisy_where_its_name_is_known():
    heart = simulate(seed=4, leads=("I", "II")).signal
    noise = 0.03 * np.random.default_rng(0).standard_normal(heart.shape[1]).astype(np.float32)
    signal = np.stack([heart[0], 0.07 * heart[1] + noise])
    names = ("I", "III")
    assert assess(signal, FS).noise[1] > 0.3 > 0.05 > assess(signal, FS, leads=names).noise[1]
    assert assess(signal, FS, leads=("I", "V3")).noise == assess(signal, FS).noise
    assert assess(signal, FS, leads=names).noise[0] == assess(signal, FS).noise[0]


@pytest.mark.parametrize("rhythm", ["normal", "af", "ectopy"])
def test_no_rhythm_is_taken_for_noise(rhythm):
    for seed in range(10):
        quality = assess(simulate(rhythm, seed=seed).signal, FS)
        assert quality.score > 0.85
        assert quality.warnings(("I",)) == ()


def test_a_drowned_recording_scores_low():
    for seed in range(10):
        quality = assess(simulate("noise", seed=seed).signal, FS)
        assert quality.score < 0.5
        assert any("noisy" in line for line in quality.warnings(("I",)))


@pytest.mark.parametrize(("seconds", "noise"), [(4.9, 0), (5.0, 1)])
def test_a_lead_that_moves_without_beats_is_noise_if_it_is_long_enough(seconds, noise):
    t = np.arange(round(seconds * FS)) / FS
    wave = np.sin(2 * np.pi * 0.3 * t).astype(np.float32)[None]
    assert assess(wave, FS, np.array([], np.int64)).noise == (noise,)


def test_beats_that_were_found_before_are_used(clean):
    rpeaks = find_rpeaks(clean, FS)
    assert assess(clean, FS, rpeaks) == assess(clean, FS)
    assert min(assess(clean, FS, np.arange(100, 8900, 111)).noise) > 0.3


@pytest.mark.realdata
def test_recordings_too_noisy_to_read_score_lower_than_those_with_a_rhythm(data_folder):
    dataset = open_cinc2017(data_folder)
    labels = np.array([entry.labels[0] for entry in dataset.entries])
    scores = {}
    for label in dataset.classes:
        chosen = np.flatnonzero(labels == label)[:80].tolist()
        scores[label] = np.array([assess(dataset.read(i).signal, FS).score for i in chosen])
    noisy = scores.pop("~")
    assert np.median(noisy) < 0.75
    for of_rhythm in scores.values():
        assert np.mean(of_rhythm >= 0.8) > 0.85
        assert np.mean(noisy < of_rhythm[:, None]) > 0.92


def test_how_much_is_weighed_at_once_changes_nothing(clean, monkeypatch):
    whole = assess(clean, FS).mains_ratio
    monkeypatch.setattr("einthoven.signal.quality._AT_ONCE", 100)
    assert assess(clean, FS).mains_ratio == whole
