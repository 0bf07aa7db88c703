"""Folds: shares, strata, patients, and folds that a data set states itself."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from einthoven.datasets.dataset import Entry
from einthoven.datasets.simulated import simulated_dataset
from einthoven.errors import DatasetError
from einthoven.training.folds import (
    Split,
    assign_folds,
    check_fold,
    check_patients,
    split_dataset,
    split_records,
)
from einthoven.training.protocol import Protocol

COUNTS = {0: 5076, 1: 758, 2: 2415, 3: 279}
"""Recordings of N, A, O and ~ in the CinC 2017 training set."""


@pytest.fixture(scope="module")
def labels() -> NDArray[np.int64]:
    ordered = np.repeat(list(COUNTS), list(COUNTS.values()))
    return np.random.default_rng(0).permutation(ordered)


def split(
    protocol: Protocol,
    labels: NDArray[np.int64],
    fold: int | None,
    patients: Sequence[str | None] = (),
    given: Sequence[int | None] = (),
) -> Split:
    nothing = [None] * len(labels)
    return split_records(protocol, labels, patients or nothing, given or nothing, fold)


def test_folds_of_single_recordings_are_even_in_size_and_in_every_class(labels: NDArray[np.int64]) -> None:
    folds = assign_folds(labels, [None] * len(labels), 5, seed=0)
    sizes = np.bincount(folds, minlength=5)
    assert np.ptp(sizes) <= 1
    for label in COUNTS:
        assert np.ptp(np.bincount(folds[labels == label], minlength=5)) <= 1


def test_the_same_seed_gives_the_same_folds_and_another_others(labels: NDArray[np.int64]) -> None:
    groups = [None] * len(labels)
    first = assign_folds(labels, groups, 5, seed=0)
    assert np.array_equal(first, assign_folds(labels, groups, 5, seed=0))
    assert not np.array_equal(first, assign_folds(labels, groups, 5, seed=1))


def test_the_paper_s_shares_hold_and_every_recording_is_tested_once(
    rhythm: Protocol, labels: NDArray[np.int64]
) -> None:
    protocol = replace(rhythm, use_validation=True)
    tested = []
    for fold in range(5):
        parts = split(protocol, labels, fold)
        shares = [len(part) / len(labels) for part in (parts.train, parts.validation, parts.test)]
        assert shares == pytest.approx([2 / 3, 2 / 15, 1 / 5], abs=1e-3)
        assert sorted([*parts.train, *parts.validation, *parts.test]) == list(range(len(labels)))
        for part in (parts.train, parts.validation, parts.test):
            assert np.bincount(labels[part]) / len(part) == pytest.approx(
                np.bincount(labels) / len(labels), abs=0.005
            )
        tested.extend(parts.test)
    assert sorted(tested) == list(range(len(labels)))


def test_without_validation_all_of_the_rest_trains(rhythm: Protocol, labels: NDArray[np.int64]) -> None:
    parts = split(rhythm, labels, 0)
    assert len(parts.validation) == 0
    assert len(parts.train) + len(parts.test) == len(labels)


def test_production_networks_stop_on_their_fifth_and_have_no_test(
    rhythm: Protocol, labels: NDArray[np.int64]
) -> None:
    protocol = replace(rhythm, split="production", use_validation=True)
    parts = [split(protocol, labels, fold) for fold in range(5)]
    assert all(len(part.test) == 0 for part in parts)
    assert sorted(np.concatenate([part.validation for part in parts])) == list(range(len(labels)))


def test_no_fold_trains_on_everything(rhythm: Protocol, labels: NDArray[np.int64]) -> None:
    parts = split(rhythm, labels, None)
    assert (len(parts.train), len(parts.validation), len(parts.test)) == (len(labels), 0, 0)
    parts = split(replace(rhythm, use_validation=True), labels, None)
    assert len(parts.validation) == pytest.approx(len(labels) / 6, abs=1)


def test_a_patient_is_never_on_two_sides(rhythm: Protocol) -> None:
    rng = np.random.default_rng(1)
    owner = rng.integers(0, 60, 400)
    truth = (owner % 4 + (rng.random(400) < 0.2)) % 4
    patients = [None if i % 50 == 0 else f"p{i}" for i in owner]
    for fold in range(5):
        parts = split(replace(rhythm, use_validation=True), truth, fold, patients)
        sides = [{patients[i] for i in part} - {None} for part in (parts.train, parts.validation, parts.test)]
        assert not (sides[0] & sides[1] or sides[0] & sides[2] or sides[1] & sides[2])
        assert 40 <= len(parts.test) <= 130
        assert set(truth[parts.test]) == {0, 1, 2, 3}


def test_a_split_that_divides_a_patient_is_refused(rhythm: Protocol) -> None:
    parts = Split(np.array([0, 1]), np.array([2]), np.array([3]), 4)
    with pytest.raises(DatasetError, match="p1"):
        check_patients(parts, ["p0", "p1", "p2", "p1"])
    with pytest.raises(DatasetError, match="p1"):
        split(rhythm, np.array([0, 1, 0, 1]), 0, ["p1", "p2", "p3", "p1"], [1, 1, 2, 2])


def test_folds_that_the_data_set_states_are_used(rhythm: Protocol) -> None:
    given = [1, 3, 1, 10, 3, 10] * 4
    parts = split(rhythm, np.array([0, 1, 2] * 8), 2, given=given)
    assert parts.test.tolist() == [i for i, fold in enumerate(given) if fold == 10]
    with pytest.raises(DatasetError, match="0 to 2"):
        split(rhythm, np.array([0, 1, 2] * 8), 3, given=given)
    with pytest.raises(DatasetError, match="all 3 recordings"):
        split(rhythm, np.array([0, 1, 2]), 0, given=[1, None, 2])


def test_folds_that_divide_nothing_are_none(rhythm: Protocol) -> None:
    patients = [f"p{i // 4}" for i in range(24)]
    alone = split(rhythm, np.array([0, 1, 2] * 8), 0, patients, [1] * 24)
    assert alone.n_folds == 5
    assert np.array_equal(alone.test, split(rhythm, np.array([0, 1, 2] * 8), 0, patients).test)
    with pytest.raises(DatasetError, match="all 3 recordings"):
        split(rhythm, np.array([0, 1, 2]), 0, given=[1, None, 1])


def test_two_stated_sides_train_and_test_and_validation_keeps_patients_whole(heartbeat: Protocol) -> None:
    protocol = replace(heartbeat, split_by="patient")
    rng = np.random.default_rng(2)
    recording = np.sort(rng.integers(0, 40, 2000))
    labels = rng.choice(5, 2000, p=[0.8, 0.05, 0.1, 0.03, 0.02])
    given = [1 if name < 20 else 2 for name in recording]
    parts = split(protocol, labels, 1, [str(name) for name in recording], given)
    assert parts.n_folds == 2
    assert set(recording[parts.test]) == set(range(20, 40))
    sides = [set(recording[part]) for part in (parts.train, parts.validation)]
    assert sides[0] | sides[1] == set(range(20))
    assert not sides[0] & sides[1]
    assert len(parts.validation) / (len(parts.train) + len(parts.validation)) == pytest.approx(0.2, abs=0.05)


def test_one_recording_in_two_packagings_is_not_trained_and_tested_on(rhythm: Protocol) -> None:
    one_class = replace(rhythm, use_validation=False)
    known = [Entry(str(number), ("N",), str(number), number % 2, "ptbxl") for number in range(1, 9)]
    dataset = replace(simulated_dataset(("N",), n=1), entries=tuple(known))
    labels, dealt = split_dataset(one_class, dataset, 0)
    assert (labels.tolist(), dealt.test.tolist()) == ([0] * 8, [1, 3, 5, 7])
    leaking = replace(dataset, entries=(*known, Entry("HR00001", ("N",), None, 0, "ptb-xl")))
    with pytest.raises(
        DatasetError, match=r"one recording in two parts: 1 \(ptbxl\) in train or validation, HR0"
    ):
        split_dataset(one_class, leaking, 0)
    split_dataset(replace(one_class, split_by="beat"), leaking, 0)


def test_beats_are_split_whoever_they_are_of(heartbeat: Protocol) -> None:
    rng = np.random.default_rng(3)
    owner = rng.integers(0, 4, 2000)
    labels = rng.choice(5, 2000, p=[0.8, 0.05, 0.1, 0.03, 0.02])
    patients = [f"p{i}" for i in owner]
    # Folds that the data set states, for some only, count as little as patients.
    given = [None if i == 3 else 1 + int(i) % 2 for i in owner]
    by_beat = replace(heartbeat, split_by="beat")
    parts = [split(by_beat, labels, fold, patients, given) for fold in range(5)]
    assert sorted(np.concatenate([part.test for part in parts])) == list(range(2000))
    for part in parts:
        assert part.n_folds == 5
        shares = [len(indices) / 2000 for indices in (part.train, part.validation, part.test)]
        assert shares == pytest.approx([0.64, 0.16, 0.2], abs=2e-3)
        for indices in (part.train, part.validation, part.test):
            assert set(owner[indices]) == {0, 1, 2, 3}
            assert np.bincount(labels[indices]) / len(indices) == pytest.approx(
                np.bincount(labels) / 2000, abs=0.005
            )
    with pytest.raises(DatasetError, match="all 2000 recordings"):
        split(replace(heartbeat, split_by="patient"), labels, 0, patients, given)


def test_the_validation_part_is_as_small_as_is_said(rhythm: Protocol, labels: NDArray[np.int64]) -> None:
    protocol = replace(rhythm, use_validation=True, n_validation_parts=10)
    parts = split(protocol, labels, 0)
    assert len(parts.validation) / len(labels) == pytest.approx(0.08, abs=1e-3)
    assert len(split(protocol, labels, None).validation) / len(labels) == pytest.approx(0.1, abs=1e-3)


@pytest.mark.parametrize("fold", [-1, 5])
def test_a_fold_that_is_not_there_is_refused(fold: int, rhythm: Protocol, labels: NDArray[np.int64]) -> None:
    with pytest.raises(DatasetError, match="0 to 4"):
        split(rhythm, labels, fold)


def test_too_few_recordings_are_refused(rhythm: Protocol) -> None:
    with pytest.raises(DatasetError, match="at least 5"):
        split(rhythm, np.array([0, 1, 0]), 0)
    with pytest.raises(DatasetError, match="6 recordings"):
        split(replace(rhythm, use_validation=True), np.array([0, 1, 0, 1, 0]), 0)


def test_a_fold_is_looked_for_among_those_that_the_data_states(heartbeat: Protocol) -> None:
    by_patient, by_beat = replace(heartbeat, split_by="patient"), replace(heartbeat, split_by="beat")
    plain = simulated_dataset(("N", "A"), n=4)
    stated = replace(
        plain, entries=tuple(replace(entry, fold=1 + k % 2) for k, entry in enumerate(plain.entries))
    )
    for protocol, dataset, n_folds in ((by_patient, plain, 5), (by_beat, stated, 5), (by_patient, stated, 2)):
        check_fold(protocol, dataset, n_folds - 1)
        for fold in (-1, n_folds):
            with pytest.raises(DatasetError, match=f"expected a fold from 0 to {n_folds - 1}, found {fold}"):
                check_fold(protocol, dataset, fold)
