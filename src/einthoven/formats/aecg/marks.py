"""Marks and statements as annotation sets of HL7 aECG; the counterpart of `annotations`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from einthoven.errors import RecordError
from einthoven.formats.aecg.clock import Clock
from einthoven.formats.aecg.codes import ACT_CODE, BEAT, INTERPRETATION, MDC, NOTE, STATEMENT, WFDB
from einthoven.formats.aecg.elements import coded, node, within
from einthoven.formats.mdc import beat_of_reference, beat_of_symbol
from einthoven.formats.wfdb.annotations import SYMBOLS
from einthoven.record import Record

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element


def annotation_set(record: Record, clock: Clock) -> Element | None:
    """Make the `subjectOf` of a series, or None if nothing was said of it.

    Raises RecordError if a mark has no WFDB mnemonic, or lies outside the recording.
    """
    annotations = [*_statements(record), *_marks(record, clock)]
    if not annotations:
        return None
    return within("subjectOf/annotationSet", *(node("component", part) for part in annotations))


def _statements(record: Record) -> Iterator[Element]:
    lines = [line for line in record.statements if line.strip()]
    if lines:
        parts = [
            node("annotation", coded("code", STATEMENT, MDC), node("value", xsi_type="ST", text=line))
            for line in lines
        ]
        components = (node("component", part) for part in parts)
        yield node("annotation", coded("code", INTERPRETATION, MDC), *components)


def _marks(record: Record, clock: Clock) -> Iterator[Element]:
    marks = record.annotations
    if marks is None:
        return
    notes = marks.notes or ("",) * len(marks.symbols)
    for sample, symbol, note in zip(marks.samples.tolist(), marks.symbols, notes, strict=True):
        if not 0 <= sample <= record.n_samples:
            raise RecordError(f"{record.name or 'record'}: expected annotations within {record.n_samples} "
                              f"samples, found one at {sample}")  # fmt: skip
        if symbol not in SYMBOLS.values():
            raise RecordError(f"{record.name or 'record'}: expected WFDB mnemonics as annotation symbols, "
                              f"found {symbol!r}")  # fmt: skip
        yield _mark(symbol, note, clock.boundary(sample))


def _mark(symbol: str, note: str, boundary: Element) -> Element:
    support = within("support/supportingROI", coded("code", "ROIPS", ACT_CODE), within("component", boundary))
    support[0].set("classCode", "ROIBND")
    # What no mnemonic says was kept in the note.
    beat = beat_of_reference(note)
    if beat is None or beat.symbol != symbol:
        beat = beat_of_symbol(symbol)
    remark = within(
        "component/annotation", coded("code", NOTE, WFDB), node("value", xsi_type="ST", text=note)
    )
    kind = (
        (coded("code", symbol, WFDB),)
        if beat is None
        else (coded("code", BEAT, MDC), node("value", xsi_type="CE", code=beat.reference, codeSystem=MDC))
    )
    is_said = not note or (beat is not None and note == beat.note)
    return node("annotation", *kind, support, None if is_said else remark)
