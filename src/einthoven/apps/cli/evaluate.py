"""`einthoven evaluate`: the paper's table beside ours."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from einthoven.apps.cli.output import Format, FormatOption, ResultsOption, emit
from einthoven.apps.cli.progress import progress
from einthoven.apps.cli.scores import measured_items, note_of, published_items, score_layout
from einthoven.apps.cli.train import training_extra
from einthoven.errors import DatasetError, SettingsError

if TYPE_CHECKING:
    from einthoven.datasets import Dataset
    from einthoven.inference.prediction import Prediction
    from einthoven.inference.runtime import Model
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
    wanted: FormatOption = None,
    output: ResultsOption = None,
) -> None:
    """Score runs on what they held out, the paper's table beside ours; or a model on a data set.

    [bold]Examples[/bold]

    einthoven evaluate runs/cnn-0 runs/cnn-1 runs/cnn-2 runs/cnn-3 runs/cnn-4

    einthoven evaluate --model rhythm --data my-recordings/ --format json
    """
    if runs and model is None and data is None:
        from einthoven.training.run_folder import open_run

        show_runs([open_run(run) for run in runs], wanted, output)
    elif model is not None and data is not None and not runs:
        items = _model_items(model, data)
        notes = [note_of(items[0])]
        if items[0]["learnt_from_it"]:
            dataset = items[0]["dataset"]
            notes.append(
                f"{model} learnt from recordings of {dataset}: where these are the same, it is flattered"
            )
        emit(items, score_layout(items), wanted, output, notes)
    else:
        raise SettingsError("expected either runs, or both --model and --data")


def show_runs(runs: Sequence[Run], wanted: Format | None, output: Path | None = None) -> None:
    """Print the scores of runs, those that differ in fold and seed only as one, beside the published ones."""
    items: list[dict[str, Any]] = []
    notes: list[str] = []
    with training_extra():
        from einthoven.training.evaluate import evaluate_runs, group_runs

        for group in group_runs(runs):
            evaluation = evaluate_runs(group)
            items += [*_expected_items(evaluation), *_run_items(evaluation)]
            notes.append(note_of(items[-1]))
    emit(items, score_layout(items), wanted, output, notes)


def _expected_items(evaluation: Evaluation) -> list[dict[str, Any]]:
    from einthoven.recipes import RECIPES

    recipe = RECIPES.get(evaluation.protocol.recipe)
    expected = recipe.expected(evaluation.protocol) if recipe else ()
    return [item for table, row in expected for item in published_items(table, row)]


def _run_items(evaluation: Evaluation) -> list[dict[str, Any]]:
    recipe = evaluation.protocol.recipe
    facts = {
        "recipe": recipe,
        "dataset": evaluation.dataset,
        "simulated": evaluation.is_simulated,
        "part": evaluation.part,
        "budget": evaluation.budget,
        "epochs": {name: [fewest, most] for name, fewest, most in evaluation.epochs},
        "folds": list(evaluation.folds),
        "n_folds": evaluation.n_folds,
        "seconds": evaluation.seconds,
        "calibration_error": evaluation.calibration_error,
        "brier": evaluation.brier,
    }
    return measured_items(f"ours ({recipe}, {evaluation.budget})", evaluation.table, facts)


def _model_items(name: str, data: Path) -> list[dict[str, Any]]:
    """Score a model on a data set: all recordings, and those that it was sure of."""
    import numpy as np

    from einthoven.datasets import open_data
    from einthoven.inference.runtime import load
    from einthoven.metrics import brier_score, expected_calibration_error, score_table

    model, dataset = load(name), open_data(data)
    truth = _truth(model, dataset)
    answers = _answers(model, dataset)
    rows = list(answers)
    true, patients = truth[rows], dataset.patient_groups()
    probs = np.array([[answer.probs[label] for label in model.labels] for answer in answers.values()])
    probs /= probs.sum(axis=1, keepdims=True)
    predicted = np.array([model.labels.index(answer.labels[0]) for answer in answers.values()])
    sure = np.array([not answer.abstained for answer in answers.values()])
    facts = {
        "model": model.name,
        "model_version": model.version,
        "dataset": dataset.name,
        "simulated": dataset.name == "simulated",
        "learnt_from_it": model.bundle.provenance.get("dataset", {}).get("name") == dataset.name,
        "n_failed": len(dataset) - len(rows),
        "coverage": float(sure.mean()),
        "calibration_error": expected_calibration_error(probs, true),
        "brier": brier_score(probs, true),
    }
    items = []
    for what, kept in (("all recordings", np.ones_like(sure)), ("those it was sure of", sure)):
        if kept.any():
            groups = None if patients is None else patients[rows][kept]
            table = score_table(true[kept], predicted[kept], model.labels, groups=groups)
            items += measured_items(f"{model.name} {model.version}, {what}", table, facts)
    return items


def _truth(model: Model, dataset: Dataset) -> Any:
    """Return the class of every recording, (n_records,), as an index into the model's labels."""
    import numpy as np

    if unknown := sorted(set(dataset.classes) - set(model.labels)):
        raise DatasetError(f"{dataset.name}: expected labels among {', '.join(model.labels)}, "
                           f"found {', '.join(unknown)}")  # fmt: skip
    return np.array([model.labels.index(label) for label in dataset.classes])[dataset.class_indices()]


def _answers(model: Model, dataset: Dataset) -> dict[int, Prediction]:
    """Return the answers of a model, by the recording's position, leaving out the recordings that failed."""
    from einthoven.inference.files import predict_each
    from einthoven.inference.prediction import Prediction

    with progress(f"scoring {dataset.name}") as report:
        found = list(predict_each(model, range(len(dataset)), dataset.read, report))
    answers = {row: answer for row, answer in enumerate(found) if isinstance(answer, Prediction)}
    if not answers:
        reason = getattr(found[0], "error", "") if found else "there is none"
        raise DatasetError(f"{dataset.name}: no recording could be used: {reason}")
    return answers
