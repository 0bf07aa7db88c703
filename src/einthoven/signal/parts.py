"""Parts of a lead, (start, end) samples of which the end is not in it: dividing into them, and joining."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

Parts = Sequence[tuple[int, int]]


def window_starts(n_samples: int, width: int) -> list[int]:
    """Return where windows begin, each half a window after the one before; the last ends with the lead.

    n_samples : of the lead, at least `width`

    >>> window_starts(27, 10)
    [0, 5, 10, 15, 17]
    """
    return sorted({*range(0, n_samples - width + 1, max(width // 2, 1)), n_samples - width})


def joined(parts: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return parts in order of their start, those that touch or overlap as one.

    >>> joined([(0, 4), (4, 6), (5, 5), (8, 9)])
    [(0, 6), (8, 9)]
    """
    merged: list[tuple[int, int]] = []
    for start, end in parts:
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], end))
        else:
            merged.append((start, end))
    return merged


def n_inside(starts: NDArray[np.int64], width: int, parts: Parts) -> NDArray[np.int64]:
    """Count of each window the samples that lie in parts, which are in order and apart: (n_windows,).

    >>> n_inside(np.array([0, 5, 20]), 10, [(3, 7), (12, 30)]).tolist()
    [4, 5, 10]
    """
    if not len(parts):
        return np.zeros(len(starts), np.int64)
    edges = np.array(parts, np.int64)
    lengths = edges[:, 1] - edges[:, 0]
    before = np.cumsum(lengths) - lengths
    counts = np.stack([before, before + lengths], axis=1).ravel()

    def up_to(places: NDArray[np.int64]) -> NDArray[np.int64]:
        found: NDArray[np.int64] = np.rint(np.interp(places, edges.ravel(), counts)).astype(np.int64)
        return found

    inside: NDArray[np.int64] = up_to(starts + width) - up_to(starts)
    return inside
