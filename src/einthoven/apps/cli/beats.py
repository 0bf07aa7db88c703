"""`einthoven beats`: every heartbeat of a recording, and what the beats add up to."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from einthoven.apps.cli import STDOUT, say_error
from einthoven.apps.cli.beat_files import check_target, write_beats, write_csv, write_json
from einthoven.apps.cli.beat_table import beat_tables
from einthoven.apps.cli.output import Format, check_output, naming, say_wrote
from einthoven.apps.cli.reading import FsOption, LeadsOption, UnitsOption, reader
from einthoven.apps.cli.table import print_table
from einthoven.apps.cli.tally import EXIT_SOME_FAILED
from einthoven.atomic import written_atomically
from einthoven.errors import BundleError, SettingsError

if TYPE_CHECKING:
    from einthoven.inference.beat_report import BeatReport
    from einthoven.inference.beats import BeatModel
    from einthoven.record import Record


def beats(
    source: Annotated[Path, typer.Argument(metavar="FILE", show_default=False)],
    model: Annotated[
        str, typer.Option("--model", "-m", help="Name of a shipped model of beats, or the path of a bundle.")
    ] = "beats",
    wanted: Annotated[
        Format, typer.Option("--format", help="What is printed: tables, one JSON object, or a CSV of beats.")
    ] = Format.TABLE,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            help="File for the beats: .atr (WFDB annotations), .csv or .json.",
            show_default=False,
        ),
    ] = None,
    picture: Annotated[
        Path | None,
        typer.Option(
            help="Picture of examples, templates and R-R intervals: .png, .pdf or .svg.", show_default=False
        ),
    ] = None,
    lead: Annotated[
        str | None, typer.Option(help="The lead to read, else the model's own.", show_default=False)
    ] = None,
    annotations: Annotated[
        str | None,
        typer.Option(
            metavar="EXT",
            help="Take the beats from the annotation file RECORD.EXT (such as atr), name them, and compare.",
            show_default=False,
        ),
    ] = None,
    is_forced: Annotated[
        bool, typer.Option("--force", help="Replace the annotations of a recording (.atr).")
    ] = False,
    fs: FsOption = None,
    units: UnitsOption = None,
    leads: LeadsOption = None,
) -> None:
    """Find the heartbeats of a recording, name each by its AAMI class, and sum them up.

    Counts by class, heart rate, R-R statistics (SDNN, RMSSD, pNN50) and ectopic runs.
    Exit code 0: fine; 1: no beat was found, or none is to be believed; 2: nothing could be done.

    [bold]Examples[/bold]

    einthoven beats recording.hea

    einthoven beats recording.hea -o beats/recording.atr --picture beats.png

    einthoven beats recording.hea --annotations atr --format json
    """
    _check_arguments(source, output, picture, is_forced)
    from einthoven.inference.beats import load_beats

    loaded = load_beats(model)
    _check_classes(loaded)
    record = reader(fs, units, leads)(source)
    record = record if lead is None else record.select((lead,))
    found = _report(loaded, record, annotations)
    if output is not None:
        write_beats(found, output)
    if picture is not None:
        _draw(record, found, picture)
    _print(found, wanted)
    if found.obstacle is not None:
        say_error(f"{source}: {found.obstacle}")
        raise typer.Exit(EXIT_SOME_FAILED)


def _check_arguments(source: Path, output: Path | None, picture: Path | None, is_forced: bool) -> None:
    """Refuse what cannot be done before anything is read."""
    from einthoven.formats.sniff import header_of

    if source.is_dir() and header_of(source) is None:
        raise SettingsError(f"{source}: expected one recording, found a folder: give its files one by one")
    if output is not None:
        check_target(output, source, is_forced=is_forced)
    if picture is not None:
        from einthoven.apps.paper import check_ending

        check_ending(picture)
        check_output(Format.TABLE, picture)


def _check_classes(model: BeatModel) -> None:
    from einthoven.aami import CLASSES

    if not set(model.labels) <= set(CLASSES):
        raise BundleError(f"model {model.name}: expected AAMI classes of beats ({', '.join(CLASSES)}), "
                          f"found {', '.join(model.labels)}")  # fmt: skip


def _report(model: BeatModel, record: Record, annotations: str | None) -> BeatReport:
    from einthoven.inference.annotated_beats import read_annotated_beats
    from einthoven.inference.beat_report import report

    if annotations is None:
        return report(model.classify(record), record)
    annotated = read_annotated_beats(record, annotations, model.bundle.input.leads)
    given = None if model.cut.finds_rpeaks else annotated.rpeaks
    found = report(model.classify(record, given), record, annotated)
    return replace(found, warnings=(*_origin(model, record), *found.warnings))


def _origin(model: BeatModel, record: Record) -> tuple[str, ...]:
    """Say, if it may be so, that a model learnt from the recording that it is compared on."""
    from einthoven.training.ancestry import bundle_ancestry, digest

    ancestry = bundle_ancestry(model.bundle.provenance)
    seen = digest(record.name)
    named = [part.dataset for part in ancestry.parts if part.records is not None and seen in part.records]
    all_of = [part.dataset for part in ancestry.parts if part.records is None and part.kind != "simulated"]
    if named:
        return (f"the model learnt from recording {record.name} of {named[0]}: if it is this one, the "
                "comparison flatters the model",)  # fmt: skip
    if all_of:
        return (f"the model learnt from {all_of[0]}: if this recording is of it, the comparison flatters the "
                "model",)  # fmt: skip
    if not ancestry.is_known:
        return ("what the model learnt from is not all stated: the comparison may flatter it",)
    return ()


def _draw(record: Record, found: BeatReport, picture: Path) -> None:
    from einthoven.apps.beats import draw_beats

    with naming(picture), written_atomically(picture) as partial:
        draw_beats(record, found, partial)
    say_wrote(picture)


def _print(found: BeatReport, wanted: Format) -> None:
    with naming(STDOUT):
        if wanted is Format.JSON:
            write_json(found, sys.stdout)
        elif wanted is Format.CSV:
            write_csv(found, sys.stdout)
        else:
            for number, table in enumerate(beat_tables(found)):
                sys.stdout.write("\n" if number else "")
                print_table([table], sys.stdout)
        sys.stdout.flush()
