"""The seven steps: each by hand, all against a plain loop, and what the paper leaves open."""

from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from einthoven.aami import beats_of
from einthoven.datasets.mitdb import open_mitdb
from einthoven.errors import RecordError, SettingsError
from einthoven.signal.beats import SevenSteps
from einthoven.signal.resample import resample
from einthoven.signal.rpeaks import find_rpeaks
from einthoven.signal.simulated import simulate

FEW, NO_SAMPLE = "windows with fewer than two candidates", "windows without a sample"
ANNOTATED = SevenSteps(rpeaks="annotated")


def pulses(
    at: list[int], heights: float | list[float] = 1.0, n: int = 1250, line: float = 0.25
) -> np.ndarray:
    """A lead at 125 Hz: a line, pulses of three samples on it, and one sample of 0 that is the lowest."""
    lead = np.full(n, line, np.float32)
    for place, height in zip(at, np.broadcast_to(heights, len(at)), strict=True):
        lead[place - 1 : place + 2] = (line + height) / 2, height, (line + height) / 2
    lead[5] = 0.0
    return lead[None]


def test_a_beat_is_scaled_lasts_six_fifths_of_the_interval_and_ends_in_zeros():
    found = SevenSteps()(pulses([100, 200, 300, 400]) * 3 - 7, 125.0)
    assert found.rows.shape == (4, 1, 187) and found.rows.dtype == np.float32
    assert found.rpeaks.tolist() == [100, 200, 300, 400] and found.rpeaks.dtype == np.int64
    expected = np.full(187, 0.25)
    expected[[0, 100]], expected[[1, 99, 101]] = 1.0, 0.625
    expected[120:] = 0.0
    np.testing.assert_allclose(found.rows[0, 0], expected, atol=1e-6)
    assert found.skipped == {}


def test_the_interval_is_the_median_of_the_window():
    found = SevenSteps()(pulses([100, 160, 220, 420, 480]), 125.0)
    # Intervals 60, 60, 200, 60: 1.2 x 60 samples.
    assert (found.rows[:, 0, :72] > 0).all() and not found.rows[:, 0, 72:].any()


def test_each_window_has_an_interval_and_a_scale_of_its_own():
    first, second = pulses([100, 200, 300]), 5 * pulses([100, 150, 200]) + 2
    found = SevenSteps()(np.concatenate([first, second], axis=1), 125.0)
    assert found.rpeaks.tolist() == [100, 200, 300, 1350, 1400, 1450]
    assert [np.flatnonzero(row)[-1] + 1 for row in found.rows[:, 0]] == [120, 120, 120, 60, 60, 60]
    np.testing.assert_allclose(found.rows[:, 0, 0], 1.0)


def test_only_maxima_above_the_threshold_are_rpeaks():
    lead = pulses([100, 200, 300, 400, 500], [1.0, 0.9, 0.91, 0.89, 1.0])
    assert SevenSteps()(lead, 125.0).rpeaks.tolist() == [100, 300, 500]
    assert SevenSteps(threshold=0.5)(lead, 125.0).rpeaks.tolist() == [100, 200, 300, 400, 500]


def test_a_plateau_is_one_maximum_and_a_shoulder_or_an_end_is_none():
    lead = pulses([100, 200])
    lead[0, 300:305] = 1.0  # middle 302
    lead[0, 400:404] = 0.95, 0.95, 1.0, 0.3  # a shoulder before the top at 402
    lead[0, 500:502] = 1.0  # of two, the first
    lead[0, [0, 1249]] = 1.0
    assert SevenSteps()(lead, 125.0).rpeaks.tolist() == [100, 200, 302, 402, 500]


def test_a_beat_ends_with_its_window():
    lead = np.concatenate([pulses([1040, 1140, 1240]), pulses([50, 150])], axis=1)
    found = SevenSteps()(lead, 125.0)
    assert found.rpeaks.tolist() == [1040, 1140, 1240, 1300, 1400]
    assert [np.flatnonzero(row)[-1] + 1 for row in found.rows[:3, 0]] == [120, 110, 10]


def test_a_long_beat_loses_its_end():
    found = SevenSteps()(pulses([100, 300, 500]), 125.0)
    assert found.rows[0].all()
    assert np.count_nonzero(SevenSteps(n_samples=300)(pulses([100, 300, 500]), 125.0).rows[0]) == 240


