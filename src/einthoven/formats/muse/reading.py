"""Reading MUSE: which waveform is the recording, and what belongs to it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING

from einthoven.errors import ECGError, FormatError
from einthoven.formats.channels import without_others
from einthoven.formats.given import Given
from einthoven.formats.muse.beats import read_beats
from einthoven.formats.muse.facts import comments_of, patient_of, recording_of, statements_of, unreadable
from einthoven.formats.muse.values import text_of
from einthoven.formats.muse.waveforms import read_waveform
from einthoven.formats.xml import parse_xml, root_of
from einthoven.record import Record

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

_ROOT = "RestingECG"
_RHYTHM, _MEDIAN = "RHYTHM", "MEDIAN"


def looks_like_muse(head: bytes) -> bool:
    """Tell from its first bytes whether a file is a resting ECG of MUSE."""
    return root_of(head) == _ROOT


def read_muse(data: bytes, given: Given) -> Record:
    """Read a MUSE document.

    The waveform `Rhythm` becomes the signal, `Median` the representative beat. III, aVR, aVL and aVF, which
    are not stored, are computed from I and II.

    Raises
    ------
    FormatError : if the document is no XML or none of MUSE, or is damaged
    RecordError : if there is no waveform with samples, if the sampling rate is neither stated nor given, if
    the
        caller gave other values than the file states, or if a lead asked for is not there
    """
    root = parse_xml(data, given.where, given.limits)
    if root.tag != _ROOT:
        raise FormatError(f"{given.where}: expected the root {_ROOT}, found {root.tag!r:.40}")
    element, notes = _choose(root.findall("Waveform"), given)
    waveform = read_waveform(element, given)
    is_rhythm = _kind(element) == _RHYTHM
    beats, beat_notes = read_beats(root, waveform.fs, waveform.signal.shape[1]) if is_rhythm else (None, ())
    kept, left_out = without_others(waveform.leads, given.leads)
    median, median_notes = _median(root, element, given)
    record = Record(
        signal=waveform.signal[kept],
        fs=waveform.fs,
        leads=tuple(waveform.leads[row] for row in kept),
        name=given.name,
        path=given.path,
        annotations=beats,
        patient=MappingProxyType(patient_of(root)),
        recording=MappingProxyType(recording_of(root, element)),
        statements=statements_of(root),
        comments=comments_of(root),
        representative_beat=median,
        warnings=(*notes, *waveform.warnings, *left_out, *beat_notes, *median_notes, *unreadable(root)),
    )
    return record.select(given.leads) if given.leads is not None else record


def _kind(element: Element) -> str:
    return text_of(element, "WaveformType").upper()


def _choose(elements: Sequence[Element], given: Given) -> tuple[Element, tuple[str, ...]]:
    if not elements:
        raise FormatError(f"{given.where}: expected a Waveform, found none")
    rhythms = [element for element in elements if _kind(element) == _RHYTHM]
    others = [element for element in elements if _kind(element) not in (_RHYTHM, _MEDIAN)]
    chosen = (rhythms or others or elements)[0]
    notes = []
    if chosen not in rhythms:
        kind = text_of(chosen, "WaveformType") or "without a type"
        notes.append(f"the file has no waveform Rhythm: read is the one {kind}")
    elif len(rhythms) > 1:
        notes.append(f"of {len(rhythms)} waveforms Rhythm the first is read")
    return chosen, tuple(notes)


def _median(root: Element, chosen: Element, given: Given) -> tuple[Record | None, tuple[str, ...]]:
    found = [e for e in root.findall("Waveform") if _kind(e) == _MEDIAN and e is not chosen]
    if not found:
        return None, ()
    try:
        # What the caller says is about the recording.
        waveform = read_waveform(found[0], replace(given, fs=None, units=None))
    except ECGError as error:
        return None, (f"the median beat was not read: {error}",)
    record = Record(
        signal=waveform.signal,
        fs=waveform.fs,
        leads=waveform.leads,
        name=given.name,
        path=given.path,
        warnings=waveform.warnings,
    )
    return record, ()
