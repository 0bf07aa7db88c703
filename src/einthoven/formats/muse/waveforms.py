"""Waveforms of MUSE: samples of 16 bits in base64, a lead an element.

Eight leads are stored; the other limb leads are sums and differences of I and II, as in every
electrocardiograph that digitises only these two. Found in recordings: words are little-endian,
`LeadDataCRC32` is the CRC-32 of ISO 3309 (zlib's) over the bytes before they become base64.
"""

from __future__ import annotations

import binascii
import zlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from einthoven.errors import FormatError, RecordError
from einthoven.formats.given import Given
from einthoven.formats.muse.values import number_in, number_of, stated_whole, text_of, whole_in
from einthoven.formats.units import millivolts
from einthoven.leads import LIMB_LEADS, OF_I_AND_II
from einthoven.record import TWELVE_LEADS, Signal, lead_name, lead_words, leads_words

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

_SAMPLE_BYTES = 2
_UNITS = {"VOLT": "V", "MILLIVOLT": "mV", "MICROVOLT": "uV", "NANOVOLT": "nV"}
_POWERS = range(-12, 13)
_HIGHEST_HZ = 1e6


@dataclass(frozen=True, slots=True)
class Waveform:
    """Leads of one sampling rate.

    signal : (n_leads, n_samples), mV; NaN past the end of a shorter lead
    """

    signal: Signal
    leads: tuple[str, ...]
    fs: float
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Lead:
    """A lead as stored: `digital` steps of `gain` mV."""

    name: str
    digital: NDArray[np.int16]
    gain: Fraction


def read_waveform(element: Element, given: Given) -> Waveform:
    """Read a `Waveform`; limb leads that are not stored are computed where I and II are.

    Raises FormatError if it is damaged, RecordError if it has no samples or the caller said otherwise than it
    states.
    """
    where = f"{given.where}, waveform {text_of(element, 'WaveformType') or 'without a type'}"
    found = element.findall("LeadData")
    given.limits.check("leads", len(found), where)
    fs = _rate(element, given, where)
    warnings: list[str] = []
    leads: dict[str, _Lead] = {}
    for position, part in enumerate(found, 1):
        lead, notes = _read_lead(part, position, given, where)
        warnings += notes
        if lead.name in leads:
            warnings.append(f"{lead_words(lead.name)} is there twice: the first one is read")
        else:
            leads[lead.name] = lead
    if not any(len(lead.digital) for lead in leads.values()):
        raise RecordError(f"{where}: expected at least one lead with samples, found none")
    stated = stated_whole(element, "NumberofLeads")
    if stated is not None and stated != len(found):
        warnings.append(f"the file states {stated} leads and holds {len(found)}")
    signal, names, more = _signal(leads, given, where)
    return Waveform(signal, names, fs, (*warnings, *more))


def _rate(element: Element, given: Given, where: str) -> float:
    base = number_in(element, "SampleBase", where)
    power = whole_in(element, "SampleExponent", where) or 0
    if base is None and given.fs is not None:
        return given.fs
    if base is None:
        raise RecordError(f"{where}, SampleBase: expected a sampling rate, found none: "
                          "pass fs= (on the command line --fs)")  # fmt: skip
    fs = float(base * Fraction(10) ** power) if power in _POWERS else 0.0
    if not 0 < fs <= _HIGHEST_HZ:
        raise FormatError(f"{where}: expected SampleBase * 10 ** SampleExponent above 0 and at most "
                          f"{_HIGHEST_HZ:g} Hz, found {float(base):g} and {power}")  # fmt: skip
    given.agree_fs(fs)
    return fs


