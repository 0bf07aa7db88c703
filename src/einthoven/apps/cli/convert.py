"""`einthoven convert`: a recording from one format into another."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from einthoven.apps.cli.converted_files import Replaced, bare_name, named, numbered
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
    a folder, recording by recording; one that cannot be read becomes a row with the reason. With --anonymize
    its recordings are numbered, as names of files may tell whose they are. `-` is the standard input or
    output.

    [bold]Examples[/bold]

    einthoven convert ecg.xml ecg.edf

    einthoven convert hospital/ anonymous/ --to wfdb --anonymize

    einthoven convert - - --to csv < ecg.dcm > ecg.csv
    """
    from einthoven.formats.write import writer_of

    read = reader(fs, units, leads, is_strict=is_strict, limits=limits)
    if not source.is_dir():
        name = writer_of(target, kind)
        if is_anonymous and target != _STREAM and target.stem.casefold() == bare_name(source).casefold():
            say(f"{target}: has the name of the file that was read, which may tell whose it is")
        replaced = Replaced((source,), is_forced)
        item = _one(read(source), source, target, name, is_anonymous, replaced)
        if target != _STREAM:
            emit([item], plain_layout(("record", "path", "removed", "left_out"), "recording"), wanted)
        return
    if kind is None:
        raise SettingsError(f"{source}: expected --to FORMAT to convert a folder, found none")
    writer_of(target, kind)
    items = _folder(source, target, kind, read, is_anonymous, is_forced)
    emit(items, plain_layout(("record", "path", "removed", "left_out", "error"), "recording"), wanted)
    if is_anonymous:
        say("this table tells which recording is whose: keep it apart from the files")
    if any("error" in item for item in items):
        raise typer.Exit(EXIT_SOME_FAILED)


def _folder(
    source: Path,
    target: Path,
    kind: str,
    read: Callable[[Path], Record],
    is_anonymous: bool,
    is_forced: bool,
) -> list[dict[str, Any]]:
    """Convert the recordings of a folder, and say what became of each."""
    files, failed = files_of([source])
    for path, reason in failed:
        say(f"{path}: {reason}")
    places = numbered(files, target, kind) if is_anonymous else named(files, source, target, kind)
    replaced = Replaced(files, is_forced)
    items: list[dict[str, Any]] = []
    with progress("converting") as report:
        for path, place in zip(files, places, strict=True):
            # The name alone may be there in many folders.
            name = str(path.relative_to(source)) if is_anonymous else path.name
            try:
                item = _one(read(path), path, place, kind, is_anonymous, replaced)
                items.append(item | {"record": name})
            except (ECGError, OSError) as error:
                items.append({"record": name, "path": None, "error": str(error)})
            report(len(items), len(files))
    return items


def _one(
    record: Record, source: Path, target: Path, kind: str, is_anonymous: bool, replaced: Replaced
) -> dict[str, Any]:
    """Convert one recording, and say what became of it."""
    from einthoven.anonymity import anonymised
    from einthoven.formats.write import WRITERS, lost, write_record, written_files
    from einthoven.inference.lead_doubts import record_lead_doubts

    for warning in (*record.warnings, *record_lead_doubts(record)):
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
        files = written_files(target, kind)
        replaced.check(files)
        with naming(target):
            left_out = write_record(record, target, kind, removes_marks=replaced.is_forced)
        target = files[0]
    for what, parts in (("removed", removed), ("left out, as the format has no place for it", left_out)):
        if parts and target == _STREAM:
            say(f"{what}: {', '.join(parts)}")
    return {"record": source.name, "path": str(target), "removed": list(removed), "left_out": list(left_out)}
