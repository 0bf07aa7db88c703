"""The downhill simplex: a search of all thresholds at once that needs no slope."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from einthoven.errors import MissingExtraError

EVALUATIONS = 200
"""Times the objective is computed at most, a threshold: SciPy's default."""


def highest_by_simplex(
    objective: Callable[[NDArray[np.float64]], float], start: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Climb from a start to thresholds, inside (0, 1), where the objective is high: (n,) -> (n,).

    Source: Nelder & Mead 1965, The Computer Journal 7(4), as SciPy does it with its own settings; nothing is
    drawn at random. Where the objective is made of steps it often stops short of the highest one, but never
    below the start.

    objective : of thresholds (n,); looked at 200 times a threshold, at most

    Raises MissingExtraError if SciPy is not installed.
    """
    try:
        from scipy.optimize import minimize
    except ModuleNotFoundError as error:
        raise MissingExtraError(
            "fitting thresholds by downhill simplex needs scipy: pip install 'einthoven[train]'"
        ) from error
    open_interval = (np.nextafter(0.0, 1.0), np.nextafter(1.0, 0.0))
    found = minimize(
        lambda thresholds: -objective(thresholds),
        start,
        method="Nelder-Mead",
        bounds=[open_interval] * len(start),
        options={"maxfev": EVALUATIONS * len(start), "maxiter": EVALUATIONS * len(start)},
    )
    best: NDArray[np.float64] = np.asarray(found.x, np.float64)
    return best
