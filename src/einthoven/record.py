"""A recording and its annotations, as every reader returns them and every model takes them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import isfinite
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from einthoven.errors import RecordError

Signal = NDArray[np.float32]
"""Samples in mV, shape (n_leads, n_samples)."""

_CANONICAL = ("I", "II", "III", "aVR", "aVL", "aVF", "V1", "V2", "V3", "V4", "V5", "V6")
_LEADS = {name.upper(): name for name in _CANONICAL} | {
    f"MDC_ECG_LEAD_{name.upper()}": name for name in _CANONICAL
}


def lead_name(name: str) -> str:
    """Translate one lead name to the field's usual spelling; names that are not among the twelve stay.

    `AVR`, `avr` and `MDC_ECG_LEAD_AVR` all become `aVR`. `MLII` stays: it is a modified lead, not lead II.

    >>> [lead_name(n) for n in ("AVR", "MDC_ECG_LEAD_V1", "ii", "MLII", " Lead I ")]
    ['aVR', 'V1', 'II', 'MLII', 'I']
    """
    stripped = name.strip()
    key = stripped.upper().removeprefix("LEAD ").removeprefix("LEAD_").strip()
    return _LEADS.get(key, stripped)


@dataclass(frozen=True, slots=True)
class Annotation:
    """Marks at sample positions, as an annotator or a detector set them.

    samples : (n,) int64, sample indices from the start of the recording
    symbols : n annotation codes (WFDB mnemonics such as `N`, `V`, `+`)
    notes : n free texts (WFDB `aux_note`), empty where there is none
    """

    samples: NDArray[np.int64]
    symbols: tuple[str, ...]
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.samples.ndim != 1 or len(self.samples) != len(self.symbols):
            raise RecordError(f"expected one symbol an annotated sample, found {self.samples.shape} samples "
                              f"and {len(self.symbols)} symbols")  # fmt: skip
        if self.notes and len(self.notes) != len(self.symbols):
            raise RecordError(f"expected {len(self.symbols)} notes or none, found {len(self.notes)}")


@dataclass(frozen=True, slots=True, eq=False)
class Record:
    """An electrocardiogram.

    signal : (n_leads, n_samples) float32, mV; NaN where a sample is missing
    fs : sampling rate, Hz
    leads : names in the order of the rows, translated by `lead_name`
    name : the record's name: file name without folder and ending
    path : where it was read from, empty if from memory
    annotations : marks that came with it, or None
    patient : facts such as `age` (years), `sex`, `id`; only what the file states
    comments : free text of the file, line by line
    warnings : what a reader noticed and a user should know

    Raises RecordError if the shape, the sampling rate or the lead names do not fit each other, if there is no
    sample, or if a sample is infinite.
    """

    signal: Signal
    fs: float
    leads: tuple[str, ...]
    name: str = ""
    path: str = ""
    annotations: Annotation | None = None
    patient: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    comments: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        where = self.path or self.name or "record"
        if self.signal.ndim != 2 or self.signal.dtype != np.float32:
            raise RecordError(f"{where}: expected a float32 signal of shape (n_leads, n_samples), "
                              f"found {self.signal.dtype} of shape {self.signal.shape}")  # fmt: skip
        if not (isfinite(self.fs) and self.fs > 0):
            raise RecordError(f"{where}: expected a sampling rate above 0 Hz, found {self.fs}")
        if self.n_leads == 0 or self.n_samples == 0:
            raise RecordError(
                f"{where}: expected at least one lead and one sample, "
                f"found {self.n_leads} leads of {self.n_samples} samples"
            )
        if len(self.leads) != self.n_leads:
            raise RecordError(f"{where}: expected {self.n_leads} lead names, found {len(self.leads)}")
        if np.isinf(self.signal).any():
            raise RecordError(
                f"{where}: expected finite samples (or NaN where missing), found an infinite one"
            )

    @property
    def n_leads(self) -> int:
        """Number of leads."""
        return int(self.signal.shape[0])

    @property
    def n_samples(self) -> int:
        """Samples a lead."""
        return int(self.signal.shape[1])

    @property
    def duration_s(self) -> float:
        """Length in seconds."""
        return self.n_samples / self.fs

    def select(self, leads: Sequence[str]) -> Record:
        """Return the record with only these leads, in this order.

        Raises RecordError naming the leads that are there if one is not.
        """
        wanted = [lead_name(name) for name in leads]
        missing = [name for name in wanted if name not in self.leads]
        if missing:
            raise RecordError(f"{self.path or self.name or 'record'}: expected lead {', '.join(missing)}, "
                              f"found {', '.join(self.leads)}")  # fmt: skip
        rows = [self.leads.index(name) for name in wanted]
        return replace(self, signal=self.signal[rows], leads=tuple(wanted))

    def for_model(self, leads: Sequence[str]) -> Record:
        """Return the record with the leads that a model reads.

        Several: exactly these, in this order. One: that lead, or the record's first where it is not there,
        since a rhythm shows in any lead; the caller says which one was read.

        Raises RecordError naming the leads that are there if one of several is not.
        """
        if len(leads) > 1:
            return self.select(leads)
        return self.select([leads[0] if lead_name(leads[0]) in self.leads else self.leads[0]])
