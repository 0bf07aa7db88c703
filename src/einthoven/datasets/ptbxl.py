"""PTB-XL: 21,799 twelve-lead recordings of 10 s, with diagnostic statements, patients and ten folds.

Source: P. Wagner et al., PTB-XL, a large publicly available electrocardiography dataset, 2020,
DOI 10.1038/s41597-020-0495-6; https://physionet.org/content/ptb-xl/1.0.3/.
"""

from __future__ import annotations

import ast
import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal, get_args

from einthoven.datasets.dataset import Dataset, Entry, first_few
from einthoven.datasets.layout import find_project, is_file
from einthoven.datasets.scp_codes import AXIS, challenge_classes
from einthoven.errors import DatasetError, SettingsError
from einthoven.formats import read_record
from einthoven.metrics.cinc2020 import CLASSES as CHALLENGE_CLASSES
from einthoven.record import Record

CLASSES = ("NORM", "MI", "STTC", "CD", "HYP")
"""Superclasses: normal, myocardial infarction, ST or T change, conduction disturbance, hypertrophy."""

TEST_FOLD = 10
"""The fold on which its publishers have models judged."""

TABLE, STATEMENTS = "ptbxl_database.csv", "scp_statements.csv"

Resolution = Literal["100", "500"]
Labelling = Literal["superclasses", "cinc2020"]
_FILE_COLUMNS: Mapping[str, str] = {"100": "filename_lr", "500": "filename_hr"}
_LONGEST_CODES = 2000
"""Characters; the longest of the publisher's has 250."""
_FILE = re.compile(r"[\w-]+(?:/[\w-]+)*", re.ASCII)
_WHOLE = re.compile(r"(\d{1,9})(?:\.0*)?", re.ASCII)


def open_ptbxl(
    folder: str | Path, resolution: Resolution = "100", *, labels: Labelling = "superclasses"
) -> Dataset:
    """Open the data set, whole or in part.

    A recording's labels are the superclasses of its diagnostic statements, whatever their likelihood (0 means
    that it is unknown), as in the publisher's example; a recording without such a statement has none. The
    folds are the publisher's ten; each recording of folds 9 and 10 was checked by a person.

    Parameters
    ----------
    folder : the folder with ptbxl_database.csv or any of its parents in PhysioNet's layout
    resolution : "100" for the signals at 100 Hz, "500" for those at 500 Hz
    labels : "superclasses", or "cinc2020" for the 24 classes of the PhysioNet/CinC Challenge 2020, as far as
        statements surely correspond to them: see `scp_codes`

    Returns
    -------
    The recordings of the table whose header and signal file are there, in its order. `notes` tells how many
    are not.

    Raises
    ------
    SettingsError if there is no such resolution or labelling.
    DatasetError if there is no such folder, table or recording, or if a row of a table is malformed.
    """
    if resolution not in _FILE_COLUMNS:
        expected = " or ".join(_FILE_COLUMNS)
        raise SettingsError(f"ptbxl: expected a resolution of {expected} Hz, found {resolution!r}")
    if labels not in get_args(Labelling):
        expected = " or ".join(get_args(Labelling))
        raise SettingsError(f"ptbxl: expected labels to be {expected}, found {labels!r}")
    place = find_ptbxl(Path(folder))
    if place is None:
        raise DatasetError(f"{folder}: expected PTB-XL in it or below it, found no {TABLE}")
    classes: tuple[str, ...] = CLASSES
    of_code = _read_statements(place / STATEMENTS)
    if labels == "cinc2020":
        classes, of_code = CHALLENGE_CLASSES, challenge_classes()
    listed = _read_entries(place, classes, of_code, _FILE_COLUMNS[resolution])
    entries = tuple(entry for entry in listed if _is_complete(entry))
    if not entries:
        raise DatasetError(f"{place}: expected recordings (.hea and .dat) listed in {TABLE}, such as "
                           f"{_shown(listed[0], place)}, found none")  # fmt: skip
    notes = []
    if missing := [_shown(entry, place) for entry in listed if not _is_complete(entry)]:
        notes.append(f"{len(missing)} of the {len(listed)} recordings in {TABLE} are not in the folder at "
                     f"{resolution} Hz: {first_few(missing)}")  # fmt: skip
    return Dataset("ptbxl", classes, entries, _read, tuple(notes), kind="public")


def find_ptbxl(folder: Path) -> Path | None:
    """Find the folder that holds the table, or None: the folder itself or one below it."""
    title = "ptb-xl-a-large-publicly-available-electrocardiography-dataset"
    return find_project(folder, "ptb-xl", title, lambda place: is_file(place / TABLE))


def take_infarction(dataset: Dataset) -> Dataset:
    """Return the recordings with infarction, labelled MI, and those that are normal and nothing else, NORM.

    An infarction with another diagnosis beside it, but not NORM, counts. `notes` tells how many are left out.

    Raises DatasetError if one of the two classes is left without a recording.
    """
    kept = []
    for entry in dataset.entries:
        if entry.labels == ("NORM",):
            kept.append(entry)
        elif "MI" in entry.labels and "NORM" not in entry.labels:
            kept.append(replace(entry, labels=("MI",)))
    taken = replace(dataset, classes=("NORM", "MI"), entries=tuple(kept))
    if empty := [name for name, count in taken.class_counts.items() if not count]:
        raise DatasetError(f"{dataset.name}: expected recordings of infarction and normal ones, "
                           f"found none of {' and '.join(empty)}")  # fmt: skip
    left_out = len(dataset) - len(kept)
    note = f"{left_out} of {len(dataset)} recordings left out: neither infarction nor normal alone"
    return replace(taken, notes=(*dataset.notes, note)) if left_out else taken


