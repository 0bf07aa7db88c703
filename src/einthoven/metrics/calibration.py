"""Whether a probability means what it says.

Source: Naeini, Cooper & Hauskrecht 2015 (AAAI) and Guo et al. 2017 (ICML, arXiv:1706.04599), section 2, for
the calibration error; Brier 1950, Monthly Weather Review 78(1), for the score of several classes.
Differences: none.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from einthoven.errors import DatasetError
from einthoven.truth import scores_and_truth

N_BINS = 15


@dataclass(frozen=True, slots=True, eq=False)
class ReliabilityCurve:
    """Records binned by the probability of their predicted class; all arrays (n_bins,).

    edges : (n_bins + 1,) bounds of the bins, which include their upper one
    counts : records in each bin
    confidence : mean probability of the predicted class, NaN in an empty bin
    accuracy : share of correct records, NaN in an empty bin
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
    top, correct = p.max(axis=1), p.argmax(axis=1) == true
    edges = np.linspace(0, 1, n_bins + 1)
    bins = np.clip(np.searchsorted(edges, top, side="left") - 1, 0, n_bins - 1)
    counts = np.bincount(bins, minlength=n_bins)
    filled = np.where(counts > 0, counts, np.nan)
    confidence = np.bincount(bins, top, n_bins) / filled
    return ReliabilityCurve(edges, counts, confidence, np.bincount(bins, correct, n_bins) / filled)


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
