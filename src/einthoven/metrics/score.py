"""A score with its 95 % interval.

Intervals are percentiles of the bootstrap. A score of exactly 0 or 1 is the same in every resample, so that
its interval would have no width: there the exact binomial one stands, of Clopper & Pearson. For recall and
accuracy that is direct. F1 is 2J / (1 + J), where J is the share of hits among the records that have the
class or are given it: the limits of J give those of F1. For a mean over classes, where all of them are so, it
is the wider of two: all doubt in the class of the fewest records, or the same in all. For F1avg that is
within 0.01 of the lowest one under which nothing but hits still has a probability of 2.5 %.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from einthoven.metrics.bootstrap import extreme_interval, percentile_interval
from einthoven.metrics.confusion import Scores


@dataclass(frozen=True, slots=True)
class Score:
    """A score and its 95 % interval: NaN, all three, of a class without records."""

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.value:.3f} ({self.low:.3f} to {self.high:.3f})"


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
