"""Which waves are beats, by how they stand out and by the rhythm around them, while a recording comes in."""

from __future__ import annotations

from collections import deque
from itertools import pairwise
from math import log

import numpy as np
from numpy.typing import NDArray

_FIRM = 3.0
"""Odds of 20 to 1: a beat, whatever the rhythm says."""
_THRESHOLD = -1.0
_PAUSE_WEIGHT = 4.0
_HASTE_WEIGHT = 4.0
_HASTE = 0.7
"""A beat that comes sooner than this share of the usual interval is less likely."""
_REFRACTORY_S = 0.24
_FIRST_RR_S = 0.8
_N_INTERVALS = 16
_TRAIN, _REGULAR = 6, 1.15
"""So many likely waves in a row, the middle half of their intervals alike to this ratio: a fast rhythm."""
_LONGEST_S = 6.0
"""After so long without a firm beat what there is must do."""


class BeatChoice:
    """Keep the firm waves, and of the weak ones those for which the rhythm has room.

    Source: the search back of J. Pan and W. J. Tompkins, 1985, DOI 10.1109/TBME.1985.325532.
    Differences: it works both ways and by degrees: a wave in a gap that is long for this rhythm is more
    likely, one that would come much too soon is less; a train of likely waves that is as regular as a clock
    sets its own pace.
    """

    def __init__(self, fs: float) -> None:
        self._refractory = _REFRACTORY_S * fs
        self._longest = round(_LONGEST_S * fs)
        self._intervals: deque[int] = deque(maxlen=_N_INTERVALS)
        self._first_rr = round(_FIRST_RR_S * fs)
        # As if a beat had come just before the recording.
        self._lower = -self._first_rr
        self._last: int | None = None
        self._weak: list[tuple[int, float]] = []
        self._beats: list[int] = []

    def push(self, waves: NDArray[np.int64], scores: NDArray[np.float64], settled: int) -> NDArray[np.int64]:
        """Take waves (sample indices) and their scores; give back the beats among them and those before.

        settled : sample up to which no further wave will come
        """
        for wave, score in zip(waves.tolist(), scores.tolist(), strict=True):
            if wave - self._lower > self._longest:
                self._wait(wave)
            if score <= _FIRM:
                self._weak.append((wave, score))
                continue
            if self._weak:
                self._resolve(wave)
            self._add(wave)
        self._wait(settled)
        return self._given()

    def finish(self, length: int) -> NDArray[np.int64]:
        """Give back the rest; length : samples of the recording."""
        self._resolve(length + self._usual() // 2)
        return self._given()

    @property
    def pending_from(self) -> int | None:
        """The earliest sample that may still become a beat although a later one is settled, or None."""
        return self._weak[0][0] if self._weak else None

    def _given(self) -> NDArray[np.int64]:
        beats = np.array(self._beats, np.int64)
        self._beats = []
        return beats

    def _wait(self, now: int) -> None:
        """Decide on weak waves when nothing firm has come for long."""
        while now - self._lower > self._longest:
            end = self._lower + self._longest
            self._resolve(end)
            looked_back = end - min(2 * self._usual(), self._longest // 2)
            self._lower = max(self._lower, looked_back)

    def _resolve(self, upper: int) -> None:
        usual = self._pace(self._usual())
        # Most of what is weak is hopeless in any case.
        enough = _THRESHOLD - _PAUSE_WEIGHT * log((upper - self._lower) / usual)
        if any(score > enough for _, score in self._weak):
            for wave in self._fill(self._lower, upper, self._weak, usual):
                self._add(wave)
        self._weak = []

    def _add(self, wave: int) -> None:
        if self._last is not None and wave - self._last <= self._longest:
            self._intervals.append(wave - self._last)
        self._lower = self._last = wave
        self._beats.append(wave)

    def _usual(self) -> int:
        ordered = sorted(self._intervals)
        return ordered[len(ordered) // 2] if ordered else self._first_rr

    def _pace(self, usual: int) -> int:
        """Return the usual interval, or the shorter one of a regular train of likely waves."""
        train = [wave for wave, score in self._weak if score > 0]
        if len(train) < _TRAIN:
            return usual
        steps = sorted(after - before for before, after in pairwise(train))
        n = len(steps)
        regular = steps[3 * n // 4] <= _REGULAR * steps[n // 4]
        return min(usual, steps[n // 2]) if regular else usual

    def _fill(self, lower: int, upper: int, weak: list[tuple[int, float]], usual: int) -> list[int]:
        """Return the best of these waves, and likewise before and after it."""
        room = _PAUSE_WEIGHT * log((upper - lower) / usual)
        best: tuple[float, int] | None = None
        for wave, score in weak:
            shorter = min(wave - lower, upper - wave)
            if shorter >= self._refractory:
                odds = score + room - _HASTE_WEIGHT * max(0.0, log(_HASTE * usual / shorter))
                if odds > _THRESHOLD and (best is None or odds > best[0]):
                    best = (odds, wave)
        if best is None:
            return []
        wave = best[1]
        before = [one for one in weak if one[0] < wave]
        after = [one for one in weak if one[0] > wave]
        return [*self._fill(lower, wave, before, usual), wave, *self._fill(wave, upper, after, usual)]
