"""A folder of any readable recordings with a table of labels: one's own data."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence, Sized
from functools import cached_property, partial
from pathlib import Path, PurePosixPath, PureWindowsPath

from einthoven.datasets.dataset import Dataset, Entry, first_few
from einthoven.datasets.label_table import LabelRow, read_label_table
from einthoven.datasets.simulated import SIMULATED_NOTE, says_simulated
from einthoven.errors import DatasetError
from einthoven.formats import is_record, read_record
from einthoven.formats.listing import Failed, is_foreign, records_in, walk
from einthoven.record import Record, sampling_rate

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

    The table is a text file (UTF-8) with commas, semicolons or tabs, a header line and these columns; others
    are ignored. Without a header it has two columns, record and label, as PhysioNet's REFERENCE.csv.
    - `record`: a file name or a path below the folder, with or without ending.
    - `label`: one class name; or `labels`: class names separated by semicolons, none where nothing applies
      (where semicolons separate the columns too, several stand in quotes).
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
    The recordings that are in the table and in the folder, in the order of the table. The classes are their
    labels, sorted. `notes` tells which are only in one of the two, and which folders cannot be read. It is
    of the kind "simulated" if a WFDB header says that einthoven's simulator made the recording, else "own".

    Raises
    ------
    DatasetError naming row and column if a cell is malformed, or a recording is ambiguous, there twice or
    outside the folder; if none is there; or if the table cannot be read, lacks a column or has no rows.
    RecordError if fs is no number above 0.
    """
    root = Path(folder)
    if not root.is_dir():
        raise DatasetError(f"{root}: expected a folder of recordings, found none")
    where = root / LABEL_TABLE if table is None else Path(table)
    rate = None if fs is None else sampling_rate(fs, str(root))
    recordings = _Recordings(root)
    rows = read_label_table(where)
    entries, missing = _entries(rows, recordings)
    simulated = _simulated_notes(entries)
    said = {"fs": rate, "units": units, "leads": None if leads is None else ",".join(leads)}
    return Dataset(
        root.resolve().name,
        tuple(sorted({label for entry in entries for label in entry.labels})),
        entries,
        partial(_read, fs=rate, units=units, leads=leads),
        (
            *_header_note(rows, missing, where.name),
            *_notes(missing, recordings.others(entries), recordings.failed, where.name),
            *simulated,
        ),
        kind="simulated" if simulated else "own",
        given=tuple(f"{name}={value}" for name, value in said.items() if value is not None),
    )


def _entries(rows: Sequence[LabelRow], recordings: _Recordings) -> tuple[tuple[Entry, ...], list[LabelRow]]:
    """Return an entry for each row whose recording is there, and the other rows.

    Raises DatasetError if there is none, or two rows name the same recording.
    """
    entries: dict[str, Entry] = {}
    missing: list[LabelRow] = []
    for row in rows:
        path = recordings.find(row)
        if path is None:
            missing.append(row)
            continue
        record_id = path.relative_to(recordings.root).with_suffix("").as_posix()
        if record_id in entries:
            raise row.error("record", "each recording once", f"{record_id} again")
        entries[record_id] = Entry(record_id, row.labels, row.patient, row.fold, path=path)
    if not entries:
        recordings.others(())
        found = "; ".join(["none, nor any other of the table", *(reason for _, reason in recordings.failed)])
        raise missing[0].error("record", f"one recording {missing[0].record} in {recordings.root}", found)
    return tuple(entries.values()), missing


def _header_note(rows: Sequence[LabelRow], missing: Sequence[LabelRow], table: str) -> tuple[str, ...]:
    """Say if the first line of a table without header may be one in other words."""
    # Below a header that was understood, rows begin with 2.
    if len(rows) < 2 or list(missing) != [rows[0]] or rows[0].line != 1:
        return ()
    found = ",".join((rows[0].record, *rows[0].labels))
    return (f"{table}: row 1 ({found}) names no recording and every other row does: a header? "
            "expected record,label",)  # fmt: skip


