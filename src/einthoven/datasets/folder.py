"""A folder of any readable recordings with a table of labels: one's own data."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from functools import cached_property, partial
from pathlib import Path, PurePosixPath, PureWindowsPath

from einthoven.datasets.dataset import Dataset, Entry
from einthoven.datasets.label_table import LabelRow, read_label_table
from einthoven.errors import DatasetError
from einthoven.formats import is_record, read_record
from einthoven.formats.listing import walk
from einthoven.record import Record

LABEL_TABLE = "labels.csv"

_Names = dict[str, list[Path]]


def open_folder(
    folder: str | Path,
    table: str | Path | None = None,
    *,
    fs: float | None = None,
    units: str | None = None,
    leads: tuple[str, ...] | None = None,
) -> Dataset:
    """Open a folder of recordings by its table of labels.

    The table is a CSV file (UTF-8, commas) with a header line and these columns; others are ignored.
    - `record`: a file name or a path below the folder, with or without ending.
    - `label`: one class name; or `labels`: class names separated by semicolons, none where nothing applies.
    - `patient` (optional): keeps a patient's recordings together when the data are split; may be empty.
    - `fold` (optional): a whole number, in every row or in none.

    Parameters
    ----------
    folder : where the recordings are, in subfolders too; links in it are followed, also those to folders
    table : the table; `labels.csv` in the folder unless told
    fs, units, leads : of files that do not state their sampling rate (Hz), units or lead names, as
        `read_record` takes them

    Returns
    -------
    The recordings in the order of the table. The classes are the labels found, sorted.

    Raises
    ------
    DatasetError naming row and column if a cell is malformed, or a recording is missing, ambiguous, there
    twice or outside the folder; or if the table cannot be read, lacks a column or has no rows.
    """
    root = Path(folder)
    if not root.is_dir():
        raise DatasetError(f"{root}: expected a folder of recordings, found none")
    rows = read_label_table(root / LABEL_TABLE if table is None else Path(table))
    recordings = _Recordings(root)
    entries: dict[str, Entry] = {}
    for row in rows:
        path = recordings.find(row)
        record_id = path.relative_to(root).with_suffix("").as_posix()
        if record_id in entries:
            raise row.error("record", "each recording once", f"{record_id} again")
        entries[record_id] = Entry(record_id, row.labels, row.patient, row.fold, path=path)
    classes = tuple(sorted({label for row in rows for label in row.labels}))
    said = {
        "fs": None if fs is None else float(fs),
        "units": units,
        "leads": None if leads is None else ",".join(leads),
    }
    return Dataset(
        root.resolve().name,
        classes,
        tuple(entries.values()),
        partial(_read, fs=fs, units=units, leads=leads),
        given=tuple(f"{name}={value}" for name, value in said.items() if value is not None),
    )


class _Recordings:
    """Finds the file that a row of the table means."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._listed: dict[Path, _Names] = {}

    def find(self, row: LabelRow) -> Path:
        name = row.record.replace("\\", "/")
        relative = PurePosixPath(name)
        if relative.is_absolute() or PureWindowsPath(name).drive or ".." in relative.parts:
            raise row.error("record", "a path inside the folder", repr(row.record))
        exact = self.root / relative
        beside = _recordings_among(self._names_in(exact.parent).get(exact.name, []))
        # A file named in full is taken at its word, whatever its ending; reading it decides.
        if exact in beside or (exact.is_file() and not beside):
            return exact
        found = beside or (_recordings_among(self._anywhere.get(name, [])) if name == relative.name else [])
        if len(found) != 1:
            names = " and ".join(path.relative_to(self.root).as_posix() for path in found) or "none"
            raise row.error("record", f"one recording {row.record} in {self.root}", names)
        return found[0]

    def _names_in(self, folder: Path) -> _Names:
        if folder not in self._listed:
            paths = folder.iterdir() if folder.is_dir() else ()
            self._listed[folder] = files_by_name(paths)
        return self._listed[folder]

    @cached_property
    def _anywhere(self) -> _Names:
        return files_by_name(place / name for place, names in walk(self.root) for name in names)


def files_by_name(files: Iterable[Path]) -> dict[str, list[Path]]:
    """Sort files by the names that a table may call them: with and without the last ending.

    A WFDB header goes by the names of its signal files too.

    >>> list(files_by_name([Path("a/rec.1.npy"), Path("b/rec.npy")]))
    ['rec.1', 'rec.1.npy', 'rec', 'rec.npy']
    """
    found: _Names = defaultdict(list)
    for path in sorted(files):
        names = {path.name, path.stem}
        if path.suffix == ".hea":
            names |= {f"{path.stem}.mat", f"{path.stem}.dat"}
        for name in sorted(names):
            found[name].append(path)
    return found


def _recordings_among(paths: list[Path]) -> list[Path]:
    return [path for path in paths if is_record(path)]


def _read(
    entry: Entry, fs: float | None = None, units: str | None = None, leads: tuple[str, ...] | None = None
) -> Record:
    assert entry.path is not None
    return read_record(entry.path, fs=fs, units=units, leads=leads)
