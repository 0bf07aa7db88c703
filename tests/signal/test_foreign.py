"""Stretches of a lead that are no ECG, and what must not be taken for one."""

from pathlib import Path

import numpy as np
import pytest

from einthoven.datasets.mitdb import DS1
from einthoven.formats import read_record
from einthoven.signal.foreign import WINDOW_S, high_stretches, hum_stretches, smooth_stretches
from einthoven.signal.simulated import RHYTHMS, simulate

FS = 250.0
TIME = np.arange(round(60 * FS)) / FS
STRETCHES = (hum_stretches, smooth_stretches)


@pytest.mark.parametrize("rhythm", [name for name in RHYTHMS if name != "noise"])
def test_an_ecg_is_none(rhythm: str) -> None:
    for seed in range(5):
        row = simulate(rhythm, duration_s=60, fs=FS, leads=("II",), seed=seed).signal[0]
        assert [find(row, FS) for find in STRETCHES] == [(), ()]


def test_hum_over_an_ecg_counts_from_ten_times_its_power_on() -> None:
    row = simulate(duration_s=60, fs=FS, leads=("II",), seed=1).signal[0]
    hum = np.sin(2 * np.pi * 50 * TIME)
    power = np.var(row)
    faint, loud = (row + np.sqrt(2 * times * power) * hum for times in (2, 40))
    assert hum_stretches(faint, FS) == ()
    assert hum_stretches(loud, FS) == ((0, len(row)),)


def test_stretches_are_apart_and_in_order_across_portions() -> None:
    row = np.tile(simulate(duration_s=60, fs=FS, leads=("II",), seed=1).signal[0], 10)
    parts = [(30.0, 60.0), (200.0, 230.0), (500.0, 600.0)]
    for start, end in parts:
        a, b = round(start * FS), round(end * FS)
        row[a:b] = np.sin(2 * np.pi * 1.1 * np.arange(b - a) / FS)
    found = smooth_stretches(row, FS)
    assert len(found) == 3
    assert np.array(found) / FS == pytest.approx(np.array(parts), abs=WINDOW_S / 2)
    scaled = smooth_stretches(-3.5 * row + 1, FS)
    assert scaled == found


def test_missing_and_flat_signal_is_nobodys_business_here() -> None:
    row = simulate(duration_s=60, fs=FS, leads=("II",), seed=1).signal[0].copy()
    row[5000:10000] = np.nan
    assert smooth_stretches(row, FS) != ()
    for find in STRETCHES:
        assert find(row, FS, [(5000, 10000)]) == ()
        assert find(row, FS, [(0, len(row))]) == ()


def test_less_than_a_window_is_judged_as_a_whole_elsewhere() -> None:
    sine = np.sin(2 * np.pi * 1.2 * TIME[: round(9 * FS)])
    assert [find(sine, FS) for find in STRETCHES] == [(), ()]


def test_what_is_far_from_the_level_is_high_with_three_seconds_on_both_sides() -> None:
    row = simulate(duration_s=60, fs=FS, leads=("II",), seed=1).signal[0] + np.float32(300)
    assert high_stretches(row, FS) == ()
    row[0] += 30
    row[5000:5500] += 25
    row[7500] -= 18
    row[8000] -= 25
    row[12000] += 25
    assert high_stretches(row, FS) == ((0, 751), (4250, 6250), (7250, 8751), (11250, 12751))
    row[6000] += 25
    assert high_stretches(row, FS)[1] == (4250, 6751)


def test_a_drift_is_not_high_and_a_wrong_unit_is_not_cut_out() -> None:
    row = simulate(duration_s=60, fs=FS, leads=("II",), seed=1).signal[0]
    assert high_stretches(row + np.linspace(0, 60, len(row)), FS) == ()
    assert high_stretches(100 * row, FS) == ()
    # Of one beat that is twice as high as the others, nearly all of them 11 mV.
    ten = 10 * row
    ten[5000:5250] *= 2.2
    assert ten.max() > 20.5 and high_stretches(ten, FS) == ()
    assert high_stretches(np.full(1000, np.nan), FS) == high_stretches(row[:100], FS) == ()


@pytest.mark.realdata
@pytest.mark.parametrize("name", DS1[::4])
def test_real_recordings_have_none(name: str, data_folder: Path) -> None:
    record = read_record(data_folder / "mitdb/1.0.0" / f"{name}.hea")
    assert [find(record.signal[0], record.fs) for find in (*STRETCHES, high_stretches)] == [(), (), ()]
