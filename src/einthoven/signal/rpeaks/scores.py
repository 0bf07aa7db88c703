"""How much each wave stands out, while a recording comes in."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from einthoven.signal.rpeaks.bands import Samples, moving_sum

_Indices = NDArray[np.int64]
_Scores = NDArray[np.float64]

_LOWEST, _FLATTEST = 0.2, 0.2
"""What is less than a fifth as high, or as steep, as is usual for a beat is a P wave at best."""
_NEAR_S, _FAR_S = 0.14, 0.65
"""Where a wave's surroundings begin and end, on either side."""
_BEYOND = 0.2
"""Height that is assumed before and after the recording."""
_STEEPEST_S = 0.06
_OFFSET = 0.02
"""So that silence has a logarithm."""
_STEEPNESS_WEIGHT = 3.0
_SURROUNDINGS_WEIGHT = -5.3
_BIAS = -0.7
_HOPELESS = -6.0
_REFRACTORY_S = 0.24
"""No second QRS complex can follow a first one sooner."""


class WaveScores:
    """Score every wave by how it stands out.

    The score is the log-odds that a wave is a QRS complex, from two measures: how steep it is, and how much
    there is around it, which tells noise, and T waves between beats, from a beat.
    """

    def __init__(self, fs: float) -> None:
        self._fs = fs
        self._near, self._far = round(_NEAR_S * fs), round(_FAR_S * fs)
        self._steepest = round(_STEEPEST_S * fs)
        self._refractory = _REFRACTORY_S * fs
        self._height: Samples = np.full(self._far, _BEYOND, np.float32)
        self._slope: Samples = np.zeros(self._far, np.float32)
        self._at = 0
        """Where in the recording the first sample lies that is not looked at yet."""
        self._candidates: _Indices = np.empty(0, np.int64)
        self._scores: _Scores = np.empty(0)
        self._n_decided = 0

    @property
    def length(self) -> int:
        """Samples looked at."""
        return self._at

    def push(self, height: Samples, slope: Samples) -> tuple[_Indices, _Scores, int]:
        """Take (n,) relative height and steepness; give back waves, scores, and up to where they are all."""
        self._height = np.concatenate([self._height, height])
        self._slope = np.concatenate([self._slope, slope])
        return self._score(len(self._height) - self._far, final=False)

    def finish(self) -> tuple[_Indices, _Scores, int]:
        """Give back the rest."""
        end = len(self._height)
        self._height = np.concatenate([self._height, np.full(self._far, _BEYOND, np.float32)])
        self._slope = np.concatenate([self._slope, np.zeros(self._far, np.float32)])
        return self._score(end, final=True)

    def _score(self, end: int, final: bool) -> tuple[_Indices, _Scores, int]:
        new = max(0, end - self._far)
        if new:
            waves = self._find(self._far, end, final)
            self._candidates = np.concatenate([self._candidates, waves + (self._at - self._far)])
            self._scores = np.concatenate([self._scores, self._rate(waves)])
            self._height, self._slope = self._height[new:].copy(), self._slope[new:].copy()
            self._at += new
        return self._compete(final)

    def _find(self, begin: int, end: int, final: bool) -> _Indices:
        h = self._height
        middle = h[begin:end]
        high = (middle > _LOWEST) & (middle > h[begin - 1 : end - 1]) & (middle >= h[begin + 1 : end + 1])
        waves = np.flatnonzero(high) + begin
        # The first and the last sample of a recording are no peaks: nobody knows what is beyond.
        first, last = self._far - self._at, len(h) - self._far - 1 if final else len(h)
        return waves[(waves > first) & (waves < last)]

    def _rate(self, waves: _Indices) -> _Scores:
        """Score waves at these places of the buffers."""
        width = self._far - self._near
        sums = moving_sum(self._height, width)
        around = (sums[waves - self._far] + sums[waves + self._near + 1]) / (2 * width)
        reach = np.arange(-self._steepest, self._steepest + 1)
        steep = self._slope[waves[:, None] + reach].max(axis=-1)
        share = around / self._height[waves]
        score = (
            _STEEPNESS_WEIGHT * np.log(steep + _OFFSET)
            + _SURROUNDINGS_WEIGHT * np.log(share + _OFFSET)
            + _BIAS
        )
        return np.where(steep >= _FLATTEST, score, -np.inf).astype(np.float64)

    def _compete(self, final: bool) -> tuple[_Indices, _Scores, int]:
        """Give back what is settled: of waves closer than the refractory time only the best."""
        at, score = self._candidates, self._scores
        keep = score > _HOPELESS
        for lag in range(1, len(at)):
            close = at[lag:] - at[:-lag] < self._refractory
            if not close.any():
                break
            later = score[lag:] > score[:-lag]
            keep[:-lag] &= ~(close & later)
            keep[lag:] &= ~(close & ~later)
        settled = self._at if final else self._at - round(self._refractory) - 1
        ready = int(np.searchsorted(at, settled))
        chosen = np.flatnonzero(keep[:ready])
        chosen = chosen[chosen >= self._n_decided]
        waves, scores = at[chosen], score[chosen]
        # Those just settled still compete with what comes.
        first = int(np.searchsorted(at, settled - 2 * self._refractory))
        self._candidates, self._scores = at[first:].copy(), score[first:].copy()
        self._n_decided = ready - first
        return waves, scores, max(settled, 0)
