"""Beats around R peaks: what changes nothing, what the rows hold, and odd recordings."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from einthoven.aami import beats_of
from einthoven.errors import RecordError, SettingsError
from einthoven.formats import read_record
from einthoven.record import Signal
from einthoven.signal.beats import AroundRPeaks
from einthoven.signal.beats.around import LARGEST, LARGEST_FEATURE, VIEWS
from einthoven.signal.filters import bandpass
from einthoven.signal.resample import resample
from einthoven.signal.rpeaks import find_rpeaks
from einthoven.signal.simulated import simulate

Cut = tuple[Signal, NDArray[np.int64]]
SERVED, TRAINING = AroundRPeaks(), AroundRPeaks(training=True)
QRS = slice(60, 91)


def simulated(fs: float = 360.0, duration_s: float = 60, leads: tuple[str, ...] = ("II", "V1")) -> Cut:
    """A recording with ectopic beats and little noise, and its annotated R peaks."""
    record = simulate("ectopy", duration_s=duration_s, fs=fs, leads=leads, seed=3, noise_mv=0.005)
    assert record.annotations is not None
    return record.signal, record.annotations.samples


SIGNAL, RPEAKS = simulated()


def rows(signal: Signal, rpeaks: NDArray[np.int64] = RPEAKS, cut: AroundRPeaks = SERVED) -> Signal:
    return cut(signal, 360.0, rpeaks).rows


def test_rows_have_names_a_shape_and_bounds() -> None:
    found = TRAINING(SIGNAL, 360.0, RPEAKS)
    assert found.rows.shape == (len(RPEAKS), 3 * len(VIEWS), 150) and found.rows.dtype == np.float32
    assert found.rpeaks.tolist() == RPEAKS.tolist() and found.skipped == {}
    assert len(TRAINING.rows) == 18 and SERVED.rows == TRAINING.rows[:3]
    assert SERVED.rows == ("beat", "usual beat", "rhythm and shape")
    assert len(set(TRAINING.rows)) == 18
    assert TRAINING.rows[3::3] == tuple(f"beat: {view}" for view in VIEWS[1:])
    assert np.isfinite(found.rows).all()
    waves, features = np.delete(found.rows, np.s_[2::3], axis=1), found.rows[:, 2::3]
    assert np.abs(waves).max() <= LARGEST and np.abs(features).max() <= LARGEST_FEATURE
    assert SERVED.n_features == 46 and not features[:, :, 46:].any() and features[:, :, :46].any(axis=0).all()


def test_the_usual_qrs_complex_points_upwards_and_is_two_high() -> None:
    usual = rows(SIGNAL)[:, 1, QRS]
    assert np.ptp(usual, axis=1) == pytest.approx(2)
    assert (usual.max(axis=1) >= -usual.min(axis=1)).all() and (usual.argmax(axis=1) == 15).all()


def test_the_served_cut_gives_the_first_rows_of_the_training_one_bit_for_bit() -> None:
    assert TRAINING.served == SERVED and SERVED.served == SERVED
    assert TRAINING.takes_other_leads and not SERVED.takes_other_leads
    training = rows(SIGNAL, cut=TRAINING)
    assert np.array_equal(rows(SIGNAL), training[:, :3])
    assert np.array_equal(rows(SIGNAL[:1]), training[:, :3])


def test_the_views_are_those_of_the_leads() -> None:
    found = rows(SIGNAL, cut=TRAINING)
    assert np.array_equal(found[:, 3:6], rows(SIGNAL[1:]))
    filtered = resample(bandpass(SIGNAL, 360.0, 0.5, 40.0), 360.0, 125.0)
    one, two = SIGNAL / filtered.std(axis=1, keepdims=True)
    for view, lead in ((2, one + two), (3, one - two)):
        assert found[:, 3 * view : 3 * view + 2] == pytest.approx(rows(lead[None])[:, :2], abs=0.02)
    for view in (4, 5):
        own, af = found[:, 3 * (view - 4) : 3 * (view - 4) + 3], found[:, 3 * view : 3 * view + 3]
        assert np.array_equal(own[:, 1, 70:], af[:, 1, 70:])  # From the QRS complex on.
        assert np.abs(af[:, 2, :16]).mean() > 1.5 * np.abs(own[:, 2, :16]).mean()  # More irregular.
    again = rows(SIGNAL, cut=TRAINING)
    assert np.array_equal(found, again)


def test_of_one_lead_alone_the_other_views_are_that_lead_and_nothing() -> None:
    found = rows(SIGNAL[:1], cut=TRAINING)
    assert np.array_equal(found[:, :3], found[:, 3:6])
    assert found[:, 6:8] == pytest.approx(found[:, :2], abs=1e-3)
    assert not found[:, 9:11].any()


@pytest.mark.parametrize("factor", [2, -1, -0.25])
def test_powers_of_two_and_polarity_change_nothing_at_all(factor: float) -> None:
    assert np.array_equal(rows(np.float32(factor) * SIGNAL, cut=TRAINING), rows(SIGNAL, cut=TRAINING))


@pytest.mark.parametrize(("factor", "offset"), [(3.3, 0), (0.2, 0), (-0.7, 1.5), (1, -4)])
def test_gain_and_offset_change_nothing(factor: float, offset: float) -> None:
    changed = (factor * SIGNAL + offset).astype(np.float32)
    found, expected = rows(changed), rows(SIGNAL)
    assert found[:, :2] == pytest.approx(expected[:, :2], abs=2e-3)
    # A width is counted in samples, of 0.08 tenths of a second.
    differs = np.abs(found[:, 2] - expected[:, 2]) > 0.01
    assert differs.mean() < 0.001 and np.abs(found[:, 2] - expected[:, 2]).max() < 0.17


def test_a_baseline_that_wanders_slowly_changes_little() -> None:
    wander = 0.5 * np.sin(2 * np.pi * 0.05 * np.arange(SIGNAL.shape[1]) / 360)
    found = rows((SIGNAL + wander).astype(np.float32))
    assert found[:, :2] == pytest.approx(rows(SIGNAL)[:, :2], abs=0.02)


def test_a_lead_of_almost_nothing_is_not_scaled_up() -> None:
    assert np.ptp(rows(1e-3 * SIGNAL)[:, 1, QRS], axis=1).max() < 0.2


@pytest.mark.parametrize("fs", [250.0, 500.0, 125.0])
def test_other_rates_give_nearly_the_same(fs: float) -> None:
    signal, rpeaks = simulated(fs)
    assert len(rpeaks) == len(RPEAKS)
    found, expected = AroundRPeaks()(signal, fs, rpeaks).rows, rows(SIGNAL)
    # The simulator draws other noise; a sample of the rows lasts 8 ms, so that a steep slope differs most.
    assert np.abs(found[:, :2] - expected[:, :2]).mean() < 0.05
    assert np.abs(found[:, 2] - expected[:, 2]).mean() < 0.05
    alike = [np.corrcoef(a, b)[0, 1] for a, b in zip(found[:, 0], expected[:, 0], strict=True)]
    assert np.percentile(alike, 5) > 0.98 and min(alike) > 0.8


@pytest.mark.parametrize("seed", [0, 1])
def test_rpeaks_a_few_samples_off_give_the_same_beats(seed: int) -> None:
    jitter = np.random.default_rng(seed).integers(-6, 7, len(RPEAKS))
    moved = np.clip(RPEAKS + jitter, 0, SIGNAL.shape[1] - 1)
    found, expected = rows(SIGNAL, moved), rows(SIGNAL)
    # The very same samples; which beats count for the usual one, by their intervals, may differ.
    alike = [np.corrcoef(a, b)[0, 1] for a, b in zip(found[:, 0], expected[:, 0], strict=True)]
    assert min(alike) > 0.99999
    assert found[:, :2] == pytest.approx(expected[:, :2], abs=0.1)
    # The rhythm is that of the R peaks as they were given.
    assert np.abs(found[:, 2, :29] - expected[:, 2, :29]).max() < 2.5 * 12 / 360 / 0.4
    assert np.abs(found[:, 2, 29:46] - expected[:, 2, 29:46]).mean() < 0.01


def test_found_rpeaks_are_those_of_the_first_lead() -> None:
    found = TRAINING(SIGNAL, 360.0)
    assert found.rpeaks.tolist() == find_rpeaks(SIGNAL[:1], 360.0).tolist()
    assert np.array_equal(found.rows, rows(SIGNAL, found.rpeaks, TRAINING))


def test_in_bigeminy_the_usual_beat_is_the_sinus_beat() -> None:
    """Every second beat is a wide one that comes early; it is larger, and points down."""
    n, fs = 60, 360.0
    starts = np.cumsum(np.tile([0.55, 1.05], n // 2))
    t = np.arange(round((starts[-1] + 1) * fs)) / fs
    lead = np.zeros_like(t)
    for beat, at in enumerate(starts):
        height, width = (1.0, 0.02) if beat % 2 else (-2.0, 0.06)
        lead += height * np.exp(-(((t - at) / width) ** 2))
    found = rows(lead[None].astype(np.float32), np.round(starts * fs).astype(np.int64))
    sinus, ectopic = found[1:-1:2], found[0::2]
    correlation = 29
    assert (sinus[:, 2, correlation] > 0.99).all() and (ectopic[:, 2, correlation] < -0.5).all()
    assert sinus[:, 0, QRS] == pytest.approx(sinus[:, 1, QRS], abs=0.05)
    assert (sinus[:, 0, 75] > 1.5).all() and (ectopic[:, 0, 75] < -3).all()
    assert (ectopic[1:, 2, 7] < -0.5).all()  # The interval before it, over the reference.


@pytest.mark.parametrize("n", [0, 1, 2])
@pytest.mark.parametrize("cut", [SERVED, TRAINING])
def test_of_no_beat_one_or_two(n: int, cut: AroundRPeaks) -> None:
    found = cut(SIGNAL, 360.0, RPEAKS[5 : 5 + n])
    assert found.rows.shape == (n, len(cut.rows), 150) and found.rows.dtype == np.float32
    assert np.isfinite(found.rows).all() and found.rpeaks.tolist() == RPEAKS[5 : 5 + n].tolist()
    if n == 1:
        assert np.array_equal(found.rows[0, 0], found.rows[0, 1])


@pytest.mark.parametrize("level", [0.0, 2.5, np.nan])
@pytest.mark.parametrize("cut", [SERVED, TRAINING])
def test_a_constant_or_missing_lead(level: float, cut: AroundRPeaks) -> None:
    flat = np.full((2, 3600), level, np.float32)
    assert len(cut(flat, 360.0).rpeaks) == 0
    found = cut(flat, 360.0, np.array([0, 400, 3599])).rows
    assert np.isfinite(found).all() and np.abs(found[:, [0, 1]]).max() < 0.01


def test_missing_stretches_leave_the_other_beats_as_they_are() -> None:
    signal = SIGNAL.copy()
    gap = slice(20 * 360, 23 * 360)
    signal[:, gap] = np.nan
    found, expected = rows(signal, cut=TRAINING), rows(SIGNAL, cut=TRAINING)
    assert np.isfinite(found).all()
    far = np.abs(RPEAKS - 21.5 * 360) > 5 * 360
    assert np.abs(found[far, 0] - expected[far, 0]).mean() < 0.02


def test_beats_at_the_very_edges() -> None:
    edges = np.array([0, 1, SIGNAL.shape[1] - 2, SIGNAL.shape[1] - 1])
    found = rows(SIGNAL, edges)
    assert np.isfinite(found).all() and np.abs(found).max() <= LARGEST
    # Beyond the end stands its value.
    assert np.ptp(found[0, 0, :60]) == 0 and np.ptp(found[3, 0, -60:]) == 0


@pytest.mark.parametrize("n", [1, 2, 30, 100])
def test_a_recording_shorter_than_a_window(n: int) -> None:
    found = TRAINING(SIGNAL[:, :n], 360.0, np.array([n - 1]))
    assert found.rows.shape == (1, 18, 150) and np.isfinite(found.rows).all()


def test_the_given_signal_stays() -> None:
    signal = SIGNAL.copy()
    signal[0, :50] = np.nan
    before = signal.copy()
    TRAINING(signal, 360.0, RPEAKS)
    assert np.array_equal(signal, before, equal_nan=True)


def test_a_long_recording_asks_for_no_more_a_beat_than_a_short_one() -> None:
    """Beats that are further than 100 apart know nothing of each other."""
    signal, rpeaks = (
        np.tile(SIGNAL, (1, 10)),
        np.concatenate([RPEAKS + i * SIGNAL.shape[1] for i in range(10)]),
    )
    found = rows(signal, rpeaks)
    n, part = len(RPEAKS), signal[:, : 6 * SIGNAL.shape[1]]
    assert np.array_equal(found[: 2 * n, 2, :29], rows(part, rpeaks[: 6 * n])[: 2 * n, 2, :29])


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: SERVED(np.zeros((0, 500), np.float32), 360.0), r"at least one lead.*found shape \(0, 500\)"),
        (lambda: SERVED(np.zeros((1, 0), np.float32), 360.0), r"at least one lead.*found shape \(1, 0\)"),
        (lambda: SERVED(np.zeros((1, 2, 3), np.float32), 360.0), r"found shape \(1, 2, 3\)"),
        (lambda: SERVED(SIGNAL, 0.0), "heartbeats: expected a sampling rate above 0"),
        (lambda: SERVED(SIGNAL, 20.0), "at least 40 Hz to find R peaks"),
        (lambda: SERVED(SIGNAL, 360.0, np.array([9, 4])), "increasing R peaks, found 4 after 9"),
        (lambda: SERVED(SIGNAL, 360.0, np.array([-3, 4])), "found one at -3"),
        (lambda: SERVED(SIGNAL, 360.0, np.array([4, 99999])), "found one at 99999"),
        (lambda: SERVED(SIGNAL, 360.0, np.array([4.0])), "whole sample indices"),
    ],
)
def test_what_cannot_be_cut_is_refused(call: Callable[[], object], message: str) -> None:
    with pytest.raises(RecordError, match=message):
        call()


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"fs": 0}, "AroundRPeaks: expected fs to be a number above 0, found 0"),
        ({"fs": True}, "expected fs to be a number above 0, found True"),
        ({"low_hz": float("nan")}, "expected low_hz to be a number above 0, found nan"),
        ({"high_hz": float("inf")}, "expected high_hz to be a number above 0, found inf"),
        ({"low_hz": 50.0}, "expected low_hz below high_hz, found 50.0 and 40.0"),
        ({"reach_s": -0.1}, "expected reach_s to be a number above 0, found -0.1"),
        ({"n_usual": 10.5}, "expected n_usual to be a whole number above 0, found 10.5"),
        ({"usual_step": 0}, "expected usual_step to be a whole number above 0, found 0"),
        ({"training": 1}, "expected training true or false, found 1"),
        ({"before_s": 0.2}, "expected before_s from 0.28 and after_s from 0.48, found 0.2 and 0.6"),
        ({"after_s": 0.4}, "expected before_s from 0.28 and after_s from 0.48, found 0.6 and 0.4"),
        ({"fs": 30.0}, "expected windows of at least 46 samples, found 36"),
    ],
)
def test_settings_out_of_range_are_refused(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(SettingsError, match=message):
        AroundRPeaks(**settings)


@pytest.mark.parametrize("settings", [{"before_s": 0.28, "after_s": 0.48}, {"fs": 40.0}, {"fs": 1000.0}])
def test_settings_at_their_bounds_cut(settings: dict[str, Any]) -> None:
    cut = AroundRPeaks(training=True, **settings)
    found = cut(SIGNAL, 360.0, RPEAKS).rows
    assert found.shape == (len(RPEAKS), 18, cut.n_samples) and np.isfinite(found).all()
    assert cut.n_samples == cut.rpeak + round(cut.after_s * cut.fs)


@pytest.mark.realdata
def test_found_and_annotated_rpeaks_of_a_real_recording_give_the_same_beats(data_folder: Path) -> None:
    record = read_record(data_folder / "mitdb/1.0.0/101.hea")
    assert record.annotations is not None
    lead, end = record.for_model(("MLII",)).signal[:, : 300 * 360], 300 * 360
    annotated = beats_of(record.annotations)[0]
    annotated = annotated[annotated < end - 360]
    found = find_rpeaks(lead, 360.0)
    pairs = [(i, int(np.abs(found - at).argmin())) for i, at in enumerate(annotated.tolist())]
    pairs = [(i, j) for i, j in pairs if abs(found[j] - annotated[i]) < 18]
    assert len(pairs) > 0.95 * len(annotated)
    own, others = rows(lead, annotated), rows(lead, found)
    same = [np.allclose(own[i, 0], others[j, 0], atol=0.05) for i, j in pairs]
    assert np.mean(same) > 0.95
