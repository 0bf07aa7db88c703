"""From samples to how high and how steep a QRS complex would be there, while a recording comes in.

Everything here acts on each sample by itself or on shifted copies of the array, in a fixed order: so the
result is the same to the last bit, however the samples are cut into pushes.
"""

from __future__ import annotations

from math import ceil

import numpy as np
from numpy.typing import NDArray

from einthoven.record import Signal

Samples = NDArray[np.float32]

_RATE_HZ = 120.0
"""Work is done at this rate or little above it: so 50 and 60 Hz mains do not fold into the QRS band."""
_BAND_HZ = (6.0, 28.0)
"""Where a QRS complex stands out; below are P and T waves, above muscles."""
_BAND_REACH_S = 0.1
_WIDTH_S = 0.1
"""Of the triangle that smooths the rectified band: about a QRS complex."""
_SLOPE_S = 0.007
"""Width of the Gaussian whose derivative measures slopes: steepest waves of 23 Hz count most."""


def decimation(fs: float) -> int:
    """Return how many samples are averaged into one."""
    return max(1, int(fs // _RATE_HZ))


class QRSBands:
    """Turn samples into QRS height and steepness at about 120 Hz.

    The height is the mean rectified 6 to 28 Hz band over the width of a QRS complex, the steepness the
    rectified slope of the waveform. Both are zero-phase and know no offset.
    """

    def __init__(self, fs: float, n_leads: int) -> None:
        self._step = decimation(fs)
        self.fs = fs / self._step
        self._band = _band_kernel(self.fs)
        self._width = max(1, round(_WIDTH_S * self.fs))
        self._slope = _slope_kernel(self.fs)
        self._reach = len(self._band) + self._width - 2
        self._rest: Samples = np.empty((n_leads, 0), np.float32)
        self._context: Samples | None = None

    def push(self, samples: Signal) -> tuple[Samples, Samples, Samples]:
        """Take (n_leads, n) samples without NaN; give back waveform, height, steepness: (n_leads, m) each."""
        joined = np.concatenate([self._rest, samples], axis=-1) if self._rest.size else samples
        n = joined.shape[-1] // self._step
        self._rest = joined[:, n * self._step :].copy()
        return self._measure(self._average(joined, n))

    def finish(self) -> tuple[Samples, Samples, Samples]:
        """Give back the rest, as if the last sample went on."""
        if self._context is None:
            return (self._rest[:, :0],) * 3
        return self._measure(np.repeat(self._context[:, -1:], self._reach, axis=-1))

    def _average(self, joined: Samples, n: int) -> Samples:
        if self._step == 1:
            return joined
        total = joined[:, 0 : n * self._step : self._step].copy()
        for phase in range(1, self._step):
            total += joined[:, phase : n * self._step : self._step]
        total *= np.float32(1 / self._step)
        return total

    def _measure(self, new: Samples) -> tuple[Samples, Samples, Samples]:
        if self._context is None:
            if not new.shape[-1]:
                return (new,) * 3
            self._context = np.repeat(new[:, :1], self._reach, axis=-1)
        wave = np.concatenate([self._context, new], axis=-1)
        n = wave.shape[-1] - 2 * self._reach
        if n <= 0:
            self._context = wave
            return (new[:, :0],) * 3
        self._context = wave[:, n:].copy()
        band = symmetric_filter(wave, self._band)
        np.abs(band, out=band)
        height = moving_sum(moving_sum(band, self._width), self._width)
        height *= np.float32(1 / self._width**2)
        side = self._reach - len(self._slope)
        slope = antisymmetric_filter(wave[:, side : wave.shape[-1] - side], self._slope)
        return wave[:, self._reach : self._reach + n], height, np.abs(slope, out=slope)


def symmetric_filter(x: Samples, kernel: Samples) -> Samples:
    """Filter by a symmetric kernel, given from its middle outwards, where it fits: (..., n - 2 (k - 1))."""
    reach = len(kernel) - 1
    n = x.shape[-1] - 2 * reach
    total: Samples = x[..., reach : reach + n] * kernel[0]
    pair = np.empty_like(total)
    for lag in range(1, reach + 1):
        np.add(x[..., reach - lag : reach - lag + n], x[..., reach + lag : reach + lag + n], out=pair)
        pair *= kernel[lag]
        total += pair
    return total


def antisymmetric_filter(x: Samples, kernel: Samples) -> Samples:
    """Filter by an antisymmetric kernel, given from 1 after its middle (which is 0): (..., n - 2 k)."""
    reach = len(kernel)
    n = x.shape[-1] - 2 * reach
    total = np.zeros((*x.shape[:-1], n), np.float32)
    pair = np.empty_like(total)
    for lag in range(1, reach + 1):
        np.subtract(x[..., reach + lag : reach + lag + n], x[..., reach - lag : reach - lag + n], out=pair)
        pair *= kernel[lag - 1]
        total += pair
    return total


def moving_sum(x: Samples, width: int) -> Samples:
    """Sum every `width` neighbours, (..., n - width + 1), by doubling: log2(width) additions, not width."""
    n = x.shape[-1] - width + 1
    total, done, power, size = None, 0, x, 1
    while True:
        if width & size:
            part = power[..., done : done + n]
            total = part if total is None else total + part
            done += size
        if 2 * size > width:
            assert total is not None
            return total
        power = power[..., : power.shape[-1] - size] + power[..., size:]
        size *= 2


def _band_kernel(fs: float) -> Samples:
    """Return a windowed-sinc band-pass without response to a constant, from its middle outwards."""
    reach = max(2, round(_BAND_REACH_S * fs))
    t = np.arange(reach + 1) / fs
    low, high = _BAND_HZ[0], min(_BAND_HZ[1], 0.45 * fs)
    window = 0.54 + 0.46 * np.cos(np.pi * np.arange(reach + 1) / reach)
    kernel = 2 / fs * (high * np.sinc(2 * high * t) - low * np.sinc(2 * low * t)) * window
    both_sides = np.r_[1, np.full(reach, 2)]
    kernel -= window * (both_sides @ kernel) / (both_sides @ window)
    return kernel.astype(np.float32)


def _slope_kernel(fs: float) -> Samples:
    """Return the derivative of a Gaussian from 1 after its middle; a slope of 1 a second gives about 1."""
    t = np.arange(1, max(1, ceil(3 * _SLOPE_S * fs)) + 1) / fs
    kernel = t * np.exp(-0.5 * (t / _SLOPE_S) ** 2)
    return np.asarray(kernel / (2 * t @ kernel), np.float32)
