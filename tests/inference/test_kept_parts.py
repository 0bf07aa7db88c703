"""What is measured where parts of a recording are left out."""

import numpy as np
import pytest

from einthoven.inference.kept_parts import beside, judged
from einthoven.signal.left_out import HUM, NOISE, Stretch
from einthoven.signal.likeness import unlike_ecg
from einthoven.signal.quality import assess
from einthoven.signal.simulated import simulate

FS = 250.0
CLEAN = simulate(duration_s=120, fs=FS, leads=("II",), seed=3).signal
PART = Stretch(40.0, 60.0, HUM)


def hummed() -> np.ndarray:
    signal = CLEAN.copy()
    signal[:, 10000:15000] += 30 * np.sin(2 * np.pi * 50 * np.arange(5000) / FS).astype(np.float32)
    return signal


def test_hum_and_amplitude_are_those_of_the_rest() -> None:
    signal = hummed()
    whole = assess(signal, FS)
    rest, clean = beside(whole, signal, FS, [PART]), assess(CLEAN, FS)
    assert whole.mains_ratio[0] > 10
    assert rest.mains_ratio == pytest.approx(clean.mains_ratio, abs=0.01)
    assert rest.amplitude_mv == pytest.approx(clean.amplitude_mv, rel=0.1)
    assert (rest.noise, rest.flat, rest.saturated) == (whole.noise, whole.flat, whole.saturated)


def test_the_median_second_is_one_that_is_kept() -> None:
    signal = CLEAN.copy()
    signal[:, 14000:] = 0
    whole = assess(signal, FS)
    rest = beside(whole, signal, FS, [Stretch(56.0, 120.0, NOISE)])
    assert rest is whole
    enough = beside(whole, signal[:, 1:], FS, [Stretch(60.0, 120.0, NOISE)])
    assert whole.amplitude_mv[0] < 0.01 < 0.5 < enough.amplitude_mv[0]


def test_if_nothing_or_nearly_all_is_left_out_the_whole_counts() -> None:
    signal = hummed()
    whole = assess(signal, FS)
    for parts in ([], [Stretch(0.0, 61.0, HUM)], [Stretch(0.0, 120.0, HUM)]):
        assert beside(whole, signal, FS, parts) is whole
        assert judged(signal, FS, parts) is signal
    # A minute of half an hour is enough too.
    long = np.tile(CLEAN, 3)
    assert judged(long, FS, [Stretch(0.0, 300.0, HUM)]).shape == (1, 15000)


def test_likeness_is_that_of_the_rest() -> None:
    signal = np.tile(CLEAN, 2)
    signal[:, 15000:50000] = np.sin(2 * np.pi * 1.2 * np.arange(35000) / FS)
    assert unlike_ecg(signal, FS) == ("no sharp complexes",)
    assert unlike_ecg(judged(signal, FS, [Stretch(60.0, 200.0, "no ECG")]), FS) == (None,)
