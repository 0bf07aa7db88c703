"""Reads an SCP-ECG record: what its sections hold, put together as a Record.

Source: EN 1064:2005+A1:2007. What decides samples is strict; what describes them only warns. Limb leads that
are not stored follow from leads I and II, as 5.6 says. Sections 9 to 11 are not read, nor are the codes of
drugs and of the history.
"""

from __future__ import annotations

from types import MappingProxyType

import numpy as np

from einthoven.errors import FormatError, RecordError
from einthoven.formats.given import Given
from einthoven.formats.scp.acquisition import recording_of
from einthoven.formats.scp.compressed import Compressed, leniently, read_compressed
from einthoven.formats.scp.leads import Lead, read_leads
from einthoven.formats.scp.limbs import limbs_of, with_limb_leads
from einthoven.formats.scp.measurements import Spike, read_spikes
from einthoven.formats.scp.patient import patient_of
from einthoven.formats.scp.rhythm import Rhythm, decode_rhythm
from einthoven.formats.scp.sections import (
    HEADER,
    LEADS,
    LONG_TERM,
    MEASUREMENTS,
    RHYTHM,
    STATEMENTS,
    Sections,
    is_revision_3,
    read_sections,
)
from einthoven.formats.scp.statements import read_statements
from einthoven.formats.scp.tags import read_tags
from einthoven.record import Annotation, Record

_FREE_TEXT = 30
_MARK = '"'
"""WFDB's mnemonic of a mark that its note explains."""


def read_scp(data: bytes, given: Given) -> Record:
    """Read an SCP-ECG record.

    Raises FormatError if sections 3 or 6 are missing, cut or contradict each other, or if what was subtracted
    from the samples is not there; RecordError if the sampling rate or the unit is not the one given, a lead
    asked for is not there, or something is not certain and the caller is strict.
    """
    sections = read_sections(data, given.where)
    _require(sections, given)
    found = sections.by_number
    tags, tag_warnings = read_tags(found.get(HEADER))
    revision_3 = is_revision_3(sections, tags.protocol)
    leads = read_leads(found[LEADS], given, revision_3=revision_3)
    source, source_warnings = read_compressed(found, leads, given, revision_3=revision_3)
    kept, kept_warnings = _ecg_leads(leads.leads)
    rhythm = decode_rhythm(source, leads.leads, kept, given)
    fs = _rate(rhythm, given)
    warnings = [*sections.warnings, *tag_warnings, *leads.warnings, *source_warnings, *kept_warnings,
                *rhythm.warnings]  # fmt: skip
    names = [leads.leads[i].name for i in kept]
    all_names, signal = with_limb_leads(names, rhythm.signal, rhythm.limbs)
    patient, recording = patient_of(tags, warnings), recording_of(tags, warnings)
    statements = leniently(
        found.get(STATEMENTS), lambda section: read_statements(section, tags.language), given, warnings
    )
    spikes = leniently(found.get(MEASUREMENTS), read_spikes, given, warnings)
    comments = (line for text in tags.texts(_FREE_TEXT) for line in text.splitlines() if line.strip())
    record = Record(
        signal=signal,
        fs=fs,
        leads=all_names,
        name=given.name,
        path=given.path,
        annotations=_annotations(source, spikes or (), rhythm, fs),
        patient=MappingProxyType(patient),
        recording=MappingProxyType(recording),
        statements=statements or (),
        comments=tuple(comments),
        warnings=tuple(warnings),
        representative_beat=_beat(source, names, kept),
    )
    return record.select(given.leads) if given.leads is not None else record


def _require(sections: Sections, given: Given) -> None:
    there = sections.by_number
    if RHYTHM not in there and LONG_TERM in there:
        raise FormatError(
            f"{given.where}: expected rhythm data in section 6, found only a long-term recording in section "
            "12 (SCP-ECG 3.0), which is not read"
        )
    for number, what in ((LEADS, "the definition of leads"), (RHYTHM, "rhythm data")):
        if number not in there:
            held = ", ".join(map(str, sorted(there))) or "none"
            raise FormatError(f"{given.where}: expected {what} in section {number}, found sections {held}")


def _rate(rhythm: Rhythm, given: Given) -> float:
    given.agree_units("nV")
    if rhythm.interval_us > 0:
        fs = 1e6 / rhythm.interval_us
        given.agree_fs(fs)
        return fs
    if given.fs is None:
        raise RecordError(
            f"{given.where}: section 6: expected an interval between samples above 0 us, found 0: pass fs= "
            "(Hz; on the command line --fs)"
        )
    return given.fs


def _ecg_leads(leads: tuple[Lead, ...]) -> tuple[list[int], tuple[str, ...]]:
    """Return the positions of the leads that are no calibration pulses, and a warning that names those."""
    kept = [i for i, lead in enumerate(leads) if not lead.is_calibration]
    if len(kept) == len(leads):
        return kept, ()
    if not kept:
        return list(range(len(leads))), ("no lead is an ECG: all are calibration pulses",)
    others = ", ".join(lead.name for lead in leads if lead.is_calibration)
    return kept, (f"left out, as they are calibration pulses: {others}",)


def _annotations(
    source: Compressed, spikes: tuple[Spike, ...], rhythm: Rhythm, fs: float
) -> Annotation | None:
    """Return QRS complexes and pacemaker spikes that lie within the recording, in the order of time."""
    marks: list[tuple[int, str]] = []
    if source.beats is not None:
        samples = (source.beats.fiducials - rhythm.first) // rhythm.divisor
        marks += [
            (sample, f"QRS complex of type {kind}")
            for sample, kind in zip(samples.tolist(), source.beats.types.tolist(), strict=True)
        ]
    for spike in spikes:
        size = "" if spike.amplitude_uv is None else f" of {spike.amplitude_uv} uV"
        marks.append((round(spike.time_ms * fs / 1000), f"pacemaker spike{size}"))
    inside = sorted(mark for mark in marks if 0 <= mark[0] < rhythm.signal.shape[1])
    if not inside:
        return None
    at, notes = zip(*inside, strict=True)
    return Annotation(np.array(at, np.int64), (_MARK,) * len(at), notes)


def _beat(source: Compressed, names: list[str], kept: list[int]) -> Record | None:
    if source.reference is None or source.reference_nv is None:
        return None
    beat = source.reference_nv[kept] / 1e6
    all_names, signal = with_limb_leads(names, beat.astype(np.float32), limbs_of(names, beat))
    return Record(signal=signal, fs=1e6 / source.reference.interval_us, leads=all_names)
