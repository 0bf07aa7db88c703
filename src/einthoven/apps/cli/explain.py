"""`einthoven explain`: what in a recording speaks for an answer, and what the layers see."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from einthoven.apps.cli import EXIT_FAILED, say_error
from einthoven.apps.cli.explainers import (
    Asked,
    BundleExplainer,
    Explainer,
    RunExplainer,
    explainer_of,
    open_explainer,
)
from einthoven.apps.cli.explanations import faithfulness_layout, item_of, story_layout, summary
from einthoven.apps.cli.extra import training_extra
from einthoven.apps.cli.foretell import Foretold
from einthoven.apps.cli.output import (
    Format,
    FormatOption,
    check_output,
    emit,
    format_of,
    naming,
    say,
    say_wrote,
)
from einthoven.apps.cli.progress import progress
from einthoven.apps.cli.reading import FsOption, LeadsOption, UnitsOption, files_of, reader
from einthoven.apps.cli.tally import EXIT_SOME_FAILED, LISTED
from einthoven.apps.text import counted
from einthoven.atomic import written_atomically
from einthoven.duration import format_duration
from einthoven.errors import ECGError, MissingExtraError, SettingsError

if TYPE_CHECKING:
    from einthoven.explanation import Explanation
    from einthoven.record import Record

_LESS = "--duration explains less of it, a longer --step less finely"


RHYTHM = "rhythm"
"""The model whose faithfulness is measured over many recordings unless another is named."""


def explain(
    sources: Annotated[list[Path], typer.Argument(metavar="FILE", show_default=False)],
    model: Annotated[
        str | None,
        typer.Option(
            "--model",
            "-m",
            help="Name of a shipped model, path of a bundle, or folder of a run; if not given, the shipped "
            "model that classify asks, with --faithfulness rhythm.",
            show_default=False,
        ),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            show_default=False,
            help="The picture: .png, .pdf, .svg or .html; with --faithfulness the table: .csv, .json, ...",
        ),
    ] = None,
    label: Annotated[
        str | None, typer.Option(help="Label to explain; the answer if not given.", show_default=False)
    ] = None,
    start: Annotated[float, typer.Option(metavar="SECONDS", help="Where the explained part begins.")] = 0.0,
    duration: Annotated[
        float | None,
        typer.Option(
            metavar="SECONDS", help="How long it is: up to 60 s, which is the default.", show_default=False
        ),
    ] = None,
    beat: Annotated[
        int | None,
        typer.Option(
            help="Number of the heartbeat, from 1, for a model of heartbeats; the first if not given.",
            show_default=False,
        ),
    ] = None,
    beat_class: Annotated[
        str | None,
        typer.Option(
            help="Class whose first heartbeat is explained that the model is sure of.", show_default=False
        ),
    ] = None,
    window: Annotated[
        float | None,
        typer.Option(
            metavar="SECONDS", help="How much is removed at once, or summed over.", show_default=False
        ),
    ] = None,
    step: Annotated[
        float | None,
        typer.Option(metavar="SECONDS", help="How far apart removals begin.", show_default=False),
    ] = None,
    fill: Annotated[
        str | None,
        typer.Option(
            help="What takes the place of the removed: line (the default) or usual (the usual beat).",
            show_default=False,
        ),
    ] = None,
    with_layers: Annotated[
        bool | None,
        typer.Option(
            "--layers/--no-layers",
            show_default=False,
            help="Draw activations and first-layer kernels too: of a run by default; of a bundle its "
            "kernels, which needs the training packages.",
        ),
    ] = None,
    only_faithfulness: Annotated[
        bool,
        typer.Option(
            "--faithfulness",
            help="Draw nothing, and measure how far the explanations of any number "
            "of files, or folders, can be believed.",
        ),
    ] = False,
    fs: FsOption = None,
    units: UnitsOption = None,
    leads: LeadsOption = None,
    wanted: FormatOption = None,
) -> None:
    """Show what in a recording speaks for an answer: by removing it, or by the gradients of a training run.

    How far to believe it is measured too: removing what is marked has to matter more than removing as much
    at random. Exit code 0: fine; 1: the answer that is explained should not be believed, or some recordings
    failed; 2: nothing could be done.

    [bold]Examples[/bold]

    einthoven explain recording.hea -o why.png

    einthoven explain recording.hea --label A --start 10 --duration 10 -o why.html

    einthoven explain recording.hea --model runs/rhythm-0 -o layers.pdf

    einthoven explain examples --faithfulness
    """  # fmt: skip
    asked = Asked(label, start, duration, beat, beat_class, window, step, fill)
    read = reader(fs, units, leads)
    if only_faithfulness:
        if with_layers is not None:
            raise SettingsError("--faithfulness draws nothing: --layers and --no-layers go without it")
        check_output(wanted, output)
        _measure_all(open_explainer(model or RHYTHM, asked), sources, read, wanted, output)
        return
    _check_one(sources, output)
    if model is not None:
        explainer, chosen = open_explainer(model, asked), ""
        record = read(sources[0])
    else:
        record = read(sources[0])
        explainer, record, chosen = _choose(record, asked)
    _explain_one(explainer, record, output, wanted, with_layers=with_layers, chosen=chosen)


def _choose(record: Record, asked: Asked) -> tuple[Explainer, Record, str]:
    """Return the shipped model that answers a recording, as `einthoven classify` chooses it, what of the
    recording it reads, and how it was chosen."""
    from einthoven.inference.choice import ModelChoice

    choice = ModelChoice.shipped()
    answering = choice.answering(record)
    how = "chosen by the leads; --model chooses another" if len(choice.outlines) > 1 else ""
    return explainer_of(answering.model, asked, answering.why), answering.record, how


def _check_one(sources: Sequence[Path], output: Path | None) -> None:
    """Refuse what cannot be done before anything is read."""
    from einthoven.formats.sniff import header_of

    if len(sources) > 1:
        raise SettingsError(f"expected one recording, found {len(sources)}: --faithfulness takes several")
    if sources[0].is_dir() and header_of(sources[0]) is None:
        raise SettingsError(f"{sources[0]}: expected one recording, found a folder: --faithfulness takes it")
    if output is not None:
        from einthoven.apps.explanation import check_ending

        check_ending(output)
        check_output(Format.TABLE, output)


def _explain_one(
    explainer: Explainer,
    record: Record,
    output: Path | None,
    wanted: Format | None,
    *,
    with_layers: bool | None,
    chosen: str,
) -> None:
    """Explain and say what was found; `chosen`: how the model was, if it was."""
    from einthoven.apps.explanation import Story, draw
    from einthoven.inference.faithfulness import measure_faithfulness

    if isinstance(explainer, BundleExplainer):
        _say_long(explainer, record)
    with training_extra(), progress("explaining") as report:
        each = f"windows, each an answer to {format_duration(record.duration_s)} of signal"
        foretold = Foretold(each, report, _LESS)
        explanation = explainer.explain(record, foretold)
        if isinstance(explainer, RunExplainer):
            explanation = replace(
                explanation, warnings=(*_notes_of(explainer, record), *explanation.warnings)
            )
    found = measure_faithfulness(explainer.score(record, explanation), explanation)
    is_drawn = with_layers if with_layers is not None else isinstance(explainer, RunExplainer)
    layers, kernels = explainer.layers(record, explanation) if is_drawn and output is not None else ((), None)
    story = Story(explanation, found, explainer.meanings, layers, kernels)
    if output is not None:
        with naming(output), written_atomically(output) as partial:
            draw(story, partial)
    emit([item_of(story)], story_layout(story, chosen), wanted)
    if output is not None:
        say_wrote(output)
    _say_part(explanation)
    if explanation.obstacle is not None:
        say_error(f"{explanation.path or explanation.record}: {explanation.obstacle}")
        raise typer.Exit(EXIT_SOME_FAILED)


def _say_long(explainer: BundleExplainer, record: Record) -> None:
    """Say what speaks against one answer to a long recording before it is explained: that takes its time."""
    from einthoven.inference.known_limits import trained_span
    from einthoven.inference.obstacles import LONG_S
    from einthoven.inference.pipeline_limits import extent_warning
    from einthoven.pipeline import Pipeline

    bundle = explainer.model.bundle
    if record.duration_s > LONG_S:
        pipeline = Pipeline.from_json(bundle.pipeline)
        for warning in extent_warning(record, pipeline, trained_span(bundle.provenance)):
            say(warning)


def _notes_of(explainer: RunExplainer, record: Record) -> tuple[str, ...]:
    from einthoven.apps.cli.run_notes import run_notes
    from einthoven.training.run_folder import open_run

    return run_notes(open_run(explainer.trained.name), record)


def _say_part(explanation: Explanation) -> None:
    n, n_explained = explanation.signal.shape[-1], len(explanation.attribution)
    if explanation.beat is None and n_explained < n:
        say(f"explained: {explanation.start_s:g} to {explanation.end_s:g} s of {n / explanation.fs:g} s; "
            "--start and --duration choose others")  # fmt: skip


def _measure_all(
    explainer: Explainer,
    sources: Sequence[Path],
    read: Callable[[Path], Record],
    wanted: Format | None,
    output: Path | None,
) -> None:
    """Measure the faithfulness of the explanation of every recording, and sum it up."""
    files, failed = files_of(sources)
    items: list[dict[str, Any]] = [_failure(path, reason) for path, reason in failed]
    with progress("explaining") as report:
        for n_done, path in enumerate(files, 1):
            items.append(_measured(explainer, path, read))
            report(n_done, len(files), sum("error" in item for item in items))
    notes = summary(items)
    emit(items, faithfulness_layout(), wanted, output, notes)
    if format_of(wanted, output) is not Format.TABLE:
        for note in notes:
            say(note)
    if errors := [f"{item['path']}: {item['error']}" for item in items if "error" in item]:
        is_all = len(errors) == len(items)
        more = len(errors) - LISTED
        say_error(f"{len(errors)} of {counted(len(items), 'recording')} failed", *errors[:LISTED],
                  *([f"and {more} more"] if more > 0 else []))  # fmt: skip
        raise typer.Exit(EXIT_FAILED if is_all else EXIT_SOME_FAILED)


def _measured(explainer: Explainer, path: Path, read: Callable[[Path], Record]) -> dict[str, Any]:
    from einthoven.inference.faithfulness import measure_faithfulness

    try:
        record = read(path)
        explanation = explainer.explain(record)
        found = measure_faithfulness(explainer.score(record, explanation), explanation)
    except (SettingsError, MissingExtraError):
        # What is wrong for one recording is wrong for all.
        raise
    except (ECGError, OSError) as error:
        return _failure(path, str(error).removeprefix(f"{path}: "))
    return {**explanation.to_dict(), "faithfulness": None if found is None else found.to_dict()}


def _failure(path: Path, reason: str) -> dict[str, Any]:
    return {"record": path.stem, "path": str(path), "error": reason}
