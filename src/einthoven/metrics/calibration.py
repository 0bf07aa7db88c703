"""Whether a probability means what it says.

Source: Naeini, Cooper & Hauskrecht 2015 (AAAI) and Guo et al. 2017 (ICML, arXiv:1706.04599), section 2, for
the calibration error; Brier 1950, Monthly Weather Review 78(1), for the score of several classes.
Differences: none.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from einthoven.errors import DatasetError
from einthoven.truth import judged_labels, scores_and_truth

N_BINS = 15


@dataclass(frozen=True, slots=True, eq=False)
class ReliabilityCurve:
    """Statements binned by their probability; all arrays (n_bins,).

    Of one class a record a statement is that its predicted class is right; of several, see
    `pooled_reliability`, that a record has a class.

    edges : (n_bins + 1,) bounds of the bins, which include their upper one
    counts : statements in each bin
    confidence : their mean probability, NaN in an empty bin
    accuracy : share of them that are true, NaN in an empty bin
    """

    edges: NDArray[np.float64]
    counts: NDArray[np.int64]
    confidence: NDArray[np.float64]
    accuracy: NDArray[np.float64]


def reliability_curve(probs: ArrayLike, truth: ArrayLike, n_bins: int = N_BINS) -> ReliabilityCurve:
    """Bin records by the probability of the predicted class and compare it with the share of correct ones.

    Parameters
    ----------
    probs : (n_records, n_classes), each row sums to 1
    truth : (n_records,) class indices
    n_bins : bins of equal width over [0, 1]

    Raises
    ------
    DatasetError if there are no records, the two do not fit, or a row is no distribution.
    """
    p, true = _probs_and_truth(probs, truth)
    return _binned(p.max(axis=1), p.argmax(axis=1) == true, n_bins)


def _binned(probs: NDArray[np.float64], holds: NDArray[Any], n_bins: int) -> ReliabilityCurve:
    """Bin statements, (n_statements,) each: their probabilities and whether they hold."""
    edges = np.linspace(0, 1, n_bins + 1)
    bins = np.clip(np.searchsorted(edges, probs, side="left") - 1, 0, n_bins - 1)
    counts = np.bincount(bins, minlength=n_bins)
    filled = np.where(counts > 0, counts, np.nan)
    confidence = np.bincount(bins, probs, n_bins) / filled
    return ReliabilityCurve(edges, counts, confidence, np.bincount(bins, holds, n_bins) / filled)


def expected_calibration_error(probs: ArrayLike, truth: ArrayLike, n_bins: int = N_BINS) -> float:
    """Compute the mean distance between confidence and accuracy over the bins, weighted by their records.

    Parameters, raises: as `reliability_curve`. Range [0, 1], 0 is best.

    >>> expected_calibration_error([[0.8, 0.2], [0.8, 0.2]], [0, 1])
    0.3...
    """
    curve = reliability_curve(probs, truth, n_bins)
    gaps = np.abs(curve.confidence - curve.accuracy)
    return float(np.nansum(gaps * curve.counts) / curve.counts.sum())


def brier_score(probs: ArrayLike, truth: ArrayLike) -> float:
    """Compute the mean squared distance between the probabilities and the truth, summed over the classes.

    Parameters, raises: as `reliability_curve`. Range [0, 2], 0 is best.

    >>> round(brier_score([[0.8, 0.2], [0.8, 0.2]], [0, 1]), 6)
    0.68
    """
    p, true = _probs_and_truth(probs, truth)
    distance = p.copy()
    distance[np.arange(len(true)), true] -= 1
    return float(np.mean(np.sum(distance**2, axis=1)))


def _probs_and_truth(probs: ArrayLike, truth: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Return probabilities as float64 and the truth as int64.

    Raises DatasetError as `scores_and_truth`, or if a probability is negative or a row does not sum to 1
    (within 1e-3).
    """
    p, true = scores_and_truth(probs, truth)
    if not ((p >= 0).all() and (np.abs(p.sum(axis=1) - 1) < 1e-3).all()):
        raise DatasetError("expected probabilities that are at least 0 and sum to 1 in each row")
    return p, true


def sigmoid_calibration(probs: ArrayLike, labels: ArrayLike, n_bins: int = N_BINS) -> tuple[float, float]:
    """Return calibration error and Brier score of classes that hold each by itself, means over the classes.

    A class's error is the mean distance, over bins of equal width that records fall into, between the mean
    probability and the share that has the class; its Brier score the mean squared distance of the two.

    Parameters
    ----------
    probs : (n_records, n_classes), range [0, 1]
    labels : (n_records, n_classes), 1, 0, or NaN where nobody judged; such entries count nothing
    n_bins : bins over [0, 1]

    Raises
    ------
    DatasetError if the two differ in shape or hold something else, or nothing was judged.

    >>> sigmoid_calibration([[0.8], [0.8], [0.2]], [[1], [1], [0]])
    (0.2, 0.04)
    """
    p, has, judged = _judged(probs, labels)
    errors, scores = [], []
    for column in np.flatnonzero(judged.any(axis=0)):
        rows = judged[:, column]
        q, truth = p[rows, column], has[rows, column]
        bins = np.clip((q * n_bins).astype(np.int64), 0, n_bins - 1)
        errors.append(np.abs(np.bincount(bins, q - truth, n_bins)).sum() / len(q))
        scores.append(np.mean((q - truth) ** 2))
    return round(float(np.mean(errors)), 12), round(float(np.mean(scores)), 12)


def pooled_reliability(probs: ArrayLike, labels: ArrayLike, n_bins: int = N_BINS) -> ReliabilityCurve:
    """Bin all judged pairs of a record and a class by the probability that the record has the class.

    Frequent classes and rare ones count by their records: it is the curve of a probability, of whichever
    class, not a mean over classes.

    Parameters, raises: as `sigmoid_calibration`.

    >>> curve = pooled_reliability([[0.8, 0.2], [0.8, 0.2]], [[1, 0], [0, float("nan")]], n_bins=2)
    >>> curve.counts.tolist(), curve.accuracy.tolist()
    ([1, 2], [0.0, 0.5])
    """
    p, has, judged = _judged(probs, labels)
    return _binned(p[judged], has[judged], n_bins)


def _judged(
    probs: ArrayLike, labels: ArrayLike
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.bool_]]:
    """Return probabilities and labels as float64, and which were judged; raises as `sigmoid_calibration`."""
    p = np.asarray(probs, np.float64)
    has, judged = judged_labels(labels, p.shape)
    if not judged.any():
        raise DatasetError("labels: expected classes that were judged, found none")
    if not ((p >= 0) & (p <= 1)).all():
        raise DatasetError("expected probabilities from 0 to 1, found others")
    return p, has.astype(np.float64), judged
