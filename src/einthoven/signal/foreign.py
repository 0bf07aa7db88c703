"""Where a lead shows something else than an ECG: the hum of a lead that is off, a pulse wave, a test."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from einthoven.record import Signal
from einthoven.signal.likeness import lack_complexes
from einthoven.signal.missing import fill_missing
from einthoven.signal.quality import mains_ratio

WINDOW_S = 10.0
"""So long a part is judged at once, each half a window after the one before.

Of the windows of class N, A and O of every fourth recording of CinC 2017 (9,075), and of the 22 recordings of
MIT-BIH DS1 (7,920), none is called foreign: their hum reaches 0.04 of the ECG's power.
"""
MAX_MAINS = 10.0
"""Above this power at 50 or 60 Hz over that of the rest, there is nothing to be read beside the hum."""
_AT_ONCE = 64

Parts = Sequence[tuple[int, int]]


def hum_stretches(row: Signal, fs: float, gaps: Parts = ()) -> tuple[tuple[int, int], ...]:
    """Return the stretches of a lead that are mostly mains hum.

    Parameters
    ----------
    row : (n_samples,), mV, NaN where a sample is missing
    fs : sampling rate, Hz
    gaps : (start, end) samples without signal, the end not in it, in order and apart: windows of which half
        or more lies there are not judged

    Returns
    -------
    (start, end) samples of each stretch, the end not in it, in order and apart; none of a recording that is
    shorter than a window, which is judged as a whole.
    """
    return _stretches(row, fs, gaps, lambda pieces: mains_ratio(pieces, fs) > MAX_MAINS)


def smooth_stretches(row: Signal, fs: float, gaps: Parts = ()) -> tuple[tuple[int, int], ...]:
    """Return the stretches of a lead without sharp complexes, see `lack_complexes`; as `hum_stretches`."""
    return _stretches(row, fs, gaps, lambda pieces: lack_complexes(pieces, fs))


def _stretches(
    row: Signal, fs: float, gaps: Parts, is_foreign: Callable[[Signal], NDArray[np.bool_]]
) -> tuple[tuple[int, int], ...]:
    width = round(WINDOW_S * fs)
    if len(row) < width:
        return ()
    filled = fill_missing(row)
    starts = np.array(sorted({*range(0, len(row) - width + 1, width // 2), len(row) - width}))
    is_empty = np.zeros(len(row) + 1, np.int64)
    for start, end in gaps:
        is_empty[start + 1 : end + 1] = 1
    n_empty = np.cumsum(is_empty)
    starts = starts[2 * (n_empty[starts + width] - n_empty[starts]) < width]
    if not len(starts):
        return ()
    found: list[tuple[int, int]] = []
    for portion in np.array_split(starts, -(-len(starts) // _AT_ONCE)):
        pieces = np.stack([filled[start : start + width] for start in portion])
        for start in portion[is_foreign(pieces)].tolist():
            if found and start <= found[-1][1]:
                found[-1] = (found[-1][0], start + width)
            else:
                found.append((start, start + width))
    return tuple(found)
