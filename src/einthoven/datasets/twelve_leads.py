"""Twelve leads from everywhere: PTB-XL and the sources of the CinC Challenges 2020 and 2021 as one data set.

The classes are the challenge's 24 and PTB-XL's five superclasses. What the one does not say of the other's
recordings is unjudged, not absent.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from einthoven.datasets.challenge_sources import find_sources, naming_advice
from einthoven.datasets.cinc2020 import open_cinc2020
from einthoven.datasets.dataset import Dataset, Entry
from einthoven.datasets.dealing import deal_labels
from einthoven.datasets.leakage import SEVERAL_A_PATIENT, database_of
from einthoven.datasets.ptbxl import CLASSES as SUPERCLASSES
from einthoven.datasets.ptbxl import TEST_FOLD, Resolution, find_ptbxl, open_ptbxl, read_axes
from einthoven.datasets.scp_codes import AXIS_CODES, challenge_classes
from einthoven.errors import DatasetError
from einthoven.metrics.cinc2020 import CLASSES as CHALLENGE_CLASSES
from einthoven.record import Record

NAME = "twelve-leads"
CLASSES = (*CHALLENGE_CLASSES, *SUPERCLASSES)

N_FOLDS = 9
"""Folds 1 to 9 of PTB-XL, among which the challenge's recordings are dealt."""
COPIED_SOURCE = "ptb-xl"
"""The challenge's copy of PTB-XL."""
SEED = 0

UNSTATED = tuple(name for name in CHALLENGE_CLASSES if name not in challenge_classes().values())
"""Classes of the challenge that no statement of PTB-XL means."""
AXIS_CLASSES = ("LAD", "RAD")
JUDGED_AXES = ("MID", *AXIS_CODES)
"""Values of PTB-XL's heart_axis that say whether the axis deviates; of most recordings it has none."""


@dataclass(frozen=True, slots=True)
class BySource:
    """A data set's reader that leaves each recording to the reader of the data set it is of.

    readers : source -> reader
    """

    readers: Mapping[str, Callable[[Entry], Record]]

    def __call__(self, entry: Entry) -> Record:
        return self.readers[str(entry.source)](entry)


def open_twelve_leads(folder: str | Path, resolution: Resolution = "100") -> Dataset:
    """Open PTB-XL and the challenges' training sets, or what is there of them, as one data set.

    PTB-XL has its superclasses, none of them where no statement is diagnostic, and the challenge's classes as
    far as its statements surely mean one (see `scp_codes`). `UNSTATED` are unjudged, and so are LAD and RAD
    where the table states no axis: it deviates in many of these recordings too. The challenge's sources have
    their 24 classes, with the codes of `cinc2020.SYNONYMS`; the superclasses are unjudged.

    Left out: the challenge's copy of PTB-XL, and fold 10 of PTB-XL, its publishers' test fold. PTB-XL keeps
    its folds 1 to 9, among which the challenge's recordings are dealt, every source and class evenly,
    patients whole. Recordings of PTB, whose patients are several times there and not known, are all in one.

    Parameters
    ----------
    folder : one in or below which PTB-XL, the challenges' sources, or both lie, see `open_ptbxl` and
        `open_cinc2020`
    resolution : of PTB-XL's signals, Hz; the others have their own

    Returns
    -------
    PTB-XL's recordings, by ecg_id, then the challenge's, by name; each kind in its own order. `source` is
    "ptbxl", or that of the challenge. `notes` tells what is left out or not there.

    Raises
    ------
    DatasetError if neither of the two is there, or as `open_ptbxl` and `open_cinc2020` do.
    """
    place = Path(folder)
    if find_ptbxl(place) is None and not find_sources(place):
        raise DatasetError(f"{folder}: expected PTB-XL, sources of the CinC Challenge 2020, or both in it or "
                           f"below it, found neither{naming_advice(place)}")  # fmt: skip
    ptbxl, readers, ptbxl_notes = _open_ptbxl(place, resolution)
    challenge, challenge_readers, challenge_notes = _open_challenge(place)
    notes = (*ptbxl_notes, *challenge_notes)
    if not ptbxl and not challenge:
        raise DatasetError(f"{folder}: expected recordings to train on, found none; {'; '.join(notes)}")
    reader = BySource({**readers, **challenge_readers})
    return Dataset(NAME, CLASSES, (*ptbxl, *challenge), reader, notes, kind="public")


