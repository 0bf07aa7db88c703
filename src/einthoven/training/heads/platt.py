"""Platt scaling: from the decision value of a support vector machine to a probability."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from einthoven.decisions import sigmoid

MAX_STEPS = 100
SHORTEST_STEP = 1e-10
FLAT = 1e-12
"""Largest gradient a record at which the loss counts as least."""


def fit_platt(decisions: NDArray[np.float64], positive: NDArray[np.bool_]) -> tuple[float, float]:
    """Fit P(class | f) = sigmoid(slope f + offset) by the log loss.

    Source: J. Platt, 1999, "Probabilistic outputs for support vector machines", in Advances in Large Margin
    Classifiers, with its smoothed targets; solved as in H.-T. Lin, C.-J. Lin and R. Weng, 2007, Machine
    Learning 68, doi:10.1007/s10994-007-5018-6 (Newton with backtracking). Differences: the sign, which is
    that of a logit, and decision values are standardised while it is solved.

    Parameters
    ----------
    decisions : (n_records,) of records that the machine was not fitted on
    positive : (n_records,) which of them have the class

    Returns
    -------
    slope, offset. Decision values that are all the same have slope 0 and the offset of `prior_logit`.
    """
    centre, spread = float(decisions.mean()), float(decisions.std())
    # Values that are all the same may have the spread of their rounding.
    if spread <= 1e-12 * max(1.0, abs(centre)):
        return 0.0, prior_logit(positive)
    x = np.stack([(decisions - centre) / spread, np.ones_like(decisions)], axis=1)
    n_positive, n_negative = int(positive.sum()), int((~positive).sum())
    targets = np.where(positive, (n_positive + 1) / (n_positive + 2), 1 / (n_negative + 2))
    slope, offset = _minimise(x, targets, np.array([0.0, prior_logit(positive)])) / (spread, 1)
    return float(slope), float(offset - slope * centre)


def prior_logit(positive: NDArray[np.bool_]) -> float:
    """Return the logit of a class's share, smoothed by one record on either side; 0 without any record.

    >>> prior_logit(np.array([False] * 9)) == np.log(1 / 10)
    np.True_
    """
    return float(np.log((positive.sum() + 1) / ((~positive).sum() + 1)))


def _minimise(
    x: NDArray[np.float64], targets: NDArray[np.float64], start: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return the coefficients (2,) of the columns of x (n_records, 2) that give the least log loss."""

    def loss(at: NDArray[np.float64]) -> float:
        z = x @ at
        return float((np.logaddexp(0, z) - targets * z).sum())

    at, value = start, loss(start)
    for _ in range(MAX_STEPS):
        probs = sigmoid(x @ at)
        gradient = x.T @ (probs - targets)
        if np.abs(gradient).max() <= FLAT * len(x):
            break
        hessian = (x.T * (probs * (1 - probs))) @ x + 1e-12 * np.eye(2)
        direction = np.linalg.solve(hessian, -gradient)
        length, slope = 1.0, float(gradient @ direction)
        while (new := loss(at + length * direction)) > value + 1e-4 * length * slope:
            length /= 2
            if length < SHORTEST_STEP:
                return at
        at, value = at + length * direction, new
    return at
