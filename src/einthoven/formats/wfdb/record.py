"""WFDB records: a header (`.hea`), signal files (`.dat`, `.mat`) and annotations (`.atr`).

Every sample format of signal(5) is decoded here, bit for bit as the `wfdb` package does.
Source: WFDB Applications Guide, https://physionet.org/physiotools/wag/wag.htm.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from einthoven.errors import ECGError, RecordError
from einthoven.formats.fact_lines import fact_lines, read_facts
from einthoven.formats.given import Given
from einthoven.formats.steps import step_of
from einthoven.formats.wfdb.annotations import decode_annotations, encode_annotations
from einthoven.formats.wfdb.header import DEFAULT_FS, Header, SignalLine, format_header, read_header
from einthoven.formats.wfdb.samples import MISSING, checksum
from einthoven.formats.wfdb.segments import read_segments
from einthoven.formats.wfdb.signal_files import size_of
from einthoven.formats.wfdb.signals import read_signals
from einthoven.record import Annotation, Record, lead_name

_NAME = re.compile(r"[-\w]+", re.ASCII)
_AGE = re.compile(r"\bage\b[>:=\s]*(\d+(?:\.\d+)?)\b", re.IGNORECASE)
_SEX = re.compile(r"\b(?:sex|gender)\b[>:=\s]*(male|female|m|f)\b", re.IGNORECASE)
_MITDB = re.compile(r"(-?\d+) ([MF]) ")
_SEXES = {"m": "male", "f": "female"}
_DIGITAL_MAX = 32767
_USUAL_GAIN = 1000.0


def read_wfdb(header_path: Path, given: Given) -> Record:
    """Read a WFDB record through its header.

    Age and sex are taken from the comments of the challenges, PTB and MIT-BIH, other facts from those that
    `write_wfdb` writes. Annotations come from the `.atr` file beside the header, if there is one; a damaged
    one is a warning. Signals that are no voltage, such as a blood pressure, or have the name of something
    else, such as EEG, are left out with a warning; so is a lower rate, whose samples are repeated.

    Raises FormatError if header and files are damaged, disagree, lead out of the header's folder or go beyond
    the limits, RecordError if there is no sample, if the sampling rate or the unit of a voltage is not the
    one given, if a lead asked for is not there, or if the caller is strict and a gain, the rate or names of
    leads are not stated.
    """
    header, given = read_header(header_path), replace(given, where=str(header_path))
    if header.n_signals == 0:
        raise RecordError(f"{given.where}: expected at least one lead, found a record of 0 signals")
    given.limits.check("leads", header.n_signals, given.where)
    read = read_segments if header.segments else read_signals
    found = read(header_path.parent, header, given)
    fs, doubts = _sampling_rate(header, found.width, given)
    names, given, unnamed = _lead_names(found.names, given)
    annotations, more = _annotations_beside(header_path, fs, fs / found.width, given)
    facts = read_facts(header.comments)
    others = {key: value for key, value in facts.patient.items() if key not in ("age", "sex")}
    record = Record(
        signal=found.signal,
        fs=fs,
        leads=names,
        name=given.name,
        path=given.path,
        annotations=annotations,
        patient=MappingProxyType(others | _patient(header.comments)),
        recording=MappingProxyType(facts.recording),
        statements=facts.statements,
        comments=header.comments,
        warnings=tuple(given.doubt(text) for text in header.doubts)
        + doubts
        + unnamed
        + found.warnings
        + more,
    )
    return record.select(given.leads) if given.leads is not None else record


def write_wfdb(
    record: Record, folder: str | Path, *, name: str | None = None, gain: float | None = None
) -> Path:
    """Write a record as WFDB: `.hea`, `.dat` in format 16 and, where it has annotations, `.atr`.

    name : the record's name and that of its files, default `record.name`
    gain : steps a mV; samples are rounded to 1 / gain mV, missing ones become the format's missing value. If
        not given, each lead is written in the steps that it has, without any loss, see `step_of`; one without
        steps in 1000 a mV, or in as many as 16 bits allow

    Returns the path of the header, which is written last.

    Raises RecordError if the name has other characters than letters, digits, `-` and `_`, if a sample does
    not fit into 16 bits at this gain, or if annotations are out of order or have unknown symbols.
    """
    name = record.name if name is None else name
    if not _NAME.fullmatch(name):
        raise RecordError(f"expected a record name of letters, digits, - and _, found {name!r}")
    gains = [_gain(lead) if gain is None else gain for lead in record.signal]
    digital = _digital(record, gains)
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    atr = folder / f"{name}.atr"
    if record.annotations is None:
        atr.unlink(missing_ok=True)
    else:
        atr.write_bytes(encode_annotations(record.annotations))
    (folder / f"{name}.dat").write_bytes(digital.T.astype("<i2").tobytes())
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
        comments=_comments(record),
    )
    path = folder / f"{name}.hea"
    path.write_text(format_header(header), encoding="utf-8")
    return path


def _sampling_rate(header: Header, width: int, given: Given) -> tuple[float, tuple[str, ...]]:
    if header.states_fs:
        given.agree_fs(header.fs * width)
        return header.fs * width, ()
    if given.fs is not None:
        return given.fs, ()
    doubt = f"the header states no sampling rate: {DEFAULT_FS:g} Hz assumed, as WFDB does"
    return DEFAULT_FS * width, (given.doubt(doubt),)


def _lead_names(names: Sequence[str], given: Given) -> tuple[tuple[str, ...], Given, tuple[str, ...]]:
    """Return the names of the leads, with the caller's where the header has none, and a warning."""
    if not any(names):
        if given.leads is not None and len(given.leads) == len(names):
            return given.leads, replace(given, leads=None), ()
        if len(names) == 1:
            return ("ECG",), given, ()
    found = tuple(lead_name(name) if name else f"lead {i}" for i, name in enumerate(names, 1))
    if all(names):
        return found, given, ()
    unnamed = [new for new, old in zip(found, names, strict=True) if not old]
    return found, given, (given.doubt(f"the header does not name every lead: called {', '.join(unnamed)}"),)


