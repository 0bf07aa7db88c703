"""Facts about subject, device, site and trial."""

import pytest
from aecg_document import MDC, document, lead, sequence_set, series, times

from einthoven.formats.aecg import read_aecg
from einthoven.formats.given import Given
from einthoven.record import Record

X = Given(where="x.xml")
SAMPLES = sequence_set(times(), lead("II", [1, 2]))


def read(*parts: str, before: str = "", low: str = "", after: str = "") -> Record:
    return read_aecg(document(*parts, series(SAMPLES, low=low, before=before), after), X)


def subject(person: str, number: str = '<id extension="S-1"/>') -> str:
    inner = f"{number}<subjectDemographicPerson>{person}</subjectDemographicPerson>"
    return (
        "<componentOf><timepointEvent><componentOf><subjectAssignment><subject><trialSubject>"
        f"{inner}</trialSubject></subject></subjectAssignment></componentOf></timepointEvent></componentOf>"
    )


def observation(code: str, value: str) -> str:
    inner = f'<relatedObservation><code code="{code}"/>{value}</relatedObservation>'
    return f"<controlVariable>{inner}</controlVariable>"


def test_a_subject() -> None:
    record = read(
        subject(
            "<name><given> Jane </given><family>Doe</family></name>"
            '<administrativeGenderCode code="f"/><birthTime value="19530508"/>'
            '<raceCode code="2106-3" displayName="RaceWhite"/>'
        )
    )
    assert dict(record.patient) == {
        "id": "S-1", "name": "Jane Doe", "birth_date": "1953-05-08", "sex": "female", "race": "White",
    }  # fmt: skip


def test_what_is_damaged_or_unknown_is_left_out() -> None:
    record = read(
        subject(
            '<name/><administrativeGenderCode code="UN"/><birthTime value="8 May 1953"/><raceCode code="9"/>',
            "",
        ),
        '<effectiveTime><center value="yesterday"/></effectiveTime>',
        '<effectiveTime nullFlavor="UNK"/>',
        observation("21612-7", '<value xsi:type="PQ" value="old" unit="a"/>'),
        observation("8302-2", '<value xsi:type="PQ" value="2" unit="parsec"/>'),
        observation("21612-7", ""),
    )
    assert dict(record.patient) == {}
    assert dict(record.recording) == {}
    assert record.warnings == ()


@pytest.mark.parametrize(
    ("race", "found"),
    [
        ('<raceCode code="x" displayName="Martian"/>', "Martian"),
        ('<raceCode nullFlavor="OTH"><originalText>Cimbrian</originalText></raceCode>', "Cimbrian"),
    ],
)
def test_races_that_are_no_codes_of_hl7(race: str, found: str) -> None:
    assert read(subject(race)).patient["race"] == found


@pytest.mark.parametrize(
    ("code", "value", "unit", "key", "found"),
    [
        ("21612-7", "46", "a", "age", "46"),
        ("21612-7", "46", "", "age", "46"),
        ("21612-7", "18", "mo", "age", "1.5"),
        ("21612-7", "3", "wk", "age", "0.05749"),
        ("21612-7", "3", "d", "age", "0.008214"),
        ("8302-2", "176.5", "cm", "height_cm", "176.5"),
        ("8302-2", "1.76", "m", "height_cm", "176"),
        ("8302-2", "70", "[in_i]", "height_cm", "177.8"),
        ("29463-7", "71", "kg", "weight_kg", "71"),
        ("29463-7", "3200", "g", "weight_kg", "3.2"),
        ("29463-7", "150", "[lb_av]", "weight_kg", "68.04"),
    ],
)
def test_observations_of_the_subject(code: str, value: str, unit: str, key: str, found: str) -> None:
    record = read(observation(code, f'<value xsi:type="PQ" value="{value}" unit="{unit}"/>'))
    assert dict(record.patient) == {key: found}


def test_observations_in_words() -> None:
    record = read(
        observation("10160-0", '<value xsi:type="ST">digoxin,\n  amiodarone</value>'),
        observation("11348-0", '<value xsi:type="ST">syncope</value>'),
    )
    assert dict(record.patient) == {"medication": "digoxin, amiodarone", "history": "syncope"}


