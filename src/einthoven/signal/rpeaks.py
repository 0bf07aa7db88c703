"""Where the heart beats: R peaks by the energy of the QRS complex."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from einthoven.errors import RecordError
from einthoven.record import Signal
from einthoven.signal.filters import bandpass
from einthoven.signal.missing import fill_missing

_QRS_HZ = (8.0, 20.0)
"""Elgendi's optimal band for QRS complexes."""
_QRS_S = 0.12
_REFRACTORY_S = 0.25
"""No second QRS complex can follow a first one sooner."""
_T_WAVE_S = 0.36
"""Pan and Tompkins: what follows sooner than this, and is much lower, is a T wave."""
_T_WAVE_SHARE = 0.5
_LEVEL_S = 2.0
"""Long enough to hold a beat even at 30 bpm."""
_LEVEL_STEP_S = 0.5
_LEVEL_REACH = 8
_LEVEL_FLOOR = 0.2
_THRESHOLD = 0.33
_SEARCH_BACK_THRESHOLD = 0.16
_SEARCH_BACK_RR = 1.66
"""Pan and Tompkins: a beat was missed if none came for this many usual intervals."""
_SHAPE_HZ = (3.0, 40.0)
_REFINE_S = 0.08
_MINORITY_WEIGHT = 0.67
"""R and S waves of about the same height: keep to the side to which most beats point."""
_QUIET = 0.05
_CEILING = 2.0
"""So that an artefact in one lead cannot outvote all others."""
_SILENT = 0.01
_ROUNDING = 1e-5
"""Below this share of the lead's amplitude lies only what float32 rounding leaves."""
_MIN_FS = 40.0
_SHORTEST_S = 0.5
"""In less, nothing tells a QRS complex from its surroundings."""


def find_rpeaks(signal: Signal, fs: float) -> NDArray[np.int64]:
    """Find the R peak of each heartbeat.

    Source: the chain of J. Pan and W. J. Tompkins, 1985, DOI 10.1109/TBME.1985.325532 (band-pass, energy,
    moving average, adaptive threshold, refractory time, search back), in the 8 to 20 Hz band of M. Elgendi,
    2013, DOI 10.1371/journal.pone.0073557.
    Differences: the filter is zero-phase; the threshold follows the median height of the highest waves within
    4 s on either side, so that it looks ahead as well and a burst of noise does not move it; leads are
    averaged, those in which the beats stand out most counting most. Scaling, shifting or inverting the signal
    changes nothing.

    Parameters
    ----------
    signal : (n_samples,) or (n_leads, n_samples), mV; NaN (missing) is bridged by a line
    fs : sampling rate, Hz, at least 40

    Returns
    -------
    int64 sample indices, increasing, at the highest deflection of each QRS complex; empty for a flat
    line and for less than 0.5 s.

    Raises
    ------
    RecordError if the sampling rate is below 40 Hz.
    """
    if fs < _MIN_FS:
        raise RecordError(f"expected at least {_MIN_FS:g} Hz to find R peaks, found {fs:g} Hz")
    leads = fill_missing(np.atleast_2d(signal))
    if leads.shape[-1] < _SHORTEST_S * fs:
        return np.array([], dtype=np.int64)
    height, clearest = _prominence(leads, fs)
    candidates = np.flatnonzero((height[1:-1] > height[:-2]) & (height[1:-1] >= height[2:])) + 1
    relative = height[candidates]
    beats = _choose(candidates, relative, fs, _THRESHOLD)
    beats = _search_back(beats, candidates, relative, fs)
    return _refine(leads[clearest], beats, fs)


def _prominence(leads: Signal, fs: float) -> tuple[NDArray[np.float64], int]:
    """Return the QRS height relative to its surroundings, averaged over the leads, and the clearest lead."""
    total, weights = np.zeros(leads.shape[-1]), np.zeros(leads.shape[-1])
    clarity = np.zeros(len(leads))
    for row, lead in enumerate(leads):
        centred = lead - np.median(lead)
        height = _qrs_height(centred, fs)
        level = _level(height, fs)
        level[level < _ROUNDING * np.abs(centred).max()] = np.inf
        audible = np.isfinite(level)
        if audible.any():
            relative = height / level
            typical = float(np.median(relative[audible]))
            clarity[row] = audible.mean() / max(typical, _ROUNDING)
            weight = audible / max(typical, _QUIET) ** 2
            total += weight * np.minimum(relative, _CEILING)
            weights += weight
    mean = np.divide(total, weights, out=np.zeros_like(total), where=weights > 0)
    return mean, int(clarity.argmax())


