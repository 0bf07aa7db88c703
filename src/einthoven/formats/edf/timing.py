"""Where data records lie in time: EDF+, section 2.2.4."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

import numpy as np
from numpy.typing import NDArray

from einthoven.errors import FormatError, RecordError
from einthoven.formats.edf.annotations import Timeline
from einthoven.formats.edf.header import FIELD_CHARACTERS, Header
from einthoven.formats.limits import Limits

JITTER_S = 0.01
"""Data records whose stamps are so near to each other follow without a gap; many stamps are rounded."""

_LONGEST_S = 60
_MOST_BYTES = 61440
"""What a data record should not exceed: EDF, "Full specification"."""
_EXACT = 1e-9
_SHORT_S = (0.5, 10.0)
_MOST_TRIED = 100_000


@dataclass(frozen=True, slots=True)
class Layout:
    """Where samples go.

    starts : (n_records,) int64, the sample at which each data record begins
    n_samples : in all, gaps included
    """

    starts: NDArray[np.int64]
    n_samples: int
    warnings: tuple[str, ...] = ()


def lay_out(
    header: Header, timeline: Timeline, per_record: int, n_leads: int, limits: Limits, where: str
) -> Layout:
    """Find where each data record begins.

    per_record : samples of a lead in a data record

    Raises FormatError if data records overlap, or if samples or gaps are more than the limits allow.
    """
    limits.check("samples", header.n_records * per_record * n_leads, where)
    even = np.arange(header.n_records, dtype=np.int64) * per_record
    n_samples = header.n_records * per_record
    fs = per_record / header.record_s
    if not header.is_discontinuous:
        return Layout(even, n_samples, _unfit_stamps(header, timeline))
    starts = _starts(timeline, per_record, fs, where)
    total = starts[-1] + per_record
    limits.check("gap_samples", (total - n_samples) * n_leads, where)
    n_unstamped = int(np.isnan(timeline.onsets_s).sum())
    notes = []
    if n_unstamped:
        notes.append(f"{n_unstamped} of {header.n_records} data records have no time stamp: "
                     "taken to follow their predecessors")  # fmt: skip
    if gaps := int((np.diff(np.array(starts)) > per_record).sum()):
        seconds = (total - n_samples) / fs
        notes.append(f"{gaps} gaps between data records, {seconds:g} s in all: their samples are missing")
    return Layout(np.array(starts, np.int64), total, tuple(notes))


def _starts(timeline: Timeline, per_record: int, fs: float, where: str) -> list[int]:
    starts: list[int] = []
    expected = 0
    for record, onset in enumerate(timeline.onsets_s.tolist()):
        stamped = expected if onset != onset else round((onset - timeline.start_s) * fs)
        off = stamped - expected
        if abs(off) <= JITTER_S * fs:
            stamped = expected
        elif off < 0:
            raise FormatError(
                f"{where}: expected data record {record + 1} after its predecessor, found it {-off / fs:g} s "
                "before its end"
            )
        starts.append(stamped)
        expected = stamped + per_record
    return starts


def _unfit_stamps(header: Header, timeline: Timeline) -> tuple[str, ...]:
    """Say where the stamps of a recording that is said to have no gaps tell of one."""
    even = timeline.start_s + np.arange(header.n_records) * header.record_s
    off = np.abs(timeline.onsets_s - even)
    largest = float(np.nanmax(off, initial=0.0))
    if largest <= max(header.record_s, 1.0):
        return ()
    text = f"time stamps of data records are off by up to {largest:g} s, though the recording is said to "
    return (f"{text}have no gaps: read without them",)


@dataclass(frozen=True, slots=True)
class RecordLength:
    """How long data records are made.

    n_samples : of a lead in each
    seconds : of each; exact
    """

    n_samples: int
    seconds: Decimal

    def time(self, sample: int) -> Decimal:
        """Return when a sample is, in seconds from the first one."""
        return Decimal(sample) * self.seconds / self.n_samples

    @property
    def text(self) -> str:
        """The seconds as they are spelt in the header."""
        return f"{self.seconds.normalize():f}"

    def times(self, factor: int) -> RecordLength:
        """Return data records that are longer by a whole factor."""
        return RecordLength(self.n_samples * factor, self.seconds * factor)


def record_length(fs: float, n_samples: int, n_leads: int, text_bytes: int) -> RecordLength:
    """Choose the length of data records that makes the file shortest, of up to 60 s and 61440 bytes.

    Whole seconds where a whole number of samples fits into up to 60 of them; otherwise such a fraction that
    all samples together are less than half a sample off.

    text_bytes : that each data record has beside the samples

    Raises RecordError if there is none.
    """
    base = _shortest(fs, n_samples)
    most = min(int(_LONGEST_S / base.seconds), _MOST_BYTES // (base.n_samples * n_leads * 2))
    lengths = [base.times(factor) for factor in range(1, max(1, most) + 1)]
    return min(
        (length for length in lengths if len(length.text) <= FIELD_CHARACTERS),
        key=lambda length: -(-n_samples // length.n_samples) * (length.n_samples * n_leads * 2 + text_bytes),
    )


def _shortest(fs: float, n_samples: int) -> RecordLength:
    for seconds in range(1, _LONGEST_S + 1):
        count = round(fs * seconds)
        if count and abs(fs * seconds - count) <= _EXACT * count:
            return RecordLength(count, Decimal(seconds))
    first = max(1, round(fs * _SHORT_S[0]))
    last = min(max(10 * first, round(fs * _SHORT_S[1])), first + _MOST_TRIED)
    counts = np.arange(first, last + 1)
    exact = counts / fs
    decimals = FIELD_CHARACTERS - 2 - np.floor(np.log10(np.maximum(exact, 1.0))).astype(np.int64)
    units = np.rint(exact * 10.0**decimals)
    with np.errstate(divide="ignore"):
        off = np.abs(counts / (units / 10.0**decimals) / fs - 1) * n_samples
    best = int(off.argmin())
    if not off[best] < 0.5:
        raise RecordError(f"expected a sampling rate that {FIELD_CHARACTERS} characters of seconds a data "
                          f"record can state for {n_samples} samples, found {fs!r} Hz")  # fmt: skip
    return RecordLength(int(counts[best]), Decimal(int(units[best])).scaleb(-int(decimals[best])))
