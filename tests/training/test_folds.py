"""Folds: shares, strata, patients, and folds that a data set states itself."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from einthoven.datasets.dataset import Dataset, Entry
from einthoven.datasets.simulated import simulated_dataset
from einthoven.errors import DatasetError
from einthoven.training.folds import (
    MIN_SOURCE_RECORDINGS,
    Split,
    check_fold,
    check_patients,
    fold_sources,
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


CLASSES = ("AF", "PVC", "NORM")


@pytest.fixture
def several(rhythm: Protocol) -> Protocol:
    """Return a protocol in which any number of three classes may hold."""
    return replace(rhythm, classes=CLASSES, scored=(), class_weights="none", loss="binary-cross-entropy",
                   oversample=False, use_validation=True)  # fmt: skip


def _dataset(*entries: Entry, classes: tuple[str, ...] = CLASSES) -> Dataset:
    return replace(simulated_dataset(("N",), n=1), classes=classes, entries=entries)


def _entries(n: int, seed: int = 0, source: str | None = "lab", n_patients: int = 0) -> list[Entry]:
    """Make recordings with any number of the classes, of so many patients; 0: nobody is known."""
    rng = np.random.default_rng(seed)
    return [
        Entry(
            f"{source}-{number}",
            tuple(
                name for name, share in zip(CLASSES, (0.04, 0.2, 0.5), strict=True) if rng.random() < share
            ),
            patient=f"{source}-p{rng.integers(n_patients)}" if n_patients else None,
            source=source,
        )
        for number in range(n)
    ]


def test_where_several_classes_may_hold_the_targets_are_a_matrix_in_the_protocol_s_order(
    several: Protocol,
) -> None:
    entries = [Entry(f"r{k}", (("NORM",), ("AF", "NORM"), ())[k % 3]) for k in range(30)]
    entries[4] = Entry("r4", ("AF",), unjudged=("NORM",))
    targets, dealt = split_dataset(several, _dataset(*entries, classes=("NORM", "AF")), 0)
    assert (targets.shape, targets.dtype) == ((30, 3), np.float32)
    # The protocol's AF, PVC, NORM; the data set does not have PVC.
    np.testing.assert_array_equal(
        targets[:5], [[0, np.nan, 1], [1, np.nan, 1], [0, np.nan, 0], [0, np.nan, 1], [1, np.nan, np.nan]]
    )
    parts = (dealt.train, dealt.validation, dealt.test)
    assert sorted(np.concatenate(parts)) == list(range(30))
    with pytest.raises(DatasetError, match="expected the classes AF, PVC, NORM, found AFib"):
        split_dataset(several, _dataset(*entries, classes=("NORM", "AF", "AFib")), 0)


def test_where_several_classes_may_hold_every_part_has_its_share_of_each(several: Protocol) -> None:
    dataset = _dataset(*_entries(1000))
    tested, shares = [], {"train": [], "validation": [], "test": []}
    for fold in range(5):
        targets, dealt = split_dataset(several, dataset, fold)
        assert [len(dealt.train), len(dealt.validation), len(dealt.test)] == pytest.approx(
            [667, 133, 200], abs=2
        )
        for name, found in shares.items():
            found.append(targets[getattr(dealt, name)].mean(axis=0))
        tested.extend(dealt.test)
    assert sorted(tested) == list(range(1000))
    everywhere = dataset.label_matrix().mean(axis=0)
    for found in shares.values():
        assert np.abs(np.array(found) - everywhere).max() < 0.01


def test_where_several_classes_may_hold_the_same_seed_gives_the_same_split(several: Protocol) -> None:
    dataset = _dataset(*_entries(100))
    first, again, other = (
        split_dataset(replace(several, split_seed=seed), dataset, 0)[1] for seed in (0, 0, 1)
    )
    assert first.test.tolist() == again.test.tolist()
    assert first.validation.tolist() == again.validation.tolist()
    assert first.test.tolist() != other.test.tolist()


def test_a_class_with_few_hits_is_learnt_before_it_is_validated_on(several: Protocol) -> None:
    entries = [Entry(f"r{k}", ("AF",) if k < 3 else ("NORM",), fold=k % 3) for k in range(60)]
    for fold in range(3):
        targets, dealt = split_dataset(several, _dataset(*entries), fold)
        assert [int(targets[part, 0].sum()) for part in (dealt.train, dealt.validation, dealt.test)] == [
            2,
            0,
            1,
        ]


def test_where_several_classes_may_hold_no_patient_is_in_two_parts(several: Protocol) -> None:
    dataset = _dataset(*_entries(600, n_patients=150))
    for fold in range(5):
        _, dealt = split_dataset(several, dataset, fold)
        sides = [
            {dataset.entries[index].patient for index in part}
            for part in (dealt.train, dealt.validation, dealt.test)
        ]
        assert not (sides[0] & sides[1] or sides[0] & sides[2] or sides[1] & sides[2])
        assert len(dealt.test) == pytest.approx(120, abs=12)


def test_where_several_classes_may_hold_validation_is_kept_apart_too(
    several: Protocol, rhythm: Protocol
) -> None:
    # HR00001 is PTB-XL's recording 1, said to be of somebody else: some of the pairs are parted.
    entries = [Entry(str(k), ("AF",), f"a{k}", k % 2, "ptbxl") for k in range(1, 17)]
    copies = [Entry(f"HR{k:05d}", ("AF",), f"b{k}", k % 2, "ptb-xl") for k in range(1, 17)]
    leaking = _dataset(*entries, *copies)
    with pytest.raises(DatasetError, match=r"one recording in two parts: .* in train, .* in validation"):
        split_dataset(several, leaking, 0)
    split_dataset(replace(several, use_validation=False), leaking, 0)
    # Where exactly one class holds this was never refused, and there are runs.
    split_dataset(replace(rhythm, classes=CLASSES, scored=(), use_validation=True), leaking, 0)


def test_recordings_that_nobody_judged_or_without_a_label_are_dealt_too(several: Protocol) -> None:
    entries = [Entry(f"r{k}", (), unjudged=CLASSES if k % 2 else ()) for k in range(50)]
    targets, dealt = split_dataset(several, _dataset(*entries), 1)
    assert np.isnan(targets).all(axis=1).sum() == 25
    assert (len(dealt.train), len(dealt.validation), len(dealt.test)) == (34, 6, 10)


def test_a_class_without_hits_in_a_fold_and_a_single_class_are_no_hindrance(several: Protocol) -> None:
    entries = [Entry(f"r{k}", ("AF",) if k == 3 else ()) for k in range(30)]
    for protocol, dataset in (
        (several, _dataset(*entries)),
        (replace(several, classes=("AF",)), _dataset(*entries, classes=("AF",))),
    ):
        hits = [
            float(np.nansum(targets[dealt.test]))
            for targets, dealt in (split_dataset(protocol, dataset, fold) for fold in range(5))
        ]
        assert sorted(hits) == [0, 0, 0, 0, 1]


def test_too_few_recordings_or_patients_are_refused_where_several_classes_may_hold(several: Protocol) -> None:
    with pytest.raises(DatasetError, match="at least 5 recordings, found 4"):
        split_dataset(several, _dataset(*_entries(4)), 0)
    with pytest.raises(DatasetError, match="6 recordings or more to train and validate on, found 4"):
        split_dataset(several, _dataset(*_entries(5)), 0)
    of_three = [replace(entry, patient=f"p{k % 3}") for k, entry in enumerate(_entries(60))]
    with pytest.raises(DatasetError, match=r"^fold 4 of 5: expected recordings to hold out, found none"):
        split_dataset(several, _dataset(*of_three), 4)
    of_one = [replace(entry, patient="p") for entry in _entries(60)]
    with pytest.raises(
        DatasetError, match="expected recordings to train on, found none: there are too few, "
    ):
        split_dataset(several, _dataset(*of_one), 0)
    of_two = [replace(entry, patient=f"p{k % 2}", fold=k % 2) for k, entry in enumerate(_entries(60))]
    with pytest.raises(DatasetError, match="what is not held out: expected recordings to validate on"):
        split_dataset(several, _dataset(*of_two), 0)


def test_stated_folds_are_used_where_several_classes_may_hold_and_none_may_lack(several: Protocol) -> None:
    stated = [replace(entry, fold=1 + k % 3) for k, entry in enumerate(_entries(90))]
    _, dealt = split_dataset(several, _dataset(*stated), 1)
    assert (dealt.n_folds, dealt.test.tolist()) == (3, list(range(1, 90, 3)))
    mixed = _dataset(*stated, *_entries(10, source="elsewhere"))
    with pytest.raises(DatasetError, match="a fold for all 100 recordings or none, found 90"):
        split_dataset(several, mixed, 1)


@pytest.fixture
def hospitals() -> Dataset:
    """Return three sources in no order, of which one is too small for a fold; each states folds besides."""
    entries = [*_entries(80, 1, "west"), *_entries(MIN_SOURCE_RECORDINGS - 1, 2, "small"),
               *_entries(MIN_SOURCE_RECORDINGS, 3, "east", n_patients=20)]  # fmt: skip
    return _dataset(*(replace(entry, fold=k % 4) for k, entry in enumerate(entries)))


def test_one_source_after_the_other_is_held_out_and_a_small_one_never(
    several: Protocol, hospitals: Dataset
) -> None:
    by_source = replace(several, split_by="source")
    assert fold_sources(hospitals.entries) == ("east", "west")
    for fold, source in enumerate(("east", "west")):
        _, dealt = split_dataset(by_source, hospitals, fold)
        assert dealt.n_folds == 2
        assert dealt.test.tolist() == [
            k for k, entry in enumerate(hospitals.entries) if entry.source == source
        ]
        assert len(dealt.train) + len(dealt.validation) + len(dealt.test) == len(hospitals)
        assert len(dealt.validation) == pytest.approx((len(hospitals) - len(dealt.test)) / 6, abs=2)
        check_fold(by_source, hospitals, fold)
    for refused in (
        lambda: split_dataset(by_source, hospitals, 2),
        lambda: check_fold(by_source, hospitals, 2),
    ):
        with pytest.raises(DatasetError, match="a fold from 0 to 1, found 2"):
            refused()
    everything = split_dataset(by_source, hospitals, None)[1]
    assert (len(everything.test), everything.n_folds) == (0, 2)


def test_sources_are_folds_too_where_exactly_one_class_holds(rhythm: Protocol, hospitals: Dataset) -> None:
    one_each = replace(
        hospitals, entries=tuple(replace(entry, labels=("AF",)) for entry in hospitals.entries)
    )
    protocol = replace(rhythm, classes=CLASSES, scored=(), split_by="source", split="production")
    labels, dealt = split_dataset(protocol, one_each, 1)
    assert labels.tolist() == [0] * len(hospitals)
    assert (dealt.validation.tolist(), len(dealt.test)) == (list(range(80)), 0)


def test_a_patient_of_two_sources_is_refused(several: Protocol, hospitals: Dataset) -> None:
    entries = list(hospitals.entries)
    entries[0] = replace(entries[0], patient=entries[-1].patient)
    with pytest.raises(DatasetError, match=f"expected each patient in one part, found {entries[-1].patient}"):
        split_dataset(replace(several, split_by="source"), replace(hospitals, entries=tuple(entries)), 0)


def test_fewer_than_two_large_sources_or_an_unknown_one_are_refused(
    several: Protocol, hospitals: Dataset
) -> None:
    by_source = replace(several, split_by="source")
    with pytest.raises(DatasetError, match="at least 60 recordings, found small with 59, west with 80"):
        split_dataset(by_source, hospitals.subset(range(139)), 0)
    unknown = _dataset(*hospitals.entries, Entry("stray", ()))
    with pytest.raises(DatasetError, match=r"a source for all 200 recordings, .* found none for 1"):
        split_dataset(by_source, unknown, 0)
    with pytest.raises(DatasetError, match="two sources or more"):
        fold_sources(())
