"""Channel definitions of a multiplex group: which lead a channel is, and what its samples are worth.

Source: DICOM PS3.3, C.10.9.1.4; PS3.16, CID 3001; SCP-ECG's codes, which files before 2005 have, are those of
EN 1064, 5.6.3.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from einthoven.errors import FormatError
from einthoven.formats.channels import is_other
from einthoven.formats.dicom.data_set import DataSet
from einthoven.formats.given import Given
from einthoven.formats.mdc import LEAD_PREFIX, Lead, lead_of_number, lead_of_reference
from einthoven.formats.units import is_voltage, millivolts
from einthoven.record import lead_name, lead_words

_MDC_CODE = re.compile(r"2:(\d{1,5})", re.ASCII)
_MDC_NUMBER = re.compile(r"131\d{3}", re.ASCII)
_MDC_LEADS = 2 * 65536
"""Where partition 2 of MDC, which is that of leads, begins."""
_SCP_CODE = re.compile(r"(?:5\.6\.3-9-)?(\d{1,3})", re.ASCII)
_SCP_CALIBRATION = frozenset({*range(31, 61), *range(79, 86)})
_IN_BRACKETS = re.compile(r"\([^()]*\)")
_LONGEST_LABEL = 64
_UNIT_WORDS = {"microvolt": "uV", "millivolt": "mV", "volt": "V", "nanovolt": "nV",
               "mdc_dim_micro_volt": "uV", "mdc_dim_milli_volt": "mV", "mdc_dim_volt": "V"}  # fmt: skip
_NAMELESS = "the file does not say which lead it is"
_NO_LEAD = "its code is not that of an ECG lead"


@dataclass(frozen=True, slots=True)
class Channel:
    """A channel that is an ECG lead.

    position : among the channels of its group, from 0
    name : of the lead
    is_named : whether the file names it, and not just this package
    sensitivity, correction, baseline : a sample is worth sensitivity * correction * sample + baseline
    unit : of that
    skew_s : by how much later than its group its first sample was taken
    doubts : what the file leaves open of it, and what was taken instead
    notes : what else is to be said of it
    """

    position: int
    name: str
    is_named: bool
    sensitivity: float
    correction: float
    baseline: float
    unit: str
    skew_s: float
    filters: tuple[tuple[str, str], ...]
    doubts: tuple[str, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Named:
    """What a channel is.

    name : of the lead, or what it is called instead
    reason : why it is no lead, or empty
    """

    name: str
    reason: str
    doubts: tuple[str, ...]
    notes: tuple[str, ...] = ()
    is_named: bool = True


def read_channels(
    group: DataSet, n_channels: int, fs: float, given: Given
) -> tuple[list[Channel], list[str]]:
    """Read the definitions of the channels that are ECG leads, and say of the others what they are.

    fs : of the group, Hz

    Raises FormatError if there are more or fewer than channels, or if a number of one is none.
    """
    channels: list[Channel] = []
    others: list[str] = []
    n_found = 0
    for position, definition in enumerate(group.items("ChannelDefinitionSequence")):
        n_found += 1
        if n_found > n_channels:
            break
        named = _named(definition, position)
        reason = named.reason or _no_voltage(definition)
        if reason and not (named.name in (given.leads or ()) and _voltage(definition)):
            others.append(f"{named.name} ({reason})")
            continue
        channels.append(_channel(definition, position, named, fs, given))
    if n_found != n_channels:
        found = "more" if n_found > n_channels else str(n_found)
        raise FormatError(f"{group.where}: expected {n_channels} channel definitions, found {found}")
    return channels, others


def doubts_of(channels: Iterable[Channel], given: Given) -> tuple[str, ...]:
    """Return the doubts and notes about all channels, each once with the leads that it is about.

    Leads that the caller names are no doubt.

    Raises RecordError if there is a doubt and the caller is strict.
    """
    doubts: dict[str, list[str]] = {}
    notes: dict[str, list[str]] = {}
    for channel in channels:
        for text in channel.doubts:
            if text == _NAMELESS and given.leads is not None:
                continue
            doubts.setdefault(text, []).append(channel.name)
        for text in channel.notes:
            notes.setdefault(text, []).append(channel.name)
    said = [given.doubt(f"{_leads(names)}: {text}") for text, names in doubts.items()]
    return (*said, *(f"{_leads(names)}: {text}" for text, names in notes.items()))


def _leads(names: Sequence[str]) -> str:
    unique = list(dict.fromkeys(names))
    return lead_words(unique[0]) if len(unique) == 1 else f"leads {', '.join(unique)}"


def _named(definition: DataSet, position: int) -> Named:
    label = definition.text("ChannelLabel")[:_LONGEST_LABEL]
    source = definition.first("ChannelSourceSequence")
    code = "" if source is None else source.text("CodeValue")
    scheme = "" if source is None else source.text("CodingSchemeDesignator").upper()
    meaning = "" if source is None else source.text("CodeMeaning")[:_LONGEST_LABEL]
    lead = _lead_of(code, scheme)
    if lead is not None and lead.name:
        if scheme.startswith("SCP") and lead.number in _SCP_CALIBRATION:
            return Named(meaning or lead.name, "calibration pulses", ())
        notes = ("computed by the device from other leads",) if lead.is_derived else ()
        return Named(lead.name, "", (), notes)
    if scheme == "MDC" and code and lead is None:
        return Named(label or meaning or code, _NO_LEAD, ())
    words = label or ("" if lead is not None else meaning)
    name = lead_name(_IN_BRACKETS.sub("", words))
    if name:
        reason = "its name is not that of an ECG lead" if is_other(name) else ""
        return Named(name, reason, ("it has no code of a lead: called as its label says",))
    return Named(f"lead {position + 1}", "", (_NAMELESS,), is_named=False)


def _lead_of(code: str, scheme: str) -> Lead | None:
    if scheme.startswith("SCP"):
        found = _SCP_CODE.fullmatch(code)
        return lead_of_number(int(found[1])) if found else None
    if scheme != "MDC":
        return None
    if code.upper().startswith(LEAD_PREFIX):
        return lead_of_reference(code)
    if found := _MDC_CODE.fullmatch(code):
        return lead_of_number(int(found[1]))
    return lead_of_number(int(code) - _MDC_LEADS) if _MDC_NUMBER.fullmatch(code) else None


def _unit(definition: DataSet) -> str:
    """Return the unit of a channel as it is stated, or empty."""
    units = definition.first("ChannelSensitivityUnitsSequence")
    if units is None:
        return ""
    code, meaning = units.text("CodeValue"), units.text("CodeMeaning")
    for text in (code, meaning):
        plain = _UNIT_WORDS.get(text.lower().removesuffix("s"), text)
        if is_voltage(plain):
            return plain
    return code or meaning


def _voltage(definition: DataSet) -> bool:
    unit = _unit(definition)
    return not unit or is_voltage(unit)


def _no_voltage(definition: DataSet) -> str:
    return "" if _voltage(definition) else f"in {_unit(definition)[:_LONGEST_LABEL]}, which is no voltage"


def _channel(definition: DataSet, position: int, named: Named, fs: float, given: Given) -> Channel:
    sensitivity, unit, doubts = _sensitivity(definition, given)
    if sensitivity == 0:
        raise FormatError(f"{definition.where}: expected a channel sensitivity other than 0, found 0")
    skew_s = definition.number("ChannelTimeSkew", 0.0)
    if not skew_s:
        skew_s = definition.number("ChannelSampleSkew", 0.0) / fs
    filters = (
        ("high_pass_hz", definition.text("FilterLowFrequency")),
        ("low_pass_hz", definition.text("FilterHighFrequency")),
        ("notch_hz", definition.text("NotchFilterFrequency")),
    )
    return Channel(
        position,
        named.name,
        named.is_named,
        sensitivity,
        definition.number("ChannelSensitivityCorrectionFactor", 1.0),
        definition.number("ChannelBaseline", 0.0),
        unit,
        skew_s + definition.number("ChannelOffset", 0.0),
        filters,
        (*named.doubts, *doubts),
        named.notes,
    )


def _sensitivity(definition: DataSet, given: Given) -> tuple[float, str, tuple[str, ...]]:
    """Return what a step is worth, its unit, and doubts."""
    unit = _unit(definition)
    if unit:
        given.agree_units(unit, "a channel")
    if "ChannelSensitivity" not in definition:
        if given.units is not None:
            return 1.0, given.units, ()
        assumed = unit or "uV"
        return 1.0, assumed, (f"the file states no sensitivity: taken as 1 {assumed} a step",)
    if not unit:
        if given.units is not None:
            return definition.number("ChannelSensitivity"), given.units, ()
        doubt = "the file states no unit of its sensitivity: taken as uV"
        return definition.number("ChannelSensitivity"), "uV", (doubt,)
    return definition.number("ChannelSensitivity"), unit, ()


def factor_of(channel: Channel, where: str) -> float:
    """Return how many millivolts one of the channel's unit is."""
    return millivolts(channel.unit, where)
