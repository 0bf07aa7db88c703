"""Scores of classifiers that give a record any number of classes, each with its 95 % interval.

Intervals: `einthoven.metrics.score`. At 0 or 1 those of F and G follow from the share J of hits among the
records that have the class or are given it, with all the others misses, or all false alarms, whichever is
worse at 1 and better at 0. Those of the areas stand on the rarer of the records with the class and without.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from einthoven.errors import DatasetError
from einthoven.metrics.bootstrap import (
    N_RESAMPLES,
    extreme_interval,
    resample_sums,
    resample_times,
)
from einthoven.metrics.confusion import Scores, divide, mean_of_defined
from einthoven.metrics.multilabel import (
    NAN,
    areas_of_ranked,
    f_beta_of_counts,
    g_beta_of_counts,
    label_weights,
    labels_and_outputs,
    labels_and_scores,
    precision_of_counts,
    rank_class,
    recall_of_counts,
)
from einthoven.metrics.score import Score, mean_score, proportion_score
from einthoven.truth import Flags, judged_labels

Limits = Callable[[float, int], tuple[float, float]]

_DIGITS = 12
"""To which resampled scores are rounded: the order of a sum must not look like a difference."""


@dataclass(frozen=True, slots=True)
class OutputTable:
    """Scores of the classes given, one of each class in the order of `classes`, and their means.

    support : records with each class
    f_beta, g_beta : a record counts 1 / max(number of its true classes, 1)
    exact_match : share of records that are given just the classes they have
    beta : of F_beta and G_beta
    resampled : what the intervals drew: `records` or `patients`
    """

    classes: tuple[str, ...]
    support: tuple[int, ...]
    precision: tuple[Score, ...]
    recall: tuple[Score, ...]
    f1: tuple[Score, ...]
    f_beta: tuple[Score, ...]
    g_beta: tuple[Score, ...]
    exact_match: Score
    macro_f1: Score
    macro_f_beta: Score
    macro_g_beta: Score
    beta: float
    n_records: int
    resampled: str

    def to_dict(self) -> dict[str, Any]:
        """Return the table as plain lists, dicts, strings and numbers, for JSON."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class RankingTable:
    """How well scores rank records: one area of each class in the order of `classes`, and their means.

    support : records with each class
    resampled : what the intervals drew: `records` or `patients`
    """

    classes: tuple[str, ...]
    support: tuple[int, ...]
    auroc: tuple[Score, ...]
    auprc: tuple[Score, ...]
    macro_auroc: Score
    macro_auprc: Score
    n_records: int
    resampled: str

    def to_dict(self) -> dict[str, Any]:
        """Return the table as plain lists, dicts, strings and numbers, for JSON."""
        return asdict(self)


def output_table(
    labels: ArrayLike,
    outputs: ArrayLike,
    classes: Sequence[str],
    *,
    beta: float = 2.0,
    of_empty: float = NAN,
    groups: ArrayLike | None = None,
    n: int = N_RESAMPLES,
    seed: int = 0,
) -> OutputTable:
    """Score the classes given to records, with 95 % intervals.

    Parameters
    ----------
    labels : (n_records, n_classes) bool, the classes that records have, or floats of which NaN says that
        nobody judged whether: what is given there counts nothing
    outputs : (n_records, n_classes) bool, the classes that records are given
    classes : class names
    beta : of F_beta and G_beta
    of_empty : their value of a class that neither occurs nor is given: NaN, or 1.0 as in the spring of 2020
    groups : (n_records,) patients, drawn whole; None: records are drawn one by one
    n : number of resamples
    seed : of the resampling

    Raises
    ------
    DatasetError if there are no records, the arrays or the names do not fit each other, or hold something
    else than true and false.
    """
    known, judged = judged_labels(labels)
    has, given = labels_and_outputs(known, outputs)
    given = given & judged
    _check_names(classes, has.shape[1])
    sums = resample_sums(_contributions(has, given), groups=groups, n=n, seed=seed)
    plain, weighted = np.moveaxis(sums[:, :-2].reshape(len(sums), 2, 3, len(classes)), 1, 0)
    n_all = len(has) if groups is None else len(np.unique(np.asarray(groups)))
    concerned = _n_units(has | given, groups)
    # A class that is scored although it concerns no record stands on all of them.
    scored = concerned if np.isnan(of_empty) else tuple(count or n_all for count in concerned)
    f1_limits, f_limits = (
        partial(_share_limits, costs=(1 / (1 + b**2), b**2 / (1 + b**2))) for b in (1, beta)
    )
    g_limits = partial(_share_limits, costs=(1, beta))
    f1 = f_beta_of_counts(plain, 1.0)
    f, g = f_beta_of_counts(weighted, beta, of_empty), g_beta_of_counts(weighted, beta, of_empty)
    return OutputTable(
        classes=tuple(classes),
        support=tuple(has.sum(axis=0).tolist()),
        precision=_of_classes(precision_of_counts(plain), _n_units(given, groups), extreme_interval),
        recall=_of_classes(recall_of_counts(plain), _n_units(has, groups), extreme_interval),
        f1=_of_classes(f1, concerned, f1_limits),
        f_beta=_of_classes(f, scored, f_limits),
        g_beta=_of_classes(g, scored, g_limits),
        exact_match=proportion_score(divide(sums[:, -2], sums[:, -1]), n_all),
        macro_f1=_of_mean(f1, concerned, n_all, f1_limits),
        macro_f_beta=_of_mean(f, scored, n_all, f_limits),
        macro_g_beta=_of_mean(g, scored, n_all, g_limits),
        beta=beta,
        n_records=len(has),
        resampled=_resampled(groups),
    )


