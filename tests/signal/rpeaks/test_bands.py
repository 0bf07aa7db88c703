"""Filters of the R-peak detector: what they pass, and that cuts into pushes leave no trace."""

import numpy as np
import pytest

from einthoven.signal.rpeaks.bands import (
    QRSBands,
    antisymmetric_filter,
    decimation,
    moving_sum,
    symmetric_filter,
)

RNG = np.random.default_rng(0)
X = RNG.normal(size=(2, 500)).astype(np.float32)


def run(signal, fs, cuts=()):
    bands = QRSBands(fs, len(signal))
    parts = [bands.push(part) for part in np.split(signal, cuts, axis=-1)] + [bands.finish()]
    return tuple(np.concatenate(columns, axis=-1) for columns in zip(*parts, strict=True))


@pytest.mark.parametrize("width", [1, 2, 3, 7, 12, 55, 64])
def test_the_moving_sum_is_a_sum(width):
    expected = np.stack([np.convolve(row, np.ones(width), "valid") for row in X])
    np.testing.assert_allclose(moving_sum(X, width), expected, atol=1e-4)


def test_the_filters_are_convolutions():
    kernel = np.array([0.5, -0.3, 0.2], np.float32)
    even = np.concatenate([kernel[:0:-1], kernel])
    odd = np.concatenate([kernel[::-1], [0], -kernel])
    for row, symmetric, antisymmetric in zip(
        X, symmetric_filter(X, kernel), antisymmetric_filter(X, kernel), strict=True
    ):
        np.testing.assert_allclose(symmetric, np.convolve(row, even, "valid"), atol=1e-5)
        np.testing.assert_allclose(antisymmetric, np.convolve(row, odd, "valid"), atol=1e-5)


@pytest.mark.parametrize("fs", [100.0, 250.0, 360.0, 1000.0])
def test_cuts_into_pushes_change_nothing(fs):
    signal = RNG.normal(size=(2, 3000)).astype(np.float32)
    whole = run(signal, fs)
    for cuts in ([1], [7, 8, 9, 1500], range(10, 3000, 10)):
        for expected, found in zip(whole, run(signal, fs, cuts), strict=True):
            np.testing.assert_array_equal(found, expected)
    assert [part.shape for part in whole] == [(2, 3000 // decimation(fs))] * 3


@pytest.mark.parametrize(
    ("fs", "step"), [(40, 1), (100, 1), (128, 1), (250, 2), (360, 3), (500, 4), (1000, 8)]
)
def test_the_working_rate_stays_above_that_of_the_mains(fs, step):
    assert decimation(fs) == step


@pytest.mark.parametrize("fs", [128.0, 360.0, 1000.0])
def test_the_band_passes_qrs_complexes_and_neither_drift_nor_mains(fs):
    t = np.arange(round(20 * fs)) / fs

    def height(hz):
        _, height, _ = run(np.sin(2 * np.pi * hz * t, dtype=np.float32)[None], fs)
        return float(np.median(height))

    assert height(14.0) > 0.5
    assert height(0.5) < 0.02 * height(14.0)
    assert height(2.0) < 0.15 * height(14.0)
    assert height(50.0) < 0.1 * height(14.0)


def test_offset_and_ramp_give_nothing():
    ramp = np.linspace(3, 8, 3600, dtype=np.float32)[None]
    _, height, slope = run(ramp, 360.0)
    inner = slice(50, -50)
    assert height[0, inner].max() < 1e-5
    # A ramp has a slope, and the unit is that of the kernel: 1 for 1 a second.
    np.testing.assert_allclose(slope[0, inner], 0.5, rtol=0.01)


def test_steepness_is_highest_where_the_wave_is_steepest():
    t = np.arange(1440) / 360
    step = (1 / (1 + np.exp(-(t - 2) / 0.01))).astype(np.float32)[None]
    _, _, slope = run(step, 360.0)
    assert abs(slope.argmax() - 240) <= 1


def test_nothing_in_nothing_out():
    bands = QRSBands(360.0, 1)
    assert [part.shape for part in bands.push(np.empty((1, 0), np.float32))] == [(1, 0)] * 3
    assert [part.shape for part in bands.finish()] == [(1, 0)] * 3
