"""How a beat's shape differs from that of the usual beat, and from those of its neighbours."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_Array = NDArray[np.float32]

QRS_S = 0.12
"""Half of the stretch around an R peak in which its QRS complex lies, however wide."""
P_S = (0.28, 0.08)
T_S = (0.2, 0.48)
"""Where a P wave is looked for before the R peak, and a T wave after it, s."""
BEFORE_S, AFTER_S = P_S[0], T_S[1]
"""A window around an R peak has to be so long."""
QRS_MARGIN_S = 0.064
"""So much further to either side the slope is looked at that tells how wide a QRS complex is."""
N_SHAPE = 9
"""Features of shape."""


def shape_features(beats: _Array, usual: _Array, rpeak: int, fs: float) -> _Array:
    """Compare beats with the usual ones.

    Parameters
    ----------
    beats, usual : (n_beats, n_samples), scaled so that the usual QRS complex is 2 high; from 0.28 s before
        the R peak to 0.48 s after it at least
    rpeak : index of the R peak in them
    fs : sampling rate, Hz

    Returns
    -------
    (n_beats, 9), logarithms natural: correlation of the QRS complexes, and of the P waves; logarithm of the
    height of the beat's QRS complex over the usual one's; logarithm of the mean difference of the P waves;
    width of the QRS complex (tenths of a second that hold the middle 80 % of its slope), and how much wider
    than the usual one it is; logarithms of the ratio of the steepest slopes, of the mean difference of the
    QRS complexes, and of that of the T waves. Finite also where a beat or the usual one is constant.
    """
    qrs, p_wave, t_wave = qrs_of(rpeak, fs), _stretch(rpeak, -P_S[0], -P_S[1], fs), _stretch(rpeak, *T_S, fs)
    reach = QRS_S + QRS_MARGIN_S
    slopes = [np.abs(np.diff(wave[:, _stretch(rpeak, -reach, reach, fs)], axis=1)) for wave in (beats, usual)]
    steepest = [slope.max(axis=1) for slope in slopes]
    widths = [middle_width(slope, fs) for slope in slopes]
    features = (
        correlation(beats[:, qrs], usual[:, qrs]),
        correlation(beats[:, p_wave], usual[:, p_wave]),
        np.log(np.ptp(beats[:, qrs], axis=1) / 2 + 1e-3),
        np.log(np.abs(beats[:, p_wave] - usual[:, p_wave]).mean(axis=1) + 1e-2),
        widths[0],
        widths[0] - widths[1],
        np.log(steepest[0] / (steepest[1] + 1e-3) + 1e-2),
        np.log(np.abs(beats[:, qrs] - usual[:, qrs]).mean(axis=1) + 1e-2),
        np.log(np.abs(beats[:, t_wave] - usual[:, t_wave]).mean(axis=1) + 1e-2),
    )
    return np.stack(features, axis=1).astype(np.float32)


def likeness(beats: _Array, n: int) -> _Array:
    """Return each beat's correlation with the `n` beats before and the `n` after it: (n_beats, 2 n).

    The nearest comes first on either side; 0 where there is no neighbour.

    Parameters
    ----------
    beats : (n_beats, n_samples), their QRS complexes in order of time
    n : neighbours to either side

    >>> up, down = [0.0, 1, 0], [0.0, -1, 0]
    >>> likeness(np.array([up, down, down], np.float32), 2).round(3).tolist()
    [[0.0, 0.0, -1.0, -1.0], [-1.0, 0.0, 1.0, 0.0], [1.0, -1.0, 0.0, 0.0]]
    """
    found = np.zeros((len(beats), 2 * n), np.float32)
    for away in range(1, min(n, len(beats) - 1) + 1):
        alike = correlation(beats[away:], beats[:-away])
        found[away:, away - 1] = alike
        found[:-away, n + away - 1] = alike
    return found


def correlation(one: _Array, other: _Array) -> _Array:
    """Return Pearson's correlation along the last axis; 0 where one of the two is constant.

    one, other : (..., n_samples)

    >>> correlation(np.array([[1, 2, 3.0], [1, 1, 1]]), np.array([[2, 4, 6.0], [1, 2, 3]])).round(6).tolist()
    [1.0, 0.0]
    """
    one = one - one.mean(axis=-1, keepdims=True)
    other = other - other.mean(axis=-1, keepdims=True)
    scale = np.sqrt((one * one).sum(axis=-1) * (other * other).sum(axis=-1))
    found: _Array = np.divide((one * other).sum(axis=-1), scale, out=np.zeros_like(scale), where=scale > 1e-9)
    return found


def middle_width(weight: NDArray[np.floating], fs: float) -> NDArray[np.floating]:
    """Return how long it takes from 10 to 90 % of a weight.

    weight : (n_beats, n_samples), 0 or more
    fs : sampling rate, Hz

    Returns (n_beats,) tenths of a second, in whole samples; 0 where nothing weighs anything.

    >>> middle_width(np.array([[0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0], 11 * [0]], float), 10.0).round(3).tolist()
    [8.0, 0.0]
    """
    share = np.cumsum(weight, axis=1)
    share /= share[:, -1:] + 1e-6
    inner: NDArray[np.floating] = ((share < 0.9).sum(axis=1) - (share < 0.1).sum(axis=1)) / fs * 10
    return inner


def qrs_of(rpeak: int, fs: float) -> slice:
    """Return where the QRS complex lies in a window at `fs` Hz whose R peak is at index `rpeak`."""
    return _stretch(rpeak, -QRS_S, QRS_S, fs)


def _stretch(rpeak: int, start_s: float, stop_s: float, fs: float) -> slice:
    return slice(rpeak + round(start_s * fs), rpeak + round(stop_s * fs) + 1)
