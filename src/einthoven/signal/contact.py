"""Where a lead carries nothing: contact lost, or samples that were not stored."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from einthoven.record import Signal
from einthoven.signal.amplitude import peak_to_peak

GAP_S = 0.3
"""What is shorter hides no beat; in an ECG not even the quiet before a P wave is constant for longer."""
_FLAT_MV = 0.010


def gap_share(signal: Signal, fs: float) -> NDArray[np.float64]:
    """Measure in each lead for which share of the time nothing was recorded where a beat may have been.

    That is every stretch of at least 0.3 s whose samples are missing or all the same. At the ends of a
    recording it counts only if it is stuck at the lead's highest or lowest value: there no beat is missed,
    but the step looks like a wave.

    Parameters
    ----------
    signal : (n_leads, n_samples), mV, NaN where a sample is missing
    fs : sampling rate, Hz

    Returns
    -------
    (n_leads,) from 0 to 1

    >>> lead = np.sin(np.arange(3000, dtype=np.float32))
    >>> lead[1000:1300] = np.nan
    >>> gap_share(lead[None], 300.0).round(2)
    array([0.1])
    """
    return np.array([_gaps_of(row, fs) for row in signal])


def empty_stretches(row: Signal, fs: float) -> tuple[tuple[int, int], ...]:
    """Return where a lead shows nothing: contact lost, or nothing stored.

    That is every stretch of at least 0.3 s whose samples are missing or all the same, and every whole second
    in which the lead moves by less than 10 µV.

    Parameters
    ----------
    row : (n_samples,), mV, NaN where a sample is missing
    fs : sampling rate, Hz

    Returns
    -------
    (start, end) samples of each stretch, the end not in it, in order and apart from each other.

    >>> lead = np.sin(np.arange(3000, dtype=np.float32))
    >>> lead[1000:1300] = np.nan
    >>> empty_stretches(lead, 300.0)
    ((1000, 1300),)
    """
    empty = np.zeros(len(row), bool)
    starts, ends = _stretches(row)
    long = ends - starts >= GAP_S * fs
    for start, end in zip(starts[long].tolist(), ends[long].tolist(), strict=True):
        empty[start:end] = True
    width = max(1, round(fs))
    for second in np.flatnonzero(peak_to_peak(row, fs) < _FLAT_MV).tolist():
        empty[second * width : (second + 1) * width] = True
    edges = np.flatnonzero(np.diff(empty.view(np.int8), prepend=0, append=0))
    return tuple(zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True))


def _gaps_of(row: Signal, fs: float) -> float:
    starts, ends = _stretches(row)
    long = ends - starts >= GAP_S * fs
    starts, ends = starts[long], ends[long]
    if len(starts) == 0:
        return 0.0
    inside = (starts > 0) & (ends < len(row))
    values = row[starts]
    stuck = (values == np.nanmax(row)) | (values == np.nanmin(row)) if not np.isnan(row).all() else inside
    return float((ends - starts)[inside | stuck].sum() / len(row))


def _stretches(row: Signal) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return where stretches of missing, and of equal, samples begin and end; the end is not in them."""
    missing = np.isnan(row)
    alike = (row[1:] == row[:-1]) | (missing[1:] & missing[:-1])
    edges = np.flatnonzero(np.diff(alike.view(np.int8), prepend=0, append=0))
    return edges[::2], edges[1::2] + 1


def missing_longer_than(seconds: float, signal: Signal, fs: float) -> NDArray[np.bool_]:
    """Mark the missing samples in gaps longer than `seconds`: an array of the shape of the signal."""
    missing = np.isnan(signal)
    if not missing.any():
        return missing
    long = np.zeros_like(missing)
    for row, gaps in zip(long, missing, strict=True):
        edges = np.flatnonzero(np.diff(gaps.view(np.int8), prepend=0, append=0))
        for start, end in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
            row[start:end] = end - start > seconds * fs
    return long
