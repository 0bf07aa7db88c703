"""Facts of patient and recording to the attributes of the patient, study, series and equipment modules.

Source: DICOM PS3.3, C.7.1.1, C.7.2, C.7.3.1, C.7.5.1, C.10.8; PS3.5, 6.2. What fits into no attribute, as
reading it back shows, becomes a line of Patient Comments (0010,4000).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING

from einthoven.errors import RecordError
from einthoven.formats.dicom.dictionary import ELEMENTS
from einthoven.formats.dicom.facts import (
    FIRST_YEAR,
    NAMES,
    SEXES,
    TEXTS,
    age_of,
    coded_name,
    date_of,
    date_time_of,
    plain_name,
    quantity_of,
)
from einthoven.formats.fact_lines import fact_lines
from einthoven.record import Record

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

_LENGTHS = {"LO": 64, "SH": 16, "PN": 64, "LT": 10240, "UT": 2**31}
_NO_DELIMITER = ("LT", "UT")
_MOST_COMMENTS = 10240
_UNKNOWN_DAY, _UNKNOWN_TIME = "19000101", "000000"
"""Where a value must be given; reading takes years before `FIRST_YEAR` as not stated."""
_TYPE_2 = (
    *("StudyDate", "StudyTime", "AccessionNumber", "Manufacturer", "ReferringPhysicianName"),
    *("PatientName", "PatientID", "PatientBirthDate", "PatientSex", "StudyID"),
)
"""Attributes that must be there, and may be empty."""
_ISO_TIME = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)(?:T(\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,6}))?)?(Z|[+-]\d\d:\d\d)?)?", re.ASCII
)
_FILTERS = ("high_pass_hz", "low_pass_hz", "notch_hz")


def add_facts(data_set: Dataset, record: Record) -> None:
    """Add what a record states of patient and recording.

    Raises RecordError if comments, with what has no attribute, are longer than 10240 characters.
    """
    for keyword in _TYPE_2:
        setattr(data_set, keyword, "")
    left: dict[str, dict[str, str]] = {"patient": {}, "recording": {}}
    for kind in left:
        for key, value in getattr(record, kind).items():
            found = _attributes(key, value)
            if found is None:
                left[kind][key] = value
            else:
                for keyword, text in found.items():
                    setattr(data_set, keyword, text)
    if "deidentified" in record.recording:
        data_set.PatientIdentityRemoved = "YES"
    if "AcquisitionDateTime" not in data_set:
        data_set.ContentDate, data_set.ContentTime = _UNKNOWN_DAY, _UNKNOWN_TIME
        data_set.AcquisitionDateTime = _UNKNOWN_DAY
    rest = replace(record, patient=left["patient"], recording=left["recording"], statements=())
    comments = "\r\n".join(map(plain_text, fact_lines(rest)))
    if len(comments) > _MOST_COMMENTS:
        raise RecordError(f"{record.name or 'record'}: expected at most {_MOST_COMMENTS} characters of "
                          f"comments and other facts, as DICOM does, found {len(comments)}")  # fmt: skip
    if comments:
        data_set.PatientComments = comments


def plain_text(text: str) -> str:
    """Return text without control characters, but for ends of lines, and without blanks around it."""
    return "".join(sign if sign.isprintable() or sign == "\n" else " " for sign in text).strip()


def _attributes(key: str, value: str) -> dict[str, str] | None:
    """Return the attributes that state a fact, or None if it fits into none."""
    if key in TEXTS:
        return _text(TEXTS[key][0], value)
    if key in NAMES:
        coded = coded_name(value)
        return _text(NAMES[key][0], coded) if plain_name(coded) == value and "=" not in value else None
    if key in _FILTERS:
        # They are stated with each channel.
        return {} if quantity_of(value, 1.0) == value else None
    return _OTHERS[key](value) if key in _OTHERS else None


def _text(keyword: str, value: str) -> dict[str, str] | None:
    vr = ELEMENTS[keyword][1]
    is_one_value = "\\" not in value or vr in _NO_DELIMITER
    is_plain = value == " ".join(value.split()) and value.isprintable()
    return {keyword: value} if is_plain and is_one_value and len(value) <= _LENGTHS[vr] else None


def _sex(value: str) -> dict[str, str] | None:
    return next(({"PatientSex": code} for code, sex in SEXES.items() if sex == value), None)


def _birth_date(value: str) -> dict[str, str] | None:
    coded = value.replace("-", "")
    return {"PatientBirthDate": coded} if date_of(coded) == value else None


def _age(value: str) -> dict[str, str] | None:
    try:
        years = float(value)
    except ValueError:
        return None
    for unit, per_year in (("Y", 1.0), ("M", 12.0), ("W", 365.25 / 7), ("D", 365.25)):
        if 0 <= years * per_year < 999.5:
            coded = f"{round(years * per_year):03d}{unit}"
            if age_of(coded) == value:
                return {"PatientAge": coded}
    return None


def _quantity(keyword: str, factor: float) -> Callable[[str], dict[str, str] | None]:
    def attribute(value: str) -> dict[str, str] | None:
        try:
            coded = f"{float(value) / factor:.10g}"
        except ValueError:
            return None
        return {keyword: coded} if quantity_of(coded, factor) == value and len(coded) <= 16 else None

    return attribute


def _recorded_at(value: str) -> dict[str, str] | None:
    parts = _ISO_TIME.fullmatch(value)
    if parts is None or int(parts[1]) < FIRST_YEAR:
        return None
    day = "".join(parts.groups()[:3])
    time = "".join(filter(None, parts.groups()[3:6]))
    fraction = f".{parts[7]}" if parts[7] else ""
    zone = {"Z": "+0000", None: ""}.get(parts[8], (parts[8] or "").replace(":", ""))
    if not date_time_of(f"{day}{time}{fraction}{zone}"):
        return None
    clock = f"{time:0<6}{fraction}"
    return {
        "AcquisitionDateTime": f"{day}{time}{fraction}{zone}",
        "ContentDate": day,
        "ContentTime": clock if time else _UNKNOWN_TIME,
        "StudyDate": day,
        "StudyTime": clock if time else "",
    }


_OTHERS: Mapping[str, Callable[[str], dict[str, str] | None]] = MappingProxyType(
    {
        "sex": _sex,
        "birth_date": _birth_date,
        "age": _age,
        "height_cm": _quantity("PatientSize", 100.0),
        "weight_kg": _quantity("PatientWeight", 1.0),
        "recorded_at": _recorded_at,
    }
)