def take_test_fold(dataset: Dataset) -> Dataset:
    """Return the recordings of the fold that its publishers have models judged on.

    Raises DatasetError if none of them is there.
    """
    kept = tuple(entry for entry in dataset.entries if entry.fold == TEST_FOLD)
    if not kept:
        raise DatasetError(f"{dataset.name}: expected recordings of fold {TEST_FOLD}, found none")
    return replace(dataset, entries=kept)


@dataclass(frozen=True, slots=True)
class _Row:
    """A row of a table with a header line; `line` is the number of its last line, from 1."""

    path: Path
    line: int
    cells: Mapping[str, str]

    def error(self, column: str, expected: str) -> DatasetError:
        found = f"{self.cells[column]!r:.60}"
        return DatasetError(
            f"{self.path}, row {self.line}, column {column}: expected {expected}, found {found}"
        )

    def whole(self, column: str) -> int:
        """Read a whole number, which may be written as 15709.0."""
        match = _WHOLE.fullmatch(self.cells[column])
        if match is None:
            raise self.error(column, "a whole number")
        return int(match[1])


def _rows(path: Path, wanted: Sequence[str], optional: Sequence[str] = ()) -> Iterator[_Row]:
    """Read a table; a column that is optional and not there is empty."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file, strict=True)
            names = next(reader, [])
            if missing := [name for name in wanted if name not in names]:
                missed = ", ".join(missing)
                raise DatasetError(f"{path}: expected a header line with the columns {missed}, found none")
            for cells in reader:
                if len(cells) != len(names):
                    raise DatasetError(f"{path}, row {reader.line_num}: expected {len(names)} cells, "
                                       f"found {len(cells)}")  # fmt: skip
                found = dict.fromkeys(optional, "") | dict(zip(names, cells, strict=True))
                yield _Row(
                    path, reader.line_num, {name: found[name].strip() for name in (*wanted, *optional)}
                )
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        found_error = getattr(error, "strerror", None) or error
        raise DatasetError(f"{path}: expected a table (CSV, UTF-8), found: {found_error}") from error


def _read_statements(path: Path) -> dict[str, str]:
    """Return the superclass of each diagnostic statement."""
    superclasses = {}
    for row in _rows(path, ("", "diagnostic", "diagnostic_class")):
        if row.cells["diagnostic"] and row.whole("diagnostic") == 1:
            if row.cells["diagnostic_class"] not in CLASSES:
                raise row.error("diagnostic_class", f"one of {', '.join(CLASSES)}")
            superclasses[row.cells[""]] = row.cells["diagnostic_class"]
    if not superclasses:
        raise DatasetError(f"{path}: expected diagnostic statements, found none")
    return superclasses


def read_patients(place: Path) -> dict[str, str]:
    """Return the patient of each recording, by its ecg_id, where the table in this folder tells it.

    Raises DatasetError as `open_ptbxl` does.
    """
    rows = _rows(place / TABLE, ("ecg_id", "patient_id"))
    return {str(row.whole("ecg_id")): str(row.whole("patient_id")) for row in rows if row.cells["patient_id"]}


def read_axes(place: Path) -> dict[str, str]:
    """Return the heart's electrical axis in each recording, by its ecg_id, where the table states one.

    Raises DatasetError as `open_ptbxl` does.
    """
    rows = _rows(place / TABLE, ("ecg_id",), (AXIS,))
    return {str(row.whole("ecg_id")): row.cells[AXIS] for row in rows if row.cells[AXIS]}


def _read_entries(
    place: Path, classes: Sequence[str], of_code: Mapping[str, str], file_column: str
) -> list[Entry]:
    entries: dict[str, Entry] = {}
    columns = ("ecg_id", "patient_id", "scp_codes", "strat_fold", file_column)
    for row in _rows(place / TABLE, columns, (AXIS,)):
        record_id = str(row.whole("ecg_id"))
        if record_id in entries:
            raise row.error("ecg_id", "each recording once")
        diagnosed = {of_code[code] for code in (*_codes(row), row.cells[AXIS]) if code in of_code}
        if not _FILE.fullmatch(row.cells[file_column]):
            raise row.error(file_column, "a path below the folder such as records100/00000/00001_lr")
        entries[record_id] = Entry(
            record_id,
            tuple(name for name in classes if name in diagnosed),
            patient=str(row.whole("patient_id")) if row.cells["patient_id"] else None,
            fold=row.whole("strat_fold"),
            source="ptbxl",
            path=place / f"{row.cells[file_column]}.hea",
        )
    if not entries:
        raise DatasetError(f"{place / TABLE}: expected rows below the header, found none")
    return list(entries.values())


def _codes(row: _Row) -> list[str]:
    """Return the statements of a recording; the cell is a Python dict, of likelihoods in percent."""
    text = row.cells["scp_codes"]
    expected = "statements with likelihoods such as {'NORM': 100.0}"
    # A backslash may be a faulty escape, of which Python warns.
    if len(text) > _LONGEST_CODES or "\\" in text:
        raise row.error("scp_codes", expected)
    try:
        codes = ast.literal_eval(text)
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError) as error:
        raise row.error("scp_codes", expected) from error
    if not (isinstance(codes, dict) and all(isinstance(code, str) for code in codes)):
        raise row.error("scp_codes", expected)
    return list(codes)


def _is_complete(entry: Entry) -> bool:
    assert entry.path is not None
    return is_file(entry.path) and is_file(entry.path.with_suffix(".dat"))


def _shown(entry: Entry, place: Path) -> str:
    assert entry.path is not None
    return entry.path.relative_to(place).with_suffix("").as_posix()


def _read(entry: Entry) -> Record:
    assert entry.path is not None
    return read_record(entry.path)