def _qrs_height(centred: Signal, fs: float) -> NDArray[np.float64]:
    """Return the root mean square of the QRS band over the width of a QRS complex."""
    energy = np.square(bandpass(centred, fs, *_QRS_HZ, order=2), dtype=np.float64)
    half = max(1, round(_QRS_S * fs / 2))
    total = np.concatenate([np.zeros(half + 1), energy.cumsum(), np.full(half, energy.sum())])
    return np.asarray(np.sqrt(np.maximum(total[2 * half + 1 :] - total[: -2 * half - 1], 0) / (2 * half + 1)))


def _level(height: NDArray[np.float64], fs: float) -> NDArray[np.float64]:
    """Return how high the QRS complexes around each sample are; infinite where the lead is silent."""
    step = max(1, round(_LEVEL_STEP_S * fs))
    highest = np.maximum.reduceat(height, np.arange(0, len(height), step))
    blocks = round(_LEVEL_S / _LEVEL_STEP_S)
    before = blocks // 2
    windows = _windows(np.pad(highest, (before, blocks - 1 - before)), blocks).max(axis=-1)
    typical = np.median(
        _windows(np.pad(windows, _LEVEL_REACH, mode="symmetric"), 2 * _LEVEL_REACH + 1), axis=-1
    )
    reference = np.percentile(typical, 90)
    level = np.where(typical > _SILENT * reference, np.maximum(typical, _LEVEL_FLOOR * reference), np.inf)
    return np.repeat(level, step)[: len(height)]


def _windows(values: NDArray[np.float64], width: int) -> NDArray[np.float64]:
    return np.lib.stride_tricks.sliding_window_view(values, width)


def _choose(
    candidates: NDArray[np.int64], relative: NDArray[np.float64], fs: float, threshold: float
) -> NDArray[np.int64]:
    """Keep what is high enough: the highest within the refractory time, and no T wave."""
    high = relative >= threshold
    chosen: list[int] = []
    last_height = 0.0
    for sample, height in zip(candidates[high].tolist(), relative[high].tolist(), strict=True):
        gap_s = (sample - chosen[-1]) / fs if chosen else np.inf
        if gap_s < _REFRACTORY_S:
            if height > last_height:
                chosen[-1], last_height = sample, height
        elif gap_s >= _T_WAVE_S or height >= _T_WAVE_SHARE * last_height:
            chosen.append(sample)
            last_height = height
    return np.array(chosen, dtype=np.int64)


def _search_back(
    beats: NDArray[np.int64], candidates: NDArray[np.int64], relative: NDArray[np.float64], fs: float
) -> NDArray[np.int64]:
    """Look for lower waves where no beat came for much longer than usual."""
    if len(beats) < 3:
        return beats
    rr = np.diff(beats)
    reach = min(4, len(rr))
    usual = np.median(_windows(np.pad(rr, reach, mode="symmetric"), 2 * reach + 1), axis=-1)
    found = [beats]
    for gap in np.flatnonzero(rr > _SEARCH_BACK_RR * usual):
        left, right = beats[gap] + _T_WAVE_S * fs, beats[gap + 1] - _REFRACTORY_S * fs
        inside = (candidates > left) & (candidates < right)
        found.append(_choose(candidates[inside], relative[inside], fs, _SEARCH_BACK_THRESHOLD))
    return np.sort(np.concatenate(found))


def _refine(lead: Signal, beats: NDArray[np.int64], fs: float) -> NDArray[np.int64]:
    """Move each beat to the highest deflection around it, on the side to which most beats point."""
    if len(beats) == 0:
        return beats
    shape = bandpass(lead - np.median(lead), fs, *_SHAPE_HZ, order=2)
    reach = max(1, round(_REFINE_S * fs))
    around = np.clip(beats[:, None] + np.arange(-reach, reach + 1), 0, len(lead) - 1)
    wave = shape[around]
    wave *= 1 if np.median(wave.max(axis=-1) + wave.min(axis=-1)) >= 0 else -1
    weighted = np.maximum(wave, -_MINORITY_WEIGHT * wave)
    refined = around[np.arange(len(beats)), weighted.argmax(axis=-1)]
    return np.asarray(np.unique(refined), dtype=np.int64)
