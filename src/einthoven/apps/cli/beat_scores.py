"""Scores of a model of heartbeats on annotated recordings."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import metadata
from typing import TYPE_CHECKING, Any

from einthoven.aami import CLASSES
from einthoven.apps.cli.beat_notes import WAYS
from einthoven.apps.cli.given import Given
from einthoven.apps.cli.output import Item
from einthoven.apps.cli.progress import progress
from einthoven.apps.cli.scores import EC57, named_scores, published_items, score_value
from einthoven.apps.cli.seen import Seen, seen_of
from einthoven.datasets import Dataset
from einthoven.datasets.mitdb import PACED
from einthoven.errors import SettingsError
from einthoven.inference.beat_scores import (
    BeatEvaluation,
    Confidence,
    Way,
    measure_confidence,
    score_beats,
)
from einthoven.inference.beats import BeatModel
from einthoven.metrics.beats import EC57_IGNORED, average_beat_scores, beat_scores

if TYPE_CHECKING:
    from einthoven.bundle import Bundle
    from einthoven.metrics import Score

NONE = "none"
"""What stands in the place of a class for a beat that was not found, or is not annotated."""


def beat_items(bundle: Bundle, given: Given) -> list[dict[str, Any]]:
    """Score a model of heartbeats on a data set, as rows of a table.

    Returns published rows, where there are some of this part, and measured ones: these have a `way`.

    Raises DatasetError, SettingsError and BundleError as `open_data`, `select_part` and `score_beats`.
    """
    model, whole = BeatModel(bundle), given.open(bundle)
    dataset = given.chosen(whole, bundle)
    with progress(f"scoring {dataset.name}, recordings") as report:
        evaluation = score_beats(model, dataset, report)
    facts = _facts(model, dataset, given.part, evaluation, seen_of(bundle, whole, dataset))
    measured = [
        {"source": f"{model.name} {bundle.version}, {WAYS[way]}", "measure": measure, "scores": scores}
        | facts
        | _facts_of(evaluation, way)
        for way in evaluation.ways
        for measure, scores in _measures(evaluation, way).items()
    ]
    return [*_published(dataset, given.part), *measured]


def _published(dataset: Dataset, part: str) -> list[dict[str, Any]]:
    """Return published rows where they are of these very recordings."""
    from einthoven.recipes import RECIPES

    recipe = RECIPES["beats"]
    if (dataset.kind, dataset.name, part) != ("public", recipe.dataset, "ds2"):
        return []
    rows = recipe.expected(recipe.protocol(split="inter-patient"))
    return [item for table, row in rows for item in published_items(table, row)]


def _facts(
    model: BeatModel, dataset: Dataset, part: str, evaluation: BeatEvaluation, seen: Seen
) -> dict[str, Any]:
    learnt = "recordings" if seen.recordings or seen.same_patient else None
    return {
        "model": model.name,
        "model_version": model.bundle.version,
        "dataset": dataset.name,
        "kind": dataset.kind,
        "fingerprint": dataset.fingerprint(),
        "part": part,
        "unit": "heartbeat",
        "simulated": dataset.kind == "simulated",
        "learnt_from_it": learnt or (None if seen.is_known else "unknown"),
        "seen": list(seen.recordings),
        "same_patient": list(seen.same_patient),
        "n_recordings": len(evaluation.recordings),
        "n_failed": len(evaluation.failed),
        "failed": dict(evaluation.failed),
        "obstacles": evaluation.obstacles,
        "paced": [name for name in dataset.record_ids if dataset.name == "mitdb" and name in PACED],
        "resampled": "patients",
        "classes": [*CLASSES, NONE],
    }


def _facts_of(evaluation: BeatEvaluation, way: Way) -> dict[str, Any]:
    answers = evaluation.answers(way)
    found: Confidence = measure_confidence(answers)
    return {
        "way": way,
        "n_records": int(answers.confusion[:-1].sum()),
        "n_patients": len({one.patient for one in evaluation.recordings}),
        "coverage": found.coverage,
        "sure_accuracy": score_value(found.sure_accuracy),
        "calibration_error": found.calibration_error,
        "brier": found.brier,
        "average": _average(evaluation, way),
        "confusion": answers.confusion.tolist(),
    }


def _average(evaluation: BeatEvaluation, way: Way) -> dict[str, dict[str, float | None]]:
    """Return EC57's average statistics, each recording weighing the same, by measure and class.

    Without what EC57 ignores, as its gross statistics in the rows that end in "(EC57)".
    """
    found = average_beat_scores(
        [beat_scores(one.answers[way].confusion, ignored=EC57_IGNORED) for one in evaluation.recordings]
    )
    measures = {
        "recall": found.sensitivity,
        f"precision{EC57}": found.positive_predictivity,
        f"false positive rate{EC57}": found.false_positive_rate,
    }
    return {
        measure: dict(zip(CLASSES, map(score_value, values.tolist()), strict=True))
        for measure, values in measures.items()
    }


def _measures(evaluation: BeatEvaluation, way: Way) -> dict[str, dict[str, dict[str, float | None]]]:
    """Return scores by measure and class; where EC57 ignores something, without it and with it."""
    plain, ec57 = (evaluation.table(way, is_ec57=is_ec57) for is_ec57 in (False, True))
    return {
        "F1": _scores(plain.f1, plain.macro_f1),
        f"F1{EC57}": _scores(ec57.f1, ec57.macro_f1),
        "recall": _scores(plain.sensitivity, plain.accuracy),
        "precision": _scores(plain.positive_predictivity),
        f"precision{EC57}": _scores(ec57.positive_predictivity),
        "false positive rate": _scores(plain.false_positive_rate),
        f"false positive rate{EC57}": _scores(ec57.false_positive_rate),
        "balanced accuracy": _scores((), plain.balanced_accuracy),
    }


def _scores(of_classes: Sequence[Score], overall: Score | None = None) -> dict[str, dict[str, float | None]]:
    return named_scores(CLASSES, of_classes, overall)


def stated_results(items: Sequence[Item]) -> list[dict[str, Any]]:
    """Return measured rows as what a bundle's provenance states of a test, an object a way."""
    results: dict[str, dict[str, Any]] = {}
    for item in items:
        if "way" not in item:
            continue
        left_out = (
            "source",
            "measure",
            "scores",
            "model",
            "model_version",
            "simulated",
            "learnt_from_it",
            "paced",
        )
        facts = {key: value for key, value in item.items() if key not in left_out}
        part = f" --part {item['part']}" if item["part"] else ""
        facts |= {
            "command": f"einthoven evaluate --model {item['model']} --data FOLDER{part}",
            "measured_by": metadata.version("einthoven"),
        }
        results.setdefault(item["way"], {**facts, "scores": {}})["scores"][item["measure"]] = item["scores"]
    return list(results.values())


def writable_bundle(path: str, model: Bundle) -> Bundle:
    """Return the bundle that the scores of a model are to be written into.

    Raises SettingsError if it is a shipped model's name, or another model; BundleError if it cannot be read.
    """
    from einthoven.bundle import read_bundle
    from einthoven.bundle.tested import is_same_model
    from einthoven.inference.shipped import shipped_models

    if path in shipped_models():
        raise SettingsError(
            f"--write-into {path}: expected the file of a bundle, found a shipped model's name"
        )
    found = read_bundle(path)
    if not is_same_model(found, model):
        raise SettingsError(f"--write-into {path}: expected the model that is scored, {model.name} "
                            f"{model.version}, found another: {found.name} {found.version}")  # fmt: skip
    return found
