"""When a classifier that names one class says nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

import numpy as np
from numpy.typing import ArrayLike, NDArray

from einthoven.errors import SettingsError
from einthoven.truth import scores_and_truth

COVERAGES = (1.0, 0.95, 0.9, 0.8, 0.7, 0.5)


@dataclass(frozen=True, slots=True)
class Abstention:
    """When a classifier says nothing, and what that did to the records it was fitted on.

    threshold : a record whose highest probability is below it gets no answer
    target : share of records that had to be answered, at least
    coverage : share of records answered
    accuracy : share of correct ones among all records
    kept_accuracy : share of correct ones among the records answered
    n_records : number of records it was fitted on
    """

    threshold: float
    target: float
    coverage: float
    accuracy: float
    kept_accuracy: float
    n_records: int

    def abstains(self, probs: ArrayLike) -> NDArray[np.bool_]:
        """Tell which records get no answer: probs (..., n_classes) -> (...)."""
        top = np.max(np.asarray(probs, np.float64), axis=-1)
        return np.asarray(top < self.threshold)

    def can_abstain(self, n_classes: int) -> bool:
        """Tell whether any record can get no answer: the highest of n probabilities is at least 1/n."""
        return self.threshold > 1 / n_classes


def fit_abstention(probs: ArrayLike, truth: ArrayLike, coverage: float = 0.9) -> Abstention:
    """Choose the threshold below which a classifier says nothing, so that it still answers enough.

    Source: Chow 1970 (IEEE Trans. Inf. Theory 16(1)): reject by the highest posterior probability. The
    threshold lies halfway between the least sure record answered and the next one.

    Parameters
    ----------
    probs : (n_records, n_classes), calibrated
    truth : (n_records,) class indices
    coverage : share of records to answer, at least, in (0, 1]

    Raises
    ------
    SettingsError if the coverage is out of range.
    DatasetError if the two do not fit or there are no records: see `scores_and_truth`.
    """
    if not 0 < coverage <= 1:
        raise SettingsError(f"expected a coverage above 0 and at most 1, found {coverage}")
    p, true = scores_and_truth(probs, truth)
    top, correct = p.max(axis=1), p.argmax(axis=1) == true
    # 0.9 of 10 records must not become 10 by the rounding of 0.9 * 10.
    n_answered = max(1, ceil(coverage * len(top) - 1e-9))
    least = np.sort(top)[-n_answered]
    below = top[top < least]
    threshold = float((least + below.max()) / 2) if below.size else 0.0
    kept = top >= threshold
    return Abstention(
        threshold=threshold,
        target=float(coverage),
        coverage=float(kept.mean()),
        accuracy=float(correct.mean()),
        kept_accuracy=float(correct[kept].mean()),
        n_records=len(top),
    )


def coverage_table(
    probs: ArrayLike, truth: ArrayLike, coverages: Sequence[float] = COVERAGES
) -> tuple[Abstention, ...]:
    """Fit the abstention at several coverages: what saying nothing more often would buy.

    Parameters, raises: as `fit_abstention`.
    """
    return tuple(fit_abstention(probs, truth, coverage) for coverage in coverages)