_Part = tuple[list[Entry], dict[str, Callable[[Entry], Record]], tuple[str, ...]]


def _open_ptbxl(place: Path, resolution: Resolution) -> _Part:
    """Return PTB-XL's recordings with both kinds of labels, their reader, and notes."""
    if (found := find_ptbxl(place)) is None:
        return [], {}, ("ptbxl: not there, so that nothing is labelled with "
                        f"{', '.join(SUPERCLASSES)}",)  # fmt: skip
    ptbxl = open_labelled_ptbxl(found, resolution)
    kept = [entry for entry in ptbxl.entries if entry.fold != TEST_FOLD]
    notes = [f"ptbxl: {note}" for note in ptbxl.notes]
    if left_out := len(ptbxl) - len(kept):
        notes.append(f"ptbxl: {left_out} recordings of fold {TEST_FOLD} left out: models are judged on them")
    return kept, {"ptbxl": ptbxl.reader}, tuple(notes)


def open_labelled_ptbxl(folder: str | Path, resolution: Resolution = "100") -> Dataset:
    """Open PTB-XL, all folds of it, with both kinds of labels, as `open_twelve_leads` says.

    Raises DatasetError as `open_ptbxl` does.
    """
    superclasses = open_ptbxl(folder, resolution)
    challenge = open_ptbxl(folder, resolution, labels="cinc2020")
    found = find_ptbxl(Path(folder))
    assert found is not None
    with_axis = {record_id for record_id, axis in read_axes(found).items() if axis in JUDGED_AXES}
    entries = tuple(
        replace(
            entry,
            labels=(*other.labels, *entry.labels),
            unjudged=UNSTATED if entry.record_id in with_axis else (*UNSTATED, *AXIS_CLASSES),
        )
        for entry, other in zip(superclasses.entries, challenge.entries, strict=True)
    )
    return replace(superclasses, classes=CLASSES, entries=entries)


def _open_challenge(place: Path) -> _Part:
    """Return the recordings of the challenge's sources, dealt to folds, their readers, and notes."""
    if not find_sources(place):
        return [], {}, ("cinc2020: not there, so that PTB-XL is alone",)
    opened = open_cinc2020(place, synonyms=True)
    kept = [
        replace(entry, unjudged=SUPERCLASSES) for entry in opened.entries if entry.source != COPIED_SOURCE
    ]
    # Notes on a source begin with its name: what is not there needs none.
    notes = [note for note in opened.notes if not note.startswith(f"{COPIED_SOURCE}: ")]
    if left_out := len(opened) - len(kept):
        notes.append(f"cinc2020: {left_out} recordings of {COPIED_SOURCE} left out: they are copies of "
                     "PTB-XL's")  # fmt: skip
    if together := sum(_is_of_unknown_patients(entry) for entry in kept):
        notes.append(f"cinc2020: {together} recordings whose patients are not known, of a database with "
                     "several of each, are all in one fold")  # fmt: skip
    dealt = [replace(entry, fold=fold) for entry, fold in zip(kept, deal_sources(kept), strict=True)]
    return dealt, {str(entry.source): opened.reader for entry in dealt}, tuple(notes)


def deal_sources(entries: Sequence[Entry]) -> list[int]:
    """Return a fold from 1 to `N_FOLDS` of each recording: every class and every source evenly.

    Patients stay whole; all recordings of unknown patients of a database with several of each stay together.
    """
    columns = {name: column for column, name in enumerate(CLASSES)}
    for entry in entries:
        columns.setdefault(f"source {entry.source}", len(columns))
    held = np.zeros((len(entries), len(columns)), np.float32)
    for row, entry in enumerate(entries):
        held[row, [columns[name] for name in (*entry.labels, f"source {entry.source}")]] = 1
    groups = [database_of(entry) if _is_of_unknown_patients(entry) else entry.patient for entry in entries]
    return [int(fold) + 1 for fold in deal_labels(held, groups, N_FOLDS, SEED)]


def _is_of_unknown_patients(entry: Entry) -> bool:
    return entry.patient is None and database_of(entry) in SEVERAL_A_PATIENT
