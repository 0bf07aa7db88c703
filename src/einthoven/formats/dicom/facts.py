"""Patient, study and equipment: attributes to the keys of `Record.patient` and `Record.recording`, and back.

Source: DICOM PS3.3, C.7.1.1, C.7.2, C.7.3.1, C.7.5.1, C.10.8; PS3.5, 6.2.
Facts that have no attribute, or do not fit into it, are lines of Patient Comments (0010,4000).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

from einthoven.formats.dicom.annotations import code_of_item
from einthoven.formats.dicom.channels import Channel
from einthoven.formats.dicom.data_set import DataSet
from einthoven.formats.fact_lines import read_facts

TEXTS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "id": ("PatientID",),
        "race": ("EthnicGroup",),
        "history": ("AdditionalPatientHistory",),
        "manufacturer": ("Manufacturer",),
        "device": ("ManufacturerModelName",),
        "device_serial": ("DeviceSerialNumber",),
        "software": ("SoftwareVersions",),
        "institution": ("InstitutionName",),
        "department": ("InstitutionalDepartmentName",),
        "study_id": ("StudyID",),
        "deidentified": ("DeidentificationMethod",),
        "reason": ("ReasonForVisit", "ReasonForTheRequestedProcedure", "ReasonForStudy"),
    }
)
"""Facts that are text: the attributes that may state them. The first is the one that is written."""
NAMES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "name": ("PatientName",),
        "operator": ("OperatorsName",),
        "physician": (
            "NameOfPhysiciansReadingStudy",
            "PerformingPhysicianName",
            "RequestingPhysician",
            "ReferringPhysicianName",
        ),
    }
)
"""Facts that are a person's name."""
SEXES: Mapping[str, str] = MappingProxyType({"M": "male", "F": "female"})
PATIENT_KEYS = frozenset(
    {"id", "name", "birth_date", "sex", "age", "race", "height_cm", "weight_kg", "history"}
)
"""Which facts are those of `Record.patient`; the others are of `Record.recording`."""
FIRST_YEAR = 1902
"""Einthoven published his string galvanometer; earlier dates stand for one that is not known."""

