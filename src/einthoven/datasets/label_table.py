"""The table of labels that comes with a folder of one's own recordings.

A text file with commas, semicolons or tabs and a header line; or without one, of two columns, as PhysioNet's
REFERENCE.csv is: `A00001,N`.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from einthoven.atomic import write_atomically
from einthoven.errors import DatasetError

_BETWEEN_LABELS = ";"
_PLAIN = ("record", "label")
_COLUMNS = frozenset({"record", "label", "labels", "patient", "fold"})
_SEPARATORS = (",", ";", "\t")
_EMPTY = "".join(_SEPARATORS) + " \r\n"
_EXPECTED = "a header line with the columns record and label (or labels), or rows of just these two"


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


@dataclass(frozen=True, slots=True)
class _Layout:
    """How a table is written: what separates its columns, their names, and whether it begins with them."""

    separator: str
    columns: tuple[str, ...]
    has_header: bool


def read_label_table(path: Path) -> list[LabelRow]:
    """Read a table of labels; `folder.open_folder` describes its columns.

    Raises DatasetError naming row and column if a cell is malformed; or if the file cannot be read, lacks a
    column or has no rows.
    """
    return _read(path)[1]


def _read(path: Path) -> tuple[_Layout, list[LabelRow]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            lines = file.readlines()
        layout = _layout(path, lines)
        listed = list(_cells(lines, layout.separator))[layout.has_header :]
        rows = [_row(path, line, layout.columns, cells) for line, cells in listed]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise DatasetError(f"{path}: expected a table of labels (CSV, UTF-8), found: {error}") from error
    if not rows:
        raise DatasetError(f"{path}: expected rows below the header, found none")
    if any(row.fold is not None for row in rows):
        for row in rows:
            if row.fold is None:
                raise row.error("fold", "a number in every row or in none", "none here")
    return layout, rows


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
    layout, rows = _read(path)
    if layout != _Layout(",", _PLAIN, has_header=True):
        found = f"{', '.join(layout.columns)}, separated by {layout.separator!r}"
        found = found if layout.has_header else "no header"
        raise DatasetError(f"{path}: expected the columns {', '.join(_PLAIN)}, in a header line with commas, "
                           f"to add to them, found {found}")  # fmt: skip
    return rows


def _layout(path: Path, lines: Sequence[str]) -> _Layout:
    first, line = next(((text, i) for i, text in enumerate(lines, 1) if text.strip(_EMPTY)), ("", 1))
    headers = {}
    for separator in _SEPARATORS:
        # Under another separator than the table's, quotes may stand where they must not.
        _, cells = next(_cells([first], separator, strict=False), (0, []))
        headers[separator] = tuple(cell.lower() for cell in cells)
    separator, columns = max(headers.items(), key=lambda item: len(_COLUMNS.intersection(item[1])))
    if _COLUMNS.isdisjoint(columns):
        return _Layout(_separator(path, line, first), _PLAIN, has_header=False)
    found = f"{', '.join(columns)} in row {line}"
    if "record" not in columns:
        raise DatasetError(f"{path}: expected a header line with a column record, found {found}")
    if ("label" in columns) == ("labels" in columns):
        raise DatasetError(f"{path}: expected either a column label or a column labels, found {found}")
    if len(set(columns)) != len(columns):
        raise DatasetError(f"{path}: expected each column once, found {found}")
    return _Layout(separator, columns, has_header=True)


def _separator(path: Path, line: int, first: str) -> str:
    """Return what separates the two columns of a table without header, told from its first line."""
    found = [separator for separator in _SEPARATORS if separator in first]
    # A comma or semicolon may be part of a file's name; a tab is none of either.
    separator = "\t" if "\t" in found else found[0] if len(found) == 1 else ""
    if not separator or len(next(_cells([first], separator))[1]) != len(_PLAIN):
        shown = repr(first.strip()[:60]) if first.strip() else "an empty file"
        raise DatasetError(f"{path}, row {line}: expected {_EXPECTED}, found {shown}")
    return separator


def _cells(lines: Iterable[str], separator: str, *, strict: bool = True) -> Iterator[tuple[int, list[str]]]:
    """Yield the number of each line that is not empty, and its cells."""
    reader = csv.reader(lines, delimiter=separator, strict=strict, skipinitialspace=True)
    for cells in reader:
        if any(cell.strip() for cell in cells):
            yield reader.line_num, [cell.strip() for cell in cells]


def _row(path: Path, line: int, columns: tuple[str, ...], cells: Sequence[str]) -> LabelRow:
    if len(cells) != len(columns):
        raise DatasetError(f"{path}, row {line}: expected as many cells as columns ({', '.join(columns)}), "
                           f"found {len(cells)}")  # fmt: skip
    texts = dict(zip(columns, cells, strict=True))
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
