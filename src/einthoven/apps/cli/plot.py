"""`einthoven plot`: a recording on ECG paper."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from einthoven.apps.cli.classify import EXIT_SOME_FAILED, ModelOption, answer_layout
from einthoven.apps.cli.output import FormatOption, emit
from einthoven.apps.cli.reading import FsOption, LeadsOption, UnitsOption, reader
from einthoven.atomic import written_atomically


def plot(
    source: Annotated[Path, typer.Argument(metavar="FILE", show_default=False)],
    output: Annotated[Path, typer.Option("--output", "-o", help="The picture: .png, .pdf or .svg.")],
    model: ModelOption = "rhythm",
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
    """
    from einthoven.apps.paper import check_ending, draw
    from einthoven.inference.prediction import Failure

    check_ending(output)
    record = reader(fs, units, leads)(source)
    loaded, answer = None, None
    if is_classified:
        from einthoven.inference.runtime import load

        loaded = load(model)
        answer = loaded.predict_many([record])[0]
    with written_atomically(output) as partial:
        draw(record, partial, answer, loaded.bundle.labels if loaded else ())
    if loaded is not None and answer is not None:
        emit([answer.to_dict()], answer_layout(loaded), wanted)
    if isinstance(answer, Failure):
        raise typer.Exit(EXIT_SOME_FAILED)
