"""Annotations of HL7 aECG: heartbeats, rhythms and noise as marks, and what device or reader said in words.

Source: HL7 aECG Implementation Guide, "AnnotationSet" and "Annotation"; codes of ISO/IEEE 11073-10102.
Differences: waves (`MDC_ECG_WAVC`) only place the beats that they belong to, measurements are passed over. Of
several sets with beats, by a device and a reader for example, the first is read.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from einthoven.formats.aecg.codes import (
    BEAT,
    COMMENT,
    INTERPRETATION,
    NOTE,
    STATEMENT,
    SUMMARY,
    TIME_ABSOLUTE,
    TIME_RELATIVE,
    WFDB,
)
from einthoven.formats.aecg.datatypes import SECONDS, Point, attribute, code_of, number_of, point_of
from einthoven.formats.aecg.series import Axis
from einthoven.formats.mdc import beat_of_reference
from einthoven.formats.units import plain_unit
from einthoven.formats.wfdb.annotations import SYMBOLS
from einthoven.record import Annotation

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

_RHYTHM = "MDC_ECG_RHY"
_NOISE = "MDC_ECG_NOISE"
_WAVE = "MDC_ECG_WAVC"
_QRS = ("MDC_ECG_WAVC_RWAVE", "MDC_ECG_WAVC_QRSWAVE", "MDC_ECG_WAVC_QSWAVE", "MDC_ECG_WAVC_QRSTWAVE")
"""The waves that say best where a beat is, the best one first."""
_WORDS = (INTERPRETATION, STATEMENT, SUMMARY, COMMENT)
_RHYTHM_NOTES = {"MDC_ECG_RHY_SINUS_RHY": "(N"}


@dataclass(frozen=True, slots=True)
class Annotations:
    """What the annotation sets of a series say.

    marks : at samples of the series, in order of time, or None
    """

    marks: Annotation | None
    statements: tuple[str, ...]
    comments: tuple[str, ...]
    warnings: tuple[str, ...]


@dataclass(slots=True)
class _Found:
    marks: list[tuple[int, str, str]] = field(default_factory=list)
    statements: list[str] = field(default_factory=list)
    comments: list[str] = field(default_factory=list)
    n_without_time: int = 0


def read_annotations(element: Element, axis: Axis, n_samples: int) -> Annotations:
    """Read the annotation sets of a `series` or `derivedSeries`.

    axis, n_samples : of the series; marks elsewhere are left out with a warning
    """
    found = _Found()
    n_sets_with_beats = 0
    for annotation_set in element.findall("subjectOf/annotationSet"):
        annotations = annotation_set.findall("component/annotation")
        with_beats = any(_is_beat(annotation) for annotation in annotations)
        n_sets_with_beats += with_beats
        for annotation in annotations:
            if n_sets_with_beats <= 1 or not _is_beat(annotation):
                _read(annotation, axis, found)
    inside = [mark for mark in found.marks if 0 <= mark[0] <= n_samples]
    return Annotations(
        _marks(inside),
        tuple(found.statements),
        tuple(found.comments),
        tuple(_warnings(found, len(found.marks) - len(inside), n_sets_with_beats)),
    )


def lines_of(text: str | None) -> list[str]:
    """Return the lines of a text that are not empty, without blanks around them."""
    return [line.strip() for line in (text or "").splitlines() if line.strip()]


def _read(annotation: Element, axis: Axis, found: _Found) -> None:
    code = code_of(annotation)
    system = attribute(annotation.find("code"), "codeSystem")
    value = attribute(annotation.find("value"), "code")
    if code in _WORDS:
        _read_words(annotation, found)
    elif system == WFDB and code in SYMBOLS.values():
        _add(annotation, code, "", axis, found)
    elif _is_beat(annotation):
        beat = beat_of_reference(value or code)
        symbol, note = (beat.symbol, beat.note) if beat is not None else ('"', value or code)
        _add(annotation, symbol, note, axis, found)
    elif code == _RHYTHM:
        _add(annotation, "+", _RHYTHM_NOTES.get(value, value), axis, found)
    elif code == _NOISE:
        _add(annotation, "~", value, axis, found)


def _read_words(annotation: Element, found: _Found) -> None:
    code, value = code_of(annotation), annotation.find("value")
    if code in _WORDS and value is not None:
        into = found.comments if code == COMMENT else found.statements
        into += lines_of("".join(value.itertext())) or lines_of(attribute(value, "displayName"))
    for part in annotation.findall("component/annotation"):
        _read_words(part, found)


def _is_beat(annotation: Element) -> bool:
    code = code_of(annotation)
    return code == BEAT or beat_of_reference(code) is not None


def _add(annotation: Element, symbol: str, note: str, axis: Axis, found: _Found) -> None:
    sample = _sample_of(annotation, axis)
    if sample is None:
        found.n_without_time += 1
        return
    found.marks.append((sample, symbol, _note(annotation) or note))


def _note(annotation: Element) -> str:
    for part in annotation.findall("component/annotation"):
        if code_of(part) == NOTE and attribute(part.find("code"), "codeSystem") == WFDB:
            return part.findtext("value") or ""
    return ""


def _sample_of(annotation: Element, axis: Axis) -> int | None:
    """Return the sample of a mark: the point it states, the middle of its QRS, or its stretch's first."""
    stated = _stretch(annotation, axis)
    if stated is not None and stated[0] == stated[1]:
        return stated[0]
    waves = {
        attribute(part.find("value"), "code"): part
        for part in annotation.findall("component/annotation")
        if code_of(part).startswith(_WAVE)
    }
    for name in _QRS:
        stretch = _stretch(waves[name], axis) if name in waves else None
        if stretch is not None:
            return sum(stretch) // 2
    return None if stated is None else stated[0]


def _stretch(annotation: Element, axis: Axis) -> tuple[int, int] | None:
    """Return the first and last sample that an annotation is about."""
    for boundary in annotation.findall("support/supportingROI/component/boundary"):
        samples = [axis.sample_at(when) for when in _times(boundary)]
        there = [sample for sample in samples if sample is not None]
        if there:
            return there[0], there[-1]
    return None


def _times(boundary: Element) -> Iterator[Point | Fraction]:
    code = code_of(boundary)
    value = boundary.find("value")
    if value is None or code not in (TIME_ABSOLUTE, TIME_RELATIVE):
        return
    for part in (value, value.find("low"), value.find("center"), value.find("high")):
        if code == TIME_ABSOLUTE:
            when: Point | Fraction | None = point_of(attribute(part))
        else:
            number = number_of(attribute(part))
            unit_s = SECONDS.get(plain_unit(attribute(part, "unit")))
            when = None if number is None or unit_s is None else number * unit_s
        if when is not None:
            yield when


def _marks(found: list[tuple[int, str, str]]) -> Annotation | None:
    if not found:
        return None
    samples, symbols, notes = zip(*sorted(found, key=lambda mark: mark[0]), strict=True)
    return Annotation(np.array(samples, np.int64), symbols, notes if any(notes) else ())


def _warnings(found: _Found, n_outside: int, n_sets_with_beats: int) -> Iterator[str]:
    if found.n_without_time:
        yield f"annotations without a time are left out: {found.n_without_time}"
    if n_outside:
        yield f"annotations before the recording or past its end are left out: {n_outside}"
    if n_sets_with_beats > 1:
        yield f"of {n_sets_with_beats} sets of annotated heartbeats the first is read"
