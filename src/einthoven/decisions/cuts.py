"""Where the scores of one class can be cut, and what each cut gives: all that matter, in one sort."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

TOLERANCE = 1e-12
"""What a gain must exceed, so that the order in which numbers are added never looks like one."""


@dataclass(frozen=True, slots=True)
class Cuts:
    """The different ways to divide records by one score, from none above the threshold to all.

    order : (n_records,) records from the highest score to the lowest
    steps : (n_cuts - 1,) the different scores, falling
    n_given : (n_cuts,) how many records reach each threshold, rising from 0
    thresholds : (n_cuts,) falling: halfway between two scores, or between the outermost and 0 or 1
    """

    order: NDArray[np.int64]
    steps: NDArray[np.float64]
    n_given: NDArray[np.int64]
    thresholds: NDArray[np.float64]

    def totals(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Sum up what the records bring that each cut gives the class: (n_records,) -> (n_cuts,)."""
        return np.concatenate([[0.0], np.cumsum(values[self.order])])[self.n_given]

    def place(self, threshold: float) -> int:
        """Return which of the cuts a threshold makes."""
        return int(np.searchsorted(-self.steps, -threshold, side="right"))

    def best(self, values: NDArray[np.float64], current: float) -> float:
        """Return the threshold of highest value; of equals the nearest to the current one, if it is not best.

        Only thresholds inside (0, 1) are looked at: a score of 0 is never given, one of 1 always.

        values : (n_cuts,), what each cut is worth
        """
        worth = np.where((self.thresholds > 0) & (self.thresholds < 1), values, -np.inf)
        if values[self.place(current)] >= worth.max() - TOLERANCE:
            return current
        equals = self.thresholds[worth >= worth.max() - TOLERANCE]
        return float(equals[np.argmin(np.abs(equals - current))])


def cuts_of(scores: NDArray[np.float64]) -> Cuts:
    """Find the cuts of one class's probabilities, (n_records,)."""
    order = np.argsort(-scores, kind="stable")
    falling = scores[order]
    last_of_equals = np.flatnonzero(np.concatenate([falling[1:] != falling[:-1], [True]])[: len(falling)])
    steps = falling[last_of_equals]
    upper, lower = np.concatenate([[1.0], steps]), np.concatenate([steps, [0.0]])
    halfway = (upper + lower) / 2
    # Between neighbouring floats there is no middle: then the upper one, which a score reaches by being it.
    thresholds = np.where(halfway > lower, halfway, upper)
    return Cuts(order, steps, np.concatenate([[0], last_of_equals + 1]), thresholds)
