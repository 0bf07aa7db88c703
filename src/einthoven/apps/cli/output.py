"""What commands print: a table for people, JSON lines and CSV for programs; the same everywhere."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import IO, TYPE_CHECKING, Annotated, Any

import typer

from einthoven.apps.cli.text import one_line
from einthoven.atomic import written_atomically

if TYPE_CHECKING:
    from rich.text import Text

Item = Mapping[str, Any]
_WHOLE = 12
"""Columns of cells up to so many letters keep them on one line when a terminal is narrow."""


class Format(StrEnum):
    """How results are printed."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"


FormatOption = Annotated[
    Format | None, typer.Option("--format", help="How results are printed; JSON is one object a line.")
]
ResultsOption = Annotated[
    Path | None,
    typer.Option("--output", "-o", help="File to write the results to; .json or .csv picks the format."),
]


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of a table; `style` is Rich's (`red`, `bold`)."""

    text: str
    style: str = ""


@dataclass(frozen=True, slots=True)
class Layout:
    """How items become tables and CSV; JSON is the items themselves.

    columns : heading of the table -> what an item shows there
    fields : column of the CSV -> its value, None for an empty one
    title : above the table
    """

    columns: Mapping[str, Callable[[Item], str | Cell]]
    fields: Mapping[str, Callable[[Item], Any]]
    title: str = ""


def plain_layout(fields: Sequence[str], title: str = "") -> Layout:
    """Return the layout of items whose values are shown as they are, in this order."""

    def value_of(name: str) -> Callable[[Item], Any]:
        return lambda item: item.get(name)

    def text_of(name: str) -> Callable[[Item], str]:
        return lambda item: cell_text(item.get(name))

    return Layout(
        columns={name.replace("_", " "): text_of(name) for name in fields},
        fields={name: value_of(name) for name in fields},
        title=title,
    )


def cell_text(value: Any) -> str:
    """Return a value as a table shows it: lists with commas, nothing for None, floats with three digits."""
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:.3f}" if abs(value) < 1000 else f"{value:.0f}"
    if isinstance(value, list | tuple):
        return ", ".join(cell_text(item) for item in value)
    if isinstance(value, dict):
        return ", ".join(f"{key}={cell_text(item)}" for key, item in value.items())
    return str(value)


def emit(
    items: Iterable[Item],
    layout: Layout,
    wanted: Format | None,
    output: Path | None = None,
    notes: Sequence[str] = (),
) -> None:
    """Print items, or write them to a file that appears only when it is complete.

    Parameters
    ----------
    items : iterable of mappings
        Printed as they come, except in a table.
    layout : Layout
        Columns.
    wanted : Format, optional
        If not given: by the ending of `output`, else a table.
    output : Path, optional
        The file; standard output if not given.
    notes : sequence of str
        Lines below a table.
    """
    kind = wanted or _format_of(output)
    with _opened(output) as stream:
        if kind is Format.JSON:
            for item in items:
                stream.write(json.dumps(item, allow_nan=False) + "\n")
        elif kind is Format.CSV:
            _write_csv(items, layout, stream)
        else:
            _print_table(items, layout, stream, notes)


def _format_of(output: Path | None) -> Format:
    endings = {".json": Format.JSON, ".jsonl": Format.JSON, ".ndjson": Format.JSON, ".csv": Format.CSV}
    return endings.get(output.suffix.lower(), Format.TABLE) if output else Format.TABLE


def _write_csv(items: Iterable[Item], layout: Layout, stream: IO[str]) -> None:
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(layout.fields)
    for item in items:
        writer.writerow([_csv_value(value(item)) for value in layout.fields.values()])


def _csv_value(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return "; ".join(str(item) for item in value)
    return json.dumps(value) if isinstance(value, dict) else value


def _print_table(items: Iterable[Item], layout: Layout, stream: IO[str], notes: Sequence[str]) -> None:
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    # In a file or a pipe nothing is gained by folding lines at 80 columns.
    width = None if stream.isatty() else 10_000
    console = Console(file=stream, width=width, markup=False, highlight=False, emoji=False)
    title = Text(layout.title) if layout.title else None
    table = Table(title=title, box=box.SIMPLE_HEAD, title_justify="left")
    rows = [[_text(show(item)) for show in layout.columns.values()] for item in items]
    for position, heading in enumerate(layout.columns):
        longest = max((row[position].cell_len for row in rows), default=0)
        table.add_column(Text(heading), overflow="fold", no_wrap=longest <= _WHOLE)
    for row in rows:
        table.add_row(*row)
    console.print(table)
    for note in notes:
        console.print(Text(one_line(note)))


def _text(cell: str | Cell) -> Text:
    from rich.text import Text

    cell = cell if isinstance(cell, Cell) else Cell(cell)
    return Text(one_line(cell.text), style=cell.style)


@contextmanager
def _opened(output: Path | None) -> Iterator[IO[str]]:
    if output is None:
        yield sys.stdout
        sys.stdout.flush()
        return
    with written_atomically(output) as partial, partial.open("w", encoding="utf-8", newline="",
                                                            errors="backslashreplace") as stream:  # fmt: skip
        yield stream
