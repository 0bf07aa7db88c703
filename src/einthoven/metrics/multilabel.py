"""Scores of classifiers that give a record any number of classes.

Source: Perez Alday et al. 2020, Physiological Measurement 41(12), 124003, doi:10.1088/1361-6579/abc960, for
F_beta, G_beta, macro F1 and exact match; Davis & Goadrich 2006 (ICML), doi:10.1145/1143844.1143874, for the
area under the precision-recall curve, which is a sum of steps here (average precision): straight lines
between its points would flatter. Differences: none.

A class that neither occurs nor is given has no F and no G: NaN, and means skip it. In the spring of 2020 the
challenge scored it 1 (`of_empty=1.0`). With intervals: `einthoven.metrics.multilabel_table`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from einthoven.errors import DatasetError
from einthoven.metrics.confusion import Scores, divide, mean_of_defined
from einthoven.truth import Flags

NAN = float("nan")


def label_matrix(values: ArrayLike, name: str) -> Flags:
    """Check which classes records have, and return it as bool, shape (n_records, n_classes).

    Raises DatasetError if the array has another shape, or holds something else than true and false (0, 1).
    """
    array = np.asarray(values)
    if array.ndim != 2 or not array.shape[1]:
        raise DatasetError(f"{name}: expected shape (n_records, n_classes), found {array.shape}")
    if array.dtype == np.bool_:
        return array
    if not np.issubdtype(array.dtype, np.number) or not np.isin(array, (0, 1)).all():
        raise DatasetError(
            f"{name}: expected true or false of each class, found other values ({array.dtype})"
        )
    return array.astype(np.bool_)


def score_matrix(values: ArrayLike, name: str = "scores") -> Scores:
    """Check scores and return them as float64, shape (n_records, n_classes).

    Raises DatasetError if the array has another shape, or a score is NaN.
    """
    array = np.asarray(values, np.float64)
    if array.ndim != 2 or not array.shape[1]:
        raise DatasetError(f"{name}: expected shape (n_records, n_classes), found {array.shape}")
    if (unknown := np.isnan(array)).any():
        row, column = np.argwhere(unknown)[0]
        raise DatasetError(f"{name}: expected numbers, found {int(unknown.sum())} that are NaN, "
                           f"the first of record {row}, class {column}")  # fmt: skip
    return array


def labels_and_outputs(labels: ArrayLike, outputs: ArrayLike) -> tuple[Flags, Flags]:
    """Check that true classes and those given belong together, and return both as bool.

    Raises DatasetError as `label_matrix` does, or if the two differ in shape.
    """
    has, given = label_matrix(labels, "labels"), label_matrix(outputs, "outputs")
    _check_shapes(has.shape, given.shape, "outputs")
    return has, given


def labels_and_scores(labels: ArrayLike, scores: ArrayLike) -> tuple[Flags, Scores]:
    """Check that true classes and scores belong together, and return them as bool and float64.

    Raises DatasetError as `label_matrix` and `score_matrix` do, or if the two differ in shape.
    """
    has, values = label_matrix(labels, "labels"), score_matrix(scores)
    _check_shapes(has.shape, values.shape, "scores")
    return has, values


def _check_shapes(expected: tuple[int, ...], found: tuple[int, ...], name: str) -> None:
    if expected != found:
        raise DatasetError(f"{name}: expected the shape of the labels, {expected}, found {found}")


def label_weights(labels: Flags) -> Scores:
    """Return what each record counts in F_beta and G_beta: 1 / max(number of its true classes, 1)."""
    weights: Scores = 1 / np.maximum(labels.sum(axis=1), 1)
    return weights


def outcome_counts(labels: Flags, outputs: Flags, weights: Scores | None = None) -> Scores:
    """Count hits, false alarms and misses of every class: (3, n_classes).

    weights : (n_records,), what each record counts; 1 unless told
    """
    each = np.ones(len(labels)) if weights is None else weights
    outcomes = labels & outputs, outputs & ~labels, labels & ~outputs
    return np.stack([each @ flags.astype(np.float64) for flags in outcomes])


def f_beta_of_counts(counts: Scores, beta: float, of_empty: float = NAN) -> Scores:
    """Compute F_beta from hits, false alarms and misses (..., 3, n_classes): (..., n_classes)."""
    hits, extra, missed = np.moveaxis(counts, -2, 0)
    return _or_empty((1 + beta**2) * hits, (1 + beta**2) * hits + extra + beta**2 * missed, of_empty)


def g_beta_of_counts(counts: Scores, beta: float, of_empty: float = NAN) -> Scores:
    """Compute G_beta from hits, false alarms and misses (..., 3, n_classes): (..., n_classes)."""
    hits, extra, missed = np.moveaxis(counts, -2, 0)
    return _or_empty(hits, hits + extra + beta * missed, of_empty)


def precision_of_counts(counts: Scores) -> Scores:
    """Compute precision from hits, false alarms and misses (..., 3, n_classes): (..., n_classes)."""
    return divide(counts[..., 0, :], counts[..., 0, :] + counts[..., 1, :])


def recall_of_counts(counts: Scores) -> Scores:
    """Compute recall from hits, false alarms and misses (..., 3, n_classes): (..., n_classes)."""
    return divide(counts[..., 0, :], counts[..., 0, :] + counts[..., 2, :])


def _or_empty(numerator: Scores, denominator: Scores, of_empty: float) -> Scores:
    return np.where(denominator == 0, of_empty, divide(numerator, denominator))


def f_beta_by_class(
    labels: ArrayLike, outputs: ArrayLike, beta: float = 2.0, *, of_empty: float = NAN
) -> Scores:
    """Compute F_beta of every class, each record counting 1 / max(number of its true classes, 1).

    F = (1 + beta^2) TP / ((1 + beta^2) TP + FP + beta^2 FN), shape (n_classes,), range [0, 1].

    Parameters
    ----------
    labels, outputs : (n_records, n_classes) bool, the classes that records have, and are given
    beta : a miss counts as much as beta^2 false alarms
    of_empty : of a class that neither occurs nor is given: NaN, or 1.0 as in the spring of 2020

    Raises
    ------
    DatasetError if the two differ in shape, or hold something else than true and false.

    >>> f_beta_by_class([[1, 1, 0], [1, 0, 0]], [[1, 0, 0], [0, 0, 0]]).round(3).tolist()
    [0.385, 0.0, nan]
    """
    has, given = labels_and_outputs(labels, outputs)
    return f_beta_of_counts(outcome_counts(has, given, label_weights(has)), beta, of_empty)


def g_beta_by_class(
    labels: ArrayLike, outputs: ArrayLike, beta: float = 2.0, *, of_empty: float = NAN
) -> Scores:
    """Compute G_beta of every class, TP / (TP + FP + beta FN), otherwise as `f_beta_by_class`.

    >>> g_beta_by_class([[1, 1, 0], [1, 0, 0]], [[1, 0, 0], [0, 0, 0]]).round(3).tolist()
    [0.2, 0.0, nan]
    """
    has, given = labels_and_outputs(labels, outputs)
    return g_beta_of_counts(outcome_counts(has, given, label_weights(has)), beta, of_empty)


def f1_by_class(labels: ArrayLike, outputs: ArrayLike) -> Scores:
    """Compute F1 of every class from raw counts: (n_classes,), range [0, 1]; NaN where not defined."""
    return f_beta_of_counts(outcome_counts(*labels_and_outputs(labels, outputs)), 1.0)


def macro_f_beta(labels: ArrayLike, outputs: ArrayLike, beta: float = 2.0, *, of_empty: float = NAN) -> float:
    """Compute the mean of `f_beta_by_class`, range [0, 1]; NaN if no class has one."""
    return float(mean_of_defined(f_beta_by_class(labels, outputs, beta, of_empty=of_empty)))


def macro_g_beta(labels: ArrayLike, outputs: ArrayLike, beta: float = 2.0, *, of_empty: float = NAN) -> float:
    """Compute the mean of `g_beta_by_class`, range [0, 1]; NaN if no class has one."""
    return float(mean_of_defined(g_beta_by_class(labels, outputs, beta, of_empty=of_empty)))


def macro_f1(labels: ArrayLike, outputs: ArrayLike) -> float:
    """Compute the mean of `f1_by_class`, range [0, 1]; NaN if no class has one."""
    return float(mean_of_defined(f1_by_class(labels, outputs)))


def exact_match(labels: ArrayLike, outputs: ArrayLike) -> float:
    """Compute the share of records that are given just the classes they have; NaN without records.

    >>> exact_match([[1, 1], [1, 0], [0, 0]], [[1, 0], [1, 0], [0, 0]])
    0.6666666666666666
    """
    has, given = labels_and_outputs(labels, outputs)
    return float(divide((has == given).all(axis=1).sum(), len(has)))


def auroc_by_class(labels: ArrayLike, scores: ArrayLike) -> Scores:
    """Compute the area under the ROC curve of every class: (n_classes,), range [0, 1].

    It is that of `einthoven.metrics.auroc`; NaN of a class that all records have, or none.

    Parameters
    ----------
    labels : (n_records, n_classes) bool, the classes that records have
    scores : (n_records, n_classes), higher where a class is more likely

    Raises
    ------
    DatasetError if the two differ in shape, a label is neither true nor false, or a score is NaN.

    >>> auroc_by_class([[0], [0], [1], [1]], [[0.1], [0.4], [0.4], [0.8]]).tolist()
    [0.875]
    """
    return _areas_by_class(labels, scores)[0, :]


def auprc_by_class(labels: ArrayLike, scores: ArrayLike) -> Scores:
    """Compute the area under the precision-recall curve of every class: (n_classes,), range (0, 1].

    The sum, over the distinct scores from the highest, of precision times what recall gains; NaN of a class
    that no record has. The parameters are those of `auroc_by_class`.

    >>> auprc_by_class([[0], [0], [1], [1]], [[0.1], [0.4], [0.4], [0.8]]).round(3).tolist()
    [0.833]
    """
    return _areas_by_class(labels, scores)[1, :]


def macro_auroc(labels: ArrayLike, scores: ArrayLike) -> float:
    """Compute the mean of `auroc_by_class`, range [0, 1]; NaN if no class has one."""
    return float(mean_of_defined(auroc_by_class(labels, scores)))


def macro_auprc(labels: ArrayLike, scores: ArrayLike) -> float:
    """Compute the mean of `auprc_by_class`, range (0, 1]; NaN if no class has one."""
    return float(mean_of_defined(auprc_by_class(labels, scores)))


@dataclass(frozen=True, slots=True)
class RankedClass:
    """The records of one class from the highest score to the lowest, sorted once for any number of resamples.

    order : (n_records,) records in that order
    positive : (n_positive,) records that have the class, in that order
    first : (n_steps,) where in `positive` a new score begins
    begin, end : (n_steps,) the places in `order` that these scores take up, the end excluded
    """

    order: NDArray[np.int64]
    positive: NDArray[np.int64]
    first: NDArray[np.int64]
    begin: NDArray[np.int64]
    end: NDArray[np.int64]


def rank_class(has: Flags, scores: Scores, judged: Flags | None = None) -> RankedClass:
    """Sort the records of one class, (n_records,) each, by their scores; those not judged are left out."""
    rows = np.arange(len(has)) if judged is None else np.flatnonzero(judged)
    order = rows[np.argsort(-scores[rows])]
    falling = -scores[order]
    places = np.flatnonzero(has[order])
    # Both curves turn only where a record has the class: the scores of all others need not be looked at.
    steps = falling[places]
    first = np.flatnonzero(np.concatenate([[True], steps[1:] != steps[:-1]])[: len(steps)])
    begin, end = (np.searchsorted(falling, steps[first], side) for side in ("left", "right"))
    return RankedClass(order, order[places], first, begin, end)


def areas_of_ranked(ranked: RankedClass, times: NDArray[np.int64]) -> Scores:
    """Compute the areas under the ROC and the precision-recall curve: (2, n_resamples).

    times : (n_resamples, n_records), how often each record is drawn
    """
    if not len(ranked.positive):
        return np.full((2, len(times)), NAN)
    above = np.zeros((len(times), len(ranked.order) + 1), np.int64)
    np.cumsum(times[:, ranked.order], axis=1, out=above[:, 1:])
    hits_here = np.add.reduceat(times[:, ranked.positive], ranked.first, axis=1)
    hits = np.cumsum(hits_here, axis=1)
    n_positive, n_drawn = hits[:, -1], above[:, -1]
    higher, drawn = above[:, ranked.begin], above[:, ranked.end]
    # Of the records without the class, those with a lower score count whole, those with the same score half.
    lower = 2 * (n_drawn - n_positive)[:, None] - (higher - hits + hits_here) - (drawn - hits)
    pairs = (hits_here * lower).sum(axis=1) / 2
    gained = (hits_here * (hits / np.maximum(drawn, 1))).sum(axis=1)
    return np.stack([divide(pairs, n_positive * (n_drawn - n_positive)), divide(gained, n_positive)])


def _areas_by_class(labels: ArrayLike, scores: ArrayLike) -> Scores:
    """Return the areas under both curves: (2, n_classes)."""
    has, values = labels_and_scores(labels, scores)
    once = np.ones((1, len(has)), np.int64)
    areas = [areas_of_ranked(rank_class(*of_class), once) for of_class in zip(has.T, values.T, strict=True)]
    return np.concatenate(areas, axis=1)