def test_the_last_window_reaches_back_and_gives_only_what_is_new():
    lead = pulses([100, 300, 700, 900, 1100, 1300, 1500, 1700], n=1875)
    found = SevenSteps()(lead, 125.0)
    assert found.rpeaks.tolist() == [100, 300, 700, 900, 1100, 1300, 1500, 1700]
    # What is high only beside the end of the recording is not new.
    lead = pulses([100, 300, 700, 900, 1300, 1500, 1700], [1, 1, 0.6, 0.6, 0.6, 0.6, 0.6], n=1875)
    assert SevenSteps()(lead, 125.0).rpeaks.tolist() == [100, 300, 1300, 1500, 1700]
    # Half as high after 10 s: low in a window that begins at 5 s, where a window of the rest would not know.
    lead = pulses([100, 300, 700, 900, 1300, 1500, 1700], [1, 1, 1, 1, 0.6, 0.6, 0.6], n=1875)
    assert SevenSteps()(lead, 125.0).rpeaks.tolist() == [100, 300, 700, 900]


def test_a_short_recording_is_one_window():
    assert SevenSteps()(pulses([100, 200], n=400), 125.0).rpeaks.tolist() == [100, 200]
    for n in (1, 2):
        found = SevenSteps()(np.ones((1, n), np.float32), 125.0)
        assert found.rows.shape == (0, 1, 187) and found.skipped == {FEW: 1}


def test_windows_that_give_no_beat_are_counted():
    missing = np.full((1, 1250), np.nan, np.float32)
    parts = [pulses([100, 200]), pulses([600]), missing, np.ones((1, 1250), np.float32), missing]
    found = SevenSteps()(np.concatenate(parts, axis=1), 125.0)
    assert found.rpeaks.tolist() == [100, 200]
    assert found.skipped == {FEW: 2, NO_SAMPLE: 2}


@pytest.mark.parametrize("level", [0.0, -1.2345, 4.7])
@pytest.mark.parametrize("fs", [125.0, 250.0, 360.0, 1000.0])
def test_a_lead_that_is_off_gives_no_beat(level: float, fs: float):
    """Rounding noise that resampling leaves on a line is not scaled up to heartbeats."""
    record = simulate(duration_s=120, fs=fs, seed=3)
    signal = record.signal.copy()
    signal[:, round(20 * fs) :] = level
    signal[:, round(40 * fs) : round(60 * fs)] = np.nan
    found = SevenSteps()(signal, fs)
    assert len(found.rpeaks) > 8 and found.rpeaks[-1] < 20 * fs
    assert found.skipped == {FEW: 8, NO_SAMPLE: 2}


def test_a_lead_at_its_upper_limit_has_no_maxima_but_where_it_begins_and_ends():
    """There resampling rings, for under a second; further inside it leaves rounding noise."""
    signal = simulate(duration_s=30, fs=360.0, seed=3).signal.copy()
    signal[:, 3700:5700] = 5.0
    found = SevenSteps()(signal, 360.0).rpeaks
    assert not ((found > 3700 + 360) & (found < 5700 - 360)).any()
    assert (found < 3600).any() and (found > 7200).any()


def test_scale_and_offset_change_nothing():
    record = simulate("ectopy", duration_s=60, fs=360.0, seed=2)
    own, other = (SevenSteps()(signal, 360.0) for signal in (record.signal, 0.01 * record.signal + 3))
    assert own.rpeaks.tolist() == other.rpeaks.tolist() and len(own.rpeaks) > 40
    np.testing.assert_allclose(own.rows, other.rows, atol=1e-3)


@pytest.mark.parametrize("fs", [125.0, 250.0, 360.0, 1000.0])
def test_rpeaks_are_samples_of_the_recording_at_any_rate(fs: float):
    record = simulate(duration_s=60, fs=fs, noise_mv=0.0, seed=1)
    assert record.annotations is not None
    found = SevenSteps()(record.signal, fs).rpeaks
    nearest = np.abs(found[:, None] - record.annotations.samples).min(axis=1)
    assert len(found) > 40 and nearest.max() <= 0.02 * fs


def test_rpeaks_are_rounded_to_the_nearest_sample():
    signal = simulate(duration_s=60, fs=360.0, seed=1).signal
    own = SevenSteps()(resample(signal, 360.0, 125.0), 125.0).rpeaks
    assert SevenSteps()(signal, 360.0).rpeaks.tolist() == np.round(own * 2.88).astype(int).tolist()


@pytest.mark.parametrize("seed", [6, 24])
def test_of_a_low_rate_no_sample_is_told_twice(seed: int):
    lead = np.random.default_rng(seed).normal(size=(1, 300)).astype(np.float32)
    found = SevenSteps(threshold=0.0)(lead, 20.0)
    assert (np.diff(found.rpeaks) > 0).all() and found.rpeaks[0] >= 0 and found.rpeaks[-1] < 300
    assert len(found.rows) == len(found.rpeaks) > 100


