"""Beats as they would be in atrial fibrillation: at irregular intervals, f waves in place of P waves.

Made for training: where few recordings have atrial fibrillation, a classifier takes every early beat of an
irregular rhythm for an ectopic one.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_Array = NDArray[np.float32]

SPREAD = (0.12, 0.3)
"""Standard deviation of the logarithm of the intervals, of a recording."""
SHORTEST_S, LONGEST_S = 0.28, 2.5
"""Drawn intervals lie between these."""
F_WAVES_HZ = (4.0, 8.0)
F_WAVES_HEIGHT = (0.02, 0.2)
"""Over half the height of the usual QRS complex."""
P_WAVE_S = (0.32, 0.08)
"""Between these times before the R peak a P wave is taken away, s."""
_EDGE_S = 0.05


def fibrillating_times(
    times_s: NDArray[np.float64], kept: NDArray[np.bool_], rng: np.random.Generator
) -> NDArray[np.float64]:
    """Return times of the same beats with independent log-normal intervals of the same median.

    Parameters
    ----------
    times_s : (n_beats,) times of the R peaks, s, increasing
    kept : (n_beats,) beats that keep the interval before them, such as ventricular ones
    rng : decides how irregular the rhythm is, and each interval

    Returns
    -------
    (n_beats,) times, s, increasing, from any start.
    """
    if len(times_s) < 2:
        return times_s.copy()
    real = np.diff(times_s, prepend=times_s[0] - np.median(np.diff(times_s)))
    spread = rng.uniform(*SPREAD)
    drawn = np.median(real) * np.exp(spread * rng.standard_normal(len(real)))
    return np.cumsum(np.where(kept, real, np.clip(drawn, SHORTEST_S, LONGEST_S)))


def without_p_waves(
    beats: _Array, usual: _Array, rpeak: int, fs: float, rng: np.random.Generator
) -> tuple[_Array, _Array]:
    """Return beats without P waves but with f waves throughout, and usual beats without P waves.

    Where the P wave would be, the median of that stretch stands; the f waves of a recording have one
    frequency, in each beat another phase and height.

    Parameters
    ----------
    beats, usual : (n_beats, n_samples), scaled so that the usual QRS complex is 2 high
    rpeak : index of the R peak in them
    fs : sampling rate, Hz
    rng : decides frequency, height and phases of the f waves

    Returns
    -------
    Beats and usual beats, (n_beats, n_samples) float32 each.
    """
    t = (np.arange(beats.shape[1]) - rpeak) / fs
    first, last = -P_WAVE_S[0], -P_WAVE_S[1]
    share = np.clip(np.minimum((t - first) / _EDGE_S, (last - t) / _EDGE_S), 0, 1)
    inside = share > 0
    n = len(beats)
    phase = rng.random((n, 1)) + t * rng.uniform(*F_WAVES_HZ)
    f_waves = rng.uniform(*F_WAVES_HEIGHT) * rng.uniform(0.5, 1.5, (n, 1)) * np.sin(2 * np.pi * phase)
    levels = [np.median(wave[:, inside], axis=1, keepdims=True) for wave in (beats, usual)]
    changed = beats * (1 - share) + levels[0] * share + f_waves
    emptied = usual * (1 - share) + levels[1] * share
    return changed.astype(np.float32), emptied.astype(np.float32)
