"""Which signals of an EDF file become leads, and what their steps are in millivolts."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from einthoven.errors import RecordError
from einthoven.formats.edf.header import Header, Signal
from einthoven.formats.edf.labels import ecg_lead, may_be_ecg
from einthoven.formats.given import Given
from einthoven.formats.units import is_voltage, millivolts, plain_unit
from einthoven.record import lead_name

_SPELT_OUT = re.compile(r"(micro|milli|nano|u|m|n)?v(?:olts?)?")
_LETTER = {"micro": "u", "milli": "m", "nano": "n"}
_LOST_MICRO = re.compile(r"[?\ufffd]v")
_MOST_NAMED = 12
_MOST_MV, _MOST_UV = 50.0, 50_000.0
"""No range of an ECG's amplifier is wider, if its unit is mV, or uV."""


@dataclass(frozen=True, slots=True)
class Channel:
    """A signal that becomes a lead: ((digital + offset) * gain) * factor is in mV.

    signal : its position in the header
    """

    signal: int
    name: str
    offset: float
    gain: float
    factor: float


def find_channels(header: Header, given: Given) -> tuple[tuple[Channel, ...], tuple[str, ...]]:
    """Find the leads, and say what was left out or is in doubt.

    If all leads that the caller asked for are there, the others are left out without a word.

    Raises RecordError if there is no ECG, if units are not stated or not the ones given, or on a doubt if the
    caller is strict; FormatError if the gain of a lead does not follow from the header.
    """
    ordinary = [i for i, signal in enumerate(header.signals)
                if not signal.is_annotations and signal.samples_per_record]  # fmt: skip
    if not ordinary:
        raise RecordError(f"{given.where}: expected signals, found annotations only")
    names, notes = _names(header, ordinary, given)
    others = [_words(header.signals[i], i) for i in ordinary if i not in names]
    wanted = _wanted(names, given.leads)
    if wanted == names and others:
        more = f" and {len(others) - _MOST_NAMED} more" if len(others) > _MOST_NAMED else ""
        notes = (*notes, f"left out, as they are no ECG: {', '.join(others[:_MOST_NAMED])}{more}")
    channels = []
    doubts: dict[str, None] = {}
    for i, name in wanted.items():
        signal = header.signals[i]
        gain, offset = signal.gain(given.where)
        unit, doubt = _unit(signal, name, given)
        given.agree_units(unit, f"lead {name}")
        doubts |= dict.fromkeys(doubt)
        channels.append(Channel(i, name, offset, gain, millivolts(unit, given.where)))
    return tuple(channels), (*notes, *map(given.doubt, doubts))


def _names(header: Header, ordinary: Sequence[int], given: Given) -> tuple[dict[int, str], tuple[str, ...]]:
    """Return position -> name of the signals that are, or may be, an ECG."""
    signals = {i: header.signals[i] for i in ordinary}
    asked = {lead_name(name).upper() for name in given.leads or ()}
    surely = {i: name for i, signal in signals.items() if (name := ecg_lead(signal.label))}
    surely |= {
        i: signal.label for i, signal in signals.items() if i not in surely and signal.label.upper() in asked
    }
    surely = dict(sorted(surely.items()))
    volts = {i: name for i, name in surely.items() if _may_be_volts(signals[i])}
    if surely:
        # Without any voltage, the unit is what the error is about.
        return volts or surely, ()
    maybe = {i: signal.label or f"lead {place}" for place, (i, signal) in enumerate(signals.items(), 1)
             if may_be_ecg(signal.label) and _may_be_volts(signal)}  # fmt: skip
    if not maybe:
        found = ", ".join(_words(signal, i) for i, signal in list(signals.items())[:_MOST_NAMED])
        raise RecordError(f"{given.where}: expected an ECG, found {found}")
    if (
        given.leads is not None
        and len(given.leads) == len(maybe)
        and not any(signals[i].label for i in maybe)
    ):
        return dict(zip(maybe, given.leads, strict=True)), ()
    return maybe, (
        given.doubt(f"no signal has the label of an ECG: taken as ECG: {', '.join(maybe.values())}"),
    )


def _wanted(names: dict[int, str], leads: Sequence[str] | None) -> dict[int, str]:
    asked = {lead_name(name).upper() for name in leads or ()}
    wanted = {i: name for i, name in names.items() if lead_name(name).upper() in asked}
    return wanted if asked and asked <= {lead_name(name).upper() for name in wanted.values()} else names


def _words(signal: Signal, place: int) -> str:
    label = signal.label or f"signal {place + 1}"
    return label if _may_be_volts(signal) else f"{label} ({signal.dimension})"


def _may_be_volts(signal: Signal) -> bool:
    unit = _plain(signal.dimension)
    return not unit or is_voltage(unit) or _LOST_MICRO.fullmatch(unit) is not None


def _plain(dimension: str) -> str:
    unit = plain_unit(dimension)
    match = _SPELT_OUT.fullmatch(unit)
    return f"{_LETTER.get(match[1], match[1] or '')}v" if match else unit


def _unit(signal: Signal, name: str, given: Given) -> tuple[str, tuple[str, ...]]:
    """Return the unit of a signal, and a doubt where the header does not state it for certain."""
    unit = _plain(signal.dimension)
    if _LOST_MICRO.fullmatch(unit):
        return "uV", (f"the unit is spelt {signal.dimension!r}: taken as uV",)
    if unit:
        return (unit if is_voltage(unit) else signal.dimension), ()
    if given.units is not None:
        return given.units, ()
    largest = max(abs(float(signal.physical_min)), abs(float(signal.physical_max)))
    if largest > _MOST_UV or signal.physical_min == signal.digital_min:
        raise RecordError(
            f"{given.where}: expected the units of lead {name}, found none: pass units= (on the command line "
            "--units)"
        )
    guess = "mV" if largest <= _MOST_MV else "uV"
    return guess, (f"no unit is stated: taken as {guess}, as the range is {signal.physical_min} to "
                   f"{signal.physical_max}",)  # fmt: skip
