"""Tables for people: columns where they fit the width, else an entry a row; nothing is ever cut off."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import IO

from einthoven.apps.text import fold, one_line, width_of

PLAIN_WIDTH = 120
"""Columns where nobody says how wide a line may be: in a file or a pipe without COLUMNS."""
GAP = 2
FLOOR = 16
"""No column that is wider than this is folded to less."""
MAX_FOLDS = 2
"""Rows of more lines than this, on average, make a table that is hard to read."""
_INDENT = 4
_REMARKS = "remarks"
_NUMBER = re.compile(r"-?\d+(\.\d+)?")


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of a table.

    text : one line
    style : Rich's (`red`, `bold`)
    below : a second line
    parts : of a list; an entry that cannot hold them in one line gives each its own
    """

    text: str
    style: str = ""
    below: str = ""
    parts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a table.

    cells : one a column
    remark : what is to be said of the row; a last column if all remarks fit there, else a line below
    above : a line above the row, unless it stands above the row before already
    """

    cells: tuple[Cell, ...]
    remark: Cell = Cell("")
    above: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """What is shown: `headings` of the columns, `title` above and lines below it, `notes` below."""

    headings: tuple[str, ...]
    rows: tuple[Row, ...]
    title: str = ""
    notes: tuple[str, ...] = ()
    below_title: tuple[Cell, ...] = ()


Line = list[Cell]
"""Pieces that stand beside each other."""


def print_table(tables: Sequence[Table], stream: IO[str]) -> None:
    """Print the first of several forms of a table that fits; styled on a terminal, plain text elsewhere."""
    rule = "─" if "utf" in str(getattr(stream, "encoding", "")).lower() else "-"
    if not stream.isatty():
        columns = os.environ.get("COLUMNS", "")
        width = int(columns) if columns.isdecimal() and int(columns) else PLAIN_WIDTH
        for line in table_lines(tables, width, rule):
            stream.write("".join(cell.text for cell in line) + "\n")
        return
    from rich.console import Console
    from rich.text import Text

    console = Console(file=stream, markup=False, highlight=False, emoji=False)
    for line in table_lines(tables, console.width, rule):
        console.print(Text.assemble(*((cell.text, cell.style) for cell in line)), soft_wrap=True)


def table_lines(tables: Sequence[Table], width: int, rule: str = "─") -> list[Line]:
    """Return the lines of the first of several forms of a table that fits, else an entry for each row.

    Parameters
    ----------
    tables : forms of one table, the widest first, each with its own notes; entries are made of the first
    width : columns of the terminal
    rule : what the line below the headings is made of

    Returns
    -------
    Lines of at most `width` columns, except where that is less than an entry needs.
    """
    forms = [_cleaned(table) for table in tables]
    # Another form is better than cells of several lines.
    narrowest = forms[-1]
    tried = ((form, _columns(form, width, rule, may_fold=form is narrowest)) for form in forms)
    shown, lines = next(((form, lines) for form, lines in tried if lines), (forms[0], None))
    body = lines or _entries(shown, width)
    title = [[Cell(text, "italic")] for text in fold(forms[0].title, width)] if forms[0].title else []
    title += [line for cell in forms[0].below_title for line in _hanging(cell, width, first=0, rest=2)]
    notes = [line for note in shown.notes for line in _hanging(Cell(note), width, first=0, rest=2)]
    lines = [*title, *([[]] if title else []), *body, *([[]] if notes else []), *notes]
    return [_trimmed(line) for line in lines]


def _trimmed(line: Line) -> Line:
    """Leave out the empty space at the end of a line."""
    n = max((k for k, cell in enumerate(line, 1) if cell.text.strip()), default=0)
    return line[:n]


def _cleaned(table: Table) -> Table:
    """Return the table without anything that a terminal would obey."""

    def clean(cell: Cell) -> Cell:
        return Cell(one_line(cell.text), cell.style, one_line(cell.below), tuple(map(one_line, cell.parts)))

    rows = (Row(tuple(map(clean, row.cells)), clean(row.remark), one_line(row.above)) for row in table.rows)
    headings, notes = (tuple(map(one_line, texts)) for texts in (table.headings, table.notes))
    return Table(
        headings, tuple(rows), one_line(table.title), notes, tuple(clean(line) for line in table.below_title)
    )


def _columns(table: Table, width: int, rule: str, *, may_fold: bool) -> list[Line] | None:
    """Return the lines of a table, None if it would be hard to read at this width."""
    whole = _with_remarks(table)
    is_beside = whole is not table and sum(_natural(whole)) + _gaps(whole) <= width
    table = whole if is_beside else table
    natural, gaps = _natural(table), _gaps(table)
    widths = _fitted(natural, width - gaps)
    if widths is None or (widths != natural and not may_fold):
        return None
    right = [_is_numeric(table, k) for k in range(len(widths))]
    heading = Row(tuple(Cell(text, "bold") for text in table.headings))
    lines = [*_row_lines(heading, widths, right), [Cell(rule * (sum(widths) + gaps))]]
    above, n_drawn = "", 0
    for row in table.rows:
        if row.above != above:
            lines += [[Cell(text)] for text in fold(row.above, width)]
            above = row.above
        drawn = _row_lines(row, widths, right)
        n_drawn += len(drawn)
        lines += drawn
        if row.remark.text and not is_beside:
            lines += _hanging(row.remark, width, first=_INDENT, rest=_INDENT)
    return lines if n_drawn <= MAX_FOLDS * max(len(table.rows), 1) else None


def _with_remarks(table: Table) -> Table:
    """Return the table with the remarks as its last column, as it is if there are none."""
    if not any(row.remark.text for row in table.rows):
        return table
    rows = tuple(Row((*row.cells, row.remark), above=row.above) for row in table.rows)
    return Table((*table.headings, _REMARKS), rows)


def _gaps(table: Table) -> int:
    return GAP * (len(table.headings) - 1)


def _natural(table: Table) -> list[int]:
    """Return how wide each column would like to be."""
    return [
        max([width_of(heading), *(max(width_of(row.cells[k].text), width_of(row.cells[k].below))
                                  for row in table.rows)])
        for k, heading in enumerate(table.headings)
    ]  # fmt: skip


def _fitted(widths: list[int], room: int) -> list[int] | None:
    """Take from the widest columns what is too much, None if they cannot spare it."""
    widths = list(widths)
    while sum(widths) > room:
        widest = max(range(len(widths)), key=widths.__getitem__)
        if widths[widest] <= FLOOR:
            return None
        widths[widest] -= 1
    return widths


def _is_numeric(table: Table, k: int) -> bool:
    """Tell whether a column holds numbers only; the first one holds names."""
    texts = [row.cells[k].text for row in table.rows if row.cells[k].text]
    return k > 0 and bool(texts) and all(_NUMBER.fullmatch(text) for text in texts)


def _row_lines(row: Row, widths: Sequence[int], right: Sequence[bool]) -> list[Line]:
    folded = [
        fold(cell.text, width) + (fold(cell.below, width) if cell.below else [])
        for cell, width in zip(row.cells, widths, strict=True)
    ]
    lines: list[Line] = []
    for k in range(max(map(len, folded))):
        line: Line = []
        for texts, cell, width, is_right in zip(folded, row.cells, widths, right, strict=True):
            text = texts[k] if k < len(texts) else ""
            space = " " * (width - width_of(text))
            before, after = (space, "") if is_right else ("", space)
            line += [Cell(before), Cell(text, cell.style), Cell(after + " " * GAP)]
        lines.append(line)
    return lines


def _entries(table: Table, width: int) -> list[Line]:
    lines: list[Line] = []
    for row in table.rows:
        lines += [*([[]] if lines else []), *_entry(table.headings, row, width)]
    return lines


def _entry(headings: Sequence[str], row: Row, width: int) -> Iterator[Line]:
    """Yield a row as an entry: its first cell, and the others below each other beside their headings."""
    named = list(zip((*headings, _REMARKS), (*row.cells, row.remark), strict=True))
    (_, name), *others = named
    for text in fold(name.text, width):
        yield [Cell(text, name.style or "bold")]
    indent = (
        GAP + GAP + max(width_of(heading) for heading, cell in named if cell.text or cell is not row.remark)
    )
    room = max(width - indent, FLOOR)
    for heading, cell in others:
        before = " " * GAP + heading
        text = f"{cell.text} ({cell.below})" if cell.below else cell.text
        parts = cell.parts if cell.parts and width_of(text) > room else (text,)
        for line in (line for part in parts for line in fold(part, room) if text):
            yield [Cell(before + " " * (indent - width_of(before))), Cell(line, cell.style)]
            before = ""


def _hanging(cell: Cell, width: int, *, first: int, rest: int) -> list[Line]:
    """Fold a sentence under itself: so many spaces before its first line, and before the rest."""
    lines = fold(cell.text, max(width - max(first, rest), FLOOR))
    return [[Cell(" " * (rest if k else first)), Cell(text, cell.style)] for k, text in enumerate(lines)]