def plain(lead: np.ndarray) -> list[tuple[int, np.ndarray]]:
    """The paper's steps for whole windows at 125 Hz, a sample at a time."""
    beats = []
    for start in range(0, len(lead), 1250):
        window = [(value - min(lead[start : start + 1250])) for value in lead[start : start + 1250]]
        window = [value / max(window) for value in window]
        peaks = [
            at
            for at in range(1, 1249)
            if window[at] > window[at - 1] and window[at] > window[at + 1] and window[at] > 0.9
        ]
        if len(peaks) > 1:
            period = float(np.median([after - before for before, after in pairwise(peaks)]))
            for peak in peaks:
                part = window[peak : peak + round(1.2 * period)][:187]
                beats.append((start + peak, np.array(part + [0.0] * (187 - len(part)))))
    return beats


@pytest.mark.parametrize("rhythm", ["normal", "af", "ectopy", "noise"])
def test_a_plain_loop_gives_the_same(rhythm: str):
    signal = simulate(rhythm, duration_s=40, fs=125.0, seed=5, noise_mv=0.1).signal
    found, expected = SevenSteps()(signal, 125.0), plain(signal[0])
    assert found.rpeaks.tolist() == [at for at, _ in expected] and len(expected) > 5
    np.testing.assert_allclose(found.rows[:, 0], [row for _, row in expected], atol=1e-5)


def test_of_a_reversed_lead_other_maxima_are_found():
    record = simulate(duration_s=30, fs=125.0, seed=1, noise_mv=0.0)
    upright, reversed_ = (SevenSteps()(signal, 125.0).rpeaks for signal in (record.signal, -record.signal))
    assert len(upright) > 20 and len(reversed_) and not set(upright.tolist()) & set(reversed_.tolist())


def test_every_given_peak_gives_a_beat():
    # Neither high nor maxima; the first and the last sample; in the last window two, one of them alone new.
    given = np.array([0, 100, 199, 301, 1249, 1250, 1400, 1874])
    found = ANNOTATED(pulses([100, 200, 300], n=1875), 125.0, given)
    assert found.rpeaks.tolist() == given.tolist() and found.rows.shape == (8, 1, 187)
    np.testing.assert_allclose(found.rows[:4, 0, 0], [0.25, 1.0, 0.625, 0.625], atol=1e-6)
    # Median of 100, 99, 102, 948: 100.5, so 121 samples.
    assert [np.flatnonzero(row)[-1] + 1 for row in found.rows[[0, 3, 4], 0]] == [121, 121, 1]


@pytest.mark.parametrize(
    "given, n_samples",
    [
        ([1000, 1300, 1400], 187),  # alone before 10 s: 1.2 x 300
        ([1100, 1190, 1300, 1400], 108),  # two: 1.2 x 90
        ([1100, 1250, 1400], 150),  # 1.2 x 150 is 180, but its window ends
        ([300, 1300, 1420, 2600], 144),  # 300 is alone; the two after it are not
        ([100, 1300, 2600], 187),
        ([100], 150),  # 1.2 x 1 s
    ],
)
def test_the_interval_of_a_given_peak(given: list[int], n_samples: int):
    lead = np.concatenate([pulses([100])] * 3, axis=1)
    found = ANNOTATED(lead, 125.0, np.array(given))
    of = 1 if given[0] == 300 else 0
    assert np.flatnonzero(found.rows[of, 0])[-1] + 1 == n_samples


def test_a_given_peak_alone_takes_the_mean_of_the_intervals_around_it():
    lead = np.concatenate([pulses([100])] * 3, axis=1)
    found = ANNOTATED(lead, 125.0, np.array([1200, 1300, 2520]))
    # 100 to one side, 1220 to the other.
    assert found.rows[1].all()
    short = replace(ANNOTATED, n_samples=900)(lead, 125.0, np.array([1200, 1300, 2520]))
    assert np.flatnonzero(short.rows[1, 0])[-1] + 1 == 1.2 * 660


def test_a_given_peak_without_signal_gives_zeros():
    lead = np.concatenate([pulses([100, 200]), np.full((1, 1250), np.nan), np.ones((1, 1250))], axis=1)
    found = ANNOTATED(lead.astype(np.float32), 125.0, np.array([100, 200, 1300, 1400, 2600]))
    assert found.rows.any(axis=(1, 2)).tolist() == [True, True, False, False, False]
    assert found.skipped == {}


