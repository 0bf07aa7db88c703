"""To which side the waves of a heartbeat point, lead by lead."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from einthoven.record import Signal
from einthoven.signal.missing import fill_missing

_BEFORE_S, _AFTER_S = 0.30, 0.45
"""Of the R peak: so much of a beat is looked at."""
_MAX_BEATS = 256
"""Evenly spread over a long recording: more make the median beat no smoother to the eye."""
_MIN_BEATS = 3
_QRS_S = 0.06
"""To both sides of the R peak."""
_P_S, _T_S = (0.24, 0.07), (0.12, 0.44)
"""Where the P wave lies before the R peak, and the T wave after it: from, to."""
_P_OF_RR, _T_OF_RR = 0.35, 0.65
"""At a fast rate they lie within this share of the usual R-R interval."""
_MIN_ASYMMETRY = 0.2
"""The QRS complex points to a side if its higher peak is at least half as high again as the other."""
_NOTHING = 1e-9
"""A lead that does not move points nowhere, mV."""
_MIN_P_MV, _MIN_T_MV = 0.02, 0.05
"""Smaller waves point nowhere: a P wave is 0.05 to 0.25 mV high, a T wave 0.1 to 0.5 mV."""


@dataclass(frozen=True, slots=True)
class Polarity:
    """To which side the waves of a lead's usual beat point: 1 up, -1 down, 0 neither (or not to be told).

    p, t : of the P and T wave
    qrs : of the QRS complex: its higher peak
    """

    p: int
    qrs: int
    t: int

    def __neg__(self) -> Polarity:
        """Return that of the lead turned over."""
        return Polarity(-self.p, -self.qrs, -self.t)


def polarities(signal: Signal, fs: float, rpeaks: NDArray[np.int64]) -> tuple[Polarity, ...] | None:
    """Tell to which side the P wave, the QRS complex and the T wave of the median beat point.

    Parameters
    ----------
    signal : (n_leads, n_samples), mV, NaN where a sample is missing
    fs : sampling rate, Hz
    rpeaks : (n_beats,) sample indices of the R peaks, increasing

    Returns
    -------
    One a lead; None where fewer than three whole beats are there.

    >>> t = np.arange(3000) / 300
    >>> lead = -np.exp(-(((t % 1 - 0.5) / 0.02) ** 2)).astype(np.float32)
    >>> polarities(lead[None], 300.0, np.arange(150, 3000, 300))
    (Polarity(p=0, qrs=-1, t=0),)
    """
    before, after = round(_BEFORE_S * fs), round(_AFTER_S * fs)
    whole = rpeaks[(rpeaks >= before) & (rpeaks < signal.shape[-1] - after)]
    if len(whole) < _MIN_BEATS:
        return None
    rr_s = float(np.median(np.diff(rpeaks))) / fs
    some = whole[np.linspace(0, len(whole) - 1, min(len(whole), _MAX_BEATS)).astype(np.int64)]
    around = some[:, None] + np.arange(-before, after)
    return tuple(_polarity(fill_missing(row)[around], fs, rr_s) for row in signal)


def _polarity(beats: Signal, fs: float, rr_s: float) -> Polarity:
    """Return that of a lead's beats, (n_beats, n_samples)."""
    beat = np.median(beats - np.median(beats, axis=-1, keepdims=True), axis=0)
    peak = round(_BEFORE_S * fs)

    def part(from_s: float, to_s: float) -> NDArray[np.floating]:
        first = peak + round(from_s * fs)
        found: NDArray[np.floating] = beat[first : max(first + 2, peak + round(to_s * fs))]
        return found

    qrs = part(-_QRS_S, _QRS_S)
    high, low = float(qrs.max()), float(qrs.min())
    return Polarity(
        p=_side(_deflection(part(-min(_P_S[0], _P_OF_RR * rr_s), -_P_S[1])), _MIN_P_MV),
        qrs=_side(high + low, max(_MIN_ASYMMETRY * (high - low), _NOTHING)),
        t=_side(_deflection(part(_T_S[0], min(_T_S[1], _T_OF_RR * rr_s))), _MIN_T_MV),
    )


def _deflection(part: NDArray[np.floating]) -> float:
    """Return the farthest deflection from the line between both ends, with its sign, mV."""
    away = part - np.linspace(part[0], part[-1], len(part))
    return float(away[np.abs(away).argmax()])


def _side(value: float, least: float) -> int:
    return 0 if abs(value) < least else 1 if value > 0 else -1