def _read_lead(part: Element, position: int, given: Given, where: str) -> tuple[_Lead, list[str]]:
    notes: list[str] = []
    name = lead_name(text_of(part, "LeadID"))
    if not name:
        name = f"lead {position}"
        notes.append(given.doubt(f"the file does not say which lead number {position} is: called {name}"))
    where = f"{where}, {lead_words(name)}"
    gain, doubts = _gain(part, name, given, where)
    data = _bytes(part, where)
    given.limits.check("samples", len(data) // _SAMPLE_BYTES, where)
    digital = np.frombuffer(data, "<i2")
    notes += (*doubts, *_disagreements(part, name, data), *_marks(part, name, digital, given))
    return _Lead(name, digital, gain), notes


def _gain(part: Element, name: str, given: Given, where: str) -> tuple[Fraction, list[str]]:
    doubts = []
    stated = text_of(part, "LeadAmplitudeUnits")
    if stated:
        unit = _UNITS.get(stated.upper().removesuffix("S"), stated)
        millivolts(unit, where)
        given.agree_units(unit, lead_words(name))
    elif given.units:
        unit = given.units
    else:
        unit = "uV"
        doubts.append(given.doubt(f"the file states no unit of {lead_words(name)}: taken as uV"))
    steps = number_in(part, "LeadAmplitudeUnitsPerBit", where)
    if steps is None:
        steps = Fraction(1)
        doubts.append(
            given.doubt(f"the file states no amplitude of a bit of {lead_words(name)}: taken as 1 {unit}")
        )
    if steps <= 0:
        # A negative one would turn the lead upside down.
        raise FormatError(
            f"{where}, LeadAmplitudeUnitsPerBit: expected a number above 0, found {float(steps):g}"
        )
    return steps * Fraction(str(millivolts(unit, where))), doubts


def _bytes(part: Element, where: str) -> bytes:
    size = whole_in(part, "LeadSampleSize", where)
    if size not in (None, _SAMPLE_BYTES):
        raise FormatError(f"{where}, LeadSampleSize: expected samples of {_SAMPLE_BYTES} bytes, found {size}")
    text = "".join((part.findtext("WaveFormData") or "").split())
    try:
        data = binascii.a2b_base64(text.encode("ascii"), strict_mode=bool(text))
    except (ValueError, UnicodeEncodeError) as error:
        raise FormatError(f"{where}, WaveFormData: expected base64, found {error}") from error
    if len(data) % _SAMPLE_BYTES:
        raise FormatError(
            f"{where}, WaveFormData: expected samples of {_SAMPLE_BYTES} bytes, found {len(data)} bytes"
        )
    return data


def _disagreements(part: Element, name: str, data: bytes) -> Iterable[str]:
    lead = lead_words(name)
    for tag, found, what in (
        ("LeadByteCountTotal", len(data), "bytes"),
        ("LeadSampleCountTotal", len(data) // _SAMPLE_BYTES, "samples"),
    ):
        stated = stated_whole(part, tag)
        if stated is not None and stated != found:
            yield f"the file states {stated} {what} of {lead} and holds {found}"
    checksum = stated_whole(part, "LeadDataCRC32")
    # Written as an unsigned number, or as a signed one.
    if checksum is not None and checksum % 2**32 != zlib.crc32(data):
        yield f"the checksum of {lead} is not that of its samples: the file was changed or damaged"


def _marks(part: Element, name: str, digital: NDArray[np.int16], given: Given) -> Iterable[str]:
    lead = lead_words(name)
    if text_of(part, "LeadOff").upper() == "TRUE":
        yield f"{lead} was off, as the file says"
    for tag in ("LeadTimeOffset", "LeadOffsetFirstSample"):
        if stated := number_of(text_of(part, tag)):
            yield f"{lead} has {tag} {float(stated):g}, which is not applied"
    if stated := number_of(text_of(part, "FirstSampleBaseline")):
        yield given.doubt(f"{lead} has FirstSampleBaseline {float(stated):g}, which is not applied")
    low, high = (stated_whole(part, tag) for tag in ("LeadLowLimit", "LeadHighLimit"))
    if low is not None and high is not None and len(digital):
        beyond = int(((digital < low) | (digital > high)).sum())
        if beyond:
            yield f"{lead} has samples beyond the limits that the file states, {low} and {high}: {beyond}"


def _signal(
    leads: dict[str, _Lead], given: Given, where: str
) -> tuple[Signal, tuple[str, ...], tuple[str, ...]]:
    n_samples = max(len(lead.digital) for lead in leads.values())
    names = _with_limb_leads(leads)
    held = sum(len(lead.digital) for lead in leads.values())
    given.limits.check("samples", n_samples * len(names), where)
    given.limits.check("gap_samples", n_samples * len(leads) - held, where)
    signal = np.full((len(names), n_samples), np.nan, np.float32)
    for row, name in zip(signal, names, strict=True):
        values = _millivolts(leads[name]) if name in leads else _derived(leads["I"], leads["II"], name)
        with np.errstate(over="ignore"):
            row[: len(values)] = values
    if np.isinf(signal).any():
        raise FormatError(f"{where}: expected samples of a voltage, found one too large for float32")
    shorter = [name for name, lead in leads.items() if len(lead.digital) < n_samples]
    notes = (f"{leads_words(shorter)}: shorter than the others; the rest is missing",) if shorter else ()
    return signal, names, notes


def _with_limb_leads(leads: dict[str, _Lead]) -> tuple[str, ...]:
    """Return the names of what is stored and computed; the twelve leads first, in the usual order."""
    can_derive = {"I", "II"} <= leads.keys()
    there = {*leads, *(LIMB_LEADS if can_derive else ())}
    return (
        *(name for name in TWELVE_LEADS if name in there),
        *(name for name in leads if name not in TWELVE_LEADS),
    )


def _millivolts(lead: _Lead) -> NDArray[np.float64]:
    return np.multiply(lead.digital, float(lead.gain), dtype=np.float64)


def _derived(first: _Lead, second: _Lead, name: str) -> NDArray[np.float64]:
    """Compute a limb lead of I and II, in steps where both have the same, so that it is rounded once."""
    n_samples = min(len(first.digital), len(second.digital))
    first, second = (replace(lead, digital=lead.digital[:n_samples]) for lead in (first, second))
    of_first, of_second = OF_I_AND_II[name]
    if first.gain == second.gain:
        steps = of_first * first.digital.astype(np.float64) + of_second * second.digital.astype(np.float64)
        return np.asarray(steps * float(first.gain))
    return np.asarray(of_first * _millivolts(first) + of_second * _millivolts(second))
