"""What comes to a simulated electrode beside the heart: drift, skin, muscles, motion."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from einthoven.signal.filters import fast_length

_MOTION_HZ = (0.5, 12.0)
_MUSCLE_HZ = (20.0, 120.0)


def electrode_noise(n: int, fs: float, noise_mv: float, rng: np.random.Generator) -> NDArray[np.float64]:
    """Return white noise of this standard deviation on a baseline that wanders with breathing, (n,) mV."""
    t = np.arange(n) / fs
    noise = noise_mv * rng.standard_normal(n)
    for hz in (rng.uniform(0.15, 0.35), rng.uniform(0.03, 0.15)):
        noise += rng.uniform(0.0, 0.06) * np.sin(2 * np.pi * (hz * t + rng.random()))
    return noise


def drowning_noise(n: int, fs: float, rng: np.random.Generator) -> NDArray[np.float64]:
    """Return motion and muscle artefacts, higher than the ECG for most of the time, (n,) mV."""
    motion = _coloured(n, fs, _MOTION_HZ, 1.0, rng) * _surges(n, fs, rng)
    muscle = _coloured(n, fs, _MUSCLE_HZ, 0.0, rng) * _surges(n, fs, rng)
    return rng.uniform(0.3, 0.9) * motion + rng.uniform(0.1, 0.4) * muscle


def _coloured(
    n: int, fs: float, band_hz: tuple[float, float], slope: float, rng: np.random.Generator
) -> NDArray[np.float64]:
    """Return noise of unit power inside a band, its amplitude falling with frequency to this power."""
    length = fast_length(n)
    hz = np.fft.rfftfreq(length, 1 / fs)
    shape = np.zeros(len(hz))
    inside = (hz >= band_hz[0]) & (hz <= band_hz[1])
    shape[inside] = hz[inside] ** -slope
    noise = np.fft.irfft(shape * np.fft.rfft(rng.standard_normal(length)), length)[:n]
    spread = float(noise.std())
    return np.asarray(noise / spread if spread > 0 else noise)


def _surges(n: int, fs: float, rng: np.random.Generator) -> NDArray[np.float64]:
    """Return a height that swells and ebbs within seconds, but never quite to nothing."""
    knots = np.exp(0.5 * rng.standard_normal(int(n / fs / 2) + 3))
    return np.interp(np.arange(n) / fs / 2, np.arange(len(knots)), knots)