def _annotations_beside(
    header_path: Path, fs: float, frame_fs: float, given: Given
) -> tuple[Annotation | None, tuple[str, ...]]:
    path = header_path.parent / f"{header_path.name.removesuffix('.hea')}.atr"
    try:
        size = size_of(path, path.parent, given.where)
        if size is None:
            return None, ()
        given.limits.check("file_bytes", size, str(path))
        return decode_annotations(path.read_bytes(), fs, str(path), frame_fs), ()
    except (ECGError, OSError) as error:
        return None, (f"annotations were not read: {error}",)


def _patient(comments: Sequence[str]) -> dict[str, str]:
    facts: dict[str, str] = {}
    for i, comment in enumerate(comments):
        if i == 0 and (mitdb := _MITDB.match(comment)):
            if int(mitdb[1]) >= 0:
                facts["age"] = mitdb[1]
            facts["sex"] = _SEXES[mitdb[2].lower()]
        if age := _AGE.search(comment):
            facts.setdefault("age", age[1])
        if sex := _SEX.search(comment):
            facts.setdefault("sex", _SEXES[sex[1][0].lower()])
    return facts


def _comments(record: Record) -> tuple[str, ...]:
    lines = [line for comment in record.comments for line in comment.splitlines()]
    stated = {key for key, value in _patient(lines).items() if record.patient.get(key) == value}
    patient = {key: value for key, value in record.patient.items() if key not in stated}
    facts = fact_lines(replace(record, patient=patient, comments=()))
    return (*lines, *(fact for fact in facts if fact not in lines))


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
    return min(_USUAL_GAIN, _DIGITAL_MAX / largest)
