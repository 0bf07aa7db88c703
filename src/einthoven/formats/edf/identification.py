"""Who was recorded, when and with what: the identification fields of EDF+, section 2.1.3.

Files of plain EDF may have anything in these fields; what has EDF+'s structure is read as such.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from math import isfinite

from einthoven.formats.edf.header import Header

MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
SEXES: Mapping[str, str] = {"M": "male", "F": "female"}
NOT_STATED = "X"
UNKNOWN_DATE = "01.01.85"
"""What stands where nobody shall know the date."""
CLIPPING_YEAR = 85
"""Years of two digits from this one on are of the 20th century: EDF+, section 2.1.3.2."""

FIELD_CHARACTERS = 80
_FIRST_YEAR = 1900 + CLIPPING_YEAR
_FILTER_NAMES = {"high_pass_hz": "HP", "low_pass_hz": "LP", "notch_hz": "N"}
_DATE = re.compile(r"(\d{1,2})-([A-Za-z]{3})-(\d{4})", re.ASCII)
_SHORT = re.compile(r"\s?(\d{1,2})[.:/' -]\s?(\d{1,2})[.:/' -]\s?(\d{1,2})", re.ASCII)
_PATIENT = re.compile(rf"\S+ [MFX] ({_DATE.pattern}|X)( .*)?", re.ASCII)
_FILTERS = {
    "high_pass_hz": re.compile(r"\bHP\s*[:=]?\s*(\d+(?:\.\d+)?)\s*Hz", re.IGNORECASE | re.ASCII),
    "low_pass_hz": re.compile(r"\bLP\s*[:=]?\s*(\d+(?:\.\d+)?)\s*Hz", re.IGNORECASE | re.ASCII),
    "notch_hz": re.compile(r"\bN(?:otch)?\s*[:=]?\s*(\d+(?:\.\d+)?)\s*Hz", re.IGNORECASE | re.ASCII),
}


@dataclass(frozen=True, slots=True)
class Identification:
    """What the fields state."""

    patient: dict[str, str] = field(default_factory=dict)
    recording: dict[str, str] = field(default_factory=dict)
    comments: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


def read_identification(header: Header, start_s: float) -> Identification:
    """Read patient, device and start of a recording.

    start_s : where the first data record begins, from the start time of the header
    """
    patient, about_patient = _patient(header)
    recording, about_recording = _recording(header)
    moment, warnings = _moment(header, start_s)
    if moment:
        recording = {"recorded_at": moment} | recording
    return Identification(patient, recording, (*about_patient, *about_recording), warnings)


def filters(prefilterings: tuple[str, ...]) -> dict[str, str]:
    """Read filters that all leads have in common.

    >>> filters(("HP:0.05Hz LP:150Hz", "HP:0.05Hz LP:40Hz"))
    {'high_pass_hz': '0.05'}
    """
    facts = {}
    for key, pattern in _FILTERS.items():
        found = {match[1] if (match := pattern.search(text)) else "" for text in prefilterings}
        if len(found) == 1 and (value := found.pop()):
            facts[key] = value
    return facts


def decode_date(text: str) -> date | None:
    """Read a date such as 02-MAR-2002; None if it is none.

    >>> decode_date("02-MAR-2002")
    datetime.date(2002, 3, 2)
    """
    match = _DATE.fullmatch(text)
    if match is None or match[2].upper() not in MONTHS:
        return None
    return _date(int(match[3]), MONTHS.index(match[2].upper()) + 1, int(match[1]))


@dataclass(frozen=True, slots=True)
class Fields:
    """Identification fields of EDF+, and what did not fit into them.

    subsecond : microseconds that the recording starts after the start time
    patient_rest, recording_rest : facts that have no field, or whose field cannot hold them
    """

    patient: str
    recording: str
    startdate: str
    starttime: str
    subsecond: int
    prefiltering: str
    patient_rest: dict[str, str]
    recording_rest: dict[str, str]


def encode_identification(patient: Mapping[str, str], recording: Mapping[str, str]) -> Fields:
    """Put facts into the fields of EDF+, so that `read_identification` reads them the same."""
    moment = _encoded_moment(recording.get("recorded_at", ""))
    of_patient = {
        "id": _subfield(patient.get("id", ""), blanks=False),
        "sex": next((code for code, sex in SEXES.items() if sex == patient.get("sex")), NOT_STATED),
        "birth_date": _encoded_date(patient.get("birth_date", "")),
        "name": _subfield(patient.get("name", ""), blanks=True),
    }
    of_recording = {
        "recorded_at": NOT_STATED if moment is None else _edf_date(moment.date()),
        "study_id": _subfield(recording.get("study_id", ""), blanks=False),
        "operator": _subfield(recording.get("operator", ""), blanks=True),
        "device": _subfield(recording.get("device", ""), blanks=True),
    }
    patient_field, patient_rest = _joined("", of_patient, patient)
    recording_field, recording_rest = _joined("Startdate ", of_recording, recording)
    prefiltering, recording_rest = _prefiltering(recording_rest)
    return Fields(
        patient=patient_field,
        recording=recording_field,
        startdate=UNKNOWN_DATE if moment is None else f"{moment:%d.%m.%y}",
        starttime="00.00.00" if moment is None else f"{moment:%H.%M.%S}",
        subsecond=0 if moment is None else moment.microsecond,
        prefiltering=prefiltering,
        patient_rest=patient_rest,
        recording_rest=recording_rest,
    )


def _joined(start: str, subfields: dict[str, str], facts: Mapping[str, str]) -> tuple[str, dict[str, str]]:
    """Join subfields; the longest ones give way until all fit. Return also the facts that are not in."""
    kept = dict(subfields)
    while len(start + " ".join(kept.values())) > FIELD_CHARACTERS:
        kept[max(kept, key=lambda key: len(kept[key]))] = NOT_STATED
    rest = {key: value for key, value in facts.items() if value and kept.get(key, NOT_STATED) == NOT_STATED}
    return start + " ".join(kept.values()), rest


def _subfield(value: str, *, blanks: bool) -> str:
    """Return a subfield that reads back as this value, or X."""
    text = value.replace(" ", "_") if blanks else value
    comes_back = (_words(text) if blanks else _stated(text)) == value
    fits = text.isascii() and text.isprintable() and " " not in text
    return text if text and comes_back and fits else NOT_STATED


def _edf_date(day: date) -> str:
    return f"{day.day:02}-{MONTHS[day.month - 1]}-{day.year:04}"


def _encoded_date(text: str) -> str:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return NOT_STATED
    return _edf_date(day) if day.isoformat() == text else NOT_STATED


def _encoded_moment(text: str) -> datetime | None:
    """Return date and time if EDF can hold them: without a time zone, and within its hundred years."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    is_same = moment.isoformat() == text and moment.tzinfo is None
    return moment if is_same and _FIRST_YEAR <= moment.year < _FIRST_YEAR + 100 else None


