"""The calibration mark that Philips cardiographs add after the last sample of every lead.

It is a pulse of 1 mV between two pieces of zeros, the same in all leads, those without electrodes too. The
schemas do not mention it, nor do all files have it; the Sierra ECG Tools know it ("their calibration marks at
the end", SierraEcgFile.cs). No ECG can look like it: I and II of 1 mV leave nothing for III.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_SHORTEST_S = 0.05
"""A pulse that is shorter is no mark."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A pulse at the end of all leads.

    start : the sample where the zeros before it begin
    height : in steps
    """

    start: int
    height: int


def find_mark(digital: NDArray[np.integer], fs: float) -> Mark | None:
    """Find a rectangular pulse that all leads end with.

    Parameters
    ----------
    digital : (n_leads, n_samples), steps; zero is 0 mV
    fs : Hz
    """
    differ = np.flatnonzero((digital != digital[0]).any(axis=0))
    same_from = int(differ[-1]) + 1 if len(differ) else 0
    tail = digital[0, same_from:]
    if not tail.any():
        return None
    last = int(np.flatnonzero(tail)[-1])
    height = int(tail[last])
    first = _run_start(tail, last, height)
    zeros = _run_start(tail, first - 1, 0)
    least = _SHORTEST_S * fs
    if height <= 0 or last + 1 - first < least or first - zeros < least:
        return None
    return Mark(same_from + zeros, height)


def _run_start(values: NDArray[np.integer], last: int, value: int) -> int:
    """Return where the run of this value that ends with sample `last` begins."""
    others = np.flatnonzero(values[: last + 1] != value)
    return int(others[-1]) + 1 if len(others) else 0