def _notes(missing: Sequence[LabelRow], others: Sequence[str], failed: Failed, table: str) -> tuple[str, ...]:
    notes = []
    if missing:
        named = first_few([f"{row.record} (row {row.line})" for row in missing])
        notes.append(f"{_recordings(missing)} of {table} not in the folder, left out: {named}")
    if others:
        notes.append(f"{_recordings(others)} in the folder not in {table}, left out: {first_few(others)}")
    return (*notes, *(reason for _, reason in failed))


def _simulated_notes(entries: Sequence[Entry]) -> tuple[str, ...]:
    paths = [entry.path for entry in entries if entry.path is not None]
    n = sum(says_simulated(_header_comments(path)) for path in paths)
    share = "" if n == len(entries) else f"{n} of {_recordings(entries)} "
    return (share + SIMULATED_NOTE,) if n else ()


def _header_comments(path: Path) -> list[str]:
    """Return the comment lines of a WFDB header; of other files, and those that cannot be read, none."""
    if path.suffix != ".hea":
        return []
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return []
    return [line for line in text.splitlines() if line.startswith("#")]


def _recordings(some: Sized) -> str:
    return f"{len(some)} recording{'' if len(some) == 1 else 's'}"


class _Recordings:
    """Finds the file that a row of the table means, and those that no row means.

    root : where to look
    failed : what could not be looked into, and why
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self.failed: Failed = []
        self._listed: dict[Path, _Names] = {}

    def find(self, row: LabelRow) -> Path | None:
        name = row.record.replace("\\", "/")
        relative = PurePosixPath(name)
        if relative.is_absolute() or PureWindowsPath(name).drive or ".." in relative.parts:
            raise row.error("record", "a path inside the folder", repr(row.record))
        exact = self.root / relative
        beside = _recordings_among(self._names_in(exact.parent).get(exact.name, []))
        # A file named in full is taken at its word, whatever its ending; reading it decides.
        if exact in beside or (not beside and _is_file(exact)):
            return exact
        found = beside or (_recordings_among(self._anywhere.get(name, [])) if name == relative.name else [])
        if len(found) > 1:
            names = " and ".join(path.relative_to(self.root).as_posix() for path in found)
            raise row.error("record", f"one recording {row.record} in {self.root}", names)
        return found[0] if found else None

    def others(self, entries: Sequence[Entry]) -> list[str]:
        """Return the names of the recordings below the folder that are none of these, sorted."""
        known = [entry.path for entry in entries if entry.path is not None]
        stems = {path.with_suffix("") for path in known}
        others: list[Path] = []
        for place, names in self._walked:
            paths = (place / name for name in names)
            # A copy in another format, or a signal file, goes with its entry.
            left = {path for path in paths if path.with_suffix("") not in stems and is_record(path)}
            # Which are signal files of headers of another name costs a look into every header beside them.
            others += [path for path in records_in(place, names) if path in left] if left else []
        # What a link leads to is the same recording.
        real = {path.resolve() for path in known} if others else set()
        return sorted(path.relative_to(self.root).as_posix() for path in others if path.resolve() not in real)

    def _names_in(self, folder: Path) -> _Names:
        if folder not in self._listed:
            try:
                self._listed[folder] = files_by_name(folder.iterdir())
            except OSError:
                # It is not there, or among those that failed.
                self._listed[folder] = {}
        return self._listed[folder]

    @cached_property
    def _walked(self) -> list[tuple[Path, list[str]]]:
        return list(walk(self.root, self.failed))

    @cached_property
    def _anywhere(self) -> _Names:
        return files_by_name(place / name for place, names in self._walked for name in names)


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


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:
        return False


def _recordings_among(paths: list[Path]) -> list[Path]:
    found = [path for path in paths if is_record(path)]
    # Beside a copy that can be read, one in another format counts for nothing.
    return [path for path in found if not is_foreign(path)] or found if len(found) > 1 else found


def _read(
    entry: Entry, fs: float | None = None, units: str | None = None, leads: tuple[str, ...] | None = None
) -> Record:
    assert entry.path is not None
    return read_record(entry.path, fs=fs, units=units, leads=leads)
