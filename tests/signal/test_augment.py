import numpy as np
import pytest

from einthoven.errors import SettingsError
from einthoven.signal import augment
from einthoven.signal.rpeaks import find_rpeaks
from einthoven.signal.simulated import simulate

FS = 300.0
EVERY = {
    "dropout_bursts": lambda x, rng: augment.dropout_bursts(x, FS, rng),
    "dropout_bursts_code": augment.dropout_bursts_code,
    "resample_heart_rate": lambda x, rng: augment.resample_heart_rate(x, rng),
    "resample_measured_heart_rate": lambda x, rng: augment.resample_measured_heart_rate(x, FS, rng),
    "resample_length": augment.resample_length,
    "random_gain": augment.random_gain,
    "flip_polarity": augment.flip_polarity,
    "random_crop": lambda x, rng: augment.random_crop(x, FS, rng, 5.0),
    "white_noise": augment.white_noise,
    "baseline_wander": lambda x, rng: augment.baseline_wander(x, FS, rng),
    "mains_hum": lambda x, rng: augment.mains_hum(x, FS, rng),
}


@pytest.fixture(scope="module")
def ecg():
    signal = simulate(seed=1, duration_s=12.0, leads=("I", "II")).signal
    signal.setflags(write=False)
    return signal


@pytest.mark.parametrize("name", EVERY)
def test_every_one_gives_a_new_float32_array_and_follows_its_seed(ecg, name):
    before = ecg.copy()
    first, again = (EVERY[name](ecg, np.random.default_rng(3)) for _ in range(2))
    assert first.dtype == np.float32
    assert not np.shares_memory(first, ecg)
    np.testing.assert_array_equal(first, again)
    np.testing.assert_array_equal(ecg, before)
    drawn = [EVERY[name](ecg, np.random.default_rng(seed)) for seed in range(8)]
    assert any(x.shape != first.shape or (x != first).any() for x in drawn)


@pytest.mark.parametrize("name", EVERY)
def test_every_one_takes_a_single_row(ecg, name):
    assert EVERY[name](ecg[0], np.random.default_rng(0)).ndim == 1


@pytest.mark.parametrize("fraction", [0.05, 0.1, 0.5])
def test_bursts_zero_the_wanted_share_on_average(fraction):
    ones = np.ones((1, 3000), np.float32)
    rng = np.random.default_rng(0)
    zeroed = np.mean([augment.dropout_bursts(ones, FS, rng, fraction) == 0 for _ in range(400)], axis=0)[0]
    assert zeroed.mean() == pytest.approx(fraction, rel=0.05)
    assert zeroed[:15].mean() == pytest.approx(fraction, rel=0.4)


def test_bursts_are_as_wide_as_stated_and_hit_all_leads_at_once():
    ones = np.ones((2, 30_000), np.float32)
    zero = augment.dropout_bursts(ones, FS, np.random.default_rng(1), fraction=0.01) == 0
    np.testing.assert_array_equal(zero[0], zero[1])
    edges = np.flatnonzero(np.diff(zero[0].astype(int), prepend=0, append=0))
    widths = edges[1::2] - edges[::2]
    assert np.median(widths) == 15
    assert widths[1:-1].min() == 15


def test_no_fraction_no_burst(ecg):
    np.testing.assert_array_equal(augment.dropout_bursts(ecg, FS, np.random.default_rng(0), 0.0), ecg)


def test_the_codes_bursts_zero_about_22_percent_in_runs_of_11():
    zero = augment.dropout_bursts_code(np.ones((1, 200_000), np.float32), np.random.default_rng(0)) == 0
    assert zero.mean() == pytest.approx(0.22, abs=0.01)
    edges = np.flatnonzero(np.diff(zero[0].astype(int), prepend=0, append=0))
    assert (edges[1::2] - edges[::2])[1:-1].min() == 11


def test_heart_rate_is_drawn_from_60_to_120_assuming_80():
    signal = np.zeros((1, 1200), np.float32)
    rng = np.random.default_rng(0)
    rates = np.array([80 * 1200 / augment.resample_heart_rate(signal, rng).shape[1] for _ in range(2000)])
    assert rates.min() == pytest.approx(60, rel=0.01)
    assert rates.max() == pytest.approx(120, rel=0.01)
    assert rates.mean() == pytest.approx(90, rel=0.02)


def test_length_factor_is_uniform_from_two_to_four_thirds():
    signal = np.zeros((1, 1200), np.float32)
    rng = np.random.default_rng(0)
    lengths = np.array([augment.resample_length(signal, rng).shape[1] for _ in range(2000)])
    assert (lengths.min(), lengths.max()) == (pytest.approx(800, abs=3), pytest.approx(1600, abs=3))
    assert lengths.mean() == pytest.approx(1200, rel=0.02)


def test_stretching_keeps_values_and_ends(ecg):
    stretched = augment.resample_length(ecg, np.random.default_rng(0), 2.0, 2.0)
    assert stretched.shape == (2, 7200)
    np.testing.assert_array_equal(stretched[:, [0, -1]], ecg[:, [0, -1]])
    middle = np.interp(3000 * (3599 / 7199), np.arange(3600), ecg[1])
    assert stretched[1, 3000] == pytest.approx(middle, abs=1e-5)


