"""What a recording is judged by where parts of it are left out: the rest, if that is enough."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from einthoven.record import Signal
from einthoven.signal.amplitude import peak_to_peak
from einthoven.signal.left_out import Stretch, joined_samples
from einthoven.signal.missing import fill_missing
from einthoven.signal.quality import Quality, mains_ratio

ENOUGH_S, ENOUGH = 60.0, 0.5
"""The rest is judged by itself if it is so long, or this share of the recording."""


def beside(quality: Quality, signal: Signal, fs: float, left_out: Sequence[Stretch]) -> Quality:
    """Return the quality with hum and amplitude of what is not left out; the very same if nothing is.

    Parameters
    ----------
    quality : of the whole recording
    signal : (n_leads, n_samples), mV, NaN where a sample is missing
    fs : sampling rate, Hz
    left_out : stretches in order of their start
    """
    kept = _kept(signal, fs, left_out)
    if kept is None:
        return quality
    # Lines in place of what is left out: joined ends would be steps, of any frequency.
    rest = np.where(kept, signal, np.float32(np.nan))
    heights = [seconds[~np.isnan(seconds)] for seconds in peak_to_peak(rest, fs)]
    return replace(
        quality,
        mains_ratio=tuple(mains_ratio(fill_missing(rest), fs).tolist()),
        amplitude_mv=tuple(float(np.median(seconds)) if len(seconds) else 0.0 for seconds in heights),
    )


def judged(signal: Signal, fs: float, left_out: Sequence[Stretch]) -> Signal:
    """Return the samples by which the likeness to an ECG is told, those left out cut away.

    signal, fs, left_out : as `beside`
    """
    kept = _kept(signal, fs, left_out)
    return signal if kept is None else signal[:, kept]


def _kept(signal: Signal, fs: float, left_out: Sequence[Stretch]) -> NDArray[np.bool_] | None:
    """Return which samples are not left out, (n_samples,); None if all of them count."""
    if not left_out:
        return None
    kept = np.ones(signal.shape[-1], bool)
    for start, end in joined_samples(left_out, fs):
        kept[start:end] = False
    return kept if kept.sum() >= min(ENOUGH_S * fs, ENOUGH * len(kept)) else None
