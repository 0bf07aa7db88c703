"""The step between neighbouring values of a lead, so that what was read can be written without any loss."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_MOST_STEPS = 2**23
"""Beyond this float32 holds no neighbouring multiples of a step."""
_DIGITS = range(1, 10)
"""Significant digits of a step, or of its inverse, that are tried: recorders have round ones."""
_USUAL = (0.005, 0.0025, 0.001, 0.00125, 0.0005, 0.00025, 0.0001)
"""Steps of many recorders, mV."""
_PLAUSIBLE_STEPS = 2**15
"""No lead of 16 bits has more of its steps on one side of zero."""
_SHARE = 0.02
_COUNTS = (8, 64, 512, 4096, np.inf)


def step_of(lead: NDArray[np.float32]) -> float | None:
    """Find the step, mV, that every sample of a lead is a whole multiple of, exactly as float32 holds it.

    lead : (n_samples,) float32, mV, NaN where missing

    Returns such a step, the largest where there are enough levels to tell, or None if there is none: the
    samples were computed, or have an offset.
    A lead that is zero throughout has the step 0.001.

    >>> step_of(np.float32([0.0, 0.00488, -0.01464]))
    0.00488
    """
    values = np.unique(np.abs(lead[~np.isnan(lead)]))
    values = values[values > 0]
    if not values.size:
        return 0.001
    exact = values.astype(np.float64)
    found = _common_step(values, exact)
    if found is None or exact[-1] > found * _PLAUSIBLE_STEPS:
        # Of few levels nothing can be told; a recorder's step is likelier than a tiny one.
        usual = (step for step in _USUAL if _are_multiples(values, np.rint(exact / step), step))
        return next(usual, found)
    return found


def _common_step(values: NDArray[np.float32], exact: NDArray[np.float64]) -> float | None:
    rough = _rough_step(np.diff(exact, prepend=0.0), float(np.spacing(values[-1])))
    if rough is None:
        return None
    # Summing up small steps keeps count where one long division would be off by several.
    counts = np.cumsum(np.rint(np.diff(exact, prepend=0.0) / rough))
    if counts[-1] > _MOST_STEPS:
        return None
    fitted = float(counts @ exact / (counts @ counts))
    return next((step for step in _round_ones(fitted) if _are_multiples(values, counts, step)), None)


def _are_multiples(values: NDArray[np.float32], counts: NDArray[np.float64], step: float) -> bool:
    return np.array_equal((counts * step).astype(np.float32), values)


def _rough_step(gaps: NDArray[np.float64], error: float) -> float | None:
    """Return the greatest common divisor of gaps that are known up to a rounding error: Euclid's way."""
    step = float(gaps.min())
    while step > 8 * error:
        refined = _refined(step, gaps)
        if (_rests(refined, gaps) < 4 * error).all():
            return refined
        rests = _rests(step, gaps)
        # Smaller ones are the error of the step, times the count.
        left = rests[rests > _SHARE * step]
        if not left.size:
            return None
        step = float(left.min())
    return None


def _refined(step: float, gaps: NDArray[np.float64]) -> float:
    """Fit a step to gaps, the small ones first, whose counts are certain."""
    for most in _COUNTS:
        small = gaps[gaps < most * step]
        if small.size:
            counts = np.maximum(np.rint(small / step), 1)
            step = float(counts @ small / (counts @ counts))
    return step


def _rests(step: float, gaps: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.abs(gaps - np.rint(gaps / step) * step)


def _round_ones(step: float) -> list[float]:
    """Return candidates near a fitted step, the roundest first."""
    found = [float(f"{step:.{digits}g}") for digits in _DIGITS]
    found += [1 / float(f"{1 / step:.{digits}g}") for digits in _DIGITS]
    near = [one for one in found if abs(one - step) < 1e-4 * step]
    return [*dict.fromkeys(near), step]
