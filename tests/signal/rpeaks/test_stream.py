"""R peaks of simulated and of real recordings, whole and while they come in."""

import warnings

import numpy as np
import pytest

from einthoven.aami import beats_of, flutter_of
from einthoven.datasets.mitdb import open_mitdb
from einthoven.errors import NoSignalWarning, RecordError
from einthoven.inference.occlusion import usual_beats
from einthoven.metrics.peaks import count_peaks, gross, match_peaks
from einthoven.signal.augment import resample_measured_heart_rate
from einthoven.signal.beats import AroundRPeaks, SevenSteps
from einthoven.signal.quality import assess
from einthoven.signal.rpeaks import RPeakStream, find_rpeaks
from einthoven.signal.simulated import simulate


def matched(truth, found, tolerance):
    """Count the truths that have a detection of their own within the tolerance."""
    return len(match_peaks(truth, found, tolerance)[0])


def scores(pairs, tolerance):
    hits = sum(matched(truth, found, tolerance) for truth, found in pairs)
    return hits / sum(len(truth) for truth, _ in pairs), hits / sum(len(found) for _, found in pairs)


def streamed(signal, fs, step):
    """Find peaks chunk by chunk, and how long after them they were told."""
    signal = np.atleast_2d(signal)
    stream = RPeakStream(fs, len(signal))
    found, delays = [], [0.0]
    for at in range(0, signal.shape[1], step):
        peaks = stream.push(signal[:, at : at + step])
        found.append(peaks)
        delays += ((min(at + step, signal.shape[1]) - peaks) / fs).tolist()
    return np.concatenate([*found, stream.finish()]), max(delays)


@pytest.mark.parametrize("rhythm", ["normal", "af", "ectopy"])
@pytest.mark.parametrize("heart_rate", [45, 75, 110])
def test_simulated_beats_are_found(rhythm, heart_rate):
    pairs = []
    for seed in range(8):
        record = simulate(rhythm, seed=seed, heart_rate=heart_rate, noise_mv=0.03)
        pairs.append((record.annotations.samples, find_rpeaks(record.signal, record.fs)))
    sensitivity, precision = scores(pairs, 45)
    assert sensitivity >= 0.97
    assert precision >= 0.97


def test_peaks_lie_on_the_highest_sample():
    record = simulate(seed=1, noise_mv=0.0)
    found = find_rpeaks(record.signal, record.fs)
    assert np.abs(found - record.annotations.samples).max() <= 2


@pytest.mark.parametrize("fs", [100.0, 257.0, 1000.0])
def test_any_usual_rate_will_do(fs):
    record = simulate("ectopy", seed=2, fs=fs)
    sensitivity, precision = scores(
        [(record.annotations.samples, find_rpeaks(record.signal, fs))], round(0.15 * fs)
    )
    assert sensitivity >= 0.97 and precision >= 0.97


@pytest.mark.parametrize(
    "signal",
    [
        np.zeros(3000),
        np.full(3000, 3.3),
        np.linspace(0, 5, 3000),
        np.full(3000, np.nan),
        np.zeros((3, 3000)),
        np.zeros(0),
        np.zeros(1),
        np.ones(2),
        np.arange(20.0),
        np.arange(160.0),
    ],
)
def test_no_heart_no_peak(signal):
    found = find_rpeaks(signal.astype(np.float32), 300, warn=False)
    assert found.dtype == np.int64
    assert len(found) == 0


GAP = np.full(3000, np.nan)
FLAT = "no R peaks: expected a lead that moves, found "


@pytest.mark.parametrize(
    ("signal", "said"),
    [
        (np.zeros(3000), "the only lead flat"),
        (np.full(40, 3.3), "the only lead flat"),
        (GAP, "the only lead missing"),
        (np.where(np.arange(3000) % 7, -2.5, np.nan), "the only lead flat"),
        (np.arange(3.0)[:, None] * np.ones(200_000), "all 3 leads flat"),
        (np.stack([GAP, GAP]), "all 2 leads missing"),
        (np.stack([np.ones(3000), GAP, np.zeros(3000)]), "leads 1 and 3 flat, lead 2 missing"),
    ],
)
def test_a_flat_line_is_warned_of_once(signal, said):
    with pytest.warns(NoSignalWarning) as found:
        assert len(find_rpeaks(signal.astype(np.float32), 300)) == 0
    assert [str(one.message) for one in found] == [FLAT + said]
    assert found[0].filename == __file__
    leads = np.atleast_2d(signal)
    stream = RPeakStream(300, len(leads))
    for at in range(0, leads.shape[1], 20_000):
        stream.push(leads[:, at : at + 20_000])
    assert stream.no_signal == FLAT + said
    with pytest.warns(NoSignalWarning) as found:
        stream.finish()
    assert [str(one.message) for one in found] == [FLAT + said]
    assert found[0].filename == __file__


