"""Writing HL7 aECG: one rhythm series, its annotations, and a representative beat as a derived series.

The order of elements is that of the schema, PORT_MT020001. Where samples are missing the leads are parted
into several sequence sets. Facts that the standard has no code for become observations in this package's own
system.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from einthoven.errors import RecordError
from einthoven.formats.aecg.clock import Clock, clock_of
from einthoven.formats.aecg.codes import ACT_CODE, CPT_4, MDC, REPRESENTATIVE_BEAT, RHYTHM
from einthoven.formats.aecg.datatypes import point_of, ts_after, ts_of
from einthoven.formats.aecg.digits import Digits, encode_digits
from einthoven.formats.aecg.elements import coded, node
from einthoven.formats.aecg.fact_elements import (
    assignment,
    comments,
    observations,
    reason,
    series_facts,
    testing_site,
)
from einthoven.formats.aecg.marks import annotation_set
from einthoven.formats.limits import LIMITS
from einthoven.formats.mdc import LEAD_PREFIX, lead_of_name
from einthoven.record import Record, lead_words, leads_words

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

_ELECTROCARDIOGRAM = "93000"
_NAMESPACE = "urn:hl7-org:v3"
_PIECE = 2**16
_XSI = "http://www.w3.org/2001/XMLSchema-instance"


def encode_aecg(record: Record) -> bytes:
    """Write a record as an HL7 aECG document.

    Every sample of a recording that was made in whole steps is read back as it is, and any other with an
    error of at most half a nV, see `einthoven.formats.aecg.digits`. The document's identifier follows from
    its content.

    Raises RecordError if the standard cannot hold the record: leads without a name or of the same name,
    samples beyond 2000 V, nothing recorded at the beginning or end, marks outside the recording or that are
    no WFDB mnemonics, or more elements than are read back.
    """
    from xml.etree.ElementTree import indent, tostring

    root = _document(record)
    n_elements = sum(1 for _ in root.iter())
    if n_elements > LIMITS.xml_elements:
        raise RecordError(f"{_called(record)}: expected at most {LIMITS.xml_elements} elements of XML, "
                          f"found {n_elements}: too many annotations or gaps")  # fmt: skip
    digest = hashlib.sha256(tostring(root, "utf-8")).hexdigest()
    root[0].set("root", str(uuid.uuid5(uuid.NAMESPACE_URL, digest)))
    indent(root, " ")
    return bytes(tostring(root, "UTF-8", xml_declaration=True)) + b"\n"


def _document(record: Record) -> Element:
    point = point_of(record.recording.get("recorded_at"))
    when = node("center", value=_ts(record)) if point is not None else None
    root = node(
        "AnnotatedECG",
        node("id"),
        coded("code", _ELECTROCARDIOGRAM, CPT_4),
        node("effectiveTime", when, nullFlavor="UNK" if when is None else None),
        reason(record),
        assignment(record),
        testing_site(record),
        *observations(record),
        *comments(record),
        node("component", _series(record)),
    )
    root.attrib |= {"xmlns": _NAMESPACE, "xmlns:xsi": _XSI, "type": "Observation"}
    return root


def _series(record: Record) -> Element:
    clock = clock_of(record)
    beat = record.representative_beat
    return node(
        "series",
        coded("code", RHYTHM, ACT_CODE),
        _effective_time(record, clock),
        *series_facts(record.recording),
        *(node("component", part) for part in _sequence_sets(record, clock)),
        annotation_set(record, clock),
        node("derivation", _derived(beat, record, clock)) if beat is not None else None,
    )


def _derived(beat: Record, record: Record, clock: Clock) -> Element:
    # A beat is of no moment of the recording.
    own = Clock(None, clock_of(beat).hz)
    return node(
        "derivedSeries",
        coded("code", REPRESENTATIVE_BEAT, ACT_CODE),
        _effective_time(record, clock),
        *(node("component", part) for part in _sequence_sets(beat, own)),
        annotation_set(beat, own),
    )


def _effective_time(record: Record, clock: Clock) -> Element:
    low = _ts(record)
    if low is None:
        return node("effectiveTime", nullFlavor="UNK")
    high = None
    if clock.point is not None:
        high = node("high", value=ts_after(clock.point, record.n_samples / clock.hz), inclusive="false")
    return node("effectiveTime", node("low", value=low), high)


def _ts(record: Record) -> str | None:
    stated = record.recording.get("recorded_at", "")
    point = point_of(stated)
    return None if point is None else ts_of(stated) or ts_of(point.iso)


def _sequence_sets(record: Record, clock: Clock) -> Iterator[Element]:
    where = _called(record)
    _check_names(record, where)
    missing = np.isnan(record.signal)
    for place, column in (("beginning", missing[:, 0]), ("end", missing[:, -1])):
        if column.all():
            raise RecordError(f"{where}: expected samples from the beginning to the end, as HL7 aECG cannot "
                              f"say otherwise, found none at the {place}")  # fmt: skip
    leads = [
        encode_digits(row[~gaps], f"{where}, {lead_words(lead)}")
        for lead, row, gaps in zip(record.leads, record.signal, missing, strict=True)
    ]
    changes = np.flatnonzero((missing[:, 1:] != missing[:, :-1]).any(axis=0)) + 1
    taken = np.zeros(record.n_leads, np.int64)
    for start, end in pairwise((0, *changes.tolist(), record.n_samples)):
        there = ~missing[:, start]
        if there.any():
            stretch = _Stretch(start, end - start, there, taken.copy())
            yield _sequence_set(record.leads, leads, clock, stretch)
        taken += there * (end - start)


@dataclass(frozen=True, slots=True)
class _Stretch:
    """A part of the recording in which the same leads have samples.

    there : (n_leads,), whether a lead is one of them
    taken : (n_leads,), how many samples of a lead there are before it
    """

    start: int
    n_samples: int
    there: NDArray[np.bool_]
    taken: NDArray[np.int64]


def _sequence_set(names: Sequence[str], leads: Sequence[Digits], clock: Clock, stretch: _Stretch) -> Element:
    """Make a set of the leads that are there; the first one names the others too, to keep their order."""
    sequences = [clock.head(stretch.start)]
    rows = zip(names, leads, stretch.there.tolist(), stretch.taken.tolist(), strict=True)
    for name, lead, is_there, first in rows:
        if is_there:
            sequences.append(_sequence(name, lead, slice(first, first + stretch.n_samples)))
        elif stretch.start == 0:
            value = node("value", xsi_type="SLIST_PQ", nullFlavor="NI")
            sequences.append(node("sequence", _lead_code(name), value))
    return node("sequenceSet", *(node("component", sequence) for sequence in sequences))


def _sequence(name: str, lead: Digits, part: slice) -> Element:
    value = node(
        "value",
        node("origin", value="0", unit="uV"),
        node("scale", value=lead.scale_uv, unit="uV"),
        node("digits", text=_text_of(lead.digits[part])),
        xsi_type="SLIST_PQ",
    )
    return node("sequence", _lead_code(name), value)


def _text_of(digits: NDArray[np.int64]) -> str:
    # Piece by piece, since the numbers as objects need many times the room of their text.
    pieces = (digits[at : at + _PIECE].tolist() for at in range(0, len(digits), _PIECE))
    return " ".join(" ".join(map(str, piece)) for piece in pieces)


def _lead_code(name: str) -> Element:
    lead = lead_of_name(name)
    if lead is not None and lead.name == name:
        return coded("code", lead.reference, MDC)
    unspecified = coded("code", f"{LEAD_PREFIX}CONFIG", MDC)
    unspecified.append(node("originalText", text=name))
    return unspecified


def _check_names(record: Record, where: str) -> None:
    if any(name != name.strip() or not name for name in record.leads):
        raise RecordError(
            f"{where}: expected a name of every lead, found {', '.join(map(repr, record.leads))}"
        )
    twice = [name for name in dict.fromkeys(record.leads) if record.leads.count(name) > 1]
    if twice:
        raise RecordError(
            f"{where}: expected leads of different names, found {leads_words(twice)} more than once"
        )


def _called(record: Record) -> str:
    return record.path or record.name or "record"
