"""What a Philips document says of patient, device and findings."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

_PATIENT = "patient/generalpatientdata"
_MEDICAL = "patient/patientmedicaldata"
_ACQUIRER = "dataacquisition/acquirer"
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_TIME = re.compile(r"\d{2}:\d{2}:\d{2}(\.\d+)?", re.ASCII)
_NUMBER = re.compile(r"\d+(\.\d+)?", re.ASCII)
_UNKNOWN = frozenset({"unknown", "none", "null"})
_YEARS = {
    "years": 1.0,
    "months": 1 / 12,
    "weeks": 7 / 365.25,
    "days": 1 / 365.25,
    "hours": 1 / 8766,
    "minutes": 1 / 525960,
}
_CM = {"cm": 1.0, "inch": 2.54}
_KG = {"kg": 1.0, "lb": 0.45359237}


@dataclass(frozen=True, slots=True)
class Facts:
    """What is stated; what is empty, a placeholder such as `---`, or no date where one should be, is not."""

    patient: dict[str, str] = field(default_factory=dict)
    recording: dict[str, str] = field(default_factory=dict)
    statements: tuple[str, ...] = ()
    comments: tuple[str, ...] = ()


def read_facts(root: Element, waveforms: Element) -> Facts:
    """Read what the document states beside the samples.

    waveforms : the element whose attributes tell the filters
    """
    return Facts(
        patient=_stated(_patient(root)),
        recording=_stated({**_acquisition(root), **_filters(root, waveforms)}),
        statements=_statements(root),
        comments=_comments(root),
    )


def text_of(element: Element | None) -> str:
    """Return an element's text in one line, empty if there is none or if it is only a placeholder."""
    return _meant("" if element is None else element.text)


def _meant(text: str | None) -> str:
    line = " ".join((text or "").split())
    return line if any(character.isalnum() for character in line) else ""


def _text(root: Element, *paths: str) -> str:
    """Return the first text that is stated at one of these places."""
    return next(filter(None, (text_of(root.find(path)) for path in paths)), "")


def _known(text: str) -> str:
    return "" if text.lower() in _UNKNOWN else text


def _stated(facts: dict[str, str]) -> dict[str, str]:
    return {key: value for key, value in facts.items() if value}


def _patient(root: Element) -> dict[str, str]:
    birth = _text(root, f"{_PATIENT}/age/dateofbirth")
    names = (_text(root, f"{_PATIENT}/name/{part}name") for part in ("first", "middle", "last"))
    sex = _text(root, f"{_PATIENT}/sex").lower()
    return {
        "id": _text(root, f"{_PATIENT}/patientid", f"{_PATIENT}/MRN"),
        "name": " ".join(filter(None, names)),
        "birth_date": birth if _DATE.fullmatch(birth) else "",
        "age": _measured(root, f"{_PATIENT}/age", _YEARS),
        "sex": sex if sex in ("male", "female") else "",
        "race": _known(_text(root, f"{_PATIENT}/race")),
        "height_cm": _measured(root, f"{_PATIENT}/height", _CM),
        "weight_kg": _measured(root, f"{_PATIENT}/weight", _KG),
        "medication": _list(root, f"{_MEDICAL}/medication"),
        "history": _list(root, f"{_MEDICAL}/history"),
    }


def _measured(root: Element, path: str, units: dict[str, float]) -> str:
    for unit, factor in units.items():
        stated = _text(root, f"{path}/{unit}")
        if _NUMBER.fullmatch(stated):
            return stated if factor == 1 else f"{float(stated) * factor:.4g}"
    return ""


def _list(root: Element, path: str) -> str:
    return "; ".join(filter(None, map(text_of, root.findall(path))))


def _acquisition(root: Element) -> dict[str, str]:
    machine = root.find("dataacquisition/machine")
    described = _meant(machine.get("detaildescription")) if machine is not None else ""
    maker, model, software = (*(part.strip() for part in described.split(":", 2)), "", "", "")[:3]
    return {
        "recorded_at": _moment(root.find("dataacquisition")),
        "manufacturer": maker,
        "device": " ".join(filter(None, (_known(text_of(machine)), model))),
        "device_serial": _meant(machine.get("machineid")) if machine is not None else "",
        "software": software,
        "institution": _text(root, f"{_ACQUIRER}/institutionname", f"{_ACQUIRER}/facilityname"),
        "department": _text(root, f"{_ACQUIRER}/departmentname", f"{_ACQUIRER}/departmentid"),
        "operator": _person(root, f"{_ACQUIRER}/operator", f"{_ACQUIRER}/operatorid"),
        "physician": _person(
            root,
            f"{_ACQUIRER}/orderingclinician",
            f"{_ACQUIRER}/orderingclinicianname",
            f"{_ACQUIRER}/attendingclinician",
        ),
        "study_id": _text(root, "orderinfo/ordernumber", f"{_ACQUIRER}/encounterid"),
        "reason": _text(root, "orderinfo/reasonfororder"),
        "pacemaker": _known(_text(root, f"{_PATIENT}/pacestatus")),
    }


def _moment(element: Element | None) -> str:
    if element is None:
        return ""
    date, time = (_meant(element.get(name)) for name in ("date", "time"))
    if not _DATE.fullmatch(date):
        return ""
    return f"{date}T{time}" if _TIME.fullmatch(time) else date


def _person(root: Element, *paths: str) -> str:
    for path in paths:
        element = root.find(path)
        if element is not None and (who := text_of(element) or _meant(element.get("id"))):
            return who
    return ""


def _filters(root: Element, waveforms: Element) -> dict[str, str]:
    signal = "dataacquisition/signalcharacteristics"
    low, _, high = _text(root, f"{signal}/signalbandwidth").partition("-")
    notched = waveforms.get("notchfiltered") or _text(root, f"{signal}/notchfiltered")
    notch = waveforms.get("notchfilterfreqs") or _text(root, f"{signal}/notchfilterfreqs")
    return {
        "high_pass_hz": _hertz(waveforms.get("hipass") or _text(root, f"{signal}/hipass") or low),
        "low_pass_hz": _hertz(waveforms.get("lowpass") or _text(root, f"{signal}/lowpass") or high),
        "notch_hz": _hertz(notch.split(maxsplit=1)[0]) if notched == "True" and notch.split() else "",
    }


def _hertz(text: str) -> str:
    return text.strip() if _NUMBER.fullmatch(text.strip()) else ""


def _statements(root: Element) -> tuple[str, ...]:
    lines = []
    for interpretation in root.findall("interpretations/interpretation"):
        lines += [
            f"{_text(statement, 'leftstatement')} {_text(statement, 'rightstatement')}".strip()
            for statement in interpretation.findall("statement")
        ]
        lines += [_text(interpretation, "severity").strip("- "), _text(interpretation, "mdsignatureline")]
    return tuple(filter(None, lines))


def _comments(root: Element) -> tuple[str, ...]:
    lines = [f"{kind.capitalize()}: {text}" for kind in ("symptom", "diagnosis")
             if (text := _list(root, f"{_MEDICAL}/{kind}"))]  # fmt: skip
    return (*lines, *filter(None, map(text_of, root.findall("documentinfo/comments"))))
