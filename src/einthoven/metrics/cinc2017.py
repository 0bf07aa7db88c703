"""Scores of the PhysioNet/CinC Challenge 2017.

Source: Clifford et al. 2017, doi:10.22489/CinC.2017.065-469, equations 1 and 2: F1 of a class is
2TP / (2TP + FN + FP), the challenge's score is its mean over N, A and O. In Zihlmann et al. 2017 (CinC) the
accuracy of a class is its recall.

The functions on confusion matrices take any number of leading axes, so that the bootstrap scores all its
resamples at once. A score that is not defined, of a class that neither occurs nor is predicted, is NaN, and
means skip it.

Intervals are percentiles of the bootstrap. A score of exactly 0 or 1 is the same in every resample, so that
its interval would have no width: there the exact binomial one stands, of Clopper & Pearson. For recall and
accuracy that is direct. F1 is 2J / (1 + J), where J is the share of hits among the records that have the
class or are given it: the limits of J give those of F1. For F1avg, where all its classes are so, it is the
wider of two: all doubt in the class of the fewest records, or the same in all. That is within 0.01 of the
lowest F1avg under which nothing but hits still has a probability of 2.5 %. So it is for balanced accuracy.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from einthoven.errors import DatasetError
from einthoven.metrics.bootstrap import (
    N_RESAMPLES,
    bootstrap_confusions,
    extreme_interval,
    percentile_interval,
)
from einthoven.metrics.confusion import confusion_matrix

AVERAGED_CLASSES = ("N", "A", "O")
"""The classes whose F1 the challenge averages."""

AVERAGED = (0, 1, 2)
"""Their indices among (N, A, O, ~)."""

Scores = NDArray[np.float64]


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


def f1_of_confusion(matrix: NDArray[np.int64]) -> Scores:
    """Compute F1 from confusion matrices (..., n_classes, n_classes): (..., n_classes)."""
    hits = np.diagonal(matrix, axis1=-2, axis2=-1)
    return _divide(2 * hits, matrix.sum(axis=-1) + matrix.sum(axis=-2))


def mean_f1_of_confusion(matrix: NDArray[np.int64], averaged: Sequence[int] = AVERAGED) -> Scores:
    """Compute the mean F1 over some classes from confusion matrices (..., n_classes, n_classes): (...)."""
    return _mean_of_defined(f1_of_confusion(matrix)[..., list(averaged)])


def recall_of_confusion(matrix: NDArray[np.int64]) -> Scores:
    """Compute recall from confusion matrices (..., n_classes, n_classes): (..., n_classes)."""
    return _divide(np.diagonal(matrix, axis1=-2, axis2=-1), matrix.sum(axis=-1))


def precision_of_confusion(matrix: NDArray[np.int64]) -> Scores:
    """Compute the share of right ones among the answers of each class, from (..., n_classes, n_classes)."""
    return _divide(np.diagonal(matrix, axis1=-2, axis2=-1), matrix.sum(axis=-2))


def specificity_of_confusion(matrix: NDArray[np.int64]) -> Scores:
    """Compute the share of the records without a class that are not given it: (..., n_classes)."""
    without = matrix.sum(axis=(-2, -1))[..., None] - matrix.sum(axis=-1)
    wrong = matrix.sum(axis=-2) - np.diagonal(matrix, axis1=-2, axis2=-1)
    return _divide(without - wrong, without)


def balanced_accuracy_of_confusion(matrix: NDArray[np.int64]) -> Scores:
    """Compute the mean recall of the classes that occur from (..., n_classes, n_classes): (...)."""
    return _mean_of_defined(recall_of_confusion(matrix))


def accuracy_of_confusion(matrix: NDArray[np.int64]) -> Scores:
    """Compute accuracy from confusion matrices (..., n_classes, n_classes): (...)."""
    return _divide(np.trace(matrix, axis1=-2, axis2=-1), matrix.sum(axis=(-2, -1)))


@dataclass(frozen=True, slots=True)
class Score:
    """A score and its 95 % interval: NaN, all three, of a class without records."""

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.value:.3f} ({self.low:.3f} to {self.high:.3f})"


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


def proportion_score(values: Scores, n_units: int) -> Score:
    """Return a proportion with its 95 % interval.

    values : (1 + n,), the proportion and its resamples
    n_units : records, or patients where these were drawn, that it stands on
    """
    value, (low, high) = float(values[0]), percentile_interval(values[1:])
    return Score(
        value, *(extreme_interval(value, n_units) if _has_no_width(value, low, high) else (low, high))
    )


def f1_score(values: Scores, n_units: int) -> Score:
    """Return an F1 with its 95 % interval; the parameters are those of `proportion_score`."""
    value, (low, high) = float(values[0]), percentile_interval(values[1:])
    return Score(value, *(f1_limits(value, n_units) if _has_no_width(value, low, high) else (low, high)))


def mean_score(
    values: Scores, n_units: Sequence[int], n_all: int, limits: Callable[[float, int], tuple[float, float]]
) -> Score:
    """Return a mean over classes with its interval.

    values : (1 + n,), the mean and its resamples
    n_units, n_all : what each of the classes, and all of them together, stand on
    limits : of the score of one class where it has no width, by its value and its units
    """
    value, (low, high) = float(values[0]), percentile_interval(values[1:])
    if _has_no_width(value, low, high):
        known = [n for n in n_units if n]
        rarest = limits(value, min(known))
        low, high = limits(value, min(sum(known), n_all))
        low = min(low, value + (rarest[0] - value) / len(known))
        high = max(high, value + (rarest[1] - value) / len(known))
    return Score(value, low, high)


def _has_no_width(value: float, low: float, high: float) -> bool:
    return not np.isnan(value) and not low < high


def f1_limits(value: float, n_units: int) -> tuple[float, float]:
    """Return the exact limits of an F1 of 0 or 1 that stands on so many records, or patients."""
    # F1 is 0 or 1 where J is.
    low, high = (2 * share / (1 + share) for share in extreme_interval(value, n_units))
    return low, high


def _mean_of_defined(scores: Scores) -> Scores:
    defined = ~np.isnan(scores)
    return _divide(np.where(defined, scores, 0.0).sum(axis=-1), defined.sum(axis=-1))


def _divide(numerator: ArrayLike, denominator: ArrayLike) -> Scores:
    above, below = np.asarray(numerator, np.float64), np.asarray(denominator, np.float64)
    quotient: Scores = np.divide(above, below, out=np.full(below.shape, np.nan), where=below != 0)
    return quotient
