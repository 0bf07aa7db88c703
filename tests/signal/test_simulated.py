import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from einthoven.errors import SettingsError
from einthoven.signal.simulated import LEADS, RHYTHMS, simulate
from einthoven.signal.simulated_beats import Beats, place_beats
from einthoven.signal.simulated_heart import heart_vector

TWELVE = tuple(LEADS)


def rr_s(record):
    return np.diff(record.annotations.samples) / record.fs


def averaged_beat(record, symbol="N", before_s=0.3, after_s=0.5):
    """Average the signal around every beat of one kind that lies well inside."""
    before, after = round(before_s * record.fs), round(after_s * record.fs)
    beats = [
        record.signal[0, s - before : s + after]
        for s, kind in zip(record.annotations.samples, record.annotations.symbols, strict=True)
        if kind == symbol and before <= s < record.n_samples - after
    ]
    return np.mean(beats, axis=0)


@pytest.mark.parametrize(("rhythm", "label"), [("normal", "N"), ("af", "A"), ("ectopy", "O"), ("noise", "~")])
def test_a_record_states_its_truth(rhythm, label):
    record = simulate(rhythm, seed=3)
    assert record.comments[:2] == (f"rhythm: {RHYTHMS[rhythm][0]}", f"label: {label}")
    assert record.signal.shape == (1, 9000)
    assert record.name == f"simulated-{rhythm}-3"
    assert (np.diff(record.annotations.samples) > 0).all()
    assert record.annotations.samples[0] >= 0 and record.annotations.samples[-1] < 9000


def test_the_seed_decides_everything():
    first, again, other = simulate(seed=1), simulate(seed=1), simulate(seed=2)
    np.testing.assert_array_equal(first.signal, again.signal)
    assert np.corrcoef(first.signal[0], other.signal[0])[0, 1] < 0.9


def test_a_lead_is_the_same_whichever_leads_come_with_it():
    together = simulate("af", seed=5, leads=TWELVE)
    for name in ("I", "aVF", "V4"):
        np.testing.assert_array_equal(
            together.select([name]).signal, simulate("af", seed=5, leads=(name,)).signal
        )


@pytest.mark.parametrize("rhythm", RHYTHMS)
def test_limb_leads_obey_einthoven_and_goldberger(rhythm):
    lead = dict(zip(TWELVE, simulate(rhythm, seed=6, leads=TWELVE, noise_mv=0.1).signal, strict=True))
    np.testing.assert_allclose(lead["III"], lead["II"] - lead["I"], atol=2e-5)
    np.testing.assert_allclose(lead["aVR"], -(lead["I"] + lead["II"]) / 2, atol=2e-5)
    np.testing.assert_allclose(lead["aVL"], (lead["I"] - lead["III"]) / 2, atol=2e-5)
    np.testing.assert_allclose(lead["aVF"], (lead["II"] + lead["III"]) / 2, atol=2e-5)


def test_the_chest_leads_turn_from_negative_to_positive():
    record = simulate(seed=7, leads=("V1", "V5"), noise_mv=0.0)
    at_r = record.signal[:, record.annotations.samples].mean(axis=1)
    assert at_r[0] < 0 < at_r[1]


@pytest.mark.parametrize("heart_rate", [45, 70, 150])
def test_sinus_rhythm_is_regular_at_the_wanted_rate(heart_rate):
    rr = np.concatenate([rr_s(simulate(seed=s, heart_rate=heart_rate, duration_s=60.0)) for s in range(6)])
    assert 60 / rr.mean() == pytest.approx(heart_rate, rel=0.03)
    assert 0.005 < rr.std() / rr.mean() < 0.09


def test_fibrillation_is_irregular_and_faster():
    rr = [rr_s(simulate("af", seed=s, duration_s=60.0)) for s in range(10)]
    assert np.mean([x.std() / x.mean() for x in rr]) == pytest.approx(0.22, abs=0.05)
    assert 60 / np.concatenate(rr).mean() == pytest.approx(70 * 1.35, rel=0.07)
    assert np.abs(np.mean([np.corrcoef(x[1:], x[:-1])[0, 1] for x in rr])) < 0.2


