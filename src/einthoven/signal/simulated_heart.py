"""The electrical vector of a simulated heart: Gaussian waves around each beat, in three dimensions.

Axes: x to the left arm, y to the feet, z to the front; mV.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from einthoven.signal.simulated_beats import Beats

Vector = NDArray[np.float64]

_REACH = 4.5
"""Standard deviations from which on a wave is left out: below 0.05 µV."""


@dataclass(frozen=True)
class Wave:
    """A Gaussian bump.

    delay_s : from the R peak at 60 bpm, s
    width_s : standard deviation, s
    vector : direction and height, mV
    follows_rate : whether the delay shrinks with the square root of the R-R interval, as repolarisation does
    """

    delay_s: float
    width_s: float
    vector: tuple[float, float, float]
    follows_rate: bool = False


SINUS_WAVES: dict[str, Wave] = {
    "P": Wave(-0.160, 0.022, (0.080, 0.100, 0.020)),
    "Q": Wave(-0.028, 0.009, (-0.120, -0.060, 0.120)),
    "R": Wave(0.000, 0.011, (1.000, 0.800, -0.250)),
    "S": Wave(0.028, 0.010, (-0.200, -0.220, -0.300)),
    "T": Wave(0.255, 0.055, (0.110, 0.090, 0.070), follows_rate=True),
    "T end": Wave(0.300, 0.034, (0.150, 0.120, 0.090), follows_rate=True),
}
"""A beat from the sinus node; the T wave takes two waves, as it falls faster than it rises.

Source: the wave form of McSharry et al., 2003, DOI 10.1109/TBME.2003.808805 (Gaussians in phase, whose T wave
moves with the square root of the interval). The numbers are einthoven's own.
"""

VENTRICULAR_WAVES: dict[str, Wave] = {
    "R": Wave(0.000, 0.030, (1.300, 0.000, 0.000)),
    "S": Wave(0.085, 0.034, (-0.350, 0.000, 0.000)),
    "T": Wave(0.290, 0.060, (-0.380, 0.000, 0.000), follows_rate=True),
}
"""A beat from a ventricle before it is turned: no P wave, a wide QRS complex, a T wave against it."""


def heart_vector(
    beats: Beats, fibrillating: bool, n_samples: int, fs: float, rng: np.random.Generator
) -> Vector:
    """Return the heart's vector over time, shape (3, n_samples), mV, with a morphology drawn for this heart.

    Parameters
    ----------
    beats : where the beats are
    fibrillating : the atria make f waves instead of P waves
    n_samples, fs : length and sampling rate (Hz) of the result
    rng : source of everything random
    """
    waves_of = _draw_waves(fibrillating, rng)
    heights = 1 + 0.04 * rng.standard_normal(len(beats.times_s))
    vector = _fibrillation_waves(n_samples, fs, rng) if fibrillating else np.zeros((3, n_samples))
    for kind, waves in waves_of.items():
        chosen = beats.kinds == kind
        times, stretch = beats.times_s[chosen], np.sqrt(np.clip(beats.rr_s[chosen], 0.3, 1.5))
        for wave in waves if len(times) else ():
            centres = times + wave.delay_s * (stretch if wave.follows_rate else 1.0)
            bumps = _bumps(centres, wave.width_s, heights[chosen], n_samples, fs)
            vector += np.array(wave.vector)[:, None] * bumps
    return vector


def _draw_waves(fibrillating: bool, rng: np.random.Generator) -> dict[str, list[Wave]]:
    size = rng.lognormal(0, 0.25)
    turn = np.deg2rad(rng.normal(0, 18))
    sinus = {name: _vary(wave, size, turn, rng) for name, wave in SINUS_WAVES.items()}
    ectopic_p = replace(sinus["P"], delay_s=-0.13, vector=tuple(rng.uniform(-0.12, 0.12, size=3).tolist()))
    direction = np.array([rng.choice([-1, 1]) * rng.uniform(0.8, 1.2), *rng.uniform(-0.9, 0.9, size=2)])
    ventricular = [
        replace(wave, vector=tuple((size * wave.vector[0] * direction).tolist()))
        for wave in VENTRICULAR_WAVES.values()
    ]
    normal = [wave for name, wave in sinus.items() if not (fibrillating and name == "P")]
    return {"N": normal, "A": list({**sinus, "P": ectopic_p}.values()), "V": ventricular}


def _vary(wave: Wave, size: float, turn: float, rng: np.random.Generator) -> Wave:
    """Return the wave a little higher, wider and later or less so, its axis turned in the frontal plane."""
    x, y, z = wave.vector
    height = size * rng.lognormal(0, 0.12)
    turned = (x * np.cos(turn) - y * np.sin(turn), x * np.sin(turn) + y * np.cos(turn), z)
    return replace(
        wave,
        delay_s=wave.delay_s * rng.normal(1, 0.05),
        width_s=wave.width_s * rng.lognormal(0, 0.08),
        vector=(height * turned[0], height * turned[1], height * turned[2]),
    )


def _bumps(
    centres: NDArray[np.float64], width_s: float, heights: NDArray[np.float64], n_samples: int, fs: float
) -> NDArray[np.float64]:
    """Return the sum of Gaussians of one width at these instants, shape (n_samples,)."""
    reach = int(np.ceil(_REACH * width_s * fs))
    samples = np.floor(centres * fs).astype(np.int64)[:, None] + np.arange(-reach, reach + 2)
    values = heights[:, None] * np.exp(-0.5 * ((samples / fs - centres[:, None]) / width_s) ** 2)
    inside = (samples >= 0) & (samples < n_samples)
    return np.bincount(samples[inside], weights=values[inside], minlength=n_samples).astype(np.float64)


def _fibrillation_waves(n_samples: int, fs: float, rng: np.random.Generator) -> Vector:
    """Return f waves: a sawtooth-like swing whose frequency (4 to 9 Hz) and height drift."""
    t = np.arange(n_samples) / fs
    drift = np.sin(2 * np.pi * (rng.uniform(0.1, 0.3) * t + rng.random()))
    hz = rng.uniform(4.7, 8.3) + 0.6 * drift
    phase = 2 * np.pi * (np.cumsum(hz) / fs + rng.random())
    swing = np.sin(phase) + 0.4 * np.sin(2 * phase) + 0.2 * np.sin(3 * phase)
    height = rng.uniform(0.05, 0.12) * (1 + 0.3 * np.sin(2 * np.pi * (0.15 * t + rng.random())))
    direction = np.array([0.6, 0.5, 0.6]) * rng.uniform(0.7, 1.3, size=3)
    return np.asarray(direction[:, None] * (height * swing))