@pytest.mark.parametrize("heart_rate", [50, 140])
def test_the_measured_variant_reaches_the_drawn_rate(heart_rate):
    record = simulate(seed=2, heart_rate=heart_rate, duration_s=20.0)
    rng = np.random.default_rng(0)
    stretched = augment.resample_measured_heart_rate(record.signal, FS, rng, low_bpm=90, high_bpm=90)
    after = 60 * FS / np.median(np.diff(find_rpeaks(stretched, FS)))
    assert after == pytest.approx(90, rel=0.05)


def test_the_measured_variant_takes_given_peaks_and_falls_back_to_80():
    silence = np.zeros((1, 3000), np.float32)

    def length(rpeaks):
        rng = np.random.default_rng(0)
        return augment.resample_measured_heart_rate(silence, FS, rng, rpeaks, 100, 100).shape[1]

    assert length(np.arange(0, 3000, 150)) == 3000 * 120 / 100
    assert length(None) == length(np.array([5, 200])) == 3000 * 80 / 100


@pytest.mark.parametrize(("bpm", "counted"), [(225, 180), (20, 40), (150, 150)])
def test_a_measured_rate_that_no_rhythm_has_stretches_by_a_bounded_factor(bpm, counted):
    signal, rpeaks = np.zeros((1, 9000), np.float32), np.arange(0, 9000, round(60 * FS / bpm))
    rng = np.random.default_rng(0)
    stretched = augment.resample_measured_heart_rate(signal, FS, rng, rpeaks, 60, 60)
    assert stretched.shape[1] == 9000 * counted / 60


def test_gain_and_polarity(ecg):
    gained = augment.random_gain(ecg, np.random.default_rng(0), 2.0, 2.0)
    np.testing.assert_allclose(gained, 2 * ecg)
    np.testing.assert_array_equal(augment.flip_polarity(ecg, np.random.default_rng(0), 1.0), -ecg)
    np.testing.assert_array_equal(augment.flip_polarity(ecg, np.random.default_rng(0), 0.0), ecg)


def test_crops_come_from_anywhere_and_short_signals_stay_whole():
    signal = np.arange(1000, dtype=np.float32)[None]
    rng = np.random.default_rng(0)
    crops = [augment.random_crop(signal, 100.0, rng, 9.9) for _ in range(200)]
    assert {crop.shape for crop in crops} == {(1, 990)}
    assert {int(crop[0, 0]) for crop in crops} == set(range(11))
    np.testing.assert_array_equal(augment.random_crop(signal, 100.0, rng, 10.0), signal)
    np.testing.assert_array_equal(augment.random_crop(signal, 100.0, rng, 60.0), signal)


def test_white_noise_differs_between_leads_and_stays_below_its_limit():
    silence = np.zeros((2, 5000), np.float32)
    spread = np.array(
        [augment.white_noise(silence, np.random.default_rng(s), 0.1).std(axis=1) for s in range(50)]
    )
    assert 0.08 < spread.max() < 0.105
    assert (spread[:, 0] != spread[:, 1]).all()


@pytest.mark.parametrize(
    ("make", "bands"),
    [
        (lambda x, rng: augment.baseline_wander(x, FS, rng), [(0.05, 0.6)]),
        (lambda x, rng: augment.mains_hum(x, FS, rng), [(49.9, 50.1), (59.9, 60.1)]),
    ],
)
def test_disturbances_have_their_frequency(make, bands):
    silence = np.zeros((1, 60_000), np.float32)
    seen = set()
    for seed in range(10):
        spectrum = np.abs(np.fft.rfft(make(silence, np.random.default_rng(seed))[0]))
        peak = np.fft.rfftfreq(60_000, 1 / FS)[spectrum.argmax()]
        seen |= {band for band in bands if band[0] - 0.01 <= peak <= band[1] + 0.01}
        assert any(low - 0.01 <= peak <= high + 0.01 for low, high in bands)
    assert seen == set(bands)


def test_hum_that_the_rate_cannot_hold_is_left_out(ecg):
    np.testing.assert_array_equal(augment.mains_hum(ecg, 100.0, np.random.default_rng(0)), ecg)


@pytest.mark.parametrize(
    "call",
    [
        lambda x, rng: augment.dropout_bursts(x, FS, rng, 1.0),
        lambda x, rng: augment.dropout_bursts(x, FS, rng, -0.1),
        lambda x, rng: augment.dropout_bursts(x, FS, rng, 0.1, 0.0),
        lambda x, rng: augment.dropout_bursts_code(x, rng, width=10),
        lambda x, rng: augment.resample_heart_rate(x, rng, 0.0),
        lambda x, rng: augment.resample_heart_rate(x, rng, 80, 120, 60),
        lambda x, rng: augment.resample_length(x, rng, -1, 1),
        lambda x, rng: augment.random_gain(x, rng, 2, 1),
        lambda x, rng: augment.random_crop(x, FS, rng, 0),
        lambda x, rng: augment.white_noise(x, rng, -1),
        lambda x, rng: augment.mains_hum(x, FS, rng, np.nan),
    ],
)
def test_impossible_settings_are_refused(ecg, call):
    with pytest.raises(SettingsError):
        call(ecg, np.random.default_rng(0))
