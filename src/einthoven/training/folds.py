"""Stratified folds: which recordings train, which decide when to stop, and which judge."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from einthoven.datasets.dataset import Dataset
from einthoven.datasets.leakage import check_apart
from einthoven.errors import DatasetError
from einthoven.training.protocol import Protocol

Indices = NDArray[np.int64]


@dataclass(frozen=True)
class Split:
    """Positions of the recordings in each part of a data set, ascending; together they are all of it.

    n_folds : that the data set was cut into, by its own statement or by the protocol's
    """

    train: Indices
    validation: Indices
    test: Indices
    n_folds: int


def assign_folds(
    labels: NDArray[np.int64], groups: Sequence[str | None], n_folds: int, seed: int | Sequence[int]
) -> Indices:
    """Deal recordings to folds so that every fold has every class in the same proportion.

    Groups are dealt whole, the largest first, each to the fold that has least of what the group holds.

    Parameters
    ----------
    labels : (n_records,) class indices
    groups : n_records patients; None is a patient of one recording
    n_folds : 2 or more
    seed : decides the order among equals

    Returns
    -------
    (n_records,) fold of each recording, from 0. Without groups two folds differ by at most 1 recording, and
    by at most 1 of any class.
    """
    order = np.random.default_rng(seed).permutation(len(labels))
    members: dict[object, list[int]] = {}
    for index in order:
        group = groups[index]
        members.setdefault(int(index) if group is None else str(group), []).append(int(index))
    n_classes = int(labels.max()) + 1
    totals = np.maximum(np.bincount(labels, minlength=n_classes), 1)
    counts = np.zeros((n_folds, n_classes))
    folds = np.zeros(len(labels), np.int64)
    for group_members in sorted(members.values(), key=len, reverse=True):
        held = np.bincount(labels[group_members], minlength=n_classes)
        cost = (((2 * counts + held) * held) / totals**2).sum(1)
        best = np.lexsort((counts.sum(1), cost.round(12)))[0]
        counts[best] += held
        folds[group_members] = best
    return folds


def split_records(
    protocol: Protocol,
    labels: NDArray[np.int64],
    patients: Sequence[str | None],
    given: Sequence[int | None],
    fold: int | None,
) -> Split:
    """Split a data set for one fold of a protocol.

    Parameters
    ----------
    protocol : says how many folds, whether there is a test part (`split`) and a validation part
        (`use_validation`), and whether patients are kept together (`split_by`)
    labels : (n_records,) class indices
    patients, given : of each recording, the patient and the fold that the data set itself states, or None;
        both count for nothing where the split is by beat
    fold : from 0; None trains on everything, without a test part

    Raises
    ------
    DatasetError if there is no such fold, if only some recordings state a fold, if there are too few
    recordings, or if the stated folds put one patient on two sides.
    """
    if protocol.split_by == "beat":
        patients, given = [None] * len(labels), [None] * len(labels)
    folds = _stated_folds(given)
    n_folds = _count(protocol, folds)
    if fold is None:
        everything = np.arange(len(labels))
        train, validation = _with_validation(protocol, labels, patients, everything, fold_seed=-1)
        return Split(train, validation, everything[:0], n_folds)
    if len(labels) < n_folds:
        raise DatasetError(f"expected at least {n_folds} recordings, found {len(labels)}")
    _check_is_one_of(n_folds, fold)
    if folds is None:
        folds = assign_folds(labels, patients, n_folds, protocol.split_seed)
    held_out, rest = np.flatnonzero(folds == fold), np.flatnonzero(folds != fold)
    if protocol.split == "production":
        split = Split(rest, held_out, held_out[:0], n_folds)
    else:
        train, validation = _with_validation(protocol, labels, patients, rest, fold_seed=fold)
        split = Split(train, validation, held_out, n_folds)
    check_patients(split, patients)
    return split


def split_dataset(protocol: Protocol, dataset: Dataset, fold: int | None) -> tuple[Indices, Split]:
    """Return the class of every recording of a data set, in the protocol's order, and its split.

    Raises DatasetError as `split_records` does, if a recording has not one label of the protocol's, or if the
    two sides share a recording or may share a patient, see `check_apart`.
    """
    unknown = [name for name in dataset.classes if name not in protocol.classes]
    if unknown:
        raise DatasetError(f"{dataset.name}: expected the classes {', '.join(protocol.classes)}, "
                           f"found {', '.join(unknown)}")  # fmt: skip
    positions = np.array([protocol.classes.index(name) for name in dataset.classes])
    labels = positions[dataset.class_indices()]
    patients = [entry.patient for entry in dataset.entries]
    split = split_records(protocol, labels, patients, [entry.fold for entry in dataset.entries], fold)
    if protocol.split_by != "beat":
        seen = [dataset.entries[index] for index in (*split.train, *split.validation)]
        check_apart(seen, [dataset.entries[index] for index in split.test], ("train or validation", "test"))
    return labels, split


def check_fold(protocol: Protocol, dataset: Dataset, fold: int) -> None:
    """Raise DatasetError if a data set has no such fold.

    The recordings tell before the heartbeats are cut from them, which takes its time.
    """
    given = [None if protocol.split_by == "beat" else entry.fold for entry in dataset.entries]
    _check_is_one_of(_count(protocol, _stated_folds(given)), fold)


def _count(protocol: Protocol, stated: Indices | None) -> int:
    return protocol.n_folds if stated is None else int(stated.max()) + 1


def _check_is_one_of(n_folds: int, fold: int) -> None:
    if not 0 <= fold < n_folds:
        raise DatasetError(f"expected a fold from 0 to {n_folds - 1}, found {fold}")


def check_patients(split: Split, patients: Sequence[str | None]) -> None:
    """Raise DatasetError if a patient has recordings in two parts of a split."""
    parts = {"train": split.train, "validation": split.validation, "test": split.test}
    seen: dict[str, str] = {}
    for name, indices in parts.items():
        for patient in {patients[index] for index in indices} - {None}:
            other = seen.setdefault(str(patient), name)
            if other != name:
                raise DatasetError(
                    f"expected each patient in one part, found {patient} in {other} and {name}"
                )


def _with_validation(
    protocol: Protocol,
    labels: NDArray[np.int64],
    patients: Sequence[str | None],
    rest: Indices,
    fold_seed: int,
) -> tuple[Indices, Indices]:
    """Divide what is not for testing into a training and a validation part."""
    if not protocol.use_validation:
        return rest, rest[:0]
    n_parts = protocol.n_validation_parts or protocol.n_folds + 1
    if len(rest) < n_parts:
        raise DatasetError(
            f"expected {n_parts} recordings or more to train and validate on, found {len(rest)}"
        )
    groups = [patients[index] for index in rest]
    parts = assign_folds(labels[rest], groups, n_parts, [protocol.split_seed, fold_seed + 1])
    return rest[parts != 0], rest[parts == 0]


def _stated_folds(given: Sequence[int | None]) -> Indices | None:
    stated = [fold for fold in given if fold is not None]
    if stated and len(stated) < len(given):
        raise DatasetError(f"expected a fold for all {len(given)} recordings or none, found {len(stated)}")
    if len(set(stated)) < 2:
        # All may be of one part, such as DS1 of MIT-BIH alone: that divides nothing.
        return None
    return np.unique(stated, return_inverse=True)[1].astype(np.int64)
