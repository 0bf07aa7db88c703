"""Reading WFDB records.

Every sample format of signal(5) is decoded here, bit for bit as the `wfdb` package does.
Source: WFDB Applications Guide, https://physionet.org/physiotools/wag/wag.htm.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

from einthoven.errors import ECGError, RecordError
from einthoven.formats.fact_lines import Facts, read_facts
from einthoven.formats.given import Given
from einthoven.formats.wfdb.annotations import decode_annotations
from einthoven.formats.wfdb.header import DEFAULT_FS, Header, read_header
from einthoven.formats.wfdb.segments import read_segments
from einthoven.formats.wfdb.signal_files import size_of
from einthoven.formats.wfdb.signals import read_signals
from einthoven.record import Annotation, Record, lead_name

_AGE = re.compile(r"\bage\b[>:=\s]*(\d+(?:\.\d+)?)\b", re.IGNORECASE)
_SEX = re.compile(r"\b(?:sex|gender)\b[>:=\s]*(male|female|m|f)\b", re.IGNORECASE)
_MITDB = re.compile(r"(-?\d+) ([MF]) ")
_SEXES = {"m": "male", "f": "female"}


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
    facts = _facts(header.comments)
    record = Record(
        signal=found.signal,
        fs=fs,
        leads=names,
        name=given.name,
        path=given.path,
        annotations=annotations,
        patient=MappingProxyType(_patient(facts)),
        recording=MappingProxyType(facts.recording),
        statements=facts.statements,
        comments=facts.comments,
        warnings=tuple(given.doubt(text) for text in header.doubts)
        + doubts
        + unnamed
        + found.warnings
        + more,
    )
    return record.select(given.leads) if given.leads is not None else record


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


def _facts(comments: Sequence[str]) -> Facts:
    """Read the lines of facts; an age or a sex that states none, such as `NaN`, stays a comment."""
    facts = read_facts(comments)
    patient, unread = dict(facts.patient), []
    sex = _SEX.fullmatch(f"Sex: {patient.get('sex', '')}")
    if "sex" in patient and sex is None:
        unread.append(f"Sex: {patient.pop('sex')}")
    elif sex is not None:
        patient["sex"] = _SEXES[sex[1][0].lower()]
    if "age" in patient and _AGE.fullmatch(f"Age: {patient['age']}") is None:
        unread.append(f"Age: {patient.pop('age')}")
    return replace(facts, patient=patient, comments=(*facts.comments, *unread))


def _patient(facts: Facts) -> dict[str, str]:
    """Return what the header says of the patient; where it has no line for it, what its comments say."""
    patient = dict(facts.patient)
    for i, comment in enumerate(facts.comments):
        if i == 0 and (mitdb := _MITDB.match(comment)):
            if int(mitdb[1]) >= 0:
                patient.setdefault("age", mitdb[1])
            patient.setdefault("sex", _SEXES[mitdb[2].lower()])
        if age := _AGE.search(comment):
            patient.setdefault("age", age[1])
        if sex := _SEX.search(comment):
            patient.setdefault("sex", _SEXES[sex[1][0].lower()])
    return patient
