"""What files state of patient and recording, and that it survives writing."""

import numpy as np
import pytest
from dicom_files import annotation, channel, coded, ecg, group

from einthoven.errors import RecordError
from einthoven.formats.dicom import encode_dicom, read_dicom
from einthoven.formats.dicom.facts import age_of, coded_name, date_of, date_time_of, plain_name, quantity_of
from einthoven.formats.given import Given
from einthoven.record import Record

GIVEN = Given(where="x.dcm")


def read(**attributes: object) -> Record:
    return read_dicom(ecg(**attributes), GIVEN)


def test_patient() -> None:
    found = read(
        PatientName="Doe^John^Q^Dr.^Jr.",
        PatientID="7",
        PatientBirthDate="19710123",
        PatientSex="F",
        PatientAge="042Y",
        PatientSize="1.76",
        PatientWeight="70.5",
        EthnicGroup="white",
        AdditionalPatientHistory="had two\r\n falls",
    )
    assert dict(found.patient) == {
        "id": "7",
        "race": "white",
        "history": "had two falls",
        "name": "Doe, Dr. John Q Jr.",
        "birth_date": "1971-01-23",
        "sex": "female",
        "age": "42",
        "height_cm": "176",
        "weight_kg": "70.5",
    }


def test_recording() -> None:
    found = read(
        AcquisitionDateTime="20130125105919.5+0100",
        Manufacturer="Maker",
        ManufacturerModelName="E 1",
        DeviceSerialNumber="S1",
        SoftwareVersions=["1.0", "b"],
        InstitutionName="House",
        InstitutionalDepartmentName="Heart",
        OperatorsName="Nurse^A",
        NameOfPhysiciansReadingStudy="Reader^B",
        ReferringPhysicianName="Other^C",
        StudyID="9",
        ReasonForTheRequestedProcedure="chest pain",
    )
    assert dict(found.recording) == {
        "manufacturer": "Maker",
        "device": "E 1",
        "device_serial": "S1",
        "software": "1.0, b",
        "institution": "House",
        "department": "Heart",
        "study_id": "9",
        "reason": "chest pain",
        "operator": "Nurse, A",
        "physician": "Reader, B",
        "recorded_at": "2013-01-25T10:59:19.5+01:00",
    }


def test_what_is_damaged_or_empty_is_left_out() -> None:
    found = read(
        PatientName="^^",
        PatientID="",
        PatientBirthDate="19711301",
        PatientSex="O",
        PatientAge="old",
        PatientSize="0",
        AcquisitionDateTime="2013",
        ContentDate="20990101",
    )
    assert dict(found.patient) == {}
    assert dict(found.recording) == {"recorded_at": "2013"}


@pytest.mark.parametrize(
    ("attributes", "expected"),
    [
        ({"ContentDate": "20200102", "ContentTime": "030405.25"}, "2020-01-02T03:04:05.25"),
        ({"StudyDate": "20200102", "StudyTime": "0304"}, "2020-01-02T03:04"),
        ({"StudyDate": "20200102"}, "2020-01-02"),
        ({"AcquisitionDateTime": "202001020304", "TimezoneOffsetFromUTC": "-0530"}, "2020-01-02T03:04-05:30"),
        ({"AcquisitionDateTime": "20200102030405.000000"}, "2020-01-02T03:04:05"),
        ({"AcquisitionDateTime": "19000101"}, None),
        ({"AcquisitionDateTime": "20200102250000"}, None),
        ({}, None),
    ],
)
def test_when_it_was_recorded(attributes: dict[str, object], expected: str | None) -> None:
    assert read(**attributes).recording.get("recorded_at") == expected


def test_single_values() -> None:
    assert [age_of(text) for text in ("042Y", "018M", "010W", "002D", "42", "")] == [
        "42",
        "1.5",
        "0.19",
        "0.01",
        "",
        "",
    ]
    assert [date_of(text) for text in ("1971.01.23", "19710230", "1971")] == ["1971-01-23", "", ""]
    assert [quantity_of(text, 2.0) for text in ("1.5", "-1", "x", "nan", "1e9")] == ["3", "", "", "", ""]
    assert [date_time_of(text) for text in ("2020", "20201", "202001")] == ["2020", "", "2020-01"]


@pytest.mark.parametrize(
    ("stored", "words"),
    [
        ("Anonymous", "Anonymous"),
        ("Doe^John", "Doe, John"),
        ("^John", "John"),
        ("Doe^^^Dr.", "Doe, Dr."),
        ("=\u5c71\u7530^\u592a\u90ce", "\u5c71\u7530, \u592a\u90ce"),
        ("", ""),
        ("A^B^C^D^E^F", "A, D B C E"),
    ],
)
def test_names(stored: str, words: str) -> None:
    assert plain_name(stored) == words