@pytest.mark.parametrize("moves_at", [0, 1, 2999, 3000, 3001, 89_999])
def test_a_line_that_moves_once_is_not_flat(moves_at):
    signal = np.full((2, 90_000), 7, np.float32)
    signal[1, moves_at] += 1e-3
    find_rpeaks(signal, 300)
    stream = RPeakStream(300, 2)
    for at in range(0, 90_000, 3000):
        stream.push(signal[:, at : at + 3000])
        assert (stream.no_signal is None) == (moves_at < at + 3000)
    stream.finish()


def test_who_tells_of_flat_leads_himself_asks_for_no_warning():
    find_rpeaks(np.zeros(3000, np.float32), 300, warn=False)
    stream = RPeakStream(300)
    stream.push(np.zeros(3000))
    stream.finish(warn=False)
    assert stream.no_signal == FLAT + "the only lead flat"


@pytest.mark.parametrize(
    "use",
    [
        lambda lead: assess(lead, 300),
        lambda lead: SevenSteps(rpeaks="annotated")(lead, 300),
        lambda lead: AroundRPeaks()(lead, 300),
        lambda lead: resample_measured_heart_rate(lead, 300, np.random.default_rng(0)),
        lambda lead: usual_beats(lead, 300),
    ],
    ids=["quality", "seven-steps", "around", "heart-rate", "occlusion"],
)
def test_the_package_itself_does_not_warn_of_what_it_tells_otherwise(use):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        use(np.zeros((1, 9000), np.float32))
    assert [one.message for one in caught if one.category is NoSignalWarning] == []


def test_a_lead_and_its_single_row_are_the_same():
    record = simulate(seed=5)
    np.testing.assert_array_equal(find_rpeaks(record.signal[0], 300), find_rpeaks(record.signal, 300))


def test_a_lost_and_a_noisy_lead_do_no_harm():
    record = simulate(seed=6)
    noise = np.random.default_rng(0).normal(size=(1, record.n_samples)).astype(np.float32)
    leads = np.concatenate([record.signal, np.zeros_like(noise), noise])
    sensitivity, precision = scores([(record.annotations.samples, find_rpeaks(leads, 300))], 45)
    assert sensitivity >= 0.97 and precision >= 0.97


def test_a_gap_costs_only_its_own_beats():
    record = simulate(seed=7)
    signal, truth = record.signal.copy(), record.annotations.samples
    signal[:, 3000:4500] = np.nan
    found = find_rpeaks(signal, 300)
    outside = (truth < 2950) | (truth > 4550)
    assert matched(truth[outside], found, 45) == outside.sum()
    assert ((found > 3100) & (found < 4400)).sum() == 0


def test_one_huge_artefact_hides_no_other_beat():
    record = simulate(seed=8)
    signal, truth = record.signal.copy(), record.annotations.samples
    signal[:, 4000:4060] += 40 * np.hanning(60).astype(np.float32)
    away = np.abs(truth - 4030) > 300
    assert matched(truth[away], find_rpeaks(signal, 300), 45) == away.sum()


