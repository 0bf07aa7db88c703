"""`einthoven evaluate`: the paper's table beside ours."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from einthoven.apps.cli.deviations import NAMED, deviations, distinct, in_words
from einthoven.apps.cli.extra import refuse_said, training_extra
from einthoven.apps.cli.output import Format, FormatOption, ResultsOption, check_output, emit
from einthoven.apps.cli.progress import progress
from einthoven.apps.cli.reading import FsOption, LeadsOption, UnitsOption, said_of_files
from einthoven.apps.cli.scores import measured_items, note_of, published_items, score_layout
from einthoven.errors import SettingsError

if TYPE_CHECKING:
    from einthoven.training.evaluate import Evaluation
    from einthoven.training.run_folder import Run


def evaluate(
    runs: Annotated[list[Path] | None, typer.Argument(metavar="RUN", show_default=False)] = None,
    model: Annotated[
        str | None, typer.Option("--model", "-m", help="Instead of runs: a shipped model or a bundle.")
    ] = None,
    data: Annotated[
        Path | None, typer.Option(help="Data to score the model on: as `einthoven train --data` takes it.")
    ] = None,
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
    """
    check_output(wanted, output)
    said = said_of_files(fs, units, leads)
    if runs and model is None and data is None:
        refuse_said(said)
        from einthoven.training.run_folder import open_run

        show_runs([open_run(run) for run in runs], wanted, output)
    elif model is not None and data is not None and not runs:
        from einthoven.apps.cli.model_scores import model_items, origin_note

        items = model_items(model, data, said)
        emit(items, score_layout(items), wanted, output, [note_of(items[0]), *origin_note(items[0])])
    else:
        raise SettingsError("expected either runs, or both --model and --data")


def show_runs(runs: Sequence[Run], wanted: Format | None, output: Path | None = None) -> None:
    """Print the scores of runs, those that differ in fold and seed only as one, beside the published ones."""
    items: list[dict[str, Any]] = []
    notes: list[str] = []
    with training_extra():
        from einthoven.training.evaluate import evaluate_runs, group_runs

        groups, evaluations = group_runs(runs), []
        with progress("scoring runs, groups") as report:
            for done, group in enumerate(groups, 1):
                evaluations.append(evaluate_runs(group))
                report(done, len(groups))
    sources = distinct([_source(one) for one in evaluations], [str(group[0].folder) for group in groups])
    for evaluation, source in zip(evaluations, sources, strict=True):
        items += [*_expected_items(evaluation), *_run_items(evaluation, source)]
        notes.append(note_of(items[-1]))
    emit(items, score_layout(items), wanted, output, notes)


def _expected_items(evaluation: Evaluation) -> list[dict[str, Any]]:
    from einthoven.recipes import RECIPES

    recipe, classes = RECIPES.get(evaluation.protocol.recipe), set(evaluation.protocol.classes)
    expected = recipe.expected(evaluation.protocol) if recipe else ()
    # Published figures beside simulated recordings, or one's own, would compare what cannot be compared.
    is_same_data = recipe is not None and (evaluation.kind, evaluation.dataset) == (
        "public",
        recipe.dataset,
    )
    comparable = [(table, row) for table, row in expected if is_same_data and set(table.classes) == classes]
    return [item for table, row in comparable for item in published_items(table, row)]


def _source(evaluation: Evaluation) -> str:
    """Return the heading of runs: recipe, budget, and the settings that are not those of the two."""
    found = in_words(deviations(evaluation), NAMED)
    return f"ours ({evaluation.protocol.recipe}, {evaluation.budget}{f'; {found}' if found else ''})"


def _run_items(evaluation: Evaluation, source: str) -> list[dict[str, Any]]:
    facts = {
        "recipe": evaluation.protocol.recipe,
        "deviations": deviations(evaluation),
        "dataset": evaluation.dataset,
        "kind": evaluation.kind,
        "simulated": evaluation.is_simulated,
        "is_origin_known": evaluation.is_origin_known,
        "part": evaluation.part,
        "budget": evaluation.budget,
        "epochs": {name: [fewest, most] for name, fewest, most in evaluation.epochs},
        "folds": list(evaluation.folds),
        "n_folds": evaluation.n_folds,
        "seconds": evaluation.seconds,
        "calibration_error": evaluation.calibration_error,
        "brier": evaluation.brier,
    }
    return measured_items(source, evaluation.table, facts)
