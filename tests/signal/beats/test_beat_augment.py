"""Random changes of a heartbeat: which rows change, by how much, and that what was given stays."""

import numpy as np
import pytest

from einthoven.errors import SettingsError
from einthoven.signal.beats import augment

N, N_VIEWS = 150, 6
ROWS = np.random.default_rng(0).uniform(-2, 2, (3 * N_VIEWS, N)).astype(np.float32)


@pytest.fixture
def rows() -> np.ndarray:
    ROWS.flags.writeable = False
    return ROWS


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def test_a_view_takes_the_place_of_the_first_three_rows(rows: np.ndarray) -> None:
    chosen = []
    for seed in range(60):
        found = augment.choose_view(rows, rng(seed), 1, 3)
        assert found.shape == rows.shape and np.array_equal(found[3:], rows[3:])
        chosen += [
            view for view in range(N_VIEWS) if np.array_equal(found[:3], rows[3 * view : 3 * view + 3])
        ]
    assert set(chosen) == {1, 2, 3} and len(chosen) == 60 and min(map(chosen.count, (1, 2, 3))) > 10


def test_views_that_are_not_there_are_refused(rows: np.ndarray) -> None:
    assert augment.choose_view(rows, rng(), 5, 5).shape == rows.shape
    with pytest.raises(SettingsError, match="heartbeats cut for training, of 18 rows or more, found 3"):
        augment.choose_view(rows[:3], rng(), 4, 5)


def test_a_beat_moves_by_up_to_so_many_samples(rows: np.ndarray) -> None:
    moves = set()
    for seed in range(80):
        found = augment.shift_beat(rows, rng(seed), 2)
        assert np.array_equal(found[1:], rows[1:])
        for by in range(-2, 3):
            padded = np.pad(rows[0], 2, mode="edge")
            if np.array_equal(found[0], padded[2 - by : 2 - by + N]):
                moves.add(by)
                break
        else:
            pytest.fail("moved by no number of samples")
    assert moves == {-2, -1, 0, 1, 2}
    assert augment.shift_beat(rows, rng(), 0) is rows


def test_waves_are_scaled_alike(rows: np.ndarray) -> None:
    factors = []
    for seed in range(60):
        found = augment.scale_waves(rows, rng(seed), 0.8, 1.25)
        factors.append(found[0, 0] / rows[0, 0])
        assert found[:2] == pytest.approx(rows[:2] * factors[-1], rel=1e-5)
        assert np.array_equal(found[2:], rows[2:])
    assert 0.8 <= min(factors) < 0.85 and 1.2 < max(factors) <= 1.25


def test_waves_are_disturbed_up_to_a_level(rows: np.ndarray) -> None:
    heights = []
    for seed in range(60):
        found = augment.disturb_waves(rows, rng(seed), 0.3)
        assert np.array_equal(found[2:], rows[2:]) and found.dtype == np.float32
        on_usual = (found - rows)[1].std()
        # The wander is slow: differences of neighbours tell the noise without it.
        on_beat = np.diff((found - rows)[0]).std()
        assert on_beat == pytest.approx(3 * on_usual * np.sqrt(2 / 3), rel=0.35)
        heights.append(3 * on_usual)
        assert np.abs((found - rows)[0]).max() < 0.3 * (2 + 5)
    assert min(heights) < 0.03 and 0.25 < max(heights) < 0.36
    assert np.array_equal(augment.disturb_waves(rows, rng(), 0.0), rows)


def test_only_the_features_are_disturbed(rows: np.ndarray) -> None:
    found = np.stack([augment.disturb_features(rows, rng(seed), 46, 0.02) for seed in range(100)])
    change = found - rows
    assert change[:, 2, :46].std() == pytest.approx(0.02, rel=0.05)
    change[:, 2, :46] = 0
    assert not change.any() and found.dtype == np.float32
