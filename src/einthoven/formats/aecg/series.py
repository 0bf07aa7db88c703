"""A series of HL7 aECG: its sequence sets put together on one time axis.

Sets may follow each other in time (the parts of a recording, or the four columns of a printed ECG) or stand
beside each other; where a lead has no samples they are missing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from einthoven.errors import FormatError, RecordError
from einthoven.formats.aecg.datatypes import Point, Rate, attribute, code_of, point_of
from einthoven.formats.aecg.sequences import SequenceSet, read_sequence_set
from einthoven.formats.given import Given
from einthoven.record import Signal, leads_words

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

_ON_A_SAMPLE = Fraction(1, 1000)
"""Samples; a start time that is this near to one of them was not rounded."""


@dataclass(frozen=True, slots=True)
class Axis:
    """Where in time the samples of a series lie.

    point : when the first sample was taken on the calendar, or None
    clock_s : when on the clock of the series, seconds
    hz : sampling rate
    """

    point: Point | None
    clock_s: Fraction
    hz: Fraction

    def sample_at(self, when: Point | Fraction) -> int | None:
        """Return the sample nearest to a point in time, or None if there is no telling."""
        if isinstance(when, Fraction):
            return round((when - self.clock_s) * self.hz)
        return None if self.point is None else round(when.since(self.point) * self.hz)


@dataclass(frozen=True, slots=True)
class Series:
    """Leads of one sampling rate and length.

    signal : (n_leads, n_samples), mV; NaN where a lead has no sample
    """

    signal: Signal
    leads: tuple[str, ...]
    axis: Axis
    warnings: tuple[str, ...]

    @property
    def fs(self) -> float:
        """Sampling rate, Hz."""
        return float(self.axis.hz)


@dataclass(frozen=True, slots=True)
class _Part:
    """Samples of a lead; `start` counts in samples, and may lie between two."""

    start: Fraction
    samples: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class _Placed:
    start: int
    samples: NDArray[np.float64]

    @property
    def end(self) -> int:
        return self.start + len(self.samples)


def read_series(element: Element, given: Given) -> Series:
    """Read a `series` or `derivedSeries`.

    Raises FormatError if it is damaged or contradicts itself, RecordError if it has no sample, if its sets
    have sampling rates that are no multiples of each other, or if the caller said otherwise than it states.
    """
    where = f"{given.where}, series {code_of(element) or 'without a code'}"
    sets: list[SequenceSet] = []
    n_leads = 0
    for found in element.findall("component/sequenceSet"):
        sets.append(read_sequence_set(found, given, where, n_leads))
        n_leads += sum(lead.name.startswith("lead ") for lead in sets[-1].leads)
    filled = [part for part in sets if any(len(lead.samples) for lead in part.leads)]
    if not filled:
        raise RecordError(f"{where}: expected at least one sample of an ECG lead, found none")
    fastest = _fastest(filled, where)
    hz, doubts = _certain_rate(fastest, given)
    axis, starts = _axis(element, filled, hz)
    parts: dict[str, list[_Part]] = {lead.name: [] for part in sets for lead in part.leads}
    given.limits.check("leads", len(parts), where)
    repeated = _repetitions(filled, fastest.hz, given, where)
    for sequence_set, start in zip(filled, starts, strict=True):
        factor = int(fastest.hz / sequence_set.times.rate.hz)
        for lead in sequence_set.leads:
            parts[lead.name].append(_Part(start, np.repeat(lead.samples, factor)))
    signal, notes = _assemble(parts, given, where)
    return Series(signal, tuple(parts), axis, (*_notes(sets), *doubts, *repeated, *notes))


def _repetitions(sets: Sequence[SequenceSet], hz: Fraction, given: Given, where: str) -> tuple[str, ...]:
    """Say which leads of a lower rate will be repeated, if that is not too much."""
    slower = [
        (lead, int(hz / part.times.rate.hz) - 1)
        for part in sets
        if part.times.rate.hz < hz
        for lead in part.leads
    ]
    given.limits.check("gap_samples", sum(len(lead.samples) * more for lead, more in slower), where)
    names = _once(lead.name for lead, _ in slower)
    return (f"{leads_words(names)}: samples repeated to the highest rate of the series",) if names else ()


def _fastest(sets: Sequence[SequenceSet], where: str) -> Rate:
    rate = max((part.times.rate for part in sets), key=lambda rate: rate.hz)
    for part in sets:
        if (rate.hz / part.times.rate.hz).denominator != 1:
            raise RecordError(f"{where}: expected sampling rates of which one is a multiple of the others, "
                              f"found {float(rate.hz):g} and {float(part.times.rate.hz):g} Hz")  # fmt: skip
    return rate


def _certain_rate(rate: Rate, given: Given) -> tuple[Fraction, tuple[str, ...]]:
    """Return the rate that is meant, which the caller may know better than a rounded step says."""
    if not rate.is_certain and given.fs is not None and rate.lowest <= given.fs <= rate.highest:
        return Fraction(given.fs), ()
    given.agree_fs(float(rate.hz))
    if rate.is_certain:
        return rate.hz, ()
    text = (
        f"the step from sample to sample is rounded so that the rate may be {float(rate.lowest):.5g} to "
        f"{float(rate.highest):.5g} Hz: taken as {float(rate.hz):.5g} Hz; pass fs= if you know it"
    )
    return rate.hz, (text,)


def _axis(element: Element, sets: Sequence[SequenceSet], hz: Fraction) -> tuple[Axis, list[Fraction]]:
    """Return the axis, and where on it the sets begin, in samples."""
    points = [part.times.start for part in sets if isinstance(part.times.start, Point)]
    first = min(points, key=lambda point: point.since(points[0])) if points else None
    offsets = [_offset(part, first) for part in sets]
    earliest = min(offsets)
    starts = [(offset - earliest) * hz for offset in offsets]
    if first is not None:
        return Axis(replace(first, seconds=first.seconds + earliest), earliest, hz), starts
    low = point_of(attribute(element.find("effectiveTime/low")))
    point = replace(low, seconds=low.seconds + earliest) if low is not None and low.has_time else None
    return Axis(point, earliest, hz), starts


def _offset(part: SequenceSet, first: Point | None) -> Fraction:
    start = part.times.start
    if isinstance(start, Point):
        return start.since(first) if first is not None else Fraction(0)
    return start


def _assemble(parts: dict[str, list[_Part]], given: Given, where: str) -> tuple[Signal, tuple[str, ...]]:
    overlapping: list[str] = []
    placed: dict[str, list[_Placed]] = {}
    for name, found in parts.items():
        placed[name], overlaps = _without_overlaps(found)
        overlapping += [name] if overlaps else []
    ends = {name: found[-1].end if found else 0 for name, found in placed.items()}
    n_samples = max(ends.values())
    held = sum(len(part.samples) for found in placed.values() for part in found)
    given.limits.check("samples", n_samples * len(parts), where)
    given.limits.check("gap_samples", n_samples * len(parts) - held, where)
    signal = np.full((len(parts), n_samples), np.nan, np.float32)
    for row, pieces in zip(signal, placed.values(), strict=True):
        for at in pieces:
            with np.errstate(over="ignore"):
                row[at.start : at.end] = at.samples
    if np.isinf(signal).any():
        raise FormatError(f"{where}: expected samples of a voltage, found one too large for float32")
    return signal, _gaps(signal, list(parts), ends, overlapping)


def _without_overlaps(parts: Iterable[_Part]) -> tuple[list[_Placed], bool]:
    """Put the parts of a lead in order; of samples that are there twice the first ones stay.

    Start times are rounded: what begins between two samples, less than one from the last part's end, follows
    it.
    """
    placed: list[_Placed] = []
    overlaps = False
    end = 0
    for part in sorted(parts, key=lambda part: part.start):
        start = round(part.start)
        if abs(part.start - start) > _ON_A_SAMPLE and abs(part.start - end) < 1:
            start = end
        cut = max(end - start, 0)
        overlaps = overlaps or (cut > 0 and len(part.samples) > 0)
        if cut < len(part.samples):
            placed.append(_Placed(start + cut, part.samples[cut:]))
            end = placed[-1].end
    return placed, overlaps


def _gaps(
    signal: Signal, names: Sequence[str], ends: dict[str, int], overlapping: Sequence[str]
) -> tuple[str, ...]:
    notes: list[str] = []
    empty = [name for name in names if ends[name] == 0]
    shorter = [name for name in names if 0 < ends[name] < signal.shape[1]]
    missing = [bool(np.isnan(row).any()) for row in signal]
    gaps = [name for name, gap in zip(names, missing, strict=True) if gap and name not in (*empty, *shorter)]
    if empty:
        notes.append(f"{leads_words(empty)}: the file holds no samples")
    if shorter:
        notes.append(f"{leads_words(shorter)}: shorter than the others; the rest is missing")
    if gaps:
        notes.append(f"{leads_words(gaps)}: not recorded throughout; the rest is missing")
    if overlapping:
        notes.append(f"{leads_words(overlapping)}: there twice at the same time; the first is read")
    return tuple(notes)


def _notes(sets: Sequence[SequenceSet]) -> tuple[str, ...]:
    others = _once(other for part in sets for other in part.others)
    left_out = (f"left out, as they are no voltages: {', '.join(others)}",) if others else ()
    return (*_once(note for part in sets for note in part.warnings), *left_out)


def _once(names: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(names))
