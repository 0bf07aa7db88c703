"""Beats where they can be told: what was found elsewhere shapes none of them."""

import numpy as np
import pytest

from einthoven.signal.beats import AroundRPeaks, SevenSteps
from einthoven.signal.beats.told import cut_told
from einthoven.signal.left_out import HIGH, Stretch, find_left_out, joined_samples, lie_outside
from einthoven.signal.rpeaks import find_rpeaks
from einthoven.signal.simulated import simulate

FS = 250.0
RECORD = simulate("ectopy", duration_s=150, fs=FS, leads=("II",), seed=0)


def noisy() -> np.ndarray:
    """A minute of noise from 40 s on."""
    signal = RECORD.signal.copy()
    signal[:, 10000:25000] = 0.2 * np.random.default_rng(0).standard_normal(15000)
    return signal


def test_nothing_is_dropped_of_a_good_lead() -> None:
    for cut in (AroundRPeaks(), SevenSteps(), SevenSteps(rpeaks="annotated")):
        found, plain = cut_told(cut, RECORD.signal, FS), cut(RECORD.signal, FS)
        assert (found.left_out, found.n_dropped) == ((), 0)
        assert np.array_equal(found.inputs.rows, plain.rows)
        assert np.array_equal(found.inputs.rpeaks, plain.rpeaks)


def test_beats_are_cut_as_if_nothing_had_been_found_in_noise() -> None:
    signal, cut = noisy(), AroundRPeaks()
    rpeaks = find_rpeaks(signal, FS)
    left_out = find_left_out(signal[0], FS, rpeaks)
    kept = rpeaks[lie_outside(rpeaks, joined_samples(left_out, FS))]
    found = cut_told(cut, signal, FS)
    assert found.left_out == left_out
    assert found.n_dropped == len(rpeaks) - len(kept) > 60
    assert found.inputs.rpeaks.tolist() == kept.tolist()
    assert np.array_equal(found.inputs.rows, cut(signal, FS, kept).rows)
    # Cut with those in noise, the same beats have another rhythm.
    among_all = cut(signal, FS).rows[np.isin(rpeaks, kept)]
    assert not np.allclose(among_all[:, 2], found.inputs.rows[:, 2], atol=0.05)


def test_what_a_cut_found_in_its_own_way_is_dropped_afterwards() -> None:
    signal, cut = noisy(), SevenSteps()
    plain, found = cut(signal, FS), cut_told(cut, signal, FS)
    kept = np.isin(plain.rpeaks, found.inputs.rpeaks)
    assert found.n_dropped == (~kept).sum() > 0
    assert np.array_equal(found.inputs.rows, plain.rows[kept])
    assert found.inputs.skipped == plain.skipped
    assert lie_outside(found.inputs.rpeaks, joined_samples(found.left_out, FS)).all()


def test_a_lead_without_a_beat() -> None:
    found = cut_told(AroundRPeaks(), np.zeros((1, 2500), np.float32), FS)
    assert len(found.inputs.rpeaks) == found.n_dropped == 0
    assert found.inputs.rows.shape == (0, 3, 150)
    assert [one.reason for one in found.left_out] == ["no signal"]


@pytest.mark.parametrize("cut", [AroundRPeaks(), SevenSteps()], ids=["around", "seven steps"])
@pytest.mark.parametrize("n", [1, 750])
def test_what_is_too_high_hides_no_beat_beside_it(cut: AroundRPeaks | SevenSteps, n: int) -> None:
    signal = RECORD.signal.copy()
    signal[:, 15000 : 15000 + n] += 40
    given = signal.copy()
    found, plain = cut_told(cut, signal, FS), cut(RECORD.signal, FS).rpeaks
    (stretch,) = found.left_out
    assert stretch == Stretch(57.0, (15000 + n + 750) / FS, HIGH)
    beside = plain[lie_outside(plain, joined_samples(found.left_out, FS))]
    if cut.finds_rpeaks:
        # It searches in windows of its own: those that the stretch touches may differ.
        beside = beside[np.abs(beside - 15000) > 15 * FS]
        found_far = found.inputs.rpeaks[np.abs(found.inputs.rpeaks - 15000) > 15 * FS]
        assert len(found_far) == pytest.approx(len(beside), abs=2)
    else:
        assert found.inputs.rpeaks.tolist() == beside.tolist()
        assert np.abs(found.inputs.rows).max() < 3 * np.abs(cut(RECORD.signal, FS).rows).max()
    assert np.array_equal(signal, given)


@pytest.mark.parametrize("at", [15000, 15100, 15190])
def test_a_step_that_stays_is_no_beat(at: int) -> None:
    signal = RECORD.signal.copy()
    signal[:, at:] += 25
    signal[:, 20000:20010] = np.nan
    found, plain = cut_told(AroundRPeaks(), signal, FS), cut_told(AroundRPeaks(), RECORD.signal, FS)
    assert [one.reason for one in found.left_out] == [HIGH]
    beside = lie_outside(plain.inputs.rpeaks, joined_samples(found.left_out, FS))
    assert found.inputs.rpeaks.tolist() == plain.inputs.rpeaks[beside].tolist()
