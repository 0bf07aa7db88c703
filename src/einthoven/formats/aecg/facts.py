"""What an HL7 aECG document says of subject, device, site and trial.

Source: HL7 aECG Implementation Guide, "TrialSubject", "ClinicalTrial", "TestingSite", "SeriesAuthor",
"RelatedObservation" and "ControlVariable".
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import TYPE_CHECKING

from einthoven.formats.aecg.annotations import lines_of
from einthoven.formats.aecg.codes import (
    EINTHOVEN,
    FILTER_PREFIX,
    FILTERS,
    QUANTITIES,
    RACES,
    SEXES,
    TEXTS,
)
from einthoven.formats.aecg.datatypes import attribute, code_of, number_of, point_of

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

_ASSIGNMENT = "componentOf/timepointEvent/componentOf/subjectAssignment"
_SUBJECT = f"{_ASSIGNMENT}/subject/trialSubject"
_PERSON = f"{_SUBJECT}/subjectDemographicPerson"
_TRIAL = f"{_ASSIGNMENT}/componentOf/clinicalTrial"
_DEVICE = "author/seriesAuthor/manufacturedSeriesDevice"
_PER_YEAR = {"a": Fraction(1), "mo": Fraction(12), "wk": Fraction(36525, 700), "d": Fraction(36525, 100)}
_CM = {"cm": Fraction(1), "m": Fraction(100), "[in_i]": Fraction(254, 100)}
_KG = {"kg": Fraction(1), "g": Fraction(1, 1000), "[lb_av]": Fraction(45359237, 10**8)}
_UNITS = {"age": {unit: 1 / per for unit, per in _PER_YEAR.items()}, "height_cm": _CM, "weight_kg": _KG}


def patient_of(root: Element) -> dict[str, str]:
    """Return what the document states of the subject, by the keys of `Record.patient`."""
    person = root.find(_PERSON)
    birth = point_of(_attribute(person, "birthTime"))
    sex = _attribute(person, "administrativeGenderCode", "code").upper()
    facts = {
        "id": _attribute(root.find(_SUBJECT), "id", "extension"),
        "name": _words(person, "name"),
        "birth_date": birth.iso if birth is not None else "",
        "sex": SEXES.get(sex, ""),
        "race": _race(None if person is None else person.find("raceCode")),
    }
    for observation in root.findall("controlVariable/relatedObservation"):
        code = code_of(observation)
        if code in QUANTITIES:
            facts[QUANTITIES[code][0]] = _quantity(observation.find("value"), QUANTITIES[code][0])
        elif code in TEXTS:
            facts[TEXTS[code]] = _text(observation.find("value"))
    return _stated(facts | _own(root, "patient"))


def recording_of(root: Element, series: Element) -> dict[str, str]:
    """Return what the document states of the recording, by the keys of `Record.recording`."""
    times = (
        *(series.find(f"effectiveTime{end}") for end in ("/low", "/center", "")),
        *(root.find(f"effectiveTime{end}") for end in ("/low", "/center", "")),
    )
    points = filter(None, map(point_of, map(attribute, times)))
    point = next(points, None)
    facts = {
        "recorded_at": point.iso if point is not None else "",
        "manufacturer": _words(series, "author/seriesAuthor/manufacturerOrganization/name"),
        "device": _words(series, f"{_DEVICE}/manufacturerModelName"),
        "device_serial": _attribute(series, f"{_DEVICE}/id", "extension"),
        "software": _words(series, f"{_DEVICE}/softwareName"),
        "institution": _words(root, "location/testingSite/location/name")
        or _words(root, f"{_TRIAL}/location/trialSite/location/name"),
        "operator": _words(series, "secondaryPerformer/seriesPerformer/assignedPerson/name"),
        "physician": _words(root, f"{_TRIAL}/responsibleParty/trialInvestigator/investigatorPerson/name"),
        "study_id": _attribute(root, f"{_TRIAL}/id", "extension"),
        "reason": _reason(root.find("reasonCode")),
        **dict(_filters(series)),
    }
    return _stated(facts | _own(root, "recording"))


def comments_of(root: Element) -> list[str]:
    """Return what was remarked on the subject, line by line."""
    texts = root.findall("pertainsTo/subjectFindingComment/text")
    return [line for text in texts for line in lines_of("".join(text.itertext()))]


def _own(root: Element, of: str) -> dict[str, str]:
    """Return what this package has written for want of a code, of `patient` or `recording`."""
    facts = {}
    for observation in root.findall("controlVariable/relatedObservation"):
        code = observation.find("code")
        kind, _, key = attribute(code, "code").partition("/")
        if attribute(code, "codeSystem") == EINTHOVEN and kind == of and key:
            facts[key] = _text(observation.find("value"))
    return facts


def _stated(facts: dict[str, str]) -> dict[str, str]:
    return {key: value for key, value in facts.items() if value}


def _attribute(element: Element | None, path: str, name: str = "value") -> str:
    return "" if element is None else attribute(element.find(path), name)


def _words(element: Element | None, path: str) -> str:
    return _text(None if element is None else element.find(path))


def _text(element: Element | None) -> str:
    """Return the words of an element and of the parts of a name within it."""
    return "" if element is None else " ".join(" ".join(element.itertext()).split())


def _race(element: Element | None) -> str:
    return RACES.get(attribute(element, "code"), "") or _coded(element)


def _reason(element: Element | None) -> str:
    return _coded(element) or attribute(element, "code")


def _coded(element: Element | None) -> str:
    if element is None:
        return ""
    return _words(element, "originalText") or attribute(element, "displayName")


def _quantity(value: Element | None, key: str) -> str:
    text, unit = attribute(value), attribute(value, "unit") or ("a" if key == "age" else "")
    number = number_of(text)
    factor = _UNITS[key].get(unit)
    if number is None or factor is None:
        return ""
    return text if factor == 1 else f"{float(number * factor):.4g}"


def _filters(series: Element) -> Iterator[tuple[str, str]]:
    for variable in series.findall("controlVariable/controlVariable"):
        # Some devices write CT_LVBL for CTL_VBL.
        kind = code_of(variable).rpartition("_FILTER_")[2]
        if kind not in FILTERS:
            continue
        key, part = FILTERS[kind]
        for found in variable.findall("component/controlVariable"):
            value = found.find("value")
            is_hz = attribute(value, "unit") in ("Hz", "")
            if (
                code_of(found) == f"{FILTER_PREFIX}{part}"
                and is_hz
                and number_of(attribute(value)) is not None
            ):
                yield key, attribute(value)
