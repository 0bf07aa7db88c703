"""What every data set is: a name, classes, and labelled recordings that are read one at a time."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Literal, Self, get_args

import numpy as np
from numpy.typing import NDArray

from einthoven.errors import DatasetError
from einthoven.record import Record, Signal

Kind = Literal["public", "own", "simulated"]
KINDS: tuple[Kind, ...] = get_args(Kind)

NAMED = 3
"""So many of what is left out are named in a note."""


def first_few(names: Collection[str]) -> str:
    """Return the first names of many, and how many more there are.

    >>> first_few(["a", "b", "c", "d", "e"])
    'a, b, c and 2 more'
    """
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    return ", ".join(islice(names, NAMED)) + more


@dataclass(frozen=True, slots=True)
class Entry:
    """One recording, or heartbeat, of a data set and what is known of it before it is read.

    record_id : unique in its data set
    labels : class names; several in a multi-label task, none where nothing applies
    patient : identifier of the patient, or None where the data set does not tell
    fold : number of the part that the data set's makers put it in, or None
    source : the collection it came from, or None
    path : the file to read, or None where there is no file
    recording : id of the recording that this is a part of, such as a heartbeat; None where it is a whole one
    unjudged : classes of which nobody said whether they apply; none of them is among the labels
    """

    record_id: str
    labels: tuple[str, ...]
    patient: str | None = None
    fold: int | None = None
    source: str | None = None
    path: Path | None = None
    recording: str | None = None
    unjudged: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Dataset:
    """Labelled recordings, read when asked for.

    name : the data set's name
    classes : class names, in the order of the networks' outputs
    entries : the recordings
    reader : turns an entry into its Record; a plain function or object, so that a Dataset can be sent to
        another process
    notes : what a user should know: what was left out, folders that cannot be read, an older labelling
    given : what was said of files that do not state it themselves, such as `fs=250`
    kind : "public" (published, so that its name says which recordings these are), "own" (its name is that of
        somebody's folder) or "simulated" (some or all recordings are no patient's)

    Raises DatasetError if a class or a record id is there twice, or a label is none of the classes.
    """

    name: str
    classes: tuple[str, ...]
    entries: tuple[Entry, ...]
    reader: Callable[[Entry], Record]
    notes: tuple[str, ...] = ()
    given: tuple[str, ...] = ()
    kind: Kind = "own"

    def __post_init__(self) -> None:
        known = set(self.classes)
        if len(known) != len(self.classes):
            raise DatasetError(f"{self.name}: expected distinct classes, found {', '.join(self.classes)}")
        seen: set[str] = set()
        for entry in self.entries:
            if entry.record_id in seen:
                raise DatasetError(f"{self.name}: expected distinct records, found {entry.record_id} twice")
            seen.add(entry.record_id)
            for label in (*entry.labels, *entry.unjudged):
                if label not in known:
                    raise DatasetError(f"{self.name}: record {entry.record_id}: expected labels among "
                                       f"{', '.join(self.classes)}, found {label!r}")  # fmt: skip
            if both := set(entry.labels) & set(entry.unjudged):
                raise DatasetError(f"{self.name}: record {entry.record_id}: expected judged labels, "
                                   f"found unjudged {', '.join(sorted(both))}")  # fmt: skip

    def __len__(self) -> int:
        return len(self.entries)

    @property
    def record_ids(self) -> tuple[str, ...]:
        """Identifiers of the recordings, in order."""
        return tuple(entry.record_id for entry in self.entries)

    @property
    def class_counts(self) -> dict[str, int]:
        """Number of recordings that carry each class's label, in the order of the classes."""
        counts = Counter(label for entry in self.entries for label in set(entry.labels))
        return {name: counts[name] for name in self.classes}

    def read(self, index: int) -> Record:
        """Read one recording.

        Raises FormatError or RecordError if its file cannot be read, DatasetError if a store was damaged.
        """
        return self.reader(self.entries[index])

    def signal(self, index: int) -> Signal:
        """Read the samples of one recording: (n_leads, n_samples) float32, mV."""
        return self.read(index).signal

    def signals(self) -> Iterator[Signal]:
        """Read the samples of every recording in turn."""
        return (self.signal(index) for index in range(len(self)))

    def class_indices(self) -> NDArray[np.int64]:
        """Return the class of every recording as an index into `classes`, shape (n_records,).

        Raises DatasetError if a recording has no label or several: the task is then not a single-label one.
        """
        position = {name: index for index, name in enumerate(self.classes)}
        indices = np.empty(len(self), np.int64)
        for row, entry in enumerate(self.entries):
            if len(entry.labels) != 1:
                found = ", ".join(entry.labels) or "none"
                raise DatasetError(
                    f"{self.name}: record {entry.record_id}: expected one label, found {found}"
                )
            indices[row] = position[entry.labels[0]]
        return indices

    def label_matrix(self) -> NDArray[np.float32]:
        """Return which classes every recording has, (n_records, n_classes): 1, 0, NaN where unjudged."""
        position = {name: index for index, name in enumerate(self.classes)}
        matrix = np.zeros((len(self), len(self.classes)), np.float32)
        for row, entry in enumerate(self.entries):
            matrix[row, [position[name] for name in entry.labels]] = 1
            matrix[row, [position[name] for name in entry.unjudged]] = np.nan
        return matrix

    def patient_groups(self) -> NDArray[np.int64] | None:
        """Number the patients, shape (n_records,); None if the data set names no patient at all.

        A recording whose patient is unknown is a group of its own.
        """
        if all(entry.patient is None for entry in self.entries):
            return None
        numbers: dict[tuple[str, str], int] = {}
        keys = [
            ("record", entry.record_id) if entry.patient is None else ("patient", entry.patient)
            for entry in self.entries
        ]
        return np.array([numbers.setdefault(key, len(numbers)) for key in keys], np.int64)

    def subset(self, indices: Iterable[int]) -> Self:
        """Return the data set with only these recordings, in this order."""
        return replace(self, entries=tuple(self.entries[int(index)] for index in indices))

    def fingerprint(self) -> str:
        """Hash the classes, every recording's id, labels, patient and fold, in order, and `given` (SHA-256).

        Two data sets with the same fingerprint give the same splits and the same truth.
        """
        rows = [self._facts(entry) for entry in self.entries]
        facts = [self.classes, rows, *([self.given] if self.given else [])]
        text = json.dumps(facts, ensure_ascii=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()

    def _facts(self, entry: Entry) -> list[object]:
        unjudged = [entry.unjudged] if entry.unjudged else []
        return [entry.record_id, entry.labels, entry.patient, entry.fold, *unjudged]
