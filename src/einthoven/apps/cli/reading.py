"""Options about recordings that files do not state, and the files that arguments stand for."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Sequence
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypedDict

import typer

from einthoven.apps.cli.progress import progress
from einthoven.errors import RecordError, SettingsError

if TYPE_CHECKING:
    from einthoven.formats.limits import Limits
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

StrictOption = Annotated[
    bool,
    typer.Option("--strict", help="Refuse recordings whose units, gain or leads are in doubt."),
]
LimitOption = Annotated[
    list[str] | None,
    typer.Option(
        "--limit",
        metavar="NAME=NUMBER",
        help="The most that is read of a file, such as file_bytes=1000000; repeat for several. Names: "
        "file_bytes, unpacked_bytes, samples, gap_samples, leads, xml_depth, xml_elements.",
    ),
]
_STREAM = Path("-")


class Said(TypedDict):
    """What `--fs`, `--units` and `--leads` say of files, as `read_record` and `open_data` take it."""

    fs: float | None
    units: str | None
    leads: tuple[str, ...] | None


def said_of_files(fs: float | None, units: str | None, leads: str | None) -> Said:
    """Return the values of these options."""
    names = None if leads is None else tuple(name.strip() for name in leads.split(",") if name.strip())
    return Said(fs=fs, units=units, leads=names)


def reader(
    fs: float | None,
    units: str | None,
    leads: str | None,
    *,
    is_strict: bool = False,
    limits: Sequence[str] | None = None,
) -> Callable[[Path], Record]:
    """Return the function that reads a file with these options; `-` is the standard input.

    Raises SettingsError if a limit is none.
    """
    from einthoven.formats import read_record

    said, most = said_of_files(fs, units, leads), _limits(limits or ())

    def read(path: Path) -> Record:
        source = sys.stdin.buffer if path == _STREAM else path
        record = read_record(source, **said, strict=is_strict, limits=most)
        if is_strict:
            _refuse_doubtful_leads(record, path)
        return record

    return read


def _refuse_doubtful_leads(record: Record, path: Path) -> None:
    from einthoven.inference.lead_doubts import record_lead_doubts

    for doubt in record_lead_doubts(record):
        raise RecordError(f"{path}: expected certain leads (strict), found: {doubt}")


def _limits(given: Sequence[str]) -> Limits:
    from einthoven.formats.limits import LIMITS

    parts = {}
    for text in given:
        name, equals, value = text.partition("=")
        if not equals:
            raise SettingsError(f"--limit: expected NAME=NUMBER, found {text!r}")
        parts[name.strip()] = value.strip()
    return LIMITS.with_values(parts)


def files_of(sources: Iterable[Path]) -> tuple[list[Path], list[tuple[Path, str]]]:
    """Return the files that arguments stand for, each once; and what stands for none, each with the reason.

    That are folders that hold no recording, and folders, of those given or below them, that cannot be read.
    What takes long to look through shows its progress.
    """
    from einthoven.formats import find_records

    files: dict[Path, None] = {}
    failed: dict[Path, str] = {}
    n_seen = count(1)
    with progress("looking for recordings, files") as report:
        for source in sources:
            if not _is_folder(source):
                files[source] = None
                continue
            listing = find_records(source, lambda: report(next(n_seen), None))
            files.update(dict.fromkeys(listing.records))
            failed.update(listing.failed)
            if not listing.records and not listing.failed:
                failed[source] = "no recording in this folder"
    return list(files), list(failed.items())


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except OSError:
        # What must not even be looked at: reading it says why.
        return False
