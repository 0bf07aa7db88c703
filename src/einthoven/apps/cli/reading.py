"""Options about recordings that files do not state, and the files that arguments stand for."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypedDict

import typer

if TYPE_CHECKING:
    from einthoven.record import Record

FsOption = Annotated[
    float | None,
    typer.Option("--fs", help="Sampling rate in Hz of files that do not state it (CSV, NumPy, MATLAB)."),
]
UnitsOption = Annotated[
    str | None, typer.Option("--units", help="V, mV, uV or nV: of files that do not state it.")
]
LeadsOption = Annotated[
    str | None,
    typer.Option("--leads", help="Lead names, with commas: of files that state none, else which to keep."),
]


class Said(TypedDict):
    """What `--fs`, `--units` and `--leads` say of files, as `read_record` and `open_data` take it."""

    fs: float | None
    units: str | None
    leads: tuple[str, ...] | None


def said_of_files(fs: float | None, units: str | None, leads: str | None) -> Said:
    """Return the values of these options."""
    names = None if leads is None else tuple(name.strip() for name in leads.split(",") if name.strip())
    return Said(fs=fs, units=units, leads=names)


def reader(fs: float | None, units: str | None, leads: str | None) -> Callable[[Path], Record]:
    """Return the function that reads a file with these options."""
    from einthoven.formats import read_record

    said = said_of_files(fs, units, leads)
    return lambda path: read_record(path, **said)


def files_of(sources: Iterable[Path]) -> tuple[list[Path], list[Path]]:
    """Return the files that arguments stand for, each once, and the folders that hold no recording."""
    from einthoven.formats import list_records

    files: dict[Path, None] = {}
    empty: list[Path] = []
    for source in sources:
        found = list_records(source) if source.is_dir() else [source]
        files.update(dict.fromkeys(found))
        if not found:
            empty.append(source)
    return list(files), empty
