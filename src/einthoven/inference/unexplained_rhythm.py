"""A second look at the rhythm: as irregular as atrial fibrillation, while no answer accounts for it."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np
from numpy.typing import NDArray

from einthoven.inference.prediction import UNSURE

MAX_CHANGE = 0.1
"""From this median change from one R-R interval to the next on, over the median, a rhythm is irregular.

Measured on the data set twelve-leads, at the beats found (`python -m bench.irregular`): 83 % of 69 recordings
with atrial fibrillation lie above it, and 1.0 % of 705 of sinus rhythm without arrhythmia or premature beats.
"""
MIN_PAIRS = 6
"""Of fewer pairs of intervals the median says little; 10 s at 50 beats a minute have seven."""
FIBRILLATION = "AF"
NORMAL = frozenset({"NORM", "NSR"})
"""Answers that an irregular rhythm contradicts."""
EXPLANATIONS = frozenset({FIBRILLATION, "AFL", "SA", "PVC", "PAC"})
"""Answers that an irregular rhythm is told by. Frequent premature beats move the median."""


def rr_change(rpeaks: NDArray[np.int64]) -> float | None:
    """Return the median change from one R-R interval to the next over the median interval; None of too few.

    rpeaks : (n_beats,) sample indices

    >>> rr_change(np.array([0, 100, 180, 290, 370, 480, 560, 670])) > 0.2
    True
    """
    intervals = np.diff(rpeaks)
    changes = np.abs(np.diff(intervals))
    return float(np.median(changes) / np.median(intervals)) if len(changes) >= MIN_PAIRS else None


def contradicted(change: float | None, given: Sequence[str], known: Collection[str]) -> str | None:
    """Return why an answer is doubtful that calls normal what is irregular for no reason given; else None.

    Parameters: as `unexplained_warning`.
    """
    normal = [name for name in given if name in NORMAL]
    if change is None or not normal or not unexplained_warning(change, given, known):
        return None
    return f"{UNSURE}{_found(change)}, which does not fit {' and '.join(normal)}"


def unexplained_warning(
    change: float | None, given: Collection[str], known: Collection[str]
) -> tuple[str, ...]:
    """Say that a rhythm is irregular and no answer says why.

    change : of `rr_change`, or None
    given, known : classes that the model gave, and could have given; one that knows no atrial fibrillation
        was not asked for the rhythm
    """
    if change is None or change <= MAX_CHANGE or FIBRILLATION not in known or EXPLANATIONS & set(given):
        return ()
    return (f"{_found(change)}, and no answer says why: look at the rhythm",)


def _found(change: float) -> str:
    return f"the R-R intervals change by {100 * change:.0f} % from beat to beat, as in atrial fibrillation"
