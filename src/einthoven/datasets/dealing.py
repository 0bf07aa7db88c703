"""Recordings dealt to folds: every fold has every class in the same proportion, and patients stay whole."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from einthoven.errors import DatasetError

Folds = NDArray[np.int64]
Counts = NDArray[np.int64]


def deal_classes(
    labels: NDArray[np.int64], groups: Sequence[str | None], n_folds: int, seed: int | Sequence[int]
) -> Folds:
    """Deal recordings of one class each to folds.

    Groups are dealt whole, the largest first, each to the fold that has least of what the group holds.

    Parameters
    ----------
    labels : (n_records,) class indices
    groups : n_records patients; None is a patient of one recording
    n_folds : 2 or more
    seed : decides the order among equals

    Returns
    -------
    (n_records,) fold of each recording, from 0. Without groups two folds differ by at most 1 recording, and
    by at most 1 of any class.
    """
    members = _members(groups, seed)
    n_classes = int(labels.max()) + 1
    totals = np.maximum(np.bincount(labels, minlength=n_classes), 1)
    counts = np.zeros((n_folds, n_classes))
    folds = np.zeros(len(labels), np.int64)
    for group_members in sorted(members, key=len, reverse=True):
        held = np.bincount(labels[group_members], minlength=n_classes)
        cost = (((2 * counts + held) * held) / totals**2).sum(1)
        best = int(np.lexsort((counts.sum(1), cost.round(12)))[0])
        counts[best] += held
        folds[group_members] = best
    return folds


def deal_labels(
    labels: ArrayLike, groups: Sequence[str | None], n_folds: int, seed: int | Sequence[int]
) -> Folds:
    """Deal recordings of any number of classes each to folds: iterative stratification.

    The rarest class is dealt first, each recording to the fold that has fewest of the class; then the rarest
    class among the recordings that are left. Those without any class come last and even out the sizes.

    Source: Sechidis, Tsoumakas and Vlahavas 2011, doi:10.1007/978-3-642-23808-6_10.
    Differences: groups are dealt whole, those with most of the class first. Between folds with as few of the
    class, the paper looks at their sizes; here at what else the group holds too, by the cost of
    `deal_classes`, and what is then still equal falls to the first and is not drawn.

    Parameters
    ----------
    labels : (n_records, n_classes): 1 where a recording has a class, 0 where not, NaN where nobody judged
    groups : n_records patients; None is a patient of one recording
    n_folds : 2 or more
    seed : decides the order among equals

    Returns
    -------
    (n_records,) fold of each recording, from 0

    Raises
    ------
    DatasetError if labels are no matrix of 0, 1 and NaN.

    >>> deal_labels([[1, 0], [1, 0], [0, 1], [1, 1], [0, 0], [0, 0]], [None] * 6, 2, seed=0).tolist()
    [1, 0, 1, 0, 1, 0]
    """
    matrix = np.asarray(labels, np.float32)
    if matrix.ndim != 2 or not np.isin(matrix[~np.isnan(matrix)], (0, 1)).all():
        raise DatasetError("labels: expected a matrix of 0, 1 and NaN, found something else")
    members = _members(groups, seed)
    folds = np.empty(len(matrix), np.int64)
    for number, fold in _dealt(_held(matrix == 1, members), n_folds):
        folds[members[number]] = fold
    return folds


def _members(groups: Sequence[str | None], seed: int | Sequence[int]) -> list[list[int]]:
    """Return the recordings of each group, groups and recordings in an order that the seed decides."""
    members: dict[object, list[int]] = {}
    for index in np.random.default_rng(seed).permutation(len(groups)):
        group = groups[index]
        members.setdefault(int(index) if group is None else str(group), []).append(int(index))
    return list(members.values())


def _held(has: NDArray[np.bool_], members: Sequence[Sequence[int]]) -> Counts:
    """Return how many recordings of each class a group holds, and in the last column how many in all."""
    group_of = np.empty(len(has), np.int64)
    for number, indices in enumerate(members):
        group_of[list(indices)] = number
    held = np.zeros((len(members), has.shape[1] + 1), np.int64)
    np.add.at(held, group_of, np.column_stack([has, np.ones(len(has), bool)]))
    return held


def _dealt(held: Counts, n_folds: int) -> Iterator[tuple[int, int]]:
    """Yield each group's number and fold, in the order in which they are dealt."""
    counts = np.zeros((held.shape[1], n_folds), np.int64)
    squared_totals = np.maximum(held.sum(axis=0), 1)[:, None].astype(np.float64) ** 2
    for column, numbers in _rarest_first(held):
        for number in numbers:
            own = held[number][:, None]
            # The last key counts most; where all are equal the first fold is taken.
            cost = ((2 * counts + own) * own / squared_totals).sum(axis=0).round(12)
            fold = int(np.lexsort((cost, counts[column]))[0])
            yield int(number), fold
            counts[:, fold] += held[number]


def _rarest_first(held: Counts) -> Iterator[tuple[int, NDArray[np.int64]]]:
    """Yield the rarest column among the groups that are left, and these groups, largest first, until none is.

    The last column, which all groups have, is not rare before there is no other.
    """
    left = np.ones(len(held), bool)
    while left.any():
        remaining = held[left].sum(axis=0)
        remaining[-1] = remaining.sum()
        column = int(np.where(remaining, remaining, np.iinfo(np.int64).max).argmin())
        numbers = np.flatnonzero(left & (held[:, column] > 0))
        yield column, numbers[np.argsort(-held[numbers, column], kind="stable")]
        left[numbers] = False