def test_a_much_lower_beat_in_a_pause_is_found_by_searching_back():
    record = simulate(seed=9, noise_mv=0.0)
    truth = record.annotations.samples
    low = truth[len(truth) // 2]
    signal = record.signal.copy()
    signal[:, low - 80 : low + 130] *= 0.25
    assert matched(truth, find_rpeaks(signal, 300), 45) == len(truth)


def test_too_coarse_a_rate_is_refused():
    with pytest.raises(RecordError, match="at least 40 Hz"):
        find_rpeaks(np.zeros(300, np.float32), 30)


@pytest.mark.parametrize("chunk_s", [1.0, 7.3, 61.0])
def test_a_stream_finds_the_same_peaks_whatever_the_chunks(chunk_s):
    record = simulate("ectopy", seed=12, duration_s=400, leads=("I", "II"), noise_mv=0.08)
    signal = record.signal.copy()
    signal[0, 30_000:36_500] = np.nan
    signal[:, 70_000:70_200] = np.nan
    signal[1, 90_000:] *= 0.2
    for leads in (signal[0], signal):
        expected = find_rpeaks(leads, 300)
        found, _ = streamed(leads, 300, round(chunk_s * 300))
        np.testing.assert_array_equal(found, expected)
    assert len(expected) > 400


@pytest.mark.parametrize("fs", [100.0, 360.0])
def test_a_stream_may_come_sample_by_sample(fs):
    record = simulate(seed=13, duration_s=15, fs=fs)
    found, _ = streamed(record.signal, fs, 1)
    np.testing.assert_array_equal(found, find_rpeaks(record.signal, fs))
    assert len(found) > 10


def test_a_stream_tells_in_time():
    record = simulate("af", seed=14, duration_s=300, noise_mv=0.2)
    _, delay = streamed(record.signal, 300, 300)
    assert 5 < delay < 14


def test_a_stream_holds_no_more_after_an_hour_than_after_a_minute():
    stream = RPeakStream(250.0)
    minute = simulate(seed=15, duration_s=60, fs=250).signal.copy()
    minute[:, 6000:] = 0.0

    def held():
        parts = (stream._gaps, stream._bands, stream._levels, stream._scores, stream._peaks)
        arrays = [value for part in parts for value in vars(part).values()]
        flat = [one for value in arrays for one in (value if isinstance(value, tuple) else (value,))]
        return sum(one.size for one in flat if isinstance(one, np.ndarray)) + len(stream._choice._weak)

    sizes = []
    for _ in range(60):
        stream.push(minute)
        sizes.append(held())
    assert max(sizes) <= 1.2 * sizes[1]


def test_a_stream_refuses_what_does_not_fit():
    stream = RPeakStream(300.0, 2)
    with pytest.raises(RecordError, match=r"expected chunks of 2 leads, found shape \(1, 50\)"):
        stream.push(np.zeros(50))
    assert len(stream.finish()) == 0
    with pytest.raises(RecordError, match="no samples after the end"):
        stream.push(np.zeros((2, 50)))
    with pytest.raises(RecordError, match="expected one end"):
        stream.finish()
    with pytest.raises(RecordError, match="at least 40 Hz"):
        RPeakStream(float("nan"))


@pytest.mark.parametrize("kind", ["muscles", "motion", "mains", "drift"])
def test_noise_costs_few_beats(kind):
    rng = np.random.default_rng(16)
    pairs = []
    for seed in range(5):
        record = simulate(seed=seed, duration_s=40, noise_mv=0.01)
        t = np.arange(record.n_samples) / 300
        added = {
            "muscles": 0.1 * rng.standard_normal(len(t)),
            "motion": 0.4 * np.interp(t, np.arange(0, 41, 0.25), rng.standard_normal(164)),
            "mains": 0.2 * np.sin(2 * np.pi * 50 * t),
            "drift": 2.0 * np.sin(2 * np.pi * 0.3 * t),
        }[kind]
        pairs.append((record.annotations.samples, find_rpeaks(record.signal + added.astype(np.float32), 300)))
    sensitivity, precision = scores(pairs, 45)
    assert sensitivity >= 0.98
    assert precision >= 0.96


def test_pacing_spikes_before_the_beats_are_not_counted_twice():
    record = simulate(seed=17, duration_s=60, noise_mv=0.01)
    truth = record.annotations.samples
    signal = record.signal.copy()
    for at in truth[truth > 60]:
        signal[:, at - 30 : at - 29] += 3.0
    found = find_rpeaks(signal, 300)
    assert abs(len(found) - len(truth)) <= 1
    assert matched(truth, found, 45) >= len(truth) - 1


@pytest.mark.parametrize("factor", [0.2, 5.0])
def test_a_step_of_the_gain_costs_few_beats(factor):
    record = simulate(seed=18, duration_s=60, noise_mv=0.01)
    signal = record.signal.copy()
    signal[:, 9000:] *= factor
    sensitivity, precision = scores([(record.annotations.samples, find_rpeaks(signal, 300))], 45)
    assert sensitivity >= 0.92 and precision >= 0.95


@pytest.mark.parametrize("heart_rate", [25, 150, 200])
def test_slow_and_fast_hearts(heart_rate):
    pairs = []
    for seed in range(5):
        record = simulate(seed=seed, heart_rate=heart_rate, duration_s=40)
        pairs.append((record.annotations.samples, find_rpeaks(record.signal, 300)))
    sensitivity, precision = scores(pairs, 45)
    assert sensitivity >= 0.95 and precision >= 0.97


def test_a_p_wave_whose_beat_is_blocked_is_none():
    record = simulate(seed=19, duration_s=60, noise_mv=0.005, heart_rate=60)
    truth, signal = record.annotations.samples, record.signal.copy()
    blocked = truth[8:-2:6]
    for at in blocked:
        begin, end = at - 24, at + 150
        signal[0, begin:end] = np.linspace(signal[0, begin], signal[0, end], end - begin)
    found = find_rpeaks(signal, 300)
    left = np.setdiff1d(truth, blocked)
    assert matched(left, found, 45) == len(left)
    # The recording ends in the wave that leads to the next beat.
    assert (found < 17_900).sum() == len(left)


@pytest.mark.realdata
def test_the_recordings_on_which_it_was_made(data_folder):
    dataset = open_mitdb(data_folder, "ds1")
    counts = []
    for index in range(len(dataset)):
        record = dataset.read(index)
        found = find_rpeaks(record.signal[0], record.fs)
        truth, _ = beats_of(record.annotations)
        flutter = flutter_of(record.annotations, record.n_samples)
        counts.append(count_peaks(truth, found, record.fs, left_out=flutter))
    total = gross(counts)
    assert total.sensitivity >= 0.998
    assert total.positive_predictivity >= 0.999
    assert total.localisation_error_s <= 0.004


@pytest.mark.realdata
@pytest.mark.parametrize("name", ["119", "203"])
def test_a_real_recording_in_chunks(data_folder, name):
    dataset = open_mitdb(data_folder, "ds1")
    record = dataset.read(dataset.record_ids.index(name))
    for step in (360, 2628):
        found, delay = streamed(record.signal, record.fs, step)
        np.testing.assert_array_equal(found, find_rpeaks(record.signal, record.fs))
        assert delay < 20
