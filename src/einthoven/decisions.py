"""From a classifier's scores to an answer: calibrated probabilities, votes, and when to say nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, exp, isclose, log

import numpy as np
from numpy.typing import ArrayLike, NDArray

from einthoven.errors import SettingsError
from einthoven.truth import scores_and_truth

TEMPERATURES = (0.05, 20.0)
"""Bounds of a fitted temperature: perfect separation would ask for 0, pure chance for infinity."""

COVERAGES = (1.0, 0.95, 0.9, 0.8, 0.7, 0.5)

_HALVINGS = 60


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


def softmax(logits: ArrayLike, temperature: float = 1.0) -> NDArray[np.float64]:
    """Turn logits into probabilities over the last axis, without overflow.

    temperature : divides the logits; above 1 it lowers the confidence, the order stays

    Raises SettingsError if the temperature is not above 0.

    >>> softmax([1000.0, 1000.0]).tolist()
    [0.5, 0.5]
    """
    if not temperature > 0:
        raise SettingsError(f"expected a temperature above 0, found {temperature}")
    scaled = np.asarray(logits, np.float64) / temperature
    powers = np.exp(scaled - scaled.max(axis=-1, keepdims=True))
    probs: NDArray[np.float64] = powers / powers.sum(axis=-1, keepdims=True)
    return probs


def negative_log_likelihood(logits: ArrayLike, truth: ArrayLike, temperature: float = 1.0) -> float:
    """Compute the mean negative log-likelihood of the true classes, in nats.

    Parameters
    ----------
    logits : (n_records, n_classes)
    truth : (n_records,) class indices
    temperature : divides the logits

    Raises
    ------
    SettingsError if the temperature is not above 0.
    DatasetError if the two do not fit: see `scores_and_truth`.
    """
    if not temperature > 0:
        raise SettingsError(f"expected a temperature above 0, found {temperature}")
    z, true = scores_and_truth(logits, truth)
    scaled = (z - z.max(axis=1, keepdims=True)) / temperature
    return float(np.mean(np.log(np.exp(scaled).sum(axis=1)) - scaled[np.arange(len(true)), true]))


def fit_temperature(logits: ArrayLike, truth: ArrayLike) -> float:
    """Find the temperature that makes the true classes most likely.

    Source: Guo et al. 2017 (ICML, arXiv:1706.04599), section 4.2. Differences: the likelihood is convex in
    1/temperature, so its slope is brought to zero by bisection instead of a general optimiser; kept within
    `TEMPERATURES`.

    Parameters
    ----------
    logits : (n_records, n_classes), of records that the network was not trained on
    truth : (n_records,) class indices

    Raises
    ------
    DatasetError if the two do not fit or there are no records: see `scores_and_truth`.
    """
    z, true = scores_and_truth(logits, truth)
    target = float(np.mean(z[np.arange(len(true)), true]))

    def slope(temperature: float) -> float:
        return float(np.mean(np.sum(softmax(z, temperature) * z, axis=1))) - target

    low, high = (log(bound) for bound in TEMPERATURES)
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        # A positive slope in 1/temperature: too sure of itself.
        low, high = (middle, high) if slope(exp(middle)) > 0 else (low, middle)
    return exp((low + high) / 2)


def is_at_bound(temperature: float) -> bool:
    """Tell whether a fitted temperature is one of `TEMPERATURES`: the minimum lies beyond, if anywhere."""
    return any(isclose(temperature, bound, rel_tol=1e-6) for bound in TEMPERATURES)


def average(probs: ArrayLike) -> NDArray[np.float64]:
    """Average the members of an ensemble: (n_members, n_records, n_classes) -> (n_records, n_classes).

    Raises SettingsError if the shape is another or there are no members.
    """
    mean: NDArray[np.float64] = _members(probs).mean(axis=0)
    return mean


def majority_vote(probs: ArrayLike) -> NDArray[np.int64]:
    """Let the members of an ensemble vote for a class.

    Source: Zihlmann et al. 2017 (CinC), production model. Differences: none; the paper leaves ties open, here
    the tied class with the highest mean probability wins.

    Parameters
    ----------
    probs : (n_members, n_records, n_classes)

    Returns
    -------
    (n_records,) class indices

    Raises
    ------
    SettingsError if the shape is another or there are no members.

    >>> majority_vote([[[0.9, 0.1, 0.0]], [[0.0, 0.6, 0.4]], [[0.1, 0.5, 0.4]]]).tolist()
    [1]
    """
    p = _members(probs)
    votes = (p.argmax(axis=-1)[..., None] == np.arange(p.shape[-1])).sum(axis=0)
    tied = votes == votes.max(axis=-1, keepdims=True)
    winners: NDArray[np.int64] = np.where(tied, p.mean(axis=0), -np.inf).argmax(axis=-1)
    return winners


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


def _members(probs: ArrayLike) -> NDArray[np.float64]:
    values = np.asarray(probs, np.float64)
    if values.ndim != 3 or not len(values) or not values.shape[-1]:
        raise SettingsError(f"expected probabilities (n_members, n_records, n_classes), found {values.shape}")
    return values
