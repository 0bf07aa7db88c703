"""The reference beat of type 0 of SCP-ECG, from sections 4 and 5.

Source: EN 1064:2005+A1:2007, 5.7 and 5.8.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from einthoven.errors import FormatError
from einthoven.formats.scp.beats import Beats
from einthoven.formats.scp.huffman import HuffmanTables
from einthoven.formats.scp.leads import Lead
from einthoven.formats.scp.waveform import Waveform, decode_lead

_MOST_BYTES = 2**14
"""Of a lead: the longest beat of 1000 Hz takes less, and a bit may be a sample."""


def decode_reference(
    waveform: Waveform, leads: tuple[Lead, ...], beats: Beats | None, tables: HuffmanTables | None
) -> NDArray[np.float64]:
    """Return the reference beat of all leads, (n_leads, n) nV.

    Its length is stated in whole milliseconds, which may be half a sample more or less than there is. Where
    it is not stated, the beat ends with the shortest lead.

    Raises FormatError if a lead is shorter than that, empty, larger than any beat, or one step of it is 0 nV.
    """
    if (found := max(map(len, waveform.leads))) > _MOST_BYTES:
        raise FormatError(
            f"{waveform.where}: expected at most {_MOST_BYTES} bytes of a reference beat, found {found}"
        )
    if waveform.amplitude_nv == 0 or waveform.interval_us == 0:
        raise FormatError(
            f"{waveform.where}: expected steps above 0 nV and an interval above 0 us, "
            f"found {waveform.amplitude_nv} nV and {waveform.interval_us} us"
        )
    length_us = 1000 * beats.reference_ms if beats is not None else 0
    least = length_us // waveform.interval_us
    most = -(-length_us // waveform.interval_us)
    try:
        rows = _rows(waveform, leads, most or None, tables)
    except FormatError:
        if least in (0, most):
            raise
        rows = _rows(waveform, leads, least, tables)
    n = min(map(len, rows))
    if n == 0:
        raise FormatError(f"{waveform.where}: expected samples of the reference beat, found none")
    return np.stack([row[:n] for row in rows]).astype(np.float64) * waveform.amplitude_nv


def _rows(
    waveform: Waveform, leads: tuple[Lead, ...], n_samples: int | None, tables: HuffmanTables | None
) -> list[NDArray[np.int64]]:
    return [decode_lead(waveform, i, lead, n_samples, tables).samples for i, lead in enumerate(leads)]
