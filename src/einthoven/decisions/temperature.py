"""One number that makes a classifier as sure of itself as it is right: the temperature of its logits."""

from __future__ import annotations

from collections.abc import Callable
from math import exp, isclose, log

import numpy as np
from numpy.typing import ArrayLike

from einthoven.decisions.probabilities import sigmoid, softmax
from einthoven.errors import DatasetError, SettingsError
from einthoven.truth import judged_labels, scores_and_truth

TEMPERATURES = (0.05, 20.0)
"""Bounds of a fitted temperature: perfect separation would ask for 0, pure chance for infinity."""

_HALVINGS = 60


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

    return _where_slope_is_zero(slope)


def fit_sigmoid_temperature(logits: ArrayLike, truth: ArrayLike) -> float:
    """Find the temperature that makes the true classes most likely where each class is asked by itself.

    Source: Guo et al. 2017, as `fit_temperature`. Differences: the probability is a sigmoid, so that the
    likelihood is that of all classes of all records together; each that was judged counts the same.

    Parameters
    ----------
    logits : (n_records, n_classes), of records that the network was not trained on
    truth : (n_records, n_classes), 1 where a record has the class, 0 where not, NaN where nobody judged

    Raises
    ------
    DatasetError if the two do not fit, a logit is not finite, or nothing was judged.
    """
    z = np.asarray(logits, np.float64)
    has, judged = judged_labels(truth, z.shape, "truth")
    if not np.isfinite(z).all():
        raise DatasetError("expected finite logits, found NaN or infinite ones")
    if not judged.any():
        raise DatasetError("truth: expected at least one class that was judged, found none")
    asked, target = z[judged], float(np.mean(z[judged] * has[judged]))

    def slope(temperature: float) -> float:
        return float(np.mean(sigmoid(asked, temperature) * asked)) - target

    return _where_slope_is_zero(slope)


def is_at_bound(temperature: float) -> bool:
    """Tell whether a fitted temperature is one of `TEMPERATURES`: the minimum lies beyond, if anywhere."""
    return any(isclose(temperature, bound, rel_tol=1e-6) for bound in TEMPERATURES)


def _where_slope_is_zero(slope: Callable[[float], float]) -> float:
    """Bisect a slope of the likelihood, which is convex in 1/temperature."""
    low, high = (log(bound) for bound in TEMPERATURES)
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        # A positive slope in 1/temperature: too sure of itself.
        low, high = (middle, high) if slope(exp(middle)) > 0 else (low, middle)
    return exp((low + high) / 2)
