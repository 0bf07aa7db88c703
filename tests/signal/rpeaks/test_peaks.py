"""Where in a QRS complex the R peak is put."""

import numpy as np

from einthoven.signal.rpeaks.peaks import PeakPlacement

FS = 400.0
BEATS = np.array([60, 180, 300, 420])
"""Averaged samples, 4 to each: the true peaks lie at 4 times that, and a little beside."""
TRUE = BEATS * 4 + np.array([5, -9, 0, 12])


def lead(up, down=None, n=2000):
    signal = np.zeros(n, np.float32)
    for at, high, low in zip(TRUE, np.broadcast_to(up, 4), np.broadcast_to(down or 0.0, 4), strict=True):
        signal[at - 8 : at + 9] += high * np.hanning(17).astype(np.float32)
        signal[at + 8 : at + 25] -= low * np.hanning(17).astype(np.float32)
    return signal


def place(*leads, weights=None, drift=0.0):
    signal = np.stack(leads) + np.float32(drift) * np.arange(2000, dtype=np.float32)
    placement = PeakPlacement(FS, 4, len(leads), block=100)
    placement.keep(signal)
    placement.weigh(np.ones((len(leads), 5)) if weights is None else weights)
    return placement.place(BEATS)


def test_the_highest_deflection_is_the_peak():
    np.testing.assert_array_equal(place(lead(1.0)), TRUE)
    np.testing.assert_array_equal(place(-lead(1.0)), TRUE)
    np.testing.assert_array_equal(place(lead(1.0), drift=0.002), TRUE)


def test_r_and_s_of_about_the_same_height_keep_to_one_side():
    up = np.array([1.0, 1.0, 0.9, 1.0])
    np.testing.assert_array_equal(place(lead(up, 0.95)), TRUE)


def test_a_much_lower_side_is_left():
    found = place(lead(np.array([1.0, 1.0, 0.2, 1.0]), 0.6))
    np.testing.assert_array_equal(found, TRUE + np.array([0, 0, 16, 0]))


def test_the_clearest_lead_tells():
    weights = np.repeat([[0.1], [0.9]], 5, axis=1)
    np.testing.assert_array_equal(place(np.roll(lead(1.0), 20), lead(1.0), weights=weights), TRUE)


def test_what_is_forgotten_is_not_needed_later():
    signal = lead(1.0)[None]
    placement = PeakPlacement(FS, 4, 1, block=100)
    found = []
    for beat, end in zip(BEATS, (500, 1000, 1500, 2000), strict=True):
        placement.keep(signal[:, end - 500 : end])
        placement.weigh(np.ones((1, 1)))
        found.append(placement.place(np.array([beat])))
        placement.forget(int(beat) + 20)
    np.testing.assert_array_equal(np.concatenate(found), TRUE)


def test_no_beats_no_peaks():
    assert len(PeakPlacement(FS, 4, 1, 100).place(np.empty(0, np.int64))) == 0


def test_a_window_at_the_very_end_is_moved():
    signal = np.zeros((1, 200), np.float32)
    signal[0, 150] = 1.0
    placement = PeakPlacement(FS, 4, 1, block=100)
    placement.keep(signal)
    placement.weigh(np.ones((1, 1)))
    assert placement.place(np.array([45])).tolist() == [150]
