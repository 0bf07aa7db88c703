"""Declared changes of heartbeats: which view they choose, what they leave, and that settings decide."""

from dataclasses import asdict

import numpy as np
import pytest

from einthoven.errors import SettingsError
from einthoven.recipes import RECIPES
from einthoven.signal.beats import AroundRPeaks
from einthoven.signal.beats.around import VIEWS
from einthoven.signal.simulated import simulate
from einthoven.training.augmentation import Augmentation
from einthoven.training.augmentations import AUGMENTATIONS
from einthoven.training.beat_augmentation import (
    BeatHeight,
    BeatNoise,
    FeatureNoise,
    Fibrillation,
    OtherLead,
    ShiftBeat,
)

RECORD = simulate("ectopy", leads=("II", "V1"), duration_s=20, seed=1)
ROWS = AroundRPeaks(training=True)(RECORD.signal, RECORD.fs).rows[5]
EVERY = (OtherLead(), Fibrillation(), ShiftBeat(), BeatHeight(), BeatNoise(), FeatureNoise())
FS = AroundRPeaks().fs


def rng(seed: int = 3) -> np.random.Generator:
    return np.random.default_rng(seed)


@pytest.mark.parametrize("step", EVERY, ids=lambda step: type(step).__name__)
def test_each_changes_a_copy_the_same_way_for_the_same_seed(step: Augmentation) -> None:
    before = ROWS.copy()
    first = step(ROWS, FS, rng())
    assert np.array_equal(ROWS, before)
    assert first.dtype == np.float32 and first.shape == ROWS.shape
    assert not np.array_equal(first[:3], ROWS[:3]) and np.array_equal(first[3:], ROWS[3:])
    assert np.array_equal(first, step(ROWS, FS, rng()))
    others = [step(ROWS, FS, rng(seed)) for seed in range(8)]
    assert any(not np.array_equal(other, first) for other in others)


def views_of(step: Augmentation) -> set[str]:
    found = set()
    for seed in range(40):
        changed = step(ROWS, FS, rng(seed))
        same = [view for view in range(6) if np.array_equal(changed[:3], ROWS[3 * view : 3 * view + 3])]
        found |= {VIEWS[view] for view in same}
        assert len(same) == 1
    return found


def test_another_lead_is_any_view_of_the_beat_as_it_was_recorded() -> None:
    assert views_of(OtherLead()) == {"other lead", "sum", "difference"}
    assert views_of(OtherLead(probability=0.5)) == {"lead", "other lead", "sum", "difference"}


def test_fibrillation_is_any_view_of_it_and_spares_supraventricular_beats() -> None:
    assert views_of(Fibrillation()) == {"fibrillation", "fibrillation in the other lead"}
    assert Fibrillation.spared == ("S",)
    assert all(not kind.spared for kind in AUGMENTATIONS.values() if kind is not Fibrillation)


def test_fibrillation_can_follow_another_lead() -> None:
    changed = Fibrillation()(OtherLead()(ROWS, FS, rng(1)), FS, rng(2))
    assert any(np.array_equal(changed[:3], ROWS[start : start + 3]) for start in (12, 15))


@pytest.mark.parametrize("step", [OtherLead(), Fibrillation()])
def test_heartbeats_without_views_are_refused(step: Augmentation) -> None:
    with pytest.raises(SettingsError, match=r"cut for training, of 1[28] rows or more, found 3"):
        step(ROWS[:3], FS, rng())


def test_a_shift_is_counted_in_seconds() -> None:
    for fs, most in ((125.0, 2), (250.0, 4)):
        moved = {int(np.argmax(ShiftBeat(0.016)(_peak(), fs, rng(seed))[0])) for seed in range(80)}
        assert moved == set(range(75 - most, 75 + most + 1))


def _peak() -> np.ndarray:
    rows = np.zeros((3, 150), np.float32)
    rows[0, 75] = 1
    return rows


def test_heights_and_levels_are_the_declared_ones() -> None:
    heights = [BeatHeight(0.5, 0.75)(_peak(), FS, rng(seed))[0, 75] for seed in range(40)]
    assert 0.5 <= min(heights) < 0.53 and 0.72 < max(heights) <= 0.75
    flat = np.zeros((3, 150), np.float32)
    assert not BeatNoise(0.0)(flat, FS, rng()).any() and BeatNoise(0.5)(flat, FS, rng())[:2].any()
    noisy = FeatureNoise(0.5)(flat, FS, rng())
    assert noisy[2, : AroundRPeaks.n_features].std() == pytest.approx(0.5, rel=0.3)
    assert not np.delete(noisy, 2, axis=0).any() and not noisy[2, AroundRPeaks.n_features :].any()


def test_values_out_of_range_are_refused() -> None:
    for kind, values in ((ShiftBeat, {"most_s": -0.1}), (BeatNoise, {"level": float("nan")})):
        with pytest.raises(SettingsError, match=f"{kind.__name__}: expected"):
            kind(**values)
    with pytest.raises(SettingsError, match="a probability of at most 1"):
        OtherLead(probability=1.5)


def test_the_recipe_reads_them_back_from_json() -> None:
    protocol = RECIPES["beats"].protocol("cpu")
    assert type(protocol).from_json(protocol.to_json()) == protocol
    assert {type(step) for step in protocol.augmentations} == {type(step) for step in EVERY}
    for step in EVERY:
        assert AUGMENTATIONS[type(step).__name__](**asdict(step)) == step
