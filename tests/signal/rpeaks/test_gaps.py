"""Bridging gaps while samples come in."""

import numpy as np
import pytest

from einthoven.signal.rpeaks.gaps import GapBridge

FS = 50.0
NAN = np.nan


def run(signal, cuts=()):
    bridge = GapBridge(FS, len(signal))
    parts = [bridge.push(part) for part in np.split(signal.astype(np.float32), cuts, axis=-1)]
    return np.concatenate([*parts, bridge.finish()], axis=-1)


def with_gaps():
    signal = np.random.default_rng(1).normal(size=(3, 400))
    signal[0, :30] = signal[0, 100:103] = signal[0, 200:320] = signal[0, 390:] = NAN
    signal[1, 150:260] = NAN
    signal[2] = NAN
    return signal


def test_without_gaps_only_the_offset_goes():
    signal = np.array([[5.0, 6, 4], [-1, -1, -3]], np.float32)
    np.testing.assert_array_equal(run(signal), [[0, 1, -1], [0, 0, -2]])


def test_a_short_gap_is_a_line():
    np.testing.assert_allclose(run(np.array([[1.0, NAN, NAN, 4, 4]])), [[0, 1, 2, 3, 3]])


def test_a_long_gap_is_held_and_ends_in_a_line_of_a_second():
    signal = np.full((1, 200), NAN)
    signal[0, 0], signal[0, 1], signal[0, 150:] = 0, 2, 12
    filled = run(signal)[0]
    np.testing.assert_array_equal(filled[1:101], 2)
    np.testing.assert_allclose(filled[100:151], np.linspace(2, 12, 51), rtol=1e-5)


def test_ends_keep_the_nearest_sample():
    np.testing.assert_array_equal(run(np.array([[NAN, NAN, 3, 4, NAN, NAN]])), [[0, 0, 0, 1, 1, 1]])


def test_a_lead_of_nothing_is_zero():
    np.testing.assert_array_equal(run(np.full((1, 9), NAN)), np.zeros((1, 9)))


@pytest.mark.parametrize("cuts", [[1], [29, 30, 31], [101, 205, 206, 319], range(1, 400), range(7, 400, 7)])
def test_cuts_into_pushes_change_nothing(cuts):
    signal = with_gaps()
    whole = run(signal)
    assert whole.shape == signal.shape and not np.isnan(whole).any()
    np.testing.assert_array_equal(run(signal, cuts), whole)


def test_the_array_that_was_given_stays_as_it_is():
    signal = with_gaps().astype(np.float32)
    before = signal.copy()
    run(signal)
    np.testing.assert_array_equal(signal, before)


def test_no_more_than_a_second_is_held_back():
    bridge = GapBridge(FS, 1)
    given = sum(bridge.push(np.full((1, 10), NAN if n else 1.0, np.float32)).shape[-1] for n in range(100))
    assert given == 1000 - FS
