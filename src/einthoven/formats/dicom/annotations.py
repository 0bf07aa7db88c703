"""Waveform annotations: marks in time, interpretations and measurements.

Source: DICOM PS3.3, C.10.10. Samples are counted from 1. Differences: points in time that are dates, and
channels that an annotation is limited to, are not read.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import isfinite

import numpy as np

from einthoven.errors import FormatError
from einthoven.formats.dicom.annotation_codes import NOTE, is_beat, mark_of
from einthoven.formats.dicom.data_set import DataSet
from einthoven.formats.dicom.rhythm import Place
from einthoven.record import Annotation

MOST_ITEMS = 2**18
"""Two days of beats; a hundred thousand items take seconds."""
_AT_ONCE_S = 0.2
"""No two beats follow each other so closely."""
_SEGMENTS = ("SEGMENT", "MULTISEGMENT")
_ENDS = {"BEGIN": "(", "END": ")"}


@dataclass(frozen=True, slots=True)
class _Mark:
    """A mark at a sample, from 0, of a recording or beat; `together` is its annotation group."""

    sample: int
    symbol: str
    note: str
    together: int | None


@dataclass(frozen=True, slots=True)
class Annotations:
    """What the annotations of a file say.

    rhythm, beat : marks at samples of the recording, and of the representative beat, or None
    """

    rhythm: Annotation | None
    beat: Annotation | None
    statements: tuple[str, ...]
    comments: tuple[str, ...]
    warnings: tuple[str, ...]


@dataclass(slots=True)
class _Collected:
    marks: dict[bool, list[_Mark]] = field(default_factory=lambda: {False: [], True: []})
    texts: dict[bool, list[_Mark]] = field(default_factory=lambda: {False: [], True: []})
    statements: list[str] = field(default_factory=list)
    comments: list[str] = field(default_factory=list)
    n_elsewhere: int = 0


def read_annotations(data_set: DataSet, rhythm: Sequence[Place], beat: Place | None) -> Annotations:
    """Read the Waveform Annotation Sequence.

    rhythm, beat : where the groups lie that are read; marks of others, or past the end, are left out with a
        warning

    Raises FormatError if a number is none, or if there are more than 262144 annotations.
    """
    places = {place.group.number: (place, False) for place in rhythm}
    if beat is not None:
        places[beat.group.number] = beat, True
    ends = {False: max(place.end for place in rhythm), True: beat.end if beat is not None else 0}
    collected = _Collected()
    for i, item in enumerate(data_set.items("WaveformAnnotationSequence")):
        if i == MOST_ITEMS:
            raise FormatError(f"{data_set.where}: expected at most {MOST_ITEMS} annotations, found more")
        # Empty, it says nothing.
        if not item.elements:
            continue
        _read(item, places, ends, collected)
    warnings = []
    if collected.n_elsewhere:
        warnings.append(f"{collected.n_elsewhere} annotations lie at no sample that was read: left out")
    warnings += _move_to_beat(collected, rhythm, beat)
    return Annotations(
        _annotation(collected, False),
        _annotation(collected, True),
        tuple(collected.statements),
        tuple(collected.comments),
        tuple(warnings),
    )


def _read(
    item: DataSet, places: Mapping[int, tuple[Place, bool]], ends: Mapping[bool, int], into: _Collected
) -> None:
    text = item.text("UnformattedTextValue") or item.text("TextValue")
    code, scheme, meaning = code_of_item(item.first("ConceptNameCodeSequence"))
    kind = item.text("TemporalRangeType").upper()
    if not kind and "ReferencedSamplePositions" not in item:
        _read_words(item, text, code, meaning, into)
        return
    referenced = item.numbers("ReferencedWaveformChannels")
    place, is_beat_group = places.get(int(referenced[0]) if referenced else 1, (None, False))
    samples = list(_samples(item, place)) if place is not None else []
    inside = [sample for sample in samples if 0 <= sample <= ends[is_beat_group]]
    into.n_elsewhere += max(1, len(samples)) - len(inside)
    together = item.numbers("AnnotationGroupNumber")
    group = int(together[0]) if together else None
    if text:
        into.texts[is_beat_group] += [_Mark(sample, NOTE, text, group) for sample in inside]
        return
    symbol, note = mark_of(code, scheme, " ".join((meaning or code).split()))
    value = _value(item)
    note = " ".join(filter(None, (note or (meaning if value else ""), value)))
    marks = into.marks[is_beat_group]
    for position, sample in enumerate(inside):
        if kind in _SEGMENTS and is_beat(symbol):
            # A beat is where it begins.
            if position % 2 == 0:
                marks.append(_Mark(sample, symbol, note, group))
        elif kind in _SEGMENTS:
            marks.append(_Mark(sample, "()"[position % 2], note or meaning, group))
        else:
            marks.append(
                _Mark(sample, _ENDS.get(kind, symbol), note or (meaning if kind in _ENDS else ""), group)
            )


def _read_words(item: DataSet, text: str, code: str, meaning: str, into: _Collected) -> None:
    """Read what holds for a whole group: text and findings are statements, measurements are comments."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if lines:
        into.statements += lines
        return
    name = meaning or code
    if value := _value(item):
        into.comments.append(f"{name}: {value}")
        return
    _, _, finding = code_of_item(item.first("ConceptCodeSequence"))
    words = ": ".join(filter(None, (name, finding)))
    if words:
        into.statements.append(words)


