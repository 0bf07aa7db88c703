"""Dealing to folds: shares of every class, sizes, whole patients, and what cannot be divided."""

from collections import defaultdict
from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from einthoven.datasets.dealing import deal_classes, deal_labels
from einthoven.errors import DatasetError

Matrix = NDArray[np.float32]
RARITIES = (0.004, 0.02, 0.05, 0.2, 0.5)


@pytest.fixture(scope="module")
def labels() -> Matrix:
    """Return 2000 recordings of five classes, of which the rare ones come with others."""
    drawn = np.random.default_rng(0).random((2000, 5)) < RARITIES
    drawn[:, 3] |= drawn[:, 1]
    return drawn.astype(np.float32)


def _ranges(labels: Matrix, folds: NDArray[np.int64], n_folds: int) -> list[int]:
    """Return by how much folds differ in their number of recordings, and in that of each class."""
    columns = [np.ones(len(labels), bool), *(labels.T == 1)]
    return [int(np.ptp(np.bincount(folds[column], minlength=n_folds))) for column in columns]


def _sides(folds: Sequence[int], groups: Sequence[str | None]) -> dict[str, set[int]]:
    found = defaultdict(set)
    for fold, group in zip(folds, groups, strict=True):
        if group is not None:
            found[group].add(int(fold))
    return found


def test_classes_are_dealt_as_ever() -> None:
    # As they were dealt for the runs that there are: another order would mix their training and test parts.
    classes = np.array([0, 0, 0, 1, 1, 2, 0, 1, 0, 2])
    patients = ["a", "a", None, "b", "b", None, "c", None, "c", None]
    assert deal_classes(classes, [None] * 10, 3, 0).tolist() == [0, 0, 2, 2, 0, 0, 1, 1, 2, 1]
    assert deal_classes(classes, patients, 3, 0).tolist() == [2, 2, 0, 0, 0, 2, 1, 1, 1, 0]
    assert deal_classes(classes, patients, 2, [7, 1]).tolist() == [0, 0, 0, 0, 0, 0, 1, 1, 1, 1]


def test_classes_of_single_recordings_are_even() -> None:
    classes = np.random.default_rng(0).permutation(np.repeat([0, 1, 2, 3], [5076, 758, 2415, 279]))
    groups = [None] * len(classes)
    first = deal_classes(classes, groups, 5, seed=0)
    assert max(_ranges(np.eye(4, dtype=np.float32)[classes], first, 5)) <= 1
    assert np.array_equal(first, deal_classes(classes, groups, 5, seed=0))
    assert not np.array_equal(first, deal_classes(classes, groups, 5, seed=1))


def test_the_example_of_iterative_stratification_by_hand() -> None:
    # Class 1 is the rarest (2): one each. Class 0 then fills up where it is missing, the rest by size.
    labels = [[1, 1], [0, 1], [1, 0], [1, 0], [0, 0], [0, 0], [0, 0], [0, 0]]
    for seed in range(10):
        folds = deal_labels(labels, [None] * 8, 2, seed)
        assert folds[0] != folds[1]
        assert sorted(folds[[0, 2, 3]].tolist()) in ([0, 0, 1], [0, 1, 1])
        assert np.bincount(folds).tolist() == [4, 4]


@pytest.mark.parametrize("n_folds", [2, 5, 10])
def test_every_class_and_the_sizes_are_even(labels: Matrix, n_folds: int) -> None:
    folds = deal_labels(labels, [None] * len(labels), n_folds, seed=0)
    assert set(folds) == set(range(n_folds))
    assert max(_ranges(labels, folds, n_folds)) <= 1


def test_it_is_better_than_dealing_by_chance(labels: Matrix) -> None:
    by_chance = np.random.default_rng(0).integers(0, 5, len(labels))
    assert max(_ranges(labels, by_chance, 5)[1:]) > 10


def test_sizes_are_even_where_every_recording_has_a_class() -> None:
    drawn = np.random.default_rng(1).random((600, 6)) < (0.02, 0.05, 0.1, 0.2, 0.3, 0.4)
    some = drawn[drawn.any(axis=1)].astype(np.float32)
    folds = deal_labels(some, [None] * len(some), 5, seed=0)
    assert max(_ranges(some, folds, 5)) <= 3


def test_patients_stay_whole_and_classes_even(labels: Matrix) -> None:
    owner = np.random.default_rng(2).integers(0, 700, len(labels))
    groups = [None if number < 20 else f"p{number}" for number in owner]
    folds = deal_labels(labels, groups, 5, seed=0)
    assert all(len(sides) == 1 for sides in _sides(folds, groups).values())
    assert max(_ranges(labels, folds, 5)) <= 5
    # Recordings of nobody known are not one patient.
    assert len({int(fold) for fold, group in zip(folds, groups, strict=True) if group is None}) == 5


def test_a_large_patient_weighs_what_he_has() -> None:
    labels = np.ones((12, 1), np.float32)
    folds = deal_labels(labels, ["large"] * 6 + [None] * 6, 2, seed=0)
    assert len(set(folds[:6])) == 1
    assert np.bincount(folds).tolist() == [6, 6]


def test_the_same_seed_gives_the_same_folds_and_another_others(labels: Matrix) -> None:
    groups = [None] * len(labels)
    first = deal_labels(labels, groups, 5, seed=0)
    assert np.array_equal(first, deal_labels(labels, groups, 5, seed=0))
    assert not np.array_equal(first, deal_labels(labels, groups, 5, seed=1))
    assert not np.array_equal(first, deal_labels(labels, groups, 5, seed=[0, 1]))


def test_what_nobody_judged_is_no_hit(labels: Matrix) -> None:
    unjudged = np.where(np.random.default_rng(3).random(labels.shape) < 0.5, np.nan, labels)
    as_absent = np.nan_to_num(unjudged)
    groups = [None] * len(labels)
    folds = deal_labels(unjudged, groups, 5, seed=0)
    assert np.array_equal(folds, deal_labels(as_absent, groups, 5, seed=0))
    assert max(_ranges(as_absent.astype(np.float32), folds, 5)) <= 1


@pytest.mark.parametrize("values", [0.0, np.nan])
def test_recordings_without_any_class_are_dealt_by_number(values: float) -> None:
    folds = deal_labels(np.full((11, 3), values), [None] * 11, 4, seed=0)
    assert sorted(np.bincount(folds).tolist()) == [2, 3, 3, 3]


def test_few_of_a_class_fall_to_the_first_folds() -> None:
    labels = np.zeros((20, 1))
    labels[[3, 8]] = 1
    assert sorted(deal_labels(labels, [None] * 20, 5, seed=4)[[3, 8]].tolist()) == [0, 1]


def test_fewer_recordings_than_folds_leave_some_empty_and_no_recording_is_none() -> None:
    assert sorted(deal_labels([[1.0], [0.0]], [None] * 2, 5, seed=0).tolist()) == [0, 1]
    assert deal_labels(np.zeros((0, 3)), [], 5, seed=0).tolist() == []


@pytest.mark.parametrize("labels", [[0, 1, 0], [[0.5, 1.0], [0.0, 1.0]], [[2, 0], [0, 1]]])
def test_anything_else_than_labels_is_refused(labels: object) -> None:
    with pytest.raises(DatasetError, match="expected a matrix of 0, 1 and NaN"):
        deal_labels(labels, [None] * 3, 2, seed=0)  # type: ignore[arg-type]
