"""How high the QRS complexes around each second are, and all leads in one, while a recording comes in."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from einthoven.signal.rpeaks.bands import Samples

_BLOCK_S = 1.0
_WINDOW = 1
"""Blocks on either side: 3 s hold a beat even at 20 a minute."""
_REACH = 3
"""The level is the median of the highest waves of 7 windows: a burst of noise does not move it."""
_CONTEXT = _WINDOW + _REACH
_FLOOR = 0.1
"""A level below this share of what it was lately is no heart but what a lost electrode leaves."""
_HALF_LIFE_S = 30.0
"""That share is forgotten: after a real change of gain the beats come back."""
_ROUNDING = 1e-5
"""Below this share of the lead's amplitude lies only what float32 rounding leaves."""
_QUIET = 0.05
_CEILING = 3.0
"""So that an artefact in one lead cannot outvote all others."""


class QRSLevels:
    """Measure height and steepness by those of the beats around, and average the leads.

    1 is what is usual for a beat; where a lead is silent it has no say. Leads in which the beats stand out
    most count most.
    """

    def __init__(self, fs: float, n_leads: int) -> None:
        self.block = max(1, round(_BLOCK_S * fs))
        # Waveform, height, steepness of the blocks not settled yet, and of those before that they need.
        self._kept: tuple[Samples, ...] = (np.empty((n_leads, 0), np.float32),) * 3
        self._n_before = 0
        self._n_settled = 0
        self._recent = np.full((2, n_leads), -np.inf)

    def push(
        self, wave: Samples, height: Samples, slope: Samples
    ) -> tuple[Samples, Samples, NDArray[np.float64]]:
        """Take (n_leads, n) of each.

        Returns relative height and steepness (m,) of the blocks that are settled, and the weight that each
        lead has there (n_leads, n_blocks).
        """
        new = (wave, height, slope)
        self._kept = tuple(np.concatenate(pair, axis=-1) for pair in zip(self._kept, new, strict=True))
        return self._settle(final=False)

    def finish(self) -> tuple[Samples, Samples, NDArray[np.float64]]:
        """Settle the rest, as if the last block went on."""
        return self._settle(final=True)

    def _settle(self, final: bool) -> tuple[Samples, Samples, NDArray[np.float64]]:
        n = self._kept[0].shape[-1]
        n_blocks = -(-n // self.block) if final else n // self.block
        ready = n_blocks - self._n_before - (0 if final else _CONTEXT)
        if ready <= 0:
            nothing = np.empty(0, np.float32)
            return nothing, nothing, np.empty((len(self._kept[0]), 0))
        before = [0] * (_CONTEXT - self._n_before)
        after = [n_blocks - 1] * (_CONTEXT if final else 0)
        measures = self._measure_blocks(n_blocks)[..., [*before, *range(n_blocks), *after]]
        gain, weight = self._gains(measures)
        begin = self._n_before * self.block
        end = min(n, begin + ready * self.block)
        height, slope = (
            self._average_leads(kept[:, begin:end], own, weight)
            for kept, own in zip(self._kept[1:], gain, strict=True)
        )
        n_before = min(_CONTEXT, self._n_before + ready)
        done = (self._n_before + ready - n_before) * self.block
        self._kept = tuple(kept[:, done:].copy() for kept in self._kept)
        self._n_before = n_before
        self._n_settled += ready
        return height, slope, weight

    def _measure_blocks(self, n_blocks: int) -> NDArray[np.float32]:
        """Return highest height, highest steepness, amplitude and mean height: (4, n_leads, n_blocks)."""
        n_leads, n = self._kept[0].shape
        whole = n // self.block * self.block
        parts = [tuple(kept[:, :whole].reshape(n_leads, -1, self.block) for kept in self._kept)]
        if n_blocks * self.block > whole:
            parts.append(tuple(kept[:, None, whole:] for kept in self._kept))
        measures = np.empty((4, n_leads, n_blocks), np.float32)
        at = 0
        for wave, height, slope in parts:
            own = measures[..., at : at + wave.shape[1]]
            own[0], own[1] = height.max(axis=-1), slope.max(axis=-1)
            own[2] = np.maximum(wave.max(axis=-1), -wave.min(axis=-1))
            own[3] = height.mean(axis=-1)
            at += wave.shape[1]
        return measures

    def _gains(self, measures: NDArray[np.float32]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return factors of height and steepness (2, n_leads, n), and the leads' weights (n_leads, n)."""
        windows = _neighbours(_neighbours(measures[:2], _WINDOW).max(axis=0), _REACH)
        amplitude = _neighbours(measures[2], _CONTEXT).max(axis=0)
        level = _median_above(windows, _ROUNDING * amplitude)
        audible: NDArray[np.bool_] = np.all(level > 0, axis=0)
        gain = np.divide(1.0, self._floored(level), out=np.zeros_like(level), where=audible)
        if level.shape[1] == 1:
            return gain, np.ones_like(gain[0])
        usual = np.median(_neighbours(measures[3], _CONTEXT), axis=0)
        clearness = np.where(audible, 1 / np.maximum(usual * gain[0], _QUIET) ** 2, 0.0)
        total = clearness.sum(axis=0)
        return gain, np.divide(clearness, total, out=np.zeros_like(clearness), where=total > 0)

    def _floored(self, level: NDArray[np.float64]) -> NDArray[np.float64]:
        """Raise levels to the floor: a share of the highest that there was, which fades."""
        fading = np.log(2.0) * _BLOCK_S / _HALF_LIFE_S * (self._n_settled + np.arange(level.shape[-1]))
        with np.errstate(divide="ignore"):
            rising = np.log(level) + fading
        rising[..., 0] = np.maximum(rising[..., 0], self._recent)
        highest = np.maximum.accumulate(rising, axis=-1)
        self._recent = highest[..., -1]
        return np.asarray(np.maximum(level, _FLOOR * np.exp(highest - fading)))

    def _average_leads(
        self, rows: Samples, gain: NDArray[np.float64], weight: NDArray[np.float64]
    ) -> Samples:
        n = rows.shape[-1]
        if len(rows) == 1:
            return np.asarray(rows[0] * np.repeat(gain[0].astype(np.float32), self.block)[:n])
        total = np.zeros(n, np.float32)
        for row, own, share in zip(rows, gain.astype(np.float32), weight.astype(np.float32), strict=True):
            relative = np.minimum(row * np.repeat(own, self.block)[:n], np.float32(_CEILING))
            total += relative * np.repeat(share, self.block)[:n]
        return total


def _median_above(windows: NDArray[np.float32], rounding: NDArray[np.float32]) -> NDArray[np.float64]:
    """Return the (lower) median along the first axis of what is above the rounding, or 0 if nothing is."""
    heard = windows > rounding
    n_heard = heard.sum(axis=0)
    ordered = np.sort(np.where(heard, windows, np.float32(np.inf)), axis=0)
    middle = np.maximum(n_heard - 1, 0) // 2
    median = np.take_along_axis(ordered, middle[None], axis=0)[0]
    return np.where(n_heard > 0, median, 0.0).astype(np.float64)


def _neighbours(values: NDArray[np.float32], reach: int) -> NDArray[np.float32]:
    """Stack each value's neighbours up to `reach` on either side: (2 reach + 1, ..., n - 2 reach)."""
    n = values.shape[-1] - 2 * reach
    return np.stack([values[..., lag : lag + n] for lag in range(2 * reach + 1)])
