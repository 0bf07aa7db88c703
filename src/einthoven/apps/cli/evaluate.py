"""`einthoven evaluate`: the paper's table beside ours."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from einthoven.apps.cli.deviations import NAMED, deviations, distinct, in_words
from einthoven.apps.cli.extra import refuse_said, training_extra
from einthoven.apps.cli.given import Given
from einthoven.apps.cli.heads import SVMHead, SVMTeacher, SVMTeacherOption, svm_settings
from einthoven.apps.cli.label_scores import label_items, label_layout, label_note
from einthoven.apps.cli.output import (
    Format,
    FormatOption,
    ResultsOption,
    check_output,
    emit,
    naming,
    say_wrote,
)
from einthoven.apps.cli.progress import progress
from einthoven.apps.cli.reading import FsOption, LeadsOption, UnitsOption, said_of_files
from einthoven.apps.cli.scores import (
    BEAT_MEASURES,
    MEASURES,
    measured_items,
    note_of,
    published_items,
    score_layout,
)
from einthoven.errors import SettingsError

if TYPE_CHECKING:
    from einthoven.bundle import Bundle
    from einthoven.recipes import Recipe
    from einthoven.training.evaluate import Evaluation, HeldOut
    from einthoven.training.heads import SVMSettings
    from einthoven.training.label_evaluation import LabelEvaluation
    from einthoven.training.run_folder import Run


def evaluate(
    runs: Annotated[list[Path] | None, typer.Argument(metavar="RUN", show_default=False)] = None,
    model: Annotated[
        str | None, typer.Option("--model", "-m", help="Instead of runs: a shipped model or a bundle.")
    ] = None,
    data: Annotated[
        Path | None, typer.Option(help="Data to score the model on: as `einthoven train --data` takes it.")
    ] = None,
    part: Annotated[
        str,
        typer.Option(
            help="Part of a public data set, such as ds2 of mitdb; all of it if not given, but a model of "
            "heartbeats needs it.",
            show_default=False,
        ),
    ] = "",
    write_into: Annotated[
        str | None,
        typer.Option(
            metavar="BUNDLE",
            help="Also state the scores of a model of heartbeats in this file of it, for its card.",
        ),
    ] = None,
    svm: Annotated[
        SVMHead,
        typer.Option(help="Machines to compare with the head of runs of several labels."),
    ] = SVMHead.LINEAR,
    svm_from: SVMTeacherOption = SVMTeacher.HELD_OUT,
    fs: FsOption = None,
    units: UnitsOption = None,
    leads: LeadsOption = None,
    wanted: FormatOption = None,
    output: ResultsOption = None,
) -> None:
    """Score runs on what they held out, the paper's table beside ours; or a model on a data set.

    [bold]Examples[/bold]

    einthoven evaluate runs/cnn-0 runs/cnn-1 runs/cnn-2 runs/cnn-3 runs/cnn-4

    einthoven evaluate --model rhythm --data my-recordings/ --format json

    einthoven evaluate --model rhythm --data my-tables/ --fs 250 --units uV

    einthoven evaluate --model beats --data data --part ds2
    """
    check_output(wanted, output)
    said = said_of_files(fs, units, leads)
    _check_either(runs, model, data)
    if model is not None and data is not None:
        from einthoven.inference.shipped import open_model

        given = Given(data, part, said)
        _show_model(open_model(model), given, write_into, wanted, output)
        return
    refuse_said(said)
    if part or write_into is not None:
        raise SettingsError("--part and --write-into: expected --model and --data with them, found runs")
    from einthoven.training.run_folder import open_run

    show_runs([open_run(run) for run in runs or ()], wanted, output, svm=svm_settings(svm, svm_from))


def _check_either(runs: Sequence[Path] | None, model: str | None, data: Path | None) -> None:
    """Raise SettingsError unless there are runs, or a model and data."""
    if runs and model is not None:
        raise SettingsError(f"expected either runs or --model, found {runs[0]} and --model {model}")
    if runs and data is not None:
        raise SettingsError(f"expected --data with --model only, found --data {data} with the run {runs[0]}: "
                            "a run is scored on the recordings that it held out itself")  # fmt: skip
    if model is None and data is not None:
        raise SettingsError(f"--data {data}: expected --model with it, found none")
    if model is not None and data is None:
        raise SettingsError(f"--model {model}: expected --data with it, found none")
    if not runs and model is None:
        raise SettingsError("expected either runs, or both --model and --data, found neither")


def _show_model(
    bundle: Bundle, given: Given, write_into: str | None, wanted: Format | None, output: Path | None
) -> None:
    """Print the scores of a model on a data set."""
    if bundle.cut is not None:
        _show_beats(bundle, given, write_into, wanted, output)
        return
    if write_into is not None:
        raise SettingsError("--write-into: expected a model of heartbeats, "
                            f"found {bundle.name}, of whole recordings")  # fmt: skip
    from einthoven.apps.cli.model_scores import model_items, origin_note

    if not bundle.single_label:
        from einthoven.apps.cli.label_model_scores import class_notes, label_model_items

        items = label_model_items(bundle, given)
        notes = [note_of(items[0]), *class_notes(items[0]), *origin_note(items[0])]
        first = items[0]["source"]
        layout = label_layout(items, lambda item: bool(item["source"] == first))
        emit(items, layout, wanted, output, notes)
        return
    items = model_items(bundle, given)
    emit(items, score_layout(items), wanted, output, [note_of(items[0]), *origin_note(items[0])])


def _show_beats(
    bundle: Bundle, given: Given, write_into: str | None, wanted: Format | None, output: Path | None
) -> None:
    """Print the scores of a model of heartbeats, and state them in a file of it."""
    from einthoven.apps.cli.beat_notes import beat_notes
    from einthoven.apps.cli.beat_scores import beat_items, stated_results, writable_bundle

    target = None if write_into is None else writable_bundle(write_into, bundle)
    items = beat_items(bundle, given)
    if target is not None and write_into is not None:
        from einthoven.bundle import write_bundle
        from einthoven.bundle.tested import with_test

        # First of all, as what was looked at once cannot be looked at once again.
        with naming(write_into):
            write_bundle(with_test(target, stated_results(items)), write_into)
    emit(items, score_layout(items), wanted, output, beat_notes(items))
    if write_into is not None:
        say_wrote(Path(write_into), f"{bundle.name}, with these scores")


def show_runs(
    runs: Sequence[Run], wanted: Format | None, output: Path | None = None, *, svm: SVMSettings | None = None
) -> None:
    """Print the scores of runs, those that differ in fold and seed only as one, beside the published ones."""
    with training_extra():
        from einthoven.training.evaluate import group_runs

        groups, evaluations = group_runs(runs), []
        several = {group[0].protocol.is_multi_label for group in groups}
        if len(several) > 1:
            raise SettingsError("expected runs of one class a recording or of several, found both: "
                                "score them one after the other")  # fmt: skip
        with progress("scoring runs, groups") as report:
            for done, group in enumerate(groups, 1):
                evaluations.append(_evaluated(group, svm))
                report(done, len(groups))
    sources = distinct([_source(own[0]) for own in evaluations], [str(group[0].folder) for group in groups])
    items: list[dict[str, Any]] = []
    notes: list[str] = []
    for own, source, group in zip(evaluations, sources, groups, strict=True):
        items += _expected_items(own[0])
        for evaluation in own:
            items += _run_items(evaluation, source, len(group))
            notes.append(label_note(items[-1]) if any(several) else note_of(items[-1]))
    emit(items, label_layout(items) if any(several) else score_layout(items), wanted, output, notes)


def _evaluated(group: Sequence[Run], svm: SVMSettings | None) -> Sequence[Evaluation | LabelEvaluation]:
    """Score runs as one; those that left out a source one by one, with thresholds that the others teach."""
    if not group[0].protocol.is_multi_label:
        from einthoven.training.evaluate import evaluate_runs

        return [evaluate_runs(group)]
    from einthoven.training.label_evaluation import evaluate_labels

    if group[0].protocol.split_by != "source":
        return [evaluate_labels(group, svm=svm)]
    return [evaluate_labels(group, svm=svm, measured=run) for run in group]


def _expected_items(evaluation: HeldOut) -> list[dict[str, Any]]:
    from einthoven.recipes import RECIPES

    recipe, classes = RECIPES.get(evaluation.protocol.recipe), set(evaluation.protocol.classes)
    # Published figures beside simulated recordings, or one's own, would compare what cannot be compared.
    if recipe is None or not _is_data_of(recipe, evaluation):
        return []
    return [
        item
        for table, row in recipe.expected(evaluation.protocol)
        if set(table.classes) == classes and table.folds in (None, evaluation.folds)
        for item in published_items(table, row)
    ]


def _is_data_of(recipe: Recipe, evaluation: HeldOut) -> bool:
    """Tell whether runs were tested on the data set of a recipe, or on the beat tables made of it."""
    from einthoven.datasets import BEATS_OF

    names = (recipe.dataset, BEATS_OF.get(recipe.dataset))
    return evaluation.kind == "public" and evaluation.dataset in names


def _source(evaluation: HeldOut) -> str:
    """Return the heading of runs: recipe, budget, settings that are not those of the two, and division."""
    from einthoven.datasets import BEATS_OF
    from einthoven.recipes import RECIPES

    protocol, found = evaluation.protocol, in_words(deviations(evaluation), NAMED)
    recipe = RECIPES.get(protocol.recipe)
    division = recipe.division(protocol) if recipe else ""
    if evaluation.dataset in BEATS_OF.values():
        division = "ready-made beats, intra-patient: nobody knows whose they are"
    heading = f"ours ({protocol.recipe}, {evaluation.budget}{f'; {found}' if found else ''})"
    return f"{heading}, {division}" if division else heading


def _run_items(evaluation: Evaluation | LabelEvaluation, source: str, n_folds: int) -> list[dict[str, Any]]:
    from einthoven.training.label_evaluation import LabelEvaluation

    facts = {
        "recipe": evaluation.protocol.recipe,
        "deviations": deviations(evaluation),
        "dataset": evaluation.dataset,
        "kind": evaluation.kind,
        "simulated": evaluation.is_simulated,
        "is_origin_known": evaluation.is_origin_known,
        "unit": "recording" if evaluation.protocol.cut is None else "heartbeat",
        "split_by": evaluation.split_by,
        "part": evaluation.part,
        "budget": evaluation.budget,
        "epochs": {name: [fewest, most] for name, fewest, most in evaluation.epochs},
        "folds": list(evaluation.folds),
        "n_folds": evaluation.n_folds,
        "seconds": evaluation.seconds,
    }
    if isinstance(evaluation, LabelEvaluation):
        return label_items(evaluation, source, facts, n_folds)
    facts |= {"calibration_error": evaluation.calibration_error, "brier": evaluation.brier}
    measures = MEASURES if evaluation.protocol.cut is None else BEAT_MEASURES
    return measured_items(source, evaluation.table, facts, measures)
