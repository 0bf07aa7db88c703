"""Stretches in which no heartbeats can be told."""

import numpy as np
import pytest

from einthoven.signal.left_out import (
    FLUTTER,
    HIGH,
    HUM,
    NO_ECG,
    NO_SIGNAL,
    NOISE,
    Stretch,
    find_empty,
    find_left_out,
    in_order,
    joined_samples,
    lie_outside,
    stretches_of,
)
from einthoven.signal.rpeaks import find_rpeaks
from einthoven.signal.simulated import simulate

RECORD = simulate("normal", duration_s=120, fs=250.0, leads=("II",), seed=3)


def with_noise_and_a_gap() -> np.ndarray:
    row = RECORD.signal[0].copy()
    row[10000:20000] = 0.2 * np.random.default_rng(0).standard_normal(10000)
    row[25000:26000] = np.nan
    return row


def test_a_good_lead_has_none() -> None:
    row = RECORD.signal[0]
    assert find_left_out(row, 250.0, find_rpeaks(row[None], 250.0)) == find_empty(row, 250.0) == ()


def test_noise_and_gaps_are_told_apart() -> None:
    row = with_noise_and_a_gap()
    noise, gap = find_left_out(row, 250.0, find_rpeaks(row[None], 250.0))
    assert (noise.reason, gap.reason) == (NOISE, NO_SIGNAL)
    assert (noise.start_s, noise.end_s) == pytest.approx((40, 80), abs=10)
    assert (gap.start_s, gap.end_s) == (100, 104)
    assert find_empty(row, 250.0) == (gap,)


@pytest.mark.parametrize(("hz", "reason"), [(1.0, NO_ECG), (4.0, NO_ECG), (50.0, HUM), (60.0, HUM)], ids=str)
def test_what_is_no_ecg_hides_no_beat_beside_it(hz: float, reason: str) -> None:
    row = RECORD.signal[0].copy()
    time = np.arange(10000, 20000) / 250
    row[10000:20000] = 0.6 * np.sin(2 * np.pi * hz * time)
    row[10000:20000] += 0.005 * np.random.default_rng(1).standard_normal(10000)
    rpeaks = find_rpeaks(row[None], 250.0)
    (found,) = find_left_out(row, 250.0, rpeaks)
    assert found.reason == reason
    assert (found.start_s, found.end_s) == pytest.approx((40, 80), abs=5)
    kept = rpeaks[lie_outside(rpeaks, joined_samples([found], 250.0))] / 250
    true = find_rpeaks(RECORD.signal, 250.0) / 250
    far = (true < 34) | (true > 86)
    assert kept[(kept < 34) | (kept > 86)] == pytest.approx(true[far], abs=0.01)


def test_what_is_too_high_is_told_and_nothing_else_is_made_of_it() -> None:
    row = RECORD.signal[0].copy()
    row[10000:10750] += 25
    assert find_left_out(row, 250.0, find_rpeaks(row[None], 250.0)) == (Stretch(37.0, 46.0, HIGH),)


def test_stretches_of_several_kinds_stand_in_order() -> None:
    flutter = stretches_of([(100, 200), (500, 900)], 100.0, FLUTTER)
    assert flutter == (Stretch(1.0, 2.0, FLUTTER), Stretch(5.0, 9.0, FLUTTER))
    gap = Stretch(1.5, 3.0, NO_SIGNAL)
    assert in_order([gap], flutter) == (flutter[0], gap, flutter[1])
    assert joined_samples(in_order([gap], flutter), 100.0) == [(100, 300), (500, 900)]


def test_what_lies_outside_keeps_its_place() -> None:
    rpeaks = np.array([0, 99, 100, 299, 300, 950])
    assert lie_outside(rpeaks, [(100, 300), (500, 951)]).tolist() == [True, True, False, False, True, False]
    assert lie_outside(rpeaks, []).all()
    assert lie_outside(rpeaks[:0], [(0, 9)]).shape == (0,)
