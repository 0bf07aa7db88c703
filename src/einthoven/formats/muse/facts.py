"""What a MUSE document says of patient, recording and findings.

Found in recordings: the high-pass filter is stated in hundredths of a Hz (16 is 0.16 Hz), the others in Hz;
of a statement of several pieces all but the last lack the flag `ENDSLINE`.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import TYPE_CHECKING

from einthoven.formats.muse.values import iso_date, iso_time, number_of, text_of

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

_PATIENT = "PatientDemographics"
_TEST = "TestDemographics"
_SEXES = {"MALE": "male", "M": "male", "FEMALE": "female", "F": "female"}
_PER_YEAR = {
    "YEARS": Fraction(1),
    "MONTHS": Fraction(12),
    "WEEKS": Fraction(36525, 700),
    "DAYS": Fraction(36525, 100),
    "HOURS": Fraction(8766),
}
_HUNDREDTHS = 100
_CM_AN_INCH = Fraction(254, 100)
_KG_A_POUND = Fraction(45359237, 10**8)
_NO_BLANK_BEFORE = (",", ".", ";", ":", ")")


def patient_of(root: Element) -> dict[str, str]:
    """Return what the document states of the patient, by the keys of `Record.patient`."""
    patient = root.find(_PATIENT)
    facts = {
        "id": text_of(patient, "PatientID"),
        "name": _name(patient, "Patient"),
        "birth_date": iso_date(text_of(patient, "DateofBirth")),
        "age": _age(patient),
        "sex": _SEXES.get(text_of(patient, "Gender").upper(), ""),
        "race": text_of(patient, "Race"),
        "height_cm": _measure(patient, "HeightCM", "HeightIN", _CM_AN_INCH),
        "weight_kg": _measure(patient, "WeightKG", "WeightLBS", _KG_A_POUND),
    }
    return {key: value for key, value in facts.items() if value}


def recording_of(root: Element, waveform: Element) -> dict[str, str]:
    """Return what the document states of the recording, by the keys of `Record.recording`."""
    test = root.find(_TEST)
    physician = _name(test, "Overreader") or _name(test, "ReferringMD") or _name(test, "OrderingMD")
    facts = {
        "recorded_at": _moment(test, "Acquisition"),
        "device": text_of(test, "AcquisitionDevice"),
        "device_serial": text_of(root, "PharmaData/PharmaCartID"),
        "software": text_of(test, "AcquisitionSoftwareVersion"),
        "institution": text_of(test, "SiteName"),
        "department": text_of(test, "LocationName"),
        "operator": _name(test, "AcquisitionTech"),
        "physician": physician,
        "reason": text_of(test, "TestReason"),
        "high_pass_hz": _frequency(waveform, "HighPassFilter", _HUNDREDTHS),
        "low_pass_hz": _frequency(waveform, "LowPassFilter"),
        "notch_hz": _frequency(waveform, "ACFilter"),
    }
    return {key: value for key, value in facts.items() if value}


def statements_of(root: Element) -> tuple[str, ...]:
    """Return the statements of the interpretation, or of the device's own where there is no other."""
    return tuple(_lines(root, "Diagnosis") or _lines(root, "OriginalDiagnosis"))


def comments_of(root: Element) -> tuple[str, ...]:
    """Return the state of the report, and what the device had said where that was changed since."""
    status = text_of(root, f"{_TEST}/Status")
    original, final = _lines(root, "OriginalDiagnosis"), _lines(root, "Diagnosis")
    changed = [f"originally: {line}" for line in original] if final and original != final else []
    return (*([f"status: {status}"] if status else []), *changed)


def _lines(root: Element, tag: str) -> list[str]:
    """Join the pieces of statements; those before punctuation without a blank."""
    lines: list[str] = []
    pieces = ""
    for statement in root.findall(f"{tag}/DiagnosisStatement"):
        text = text_of(statement, "StmtText")
        pieces += f"{'' if not pieces or text.startswith(_NO_BLANK_BEFORE) else ' '}{text}"
        if any((flag.text or "").strip().upper() == "ENDSLINE" for flag in statement.findall("StmtFlag")):
            lines.append(pieces.strip())
            pieces = ""
    return [line for line in (*lines, pieces.strip()) if line]


def _name(element: Element | None, who: str) -> str:
    parts = (text_of(element, f"{who}{part}") for part in ("FirstName", "LastName"))
    return " ".join(filter(None, parts))


def _age(patient: Element | None) -> str:
    text = text_of(patient, "PatientAge")
    number = number_of(text)
    per = _PER_YEAR.get(text_of(patient, "AgeUnits").upper() or "YEARS")
    if number is None or number < 0 or per is None:
        return ""
    return text if per == 1 else f"{float(number / per):.4g}"


def _measure(patient: Element | None, metric: str, other: str, factor: Fraction) -> str:
    if (number := number_of(text_of(patient, metric))) and number > 0:
        return text_of(patient, metric)
    if (number := number_of(text_of(patient, other))) and number > 0:
        return f"{float(number * factor):.4g}"
    return ""


def _moment(test: Element | None, of: str) -> str:
    day, hour = iso_date(text_of(test, f"{of}Date")), iso_time(text_of(test, f"{of}Time"))
    return f"{day}T{hour}" if day and hour else day


def _frequency(waveform: Element, tag: str, parts: int = 1) -> str:
    number = number_of(text_of(waveform, tag))
    return f"{float(number / parts):g}" if number and number > 0 else ""


def unreadable(root: Element) -> Iterator[str]:
    """Say which dates and times are stated but are none."""
    for path, read in (
        (f"{_PATIENT}/DateofBirth", iso_date),
        (f"{_TEST}/AcquisitionDate", iso_date),
        (f"{_TEST}/AcquisitionTime", iso_time),
    ):
        text = text_of(root, path)
        if text and not read(text):
            yield f"{path.partition('/')[2]} was not read: {text[:40]!r}"
