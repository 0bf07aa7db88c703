"""Signs of a pacemaker: spikes ahead of QRS complexes or where they begin, and how wide these are.

Source: none. Limits were chosen on the recordings that `einthoven.inference.obstacles` names; none was kept
back to test them. That a spike is alone tells more than how sharp it is: at 500 Hz, of 429 recordings of
PTB-XL that are not paced 37 have QRS complexes in lead II as sharp as the spikes in MIT-BIH 102.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from einthoven.record import Signal
from einthoven.signal.beats.rhythm import intervals_before
from einthoven.signal.beats.shape import middle_width
from einthoven.signal.beats.windows import aligned, usual_beats, windows
from einthoven.signal.filters import bandpass
from einthoven.signal.missing import fill_missing
from einthoven.signal.resample import resample
from einthoven.signal.templates import spread

_Array = NDArray[np.float32]
_Indices = NDArray[np.int64]

MIN_FS = 200.0
"""Below this rate, Hz, nothing is left of a spike."""
MIN_BEATS = 3
"""Of fewer beats nothing is said."""
MOST_BEATS = 300
"""So many beats, spread over the recording, are looked at for spikes."""

_FS = 360.0
"""The rate, Hz, at which spikes are looked for: what is sharp at one rate is less so at a higher one."""
_REACH_S, _MARGIN_S = 0.21, 0.09
"""What is looked at to either side of an R peak, and what is cut besides: resampling ripples at the ends."""
_BEFORE_S, _AFTER_S = 0.16, 0.056
"""Where a spike may stand before and after the R peak."""
_APART_S = 0.0125
"""Further away than this from the spike nothing may be as sharp."""
_QRS_S = 0.083
"""How far from the R peak the height of the QRS complex is measured."""
_EARLY_S = 0.03
"""A spike that stands further ahead of the R peak is none of its flanks."""
_LATE_S = (0.06, 0.15)
"""Where, after a spike at the R peak, that goes on which it has set off; a narrow QRS complex is over."""
_LEAST, _HUGE = 0.05, 0.7
"""Of the height of the QRS complex: a lower spike is not seen, a higher one is no R wave."""
_SHARP_EARLY, _SHARP_AT_R = 3.0, 3.75
"""So many times sharper than the rest is a spike ahead of the R peak, and one at the R peak."""
_WIDE = 0.33
"""What goes on after a spike at the R peak is at least so high, over the QRS complex."""

_STRETCHES, _BEATS_EACH = 8, 100
"""The usual QRS complex is looked at in so many stretches of so many beats."""
_USUAL_FS, _LOW_HZ, _HIGH_HZ = 125.0, 0.5, 40.0
_USUAL_REACH_S, _MOVE_S = 0.184, 0.072
"""As in `einthoven.signal.beats.around`: rate, band, how far slope is looked at, how far R peaks move."""


def spike_share(lead: Signal, fs: float, rpeaks: _Indices) -> float | None:
    """Return the share of beats with a pacing spike.

    A spike is sharp, measured by the second difference at 360 Hz, and alone: from 0.2 s before to 0.2 s after
    the R peak nothing else is nearly as sharp. It stands more than 30 ms ahead of the R peak, or at it; then,
    as an R wave may be sharp too, something wide follows, or it is far sharper than any R wave.

    Parameters
    ----------
    lead : (n_samples,), mV, NaN where a sample is missing
    fs : sampling rate, Hz
    rpeaks : (n_beats,) sample indices, increasing; up to 300 of them are looked at, spread evenly

    Returns
    -------
    0 to 1; None below 200 Hz, or of fewer than 3 beats around which no sample is missing.
    """
    if fs < MIN_FS:
        return None
    reach = round((_REACH_S + _MARGIN_S) * fs)
    beats = windows(lead, spread(rpeaks, MOST_BEATS), reach, reach + 1)
    beats = beats[~np.isnan(beats).any(axis=1)]
    if len(beats) < MIN_BEATS:
        return None
    return float(_have_spikes(resample(beats, fs, _FS), round(reach * _FS / fs)).mean())


def usual_qrs_ms(lead: Signal, fs: float, rpeaks: _Indices) -> float | None:
    """Return how wide the usual QRS complex is: the time that holds the middle 80 % of its squared slope.

    That is less than from its beginning to its end. Measured in up to 8 stretches of 100 beats.

    Parameters
    ----------
    lead : (n_samples,), mV, NaN where a sample is missing
    fs : sampling rate, Hz, of at least 80
    rpeaks : (n_beats,) sample indices, increasing

    Returns
    -------
    ms, in steps of 8 or half of that; None of fewer than 3 beats.
    """
    if len(rpeaks) < MIN_BEATS:
        return None
    last = max(0, len(rpeaks) - _BEATS_EACH)
    n = min(_STRETCHES, -(-len(rpeaks) // _BEATS_EACH))
    firsts = np.linspace(0, last, n).astype(int).tolist()
    return round(
        float(np.median([_width_ms(lead, fs, rpeaks[first : first + _BEATS_EACH]) for first in firsts])), 1
    )


def _have_spikes(beats: _Array, rpeak: int) -> NDArray[np.bool_]:
    """Tell which beats, (n_beats, n_samples) at 360 Hz with the R peak at an index, have a spike."""
    first, last = _samples(_REACH_S), _samples(_REACH_S) + 1
    sharpness = np.zeros_like(beats)
    sharpness[:, 1:-1] = np.abs(np.diff(beats, 2, axis=1))
    sharpness = sharpness[:, rpeak - first : rpeak + last]
    allowed = slice(first - _samples(_BEFORE_S), first + _samples(_AFTER_S) + 1)
    spike = sharpness[:, allowed].argmax(axis=1) + allowed.start
    height = np.take_along_axis(sharpness, spike[:, None], axis=1)[:, 0]
    away = np.abs(np.arange(sharpness.shape[1]) - spike[:, None]) > _samples(_APART_S)
    alone = height / np.maximum(np.where(away, sharpness, 0).max(axis=1), 1e-6)
    qrs = slice(rpeak - _samples(_QRS_S), rpeak + _samples(_QRS_S) + 1)
    qrs_height = np.maximum(np.ptp(beats[:, qrs], axis=1), 1e-3)
    late = rpeak - first + spike[:, None] + np.arange(_samples(_LATE_S[0]), _samples(_LATE_S[1]) + 1)
    goes_on = np.ptp(np.take_along_axis(beats, late, axis=1), axis=1) / qrs_height
    is_early = spike - first < -_EARLY_S * _FS
    relative = height / qrs_height
    sure = (alone > _SHARP_EARLY) & (is_early | (relative > _HUGE))
    found: NDArray[np.bool_] = (relative > _LEAST) & (sure | ((alone > _SHARP_AT_R) & (goes_on > _WIDE)))
    return found


def _samples(seconds: float) -> int:
    return round(seconds * _FS)


def _width_ms(lead: Signal, fs: float, rpeaks: _Indices) -> float:
    """Return the same of the usual QRS complex of one stretch of beats."""
    margin = round(3 * fs)
    start, stop = max(0, int(rpeaks[0]) - margin), int(rpeaks[-1]) + margin
    filtered = bandpass(fill_missing(lead[start:stop]), fs, _LOW_HZ, _HIGH_HZ)
    piece = resample(filtered, fs, _USUAL_FS)
    places = np.minimum(np.round((rpeaks - start) * (_USUAL_FS / fs)).astype(np.int64), len(piece) - 1)
    reach = round(_USUAL_REACH_S * _USUAL_FS)
    beats = windows(piece, aligned(piece, places, round(_MOVE_S * _USUAL_FS)), reach, reach + 1)
    usual = usual_beats(beats, intervals_before(rpeaks / fs), len(beats), len(beats))[:1]
    usual = usual / max(float(np.ptp(usual)), 1e-3)
    return float(middle_width(np.diff(usual, axis=1) ** 2, _USUAL_FS)[0]) * 100
