"""Stretches in which what was found are no heartbeats."""

from pathlib import Path

import numpy as np
import pytest

from einthoven.formats import read_record
from einthoven.record import Record
from einthoven.signal.noisy import noisy_stretches
from einthoven.signal.rpeaks import find_rpeaks
from einthoven.signal.simulated import simulate


def found(record: Record, row: np.ndarray) -> list[tuple[float, float]]:
    """The stretches, s."""
    signal = row.astype(np.float32)
    stretches = noisy_stretches(signal, record.fs, find_rpeaks(signal[None], record.fs))
    return [(start / record.fs, end / record.fs) for start, end in stretches]


@pytest.fixture(scope="module")
def record() -> Record:
    """Two minutes at 300 Hz."""
    return simulate("normal", duration_s=120, leads=("II",), seed=1)


@pytest.mark.parametrize("rhythm", ["normal", "af", "ectopy"])
def test_a_rhythm_is_no_noise(rhythm: str) -> None:
    made = simulate(rhythm, duration_s=60, leads=("II",), seed=2)
    assert found(made, made.signal[0]) == []


def test_noise_is_found_where_it_is(record: Record) -> None:
    row = record.signal[0].copy()
    row[9000:18000] = 0.2 * np.random.default_rng(0).standard_normal(9000)
    ((start, end),) = found(record, row)
    assert (start, end) == pytest.approx((30, 60), abs=10)
    row[27000:36000] = row[9000:18000]
    assert len(found(record, row)) == 2


def test_nothing_but_noise_is_one_stretch_of_any_length() -> None:
    made = simulate("normal", duration_s=45.5, leads=("II",), seed=1)
    noise = 0.2 * np.random.default_rng(0).standard_normal(made.n_samples)
    assert found(made, noise) == [(0, 45.5)]
    assert found(made, noise[:3000]) == [(0, 10)]


def test_few_beats_do_not_tell(record: Record) -> None:
    noise = np.random.default_rng(0).standard_normal(36000).astype(np.float32)
    rpeaks = np.arange(100, 36000, 1000)
    assert noisy_stretches(noise, record.fs, rpeaks) == ()
    assert noisy_stretches(noise, record.fs, rpeaks[:0]) == ()
    assert noisy_stretches(noise, record.fs, np.arange(100, 36000, 500)) == ((0, 36000),)


@pytest.mark.realdata
def test_of_a_real_recording_only_ventricular_flutter_is_left_out(data_folder: Path) -> None:
    for name, expected in (("108", []), ("207", [(1540, 1560)])):
        real = read_record(next(data_folder.rglob(f"mitdb/1.0.0/{name}.hea"))).select(["MLII"])
        assert found(real, real.signal[0]) == expected
