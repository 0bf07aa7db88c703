"""The ready-made beat tables of Kachuee et al.: heartbeats of MIT-BIH and PTB Diagnostic as CSV files.

Source: M. Kachuee, S. Fazeli and M. Sarrafzadeh, ECG Heartbeat Classification: A Deep Transferable
Representation, 2018, DOI 10.1109/ICHI.2018.00092; published on Kaggle as "heartbeat": `mitbih_train.csv`,
`mitbih_test.csv`, `ptbdb_normal.csv`, `ptbdb_abnormal.csv`, plain or compressed with gzip.
A row is a beat: 187 samples at 125 Hz, scaled to 0 to 1 and filled with zeros, then the number of its class.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

import numpy as np

from einthoven.aami import CLASSES as MITDB_CLASSES
from einthoven.datasets.beat_rows import BeatRows, read_beat_rows
from einthoven.datasets.dataset import Dataset, Entry
from einthoven.datasets.heartbeats import HeartbeatReader
from einthoven.datasets.layout import is_file
from einthoven.datasets.ptbdb import CLASSES as PTBDB_CLASSES
from einthoven.errors import DatasetError, SettingsError

FS = 125.0
"""Hz."""

LEADS = ("beat",)
"""What the one row of a beat is called; of which lead it is, the tables do not say."""


@dataclass(frozen=True, slots=True)
class Family:
    """The tables of one database.

    prefix : what their names begin with
    members : how their names end; of `train` and `test`, the first is fold 1, the second fold 2
    classes : numbered in this order
    """

    prefix: str
    members: tuple[str, str]
    classes: tuple[str, ...]

    @property
    def files(self) -> str:
        """What a message calls them."""
        return " and ".join(f"{self.prefix}_{member}.csv" for member in self.members)


FAMILIES: Mapping[str, Family] = MappingProxyType(
    {
        "mitdb-beats": Family("mitbih", ("train", "test"), MITDB_CLASSES),
        "ptbdb-beats": Family("ptbdb", ("normal", "abnormal"), PTBDB_CLASSES),
    }
)
"""By the name of the data set that they make."""

_FOLDS: Mapping[str, int] = MappingProxyType({"train": 1, "test": 2})
_ENDINGS = (".csv", ".csv.gz")
_BELOW = ("", "heartbeat", "archive")


def open_beat_tables(path: str | Path | Sequence[str | Path], of: str | None = None) -> Dataset:
    """Open ready-made beat tables; all beats are held in memory, 0.8 kB each.

    Parameters
    ----------
    path : a table, several tables of one database, or the folder with a database's tables under their
        published names
    of : mitdb-beats or ptbdb-beats: which tables of a folder that has both, and what tables are whose names
        do not begin with mitbih or ptbdb. Without it, such a table with a class above 1 is one of MIT-BIH

    Returns
    -------
    Beats of five classes (N, S, V, F, Q) or of two (NORM, MI), named by file and line; their samples are not
    in mV, but scaled to 0 to 1. Where mitbih_train and mitbih_test are both opened they are folds 1 and 2.
    Patients are unknown. `notes` tells that, and which rows are no beats and were left out.

    Raises
    ------
    SettingsError if `of` is no such name.
    DatasetError if there is no such file, if more than 1 % of its rows are no beats or none is, if the tables
    are of two databases, or if it cannot be told of which.
    """
    if of is not None and of not in FAMILIES:
        raise SettingsError(f"expected beat tables among {', '.join(FAMILIES)}, found {of!r}")
    notes: tuple[str, ...] = ()
    if isinstance(path, str | Path) and Path(path).is_dir():
        of, paths = _tables_in(Path(path), of)
        notes = _absent_note(paths, FAMILIES[of])
    else:
        paths = [Path(path)] if isinstance(path, str | Path) else [Path(one) for one in path]
    if not paths:
        raise DatasetError("expected at least one beat table, found none")
    tables = [read_beat_rows(one) for one in paths]
    name = _one_name([_name_of(table, of) for table in tables], paths)
    return _dataset(name, [table.of_classes(len(FAMILIES[name].classes)) for table in tables], notes)


def find_beat_tables(folder: Path, of: str) -> tuple[Path, ...]:
    """Find the tables of one database in a folder, or in `heartbeat` or `archive` below it; empty if none."""
    for below in _BELOW:
        place = folder / below
        if found := tuple(filter(None, (_table(place, FAMILIES[of], m) for m in FAMILIES[of].members))):
            return found
    return ()


def _table(place: Path, family: Family, member: str) -> Path | None:
    """Return a table; one that is not compressed goes before its compressed copy."""
    names = (place / f"{family.prefix}_{member}{ending}" for ending in _ENDINGS)
    return next((path for path in names if is_file(path)), None)


def _tables_in(folder: Path, of: str | None) -> tuple[str, list[Path]]:
    found = {name: list(find_beat_tables(folder, name)) for name in FAMILIES if of in (None, name)}
    there = [name for name, paths in found.items() if paths]
    if len(there) == 1:
        return there[0], found[there[0]]
    expected = ", or ".join(FAMILIES[name].files for name in found)
    both = f"both: say which of {' and '.join(there)} is meant"
    raise DatasetError(f"{folder}: expected {expected}, found {both if there else 'none'}")


def _absent_note(paths: Sequence[Path], family: Family) -> tuple[str, ...]:
    there = {_stem(path) for path in paths}
    absent = [name for member in family.members if (name := f"{family.prefix}_{member}") not in there]
    return tuple(f"{name}.csv is not in the folder" for name in absent)


def _name_of(table: BeatRows, of: str | None) -> str:
    """Tell what database a table is of: by its name, else by what was said, else by its classes."""
    stem = _stem(table.path).lower()
    named = next((name for name, family in FAMILIES.items() if stem.startswith(family.prefix)), None)
    if named is not None and of not in (None, named):
        raise DatasetError(f"{table.path}: expected a table of {of}, found one of {named}, by its name")
    if named is None and of is None:
        five, two = (len(FAMILIES[name].classes) for name in ("mitdb-beats", "ptbdb-beats"))
        if np.any(table.is_class(five) & ~table.is_class(two)):
            return "mitdb-beats"
        raise DatasetError(f"{table.path}: expected a name that begins with mitbih or ptbdb, as both have "
                           f"classes 0 and 1, found {table.path.name}")  # fmt: skip
    return named or of or ""


def _one_name(names: Sequence[str], paths: Sequence[Path]) -> str:
    if len(set(names)) > 1:
        found = ", ".join(f"{path.name} of {name}" for path, name in zip(paths, names, strict=True))
        raise DatasetError(f"expected tables of one database, found {found}")
    return names[0]


def _dataset(name: str, tables: Sequence[BeatRows], notes: tuple[str, ...]) -> Dataset:
    classes = FAMILIES[name].classes
    folds = [_FOLDS.get(_stem(table.path).rpartition("_")[2].lower()) for table in tables]
    if sorted(fold or 0 for fold in folds) != sorted(_FOLDS.values()):
        folds = [None] * len(tables)
    entries = tuple(
        entry
        for table, fold in zip(tables, folds, strict=True)
        for entry in _entries(table, name, classes, fold)
    )
    beats = np.concatenate([table.beats for table in tables]) if len(tables) > 1 else tables[0].beats
    rows = {entry.record_id: row for row, entry in enumerate(entries)}
    reader = HeartbeatReader(beats[:, np.newaxis], FS, LEADS, rows)
    notes += tuple(note for table in tables for note in table.notes)
    notes += ("patients are unknown: beats of one patient may be on both sides of any split",)
    return Dataset(name, classes, entries, reader, notes, kind="public")


def _entries(table: BeatRows, name: str, classes: Sequence[str], fold: int | None) -> Iterator[Entry]:
    stem, labels = _stem(table.path), [(label,) for label in classes]
    for line, label in zip(table.lines.tolist(), table.labels.astype(int).tolist(), strict=True):
        yield Entry(f"{stem}-{line}", labels[label], fold=fold, source=name, path=table.path)


def _stem(path: Path) -> str:
    return path.name.removesuffix(".gz").removesuffix(".csv")
