"""Whether the samples of a recording can be those of an ECG in the units that were taken for them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from einthoven.formats.given import Given
from einthoven.record import Record, leads_words

MOST_MV = 20.0
"""No ECG moves so far from its own median, mV."""
LEAST_MV = 0.01
"""Some lead of every ECG moves further than this, mV."""
LEAST_S = 1.0
"""In a shorter piece there need be no heartbeat."""
_LOOKED_AT = 100_000


def amplitude_doubts(record: Record, given: Given) -> tuple[str, ...]:
    """Say whether amplitudes are impossible, so that units or gain must be wrong.

    An offset, as amplifiers coupled to direct current have it, is none: each lead counts from its median.
    Nor is a recording that is flat throughout: no unit makes an ECG of it.

    Raises RecordError if one is and the caller is strict.
    """
    with np.errstate(all="ignore"):
        heights = [_height(row) for row in record.signal]
    beyond = [name for name, height in zip(record.leads, heights, strict=True) if height > MOST_MV]
    if beyond:
        found = f"{leads_words(beyond)}: {max(heights):.0f} mV from the median"
        text = f"{found}, more than a heart gives: check the units"
        return (given.doubt(text),)
    if 0 < max(heights) < LEAST_MV and record.duration_s >= LEAST_S:
        text = (f"no sample is {LEAST_MV:g} mV or more from its lead's median, less than a heart gives: "
                "check the units")  # fmt: skip
        return (given.doubt(text),)
    return ()


def _height(row: NDArray[np.float32]) -> float:
    """Return how far a lead goes from its median, mV; 0 where no sample is there."""
    there = row[~np.isnan(row)]
    if not there.size:
        return 0.0
    median = float(np.median(there[:: max(1, len(there) // _LOOKED_AT)]))
    return max(float(there.max()) - median, median - float(there.min()))
