"""Where in a QRS complex its R peak is, while a recording comes in."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from einthoven.record import Signal

_REACH_S = 0.08
_REST_S = 0.04
"""What lies so far beyond on either side is what the deflection is measured from."""
_MINORITY_WEIGHT = 0.67
"""R and S waves of about the same height: keep to the side to which most beats point."""
_MEMORY = 0.9


class PeakPlacement:
    """Move each beat to the highest deflection around it, in the lead that has been the clearest lately."""

    def __init__(self, fs: float, step: int, n_leads: int, block: int) -> None:
        self._step, self._block = step, block
        self._reach = max(1, round(_REACH_S * fs))
        self._rest = max(1, round(_REST_S * fs))
        self._kept: Signal = np.empty((n_leads, 0), np.float32)
        self._start = 0
        self._weights = np.empty((n_leads, 0))
        self._first_block = 0
        self._trust = np.zeros(n_leads)
        self._lead = 0
        self._side = 0.0

    def keep(self, samples: Signal) -> None:
        """Take (n_leads, n) samples without NaN."""
        self._kept = np.concatenate([self._kept, samples], axis=-1)

    def weigh(self, weights: NDArray[np.float64]) -> None:
        """Take the weight of each lead, (n_leads, n_blocks)."""
        self._weights = np.concatenate([self._weights, weights], axis=-1)

    def place(self, beats: NDArray[np.int64]) -> NDArray[np.int64]:
        """Take beats as averaged samples, give back R peaks as samples."""
        if not len(beats):
            return np.empty(0, np.int64)
        span = self._reach + self._rest
        first = beats * self._step + self._step // 2 - self._start - span
        # At the ends of the recording the window is moved, not cut.
        first = np.clip(first, 0, max(0, self._kept.shape[-1] - 2 * span - 1))
        lead = self._leads(beats)
        windows = np.lib.stride_tricks.sliding_window_view(
            self._kept, min(2 * span + 1, self._kept.shape[-1]), axis=-1
        )
        wave = windows[lead, first]
        rest = (wave[:, : self._rest].mean(axis=-1) + wave[:, -self._rest :].mean(axis=-1)) / 2
        inner = wave[:, self._rest : -self._rest] - rest[:, None]
        top, bottom = inner.argmax(axis=-1), inner.argmin(axis=-1)
        rows = np.arange(len(beats))
        up = self._upwards(inner[rows, top], -inner[rows, bottom], lead)
        return np.asarray(first + self._rest + np.where(up, top, bottom) + self._start, np.int64)

    def forget(self, before: int) -> None:
        """Drop what only beats before this averaged sample would need."""
        start = max(self._start, before * self._step - 2 * (self._reach + self._rest))
        self._kept = self._kept[:, start - self._start :]
        self._start = start
        block = min(before // self._block, self._first_block + self._weights.shape[-1])
        block = max(self._first_block, block)
        self._weights = self._weights[:, block - self._first_block :]
        self._first_block = block

    def _leads(self, beats: NDArray[np.int64]) -> NDArray[np.int64]:
        if len(self._trust) == 1:
            return np.zeros(len(beats), np.int64)
        leads = []
        for block in (beats // self._block - self._first_block).tolist():
            self._trust = _MEMORY * self._trust + self._weights[:, min(block, self._weights.shape[-1] - 1)]
            leads.append(int(self._trust.argmax()))
        return np.array(leads, np.int64)

    def _upwards(
        self, top: NDArray[np.float32], bottom: NDArray[np.float32], leads: NDArray[np.int64]
    ) -> NDArray[np.bool_]:
        """Say which beats point upwards, keeping to the side of those before unless it is much lower."""
        up = []
        share = (top - bottom) / np.maximum(top + bottom, np.finfo(np.float32).tiny)
        for high, low, tilt, lead in zip(
            top.tolist(), bottom.tolist(), share.tolist(), leads.tolist(), strict=True
        ):
            if lead != self._lead:
                self._lead, self._side = lead, 0.0
            self._side = _MEMORY * self._side + tilt
            up.append(high >= _MINORITY_WEIGHT * low if self._side >= 0 else _MINORITY_WEIGHT * high > low)
        return np.array(up)
