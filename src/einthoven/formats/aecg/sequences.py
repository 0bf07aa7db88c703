"""Sequence sets of HL7 aECG: leads that were recorded at the same times.

Source: HL7 aECG Implementation Guide, "SequenceSet" and "Sequence"; HL7 Version 3 Data Types, R1, GLIST and
SLIST.
Differences: where the time is given point by point, the points must be evenly spaced.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import inf
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from einthoven.errors import FormatError, RecordError
from einthoven.formats.aecg.codes import TIME_ABSOLUTE, TIME_RELATIVE
from einthoven.formats.aecg.datatypes import (
    SECONDS,
    Point,
    Rate,
    attribute,
    code_of,
    decode_digits,
    number_of,
    point_of,
    rate_of,
)
from einthoven.formats.given import Given
from einthoven.formats.mdc import LEAD_PREFIX, lead_of_reference
from einthoven.formats.times import rate_of as even_rate
from einthoven.formats.units import is_voltage, millivolts, plain_unit
from einthoven.record import is_ecg_lead, lead_name

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

_TIMES = (TIME_ABSOLUTE, TIME_RELATIVE)
_UNSPECIFIED = "unspecified lead"
_SHORTEST_STEP_S = 1e-9
_ROUNDED = 0.51
"""How far from where it would be a point may lie that is rounded to a whole number, and a little more."""
_MILLI = {unit: Fraction(10) ** power for unit, power in (("v", 3), ("mv", 0), ("uv", -3), ("nv", -6))}


@dataclass(frozen=True, slots=True)
class Times:
    """When the samples of a set were taken.

    start : the first one: on the calendar, or in seconds of a clock of the series
    rate : samples a second
    """

    start: Point | Fraction
    rate: Rate


@dataclass(frozen=True, slots=True)
class Lead:
    """Samples of a lead; (n_samples,) float64, mV, none where the file says that there is no information."""

    name: str
    samples: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class SequenceSet:
    """What was recorded at the same times.

    others : names of sequences that are no voltages
    warnings : doubts about units, scales and names
    """

    times: Times
    leads: tuple[Lead, ...]
    others: tuple[str, ...]
    warnings: tuple[str, ...]


def read_sequence_set(element: Element, given: Given, where: str, n_before: int) -> SequenceSet:
    """Read a `sequenceSet`.

    where : file and series, for messages
    n_before : leads without a name in the sets before, which are numbered on

    Raises FormatError if times or samples are damaged or contradict each other, RecordError if nothing states
    the sampling rate, if units are no voltage, or if the caller said otherwise.
    """
    sequences = element.findall("component/sequence")
    given.limits.check("leads", len(sequences), where)
    times = _times([sequence for sequence in sequences if code_of(sequence) in _TIMES], given, where)
    leads: list[Lead] = []
    others: list[str] = []
    warnings: list[str] = []
    for sequence in sequences:
        if code_of(sequence) in _TIMES:
            continue
        name, doubts = _name(sequence, given, n_before + len(leads) + 1)
        unit = _unit(sequence)
        if unit and not is_voltage(unit) and not is_ecg_lead(name):
            others.append(f"{name} ({unit})")
            continue
        samples, more = _samples(sequence, name, given, where)
        leads.append(Lead(name, samples))
        warnings += (*doubts, *more)
    return SequenceSet(times, tuple(leads), tuple(others), tuple(warnings))


def _times(sequences: Sequence[Element], given: Given, where: str) -> Times:
    # Absolute ones go first, since annotations refer to them.
    found = [_times_of(sequence, given, where) for sequence in sorted(sequences, key=code_of)]
    if not found:
        if given.fs is None:
            raise RecordError(f"{where}: expected a sequence {TIME_ABSOLUTE} or {TIME_RELATIVE}, found none: "
                              "pass fs= (on the command line --fs)")  # fmt: skip
        hz = Fraction(given.fs)
        return Times(Fraction(0), Rate(hz, hz, hz))
    rates = {times.rate.hz for times in found}
    if len(rates) > 1:
        stated = " and ".join(f"{float(hz):g} Hz" for hz in sorted(rates))
        raise FormatError(f"{where}: expected one sampling rate of a sequence set, found {stated}")
    return found[0]


def _times_of(sequence: Element, given: Given, where: str) -> Times:
    code = code_of(sequence)
    where = f"{where}, {code}"
    value = sequence.find("value")
    if value is None:
        raise FormatError(f"{where}: expected a value, found none")
    if value.find("digits") is not None:
        return _listed_times(value, where)
    for name in ("denominator", "period"):
        if attribute(value, name) not in ("", "1"):
            raise FormatError(
                f"{where}: expected one sample a step, found {name} {attribute(value, name)!r:.20}"
            )
    increment = value.find("increment")
    rate = _rate(increment, given, where)
    head = value.find("head")
    if code == TIME_ABSOLUTE:
        return Times(point_of(attribute(head)) or Fraction(0), rate)
    start = number_of(attribute(head)) or Fraction(0)
    unit = attribute(head, "unit") or attribute(increment, "unit")
    return Times(start * (SECONDS.get(plain_unit(unit)) or 1), rate)


def _rate(increment: Element | None, given: Given, where: str) -> Rate:
    step, unit = attribute(increment), attribute(increment, "unit")
    unit_s = SECONDS.get(plain_unit(unit))
    if unit_s is None and given.fs is not None and not unit:
        hz = Fraction(given.fs)
        return Rate(hz, hz, hz)
    if unit_s is None:
        hint = "" if unit else ": pass fs= (on the command line --fs)"
        raise FormatError(f"{where}, increment: expected a unit among {', '.join(SECONDS)}, "
                          f"found {unit or 'none'!r:.20}{hint}")  # fmt: skip
    rate = rate_of(step, unit_s)
    if rate is None:
        raise FormatError(f"{where}, increment: expected a number above 0, found {step!r:.40}")
    return rate


def _listed_times(value: Element, where: str) -> Times:
    scale, origin = value.find("scale"), value.find("origin")
    unit_s = SECONDS.get(plain_unit(attribute(scale, "unit")))
    factor = number_of(attribute(scale))
    points = decode_digits(value.findtext("digits") or "", where)
    step = _even_step(points)
    step_s = float(factor * unit_s) * step if unit_s is not None and factor and step is not None else 0.0
    if not _SHORTEST_STEP_S < step_s < inf:
        raise FormatError(
            f"{where}: expected evenly spaced times with a unit, found {len(points)} that are not"
        )
    hz = Fraction(even_rate(step_s))
    start = (number_of(attribute(origin)) or 0) + (factor or 0) * Fraction(float(points[0]))
    return Times(start * (unit_s or 1), Rate(hz, hz, hz))


def _even_step(points: NDArray[np.float64]) -> float | None:
    """Return by how much points rise, which may be rounded to whole numbers; None if they are not even."""
    if len(points) < 2:
        return None
    step = float(points[-1] - points[0]) / (len(points) - 1)
    apart = float(np.abs(points - (points[0] + step * np.arange(len(points)))).max())
    return step if apart <= min(_ROUNDED, abs(step) / 2) else None


def _name(sequence: Element, given: Given, position: int) -> tuple[str, tuple[str, ...]]:
    code_element = sequence.find("code")
    code = attribute(code_element, "code")
    lead = lead_of_reference(code)
    if lead is not None and lead.name:
        return lead.name, ()
    if lead is None and code:
        return lead_name(_without_prefix(code)), ()
    text = (code_element.findtext("originalText") or "").strip() if code_element is not None else ""
    text = text or attribute(code_element, "displayName")
    if text and text.lower() != _UNSPECIFIED:
        return lead_name(text), ()
    name = f"lead {position}"
    return name, (
        given.doubt(f"the file does not say which lead the {_ordinal(position)} is: called {name}"),
    )


def _without_prefix(code: str) -> str:
    return code[len(LEAD_PREFIX) :] if code.upper().startswith(LEAD_PREFIX) else code


def _ordinal(position: int) -> str:
    ending = {1: "st", 2: "nd", 3: "rd"}.get(position % 10 if position // 10 % 10 != 1 else 0, "th")
    return f"{position}{ending}"


def _unit(sequence: Element) -> str:
    units = (attribute(sequence.find(f"value/{part}"), "unit") for part in ("scale", "origin"))
    return next(filter(None, units), "")


def _samples(
    sequence: Element, name: str, given: Given, where: str
) -> tuple[NDArray[np.float64], tuple[str, ...]]:
    where = f"{where}, lead {name}"
    value = sequence.find("value")
    if value is None or (attribute(value, "nullFlavor") and value.find("digits") is None):
        return np.empty(0), ()
    kind = attribute(value, "type").rpartition(":")[2]
    if kind and kind not in ("SLIST_PQ", "SLIST_INT"):
        raise FormatError(f"{where}: expected samples as SLIST_PQ or SLIST_INT, found {kind!r:.20}")
    gain, offset, doubts = _calibration(value, name, given, where)
    digits = decode_digits(value.findtext("digits") or "", where)
    given.limits.check("samples", len(digits), where)
    with np.errstate(over="ignore"):
        digits *= gain
        if offset:
            digits += offset
    return digits, doubts


def _calibration(value: Element, name: str, given: Given, where: str) -> tuple[float, float, tuple[str, ...]]:
    """Return mV a step and mV of zero, and what is doubtful about them."""
    scale, origin = value.find("scale"), value.find("origin")
    doubts: list[str] = []
    unit = attribute(scale, "unit") or attribute(origin, "unit")
    if unit:
        given.agree_units(unit, f"lead {name}")
    elif given.units:
        unit = given.units
    else:
        unit = "uV"
        doubts.append(given.doubt(f"the file states no unit of lead {name}: taken as uV"))
    factor = number_of(attribute(scale))
    if factor is None:
        if attribute(scale):
            raise FormatError(f"{where}, scale: expected a number, found {attribute(scale)!r:.40}")
        factor = Fraction(1)
        doubts.append(given.doubt(f"the file states no scale of lead {name}: taken as 1 {unit}"))
    if factor == 0:
        raise FormatError(f"{where}, scale: expected a number other than 0, found {attribute(scale)!r:.40}")
    zero = number_of(attribute(origin))
    if zero is None and attribute(origin):
        raise FormatError(f"{where}, origin: expected a number, found {attribute(origin)!r:.40}")
    gain = float(factor * _exact_millivolts(unit, where))
    return (
        gain,
        float((zero or 0) * _exact_millivolts(attribute(origin, "unit") or unit, where)),
        tuple(doubts),
    )


def _exact_millivolts(unit: str, where: str) -> Fraction:
    millivolts(unit, where)
    return _MILLI[plain_unit(unit)]
