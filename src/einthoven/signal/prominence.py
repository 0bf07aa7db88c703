"""Whether what was found stands out: of a few beats likeness tells nothing, their height does."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from einthoven.record import Signal
from einthoven.signal.filters import bandpass
from einthoven.signal.left_out import lie_outside
from einthoven.signal.missing import fill_missing

_QRS_HZ = (5.0, 25.0)
_REACH_S = 0.06
"""How far from the R peak, to either side, the height of a QRS complex is measured."""
_APART_S = 0.1
"""What is nearer to an R peak is not the rest."""
MIN_RATIO = 3.0
"""A QRS complex is at least so many times as high as the usual stretch of the rest.

Of what is found in 2 to 10 s of white noise 1 in 100 reaches 2.7, and none 3.3; in 3 s and more of noise up
to 15 Hz, which has fewer waves, 1 in 100 reaches 3.3.
"""
MIN_SHARE = 0.15
"""And it has at least this share of the height of the highest: a T wave has less, noise far less."""


def stand_out(
    row: Signal, fs: float, rpeaks: NDArray[np.int64], gaps: Sequence[tuple[int, int]] = ()
) -> NDArray[np.bool_]:
    """Tell which R peaks stand out from the rest of a lead, and are not far lower than the highest.

    Source: none. Height is peak to peak from 5 to 25 Hz, within 60 ms of the R peak; the rest are stretches
    as long that lie more than 0.1 s away from every R peak, of which the median counts. Scaling, shifting or
    inverting the lead changes nothing.

    Parameters
    ----------
    row : (n_samples,), mV, NaN where a sample is missing
    fs : sampling rate, Hz, of more than 10
    rpeaks : (n_beats,) sample indices, increasing
    gaps : (start, end) samples in which no beats can be told, in order and apart; they are no rest either

    Returns
    -------
    (n_beats,); False for all where nothing is left to compare them with.

    >>> t = np.arange(1000) / 250
    >>> noise = 0.01 * np.random.default_rng(0).standard_normal(1000)
    >>> lead = np.exp(-(((t - 2) / 0.02) ** 2)) + noise
    >>> stand_out(lead.astype(np.float32), 250.0, np.array([120, 500, 730])).tolist()
    [False, True, False]
    """
    if not len(rpeaks):
        return np.zeros(0, bool)
    reach = round(_REACH_S * fs)
    width = 2 * reach + 1
    filled = fill_missing(row)
    filtered = bandpass(filled - np.median(filled), fs, *_QRS_HZ, order=2)
    around = np.clip(rpeaks[:, None] + np.arange(-reach, reach + 1), 0, len(row) - 1)
    heights = np.ptp(filtered[around], axis=1)
    n = len(row) // width
    middles = np.arange(n) * width + reach
    is_rest = (_distances(middles, rpeaks) > reach + _APART_S * fs) & lie_outside(middles, gaps)
    if not is_rest.any():
        return np.zeros(len(rpeaks), bool)
    rest = np.median(np.ptp(filtered[: n * width].reshape(n, width), axis=1)[is_rest])
    found: NDArray[np.bool_] = (heights >= MIN_RATIO * rest) & (heights >= MIN_SHARE * heights.max())
    return found


def _distances(places: NDArray[np.int64], rpeaks: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return how far each place is from the nearest R peak, samples."""
    after = np.searchsorted(rpeaks, places)
    last = len(rpeaks) - 1
    near: NDArray[np.int64] = np.minimum(
        np.abs(places - rpeaks[np.clip(after, 0, last)]), np.abs(places - rpeaks[np.clip(after - 1, 0, last)])
    )
    return near
