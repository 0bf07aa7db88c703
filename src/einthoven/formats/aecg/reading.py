"""Reading HL7 aECG: which series, and what belongs to it.

Of several series the first rhythm is read, and the others are named: which one a sponsor means is not in the
file. A representative beat is that of the series read, or else one that stands beside it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING

from einthoven.errors import ECGError, FormatError
from einthoven.formats.aecg.annotations import read_annotations
from einthoven.formats.aecg.codes import REPRESENTATIVE_BEAT, RHYTHM
from einthoven.formats.aecg.datatypes import attribute, code_of, point_of
from einthoven.formats.aecg.facts import comments_of, patient_of, recording_of
from einthoven.formats.aecg.series import Series, read_series
from einthoven.formats.channels import without_others
from einthoven.formats.given import Given
from einthoven.formats.xml import parse_xml, root_of
from einthoven.record import Record

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

_ROOT = "AnnotatedECG"


def looks_like_aecg(head: bytes) -> bool:
    """Tell from its first bytes whether a file is an HL7 aECG."""
    return root_of(head) == _ROOT


def read_aecg(data: bytes, given: Given) -> Record:
    """Read an HL7 aECG document.

    The rhythm series becomes the signal, its annotated heartbeats the annotations. Samples are read as
    `origin + scale * digit`, computed in doubles and rounded once.

    Raises
    ------
    FormatError : if the document is no XML or no aECG, is damaged or contradicts itself
    RecordError : if no series has samples, if the sampling rate is neither stated nor given, if the caller
    gave
        other values than the file states, or if a lead asked for is not there
    """
    root = parse_xml(data, given.where, given.limits)
    if root.tag != _ROOT:
        raise FormatError(f"{given.where}: expected the root {_ROOT}, found {root.tag!r:.40}")
    element, notes = _choose(root.findall("component/series"), given)
    series = read_series(element, given)
    annotations = read_annotations(element, series.axis, series.signal.shape[1])
    kept, left_out = without_others(series.leads, given.leads)
    beat, beat_notes = _representative_beat(root, element, given)
    record = Record(
        signal=series.signal[kept],
        fs=series.fs,
        leads=tuple(series.leads[row] for row in kept),
        name=given.name,
        path=given.path,
        annotations=annotations.marks,
        patient=MappingProxyType(patient_of(root)),
        recording=MappingProxyType(recording_of(root, element)),
        statements=annotations.statements,
        comments=(*comments_of(root), *annotations.comments),
        representative_beat=beat,
        warnings=(*notes, *series.warnings, *left_out, *annotations.warnings, *beat_notes),
    )
    return record.select(given.leads) if given.leads is not None else record


def _choose(elements: Sequence[Element], given: Given) -> tuple[Element, tuple[str, ...]]:
    if not elements:
        raise FormatError(f"{given.where}: expected a series, found none")
    rhythms = [element for element in elements if code_of(element) == RHYTHM]
    others = [element for element in elements if code_of(element) not in (RHYTHM, REPRESENTATIVE_BEAT)]
    chosen = (rhythms or others or elements)[0]
    notes = []
    if chosen not in rhythms:
        notes.append(f"the file has no rhythm series: read is {_named(chosen)}")
    passed_over = [element for element in (*rhythms, *others) if element is not chosen]
    if passed_over:
        more = f" and {len(passed_over) - 3} more" if len(passed_over) > 3 else ""
        notes.append(
            f"the file has {len(elements)} series: read is {_named(chosen)}; passed over: "
            f"{', '.join(map(_named, passed_over[:3]))}{more}"
        )
    return chosen, tuple(notes)


def _named(element: Element) -> str:
    ends = [point_of(attribute(element.find(f"effectiveTime/{end}"))) for end in ("low", "high")]
    times = [point.iso for point in ends if point is not None]
    return " ".join(
        (code_of(element) or "one without a code", *(["of", " to ".join(times)] if times else []))
    )


def _representative_beat(
    root: Element, chosen: Element, given: Given
) -> tuple[Record | None, tuple[str, ...]]:
    derived = chosen.findall("derivation/derivedSeries")
    beside = [e for e in root.findall("component/series") if e is not chosen]
    found = [element for element in (*derived, *beside) if code_of(element) == REPRESENTATIVE_BEAT]
    if not found:
        return None, ()
    try:
        record = _beat_record(found[0], given)
    except ECGError as error:
        return None, (f"the representative beat was not read: {error}",)
    more = (f"of {len(found)} representative beats the first is read",) if len(found) > 1 else ()
    return record, more


def _beat_record(element: Element, given: Given) -> Record:
    # What the caller says is about the recording.
    series: Series = read_series(element, replace(given, fs=None, units=None))
    annotations = read_annotations(element, series.axis, series.signal.shape[1])
    return Record(
        signal=series.signal,
        fs=series.fs,
        leads=series.leads,
        name=given.name,
        path=given.path,
        annotations=annotations.marks,
        statements=annotations.statements,
        warnings=(*series.warnings, *annotations.warnings),
    )
