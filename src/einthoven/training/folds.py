"""Stratified folds: which recordings train, which decide when to stop, and which judge."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from einthoven.datasets.dataset import Dataset, Entry
from einthoven.datasets.dealing import deal_classes, deal_labels
from einthoven.datasets.leakage import check_apart
from einthoven.errors import DatasetError
from einthoven.training.protocol import Protocol

Indices = NDArray[np.int64]

Targets = NDArray[Any]
"""(n_records,) int64 class indices, or (n_records, n_classes) float32: 1, 0, NaN where nobody judged."""

MIN_SOURCE_RECORDINGS = 60
"""A source with fewer is never a fold of its own: what it says of a model would be chance."""


@dataclass(frozen=True)
class Split:
    """Positions of the recordings in each part of a data set, ascending; together they are all of it.

    n_folds : that the data set was cut into, by its own statement or by the protocol's
    """

    train: Indices
    validation: Indices
    test: Indices
    n_folds: int


def split_records(
    protocol: Protocol,
    labels: Targets,
    patients: Sequence[str | None],
    given: Sequence[int | None],
    fold: int | None,
    sources: Sequence[str | None] = (),
) -> Split:
    """Split a data set for one fold of a protocol.

    Parameters
    ----------
    protocol : says how many folds, whether there is a test part (`split`) and a validation part
        (`use_validation`), and whether patients are kept together (`split_by`)
    labels : (n_records,) class indices, or (n_records, n_classes) 1, 0 and NaN; they decide how to stratify
    patients, given : of each recording, the patient and the fold that the data set itself states, or None;
        both count for nothing where the split is by beat
    fold : from 0; None trains on everything, without a test part
    sources : of each recording, where the split is by source: each of `MIN_SOURCE_RECORDINGS` or more is a
        fold, by name; smaller ones are never tested on. What the data set states counts for nothing then

    Raises
    ------
    DatasetError if there is no such fold, if only some recordings state a fold or a source, if there are too
    few recordings, patients or sources to fill every part, or if the folds put one patient on two sides.
    """
    if protocol.split_by == "beat":
        patients = [None] * len(labels)
    folds = _known_folds(protocol, given, sources)
    n_folds = _count(protocol, folds)
    if fold is None:
        everything = np.arange(len(labels))
        train, validation = _with_validation(protocol, labels, patients, everything, fold_seed=-1)
        return Split(train, validation, everything[:0], n_folds)
    if len(labels) < n_folds:
        raise DatasetError(f"expected at least {n_folds} recordings, found {len(labels)}")
    _check_is_one_of(n_folds, fold)
    if folds is None:
        folds = _deal(labels, patients, n_folds, protocol.split_seed)
    held_out, rest = np.flatnonzero(folds == fold), np.flatnonzero(folds != fold)
    _check_filled(held_out, rest, ("to hold out", "to train on"), f"fold {fold} of {n_folds}")
    if protocol.split == "production":
        split = Split(rest, held_out, held_out[:0], n_folds)
    else:
        train, validation = _with_validation(protocol, labels, patients, rest, fold_seed=fold)
        split = Split(train, validation, held_out, n_folds)
    check_patients(split, patients)
    return split


def split_dataset(protocol: Protocol, dataset: Dataset, fold: int | None) -> tuple[Targets, Split]:
    """Return what a network is to say of every recording of a data set, and the data set's split.

    Where exactly one class holds these are class indices, (n_records,); where any number do they are
    (n_records, n_classes), 1, 0, and NaN where nobody judged, as of a class that the data set does not have.
    The classes are in the protocol's order.

    Raises DatasetError as `split_records` does, if a class of the data set is none of the protocol's, if a
    recording has not one label where one is needed, or if two sides share a recording or may share a patient,
    see `check_apart`.
    """
    targets = _targets(protocol, dataset)
    entries = dataset.entries
    split = split_records(
        protocol,
        targets,
        [entry.patient for entry in entries],
        [entry.fold for entry in entries],
        fold,
        [entry.source for entry in entries],
    )
    if protocol.split_by != "beat":
        parts = (split.train, split.validation, split.test)
        train, validation, test = ([entries[index] for index in part] for part in parts)
        check_apart([*train, *validation], test, ("train or validation", "test"))
        if protocol.is_multi_label:
            check_apart(train, validation, ("train", "validation"))
    return targets, split


def fold_sources(entries: Sequence[Entry]) -> tuple[str, ...]:
    """Return the sources that are folds where the split is by source, in the order of the folds.

    Raises DatasetError if a recording states no source, or if fewer than two have enough recordings.
    """
    return _large_sources([entry.source for entry in entries])


def _targets(protocol: Protocol, dataset: Dataset) -> Targets:
    unknown = [name for name in dataset.classes if name not in protocol.classes]
    if unknown:
        raise DatasetError(f"{dataset.name}: expected the classes {', '.join(protocol.classes)}, "
                           f"found {', '.join(unknown)}")  # fmt: skip
    positions = np.array([protocol.classes.index(name) for name in dataset.classes], np.int64)
    if not protocol.is_multi_label:
        return positions[dataset.class_indices()]
    targets = np.full((len(dataset), len(protocol.classes)), np.nan, np.float32)
    targets[:, positions] = dataset.label_matrix()
    return targets


def _deal(labels: Targets, groups: Sequence[str | None], n_folds: int, seed: int | Sequence[int]) -> Indices:
    deal = deal_classes if labels.ndim == 1 else deal_labels
    return deal(labels, groups, n_folds, seed)


def check_fold(protocol: Protocol, dataset: Dataset, fold: int) -> None:
    """Raise DatasetError if a data set has no such fold.

    The recordings tell before the heartbeats are cut from them, which takes its time.
    """
    given = [entry.fold for entry in dataset.entries]
    folds = _known_folds(protocol, given, [entry.source for entry in dataset.entries])
    _check_is_one_of(_count(protocol, folds), fold)


def _known_folds(
    protocol: Protocol, given: Sequence[int | None], sources: Sequence[str | None]
) -> Indices | None:
    """Return the fold of each recording as it is before any is dealt, -1 for none; None: all are dealt."""
    if protocol.split_by == "beat":
        return None
    if protocol.split_by == "source":
        number_of = {name: number for number, name in enumerate(_large_sources(sources))}
        return np.array([number_of.get(str(source), -1) for source in sources], np.int64)
    return _stated_folds(given)


def _count(protocol: Protocol, known: Indices | None) -> int:
    return protocol.n_folds if known is None else int(known.max()) + 1


def _large_sources(sources: Sequence[str | None]) -> tuple[str, ...]:
    if n_unknown := sum(source is None for source in sources):
        raise DatasetError(f"expected a source for all {len(sources)} recordings, to leave one out, "
                           f"found none for {n_unknown}")  # fmt: skip
    counts = Counter(str(source) for source in sources)
    large = tuple(sorted(name for name, count in counts.items() if count >= MIN_SOURCE_RECORDINGS))
    if len(large) < 2:
        found = ", ".join(f"{name} with {counts[name]}" for name in sorted(counts)) or "none"
        raise DatasetError(f"expected two sources or more of at least {MIN_SOURCE_RECORDINGS} recordings, "
                           f"found {found}")  # fmt: skip
    return large


def _check_filled(first: Indices, second: Indices, purposes: tuple[str, str], where: str) -> None:
    """Raise DatasetError if one of two parts is empty: there are too few patients to divide."""
    for part, purpose in zip((first, second), purposes, strict=True):
        if not len(part):
            raise DatasetError(f"{where}: expected recordings {purpose}, found none: there are too few, or "
                               "they are of too few patients")  # fmt: skip


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
    labels: Targets,
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
    parts = _deal(labels[rest], groups, n_parts, [protocol.split_seed, fold_seed + 1])
    # What does not go round falls to the first parts. A class with few hits is to be learnt before it is
    # validated on; where exactly one class holds, the first part stays what it was in earlier runs.
    chosen = 0 if labels.ndim == 1 else n_parts - 1
    train, validation = rest[parts != chosen], rest[parts == chosen]
    _check_filled(train, validation, ("to train on", "to validate on"), "what is not held out")
    return train, validation


def _stated_folds(given: Sequence[int | None]) -> Indices | None:
    stated = [fold for fold in given if fold is not None]
    if stated and len(stated) < len(given):
        raise DatasetError(f"expected a fold for all {len(given)} recordings or none, found {len(stated)}")
    if len(set(stated)) < 2:
        # All may be of one part, such as DS1 of MIT-BIH alone: that divides nothing.
        return None
    return np.unique(stated, return_inverse=True)[1].astype(np.int64)
