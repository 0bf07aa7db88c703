"""Declared augmentation: probability, reproducibility, and that the input stays as it is."""

import inspect

import numpy as np
import pytest

from einthoven.signal import augment
from einthoven.signal.simulated import simulate
from einthoven.training import augmentation, beat_augmentation
from einthoven.training.augmentation import Augmentation, Crop, FlipPolarity, HeartRate, MeasuredHeartRate
from einthoven.training.augmentations import AUGMENTATIONS

SIGNAL = simulate("normal", leads=("I", "II"), duration_s=8.0, heart_rate=50.0).signal


OF_RECORDINGS = sorted(
    name for name, kind in AUGMENTATIONS.items() if kind.__module__ == "einthoven.training.augmentation"
)


@pytest.mark.parametrize("name", OF_RECORDINGS)
def test_every_augmentation_changes_a_copy_the_same_way_for_the_same_seed(name: str) -> None:
    before = SIGNAL.copy()
    kind = AUGMENTATIONS[name]
    step = kind(max_s=3.0) if kind is Crop else kind()
    first = step(SIGNAL, 300.0, np.random.default_rng(3))
    assert np.array_equal(SIGNAL, before)
    assert first.dtype == np.float32
    assert first.shape[0] == 2
    assert not np.array_equal(first, SIGNAL)
    assert np.array_equal(first, step(SIGNAL, 300.0, np.random.default_rng(3)))
    assert step(SIGNAL, 300.0, np.random.default_rng(4)).tobytes() != first.tobytes() or kind is FlipPolarity


def test_probability_decides_how_often_it_happens() -> None:
    rng = np.random.default_rng(0)
    flips = [FlipPolarity(probability=0.3)(SIGNAL, 300.0, rng)[0, 0] != SIGNAL[0, 0] for _ in range(1000)]
    assert 0.25 < np.mean(flips) < 0.35
    assert FlipPolarity(probability=0.0)(SIGNAL, 300.0, rng) is SIGNAL


def test_the_measured_rate_stretches_a_slow_heart_less_than_the_assumed_one() -> None:
    draws = [np.random.default_rng(seed) for seed in (0, 0)]
    assumed = HeartRate()(SIGNAL, 300.0, draws[0]).shape[1]
    measured = MeasuredHeartRate()(SIGNAL, 300.0, draws[1]).shape[1]
    assert measured / assumed == pytest.approx(50 / 80, rel=0.1)


def test_every_function_of_the_signal_floor_is_declared() -> None:
    functions = {
        name
        for name, value in inspect.getmembers(augment, inspect.isfunction)
        if value.__module__ == augment.__name__ and not name.startswith("_")
    }
    assert len(functions) == len(OF_RECORDINGS)


def test_every_augmentation_is_listed_under_its_name() -> None:
    assert {name: kind.__name__ for name, kind in AUGMENTATIONS.items()} == {
        name: name for name in AUGMENTATIONS
    }
    declared = {
        kind
        for module in (augmentation, beat_augmentation)
        for _, kind in inspect.getmembers(module, inspect.isclass)
        if issubclass(kind, Augmentation) and kind is not Augmentation
    }
    assert declared == set(AUGMENTATIONS.values())


@pytest.mark.parametrize("name", OF_RECORDINGS)
def test_augmentations_of_recordings_spare_no_class(name: str) -> None:
    assert AUGMENTATIONS[name].spared == ()
