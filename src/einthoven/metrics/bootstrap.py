"""How sure a score is: percentile intervals from resampled records, or resampled patients.

Source: Efron & Tibshirani, An Introduction to the Bootstrap, 1993, chapter 13 (the percentile interval).
Differences: none. Where patients are known whole patients are drawn, since a patient's recordings resemble
each other and drawing them one by one would make the interval too narrow.

Where nothing varies, resampling cannot see how little is known: all of 13 right gives 1 in every resample.
For such scores there is `extreme_interval`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from einthoven.errors import DatasetError
from einthoven.metrics.confusion import confusion_cells

LEVEL = 0.95
N_RESAMPLES = 1000
_BLOCK = 2**19
"""How many counts of draws are held at once: 4 MiB, which a processor keeps at hand."""


def bootstrap_interval(
    statistic: Callable[..., float],
    *arrays: NDArray[Any],
    groups: ArrayLike | None = None,
    n: int = N_RESAMPLES,
    seed: int = 0,
) -> tuple[float, float]:
    """Compute the 95 % bootstrap interval of any statistic.

    For scores that a confusion matrix decides, `bootstrap_confusions` is many times faster.

    Parameters
    ----------
    statistic : called with the resampled arrays
    arrays : each of n_records rows
    groups : (n_records,) patients; they are drawn whole. None: records are drawn one by one
    n : number of resamples
    seed : of the generator

    Returns
    -------
    The 2.5 % and the 97.5 % quantile of the statistic; resamples where it is NaN are left out.

    Raises
    ------
    DatasetError if there are no records, or the arrays and groups differ in length.
    """
    if len({len(array) for array in arrays}) != 1:
        raise DatasetError(f"expected arrays of one length, found {', '.join(str(len(a)) for a in arrays)}")
    members = _members(len(arrays[0]), groups)
    rng = np.random.default_rng(seed)
    values = np.empty(n)
    for resample in range(n):
        drawn = rng.integers(len(members), size=len(members))
        rows = drawn if groups is None else np.concatenate([members[group] for group in drawn])
        values[resample] = statistic(*(array[rows] for array in arrays))
    return percentile_interval(values)


def bootstrap_confusions(
    truth: ArrayLike,
    predicted: ArrayLike,
    n_classes: int,
    *,
    groups: ArrayLike | None = None,
    n: int = N_RESAMPLES,
    seed: int = 0,
) -> NDArray[np.int64]:
    """Resample a classifier's confusion matrix.

    Drawing records with replacement is drawing the matrix's cells from a multinomial distribution. Drawing
    patients is drawing their own matrices, of which many are alike. So no record is touched again.

    Parameters
    ----------
    truth, predicted : (n_records,) class indices
    n_classes : number of classes
    groups : (n_records,) patients; they are drawn whole. None: records are drawn one by one
    n : number of resamples
    seed : of the generator

    Returns
    -------
    (n, n_classes, n_classes) int64: rows true, columns predicted

    Raises
    ------
    DatasetError if there are no records, the arrays differ in length, or hold something else than classes.
    """
    cells = confusion_cells(truth, predicted, n_classes)
    numbers = _group_numbers(len(cells), groups)
    shape = (n, n_classes, n_classes)
    if groups is None:
        counts = np.bincount(cells, minlength=n_classes**2)
        return resample_confusion(counts.reshape(shape[1:]), n=n, seed=seed)
    rng = np.random.default_rng(seed)
    n_groups = int(numbers.max()) + 1
    own = np.bincount(numbers * n_classes**2 + cells, minlength=n_groups * n_classes**2)
    matrices, alike = np.unique(own.reshape(n_groups, n_classes**2), axis=0, return_counts=True)
    times = rng.multinomial(n_groups, alike / n_groups, size=n)
    drawn: NDArray[np.int64] = (times @ matrices).reshape(shape)
    return drawn


def resample_confusion(
    matrix: NDArray[np.int64], *, n: int = N_RESAMPLES, seed: int = 0
) -> NDArray[np.int64]:
    """Resample the records of a confusion matrix, one by one.

    matrix : (n_classes, n_classes), of at least one record

    Returns (n, n_classes, n_classes) int64. Raises DatasetError if the matrix is empty.
    """
    total = int(matrix.sum())
    if total < 1:
        raise DatasetError("expected records to resample, found none")
    rng = np.random.default_rng(seed)
    return rng.multinomial(total, (matrix / total).ravel(), size=n).reshape(n, *matrix.shape)


def resample_times(
    n_records: int, *, groups: ArrayLike | None = None, n: int = N_RESAMPLES, seed: int = 0
) -> Iterator[NDArray[np.int64]]:
    """Yield how often each record is drawn, for a block of resamples at a time.

    The draws are those of `bootstrap_interval` with the same seed. What is a sum over records, or needs their
    order alone, is resampled with these counts many times faster than from the records.

    Parameters
    ----------
    n_records : number of records
    groups : (n_records,) patients; they are drawn whole. None: records are drawn one by one
    n : number of resamples
    seed : of the generator

    Yields
    ------
    (n_resamples, n_records) int64, of as many resamples as fit into 4 MiB, at least one

    Raises
    ------
    DatasetError if there are no records, or not one group for each.
    """
    numbers = _group_numbers(n_records, groups)
    n_groups = int(numbers.max()) + 1
    rng = np.random.default_rng(seed)
    for left in range(n, 0, -(step := max(1, _BLOCK // n_records))):
        times = np.empty((min(step, left), n_records), np.int64)
        for row in times:
            drawn = rng.integers(n_groups, size=n_groups)
            row[:] = np.bincount(drawn, minlength=n_groups)[numbers]
        yield times


def resample_sums(
    contributions: NDArray[np.float64],
    *,
    groups: ArrayLike | None = None,
    n: int = N_RESAMPLES,
    seed: int = 0,
) -> NDArray[np.float64]:
    """Sum what records contribute, over all of them and over those of each resample.

    Parameters
    ----------
    contributions : (n_records, n_sums)
    groups, n, seed : as in `resample_times`

    Returns
    -------
    (1 + n, n_sums), first the sums over all records

    Raises
    ------
    DatasetError as `resample_times` does.
    """
    times = resample_times(len(contributions), groups=groups, n=n, seed=seed)
    sums = [block.astype(np.float64) @ contributions for block in times]
    return np.concatenate([contributions.sum(axis=0, keepdims=True), *sums])


def percentile_interval(values: ArrayLike, level: float = LEVEL) -> tuple[float, float]:
    """Return the central interval of resampled values, leaving out NaN; (NaN, NaN) if that leaves none.

    >>> percentile_interval([0, 1, 2, 3, 4], level=0.5)
    (1.0, 3.0)
    """
    array = np.asarray(values, np.float64)
    defined = array[~np.isnan(array)]
    if not defined.size:
        return float("nan"), float("nan")
    low, high = np.quantile(defined, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)


def extreme_interval(value: float, n: int, level: float = LEVEL) -> tuple[float, float]:
    """Compute the exact interval of a proportion that is 0 or 1, where the bootstrap's has no width.

    Source: Clopper & Pearson 1934, Biometrika 26(4), 404-413, doi:10.1093/biomet/26.4.404: of n successes in
    n trials the lower limit is (alpha / 2)^(1/n). Its one-sided kin is the rule of three, 1 - 3/n (Hanley &
    Lippman-Hand 1983, JAMA 249(13), 1743-1745). Differences: none; for a value between 0 and 1, which all
    resamples give only where they have nothing to draw, such as a single patient, it is all of [0, 1].

    Parameters
    ----------
    value : the proportion
    n : number of trials: records, or patients where these are drawn
    level : probability that the interval covers the truth, at least

    Returns
    -------
    The lower and the upper limit, range [0, 1].

    Raises
    ------
    DatasetError if there are no trials.

    >>> [round(limit, 3) for limit in extreme_interval(1.0, 13)]
    [0.753, 1.0]
    """
    if n < 1:
        raise DatasetError(f"expected at least one trial, found {n}")
    reach = ((1 - level) / 2) ** (1 / n)
    if value == 1:
        return reach, 1.0
    return (0.0, 1 - reach) if value == 0 else (0.0, 1.0)


def _group_numbers(n_records: int, groups: ArrayLike | None) -> NDArray[np.int64]:
    if n_records == 0:
        raise DatasetError("expected records to resample, found none")
    if groups is None:
        return np.arange(n_records)
    array = np.asarray(groups)
    if array.shape != (n_records,):
        raise DatasetError(f"expected a group for each of {n_records} records, found shape {array.shape}")
    numbers: NDArray[np.int64] = np.unique(array, return_inverse=True)[1]
    return numbers


def _members(n_records: int, groups: ArrayLike | None) -> list[NDArray[np.int64]]:
    numbers = _group_numbers(n_records, groups)
    order = np.argsort(numbers, kind="stable")
    return np.split(order, np.cumsum(np.bincount(numbers))[:-1])
