"""What a record says of patient and recording, as elements of HL7 aECG; the counterpart of `facts`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from einthoven.formats.aecg.codes import (
    EINTHOVEN,
    FILTER_PREFIX,
    FILTERS,
    GENDER,
    LOINC,
    MDC,
    QUANTITIES,
    RACE,
    RACES,
    SEXES,
    TEXTS,
)
from einthoven.formats.aecg.datatypes import number_of, ts_of
from einthoven.formats.aecg.elements import coded, identifier, node, uncoded, within
from einthoven.record import Record

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

_GENDERS = {sex: code for code, sex in SEXES.items()}
_RACE_CODES = {race: code for code, race in RACES.items()}
_QUANTITY_KEYS = {key for key, _ in QUANTITIES.values()}
_FILTER_KEYS = {key for key, _ in FILTERS.values()}
_WORDS = {
    "patient": {"id", "name", "race", *TEXTS.values()},
    "recording": {
        *("manufacturer", "device", "device_serial", "software", "institution", "operator", "physician"),
        *("study_id", "reason"),
    },
}
"""Facts of any text that have a place."""


def assignment(record: Record) -> Element:
    """Make the `componentOf` that holds subject and trial."""
    physician = record.recording.get("physician")
    investigator = (
        node("trialInvestigator", identifier(None), _named("investigatorPerson", physician))
        if physician
        else None
    )
    return node(
        "componentOf",
        within(
            "timepointEvent/componentOf/subjectAssignment",
            within("subject/trialSubject", identifier(record.patient.get("id")), _person(record.patient)),
            within(
                "componentOf/clinicalTrial",
                identifier(record.recording.get("study_id")),
                node("responsibleParty", investigator) if investigator is not None else None,
            ),
        ),
    )


def reason(record: Record) -> Element | None:
    """Make the `reasonCode`, if a reason is known."""
    text = record.recording.get("reason")
    return uncoded("reasonCode", text) if text else None


def testing_site(record: Record) -> Element | None:
    """Make the `location`, if an institution is known."""
    name = record.recording.get("institution")
    return within("location/testingSite", identifier(None), _named("location", name)) if name else None


def observations(record: Record) -> Iterator[Element]:
    """Make the `controlVariable` elements of age, height and the like, and of what has no other place."""
    for code, (key, unit) in QUANTITIES.items():
        if has_place("patient", key, record.patient.get(key, "")):
            value = node("value", xsi_type="PQ", value=record.patient[key], unit=unit)
            yield _observation(code, LOINC, value)
    for code, key in TEXTS.items():
        if record.patient.get(key):
            yield _observation(code, LOINC, node("value", xsi_type="ST", text=record.patient[key]))
    for kind, facts in (("patient", record.patient), ("recording", record.recording)):
        for key, text in sorted(facts.items()):
            if text and not has_place(kind, key, text):
                yield _observation(f"{kind}/{key}", EINTHOVEN, node("value", xsi_type="ST", text=text))


def comments(record: Record) -> Iterator[Element]:
    """Make a `pertainsTo` for each comment."""
    for line in record.comments:
        if line.strip():
            yield within("pertainsTo/subjectFindingComment", node("text", text=line))


def series_facts(recording: Mapping[str, str]) -> Iterator[Element]:
    """Make the elements of a series that say by what, by whom and through which filters it was recorded."""
    serial, device, software, maker = (
        recording.get(key) for key in ("device_serial", "device", "software", "manufacturer")
    )
    if serial or device or software or maker:
        yield within(
            "author/seriesAuthor",
            node(
                "manufacturedSeriesDevice",
                identifier(serial),
                node("manufacturerModelName", text=device) if device else None,
                node("softwareName", text=software) if software else None,
            ),
            _named("manufacturerOrganization", maker) if maker else None,
        )
    if operator := recording.get("operator"):
        yield within(
            "secondaryPerformer/seriesPerformer", identifier(None), _named("assignedPerson", operator)
        )
    for kind, (key, part) in FILTERS.items():
        if has_place("recording", key, recording.get(key, "")):
            yield _filter(f"{FILTER_PREFIX}{kind}", f"{FILTER_PREFIX}{part}", recording[key])


def has_place(kind: str, key: str, text: str) -> bool:
    """Tell whether the standard has a place for a fact that gives it back as it is.

    kind : `patient` or `recording`
    """
    if key in ("birth_date", "recorded_at"):
        return ts_of(text) is not None
    if key == "sex":
        return text in _GENDERS
    if key in _QUANTITY_KEYS | _FILTER_KEYS:
        return number_of(text) is not None
    return key in _WORDS[kind] and bool(text)


def _person(patient: Mapping[str, str]) -> Element | None:
    gender = _GENDERS.get(patient.get("sex", ""))
    birth = ts_of(patient.get("birth_date", ""))
    race = patient.get("race")
    code = _RACE_CODES.get(race or "")
    parts = (
        node("name", text=patient["name"]) if patient.get("name") else None,
        coded("administrativeGenderCode", gender, GENDER) if gender else None,
        node("birthTime", value=birth) if birth else None,
        coded("raceCode", code, RACE) if code else uncoded("raceCode", race) if race else None,
    )
    return node("subjectDemographicPerson", *parts) if any(part is not None for part in parts) else None


def _named(tag: str, name: str) -> Element:
    return node(tag, node("name", text=name))


def _observation(code: str, system: str, value: Element) -> Element:
    return within("controlVariable/relatedObservation", coded("code", code, system), value)


def _filter(code: str, part: str, hz: str) -> Element:
    return within(
        "controlVariable/controlVariable",
        coded("code", code, MDC),
        within(
            "component/controlVariable",
            coded("code", part, MDC),
            node("value", xsi_type="PQ", value=hz, unit="Hz"),
        ),
    )
