import numpy as np
import pytest

from einthoven.signal.quality import assess
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


def test_an_empty_lead_is_missing_and_not_flat(clean):
    quality = assess(changed(clean, 0, slice(None), np.nan), FS)
    assert quality.missing_fraction[0] == 1 and quality.flat[0] == 0
    assert quality.warnings(("I", "II")) == ("lead I: 100 % of the samples are missing",)


@pytest.mark.parametrize("hz", [50, 60])
def test_mains_hum_is_seen_at_both_frequencies(clean, hz):
    t = np.arange(clean.shape[1]) / FS
    hum = (0.3 * np.sin(2 * np.pi * hz * t)).astype(np.float32)
    quality = assess(clean + hum, FS)
    power = 0.3**2 / 2
    assert quality.mains_ratio[0] == pytest.approx(power / clean[0].var(), rel=0.4)
    assert "lead I: mains hum" in quality.warnings(("I", "II"))[0]
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
    assert len(quality.warnings(("I", "II"))) == 2
    assert all(
        "mV is not that of a body-surface ECG: check the unit" in line for line in quality.warnings("ab")
    )
    assert f"{quality.amplitude_mv[0]:.0f} mV" in quality.warnings("ab")[0]


def test_volts_taken_for_millivolts_look_flat(clean):
    quality = assess(clean / np.float32(1000), FS)
    assert quality.score == 0
    assert quality.flat == (1, 1)


@pytest.mark.parametrize("n", [1, 2, 299])
def test_short_recordings_are_assessed(n):
    quality = assess(np.arange(n, dtype=np.float32)[None], FS)
    assert 0 <= quality.score <= 1
    assert len(quality.flat) == 1