def test_without_given_peaks_those_of_the_detector_are_taken():
    record = simulate(duration_s=30, fs=360.0, seed=1)
    found = ANNOTATED(record.signal, 360.0)
    assert found.rpeaks.tolist() == find_rpeaks(record.signal, 360.0).tolist()
    none = ANNOTATED(np.zeros((1, 9000), np.float32), 360.0)
    assert none.rows.shape == (0, 1, 187) and none.rpeaks.dtype == np.int64


@pytest.mark.parametrize("fs", [100.0, 125.0, 360.0])
def test_the_last_sample_may_be_given(fs: float):
    signal = simulate(duration_s=11, fs=fs, seed=1).signal[:, :-1]
    last = signal.shape[1] - 1
    assert ANNOTATED(signal, fs, np.array([last])).rows.shape == (1, 1, 187)


def test_it_says_whether_it_finds_rpeaks():
    assert SevenSteps().finds_rpeaks and not ANNOTATED.finds_rpeaks


LEAD = np.zeros((1, 100), np.float32)


@pytest.mark.parametrize(
    "call, error, message",
    [
        (
            lambda: SevenSteps()(np.zeros((2, 9)), 125.0),
            RecordError,
            r"one lead, \(1, n_samples\), .*\(2, 9\)",
        ),
        (lambda: SevenSteps()(np.zeros(9), 125.0), RecordError, r"found shape \(9,\)"),
        (lambda: SevenSteps()(np.zeros((1, 0)), 125.0), RecordError, r"found shape \(1, 0\)"),
        (lambda: SevenSteps()(LEAD, 0.0), RecordError, "heartbeats: expected a sampling rate above 0"),
        (lambda: SevenSteps()(LEAD, 125.0, np.array([3, 4])), SettingsError, "expected no R peaks.*found 2"),
        (
            lambda: ANNOTATED(LEAD, 125.0, np.array([5, 5])),
            RecordError,
            "increasing R peaks, found 5 after 5",
        ),
        (
            lambda: ANNOTATED(LEAD, 125.0, np.array([-1, 5])),
            RecordError,
            "within 100 samples, found one at -1",
        ),
        (
            lambda: ANNOTATED(LEAD, 125.0, np.array([5, 100])),
            RecordError,
            "within 100 samples, found one at 100",
        ),
        (lambda: ANNOTATED(LEAD, 125.0, np.array([0.5])), RecordError, "sample indices in one row.*float64"),
        (lambda: ANNOTATED(LEAD, 125.0, np.array([[1]])), RecordError, r"of shape \(1, 1\)"),
        (lambda: ANNOTATED(LEAD, 20.0), RecordError, "at least 40 Hz to find R peaks"),
    ],
)
def test_what_cannot_be_cut_is_refused(call: Callable[[], object], error: type[Exception], message: str):
    with pytest.raises(error, match=message):
        call()


@pytest.mark.parametrize(
    "settings, message",
    [
        ({"fs": 0}, "SevenSteps: expected fs above 0, found 0"),
        ({"fs": float("nan")}, "expected fs above 0, found nan"),
        ({"window_s": -1.0}, "expected window_s above 0, found -1.0"),
        ({"window_s": 0.001}, "expected window_s of at least one sample at 125 Hz, found 0.001"),
        ({"span": True}, "expected span above 0, found True"),
        ({"threshold": 1.0}, "expected threshold from 0 to below 1, found 1.0"),
        ({"threshold": "0.9"}, "expected threshold from 0 to below 1, found '0.9'"),
        ({"n_samples": 0}, "expected a whole number from 1 for n_samples, found 0"),
        ({"n_samples": 187.0}, "expected a whole number from 1 for n_samples, found 187.0"),
        ({"rpeaks": "given"}, "expected rpeaks among found, annotated, found 'given'"),
    ],
)
def test_settings_out_of_range_are_refused(settings: dict[str, Any], message: str):
    with pytest.raises(SettingsError, match=message):
        SevenSteps(**settings)


@pytest.mark.realdata
def test_beats_of_real_recordings(data_folder: Path):
    counts = {}
    dataset = open_mitdb(data_folder)
    for name in ("100", "102", "232"):
        record = dataset.read(dataset.record_ids.index(name))
        assert record.annotations is not None
        lead, annotated = record.for_model(("MLII",)), beats_of(record.annotations)[0]
        found, given = SevenSteps()(lead.signal, 360.0), ANNOTATED(lead.signal, 360.0, annotated)
        assert given.rpeaks.tolist() == annotated.tolist() and len(given.rows) == len(annotated)
        counts[name] = len(found.rpeaks), found.skipped
    assert counts == {"100": (1046, {FEW: 6}), "102": (1234, {FEW: 2}), "232": (835, {FEW: 8})}
