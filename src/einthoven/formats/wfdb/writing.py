"""Writing WFDB records: a header, one signal file in format 16, and annotations."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from einthoven.atomic import written_atomically
from einthoven.errors import RecordError
from einthoven.formats.fact_lines import fact_lines
from einthoven.formats.steps import step_of
from einthoven.formats.wfdb.annotations import MAX_NOTE, encode_annotations
from einthoven.formats.wfdb.header import Header, SignalLine, format_header
from einthoven.formats.wfdb.samples import MISSING, checksum
from einthoven.record import Annotation, Record

_NAME = re.compile(r"[-\w]+", re.ASCII)
_DIGITAL_MAX = 32767
_USUAL_GAIN = 1000.0
_FINEST_GAIN = 1e9
_ROUND_GAINS = (1.0, 2.0, 2.5, 4.0, 5.0, 8.0)
"""Other standards hold such steps in a few digits: 1 / 8 is 0.125, and 1 / 3 is none."""
ENDINGS = (".hea", ".dat", ".atr")
"""Of the files that a record may consist of; the header is first."""


@dataclass(frozen=True, slots=True)
class WfdbFiles:
    """The files of a record, not yet written.

    contents : ending -> bytes; without `.atr` where there are no annotations
    changed : what is not in them as it was, in words
    """

    name: str
    contents: Mapping[str, bytes]
    changed: tuple[str, ...]

    def write(self, folder: Path, *, removes_marks: bool) -> Path:
        """Write the files, each whole or not at all, the header last, and return its path.

        removes_marks : whether annotations that are there go where the record has none

        Raises RecordError if they are there and must not go, OSError if a file cannot be written.
        """
        atr = folder / f"{self.name}.atr"
        is_alone = ".atr" not in self.contents and atr.exists()
        if is_alone and not removes_marks:
            raise RecordError(f"{atr}: expected no such file beside a record without annotations, as its "
                              "marks would be taken for those of the record, found one")  # fmt: skip
        with ExitStack() as stack:
            for ending in (ending for ending in ENDINGS if ending in self.contents):
                # What is entered first takes its place last.
                partial = stack.enter_context(written_atomically(folder / f"{self.name}{ending}"))
                partial.write_bytes(self.contents[ending])
        if is_alone:
            atr.unlink()
        return folder / f"{self.name}.hea"


def write_wfdb(
    record: Record,
    folder: str | Path,
    *,
    name: str | None = None,
    gain: float | None = None,
    removes_marks: bool = False,
) -> Path:
    """Write a record as WFDB: `.hea`, `.dat` in format 16 and, where it has annotations, `.atr`.

    name : the record's name and that of its files, default `record.name`
    gain : steps a mV; samples are rounded to 1 / gain mV, missing ones become the format's missing value. If
        not given, each lead is written in the steps that it has, without any loss, see `step_of`; one without
        steps in as many a mV as 16 bits allow
    removes_marks : whether an `.atr` that is there goes if the record has no annotations

    Returns the path of the header, which is written last. Notes are cut to 255 bytes.

    Raises RecordError if the name has other characters than letters, digits, `-` and `_`, if a sample does
    not fit into 16 bits at this gain, if annotations are out of order or have unknown symbols, or if there
    are annotations of another record that must not go.
    """
    files = wfdb_files(record, name=name, gain=gain)
    return files.write(Path(folder), removes_marks=removes_marks)


def wfdb_files(record: Record, *, name: str | None = None, gain: float | None = None) -> WfdbFiles:
    """Return the files that `write_wfdb` writes, and what of the record they do not hold as it is.

    Raises RecordError as `write_wfdb`.
    """
    name = record.name if name is None else name
    if not _NAME.fullmatch(name):
        raise RecordError(f"expected a record name of letters, digits, - and _, found {name!r}")
    gains = [_gain(lead) if gain is None else gain for lead in record.signal]
    digital = _digital(record, gains)
    header = Header(
        name=name,
        fs=record.fs,
        n_samples=record.n_samples,
        n_signals=record.n_leads,
        signals=tuple(
            SignalLine(
                file_name=f"{name}.dat",
                gain=own,
                adc_resolution=16,
                initial_value=int(row[0]),
                checksum=checksum(row),
                description=" ".join(lead.split()),
            )
            for lead, row, own in zip(record.leads, digital, gains, strict=True)
        ),
        comments=fact_lines(record),
    )
    contents = {
        ".hea": format_header(header).encode("utf-8"),
        ".dat": digital.T.astype("<i2").tobytes(),
    }
    changed = _rounding(record, digital, gains)
    if record.annotations is not None:
        marks, n_cut = _with_short_notes(record.annotations)
        contents[".atr"] = encode_annotations(marks)
        changed += (f"ends of {n_cut} notes over {MAX_NOTE} bytes",) if n_cut else ()
    return WfdbFiles(name, contents, changed)


def _rounding(record: Record, digital: NDArray[np.int16], gains: Sequence[float]) -> tuple[str, ...]:
    """Say how coarse the samples became, if any of them is not exactly what it was."""
    coarse = [
        1000 / gain
        for lead, row, gain in zip(record.signal, digital, gains, strict=True)
        if not np.array_equal((row / gain).astype(np.float32)[~np.isnan(lead)], lead[~np.isnan(lead)])
    ]
    return (f"samples rounded to {max(coarse):.3g} uV",) if coarse else ()


def _with_short_notes(marks: Annotation) -> tuple[Annotation, int]:
    """Return marks whose notes fit into the format, and how many were cut."""
    # A character that is cut in two goes.
    notes = tuple(note.encode("utf-8")[:MAX_NOTE].decode("utf-8", "ignore") for note in marks.notes)
    n_cut = sum(new != old for new, old in zip(notes, marks.notes, strict=True))
    return replace(marks, notes=notes), n_cut


def _digital(record: Record, gains: Sequence[float]) -> NDArray[np.int16]:
    digital = np.empty(record.signal.shape, np.int16)
    for out, lead, gain in zip(digital, record.signal, gains, strict=True):
        if not (np.isfinite(gain) and gain > 0):
            raise RecordError(f"expected a gain above 0 steps a mV, found {gain}")
        steps = np.rint(lead.astype(np.float64) * gain)
        largest = float(np.nanmax(np.abs(steps), initial=0.0))
        if largest > _DIGITAL_MAX:
            raise RecordError(
                f"{record.name}: expected samples of at most {_DIGITAL_MAX / gain:g} mV at {gain:g} steps a "
                f"mV, found {largest / gain:g} mV: choose a lower gain"
            )
        out[:] = np.where(np.isnan(steps), MISSING["16"], steps)
    return digital


def _gain(lead: NDArray[np.float32]) -> float:
    """Return the steps a mV that a lead is written in."""
    largest = float(np.nanmax(np.abs(lead), initial=0.0))
    step = step_of(lead)
    if step is not None and largest <= _DIGITAL_MAX * step:
        return 1 / step
    most = _DIGITAL_MAX / largest
    return most if most <= _USUAL_GAIN else min(_round_below(most), _FINEST_GAIN)


def _round_below(number: float) -> float:
    """Return the largest gain that is round and whose step is, and that is not above a number."""
    decade = 10.0 ** math.floor(math.log10(number))
    return max(round_one * decade for round_one in _ROUND_GAINS if round_one * decade <= number)
