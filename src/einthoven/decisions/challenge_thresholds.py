"""Thresholds for the challenge metric of 2020, where what a class earns depends on the others given."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from einthoven.decisions.cuts import cuts_of
from einthoven.decisions.simplex import highest_by_simplex
from einthoven.errors import DatasetError
from einthoven.metrics.cinc2020 import SCORED_CLASSES, class_places, merge_outputs, reward_matrix
from einthoven.truth import Flags

MAX_SWEEPS = 100
"""Rounds through the classes at most; it takes about five."""


@dataclass(frozen=True, slots=True)
class ChallengeRecords:
    """Records as the challenge metric sees them. Classes come first, so that one lies in one piece of memory.

    scores : (n_columns, n_records)
    place : (n_columns,) the class of each column: those that are scored as one share theirs
    has : (24, n_records)
    earns : (24, n_records), what a class given brings, before division by the number of classes
    n_true : (n_records,) number of true classes
    """

    scores: NDArray[np.float64]
    place: NDArray[np.int64]
    has: Flags
    earns: NDArray[np.float64]
    n_true: NDArray[np.int64]

    def mean_reward(self, thresholds: NDArray[np.float64]) -> float:
        """Compute the mean of what records earn: the challenge metric but for a fixed scale and offset."""
        earned, either = self.running_totals(self.scores >= thresholds[:, None])
        # Rounded, as the order of records must not look like a difference.
        return round(float(np.mean(earned / np.maximum(either, 1))), 12)

    def running_totals(self, given: Flags) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
        """Return what records earn before division, and what it is divided by: (n_records,) each."""
        earned, either = np.zeros(len(self.n_true)), self.n_true.copy()
        for k in np.unique(self.place):
            on = given[self.place == k].any(axis=0)
            earned += self.earns[k] * on
            either += on & ~self.has[k]
        return earned, either

    def given_by_others(self, given: Flags, column: int) -> Flags:
        """Tell which records get a column's class from another column that is scored as one with it."""
        same = self.place == self.place[column]
        same[column] = False
        others: Flags = given[same].any(axis=0)
        return others


def scored_columns(classes: Sequence[str], n_columns: int) -> NDArray[np.int64]:
    """Return the columns that the challenge scores: two classes of CPSC 2018, of the ST segment, it does not.

    Raises DatasetError if there is not a name for each column, or none is scored.
    """
    if len(classes) != n_columns:
        raise DatasetError(f"classes: expected a name for each of {n_columns} columns, found {len(classes)}")
    known = {name for scored in SCORED_CLASSES for name in (*scored.abbreviations, *scored.codes)}
    columns = np.flatnonzero([name in known for name in classes])
    if not columns.size:
        raise DatasetError("classes: expected some codes or abbreviations that the challenge of 2020 scores, "
                           f"found {', '.join(map(str, classes))}")  # fmt: skip
    return columns


def challenge_records(has: Flags, scores: NDArray[np.float64], classes: Sequence[str]) -> ChallengeRecords:
    """Prepare records of which every class was judged; all columns must be of scored classes.

    Parameters
    ----------
    has : (n_records, n_columns)
    scores : (n_records, n_columns)
    classes : the columns' SNOMED CT codes or abbreviations

    Raises
    ------
    DatasetError if a class is there twice.
    """
    merged = merge_outputs(has, classes)
    return ChallengeRecords(
        np.ascontiguousarray(scores.T),
        np.array(class_places(classes), np.int64),
        np.ascontiguousarray(merged.T),
        reward_matrix() @ merged.T.astype(np.float64),
        merged.sum(axis=1),
    )


def coordinate_thresholds(
    records: ChallengeRecords, start: NDArray[np.float64], moved: Flags
) -> NDArray[np.float64]:
    """Search one class's threshold after the other, all its cuts at once, until none gains: (n_columns,).

    What a record earns with and without the class, the others as they are, is the same for every cut. The
    result is a local optimum, never below the start: no single threshold can be moved with gain.

    moved : (n_columns,), which thresholds may move
    """
    thresholds, given = start.copy(), records.scores >= start[:, None]
    cuts = {j: cuts_of(records.scores[j]) for j in np.flatnonzero(moved).tolist()}
    earned, either = records.running_totals(given)
    for _ in range(MAX_SWEEPS):
        before = thresholds.copy()
        for j, of_class in cuts.items():
            k = records.place[j]
            brings, extra = records.earns[k], ~records.has[k]
            others = records.given_by_others(given, j)
            on = others | given[j]
            earned, either = earned - brings * on, either - (extra & on)
            gains = (earned + brings) / np.maximum(either + extra, 1) - earned / np.maximum(either, 1)
            # A record that another column gives the class already has nothing to gain.
            worth = of_class.totals(np.where(others, 0.0, gains)) / len(gains)
            thresholds[j] = of_class.best(worth, float(thresholds[j]))
            given[j] = records.scores[j] >= thresholds[j]
            on = others | given[j]
            earned, either = earned + brings * on, either + (extra & on)
        if np.array_equal(thresholds, before):
            break
    return thresholds


def simplex_thresholds(
    records: ChallengeRecords, start: NDArray[np.float64], moved: Flags
) -> NDArray[np.float64]:
    """Search the thresholds of all classes at once by `highest_by_simplex`: (n_columns,)."""

    def with_moved(values: NDArray[np.float64]) -> NDArray[np.float64]:
        thresholds = start.copy()
        thresholds[moved] = values
        return thresholds

    return with_moved(highest_by_simplex(lambda v: records.mean_reward(with_moved(v)), start[moved]))
