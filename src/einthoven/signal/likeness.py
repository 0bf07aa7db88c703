"""Whether a lead looks like an ECG at all: sharp complexes, and no two hearts beat like a clock."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from einthoven.record import Signal
from einthoven.signal.filters import bandpass
from einthoven.signal.missing import fill_missing

_ECG_HZ = (0.5, 40.0)
_QRS_HZ = (5.0, 25.0)
_PIECE_S, _MAX_PIECES = 60.0, 10
"""A longer recording is looked at in pieces, evenly spread over it; the median piece counts."""
_WINDOW_S = 2.0
"""At 30 beats a minute one beat."""
_MAX_EDGE_S = 1.0
"""So much is left out at both ends, where the filter has no neighbours."""

MIN_SHARPNESS = 2.0
"""Peakedness (kurtosis) of 5 to 25 Hz below which nothing stands out at all: a sine has 1.5, noise 3."""
MIN_SHARPNESS_OF_SMOOTH, SMOOTH_QRS_SHARE = 3.6, 0.03
"""What has less of its power between 5 and 25 Hz must be more peaked: a pulse wave has 3, a QRS complex 5."""
MAX_REPETITION, MAX_QRS_SHARE = 0.985, 0.25
"""What repeats itself more exactly, with less of its power between 5 and 25 Hz, is a test signal."""
REPETITION_FROM_S = 20.0
"""In less, a regular heart may fit itself as well."""


def unlike_ecg(signal: Signal, fs: float) -> tuple[str | None, ...]:
    """Say of each lead why it does not look like an ECG.

    Two things are looked at. Sharpness: QRS complexes are short and high among what lies between 5 and 25 Hz,
    as a sine, a pulse wave or breathing is not; noise is left to `noise_share`. Repetition: a recording
    shifted by a third to two thirds of its length never fits itself, as no two R-R intervals are the same; a
    sawtooth, a square wave or steps do. So does a test device's ECG, which is told by its narrow complexes.
    Thresholds were set on real recordings: of 6641 of CinC 2017 (N, A or O), 2880 minutes of the MIT-BIH
    Arrhythmia Database, and leads I, II and V1 of 600 of PTB-XL, none is found unlike.

    Scaling, shifting or inverting a lead changes nothing.

    Parameters
    ----------
    signal : (n_leads, n_samples), mV, NaN where a sample is missing
    fs : sampling rate, Hz

    Returns
    -------
    n_leads reasons, None for a lead that may be an ECG, or does not move.

    >>> t = np.arange(9000) / 300
    >>> unlike_ecg(np.sin(2 * np.pi * 1.2 * t)[None].astype(np.float32), 300.0)
    ('no sharp complexes',)
    """
    return tuple(_reason(_pieces(row, fs), fs) for row in fill_missing(signal))


def lack_complexes(pieces: NDArray[np.floating], fs: float) -> NDArray[np.bool_]:
    """Tell which pieces of a lead have no sharp complexes, each by itself; one that does not move has none.

    Parameters
    ----------
    pieces : (n_pieces, n_samples), mV, without missing samples, of at least 2 s
    fs : sampling rate, Hz

    Returns
    -------
    (n_pieces,)

    >>> t = np.arange(3000) / 300
    >>> lack_complexes(np.sin(2 * np.pi * 1.2 * t)[None], 300.0).tolist()
    [True]
    """
    ecg, qrs = _bands(pieces - np.median(pieces, axis=-1, keepdims=True), fs)
    return np.array([_is_smooth(_qrs_share(*both), _sharpness(both[1], fs))
                     for both in zip(ecg[:, None], qrs[:, None], strict=True)])  # fmt: skip


def _reason(pieces: NDArray[np.floating], fs: float) -> str | None:
    centred = pieces - np.median(pieces, axis=-1, keepdims=True)
    if not centred.any():
        return None
    ecg, qrs = _bands(centred, fs)
    share = _qrs_share(ecg, qrs)
    if _is_smooth(share, _sharpness(qrs, fs)):
        return "no sharp complexes"
    long = pieces.shape[-1] >= REPETITION_FROM_S * fs
    if long and share < MAX_QRS_SHARE and np.median([_repetition(piece) for piece in ecg]) > MAX_REPETITION:
        return "repeats itself exactly"
    return None


def _bands(centred: NDArray[np.floating], fs: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return what lies in the band of an ECG, and of QRS complexes, without the ends."""
    edge = min(round(_MAX_EDGE_S * fs), centred.shape[-1] // 10)
    kept = slice(edge, centred.shape[-1] - edge)
    ecg, qrs = (
        bandpass(centred, fs, *band, order=2)[:, kept].astype(np.float64) for band in (_ECG_HZ, _QRS_HZ)
    )
    return ecg, qrs


def _qrs_share(ecg: NDArray[np.float64], qrs: NDArray[np.float64]) -> float:
    return float(np.square(qrs).sum() / max(np.square(ecg).sum(), np.finfo(float).tiny))


def _is_smooth(qrs_share: float, sharpness: float) -> bool:
    return sharpness < (MIN_SHARPNESS_OF_SMOOTH if qrs_share < SMOOTH_QRS_SHARE else MIN_SHARPNESS)


def _pieces(row: Signal, fs: float) -> Signal:
    """Return up to ten stretches of at most 60 s, (n_pieces, n_samples)."""
    length = min(len(row), round(_PIECE_S * fs))
    n = min(len(row) // length, _MAX_PIECES)
    starts = np.linspace(0, len(row) - length, n).astype(np.int64)
    return np.stack([row[start : start + length] for start in starts])


def _sharpness(qrs: NDArray[np.float64], fs: float) -> float:
    """Return the kurtosis of the median two seconds, 0 where nothing moves."""
    width = min(round(_WINDOW_S * fs), qrs.shape[-1])
    n = qrs.shape[-1] // width
    power = np.square(qrs[:, : n * width].reshape(-1, width))
    mean = power.mean(axis=-1)
    moving = mean > 0
    if not moving.any():
        return 0.0
    return float(np.median(np.square(power[moving]).mean(axis=-1) / np.square(mean[moving])))


def _repetition(piece: NDArray[np.float64]) -> float:
    """Return the highest correlation with itself, shifted by a third to two thirds of the length."""
    n = len(piece)
    spectrum = np.fft.rfft(piece, 2 * n)
    products = np.fft.irfft(spectrum.real**2 + spectrum.imag**2)[:n]
    energy = np.concatenate([[0.0], np.cumsum(np.square(piece))])
    shift = np.arange(n // 3, 2 * n // 3)
    norm = np.sqrt(energy[n - shift] * (energy[n] - energy[shift]))
    return float(np.divide(products[shift], norm, out=np.zeros(len(shift)), where=norm > 0).max(initial=0))
