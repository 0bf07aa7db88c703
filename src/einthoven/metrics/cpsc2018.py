"""Scores of the China Physiological Signal Challenge 2018.

Source: Liu et al. 2018, Journal of Medical Imaging and Health Informatics 8(7), 1368-1373,
doi:10.1166/jmihi.2018.2442: a record has up to three classes and is given one. If that is among them, it
counts as the record's true class, else the first of them does. Of the confusion matrix that results, the
score is the mean F1 of the nine classes; groups of classes have an F1 whose numerators and denominators are
pooled. Differences: a class that neither occurs nor is given has no F1 and is left out of the mean.

Intervals: `einthoven.metrics.score`.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from einthoven.errors import DatasetError
from einthoven.metrics.bootstrap import N_RESAMPLES, bootstrap_confusions
from einthoven.metrics.cinc2017 import score_table
from einthoven.metrics.confusion import (
    Scores,
    confusion_matrix,
    divide,
    f1_of_confusion,
    mean_f1_of_confusion,
)
from einthoven.metrics.score import Score, f1_score
from einthoven.truth import class_array

CLASSES = ("Normal", "AF", "I-AVB", "LBBB", "RBBB", "PAC", "PVC", "STD", "STE")
"""The nine classes in the order of the challenge's numbers, of which the first is 1."""

GROUPS = {
    "AF": ("AF",),
    "Block": ("I-AVB", "LBBB", "RBBB"),
    "PC": ("PAC", "PVC"),
    "ST": ("STD", "STE"),
}
"""The classes of each group: atrial fibrillation, block, premature contraction, change of the ST segment."""


@dataclass(frozen=True, slots=True)
class Cpsc2018Table:
    """Scores with their intervals, a class each in the order of `CLASSES`.

    score : mean F1
    groups : F1 of each of `GROUPS`
    confusion : rows true, columns predicted
    resampled : what the intervals drew: `records` or `patients`
    """

    f1: tuple[Score, ...]
    score: Score
    groups: dict[str, Score]
    confusion: tuple[tuple[int, ...], ...]
    resampled: str

    def to_dict(self) -> dict[str, Any]:
        """Return the table as plain lists, dicts, strings and numbers, for JSON."""
        return asdict(self)


def counted_classes(labels: ArrayLike, predicted: ArrayLike) -> NDArray[np.int64]:
    """Return the class that each record counts as: the one it is given if that is right, else its first.

    Parameters
    ----------
    labels : (n_records, n_labels) indices into `CLASSES`, the first label first; -1 where there are fewer
    predicted : (n_records,) indices into `CLASSES`

    Returns
    -------
    (n_records,) int64

    Raises
    ------
    DatasetError if the two differ in length, a record has no first label, or holds something else than
    classes.

    >>> counted_classes([[1, 4, -1], [1, 4, -1], [0, -1, -1]], [4, 7, 7]).tolist()
    [4, 1, 0]
    """
    true, given = np.asarray(labels), class_array(predicted, len(CLASSES), "predicted")
    if true.ndim != 2 or not true.shape[1]:
        raise DatasetError(f"labels: expected shape (n_records, n_labels), found {true.shape}")
    if len(true) != len(given):
        raise DatasetError(f"expected one prediction a record, found {len(true)} records and {len(given)}"
                           " predictions")  # fmt: skip
    first = class_array(true[:, 0], len(CLASSES), "first labels")
    if true.size and (true.min() < -1 or true.max() >= len(CLASSES)):
        raise DatasetError(f"labels: expected class indices from 0 to {len(CLASSES) - 1}, or -1 for none, "
                           f"found {true.min()} to {true.max()}")  # fmt: skip
    return np.where((true == given[:, None]).any(axis=1), given, first)


def f1_by_class(labels: ArrayLike, predicted: ArrayLike) -> Scores:
    """Compute the F1 of every class, shape (9,), range [0, 1], NaN where not defined.

    The parameters are those of `counted_classes`.
    """
    return f1_of_confusion(_confusion(labels, predicted))


def cpsc2018_score(labels: ArrayLike, predicted: ArrayLike) -> float:
    """Compute the challenge's score, the mean F1, range [0, 1], NaN without records.

    The parameters are those of `counted_classes`.

    >>> round(cpsc2018_score([[1, 4], [1, 4], [0, -1]], [4, 7, 0]), 3)
    0.5
    """
    return float(mean_f1_of_confusion(_confusion(labels, predicted), range(len(CLASSES))))


def group_f1(labels: ArrayLike, predicted: ArrayLike) -> dict[str, float]:
    """Compute the F1 of each of `GROUPS`, range [0, 1], NaN where not defined.

    The parameters are those of `counted_classes`.
    """
    matrix = _confusion(labels, predicted)
    return {name: float(_pooled_f1(matrix, name)) for name in GROUPS}


def cpsc2018_table(
    labels: ArrayLike,
    predicted: ArrayLike,
    *,
    groups: ArrayLike | None = None,
    n: int = N_RESAMPLES,
    seed: int = 0,
) -> Cpsc2018Table:
    """Score predictions as the challenge does, with 95 % intervals.

    Parameters
    ----------
    labels, predicted : as in `counted_classes`
    groups : (n_records,) patients, drawn whole; None: records are drawn one by one
    n : number of resamples
    seed : of the resampling

    Raises
    ------
    DatasetError as `counted_classes` does, or if there are no records.
    """
    true, given = counted_classes(labels, predicted), np.asarray(predicted)
    table = score_table(true, given, CLASSES, averaged=CLASSES, groups=groups, n=n, seed=seed)
    drawn = bootstrap_confusions(true, given, len(CLASSES), groups=groups, n=n, seed=seed)
    both = np.concatenate([np.array(table.confusion)[None], drawn])
    units = np.arange(len(true)) if groups is None else np.asarray(groups)

    def score(name: str) -> Score:
        members = _members(name)
        concerned = np.isin(true, members) | np.isin(given, members)
        return f1_score(_pooled_f1(both, name), len(np.unique(units[concerned])))

    return Cpsc2018Table(
        f1=table.f1,
        score=table.f1_average,
        groups={name: score(name) for name in GROUPS},
        confusion=table.confusion,
        resampled=table.resampled,
    )


def _confusion(labels: ArrayLike, predicted: ArrayLike) -> NDArray[np.int64]:
    return confusion_matrix(counted_classes(labels, predicted), predicted, len(CLASSES))


def _members(group: str) -> list[int]:
    return [CLASSES.index(name) for name in GROUPS[group]]


def _pooled_f1(matrix: NDArray[np.int64], group: str) -> Scores:
    """Compute the F1 of a group from confusion matrices (..., 9, 9): (...)."""
    members = _members(group)
    hits = np.diagonal(matrix, axis1=-2, axis2=-1)[..., members].sum(axis=-1)
    concerned = matrix.sum(axis=-1)[..., members].sum(axis=-1) + matrix.sum(axis=-2)[..., members].sum(
        axis=-1
    )
    return divide(2 * hits, concerned)
