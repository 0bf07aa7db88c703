"""What commands print: a table for people, JSON and CSV for programs; the same everywhere."""

from __future__ import annotations

import csv
import json
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import IO, Annotated, Any, Generic, TypeVar

import typer

from einthoven.apps.cli import STDOUT
from einthoven.apps.cli.table import Cell, Row, Table, print_table
from einthoven.apps.text import counted, one_line
from einthoven.atomic import written_atomically
from einthoven.errors import SettingsError

Item = Mapping[str, Any]
T = TypeVar("T")


class Format(StrEnum):
    """How results are printed."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"


ENDINGS = {
    ".csv": Format.CSV,
    ".json": Format.JSON,
    ".jsonl": Format.JSON,
    ".ndjson": Format.JSON,
    ".md": Format.TABLE,
    ".txt": Format.TABLE,
}
_ARRAY, _FENCED = ".json", ".md"
"""Endings of files that hold one JSON value, and of those in which a table needs a fence around it."""

FormatOption = Annotated[
    Format | None,
    typer.Option(
        "--format", help="How results are printed; JSON is one object a line, in a .json file an array."
    ),
]
ResultsOption = Annotated[
    Path | None,
    typer.Option(
        "--output",
        "-o",
        help="File to write the results to, whole or not at all; .json, .jsonl, .csv, .txt or .md picks the "
        "format.",
    ),
]


@dataclass(frozen=True, slots=True)
class Layout:
    """How items become tables and CSV; JSON is the items themselves.

    tables : all items -> the forms of the table that shows them, the widest first
    fields : column of the CSV -> its value, None for an empty one
    noun : what an item is, as in "3 recordings"
    further : all items -> more tables to show below, each in its forms
    """

    tables: Callable[[Sequence[Item]], Sequence[Table]]
    fields: Mapping[str, Callable[[Item], Any]]
    noun: str = "row"
    further: Callable[[Sequence[Item]], Sequence[Sequence[Table]]] = lambda _: ()


def plain_layout(fields: Sequence[str], noun: str = "row") -> Layout:
    """Return the layout of items whose values are shown as they are, in this order."""

    def tables(items: Sequence[Item]) -> list[Table]:
        headings = tuple(name.replace("_", " ") for name in fields)
        rows = (Row(tuple(_cell(item.get(name)) for name in fields)) for item in items)
        return [Table(headings, tuple(rows))]

    return Layout(tables, {name: value_of(name) for name in fields}, noun)


def value_of(name: str) -> Callable[[Item], Any]:
    """Return the function that looks up a field, None where there is none."""
    return lambda item: item.get(name)


def _cell(value: Any) -> Cell:
    parts = tuple(map(cell_text, value)) if isinstance(value, list | tuple) else ()
    return Cell(cell_text(value), parts=parts)


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


def check_output(wanted: Format | None, output: Path | None) -> None:
    """Refuse a file that results could not be written to, before any work is done.

    Raises SettingsError if neither `--format` nor the file's ending says in which format, OSError if it is a
    folder or would have to lie in something that is none.
    """
    if output is None:
        return
    format_of(wanted, output)
    if output.is_dir():
        raise IsADirectoryError(21, "expected the name of a file, found a folder", str(output))
    folder = next(folder for folder in output.absolute().parents if folder.exists())
    if not folder.is_dir():
        raise NotADirectoryError(20, "expected a folder, found a file", str(folder))
    if not _is_special(output) and not os.access(folder, os.W_OK):
        raise PermissionError(13, "Permission denied", str(output))


def _is_special(output: Path) -> bool:
    """Tell whether a file is a device or a pipe, which nothing can take the place of."""
    return output.exists() and not output.is_file()


def format_of(wanted: Format | None, output: Path | None) -> Format:
    """Return the format asked for, else the one that the file's ending stands for, else a table.

    Raises SettingsError if the ending stands for none.
    """
    if wanted is not None or output is None:
        return wanted or Format.TABLE
    if output.suffix.lower() not in ENDINGS:
        raise SettingsError(f"{output}: expected an ending among {', '.join(ENDINGS)}, or --format, "
                            f"found {output.suffix or 'none'}")  # fmt: skip
    return ENDINGS[output.suffix.lower()]


def emit(
    items: Iterable[Item],
    layout: Layout,
    wanted: Format | None,
    output: Path | None = None,
    notes: Sequence[str] = (),
) -> None:
    """Print items, or write them to a file that appears only when it is complete.

    After an interruption what was printed stays, a table of what was there by then is printed, and a file is
    as it was before; what has become of it is said.

    Parameters
    ----------
    items : iterable of mappings
        Printed as they come, except in a table.
    layout : Layout
        Columns.
    wanted : Format, optional
        If not given: by the ending of `output`, else a table.
    output : Path, optional
        The file; standard output if not given. It is named on stderr when it is written.
    notes : sequence of str
        Lines below a table.

    Raises
    ------
    SettingsError
        If the ending of `output` stands for no format and none is given.
    OSError
        If `output` cannot be written.
    """
    kind, ending = format_of(wanted, output), output.suffix.lower() if output else ""
    # A reader of a pipe gets each line when it is there, and what was printed outlives the process.
    passed = _Counted(items, is_flushed=output is None and kind is not Format.TABLE)

    def left() -> str:
        done = f"{counted(passed.n, layout.noun)} done"
        if output is None or _is_special(output):
            return done
        return f"{done}; {output} {'stays as it was' if output.exists() else 'was not written'}"

    with if_interrupted(left), _opened(output) as stream:
        if kind is Format.JSON:
            _write_json(passed, stream, is_array=ending == _ARRAY)
        elif kind is Format.CSV:
            _write_csv(passed, layout, stream)
        else:
            stream.write("```\n" if ending == _FENCED else "")
            _write_table(passed, layout, stream, notes, is_kept=output is None)
            stream.write("```\n" if ending == _FENCED else "")
    if output is not None:
        say_wrote(output, counted(passed.n, layout.noun))


def say_wrote(path: Path, what: str = "") -> None:
    """Say on stderr which file or folder was written, and what is in it: `13 recordings`."""
    say(f"wrote {path}{f' ({what})' if what else ''}")


def say(message: str) -> None:
    """Print one line on stderr."""
    print(one_line(message), file=sys.stderr)


@contextmanager
def if_interrupted(left: Callable[[], str]) -> Iterator[None]:
    """Say on stderr what an interruption (Ctrl-C) leaves behind; it then ends the command as ever."""
    try:
        yield
    except KeyboardInterrupt:
        say(f"interrupted: {left()}")
        raise


class _Counted(Generic[T]):
    """Passes things on and counts them; if `is_flushed`, what was printed of each does not wait for more."""

    def __init__(self, things: Iterable[T], *, is_flushed: bool) -> None:
        self._things, self._is_flushed = things, is_flushed
        self.n = 0

    def __iter__(self) -> Iterator[T]:
        for thing in self._things:
            self.n += 1
            yield thing
            if self._is_flushed:
                sys.stdout.flush()


def _write_json(items: Iterable[Item], stream: IO[str], *, is_array: bool) -> None:
    """Write an object a line; of an array the lines are separated by commas and stand between brackets."""
    is_first = True
    for item in items:
        if is_array:
            stream.write("[\n" if is_first else ",\n")
        stream.write(json.dumps(item, allow_nan=False) + ("" if is_array else "\n"))
        is_first = False
    if is_array:
        stream.write("[]\n" if is_first else "\n]\n")


def _write_csv(items: Iterable[Item], layout: Layout, stream: IO[str]) -> None:
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(layout.fields)
    for item in items:
        writer.writerow([_csv_value(value(item)) for value in layout.fields.values()])


def _csv_value(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return "; ".join(str(item) for item in value)
    return json.dumps(value) if isinstance(value, dict) else value


def _write_table(
    items: Iterable[Item], layout: Layout, stream: IO[str], notes: Sequence[str], *, is_kept: bool
) -> None:
    """Write a table of all items; if `is_kept`, after an interruption of those that came before it."""
    came: list[Item] = []
    try:
        came += items
    except KeyboardInterrupt:
        if is_kept and came:
            print_table(layout.tables(came), stream)
        raise
    *others, last = [layout.tables(came), *layout.further(came)]
    for tables in others:
        print_table(tables, stream)
        stream.write("\n")
    print_table([replace(table, notes=(*table.notes, *notes)) for table in last], stream)


@contextmanager
def naming(place: Path | str) -> Iterator[None]:
    """Name what is written in an OSError that does not tell what it is about, such as of a full disk."""
    try:
        yield
    except OSError as error:
        if error.filename is None and error.strerror is not None:
            error.filename = str(place)
        raise


@contextmanager
def _opened(output: Path | None) -> Iterator[IO[str]]:
    if output is None:
        with naming(STDOUT):
            try:
                yield sys.stdout
            except KeyboardInterrupt:
                with suppress(OSError):
                    sys.stdout.flush()
                raise
            sys.stdout.flush()
        return
    with (
        naming(output),
        written_atomically(output) as partial,
        partial.open("w", encoding="utf-8", newline="", errors="backslashreplace") as stream,
    ):
        yield stream
