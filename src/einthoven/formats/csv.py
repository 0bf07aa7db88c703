"""Text tables: a row a sample, a column a lead, with or without a row of names and a column of times.

The delimiter is found out: tab, semicolon, comma or blanks; with tab or semicolon a decimal comma is taken
too. Lines that begin with `#` are comments. A name such as `II (uV)` states its lead's unit.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from einthoven.errors import FormatError
from einthoven.formats.arrays import Given, oriented, record_from, stating
from einthoven.formats.units import millivolts
from einthoven.record import Record

_DELIMITERS = ("\t", ";", ",", None)
_WITH_DECIMAL_COMMA = ("\t", ";")
_LOOKED_AT = 100
_MISSING = frozenset({"", "na", "n/a", "nan", "null", "none", "-"})
_NAME = re.compile(r"(.*?)\s*[(\[]([^()\[\]]*)[)\]]")
_INDEX_NAMES = frozenset({"", "index", "sample", "samples", "n", "#", "unnamed: 0"})
_TIME_NAMES = frozenset({"time", "t", "second", "seconds", "timestamp", "elapsed time", "time_s", "time_ms"})
_SECONDS = {"": 1.0, "s": 1.0, "sec": 1.0, "second": 1.0, "seconds": 1.0, "ms": 1e-3, "us": 1e-6}
_FS_TOLERANCE = 1e-4
"""How near a rate computed from rounded times is to a whole number of Hz for that to be meant."""


@dataclass(frozen=True, slots=True)
class Layout:
    """How a table is written: its delimiter (None: blanks), its row of names if any, its decimal sign."""

    delimiter: str | None
    names: tuple[str, ...] | None
    decimal_comma: bool


def decode_text(data: bytes) -> str | None:
    """Return the text that the bytes are, in UTF-8 or Latin-1, or None if they are binary."""
    if any(byte < 32 and byte not in b"\t\n\r\f" for byte in set(data)):
        return None
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def find_layout(text: str) -> Layout | None:
    """Find out how the first lines of a table are written; None if they are not rows of numbers."""
    lines = [line for _, line in _rows(text.splitlines()[:_LOOKED_AT])]
    for delimiter in _DELIMITERS:
        cells = [_cells(line, delimiter) for line in lines]
        for n_names in (0, 1):
            for decimal_comma in (False, True) if delimiter in _WITH_DECIMAL_COMMA else (False,):
                if _are_numbers(cells[n_names:], len(cells[0]) if cells else 0, decimal_comma):
                    return Layout(delimiter, tuple(cells[0]) if n_names else None, decimal_comma)
    return None


def read_csv(data: bytes, given: Given) -> Record:
    """Read a table as a recording.

    Columns whose name says time give the sampling rate; without names, all columns are leads, and the longer
    side of the table is time.

    Raises FormatError naming the line if a row has another number of cells or one that is no number, or if
    times are not evenly spaced; RecordError if fs or units are neither in the table nor given, or are others
    than those given.
    """
    text = decode_text(data)
    layout = find_layout(text) if text is not None else None
    if text is None or layout is None:
        raise FormatError(f"{given.where}: expected text with rows of numbers, found something else")
    lines = text.splitlines()
    comments = [bare for line in lines if line.startswith("#") and (bare := line.strip("# \t"))]
    table = _numbers(lines, layout, given.where)
    if layout.names is None:
        return record_from(oriented(table, given.where), given, comments=comments)
    signal, names, given = _named_columns(table.T, layout.names, given)
    return record_from(signal, given, leads=names, comments=comments)


def _named_columns(
    columns: NDArray[np.float64], headings: Sequence[str], given: Given
) -> tuple[NDArray[np.float64], list[str], Given]:
    leads, names, factors = [], [], []
    for heading, column in zip(headings, columns, strict=True):
        name, unit = _name_and_unit(heading)
        if name.lower() in _TIME_NAMES and unit.lower() in _SECONDS:
            seconds = _SECONDS["ms" if name.lower() == "time_ms" else unit.lower()]
            given = stating(given, fs=_rate(column * seconds, given.where))
        elif not (name.lower() in _INDEX_NAMES and _is_index(column)):
            if unit:
                given.agree_units(unit, f"column {name}")
            unit = unit or given.units or ""
            factors.append(millivolts(unit, given.where) if unit else None)
            leads.append(column)
            names.append(name)
    if not leads:
        raise FormatError(f"{given.where}: expected a column of samples, found {', '.join(headings)}")
    scale = [factor for factor in factors if factor is not None]
    if len(scale) < len(factors):
        return np.array(leads), names, replace(given, units=None)
    return np.array(leads) * np.array(scale)[:, np.newaxis], names, replace(given, units="mV")


def _is_index(column: NDArray[np.float64]) -> bool:
    return bool(np.isnan(column).all() or (np.diff(column) == 1).all())


def _rate(times: NDArray[np.float64], where: str) -> float | None:
    if len(times) < 2:
        return None
    step = float(times[-1] - times[0]) / (len(times) - 1) if np.isfinite(times).all() else np.nan
    even = times[0] + step * np.arange(len(times))
    if not (step > 0 and (np.abs(times - even) < step).all()):
        raise FormatError(
            f"{where}: expected evenly spaced times, found gaps, repeats or steps back "
            f"between {times[0]:g} and {times[-1]:g} s"
        )
    fs = 1 / step
    whole = float(np.rint(fs))
    return whole if abs(fs - whole) < _FS_TOLERANCE * fs else fs


def _name_and_unit(heading: str) -> tuple[str, str]:
    parts = _NAME.fullmatch(heading)
    return (parts[1], parts[2].strip()) if parts else (heading, "")


def _rows(lines: Iterable[str]) -> list[tuple[int, str]]:
    return [(i, line) for i, line in enumerate(lines, 1) if line.strip() and not line.startswith("#")]


def _cells(line: str, delimiter: str | None) -> list[str]:
    return [cell.strip().strip("\"'").strip() for cell in line.strip(" \r\n").split(delimiter)]


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


def _numbers(lines: list[str], layout: Layout, where: str) -> NDArray[np.float64]:
    rows = _rows(lines)[1 if layout.names else 0 :]
    width = len(layout.names) if layout.names else len(_cells(rows[0][1], layout.delimiter))
    if not layout.decimal_comma:
        try:
            table = np.loadtxt(
                [line for _, line in rows], delimiter=layout.delimiter, comments=None, quotechar='"', ndmin=2
            )
        except ValueError:
            pass
        else:
            if table.shape[1] == width:
                return table
    return np.array([_row(line, i, width, layout, where) for i, line in rows])


def _row(line: str, i: int, width: int, layout: Layout, where: str) -> list[float]:
    cells = _cells(line, layout.delimiter)
    if len(cells) != width:
        raise FormatError(f"{where}: expected {width} cells in line {i}, found {len(cells)}")
    try:
        return [_number(cell, layout.decimal_comma) for cell in cells]
    except ValueError as error:
        raise FormatError(f"{where}: expected numbers in line {i}, found {error}") from error
