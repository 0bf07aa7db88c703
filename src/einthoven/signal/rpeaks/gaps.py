"""Bridging missing samples while a recording comes in."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from einthoven.record import Signal

_RAMP_S = 1.0
"""How long before the end of a gap the line to the next sample begins: as far as one has to look ahead."""


class GapBridge:
    """Replace NaN lead by lead: the last sample is held, and a line of at most 1 s leads to the next one.

    Each lead is also shifted so that it begins at 0: an electrode's offset tells nothing and costs digits.

    What comes out does not depend on how the samples are cut into pushes.
    """

    def __init__(self, fs: float, n_leads: int) -> None:
        self._ramp = max(1, round(_RAMP_S * fs))
        self._held: Signal = np.empty((n_leads, 0), np.float32)
        self._last = np.full(n_leads, np.nan, np.float32)
        self._offset = np.full((n_leads, 1), np.nan, np.float32)

    def push(self, samples: Signal) -> Signal:
        """Take (n_leads, n) samples, give back those whose value is settled: (n_leads, m) without NaN."""
        return self._settle(samples, final=False)

    def finish(self) -> Signal:
        """Give back the rest: what is missing to the end keeps the last value."""
        return self._settle(self._held[:, :0], final=True)

    def _settle(self, samples: Signal, final: bool) -> Signal:
        joined = np.concatenate([self._held, samples], axis=-1) if self._held.size else samples
        n = joined.shape[-1]
        # A sum is NaN if any of its samples is: one pass, no array of booleans.
        whole = not np.isnan(joined.sum(axis=-1)).any()
        if whole and not np.isnan(self._offset).any():
            settled, filled, open_from = n, joined, [n] * len(joined)
        else:
            open_from = [_trailing_gap(row) for row in joined]
            filled = np.stack([self._fill(joined[lead], lead) for lead in range(len(joined))])
            # Where a gap goes on, what is a second back is held in any case.
            settled = (
                n if final else min(max(begin, n - self._ramp) if begin < n else n for begin in open_from)
            )
        self._held = filled[:, settled:].copy()
        for row, begin in zip(self._held, open_from, strict=True):
            row[max(0, begin - settled) :] = np.nan
        if settled:
            self._last = filled[:, settled - 1].copy()
        return filled[:, :settled] - np.nan_to_num(self._offset)

    def _fill(self, row: Signal, lead: int) -> NDArray[np.float32]:
        missing = np.isnan(row)
        present = np.flatnonzero(~missing)
        if np.isnan(self._offset[lead, 0]) and len(present):
            self._offset[lead, 0] = self._last[lead] = row[present[0]]
        if not missing.any():
            return row
        before = np.nan_to_num(self._last[lead])
        filled = row.copy()
        edges = np.flatnonzero(np.diff(np.concatenate([[False], missing, [False]]).astype(np.int8)))
        for begin, end in edges.reshape(-1, 2):
            value = row[begin - 1] if begin else before
            filled[begin:end] = value
            if end < len(row):
                start = max(begin - 1, end - self._ramp)
                steps = np.arange(max(start, 0) - start, end - start, dtype=np.float32) / (end - start)
                filled[max(start, 0) : end] = value + steps * (row[end] - value)
        return filled


def _trailing_gap(row: Signal) -> int:
    """Return where the gap begins that lasts to the end of the row, or its length if there is none."""
    present = np.flatnonzero(~np.isnan(row))
    return int(present[-1]) + 1 if len(present) else 0
