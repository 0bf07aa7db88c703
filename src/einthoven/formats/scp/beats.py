"""Section 4 of SCP-ECG: where QRS complexes are, where the reference beat was subtracted, what is protected.

Source: EN 1064:2005+A1:2007, 5.7. Samples are counted from 1, as in section 3, at the rate of the reference
beat.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from einthoven.errors import FormatError
from einthoven.formats.scp.sections import Section

_ZONE = np.dtype([("type", "<u2"), ("begin", "<u4"), ("fiducial", "<u4"), ("end", "<u4")])
_AREA = np.dtype([("begin", "<u4"), ("end", "<u4")])
_ZONES_AT = 6


@dataclass(frozen=True, slots=True, eq=False)
class Beats:
    """The QRS complexes of a recording.

    reference_ms : length of the reference beat, ms
    reference_fiducial : its sample that lies on the fiducial point of each QRS complex, counted from 1
    types : (n,) which reference beat each QRS complex resembles; those of type 0 were subtracted
    fiducials : (n,) fiducial point of each
    zones : (n, 2) first and last sample of subtraction, which counts for type 0
    protected : (m, 2) first and last sample of the areas that were not thinned out
    """

    reference_ms: int
    reference_fiducial: int
    types: NDArray[np.int64]
    fiducials: NDArray[np.int64]
    zones: NDArray[np.int64]
    protected: NDArray[np.int64]

    @property
    def subtracted(self) -> NDArray[np.bool_]:
        """Return (n,) whether the reference beat was subtracted from each."""
        begins, ends = self.zones.T
        found: NDArray[np.bool_] = (self.types == 0) & (ends >= begins) & (begins > 0)
        return found


def read_beats(section: Section) -> Beats:
    """Read section 4. Protected areas may be missing, all or the last ones.

    Raises FormatError if there are fewer QRS complexes than stated.
    """
    length, fiducial, n_beats = section.unpack("<HHH", 0, "the reference beat's length")
    areas_at = _ZONES_AT + n_beats * _ZONE.itemsize
    if areas_at > len(section.body):
        raise FormatError(
            f"{section.where}: expected {n_beats} QRS complexes in {areas_at} bytes, "
            f"found {len(section.body)} bytes"
        )
    zones = np.frombuffer(section.body, _ZONE, n_beats, _ZONES_AT)
    n_areas = min(n_beats, (len(section.body) - areas_at) // _AREA.itemsize)
    # NumPy takes no offset at the very end.
    areas = np.frombuffer(section.body[areas_at : areas_at + n_areas * _AREA.itemsize], _AREA)
    return Beats(
        length,
        fiducial,
        zones["type"].astype(np.int64),
        zones["fiducial"].astype(np.int64),
        _pairs(zones),
        _pairs(areas),
    )


def _pairs(rows: NDArray[np.void]) -> NDArray[np.int64]:
    return np.stack([rows["begin"].astype(np.int64), rows["end"].astype(np.int64)], axis=1)
