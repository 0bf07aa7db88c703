"""Scores of the PhysioNet/CinC Challenge 2017.

Source: Clifford et al. 2017, doi:10.22489/CinC.2017.065-469, equations 1 and 2: F1 of a class is
2TP / (2TP + FN + FP), the challenge's score is its mean over N, A and O. In Zihlmann et al. 2017 (CinC) the
accuracy of a class is its recall.

Intervals: `einthoven.metrics.score`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from einthoven.errors import DatasetError
from einthoven.metrics.bootstrap import N_RESAMPLES, bootstrap_confusions, extreme_interval
from einthoven.metrics.confusion import (
    Scores,
    accuracy_of_confusion,
    balanced_accuracy_of_confusion,
    confusion_matrix,
    f1_of_confusion,
    mean_f1_of_confusion,
    precision_of_confusion,
    recall_of_confusion,
)
from einthoven.metrics.score import Score, f1_limits, f1_score, mean_score, proportion_score

AVERAGED_CLASSES = ("N", "A", "O")
"""The classes whose F1 the challenge averages."""

AVERAGED = (0, 1, 2)
"""Their indices among (N, A, O, ~)."""


def f1_scores(truth: ArrayLike, predicted: ArrayLike, n_classes: int = 4) -> Scores:
    """Compute the F1 of every class, shape (n_classes,), range [0, 1], NaN where not defined.

    >>> f1_scores([0, 0, 1, 2], [0, 1, 1, 2], 3).round(3).tolist()
    [0.667, 0.667, 1.0]
    """
    return f1_of_confusion(confusion_matrix(truth, predicted, n_classes))


def f1_average(
    truth: ArrayLike, predicted: ArrayLike, n_classes: int = 4, averaged: Sequence[int] = AVERAGED
) -> float:
    """Compute F1avg: the mean F1 over some classes, range [0, 1].

    averaged : indices of the classes to average; the challenge's N, A and O unless told
    """
    return float(mean_f1_of_confusion(confusion_matrix(truth, predicted, n_classes), averaged))


def recall_scores(truth: ArrayLike, predicted: ArrayLike, n_classes: int = 4) -> Scores:
    """Compute the recall (the paper's accuracy) of every class, shape (n_classes,), NaN if it is absent."""
    return recall_of_confusion(confusion_matrix(truth, predicted, n_classes))


def accuracy(truth: ArrayLike, predicted: ArrayLike, n_classes: int = 4) -> float:
    """Compute the share of correct records, range [0, 1], NaN if there is none."""
    return float(accuracy_of_confusion(confusion_matrix(truth, predicted, n_classes)))


@dataclass(frozen=True, slots=True)
class ScoreTable:
    """Scores a class, in the order of `classes`, and overall.

    support : records of each true class
    recall, precision : in heartbeats' terms sensitivity and positive predictivity
    f1_average : mean F1 over `averaged`
    balanced_accuracy : mean recall over the classes that occur
    confusion : rows true, columns predicted
    resampled : what the intervals drew: `records` or `patients`
    """

    classes: tuple[str, ...]
    support: tuple[int, ...]
    f1: tuple[Score, ...]
    recall: tuple[Score, ...]
    precision: tuple[Score, ...]
    accuracy: Score
    balanced_accuracy: Score
    f1_average: Score
    averaged: tuple[str, ...]
    confusion: tuple[tuple[int, ...], ...]
    resampled: str

    @property
    def n_records(self) -> int:
        """Number of records scored."""
        return sum(self.support)

    def to_dict(self) -> dict[str, Any]:
        """Return the table as plain lists, dicts, strings and numbers, for JSON."""
        return asdict(self)


def averaged_classes(classes: Sequence[str]) -> tuple[str, ...]:
    """Return the classes whose F1 makes F1avg: N, A and O where these are among them, else all.

    >>> averaged_classes(("~", "O", "A", "N")), averaged_classes(("sinus", "flutter"))
    (('N', 'A', 'O'), ('sinus', 'flutter'))
    """
    return AVERAGED_CLASSES if set(AVERAGED_CLASSES) <= set(classes) else tuple(classes)


def score_table(
    truth: ArrayLike,
    predicted: ArrayLike,
    classes: Sequence[str],
    *,
    averaged: Sequence[str] | None = None,
    groups: ArrayLike | None = None,
    n: int = N_RESAMPLES,
    seed: int = 0,
) -> ScoreTable:
    """Score predictions as the PhysioNet/CinC Challenge 2017 does, with 95 % intervals.

    The intervals are the bootstrap's, and exact binomial ones where these would have no width: see above.

    Parameters
    ----------
    truth, predicted : (n_records,) indices into `classes`
    classes : class names
    averaged : classes whose F1 makes F1avg; those of `averaged_classes` unless told
    groups : (n_records,) patients, drawn whole; None: records are drawn one by one
    n : number of resamples
    seed : of the resampling

    Raises
    ------
    DatasetError if there are no records, the arrays differ in length, or hold something else than classes.
    """
    if not len(np.asarray(truth)):
        raise DatasetError("expected records to score, found none")
    chosen = averaged_classes(classes) if averaged is None else tuple(averaged)
    positions = [list(classes).index(name) for name in chosen]
    matrix = confusion_matrix(truth, predicted, len(classes))
    drawn = bootstrap_confusions(truth, predicted, len(classes), groups=groups, n=n, seed=seed)
    both = np.concatenate([matrix[None], drawn])
    units = _units(truth, predicted, len(classes), groups)
    return ScoreTable(
        classes=tuple(classes),
        support=tuple(matrix.sum(axis=1).tolist()),
        f1=tuple(map(f1_score, f1_of_confusion(both).T, units.concerned)),
        recall=tuple(map(proportion_score, recall_of_confusion(both).T, units.true)),
        precision=tuple(map(proportion_score, precision_of_confusion(both).T, units.given)),
        accuracy=proportion_score(accuracy_of_confusion(both), units.all),
        balanced_accuracy=mean_score(
            balanced_accuracy_of_confusion(both), units.true, units.all, extreme_interval
        ),
        f1_average=mean_score(
            mean_f1_of_confusion(both, positions),
            [units.concerned[i] for i in positions],
            units.all,
            f1_limits,
        ),
        averaged=chosen,
        confusion=tuple(tuple(row) for row in matrix.tolist()),
        resampled="records" if groups is None else "patients",
    )


@dataclass(frozen=True, slots=True)
class _Units:
    """How many records, or patients where these are drawn, a score stands on.

    all : of any class
    true, given : with each class, and given it
    concerned : with each class, or given it
    """

    all: int
    true: tuple[int, ...]
    given: tuple[int, ...]
    concerned: tuple[int, ...]


def _units(truth: ArrayLike, predicted: ArrayLike, n_classes: int, groups: ArrayLike | None) -> _Units:
    true, guess = np.asarray(truth), np.asarray(predicted)
    units = np.arange(len(true)) if groups is None else np.asarray(groups)
    return _Units(
        len(np.unique(units)),
        tuple(len(np.unique(units[true == k])) for k in range(n_classes)),
        tuple(len(np.unique(units[guess == k])) for k in range(n_classes)),
        tuple(len(np.unique(units[(true == k) | (guess == k)])) for k in range(n_classes)),
    )
