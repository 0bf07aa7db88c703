"""Text tables: a row a sample, a column a lead, with or without a row of names and columns of times.

The delimiter is found out: tab, semicolon, comma or blanks; with tab or semicolon a decimal comma is taken
too. Lines that begin with `#` are comments. A name such as `II (uV)` or `II_uV` states its lead's unit.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from einthoven.errors import FormatError
from einthoven.formats.arrays import oriented, record_from
from einthoven.formats.channels import all_named, without_others
from einthoven.formats.given import Given, stating
from einthoven.formats.table.notes import read_table_notes
from einthoven.formats.times import UNITS_S, even_step, rate_of, read_steps, rises, without_times
from einthoven.formats.units import is_voltage, millivolts, plain_unit
from einthoven.record import TWELVE_LEADS, Record, lead_name

_DELIMITERS = ("\t", ";", ",", None)
_WITH_DECIMAL_COMMA = ("\t", ";")
_LOOKED_AT = 100
_BLOCK = 2**20
"""So many characters are taken apart at a time: as cells they take fifty times the room."""
_LONGEST_LINE = 2**24
_MOST_COMMENTS = 2**21
_TEXT_BYTES = bytes(range(32, 256)) + b"\t\n\r\f"
_MISSING = frozenset({"", "na", "n/a", "nan", "null", "none", "-"})
_HEADING = re.compile(r"(.*?)\s*[(\[]([^()\[\]]*)[)\]]")
_UNNAMED = frozenset({"", "unnamed: 0"})
_INDEX_NAMES = frozenset({"index", "sample", "samples", "sample #", "n", "#"})
_TIME_NAMES = frozenset({"time", "t", "timestamp", "elapsed time"})
_TIME_WITH_UNIT = re.compile(r"(?:time|t)_(s|ms|us|ns)|((?:milli)?seconds?|m?sec|ms)")
_LEAD_WITH_UNIT = re.compile(r"(.+)_([mun\u00b5\u03bc]v)", re.IGNORECASE)
_SECONDS = UNITS_S | {"sec": 1.0, "second": 1.0, "seconds": 1.0}
_SECONDS |= {"msec": 1e-3, "millisecond": 1e-3, "milliseconds": 1e-3}
_SECONDS_OF_TIME = _SECONDS | {"min": 60.0, "minutes": 60.0, "h": 3600.0, "hours": 3600.0}
_NO_LEADS = 2
_LEADING_ZERO = re.compile(r",[\s\"']*0\d")
_PAIR = re.compile(r"[\s\"']*-*\d+[\s\"']*,[\s\"']*(\d+)[\s\"']*")
_LABEL_COLUMNS = ({"record", "label"}, {"record", "labels"})


@dataclass(frozen=True, slots=True)
class Layout:
    """How a table is written: its delimiter (None: blanks), its row of names if any, its decimal sign."""

    delimiter: str | None
    names: tuple[str, ...] | None
    decimal_comma: bool


def decode_text(data: bytes) -> str | None:
    """Return the text that the bytes are, in UTF-8 or Latin-1, or None if they are binary."""
    if data.translate(None, _TEXT_BYTES):
        return None
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def find_layout(text: str) -> Layout | None:
    """Find out how the first lines of a table are written.

    None if they are not rows of numbers, or are a table of labels, which may be numbers.
    """
    lines = [line for _, line in _first_rows(text)]
    if lines and any(names_labels(_cells(lines[0], delimiter)) for delimiter in _DELIMITERS):
        return None
    for delimiter in _DELIMITERS:
        cells = [_cells(line, delimiter) for line in lines]
        for n_names in (0, 1):
            for decimal_comma in (False, True) if delimiter in _WITH_DECIMAL_COMMA else (False,):
                if _are_numbers(cells[n_names:], len(cells[0]) if cells else 0, decimal_comma):
                    return Layout(delimiter, tuple(cells[0]) if n_names else None, decimal_comma)
    return None


def read_csv(data: bytes, given: Given) -> Record:
    """Read a table as a recording.

    Columns whose name says time give the sampling rate. Left out are those that number the samples, those of
    which nothing is known but that they rise evenly, see `times.without_times`, and those whose name is not
    that of an ECG, see `channels.without_others`. Without names the longer side of the table is time.

    Raises FormatError naming the line if a row has another number of cells or one that is no number, if
    times are not evenly spaced, or if numbers with a decimal comma are mixed up with separated ones;
    RecordError if fs or units are neither in the table nor given, or are others than those given.
    """
    text = decode_text(data)
    layout = find_layout(text) if text is not None else None
    if text is None or layout is None:
        raise FormatError(f"{given.where}: expected text with rows of numbers, found something else")
    comments, n_rows = _survey(text, given.where)
    width = _width(text, layout)
    _check_size(n_rows, width, layout, given)
    if layout.names is None:
        _refuse_decimal_commas(text, layout, width, given.where)
    table = _numbers(text, layout, (n_rows, width), given.where)
    del text
    if layout.names is None:
        return record_from(oriented(table, given.where), given, comments=comments)
    stated = read_table_notes(comments, len(table))
    headed = [_Column(*_heading(text), row) for text, row in zip(layout.names, table.T, strict=True)]
    columns, given, notes = _leads(headed, given)
    kept, others = without_others([column.name for column in columns], given.leads)
    columns = [columns[i] for i in kept]
    names, unnamed = all_named([column.name for column in columns], given)
    notes = [*notes, *others, *unnamed]
    signal, given = _in_one_unit(columns, given)
    if stated.fs is not None:
        given = replace(stating(given, fs=stated.fs), fs=stated.fs)
    record = record_from(signal, given, leads=names, comments=stated.facts.comments, warnings=notes)
    return replace(
        record,
        patient=stated.facts.patient,
        recording=stated.facts.recording,
        statements=stated.facts.statements,
        annotations=stated.annotations,
    )


class _Column(NamedTuple):
    """A column and what its heading says: `II (uV)` is the lead II in uV."""

    name: str
    unit: str
    values: NDArray[np.float64]

    @property
    def seconds(self) -> float | None:
        """How many seconds one of its unit is; None if it has none, or another."""
        # min is also short for minimum.
        units = _SECONDS_OF_TIME if self.name.lower() in _TIME_NAMES else _SECONDS
        return units.get(plain_unit(self.unit))

    @property
    def is_time(self) -> bool:
        return self.seconds is not None or (not self.unit and self.name.lower() in _TIME_NAMES)

    @property
    def is_index(self) -> bool:
        """Whether it says so and rises evenly, or says nothing and counts, or is empty."""
        if self.unit or self.name.lower() not in _UNNAMED | _INDEX_NAMES:
            return False
        if np.isnan(self.values).all() or (np.diff(self.values) == 1).all():
            return True
        return self.name.lower() in _INDEX_NAMES and rises(self.values) and even_step(self.values) is not None

    @property
    def is_lead(self) -> bool:
        return is_voltage(self.unit) or lead_name(self.name) in TWELVE_LEADS

    def __str__(self) -> str:
        return f"column {self.name}" if self.name else "a column without a name"


def _leads(columns: Sequence[_Column], given: Given) -> tuple[list[_Column], Given, list[str]]:
    left: list[_Column] = []
    notes: list[str] = []
    for column in columns:
        if column.is_time:
            fs, assumed = _rate(column, given.where)
            given = stating(given, fs=fs)
            notes += assumed
        elif not column.is_index:
            left.append(column)
        elif column.name.lower() in _UNNAMED and not np.isnan(column.values).all():
            notes.append(f"{column} counts the samples: not taken as a lead")
    if not left:
        names = ", ".join(column.name for column in columns)
        raise FormatError(f"{given.where}: expected a column of samples, found {names}")
    known = {i for i, column in enumerate(left) if column.is_lead}
    values, names_of = [column.values for column in left], [str(column) for column in left]
    kept, given, more = without_times(values, names_of, given, known)
    return [left[i] for i in kept], given, [*notes, *more]


def _rate(times: _Column, where: str) -> tuple[float | None, list[str]]:
    """Return the sampling rate that times state, if they do, and what was assumed for that."""
    if len(times.values) < 2:
        return None, []
    step = even_step(times.values)
    if step is None:
        unit = f" {times.unit}" if times.unit else ""
        raise FormatError(
            f"{where}: expected evenly spaced times, found gaps, repeats or steps back "
            f"between {times.values[0]:g} and {times.values[-1]:g}{unit}"
        )
    if times.seconds is not None:
        return rate_of(step * times.seconds), []
    steps = read_steps(times.values)
    assert steps is not None
    return steps.fs, [] if steps.unit == "s" else [f"{times} {steps.meaning}"]


def _in_one_unit(columns: Sequence[_Column], given: Given) -> tuple[NDArray[np.float64], Given]:
    signal = np.array([column.values for column in columns])
    for column in columns:
        if column.unit:
            given.agree_units(column.unit, str(column))
    units = [column.unit or given.units for column in columns]
    factors = [millivolts(unit, given.where) for unit in units if unit]
    if len(factors) < len(columns):
        return signal, replace(given, units=None)
    signal *= np.array(factors)[:, np.newaxis]
    return signal, replace(given, units="mV")


def _heading(text: str) -> tuple[str, str]:
    """Return the name and the unit, if any, in the heading of a column."""
    if with_unit := _TIME_WITH_UNIT.fullmatch(text.lower()):
        return text, with_unit[1] or with_unit[2]
    parts = _HEADING.fullmatch(text) or _LEAD_WITH_UNIT.fullmatch(text)
    return (parts[1], parts[2].strip()) if parts else (text, "")


def find_delimiter_cells(text: str) -> list[tuple[int, list[str]]]:
    """Return the first rows as line numbers and cells, at the first delimiter in the first row."""
    rows = _first_rows(text)
    used = next((d for d in ("\t", ";", ",") if rows and d in rows[0][1]), None)
    return [(i, _cells(line, used)) for i, line in rows]


def is_number(cell: str, *, missing: bool = True) -> bool:
    """Tell whether a cell is a number, with a decimal point or comma, or (if `missing`) a missing one."""
    try:
        value = _number(cell, True)
    except ValueError:
        return False
    return missing or not np.isnan(value)


def names_labels(cells: Sequence[str]) -> bool:
    """Tell whether these are the headings of a table of labels."""
    names = {cell.lower() for cell in cells}
    return any(columns <= names for columns in _LABEL_COLUMNS)


def _refuse_decimal_commas(text: str, layout: Layout, width: int, where: str) -> None:
    """Raise FormatError if what seem to be two columns are the two sides of decimal commas."""
    if layout.delimiter != "," or width != 2 or _LEADING_ZERO.search(text) is None:
        return
    suspect = None
    for i, line in _iterate_rows(_lines(text)):
        cells = _PAIR.fullmatch(line)
        if cells is None:
            return
        if suspect is None and len(cells[1]) > 1 and cells[1].startswith("0"):
            suspect = f"{line.strip()} in line {i}"
    if suspect is not None:
        raise FormatError(
            f"{where}: expected decimal points, or columns separated by tabs or semicolons, found {suspect}, "
            "which may be one number or two"
        )


def _first_rows(text: str) -> list[tuple[int, str]]:
    rows, n_characters = [], 0
    for i, line in islice(_iterate_rows(_lines(text)), _LOOKED_AT):
        rows.append((i, line))
        n_characters += len(line)
        # Two rows show whether there are names.
        if n_characters > _BLOCK and len(rows) > 1:
            break
    return rows


def _blocks(text: str) -> Iterator[tuple[int, list[str]]]:
    """Take a text apart, some lines at a time; each time with the number of the first line."""
    end_of_line = "\n" if "\n" in text else "\r"
    start, number = 0, 1
    while start < len(text):
        stop = text.find(end_of_line, start + _BLOCK) + 1 or len(text)
        lines = text[start:stop].splitlines()
        yield number, lines
        start, number = stop, number + len(lines)


def _lines(text: str) -> Iterator[str]:
    return (line for _, lines in _blocks(text) for line in lines)


def _is_row(line: str) -> bool:
    return bool(line) and line[0] != "#" and not line.isspace()


def _iterate_rows(lines: Iterable[str], start: int = 1) -> Iterator[tuple[int, str]]:
    return ((i, line) for i, line in enumerate(lines, start) if _is_row(line))


def _survey(text: str, where: str) -> tuple[list[str], int]:
    """Return the comments, and how many rows there are, the one of names among them.

    Raises FormatError if there are more comments, or longer lines, than a recording has.
    """
    comments: list[str] = []
    n_rows = 0
    for first, lines in _blocks(text):
        n_rows += len([line for line in lines if line and line[0] != "#" and not line.isspace()])
        comments += [bare for line in lines if line.startswith("#") and (bare := line.strip("# \t"))]
        if len(comments) > _MOST_COMMENTS:
            raise FormatError(f"{where}: expected at most {_MOST_COMMENTS} comments, found more")
        if (longest := max(map(len, lines))) > _LONGEST_LINE:
            i = first + next(i for i, line in enumerate(lines) if len(line) == longest)
            raise FormatError(
                f"{where}: expected at most {_LONGEST_LINE} characters in line {i}, found {longest}: "
                "a row is a sample, a column a lead"
            )
    return comments, n_rows


def _width(text: str, layout: Layout) -> int:
    if layout.names is not None:
        return len(layout.names)
    return len(_cells(next(_iterate_rows(_lines(text)))[1], layout.delimiter))


def _check_size(n_rows: int, width: int, layout: Layout, given: Given) -> None:
    """Raise FormatError if a table, of which a column may be times and one a count, is beyond the limits."""
    has_names = layout.names is not None
    n_leads = width if has_names else min(n_rows, width)
    if n_leads > given.limits.leads + _NO_LEADS:
        given.limits.check("leads", n_leads, given.where)
    given.limits.check("samples", (n_rows - has_names) * width, given.where)


def _cells(line: str, delimiter: str | None) -> list[str]:
    return [_bare(cell) for cell in line.strip(" \r\n").split(delimiter)]


def _bare(cell: str) -> str:
    return cell.strip().strip("\"'").strip()


def _number(cell: str, decimal_comma: bool) -> float:
    if cell.lower() in _MISSING:
        return np.nan
    return float(cell.replace(",", ".") if decimal_comma else cell)


def _are_numbers(rows: Sequence[Sequence[str]], width: int, decimal_comma: bool) -> bool:
    if not rows or len(rows[0]) != width or (decimal_comma and width < 2):
        return False
    first, *later = (_parsed(row, decimal_comma) for row in rows)
    return first is not None and any(row is not None and not np.isnan(row).all() for row in (first, *later))


def _parsed(cells: Sequence[str], decimal_comma: bool) -> list[float] | None:
    try:
        return [_number(cell, decimal_comma) for cell in cells]
    except ValueError:
        return None


def _numbers(text: str, layout: Layout, shape: tuple[int, int], where: str) -> NDArray[np.float64]:
    """Read all rows but that of names, (n_samples, n_columns).

    shape : rows, with that of names, and columns
    """
    n_rows, width = shape
    skipped = 0 if layout.names is None else 1
    table = np.empty((n_rows - skipped, width))
    done = 0
    for first, lines in _blocks(text):
        rows = [line for line in lines if line and line[0] != "#" and not line.isspace()]
        here, skipped = (skipped, 0) if rows else (0, skipped)
        rows = rows[here:]
        if not rows:
            continue
        part = _plain_numbers(rows, width, layout)
        if part is None:
            numbered = islice(_iterate_rows(lines, first), here, None)
            part = np.array([_row(line, i, width, layout, where) for i, line in numbered])
        table[done : done + len(part)] = part
        done += len(part)
    return table


def _plain_numbers(rows: list[str], width: int, layout: Layout) -> NDArray[np.float64] | None:
    """Read rows at once, (len(rows), width); None if one has another width or a cell is no number."""
    delimiter = layout.delimiter
    if delimiter is None:
        lists = [row.split() for row in rows]
        if any(len(cells) != width for cells in lists):
            return None
        cells = [cell for cells in lists for cell in cells]
    else:
        if any(row.count(delimiter) != width - 1 for row in rows):
            return None
        cells = delimiter.join(rows).split(delimiter)
    try:
        try:
            values = np.fromiter(map(float, cells), np.float64, len(cells))
        except ValueError:
            # Most cells are there many times.
            known = {cell: _number(_bare(cell), layout.decimal_comma) for cell in set(cells)}
            values = np.fromiter(map(known.__getitem__, cells), np.float64, len(cells))
    except ValueError:
        return None
    return values.reshape(len(rows), width)


def _row(line: str, i: int, width: int, layout: Layout, where: str) -> list[float]:
    cells = _cells(line, layout.delimiter)
    if len(cells) != width:
        raise FormatError(f"{where}: expected {width} cells in line {i}, found {len(cells)}")
    try:
        return [_number(cell, layout.decimal_comma) for cell in cells]
    except ValueError as error:
        raise FormatError(f"{where}: line {i}: expected numbers, found {_wrong(cells, layout)!r}") from error


def _wrong(cells: Sequence[str], layout: Layout) -> str:
    return next(cell for cell in cells if _parsed([cell], layout.decimal_comma) is None)
