"""What every way of cutting a recording into heartbeats gives: network inputs, a beat each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import ClassVar, Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from einthoven.errors import RecordError
from einthoven.record import Signal


@dataclass(frozen=True, slots=True, eq=False)
class BeatInputs:
    """Heartbeats of a recording, as a network reads them.

    rows : (n_beats, n_rows, n_samples) float32
    rpeaks : (n_beats,) int64, the sample of each R peak in the recording that was cut, increasing
    skipped : what gave no beat, in words, and how often
    """

    rows: NDArray[np.float32]
    rpeaks: NDArray[np.int64]
    skipped: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))


class Cut(Protocol):
    """A frozen dataclass of settings that cuts recordings; the same object trains and serves.

    leads : of a recording, that it reads
    fs : rate of the rows, Hz
    rows : names of the rows of each beat's input
    n_samples : length of each row
    finds_rpeaks : whether it finds R peaks itself and takes none
    takes_other_leads : whether it also reads a second lead, to make more of a recording that trains
    served : the cut of a model that was trained on this one; its rows are the first of these
    """

    leads: ClassVar[tuple[str, ...]]

    @property
    def fs(self) -> float: ...

    @property
    def rows(self) -> tuple[str, ...]: ...

    @property
    def n_samples(self) -> int: ...

    @property
    def finds_rpeaks(self) -> bool: ...

    @property
    def takes_other_leads(self) -> bool: ...

    @property
    def served(self) -> Cut: ...

    def __call__(self, signal: Signal, fs: float, rpeaks: NDArray[np.int64] | None = None) -> BeatInputs:
        """Cut a recording.

        Parameters
        ----------
        signal : (n_leads, n_samples) float32, mV, the leads that it reads; NaN where a sample is missing
        fs : sampling rate, Hz
        rpeaks : (n_beats,) int64 sample indices, increasing; None: those that `find_rpeaks` finds, or its own

        Raises
        ------
        RecordError if leads, rate or R peaks are not as stated.
        """
        ...


def checked_rpeaks(rpeaks: ArrayLike, n_samples: int, where: str = "") -> NDArray[np.int64]:
    """Return given R peaks as (n_beats,) int64.

    Parameters
    ----------
    rpeaks : sample indices
    n_samples : length of the recording that they are of
    where : the recording, as messages call it

    Raises
    ------
    RecordError if they are no whole numbers in one row, do not increase, or lie outside of the recording.

    >>> checked_rpeaks([3, 70], 100).tolist(), checked_rpeaks([], 100).dtype
    ([3, 70], dtype('int64'))
    """
    given, begin = np.asarray(rpeaks), f"{where}: " if where else ""
    if given.ndim != 1 or (given.size and given.dtype.kind not in "iu"):
        raise RecordError(f"{begin}expected R peaks as whole sample indices in one row, "
                          f"found {given.dtype} of shape {given.shape}")  # fmt: skip
    peaks = given.astype(np.int64)
    outside = peaks[(peaks < 0) | (peaks >= n_samples)]
    if len(outside):
        raise RecordError(f"{begin}expected R peaks within {n_samples} samples, found one at {outside[0]}")
    falls = np.flatnonzero(np.diff(peaks) <= 0)
    if len(falls):
        raise RecordError(f"{begin}expected increasing R peaks, found {peaks[falls[0] + 1]} after "
                          f"{peaks[falls[0]]}")  # fmt: skip
    return peaks
