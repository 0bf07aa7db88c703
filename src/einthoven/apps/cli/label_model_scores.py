"""Scores of a model on a data set of which a recording may have any number of classes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from einthoven.apps.cli.given import Given
from einthoven.apps.cli.label_scores import FREQUENT, label_measures, over_frequent
from einthoven.apps.cli.model_scores import answers_of, asked_facts
from einthoven.apps.cli.output import Item
from einthoven.datasets import Dataset
from einthoven.datasets.cpsc2018 import CODES as CPSC_CODES
from einthoven.errors import DatasetError
from einthoven.inference.prediction import Prediction
from einthoven.inference.runtime import Model
from einthoven.metrics import judged_challenge_score, output_table, ranking_table
from einthoven.metrics.bootstrap import N_RESAMPLES
from einthoven.metrics.calibration import sigmoid_calibration
from einthoven.metrics.cinc2020 import SCORED_CLASSES
from einthoven.training.class_groups import ClassGroup, class_groups, outputs_of_groups, ranking_of_groups

if TYPE_CHECKING:
    from einthoven.bundle import Bundle


@dataclass(frozen=True, eq=False)
class Judged:
    """Which classes of a model the recordings of a data set have.

    columns : positions of the model's labels that somebody judged of one recording at least
    classes : their names
    truth : (n_records, n_columns), 1, 0, NaN where nobody judged
    left_out : classes of the data set that the model does not have
    unjudged : classes of the model of which the data set says nothing
    """

    columns: tuple[int, ...]
    classes: tuple[str, ...]
    truth: NDArray[np.float32]
    left_out: tuple[str, ...]
    unjudged: tuple[str, ...]


def label_model_items(bundle: Bundle, given: Given) -> list[dict[str, Any]]:
    """Score a model of several labels on a data set, as rows of a table.

    Classes are given as the bundle's thresholds say. The first rows are of all recordings that got an answer,
    the next of those that the model was sure of; if some failed, the last count these as given no class.

    Raises DatasetError if the data set has none of the model's classes, or no recording could be used.
    """
    model, dataset = Model(bundle), given.chosen(given.open(bundle), bundle)
    judged, answers = judge(model, dataset), answers_of(model, dataset)
    facts = _facts(model, dataset, given.part, judged, answers)
    items: list[dict[str, Any]] = []
    for part, rows in _parts(answers, len(dataset)):
        measured = _measures(dataset, judged, answers, rows)
        items += [
            {"source": f"{model.name} {model.version}, {part}", "measure": measure, "scores": scores, **facts}
            for measure, scores in measured.items()
        ]
    return items


def class_notes(item: Item) -> list[str]:
    """Say which classes are not scored, and why."""
    notes = []
    if item["left_out"]:
        notes.append(f"{item['dataset']}: left out, as {item['model']} has no such class: "
                     f"{', '.join(item['left_out'])}")  # fmt: skip
    if item["unjudged"]:
        notes.append(f"{item['dataset']}: nobody judged {', '.join(item['unjudged'])}: these are not scored")
    return notes


def judge(model: Model, dataset: Dataset) -> Judged:
    """Put the classes of a data set in the places of a model's labels.

    They belong together if they have one name, or, in public data sets, one SNOMED CT code.

    Raises DatasetError if none does, or no recording was judged.
    """
    place_of = dict(_places(model, dataset))
    if not place_of:
        raise DatasetError(f"{dataset.name}: expected classes among {', '.join(model.labels)}, "
                           f"found {', '.join(dataset.classes)}")  # fmt: skip
    truth = np.full((len(dataset), len(model.labels)), np.nan, np.float32)
    matrix = dataset.label_matrix()
    for column, name in enumerate(dataset.classes):
        if name in place_of:
            truth[:, place_of[name]] = matrix[:, column]
    columns = np.flatnonzero(np.isfinite(truth).any(axis=0)).tolist()
    if not columns:
        raise DatasetError(f"{dataset.name}: expected recordings of which a class was judged, found none")
    return Judged(
        tuple(columns),
        tuple(model.labels[column] for column in columns),
        truth[:, columns],
        tuple(name for name in dataset.classes if name not in place_of),
        tuple(name for column, name in enumerate(model.labels) if column not in columns),
    )


def _places(model: Model, dataset: Dataset) -> Iterator[tuple[str, int]]:
    """Yield each class of a data set that a model has, and the position of the label."""
    free = [label for label in model.bundle.labels if label.name not in dataset.classes and label.snomed]
    by_code = {label.snomed: model.labels.index(label.name) for label in free}
    # What a name in somebody's own table means nobody has said.
    codes = _codes() if dataset.kind == "public" else {}
    for name in dataset.classes:
        if name in model.labels:
            yield name, model.labels.index(name)
        elif found := [by_code.pop(code) for code in codes.get(name, ()) if code in by_code]:
            yield name, found[0]


def _codes() -> Mapping[str, tuple[str, ...]]:
    """Return the SNOMED CT codes of the classes of the challenges."""
    challenge = {scored.abbreviations[0]: tuple(scored.codes) for scored in SCORED_CLASSES}
    return {name: (code,) for name, code in CPSC_CODES.items()} | challenge


def _parts(answers: Mapping[int, Prediction], n_records: int) -> Iterator[tuple[str, list[int]]]:
    """Yield the parts of a data set that are scored: in words, and their recordings."""
    n_failed = n_records - len(answers)
    yield f"all but {n_failed} that failed" if n_failed else "all recordings", list(answers)
    if sure := [row for row, answer in answers.items() if not answer.abstained]:
        yield "those it was sure of", sure
    if n_failed:
        yield "failures given no class", list(range(n_records))


def _measures(
    dataset: Dataset, judged: Judged, answers: Mapping[int, Prediction], rows: list[int]
) -> dict[str, Any]:
    patients = dataset.patient_groups()
    groups = None if patients is None else patients[rows]
    truth = judged.truth[rows]
    given = np.array(
        [[row in answers and name in answers[row].labels for name in judged.classes] for row in rows]
    )
    table = output_table(truth, given, judged.classes, groups=groups)
    ranking = None
    # What failed has no probabilities to rank.
    if all(row in answers for row in rows):
        ranking = ranking_table(truth, _probs(judged, answers, rows), judged.classes, groups=groups)
    challenge = judged_challenge_score(truth, given, judged.classes, groups=groups)
    frequent = _frequent(judged, answers)
    means = outputs_of_groups(frequent, truth, given, patients=groups, n=N_RESAMPLES)
    if ranking is not None:
        probs = _probs(judged, answers, rows)
        means += ranking_of_groups(frequent, truth, probs, patients=groups, n=N_RESAMPLES)
    return over_frequent(label_measures(table, ranking, challenge), means)


def _probs(judged: Judged, answers: Mapping[int, Prediction], rows: list[int]) -> NDArray[np.float64]:
    return np.array([[answers[row].probs[name] for name in judged.classes] for row in rows])


def _frequent(judged: Judged, answers: Mapping[int, Prediction]) -> list[ClassGroup]:
    """Return the classes with ten positives or more among the recordings that got an answer, as a group."""
    support = np.nansum(judged.truth[list(answers)], axis=0).astype(int).tolist()
    groups = class_groups(judged.classes, support, (True,) * len(judged.classes))
    return [group for group in groups if group.name == FREQUENT]


def _facts(
    model: Model, dataset: Dataset, part: str, judged: Judged, answers: Mapping[int, Prediction]
) -> dict[str, Any]:
    rows = list(answers)
    error, brier = sigmoid_calibration(_probs(judged, answers, rows), judged.truth[rows])
    support = np.nansum(judged.truth[rows], axis=0).astype(int).tolist()
    thresholds = dict(zip(model.labels, model.bundle.thresholds or (), strict=True))
    return {
        **asked_facts(model, dataset, part, answers),
        "n_records": len(rows),
        "calibration_error": error,
        "brier": brier,
        "resampled": "records" if dataset.patient_groups() is None else "patients",
        "support": dict(zip(judged.classes, support, strict=True)),
        "frequent_classes": [name for group in _frequent(judged, answers) for name in group.classes],
        "thresholds": {name: thresholds[name] for name in judged.classes},
        "left_out": list(judged.left_out),
        "unjudged": list(judged.unjudged),
    }