def test_names_are_coded_as_family_and_others() -> None:
    assert [coded_name(name) for name in ("Doe, John Q", "Doe", "A, B, C")] == ["Doe^John Q", "Doe", "A^B, C"]


def test_filters_that_all_leads_have() -> None:
    filters = {"FilterLowFrequency": "0.050", "FilterHighFrequency": "150", "NotchFilterFrequency": "0"}
    both = [channel("I", **filters), channel("II", **filters)]
    found = read_dicom(ecg(group(channels=both)), GIVEN)
    assert dict(found.recording) == {"high_pass_hz": "0.05", "low_pass_hz": "150"}
    differing = [channel("I", **filters), channel("II", FilterLowFrequency="0.5")]
    assert dict(read_dicom(ecg(group(channels=differing)), GIVEN).recording) == {}


def test_comments() -> None:
    context = annotation(
        None, coded("1", "X", "Electrode Placement"), ConceptCodeSequence=[coded("2", "X", "Mason")]
    )
    found = read(
        PatientComments="said\r\n\r\nMedication: a, b",
        VisitComments="more",
        AcquisitionContextSequence=[context],
    )
    assert found.comments == ("said", "more", "Electrode Placement: Mason")
    assert dict(found.patient) == {"medication": "a, b"}


def test_comments_do_not_overrule_attributes() -> None:
    found = read(PatientComments="Age: 99\r\nSex: Unknown\r\nPacemaker: yes", PatientAge="042Y")
    assert dict(found.patient) == {"age": "42"}
    assert dict(found.recording) == {"pacemaker": "yes"}
    assert found.comments == ("Age: 99", "Sex: Unknown")


def written(
    patient: dict[str, str] | None = None, recording: dict[str, str] | None = None, **more: object
) -> Record:
    record = Record(
        np.zeros((1, 5), np.float32), 250, ("II",), patient=patient or {}, recording=recording or {}, **more
    )
    return read_dicom(encode_dicom(record), GIVEN)


@pytest.mark.parametrize(
    ("kind", "key", "value"),
    [
        *(
            ("patient", "name", name)
            for name in ("Doe", "Doe, John", "A, B, C", "Doe^John", "a = b", "x" * 70)
        ),
        *(("patient", "age", age) for age in ("42", "0.5", "1.5", "0.02", "104", "0.37")),
        *(("patient", "birth_date", day) for day in ("1971-01-23", "1971", "yesterday")),
        *(("patient", "sex", sex) for sex in ("male", "female")),
        *(("patient", "height_cm", height) for height in ("176", "176.5", "tall")),
        *(("patient", "weight_kg", weight) for weight in ("70", "3.25", "70 kg")),
        *(("patient", "race", race) for race in ("white", "of a kind with a long name", "a\\b")),
        *(("patient", "history", text) for text in ("none", "a\\b", "x" * 500)),
        *(("patient", "id", number) for number in ("7", "a\\b", "9" * 65)),
        ("patient", "medication", "Aspirin"),
        *(
            ("recording", "recorded_at", time)
            for time in ("2020-01-02", "2020-01-02T03:04", "2020-01-02T03:04:05")
        ),
        *(
            ("recording", "recorded_at", time)
            for time in ("2020-01-02T03:04:05.25+01:00", "in May", "1899-01-01")
        ),
        *(("recording", "high_pass_hz", hertz) for hertz in ("0.05", "1", "none", "0")),
        *(("recording", "notch_hz", hertz) for hertz in ("50", "50/60")),
        *(("recording", "reason", text) for text in ("pain", "x" * 100)),
        *(("recording", "institution", text) for text in ("House", "\u00c9cole", "x" * 65)),
        *(("recording", key, "A B") for key in ("operator", "physician", "device", "software", "pacemaker")),
        *(("recording", key, "A B") for key in ("manufacturer", "device_serial", "department", "study_id")),
        ("recording", "physician", "Doe, John"),
    ],
)
def test_every_fact_survives_writing(kind: str, key: str, value: str) -> None:
    found = written(**{kind: {key: value}})
    assert dict(getattr(found, kind)) == {key: value}
    assert found.comments == ()


def test_an_age_that_is_no_number_is_a_comment() -> None:
    found = written(patient={"age": "about 40"})
    assert (dict(found.patient), found.comments) == ({}, ("Age: about 40",))


def test_what_is_written_is_plain_text() -> None:
    found = written(comments=("a\tb\x1b[31m", "second\nthird"))
    assert found.comments == ("a b [31m", "second", "third")


def test_too_many_comments() -> None:
    with pytest.raises(
        RecordError,
        match=r"record: expected at most 10240 characters of comments and other facts, .* found 10241",
    ):
        written(comments=("x" * 10241,))
