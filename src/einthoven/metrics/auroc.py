"""Area under the ROC curve: how well scores rank the records that have a class above those that do not.

Source: Hanley & McNeil 1982, Radiology 143(1), 29-36, doi:10.1148/radiology.143.1.7063747: it is the share of
pairs, one record with the class and one without, in which the former scores higher; a tie is half a pair. The
trapezoids below the curve have the same area. Differences: none.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from einthoven.errors import DatasetError
from einthoven.metrics.bootstrap import N_RESAMPLES, bootstrap_interval, extreme_interval
from einthoven.metrics.score import Score


def auroc(scores: ArrayLike, positive: ArrayLike) -> float:
    """Compute the area under the ROC curve, range [0, 1]; NaN if all records have the class, or none.

    Parameters
    ----------
    scores : (n_records,), higher where the class is more likely
    positive : (n_records,) bool, which records have it

    Raises
    ------
    DatasetError if the two differ in length, or a score is NaN.

    >>> auroc([0.1, 0.4, 0.4, 0.8], [False, False, True, True])
    0.875
    """
    values, has = np.asarray(scores, np.float64), np.asarray(positive, bool)
    if values.ndim != 1 or values.shape != has.shape:
        raise DatasetError(f"expected a score for each of {len(has)} records, found shape {values.shape}")
    if np.isnan(values).any():
        raise DatasetError(f"expected scores, found {int(np.isnan(values).sum())} that are NaN")
    return _area(values, has)


def auroc_score(
    scores: ArrayLike,
    positive: ArrayLike,
    *,
    groups: ArrayLike | None = None,
    n: int = N_RESAMPLES,
    seed: int = 0,
) -> Score:
    """Compute the area with its 95 % bootstrap interval.

    An area of 0 or 1, which every resample gives, has the exact binomial interval of as many trials as the
    rarer of the two, those with and those without the class, has records, or patients.

    Parameters
    ----------
    scores, positive : as in `auroc`
    groups : (n_records,) patients, drawn whole; None: records are drawn one by one
    n : number of resamples
    seed : of the resampling

    Raises
    ------
    DatasetError as `auroc` does, or if there are no records.
    """
    value = auroc(scores, positive)
    values, has = np.asarray(scores, np.float64), np.asarray(positive, bool)
    low, high = bootstrap_interval(_area, values, has, groups=groups, n=n, seed=seed)
    if np.isnan(value) or low < high:
        return Score(value, *((value, value) if np.isnan(value) else (low, high)))
    units = np.arange(len(has)) if groups is None else np.asarray(groups)
    n_trials = min(len(np.unique(units[has])), len(np.unique(units[~has])))
    return Score(value, *extreme_interval(value, n_trials))


def _area(values: NDArray[np.float64], has: NDArray[np.bool_]) -> float:
    n_positive = int(has.sum())
    n_negative = len(has) - n_positive
    if not n_positive or not n_negative:
        return float("nan")
    _, place, alike = np.unique(values, return_inverse=True, return_counts=True)
    # Records of one score share the mean of their ranks, which halves the ties.
    ranks = (np.cumsum(alike) - (alike - 1) / 2)[place]
    above = ranks[has].sum() - n_positive * (n_positive + 1) / 2
    return float(above / (n_positive * n_negative))
