import numpy as np
import pytest

from einthoven.errors import RecordError
from einthoven.signal.rpeaks import find_rpeaks
from einthoven.signal.simulated import simulate


def matched(truth, found, tolerance):
    """Count the truths that have a detection of their own within the tolerance, in order of time."""
    hits, at = 0, 0
    for sample in truth:
        while at < len(found) and found[at] < sample - tolerance:
            at += 1
        if at < len(found) and found[at] <= sample + tolerance:
            hits, at = hits + 1, at + 1
    return hits


def scores(pairs, tolerance):
    hits = sum(matched(truth, found, tolerance) for truth, found in pairs)
    return hits / sum(len(truth) for truth, _ in pairs), hits / sum(len(found) for _, found in pairs)


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
        np.zeros(1),
        np.ones(2),
        np.arange(20.0),
        np.arange(160.0),
    ],
)
def test_no_heart_no_peak(signal):
    found = find_rpeaks(signal.astype(np.float32), 300)
    assert found.dtype == np.int64
    assert len(found) == 0


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


@pytest.mark.realdata
@pytest.mark.filterwarnings("ignore::DeprecationWarning:wfdb")
@pytest.mark.parametrize("name", ["100", "119", "200", "209", "217"])
def test_mit_bih_beats_are_found(data_folder, name):
    import wfdb

    path = str(data_folder / "mitdb" / "1.0.0" / name)
    record = wfdb.rdrecord(path, channels=[0])
    beats = wfdb.rdann(path, "atr")
    truth = beats.sample[np.isin(beats.symbol, list("NLRBAaJSVrFejnE/fQ?"))]
    found = find_rpeaks(record.p_signal.T.astype(np.float32), record.fs)
    sensitivity, precision = scores([(truth, found)], round(0.15 * record.fs))
    assert sensitivity >= 0.99
    assert precision >= 0.99
