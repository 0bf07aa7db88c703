"""How fast the heart beats."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_MIN_BEATS = 3


def heart_rate(rpeaks: NDArray[np.int64], fs: float) -> float | None:
    """Return the usual heart rate: 60 s over the median R-R interval.

    The median is the rate of most beats, whatever a pause, an ectopic beat or a missed one does.

    Parameters
    ----------
    rpeaks : (n_beats,) sample indices of the R peaks, increasing
    fs : sampling rate, Hz

    Returns
    -------
    Beats a minute; None for fewer than three beats, which do not show what is usual.

    >>> heart_rate(np.array([100, 400, 700, 1300]), 300)
    60.0
    """
    if len(rpeaks) < _MIN_BEATS:
        return None
    return 60 * fs / float(np.median(np.diff(rpeaks)))