def test_device_operator_and_filters() -> None:
    def band(kind: str, part: str, hz: str, unit: str = "Hz") -> str:
        inner = (
            f'<component><controlVariable><code code="MDC_ECG_CTL_VBL_ATTR_FILTER_{part}" {MDC}/>'
            f'<value value="{hz}" unit="{unit}"/></controlVariable></component>'
        )
        variable = f'<controlVariable><code code="MDC_ECG_{kind}"/>{inner}</controlVariable>'
        return f"<controlVariable>{variable}</controlVariable>"

    record = read(
        before="<author><seriesAuthor><manufacturedSeriesDevice><id extension='SN 7'/>"
        "<manufacturerModelName>M1</manufacturerModelName><softwareName>2.0</softwareName>"
        "</manufacturedSeriesDevice><manufacturerOrganization><name>Maker</name></manufacturerOrganization>"
        "</seriesAuthor></author><secondaryPerformer><seriesPerformer><assignedPerson><name>KAB</name>"
        "</assignedPerson></seriesPerformer></secondaryPerformer>"
        + band("CTL_VBL_ATTR_FILTER_HIGH_PASS", "CUTOFF_FREQ", "0.05")
        # As some devices misspell it.
        + band("CT_LVBL_ATTR_FILTER_LOW_PASS", "CUTOFF_FREQ", "150")
        + band("CTL_VBL_ATTR_FILTER_NOTCH", "NOTCH_FREQ", "50")
        + band("CTL_VBL_ATTR_FILTER_NOTCH", "CUTOFF_FREQ", "1")
        + band("CTL_VBL_ATTR_FILTER_LOW_PASS", "CUTOFF_FREQ", "-")
        + band("CTL_VBL_ATTR_FILTER_LOW_PASS", "CUTOFF_FREQ", "9", "kHz")
        + band("CTL_VBL_ATTR_GAIN", "CUTOFF_FREQ", "9"),
    )
    assert dict(record.recording) == {
        "manufacturer": "Maker", "device": "M1", "device_serial": "SN 7", "software": "2.0",
        "operator": "KAB", "high_pass_hz": "0.05", "low_pass_hz": "150", "notch_hz": "50",
    }  # fmt: skip


TRIAL = (
    "<componentOf><timepointEvent><componentOf><subjectAssignment><componentOf><clinicalTrial>"
    '<id extension="PUK-123"/><location><trialSite><location><name>Trial site</name></location></trialSite>'
    "</location><responsibleParty><trialInvestigator><investigatorPerson><name>Dr. Smith</name>"
    "</investigatorPerson></trialInvestigator></responsibleParty></clinicalTrial></componentOf>"
    "</subjectAssignment></componentOf></timepointEvent></componentOf>"
)


def test_trial_site_and_reason() -> None:
    record = read('<reasonCode code="PER_PROTOCOL"/>', TRIAL)
    assert dict(record.recording) == {
        "study_id": "PUK-123",
        "institution": "Trial site",
        "physician": "Dr. Smith",
        "reason": "PER_PROTOCOL",
    }
    site = "<location><testingSite><location><name>Testing site</name></location></testingSite></location>"
    nearer = read('<reasonCode code="PER_PROTOCOL" displayName="As planned"/>', TRIAL, site)
    assert (nearer.recording["institution"], nearer.recording["reason"]) == ("Testing site", "As planned")


def test_when_it_was_recorded() -> None:
    document_time = '<effectiveTime><center value="20021122091500"/></effectiveTime>'
    assert read(document_time, low="20021122091000").recording["recorded_at"] == "2002-11-22T09:10:00"
    assert read(document_time).recording["recorded_at"] == "2002-11-22T09:15:00"
    assert read('<effectiveTime value="20021122"/>').recording["recorded_at"] == "2002-11-22"


def test_remarks_on_the_subject() -> None:
    remark = "<pertainsTo><subjectFindingComment><text>{}</text></subjectFindingComment></pertainsTo>"
    record = read(
        remark.format("felt dizzy\n\n two minutes before "), remark.format(""), remark.format("fasting")
    )
    assert record.comments == ("felt dizzy", "two minutes before", "fasting")
