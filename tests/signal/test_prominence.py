"""What stands out among the little that was found."""

from pathlib import Path

import numpy as np
import pytest

from einthoven.formats import read_record
from einthoven.signal.prominence import stand_out
from einthoven.signal.rpeaks import find_rpeaks
from einthoven.signal.simulated import simulate

FS = 250.0


def lead(heights: dict[int, float], noise: float, n: int = 2500) -> np.ndarray:
    """QRS complexes of these heights, mV, at these samples, in noise, mV."""
    t = np.arange(n) / FS
    made = noise * np.random.default_rng(0).standard_normal(n)
    for place, height in heights.items():
        made += height * np.exp(-(((t - place / FS) / 0.012) ** 2))
    return made.astype(np.float32)


@pytest.mark.parametrize("noise", [0.0, 0.001, 0.01, 0.05])
def test_a_qrs_complex_stands_out_of_noise_and_noise_does_not(noise: float) -> None:
    row = lead({800: 1.0, 1600: 0.8}, noise)
    found = stand_out(row, FS, np.array([300, 800, 1200, 1600, 2200]))
    assert found.tolist() == [False, True, False, True, False]
    for same in (-row, 5 * row, row + 3):
        assert stand_out(same, FS, np.array([300, 800, 1200, 1600, 2200])).tolist() == found.tolist()


def test_a_wave_that_is_far_lower_than_the_highest_does_not_stand_out() -> None:
    row = lead({800: 1.0, 1200: 0.1, 1600: 0.3}, 0.0005)
    assert stand_out(row, FS, np.array([800, 1200, 1600])).tolist() == [True, False, True]
    assert stand_out(lead({1200: 0.1}, 0.0005), FS, np.array([1200])).tolist() == [True]


def test_what_is_left_out_is_not_what_beats_are_compared_with() -> None:
    row = lead({800: 0.5}, 0.08)
    row[1250:] *= 0.01
    rpeaks = np.array([300, 800])
    assert stand_out(row, FS, rpeaks).tolist() == [True, True]
    assert stand_out(row, FS, rpeaks, [(1250, 2500)]).tolist() == [False, True]


def test_nothing_stands_out_of_nothing() -> None:
    row = lead({800: 1.0}, 0.01)
    assert stand_out(row, FS, np.zeros(0, np.int64)).shape == (0,)
    assert not stand_out(row, FS, np.array([800]), [(0, 2500)]).any()
    assert not stand_out(row[790:810], FS, np.array([10])).any()


def test_missing_samples_are_bridged() -> None:
    row = lead({800: 1.0}, 0.01)
    row[1000:1200] = np.nan
    assert stand_out(row, FS, np.array([300, 800]), [(1000, 1200)]).tolist() == [False, True]


@pytest.mark.parametrize("rhythm", ["normal", "af", "ectopy"])
def test_in_a_few_seconds_of_a_rhythm_the_beats_stand_out(rhythm: str) -> None:
    made = simulate(rhythm, duration_s=5, fs=FS, leads=("II",), seed=2)
    assert stand_out(made.signal[0], FS, find_rpeaks(made.signal, FS)).mean() >= 0.75


@pytest.mark.realdata
def test_in_5_s_of_a_real_recording_the_beats_stand_out(data_folder: Path) -> None:
    for name in ("101", "108", "119", "208"):
        real = read_record(next(data_folder.rglob(f"mitdb/1.0.0/{name}.hea"))).select(["MLII"])
        part = real.signal[:, 3600:5400]
        assert stand_out(part[0], real.fs, find_rpeaks(part, real.fs)).mean() >= 0.75
