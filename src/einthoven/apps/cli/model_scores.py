"""Scores of a model on a data set."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from einthoven.apps.cli.given import Given
from einthoven.apps.cli.output import Item
from einthoven.apps.cli.progress import progress
from einthoven.apps.cli.scores import measured_items
from einthoven.datasets import Dataset
from einthoven.errors import DatasetError
from einthoven.inference.files import predict_each
from einthoven.inference.prediction import Prediction
from einthoven.inference.runtime import Model
from einthoven.metrics import (
    ScoreTable,
    averaged_classes,
    brier_score,
    expected_calibration_error,
    score_table,
)
from einthoven.training.ancestry import bundle_ancestry

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from einthoven.bundle import Bundle

_NO_ANSWER = ""
"""What a failed recording counts as: no label of a model can have that name."""


def model_items(bundle: Bundle, given: Given) -> list[dict[str, Any]]:
    """Score a model of recordings on a data set, as rows of a table.

    The first rows are of all recordings that got an answer, the next of those that the model was sure of;
    if some recordings failed, the last count these as wrong.

    Raises DatasetError if a label is none of the model's, or no recording could be used.
    """
    model, dataset = Model(bundle), given.chosen(given.open(bundle), bundle)
    truth, answers = _truth(model, dataset), answers_of(model, dataset)
    rows, n_classes = list(answers), len(model.labels)
    predicted, sure = np.full(len(dataset), n_classes), np.zeros(len(dataset), bool)
    predicted[rows] = [model.labels.index(answer.labels[0]) for answer in answers.values()]
    sure[rows] = [not answer.abstained for answer in answers.values()]
    answered, patients = predicted < n_classes, dataset.patient_groups()
    n_failed = len(dataset) - len(rows)
    parts = [(f"all but {n_failed} that failed" if n_failed else "all recordings", answered)]
    parts += [("those it was sure of", sure)] if sure.any() else []
    parts += [("failures counted as wrong", np.ones(len(dataset), bool))] if n_failed else []
    facts = _facts(model, dataset, given.part, answers, truth[rows])
    items = []
    for part, kept in parts:
        groups = None if patients is None else patients[kept]
        table = _table(truth[kept], predicted[kept], model.labels, groups)
        items += measured_items(f"{model.name} {model.version}, {part}", table, facts)
    return items


def origin_note(item: Item) -> list[str]:
    """Say, if it is so, that a model may have learnt from the recordings that it was scored on."""
    if not item["learnt_from_it"]:
        return []
    learnt = f"{item['model']} learnt from"
    if item["learnt_from_it"] == "unknown":
        return [f"what {item['model']} learnt from is not all stated: these recordings may be among it"]
    if item["learnt_from_it"] == "fingerprint":
        return [f"{learnt} a data set of these very recordings and labels: it is flattered"]
    return [f"{learnt} recordings of {item['dataset']}: where these are the same, it is flattered"]


def asked_facts(
    model: Model, dataset: Dataset, part: str, answers: Mapping[int, Prediction]
) -> dict[str, Any]:
    """Return who was asked about which recordings, and how many of them got a sure answer."""
    return {
        "model": model.name,
        "model_version": model.version,
        "dataset": dataset.name,
        "kind": dataset.kind,
        "part": part,
        "simulated": dataset.kind == "simulated",
        "learnt_from_it": learnt_from(model, dataset),
        "n_failed": len(dataset) - len(answers),
        "coverage": sum(not answer.abstained for answer in answers.values()) / len(answers),
    }


def _facts(
    model: Model,
    dataset: Dataset,
    part: str,
    answers: Mapping[int, Prediction],
    truth: NDArray[np.int64],
) -> dict[str, Any]:
    probs = np.array([[answer.probs[label] for label in model.labels] for answer in answers.values()])
    probs /= probs.sum(axis=1, keepdims=True)
    return {
        **asked_facts(model, dataset, part, answers),
        "calibration_error": expected_calibration_error(probs, truth),
        "brier": brier_score(probs, truth),
    }


def learnt_from(model: Model, dataset: Dataset) -> str | None:
    """Tell what betrays that a model, or what it comes from, learnt from recordings of a data set.

    That is "fingerprint" or, if no fingerprint is the data set's, "name"; "unknown" if nothing betrays it,
    and not all that it learnt from is stated.
    """
    ancestry = bundle_ancestry(model.bundle.provenance)
    found = set()
    for part in ancestry.parts:
        if part.fingerprint == dataset.fingerprint() and part.among(dataset):
            found.add("fingerprint")
        # A store and the files it was made of, or a part of a data set, differ in their fingerprints.
        named_so = part.is_named_as(dataset) or (
            part.dataset == dataset.name and "public" not in (part.kind, dataset.kind)
        )
        if named_so and (not part.is_of(dataset) or part.among(dataset)):
            found.add("name")
    if found:
        return min(found)
    return None if ancestry.is_known else "unknown"


def _table(
    truth: NDArray[np.int64], predicted: NDArray[np.int64], labels: tuple[str, ...], groups: ArrayLike | None
) -> ScoreTable:
    """Score answers, of which `len(labels)` stands for none: a last column of the confusion matrix."""
    n = len(labels)
    if (predicted < n).all():
        return score_table(truth, predicted, labels, groups=groups)
    classes, averaged = (*labels, _NO_ANSWER), averaged_classes(labels)
    table = score_table(truth, predicted, classes, averaged=averaged, groups=groups)
    parts = ("classes", "support", "f1", "recall", "precision", "confusion")
    cut = {name: getattr(table, name)[:n] for name in parts}
    return replace(table, **cut)


def _truth(model: Model, dataset: Dataset) -> NDArray[np.int64]:
    """Return the class of every recording, (n_records,), as an index into the model's labels."""
    if unknown := sorted(set(dataset.classes) - set(model.labels)):
        raise DatasetError(f"{dataset.name}: expected labels among {', '.join(model.labels)}, "
                           f"found {', '.join(unknown)}")  # fmt: skip
    indices = np.array([model.labels.index(label) for label in dataset.classes], np.int64)
    return indices[dataset.class_indices()]


def answers_of(model: Model, dataset: Dataset) -> dict[int, Prediction]:
    """Return the answers of a model, by the recording's position, leaving out the recordings that failed."""
    with progress(f"scoring {dataset.name}") as report:
        found = list(predict_each(model, range(len(dataset)), dataset.read, report))
    answers = {row: answer for row, answer in enumerate(found) if isinstance(answer, Prediction)}
    if not answers:
        reason = getattr(found[0], "error", "") if found else "there is none"
        raise DatasetError(f"{dataset.name}: no recording could be used: {reason}")
    return answers