def _prefiltering(facts: dict[str, str]) -> tuple[str, dict[str, str]]:
    spelt = {key: f"{name}:{facts[key]}Hz" for key, name in _FILTER_NAMES.items() if key in facts}
    text = " ".join(text for key, text in spelt.items() if filters((text,)) == {key: facts[key]})
    text = text if len(text) <= FIELD_CHARACTERS else ""
    stated = filters((text,))
    return text, {key: value for key, value in facts.items() if stated.get(key) != value}


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _stated(text: str) -> str:
    return "" if text == NOT_STATED else text


def _words(text: str) -> str:
    """Undo what stands for blanks within a subfield."""
    return _stated(text).replace("_", " ").strip()


def _patient(header: Header) -> tuple[dict[str, str], tuple[str, ...]]:
    if not (header.is_plus or _PATIENT.fullmatch(header.patient)):
        return ({"id": header.patient} if _stated(header.patient) else {}), ()
    code, sex, birth, name, *others = (*header.patient.split(), *(NOT_STATED,) * 4)
    day = decode_date(birth)
    facts = {
        "id": _stated(code),
        "name": _words(name),
        "birth_date": "" if day is None else day.isoformat(),
        "sex": SEXES.get(sex, ""),
    }
    more = " ".join(others[: max(0, len(others) - 4)])
    return {key: value for key, value in facts.items() if value}, ((f"Patient: {more}",) if more else ())


def _recording(header: Header) -> tuple[dict[str, str], tuple[str, ...]]:
    fields = header.recording.split()
    if fields[:1] != ["Startdate"]:
        text = _stated(header.recording)
        return {}, ((f"Recording: {text}",) if text else ())
    _, _, code, technician, equipment, *others = (*fields, *(NOT_STATED,) * 5)
    facts = {"study_id": _stated(code), "operator": _words(technician), "device": _words(equipment)}
    more = " ".join(others[: max(0, len(others) - 5)])
    return {key: value for key, value in facts.items() if value}, ((f"Recording: {more}",) if more else ())


def _moment(header: Header, start_s: float) -> tuple[str, tuple[str, ...]]:
    """Return the start in ISO 8601, empty where it is not stated, and a warning where it cannot be read."""
    fields = header.recording.split()
    stated = fields[1] if fields[:1] == ["Startdate"] and len(fields) > 1 else ""
    if stated == NOT_STATED or (not stated and header.startdate == UNKNOWN_DATE):
        return "", ()
    day = decode_date(stated) or _short_date(header.startdate)
    time = _SHORT.fullmatch(header.starttime)
    if day is None:
        found = " ".join(filter(None, (stated, header.startdate)))
        return "", ((f"the date of the recording cannot be read: {found!r}",) if found else ())
    hours, minutes, seconds = map(int, time.groups()) if time else (99, 0, 0)
    if hours > 23 or minutes > 59 or seconds > 59:
        return day.isoformat(), (f"the time of the recording cannot be read: {header.starttime!r}",)
    moment = datetime(day.year, day.month, day.day, hours, minutes, seconds)
    if isfinite(start_s) and 0 <= start_s < 1e9 and moment.year < 9900:
        moment += timedelta(seconds=start_s)
    return moment.isoformat(), ()


def _short_date(text: str) -> date | None:
    match = _SHORT.fullmatch(text)
    if match is None:
        return None
    day, month, year = map(int, match.groups())
    return _date(year + (1900 if year >= CLIPPING_YEAR else 2000), month, day)
