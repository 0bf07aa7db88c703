"""What is in every fold of a data set: recordings, patients and classes of each part."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from einthoven.datasets.dataset import Dataset, Entry
from einthoven.datasets.leakage import database_of
from einthoven.training.folds import Indices, Split, Targets, fold_sources, split_dataset
from einthoven.training.protocol import Protocol


@dataclass(frozen=True, slots=True)
class PartCounts:
    """What is in a part of a fold.

    n_records : recordings
    n_patients : patients that are known
    n_unknown : recordings whose patient is not known
    positives : of each class, recordings that have it
    judged : of each class, recordings of which somebody said whether they have it
    """

    n_records: int
    n_patients: int
    n_unknown: int
    positives: Mapping[str, int]
    judged: Mapping[str, int]

    @property
    def without_positives(self) -> tuple[str, ...]:
        """Classes that no recording has: nothing can be learnt of them here, nor be judged."""
        return tuple(name for name, count in self.positives.items() if not count)


@dataclass(frozen=True, slots=True)
class FoldCounts:
    """The parts of a fold.

    fold : from 0
    source : that is held out, where the split is by source; else None
    train, validation, test : what is in each part; the production split has no test part
    n_shared_patients : known patients with recordings in more than one part; 0 unless the split is by beat
    """

    fold: int
    source: str | None
    train: PartCounts
    validation: PartCounts
    test: PartCounts
    n_shared_patients: int


@dataclass(frozen=True, slots=True)
class FoldReport:
    """All folds of a data set.

    dataset : its name
    classes : in the protocol's order
    split_by : see `Protocol`
    folds : in their order
    """

    dataset: str
    classes: tuple[str, ...]
    split_by: str
    folds: tuple[FoldCounts, ...]


def fold_report(protocol: Protocol, dataset: Dataset) -> FoldReport:
    """Count what is in every fold that a protocol makes of a data set.

    Patients are counted within a database, as `check_apart` compares them, which every split has passed.

    Raises DatasetError as `split_dataset` does.
    """
    sources: tuple[str | None, ...] = fold_sources(dataset.entries) if protocol.split_by == "source" else ()
    n_folds = split_dataset(protocol, dataset, 0)[1].n_folds
    folds = []
    for fold in range(n_folds):
        targets, split = split_dataset(protocol, dataset, fold)
        train, validation, test = (
            _count(protocol, dataset.entries, targets, part)
            for part in (split.train, split.validation, split.test)
        )
        shared = _shared_patients(dataset.entries, split)
        source = sources[fold] if sources else None
        folds.append(FoldCounts(fold, source, train, validation, test, shared))
    return FoldReport(dataset.name, protocol.classes, protocol.split_by, tuple(folds))


def judged_note(protocol: Protocol, dataset: Dataset) -> str | None:
    """Say of which classes one's own recordings teach anything: those that their labels name somewhere.

    Whoever wrote a table of labels is taken to have looked for these in every recording, and for no others:
    the table itself does not say. None where a recording has exactly one class, and of public data sets, in
    which it is known what was looked for.
    """
    if not protocol.is_multi_label or dataset.kind == "public":
        return None
    named = [
        name
        for name in protocol.classes
        if name in dataset.classes and any(name not in entry.unjudged for entry in dataset.entries)
    ]
    if not named:
        return None
    note = f"a recording without one of these labels counts as without that class: {', '.join(named)}"
    if n_others := len(protocol.classes) - len(named):
        note += f"; named nowhere, and so not judged, are the other {n_others} of {protocol.recipe}'s "
        note += f"{len(protocol.classes)} classes: nothing is learnt of them"
    return note


def _count(protocol: Protocol, entries: Sequence[Entry], targets: Targets, part: Indices) -> PartCounts:
    own = targets[part]
    if protocol.is_multi_label:
        positives, judged = (own == 1).sum(axis=0), (~np.isnan(own)).sum(axis=0)
    else:
        positives = np.bincount(own, minlength=len(protocol.classes))
        judged = np.full(len(protocol.classes), len(part))
    return PartCounts(
        len(part),
        len(_patients(entries, part)),
        sum(entries[index].patient is None for index in part),
        dict(zip(protocol.classes, positives.tolist(), strict=True)),
        dict(zip(protocol.classes, judged.tolist(), strict=True)),
    )


def _patients(entries: Sequence[Entry], part: Indices) -> set[tuple[str, str]]:
    found = (entries[index] for index in part)
    return {(database_of(entry), entry.patient) for entry in found if entry.patient is not None}


def _shared_patients(entries: Sequence[Entry], split: Split) -> int:
    train, validation, test = (
        _patients(entries, part) for part in (split.train, split.validation, split.test)
    )
    return len((train & validation) | (train & test) | (validation & test))
