from pathlib import Path

import numpy as np
import pytest

from einthoven.datasets.cinc2017 import open_cinc2017
from einthoven.formats import list_records, read_record
from einthoven.record import Signal
from einthoven.signal.likeness import unlike_ecg
from einthoven.signal.simulated import simulate

FS = 300.0
EXAMPLES = Path(__file__).parents[2] / "examples"
T = np.arange(9000) / FS


def pulse_wave(phase: np.ndarray) -> np.ndarray:
    """A systolic wave and a smaller one after it, as a finger's light sensor shows them."""
    phase = phase % 1
    return np.exp(-(((phase - 0.3) / 0.12) ** 2)) + 0.4 * np.exp(-(((phase - 0.6) / 0.12) ** 2))


def noisy(wave: np.ndarray) -> np.ndarray:
    return wave + 0.02 * np.random.default_rng(0).standard_normal(len(wave))


SMOOTH = {
    f"sine of {hz} Hz": np.sin(2 * np.pi * hz * T + 0.1) for hz in (0.5, 1.0, 1.2, 2.0, 3.3, 5.0, 10.0)
} | {
    "sine in noise": noisy(np.sin(2 * np.pi * 1.2 * T)),
    "pulse wave": pulse_wave(1.2 * T),
    "irregular pulse wave": pulse_wave(1.2 * T + 0.2 * np.sin(0.9 * T)),
    "breathing": np.sin(2 * np.pi * 0.25 * T + 0.3 * np.sin(0.3 * T)),
    "chirp": np.sin(2 * np.pi * (0.5 * T + 0.1 * T**2)),
}
EXACT = {
    "sawtooth": T % 1,
    "slow sawtooth": 0.8 * T % 1,
    "sawtooth in noise": noisy(T % 1),
    "square wave": np.sign(np.sin(2 * np.pi * T)),
    "square wave between samples": np.sign(np.sin(2 * np.pi * 1.37 * T)),
    "triangle": np.abs(1.1 * T % 1 - 0.5),
    "steps": np.floor(T % 5),
    "rectangles": (T % 1 < 0.1) * 1.0,
}


def reason(wave: np.ndarray, fs: float = FS) -> str | None:
    (found,) = unlike_ecg(np.asarray(wave, np.float32)[None], fs)
    return found


@pytest.mark.parametrize("name", SMOOTH)
def test_what_has_no_complexes_is_told(name: str) -> None:
    assert reason(SMOOTH[name]) == "no sharp complexes"


@pytest.mark.parametrize("name", EXACT)
def test_what_repeats_itself_exactly_is_told(name: str) -> None:
    assert reason(EXACT[name]) == "repeats itself exactly"


def test_of_a_short_recording_repetition_is_not_judged() -> None:
    assert reason((T % 1)[:5900]) is None
    assert reason((T % 1)[:6100]) == "repeats itself exactly"


@pytest.mark.parametrize("rhythm", ["normal", "af", "ectopy", "noise"])
def test_no_simulated_recording_is_told(rhythm: str) -> None:
    for seed in range(10):
        assert reason(simulate(rhythm, seed=seed).signal[0]) is None


def test_no_example_is_told() -> None:
    paths = list_records(EXAMPLES)
    assert len(paths) == 13
    for record in map(read_record, paths):
        assert unlike_ecg(record.signal[:1], record.fs) == (None,)


def test_an_ecg_without_any_variation_is_one() -> None:
    beat = np.exp(-(((T * 1.2 % 1 - 0.5) / 0.02) ** 2))
    assert reason(beat) is None


def test_scale_offset_polarity_and_gaps_change_nothing() -> None:
    for wave, expected in ((SMOOTH["pulse wave"], "no sharp complexes"), (simulate(seed=1).signal[0], None)):
        gap = np.array(wave, np.float32)
        gap[1000:1100] = np.nan
        assert [reason(w) for w in (0.01 * wave, wave + 3, -wave, gap)] == [expected] * 4


def test_a_silent_or_missing_lead_may_be_anything() -> None:
    silent: Signal = np.zeros((2, 3000), np.float32)
    silent[1] = np.nan
    assert unlike_ecg(silent, FS) == (None, None)
    assert unlike_ecg(np.ones((1, 1), np.float32), FS) == (None,)


def test_a_long_recording_is_judged_by_most_of_it() -> None:
    ecg = simulate(duration_s=600, seed=2).signal[0]
    tone = np.sin(2 * np.pi * 1.2 * np.arange(len(ecg)) / FS).astype(np.float32)
    early, late = np.arange(len(ecg)) < 0.2 * len(ecg), np.arange(len(ecg)) >= 0.2 * len(ecg)
    assert reason(np.where(early, tone, ecg)) is None
    assert reason(np.where(late, tone, ecg)) == "no sharp complexes"


@pytest.mark.realdata
def test_no_real_rhythm_is_told(data_folder: Path) -> None:
    entries = [e for e in open_cinc2017(data_folder).entries if e.labels != ("~",)][::10]
    assert len(entries) > 30
    for entry in entries:
        assert entry.path is not None
        record = read_record(entry.path)
        assert unlike_ecg(record.signal, record.fs) == (None,)