def test_only_fibrillation_lacks_the_p_wave():
    def p_height(rhythm):
        heights = []
        for seed in range(10):
            beat = averaged_beat(simulate(rhythm, seed=seed, heart_rate=60, duration_s=60.0, noise_mv=0.0))
            heights.append(beat[round(0.1 * 300) : round(0.18 * 300)].max() - beat[round(0.24 * 300)])
        return np.mean(heights)

    assert p_height("normal") > 0.03
    assert p_height("af") < 0.5 * p_height("normal")


def test_f_waves_swing_between_4_and_9_hertz_without_any_beat():
    silence = Beats(np.array([]), np.array([], dtype=str))
    hz = np.fft.rfftfreq(6000, 1 / 300)
    for seed in range(10):
        waves = heart_vector(silence, True, 6000, 300.0, np.random.default_rng(seed))
        power = np.abs(np.fft.rfft(waves[0])) ** 2
        assert 4 < hz[power.argmax()] < 9
        assert 0.05 < np.ptp(waves[0]) < 0.5
    assert not heart_vector(silence, False, 6000, 300.0, np.random.default_rng(0)).any()


def test_ectopic_beats_come_early_and_ventricular_ones_wait_after():
    seen = ""
    for seed in range(30):
        record = simulate("ectopy", seed=seed)
        kinds = "".join(record.annotations.symbols)
        assert "V" in kinds or "A" in kinds
        seen += kinds
        rr, usual = rr_s(record), 60 / 70
        for at in (i for i in range(1, len(kinds) - 1) if kinds[i] in "AV"):
            assert rr[at - 1] < 0.9 * usual
            if kinds[at] == "V":
                assert rr[at - 1] + rr[at] == pytest.approx(2 * usual, rel=0.2)
    assert set(seen) == {"N", "V", "A"}


def test_a_ventricular_beat_is_wide():
    def width_s(beat):
        beat = np.abs(beat - np.median(beat))
        return (beat[30:180] > beat[90] / 2).sum() / 300

    record = next(
        r for s in range(20) if "V" in (r := simulate("ectopy", seed=s, noise_mv=0.0)).annotations.symbols
    )
    assert width_s(averaged_beat(record, "V")) > 1.8 * width_s(averaged_beat(record, "N"))


def test_noise_drowns_the_heart():
    for seed in range(5):
        noisy, clean = simulate("noise", seed=seed).signal, simulate("normal", seed=seed).signal
        assert (noisy - clean).std() > 2 * clean.std()


def test_noise_has_the_stated_size():
    quiet, loud = (simulate(seed=1, noise_mv=x, leads=("I", "II", "III")).signal for x in (0.0, 0.2))
    np.testing.assert_allclose((loud - quiet).std(axis=1), 0.2, rtol=0.05)


@pytest.mark.parametrize("seconds", [1.0, 600.0])
def test_marks_lie_on_the_peaks_from_end_to_end(seconds):
    record = simulate(seed=2, duration_s=seconds, noise_mv=0.0)
    samples = record.annotations.samples
    assert (record.signal[0, samples[5:-5]] > 0.3).all()
    assert samples[0] < 1.3 * 300 and samples[-1] > record.n_samples - 1.3 * 300


@settings(max_examples=60, deadline=None)
@given(
    rhythm=st.sampled_from(list(RHYTHMS)),
    seed=st.integers(0, 2**32),
    heart_rate=st.floats(20, 200),
    beats=st.floats(5, 40),
)
def test_every_heart_beats_to_the_end_in_a_possible_way(rhythm, seed, heart_rate, beats):
    duration_s = max(0.5, beats * 60 / heart_rate)
    placed = place_beats(rhythm, duration_s, heart_rate, np.random.default_rng(seed))
    assert np.diff(placed.times_s).min() > 0.25
    assert placed.times_s[0] < 0 and placed.times_s[-1] > duration_s
    inside = (placed.times_s >= 0) & (placed.times_s < duration_s)
    assert (rhythm == "ectopy") == bool((placed.kinds[inside] != "N").any())


