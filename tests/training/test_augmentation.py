"""Declared augmentation: probability, reproducibility, and that the input stays as it is."""

import inspect

import numpy as np
import pytest

from einthoven.errors import SettingsError
from einthoven.signal import augment
from einthoven.signal.simulated import simulate
from einthoven.training import augmentation, beat_augmentation
from einthoven.training.augmentation import (
    Augmentation,
    Crop,
    FlipPolarity,
    HeartRate,
    LeadDropout,
    MeasuredHeartRate,
)
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
    # Another seed changes it otherwise, where there is more than one way.
    few_ways = kind in (FlipPolarity, LeadDropout)
    assert step(SIGNAL, 300.0, np.random.default_rng(4)).tobytes() != first.tobytes() or few_ways


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


def test_lead_dropout_zeroes_whole_leads_and_leaves_the_others() -> None:
    signal = np.arange(1, 13, dtype=np.float32)[:, None] * np.ones(5, np.float32)
    rng = np.random.default_rng(0)
    kinds = {"limb": 0, "single": 0, "random": 0}
    numbers = set()
    for _ in range(3000):
        changed = LeadDropout()(signal, 100.0, rng)
        kept = (changed == signal).all(axis=1)
        assert (kept | ~changed.any(axis=1)).all() and 1 <= kept.sum() <= 11
        is_limb = kept.tolist() == [True] * 6 + [False] * 6
        kinds["limb" if is_limb else "single" if kept.sum() == 1 else "random"] += 1
        numbers.add(int(kept.sum()))
    assert numbers == set(range(1, 12))
    # A single lead stays in 0.2, and by chance in one of eleven of the other 0.6.
    assert 0.17 < kinds["limb"] / 3000 < 0.23
    assert 0.22 < kinds["single"] / 3000 < 0.29


def test_of_few_leads_there_are_no_limb_leads_to_keep_and_one_lead_stays() -> None:
    rng = np.random.default_rng(0)
    kept = {
        LeadDropout(limb_share=1.0, single_share=0.0)(SIGNAL, 300.0, rng).any(axis=1).sum() for _ in range(9)
    }
    assert kept == {1}
    np.testing.assert_array_equal(LeadDropout()(SIGNAL[:1], 300.0, rng), SIGNAL[:1])


def test_shares_of_lead_dropout_are_shares() -> None:
    with pytest.raises(SettingsError, match=r"at most 1 together, found 0\.6 and 0\.5"):
        LeadDropout(limb_share=0.6, single_share=0.5)
    with pytest.raises(SettingsError, match=r"found -0\.1 and 0\.5"):
        augment.lead_dropout(SIGNAL, np.random.default_rng(0), -0.1, 0.5)


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