def code_of_item(item: DataSet | None) -> tuple[str, str, str]:
    """Return code value, scheme and meaning of an item of a code sequence, empty where there is none."""
    if item is None:
        return "", "", ""
    code = item.text("CodeValue")
    return code, item.text("CodingSchemeDesignator").upper(), item.text("CodeMeaning")


def _value(item: DataSet) -> str:
    """Return a measurement with its unit."""
    value = item.text("NumericValue")
    if not value:
        return ""
    unit, _, _ = code_of_item(item.first("MeasurementUnitsCodeSequence"))
    return f"{value} {unit}".strip()


def _samples(item: DataSet, place: Place) -> Iterator[int]:
    """Return the samples, of the recording that a group lies in, which an annotation refers to."""
    positions = item.numbers("ReferencedSamplePositions")
    for position in positions:
        yield place.start + (int(position) - 1) * place.ratio
    if not positions:
        for offset in item.numbers("ReferencedTimeOffsets"):
            position = offset * place.group.fs
            yield place.start + round(position) * place.ratio if isfinite(position) else -1


def _move_to_beat(into: _Collected, rhythm: Sequence[Place], beat: Place | None) -> list[str]:
    """Move the marks of the representative beat to it, if the file places them in the recording.

    They are those of an annotation group whose beat lies at the sample that the representative beat was
    aligned by, which is no sample of the recording: there a true beat is so close that both cannot be.
    """
    if beat is None or beat.group.trigger is None or into.marks[True] or len(rhythm) != 1:
        return []
    marks, most = into.marks[False], _AT_ONCE_S * rhythm[0].group.fs
    beats = [mark for mark in marks if is_beat(mark.symbol)]
    of_trigger = {mark.together for mark in beats if mark.sample == beat.group.trigger} - {None}
    moved = {
        group
        for group in of_trigger
        if any(mark.together != group and abs(mark.sample - beat.group.trigger) < most for mark in beats)
    }
    if not moved:
        return []
    into.marks[True] = [mark for mark in marks if mark.together in moved and mark.sample <= beat.end]
    into.marks[False] = [mark for mark in marks if mark.together not in moved]
    return [f"{len(into.marks[True])} annotations at samples of the recording are taken as those of the "
            "representative beat"]  # fmt: skip


def _annotation(collected: _Collected, is_beat_group: bool) -> Annotation | None:
    """Return the marks in order of time; texts at a mark of their annotation group are its note."""
    marks, texts = collected.marks[is_beat_group], collected.texts[is_beat_group]
    notes = {(text.together, text.sample): text for text in texts if text.together is not None}
    places = {(mark.together, mark.sample) for mark in marks}
    found = [
        _Mark(mark.sample, mark.symbol, notes[key].note if (key := (mark.together, mark.sample)) in notes
              else mark.note, mark.together)
        for mark in marks
    ]  # fmt: skip
    found += [text for text in texts if (text.together, text.sample) not in places]
    if not found:
        return None
    found.sort(key=lambda mark: mark.sample)
    samples = np.array([mark.sample for mark in found], np.int64)
    all_notes = tuple(mark.note for mark in found)
    return Annotation(samples, tuple(mark.symbol for mark in found), all_notes if any(all_notes) else ())
