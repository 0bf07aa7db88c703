"""A Philips document as a Record."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

from einthoven.errors import FormatError, RecordError
from einthoven.formats.given import Given
from einthoven.formats.philips.calibration import find_mark
from einthoven.formats.philips.facts import read_facts, text_of
from einthoven.formats.philips.labels import is_no_ecg, usual_names
from einthoven.formats.philips.marks import read_marks
from einthoven.formats.philips.waveforms import (
    MICROVOLTS_A_MILLIVOLT,
    Waveforms,
    cut,
    read_beats,
    read_waveforms,
    with_gaps,
)
from einthoven.formats.xml import parse_xml, root_of
from einthoven.record import Record

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

VERSIONS = ("1.03", "1.04", "1.04.01")
"""Of the schema; newer ones are read with a warning if their elements are the same."""
_ROOT = "restingecgdata"
_ELSEWHERE = {
    "unparsedwaveforms": "a link to samples in another file",
    "leadwaveforms": "leads as separate elements (leadwaveforms), which are not read",
}


def looks_like_philips(head: bytes) -> bool:
    """Tell from a file's first bytes whether it is a Philips document."""
    return root_of(head) == _ROOT


def read_philips(data: bytes, given: Given) -> Record:
    """Read a Philips resting ECG (Sierra ECG XML, `restingecgdata`).

    Leads III, aVR, aVL and aVF of XLI, which are stored as differences from the computed ones, are restored
    in steps, before they become millivolts. A calibration pulse of 1 mV that ends all leads is cut off, with
    a warning; one of another height stays, with a warning. The representative beats become
    `Record.representative_beat`, pace pulses and waveform annotations `Record.annotations`.

    Raises FormatError if the document is damaged, of another kind, compressed by another method, or has more
    than `given.limits` allow; RecordError if sampling rate or units are not the ones given, if a lead asked
    for is not there, if no ECG is left, or on a doubt if the caller is strict.
    """
    where = given.where
    root = parse_xml(data, where, given.limits)
    element = _samples(root, where)
    waveforms = read_waveforms(root, element, given)
    waveforms, cut_off = _without_mark(waveforms, where)
    kept, left_out = _leads(waveforms, given)
    names, derived = usual_names([waveforms.labels[row] for row in kept])
    beat, no_beat = _representative_beat(root, given)
    facts = read_facts(root, element)
    annotations, misplaced = read_marks(root, waveforms.fs, waveforms.digital.shape[1])
    record = Record(
        signal=waveforms.millivolts[kept],
        fs=waveforms.fs,
        leads=names,
        name=given.name,
        path=given.path,
        annotations=annotations,
        patient=MappingProxyType(facts.patient),
        recording=MappingProxyType(facts.recording),
        statements=facts.statements,
        comments=facts.comments,
        representative_beat=beat,
        warnings=(*_version(root), *waveforms.warnings, *cut_off, *left_out, *derived, *no_beat, *misplaced),
    )
    return record.select(given.leads) if given.leads is not None else record


def _samples(root: Element, where: str) -> Element:
    if root.tag != _ROOT:
        raise FormatError(f"{where}: expected the element {_ROOT} of a Philips ECG, found {root.tag!r:.40}")
    element = root.find("waveforms/parsedwaveforms")
    if element is not None:
        return element
    instead = (what for tag, what in _ELSEWHERE.items() if root.find(f"waveforms/{tag}") is not None)
    raise FormatError(f"{where}: expected parsedwaveforms, found {next(instead, 'no samples')}")


def _version(root: Element) -> tuple[str, ...]:
    version = text_of(root.find("documentinfo/documentversion"))
    if version in VERSIONS:
        return ()
    found = f"version {version[:20]}" if version else "no version"
    return (f"expected a Philips document of version {', '.join(VERSIONS)}, found {found}: read as they are",)


def _without_mark(waveforms: Waveforms, where: str) -> tuple[Waveforms, tuple[str, ...]]:
    mark = find_mark(waveforms.digital, waveforms.fs)
    if mark is None:
        return waveforms, ()
    n_samples = waveforms.digital.shape[1]
    last_s = (n_samples - mark.start) / waveforms.fs
    height_mv = mark.height * waveforms.step_uv / MICROVOLTS_A_MILLIVOLT
    if not np.isclose(height_mv, 1.0):
        text = f"the last {last_s:g} s are a pulse of {height_mv:g} mV in all leads, as no ECG is: kept, as a"
        return waveforms, (f"{text} calibration pulse has 1 mV",)
    if mark.start == 0:
        raise RecordError(f"{where}: expected an ECG, found only a calibration pulse of 1 mV")
    text = f"the last {last_s:g} s, a calibration pulse of 1 mV in all leads, are no ECG: cut off"
    return cut(waveforms, mark.start), (text,)


def _leads(waveforms: Waveforms, given: Given) -> tuple[list[int], tuple[str, ...]]:
    wanted = given.leads or ()
    kept = [row for row, label in enumerate(waveforms.labels) if label in wanted or not is_no_ecg(label)]
    others = [label for row, label in enumerate(waveforms.labels) if row not in kept]
    if not kept:
        raise RecordError(f"{given.where}: expected an ECG lead, found {', '.join(others)}")
    return kept, ((f"left out, as they are no ECG: {', '.join(others)}",) if others else ())


def _representative_beat(root: Element, given: Given) -> tuple[Record | None, tuple[str, ...]]:
    element = root.find("waveforms/repbeats")
    if element is None:
        return None, ()
    try:
        beats = read_beats(element, given)
    except FormatError as error:
        return None, (f"representative beats were not read: {error}",)
    kept = [row for row, label in enumerate(beats.labels) if label and not is_no_ecg(label)]
    if not kept:
        return None, ("representative beats were not read: they name no lead",)
    names, _ = usual_names([beats.labels[row] for row in kept])
    return Record(with_gaps(beats)[kept], beats.fs, names, name=given.name, path=given.path), ()