def ranking_table(
    labels: ArrayLike,
    scores: ArrayLike,
    classes: Sequence[str],
    *,
    groups: ArrayLike | None = None,
    n: int = N_RESAMPLES,
    seed: int = 0,
) -> RankingTable:
    """Score how records are ranked, with 95 % intervals.

    Records are sorted once; a resample counts how often each is drawn.

    Parameters
    ----------
    labels : (n_records, n_classes) bool, the classes that records have, or floats of which NaN says that
        nobody judged whether: such a record is not ranked
    scores : (n_records, n_classes), higher where a class is more likely
    classes : class names
    groups : (n_records,) patients, drawn whole; None: records are drawn one by one
    n : number of resamples
    seed : of the resampling

    Raises
    ------
    DatasetError if there are no records, the arrays or the names do not fit each other, a label is neither
    true nor false, or a score is NaN.
    """
    known, judged = judged_labels(labels)
    has, values = labels_and_scores(known, scores)
    _check_names(classes, has.shape[1])
    ranked = [rank_class(*of_class) for of_class in zip(has.T, values.T, judged.T, strict=True)]
    once = np.ones((1, len(has)), np.int64)
    draws = chain([once], resample_times(len(has), groups=groups, n=n, seed=seed))
    areas = [[areas_of_ranked(of_class, times) for of_class in ranked] for times in draws]
    auroc, auprc = np.moveaxis(np.concatenate(areas, axis=2), 0, 2)
    rarer = tuple(map(min, _n_units(has, groups), _n_units(judged & ~has, groups)))
    # The precision-recall curve of a class that all records have is 1 whatever the scores: it shows nothing.
    shown = tuple(max(count, 1) for count in rarer)
    n_all = len(has) if groups is None else len(np.unique(np.asarray(groups)))
    return RankingTable(
        classes=tuple(classes),
        support=tuple(has.sum(axis=0).tolist()),
        auroc=_of_classes(auroc, rarer, extreme_interval),
        auprc=_of_classes(auprc, shown, extreme_interval),
        macro_auroc=_of_mean(auroc, rarer, n_all, extreme_interval),
        macro_auprc=_of_mean(auprc, shown, n_all, extreme_interval),
        n_records=len(has),
        resampled=_resampled(groups),
    )


def _check_names(classes: Sequence[str], n_classes: int) -> None:
    if len(classes) != n_classes:
        raise DatasetError(f"classes: expected a name for each of {n_classes} columns, found {len(classes)}")


def _resampled(groups: ArrayLike | None) -> str:
    return "records" if groups is None else "patients"


def _contributions(has: Flags, given: Flags) -> Scores:
    """Return what each record adds to the counts, as they are and weighted; whether it is right; and 1."""
    outcomes = np.concatenate([has & given, given & ~has, has & ~given], axis=1).astype(np.float64)
    right = (has == given).all(axis=1, keepdims=True)
    return np.concatenate(
        [outcomes, outcomes * label_weights(has)[:, None], right, np.ones_like(right)],
        axis=1,
        dtype=np.float64,
    )


def _n_units(flags: Flags, groups: ArrayLike | None) -> tuple[int, ...]:
    """Count records, or patients where these are drawn, with each class, from (n_records, n_classes)."""
    if groups is None:
        return tuple(flags.sum(axis=0).tolist())
    units = np.asarray(groups)
    return tuple(len(np.unique(units[some])) for some in flags.T)


def _of_classes(values: Scores, n_units: Sequence[int], limits: Limits) -> tuple[Score, ...]:
    """Return the score of each class from it and its resamples, (1 + n, n_classes)."""
    columns = np.round(values, _DIGITS).T
    return tuple(
        mean_score(column, [count], count, limits) for column, count in zip(columns, n_units, strict=True)
    )


def _of_mean(values: Scores, n_units: Sequence[int], n_all: int, limits: Limits) -> Score:
    return mean_score(np.round(mean_of_defined(values), _DIGITS), n_units, n_all, limits)


def _share_limits(value: float, n_units: int, costs: tuple[float, float]) -> tuple[float, float]:
    """Return the exact limits of a score of 0 or 1 that is J / (J + cost x (1 - J)), J the share of hits.

    costs : of a false alarm and of a miss
    """
    low, high = extreme_interval(value, n_units)
    return low / (low + max(costs) * (1 - low)), high / (high + min(costs) * (1 - high))
