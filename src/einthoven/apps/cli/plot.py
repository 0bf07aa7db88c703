"""`einthoven plot`: a recording on ECG paper."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from einthoven.apps.cli.answers import answer_layout
from einthoven.apps.cli.asked import ModelOption, choice_of
from einthoven.apps.cli.output import FormatOption, emit, naming, say, say_wrote
from einthoven.apps.cli.reading import FsOption, LeadsOption, UnitsOption, reader
from einthoven.apps.cli.tally import EXIT_SOME_FAILED
from einthoven.atomic import written_atomically
from einthoven.duration import format_duration


def plot(
    source: Annotated[Path, typer.Argument(metavar="FILE", show_default=False)],
    output: Annotated[Path, typer.Option("--output", "-o", help="The picture: .png, .pdf or .svg.")],
    start: Annotated[float, typer.Option(metavar="SECONDS", help="Where the picture begins.")] = 0.0,
    duration: Annotated[
        float | None,
        typer.Option(
            metavar="SECONDS",
            help="How much it shows; what fits one page if not given. A .pdf may have several.",
            show_default=False,
        ),
    ] = None,
    model: ModelOption = None,
    is_classified: Annotated[
        bool, typer.Option("--classify/--no-classify", help="Whether the answer is written above.")
    ] = True,
    fs: FsOption = None,
    units: UnitsOption = None,
    leads: LeadsOption = None,
    wanted: FormatOption = None,
) -> None:
    """Draw a recording on ECG paper, to scale: 25 mm/s, 10 mm/mV, with the answer above it.

    [bold]Examples[/bold]

    einthoven plot recording.hea -o recording.pdf

    einthoven plot recording.hea -o recording.png --no-classify

    einthoven plot holter.hea -o holter.pdf --start 3600 --duration 300
    """
    from einthoven.apps.paper import check_ending, draw, lay_out, max_pages, shown_part
    from einthoven.inference.prediction import Failure

    check_ending(output)
    record = reader(fs, units, leads)(source)
    sheets = lay_out(record, start, duration, max_pages(output))
    choice = choice_of(model) if is_classified else None
    answer = choice.predict_many([record])[0] if choice else None
    asked = getattr(answer, "model", None)
    labels = next((one.labels for one in choice.outlines if one.name == asked), ()) if choice else ()
    if duration is not None and start + duration > record.duration_s:
        say(f"--duration {duration:g}: only {format_duration(record.duration_s - start)} are there"
            f"{f' from {start:g} s on' if start else ''}")  # fmt: skip
    with naming(output), written_atomically(output) as partial:
        draw(record, partial, answer, labels, sheets)
    if choice is not None and answer is not None:
        emit([answer.to_dict()], answer_layout(choice.outlines), wanted)
    part = shown_part(record, sheets[0].start_s, sheets[-1].end_s)
    say_wrote(output, f"{part}; --start and --duration show others" if part else "")
    if isinstance(answer, Failure):
        raise typer.Exit(EXIT_SOME_FAILED)
