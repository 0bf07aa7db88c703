"""The table of labels that comes with a folder of one's own recordings: a CSV file with a header line."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from einthoven.atomic import write_atomically
from einthoven.errors import DatasetError

_BETWEEN_LABELS = ";"
_PLAIN = ("record", "label")


@dataclass(frozen=True, slots=True)
class LabelRow:
    """One line of the table, checked.

    line : its number in the file, from 1
    record : the recording as the table names it
    """

    path: Path
    line: int
    record: str
    labels: tuple[str, ...]
    patient: str | None
    fold: int | None

    def error(self, column: str, expected: str, found: str) -> DatasetError:
        """Make the error of a cell that does not fit."""
        return _error(self.path, self.line, column, expected, found)


def read_label_table(path: Path) -> list[LabelRow]:
    """Read a table of labels; `folder.open_folder` describes its columns.

    Raises DatasetError naming row and column if a cell is malformed; or if the file cannot be read, lacks a
    column or has no rows.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file, strict=True, skipinitialspace=True)
            columns = [name.strip() for name in reader.fieldnames or ()]
            _check_columns(path, columns)
            reader.fieldnames = columns
            rows = [_row(path, reader.line_num, cells) for cells in reader]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise DatasetError(f"{path}: expected a table of labels (CSV, UTF-8), found: {error}") from error
    if not rows:
        raise DatasetError(f"{path}: expected rows below the header, found none")
    if "fold" in columns and any(row.fold is not None for row in rows):
        for row in rows:
            if row.fold is None:
                raise row.error("fold", "a number in every row or in none", "none here")
    return rows


def add_to_label_table(path: Path, labels: Mapping[str, str]) -> None:
    """Write a table of labels, or add to the one that is there; a recording that is in it keeps its row.

    Parameters
    ----------
    path : the table; if it is there its columns must be record and label
    labels : record -> its label

    Raises
    ------
    DatasetError if the table is malformed or has other columns; OSError if it cannot be written.
    """
    rows = [(row.record, row.labels[0]) for row in read_plain_table(path)]
    known = {record for record, _ in rows}
    rows += [item for item in labels.items() if item[0] not in known]
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([_PLAIN, *rows])
    write_atomically(path, text.getvalue().encode())


def read_plain_table(path: Path) -> list[LabelRow]:
    """Read a table that may be added to, none at all being an empty one.

    Raises DatasetError if it is malformed, or has other columns than record and label.
    """
    if not path.exists():
        return []
    rows = read_label_table(path)
    with path.open(encoding="utf-8-sig", newline="") as file:
        columns = tuple(name.strip() for name in next(csv.reader(file)))
    if columns != _PLAIN:
        raise DatasetError(f"{path}: expected the columns {', '.join(_PLAIN)}, to add to them, "
                           f"found {', '.join(columns)}")  # fmt: skip
    return rows


def _check_columns(path: Path, columns: list[str]) -> None:
    found = ", ".join(columns) or "none"
    if "record" not in columns:
        raise DatasetError(f"{path}: expected a header line with a column record, found {found}")
    if ("label" in columns) == ("labels" in columns):
        raise DatasetError(f"{path}: expected either a column label or a column labels, found {found}")
    if len(set(columns)) != len(columns):
        raise DatasetError(f"{path}: expected each column once, found {found}")


def _row(path: Path, line: int, cells: Mapping[str | None, str | list[str] | None]) -> LabelRow:
    if None in cells or None in cells.values():
        raise DatasetError(f"{path}, row {line}: expected as many cells as columns, found more or fewer")
    texts = {str(name): str(value).strip() for name, value in cells.items()}
    if not texts["record"]:
        raise _error(path, line, "record", "a file name or path", "nothing")
    labels = _labels(path, line, texts)
    return LabelRow(
        path, line, texts["record"], labels, texts.get("patient") or None, _fold(path, line, texts)
    )


def _labels(path: Path, line: int, texts: Mapping[str, str]) -> tuple[str, ...]:
    if "label" in texts:
        label = texts["label"]
        if not label or _BETWEEN_LABELS in label:
            several = "several (name the column labels for that)" if label else "nothing"
            raise _error(path, line, "label", "one class name", several)
        return (label,)
    labels = tuple(label.strip() for label in texts["labels"].split(_BETWEEN_LABELS) if label.strip())
    if len(set(labels)) != len(labels):
        raise _error(path, line, "labels", "distinct class names", texts["labels"])
    return labels


def _fold(path: Path, line: int, texts: Mapping[str, str]) -> int | None:
    text = texts.get("fold", "")
    if not text:
        return None
    if not (text.isascii() and text.isdecimal()):
        raise _error(path, line, "fold", "a whole number from 0", repr(text))
    return int(text)


def _error(path: Path, line: int, column: str, expected: str, found: str) -> DatasetError:
    return DatasetError(f"{path}, row {line}, column {column}: expected {expected}, found {found}")
