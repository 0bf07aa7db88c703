"""A recording and its annotations, as every reader returns them and every model takes them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from itertools import pairwise
from math import isfinite
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from einthoven.errors import RecordError, one_line
from einthoven.leads import LIMB_LEADS, derive_limb_leads, pair_of

Signal = NDArray[np.float32]
"""Samples in mV, shape (n_leads, n_samples)."""

TWELVE_LEADS = ("I", "II", "III", "aVR", "aVL", "aVF", "V1", "V2", "V3", "V4", "V5", "V6")
"""The standard leads, as they are spelt here."""
_LEADS = {name.upper(): name for name in TWELVE_LEADS} | {
    f"MDC_ECG_LEAD_{name.upper()}": name for name in TWELVE_LEADS
}

_FACTS = ("patient", "recording")
_ALIKE = {"II": "MLII", "MLII": "II"}
_MODIFIED_LEADS = frozenset({"MLI", "MLII", "MLIII", "MCL1", "MCL6", "MV1", "MV2", "MV5"})


def is_ecg_lead(name: str) -> bool:
    """Tell whether a channel of this name is surely an ECG: one of the twelve, a modified one, or `ECG`.

    >>> [is_ecg_lead(name) for name in ("avr", "MLII", "ECG 2", "RESP", "lead 1")]
    [True, True, True, False, False]
    """
    key = name.strip().upper()
    return lead_name(name) in TWELVE_LEADS or key in _MODIFIED_LEADS or key.startswith(("ECG", "EKG"))


def lead_name(name: str) -> str:
    """Translate one lead name to the field's usual spelling; names that are not among the twelve stay.

    `AVR`, `avr` and `MDC_ECG_LEAD_AVR` all become `aVR`. `MLII` stays: it is a modified lead, not lead II.

    >>> [lead_name(n) for n in ("AVR", "MDC_ECG_LEAD_V1", "ii", "MLII", " Lead I ")]
    ['aVR', 'V1', 'II', 'MLII', 'I']
    """
    stripped = name.strip()
    key = stripped.upper().removeprefix("LEAD ").removeprefix("LEAD_").strip()
    return _LEADS.get(key, stripped)


def lead_words(name: str) -> str:
    """Return what a sentence calls a lead: `lead II`, and not `lead lead 1`.

    >>> lead_words("II"), lead_words("lead 1")
    ('lead II', 'lead 1')
    """
    return name if name.lower().startswith("lead ") else f"lead {name}"


def leads_words(names: Sequence[str]) -> str:
    """Return what a sentence calls several leads, at least one, in their order.

    >>> leads_words(["V2"]), leads_words(["I", "aVF", "V1", "V2", "V3"]), leads_words(["lead 1", "lead 2"])
    ('lead V2', 'leads I, aVF, V1 to V3', 'leads 1, 2')
    """
    if len(names) == 1:
        return lead_words(names[0])
    chest = TWELVE_LEADS[TWELVE_LEADS.index("V1") :]
    runs: list[list[str]] = []
    for name in names:
        if runs and (runs[-1][-1], name) in pairwise(chest):
            runs[-1].append(name)
        else:
            runs.append([lead_words(name)[len("lead ") :]])
    words = [f"{run[0]} to {run[-1]}" if len(run) > 2 else ", ".join(run) for run in runs]
    return f"leads {', '.join(words)}"


def sampling_rate(fs: Any, where: str) -> float:
    """Return a sampling rate as a float: of a Python or NumPy number, or an array of no dimension.

    Raises RecordError, naming `where`, if it is no number (a text that looks like one is none), or is not
    above 0 Hz and finite.

    >>> sampling_rate(np.int16(360), "x.hea")
    360.0
    """
    number = np.asarray(fs)
    if number.ndim != 0 or number.dtype.kind not in "iuf":
        raise RecordError(f"{where}: expected a number as the sampling rate in Hz, found {fs!r:.60}")
    if not (isfinite(number) and number > 0):
        raise RecordError(f"{where}: expected a sampling rate above 0 Hz, found {fs}")
    return float(number)


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

    signal : (n_leads, n_samples), mV; NaN where a sample is missing. Any real numbers may be given, as an
        array or lists; a Record holds them as float32, read-only, and of a masked array the masked as NaN
    fs : sampling rate, Hz
    leads : names in the order of the rows; they are translated by `lead_name`, and controls in them escaped
    name : the record's name: file name without folder and ending
    path : where it was read from, empty if from memory
    annotations : marks that came with it, or None
    patient : facts such as `age` (years), `sex`, `id`; only what the file states
    recording : facts such as `recorded_at` (ISO 8601), `device`, `institution`; only what the file states
    statements : what a device or a physician said of it, line by line; never used for an answer
    representative_beat : the beat that the file holds beside the recording, such as a median beat, or None
    source_format : what it was read from, such as `HL7 aECG`; empty if from memory
    comments : free text of the file, line by line
    warnings : what a reader noticed and a user should know

    Raises RecordError if the samples are no real numbers, or too large for float32, if the sampling rate is
    no number, if shape, sampling rate and lead names do not fit each other, if there is no sample, or if a
    sample is infinite.
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
    recording: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    statements: tuple[str, ...] = ()
    representative_beat: Record | None = None
    source_format: str = ""

    def __post_init__(self) -> None:
        where = self._where
        # The only way to set a field of a frozen dataclass.
        object.__setattr__(self, "signal", _samples(self.signal, where))
        object.__setattr__(self, "fs", sampling_rate(self.fs, where))
        object.__setattr__(self, "leads", _lead_names(self.leads, where))
        object.__setattr__(self, "warnings", tuple(map(one_line, self.warnings)))
        for facts in _FACTS:
            object.__setattr__(self, facts, MappingProxyType(dict(getattr(self, facts))))
        if self.n_leads == 0 or self.n_samples == 0:
            raise RecordError(
                f"{where}: expected at least one lead and one sample, "
                f"found {self.n_leads} leads of {self.n_samples} samples"
            )
        if len(self.leads) != self.n_leads:
            raise RecordError(f"{where}: expected {self.n_leads} lead names, found {len(self.leads)}")

    def __reduce__(self) -> tuple[Any, ...]:
        """Say how a copy is made, for pickle and copy: anew, since a read-only mapping cannot be pickled."""
        values = {item.name: getattr(self, item.name) for item in fields(self)}
        values |= {facts: dict(values[facts]) for facts in _FACTS}
        return type(self), tuple(values.values())

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
        """Return the record with only these leads, in this order; capital letters or small ones.

        Raises RecordError naming the leads that are there if one is not.
        """
        there = {name.upper(): name for name in reversed(self.leads)}
        given = _lead_names(leads, self._where)
        wanted = tuple(name if name in self.leads else there.get(name.upper(), name) for name in given)
        missing = [name for name in wanted if name not in self.leads]
        if missing:
            raise RecordError(f"{self._where}: expected lead {', '.join(missing)}, "
                              f"found {', '.join(self.leads)}")  # fmt: skip
        rows = [self.leads.index(name) for name in wanted]
        return replace(self, signal=self.signal[rows], leads=wanted)

    def for_model(self, leads: Sequence[str], *, may_lack: bool = False) -> Record:
        """Return the record with the leads that a model reads.

        Several: exactly these, in this order; limb leads that are not there are computed from two of I, II
        and III, see `einthoven.leads`. With `may_lack` those that are neither there nor to be computed become
        zeros. Its warnings say which are computed, and which are zeros.

        One: that lead; of II and MLII, which look alike, the other one where it is not there. Where neither
        is, since a rhythm shows in any lead, the record's first that has the name of an ECG lead, see
        `is_ecg_lead`, or else its first. The caller says which one was read.

        Raises RecordError naming the leads that are there if one of several is not and cannot be computed;
        with `may_lack` if none of them is.
        """
        wanted = _lead_names(leads, self._where)
        if len(wanted) > 1:
            return self._several(wanted, may_lack)
        for lead in (wanted[0], _ALIKE.get(wanted[0])):
            if lead in self.leads:
                return self.select([lead])
        return self.select([next(filter(is_ecg_lead, self.leads), self.leads[0])])

    def lacks(self, leads: Sequence[str]) -> tuple[str, ...]:
        """Return which of these leads are not there, nor limb leads that can be computed; by any case."""
        there = {name.upper() for name in self.leads}
        computed = LIMB_LEADS if pair_of(self.leads) else ()
        wanted = _lead_names(leads, self._where)
        return tuple(name for name in wanted if name.upper() not in there and name not in computed)

    def _several(self, wanted: tuple[str, ...], may_lack: bool) -> Record:
        """Return exactly these leads, see `for_model`."""
        lacking = self.lacks(wanted)
        if lacking and not (may_lack and len(lacking) < len(wanted)):
            expected = (
                f"at least one of the leads {', '.join(wanted)}" if may_lack else f"lead {', '.join(lacking)}"
            )
            raise RecordError(f"{self._where}: expected {expected}, found {', '.join(self.leads)}")
        there = {name.upper(): name for name in reversed(self.leads)} | {name: name for name in self.leads}
        spelt = tuple(there.get(name, there.get(name.upper(), name)) for name in wanted)
        if set(spelt) <= set(self.leads):
            return self.select(spelt)
        own = dict(zip(reversed(self.leads), self.signal[::-1], strict=True))
        pair = pair_of(self.leads) or ()
        rows = derive_limb_leads({name: own[name] for name in pair}) if pair else {}
        rows = dict.fromkeys(lacking, np.zeros(self.n_samples, np.float32)) | rows | own
        notes = [_sentence(lacking, "not there: zeros are in place")] if lacking else []
        if computed := [name for name in spelt if name not in self.leads and name not in lacking]:
            notes.insert(0, _sentence(computed, f"computed from {' and '.join(pair)}"))
        return replace(
            self,
            signal=np.stack([rows[name] for name in spelt]),
            leads=spelt,
            warnings=(*self.warnings, *notes),
        )

    @property
    def _where(self) -> str:
        """What messages call it."""
        return self.path or self.name or "record"


def _samples(given: ArrayLike, where: str) -> Signal:
    try:
        array: NDArray[Any] = np.asarray(given)
    except ValueError as error:
        raise RecordError(f"{where}: expected a signal of shape (n_leads, n_samples), found rows of "
                          "different lengths") from error  # fmt: skip
    if array.ndim != 2 or array.dtype.kind not in "iuf":
        raise RecordError(f"{where}: expected a signal of real numbers of shape (n_leads, n_samples), "
                          f"found {array.dtype} of shape {array.shape}")  # fmt: skip
    if isinstance(given, np.ma.MaskedArray):
        array = np.where(np.ma.getmaskarray(given), np.nan, array)
    with np.errstate(over="ignore"):
        signal = array.astype(np.float32, copy=False).view()
    if np.isinf(signal).any():
        largest = np.abs(array[np.isinf(signal)]).min()
        found = "an infinite one" if np.isinf(largest) else f"{largest:g} mV, too large for float32"
        raise RecordError(f"{where}: expected finite samples (or NaN where missing), found {found}")
    # A view, so that the caller's own array stays as writeable as it is.
    signal.flags.writeable = False
    return signal


def _lead_names(given: Sequence[str], where: str) -> tuple[str, ...]:
    names = (given,) if isinstance(given, str) else tuple(given) if isinstance(given, Iterable) else (given,)
    if not all(isinstance(name, str) for name in names):
        raise RecordError(f"{where}: expected lead names as text, found {given!r:.60}")
    return tuple(one_line(lead_name(name)) for name in names)


def _sentence(names: Sequence[str], what: str) -> str:
    return f"lead {names[0]} is {what}" if len(names) == 1 else f"leads {', '.join(names)} are {what}"
