"""Samples that are not there."""

from __future__ import annotations

import numpy as np

from einthoven.record import Signal


def fill_missing(signal: Signal) -> Signal:
    """Replace NaN: by a line inside the recording, by the nearest sample at its ends, by 0 in an empty lead.

    Parameters
    ----------
    signal : (n_leads, n_samples) or (n_samples,), mV

    Returns
    -------
    float32 array of the same shape without NaN; the very array that was given if nothing is missing.

    >>> fill_missing(np.array([np.nan, 1, np.nan, 3, np.nan], np.float32))
    array([1., 1., 2., 3., 3.], dtype=float32)
    """
    missing = np.isnan(signal)
    if not missing.any():
        return signal
    filled = np.array(signal, dtype=np.float32)
    for row, gaps in zip(
        filled.reshape(-1, signal.shape[-1]), missing.reshape(-1, signal.shape[-1]), strict=True
    ):
        # The samples beside gaps decide; all of them, in double precision, would take many times the memory.
        beside = ~gaps
        beside[1:-1] &= gaps[:-2] | gaps[2:]
        ends = np.flatnonzero(beside)
        row[gaps] = np.interp(np.flatnonzero(gaps), ends, row[ends]) if len(ends) else 0.0
    return filled
