"""`einthoven convert`: a recording from one format into another."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from einthoven.apps.cli.output import FormatOption, emit, naming, plain_layout, say
from einthoven.apps.cli.progress import progress
from einthoven.apps.cli.reading import (
    FsOption,
    LeadsOption,
    LimitOption,
    StrictOption,
    UnitsOption,
    files_of,
    reader,
)
from einthoven.apps.cli.tally import EXIT_SOME_FAILED
from einthoven.errors import ECGError, SettingsError

if TYPE_CHECKING:
    from einthoven.record import Record

_STREAM = Path("-")


def convert(
    source: Annotated[Path, typer.Argument(metavar="IN", show_default=False)],
    target: Annotated[Path, typer.Argument(metavar="OUT", show_default=False)],
    kind: Annotated[
        str | None,
        typer.Option(
            "--to",
            help="wfdb, edf, dicom, aecg, csv or parquet; if not given by the ending of OUT (.hea, .edf, "
            ".dcm, .xml, .csv, .parquet).",
            show_default=False,
        ),
    ] = None,
    is_anonymous: Annotated[
        bool, typer.Option("--anonymize", help="Leave out whatever tells whose it is, and say what that was.")
    ] = False,
    is_forced: Annotated[bool, typer.Option("--force", help="Replace files that are there already.")] = False,
    fs: FsOption = None,
    units: UnitsOption = None,
    leads: LeadsOption = None,
    is_strict: StrictOption = False,
    limits: LimitOption = None,
    wanted: FormatOption = None,
) -> None:
    """Write a recording in another format.

    Annotations and facts of the patient are kept; what has no place there is said. A folder is converted into
    a folder, recording by recording; one that cannot be read becomes a row with the reason. `-` is the
    standard input or output.

    [bold]Examples[/bold]

    einthoven convert ecg.xml ecg.edf

    einthoven convert hospital/ anonymous/ --to wfdb --anonymize

    einthoven convert - - --to csv < ecg.dcm > ecg.csv
    """
    from einthoven.formats.write import WRITERS, writer_of

    read = reader(fs, units, leads, is_strict=is_strict, limits=limits)
    if not source.is_dir():
        name = writer_of(target, kind)
        item = _one(read(source), source, target, name, is_anonymous, is_forced)
        if target != _STREAM:
            emit([item], plain_layout(("record", "path", "removed", "left_out"), "recording"), wanted)
        return
    if kind is None:
        raise SettingsError(f"{source}: expected --to FORMAT to convert a folder, found none")
    ending = WRITERS[writer_of(target, kind)].ending
    items = []
    for path, place in _places(source, target, ending):
        try:
            items.append(_one(read(path), path, place, kind, is_anonymous, is_forced))
        except (ECGError, OSError) as error:
            items.append({"record": path.name, "path": None, "error": str(error)})
    emit(items, plain_layout(("record", "path", "removed", "left_out", "error"), "recording"), wanted)
    if any("error" in item for item in items):
        raise typer.Exit(EXIT_SOME_FAILED)


def _places(source: Path, target: Path, ending: str) -> Iterator[tuple[Path, Path]]:
    files, failed = files_of([source])
    for path, reason in failed:
        say(f"{path}: {reason}")
    with progress("converting") as report:
        for k, path in enumerate(files):
            yield path, (target / path.relative_to(source)).with_suffix(ending)
            report(k + 1, len(files))


def _one(
    record: Record, source: Path, target: Path, kind: str, is_anonymous: bool, is_forced: bool
) -> dict[str, Any]:
    """Convert one recording, and say what became of it."""
    from einthoven.anonymity import anonymised
    from einthoven.formats.write import WRITERS, lost, write_record

    for warning in record.warnings:
        say(f"{source}: {warning}")
    removed: tuple[str, ...] = ()
    if is_anonymous:
        record, removed = anonymised(record)
    if target == _STREAM:
        encode = WRITERS[kind].encode
        if encode is None:
            raise SettingsError("expected a format of one file for standard output, found wfdb")
        sys.stdout.buffer.write(encode(record))
        left_out = lost(record, kind)
    else:
        _refuse_to_replace(source, target, is_forced)
        with naming(target):
            left_out = write_record(record, target, kind)
    for what, parts in (("removed", removed), ("left out, as the format has no place for it", left_out)):
        if parts and target == _STREAM:
            say(f"{what}: {', '.join(parts)}")
    return {"record": source.name, "path": str(target), "removed": list(removed), "left_out": list(left_out)}


def _refuse_to_replace(source: Path, target: Path, is_forced: bool) -> None:
    if target.exists() and source.exists() and target.samefile(source):
        raise SettingsError(f"{target}: expected another file than the one that is read")
    if target.exists() and not is_forced:
        raise SettingsError(f"{target}: expected a new file, found one: --force replaces it")