_COMMENTS = ("PatientComments", "StudyComments", "VisitComments")
_PER_YEAR = {"D": 365.25, "W": 365.25 / 7, "M": 12.0, "Y": 1.0}
_AGE = re.compile(r"(\d{1,3})([DWMY])", re.ASCII)
_DATE = re.compile(r"(\d{4})\.?(\d\d)\.?(\d\d)", re.ASCII)
_DATE_TIME = re.compile(
    r"(\d{4})(?:(\d\d)(?:(\d\d)(?:(\d\d)(?:(\d\d)(?:(\d\d)(?:\.(\d{1,6}))?)?)?)?)?)?([+-]\d{4})?", re.ASCII
)
_NUMBER = re.compile(r"\d{1,3}(?:\.\d{1,9})?", re.ASCII)
_SEX = re.compile("male|female")
_ANYTHING = re.compile(".*")
_ZONE = re.compile(r"[+-]\d{4}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Facts:
    """What a file states beside its waveforms."""

    patient: Mapping[str, str]
    recording: Mapping[str, str]
    comments: tuple[str, ...]


def read_facts_of(data_set: DataSet, channels: Sequence[Channel]) -> Facts:
    """Return what a data set states of patient and recording; what is damaged is left out.

    channels : those of the recording, for their filters
    """
    facts = {key: _first(data_set, keywords) for key, keywords in TEXTS.items()}
    facts |= {key: plain_name(_first(data_set, keywords)) for key, keywords in NAMES.items()}
    facts |= {
        "birth_date": date_of(data_set.text("PatientBirthDate")),
        "sex": SEXES.get(data_set.text("PatientSex").upper(), ""),
        "age": age_of(data_set.text("PatientAge").upper()),
        "height_cm": quantity_of(data_set.text("PatientSize"), 100.0),
        "weight_kg": quantity_of(data_set.text("PatientWeight"), 1.0),
        "recorded_at": time_of(data_set),
        **_filters(channels),
    }
    patient = {key: value for key, value in facts.items() if value and key in PATIENT_KEYS}
    recording = {key: value for key, value in facts.items() if value and key not in PATIENT_KEYS}
    comments = []
    lines = (line.strip() for keyword in _COMMENTS for line in data_set.text(keyword).splitlines())
    for line in filter(None, lines):
        written = read_facts([line])
        # What an attribute states goes first; a line that repeats it is kept as it is.
        if any(_is_new(patient, key, value) for key, value in written.patient.items()):
            patient |= written.patient
        elif any(_is_new(recording, key, value) for key, value in written.recording.items()):
            recording |= written.recording
        else:
            comments.append(line)
    return Facts(patient, recording, (*comments, *_acquisition_context(data_set)))


def _is_new(facts: Mapping[str, str], key: str, value: str) -> bool:
    """Tell whether a line of comments states what no attribute does, in the words of `fact_lines`."""
    is_sound = {"age": _NUMBER, "sex": _SEX}.get(key, _ANYTHING).fullmatch(value) is not None
    return key not in facts and is_sound


def plain_name(text: str) -> str:
    """Return a person's name in words: family name, comma, the others in the order they are said in.

    >>> plain_name("Adams^John Robert Quincy^^Rev.^B.A. M.Div.=X"), plain_name("Anonymous")
    ('Adams, Rev. John Robert Quincy B.A. M.Div.', 'Anonymous')
    """
    group = next(filter(None, (group.strip("^ ") for group in text.split("="))), "")
    family, given, middle, prefix, suffix = (part.strip() for part in (group.split("^") + [""] * 5)[:5])
    others = " ".join(filter(None, (prefix, given, middle, suffix)))
    return ", ".join(filter(None, (family, others)))


def coded_name(text: str) -> str:
    """Return a name in words as its components: the inverse of `plain_name` without prefix and suffix.

    >>> coded_name("Adams, John"), coded_name("Anonymous")
    ('Adams^John', 'Anonymous')
    """
    family, _, others = text.partition(", ")
    return f"{family}^{others}" if others else text


def _first(data_set: DataSet, keywords: Iterable[str]) -> str:
    found = (data_set.text(keyword) for keyword in keywords)
    return " ".join(next(filter(None, found), "").split())


def date_of(text: str) -> str:
    """Return a DA as a date of ISO 8601; empty if it is none."""
    parts = _DATE.fullmatch(text)
    return _iso(parts.groups()) if parts else ""


def _iso(parts: Sequence[str | None]) -> str:
    """Return a date with a time as far as it is known, or nothing if there is no such day or hour."""
    numbers = [int(part) for part in parts if part]
    try:
        datetime(*[*numbers, 1, 1][: max(3, len(numbers))])  # type: ignore[arg-type]
    except ValueError:
        return ""
    date = "-".join(filter(None, parts[:3]))
    time = ":".join(filter(None, parts[3:6]))
    return f"{date}T{time}" if time else date


def time_of(data_set: DataSet) -> str:
    """Return when the recording was made, ISO 8601; empty if it is not stated."""
    stated = data_set.text("AcquisitionDateTime")
    for day, time in (("ContentDate", "ContentTime"), ("StudyDate", "StudyTime")):
        stated = stated or data_set.text(day) + data_set.text(time)
    return date_time_of(stated, data_set.text("TimezoneOffsetFromUTC"))


def date_time_of(text: str, zone: str = "") -> str:
    """Return a DT in ISO 8601; empty if it is none, or stands for one that is not known.

    zone : that of the data set, where the text has none

    >>> date_time_of("20130125105919"), date_time_of("2013012510+0100"), date_time_of("19000101")
    ('2013-01-25T10:59:19', '2013-01-25T10:00+01:00', '')
    """
    parts = _DATE_TIME.fullmatch(text)
    if parts is None or int(parts[1]) < FIRST_YEAR:
        return ""
    iso = _iso(parts.groups()[:6])
    if "T" not in iso:
        return iso
    # An hour alone is no time of ISO 8601 that everybody reads.
    iso = f"{iso}:00" if parts[5] is None else iso
    fraction = f".{parts[7]}" if parts[7] and int(parts[7]) else ""
    zone = parts[8] or zone
    return f"{iso}{fraction}{zone[:3] + ':' + zone[3:] if _ZONE.fullmatch(zone) else ''}"


def age_of(text: str) -> str:
    """Return an AS in years; empty if it is none.

    >>> age_of("042Y"), age_of("018M"), age_of("?")
    ('42', '1.5', '')
    """
    parts = _AGE.fullmatch(text)
    return f"{round(int(parts[1]) / _PER_YEAR[parts[2]], 2):g}" if parts else ""


def quantity_of(text: str, factor: float) -> str:
    """Return a number times a factor, as text; empty if it is none, or none of a person or filter."""
    try:
        value = float(text) * factor
    except ValueError:
        return ""
    return f"{value:.6g}" if 0 < value < 1e4 else ""


def _filters(channels: Sequence[Channel]) -> dict[str, str]:
    """Return the filters that are the same in all leads; 0 Hz stands for none."""
    facts = {}
    for key in ("high_pass_hz", "low_pass_hz", "notch_hz"):
        values = {quantity_of(dict(channel.filters)[key], 1.0) for channel in channels}
        facts[key] = values.pop() if len(values) == 1 else ""
    return facts


def _acquisition_context(data_set: DataSet) -> list[str]:
    lines = []
    for item in data_set.items("AcquisitionContextSequence"):
        _, _, name = code_of_item(item.first("ConceptNameCodeSequence"))
        _, _, value = code_of_item(item.first("ConceptCodeSequence"))
        value = value or item.text("TextValue") or item.text("NumericValue")
        if name and value:
            lines.append(f"{name}: {' '.join(value.split())}")
    return lines