@pytest.mark.parametrize(
    ("rhythm", "changed"),
    [
        ("flutter", {}),
        ("normal", {"fs": 20}),
        ("normal", {"fs": float("nan")}),
        ("normal", {"duration_s": 0.1}),
        ("ectopy", {"duration_s": 3.0}),
        ("normal", {"heart_rate": 0}),
        ("normal", {"heart_rate": 300}),
        ("normal", {"noise_mv": -1}),
        ("normal", {"leads": ("I", "X")}),
        ("normal", {"leads": ("I", "I")}),
        ("normal", {"leads": ()}),
        ("normal", {"seed": -1}),
    ],
)
def test_impossible_settings_are_refused(rhythm, changed):
    with pytest.raises(SettingsError):
        simulate(rhythm, **changed)


def test_lead_names_are_translated():
    assert simulate(leads=("avr", "MDC_ECG_LEAD_V1")).leads == ("aVR", "V1")
    assert simulate(leads="II").leads == ("II",)


@pytest.mark.parametrize(
    ("rhythm", "ectopic"), [("normal", ("V",)), ("normal", ("A",)), ("normal", ("V", "A")), ("af", ("V",))]
)
@pytest.mark.parametrize("heart_rate", [44, 70, 150])
def test_a_recording_has_just_the_ectopic_beats_asked_for(rhythm, ectopic, heart_rate):
    shares = []
    for seed in range(40):
        shortest = simulate(
            rhythm, seed=seed, ectopic=ectopic, heart_rate=heart_rate, duration_s=300 / heart_rate
        )
        assert set(shortest.annotations.symbols) - {"N"} == set(ectopic)
        assert (np.diff(shortest.annotations.samples) > 0).all()
        kinds = simulate(rhythm, seed=seed, ectopic=ectopic, heart_rate=heart_rate).annotations.symbols
        assert set(kinds) - {"N"} == set(ectopic)
        assert all("N" in pair for pair in zip(kinds[1:], kinds[:-1], strict=True))
        shares.append(np.mean([kind != "N" for kind in kinds]))
    assert min(shares) > 0.02
    assert max(shares) < 0.3


def test_added_ectopic_beats_change_what_the_recording_says():
    assert simulate(ectopic=("V",)).comments[:2] == simulate("ectopy").comments[:2]
    assert simulate("af", ectopic=("V",)).comments[:2] == simulate("af").comments[:2]
    np.testing.assert_array_equal(simulate("af", ectopic=()).signal, simulate("af").signal)


@pytest.mark.parametrize(
    ("rhythm", "ectopic"),
    [("normal", ("N",)), ("normal", ("V", "V")), ("af", ("A",)), ("ectopy", ("V",)), ("noise", ("V",))],
)
def test_ectopic_beats_that_a_rhythm_cannot_have_are_refused(rhythm, ectopic):
    with pytest.raises(SettingsError, match=f"rhythm {rhythm}: expected .*found {', '.join(ectopic)}$"):
        simulate(rhythm, ectopic=ectopic)


def test_too_short_for_an_ectopic_beat_is_refused():
    with pytest.raises(SettingsError, match="duration_s from 5 to"):
        simulate(ectopic=("V",), heart_rate=60, duration_s=4.9)


def test_recordings_with_one_heart_seed_are_of_one_heart():
    heights = [
        averaged_beat(simulate(seed=seed, heart_seed=heart, noise_mv=0.0)).max()
        for heart in (1, 2)
        for seed in (1, 2)
    ]
    assert heights[0] == pytest.approx(heights[1], rel=0.03)
    assert heights[2] == pytest.approx(heights[3], rel=0.03)
    assert heights[0] != pytest.approx(heights[2], rel=0.1)
    beats = [simulate(seed=1, heart_seed=heart).annotations.samples for heart in (None, 2)]
    np.testing.assert_array_equal(*beats)
    np.testing.assert_array_equal(simulate(seed=1, heart_seed=1).signal, simulate(seed=1).signal)
    for wrong in (-1, True):
        with pytest.raises(SettingsError, match="seed"):
            simulate(heart_seed=wrong)
