"""Identification fields, there and back."""

from datetime import date

import pytest
from edf_file import Wave, edf_file
from hypothesis import given, settings
from hypothesis import strategies as st

from einthoven.formats.edf import read_edf
from einthoven.formats.edf.identification import decode_date, encode_identification, filters
from einthoven.formats.given import Given
from einthoven.record import Record

X = Given(where="x.edf")


def read(**fields: object) -> Record:
    return read_edf(edf_file(Wave(), **{"reserved": "EDF+C", **fields}), X)


def test_patient() -> None:
    record = read(patient="MCH-0234567 F 02-MAY-1951 Haagse_Harry kidney transplant")
    assert dict(record.patient) == {
        "id": "MCH-0234567",
        "name": "Haagse Harry",
        "birth_date": "1951-05-02",
        "sex": "female",
    }
    assert record.comments == ("Patient: kidney transplant",)


def test_anonymous_patient() -> None:
    record = read()
    assert (dict(record.patient), dict(record.recording), record.comments) == ({}, {}, ())


def test_fewer_subfields() -> None:
    assert dict(read(patient="77 M").patient) == {"id": "77", "sex": "male"}
    assert dict(read(patient="").patient) == {}


def test_plain_edf_has_what_it_likes() -> None:
    assert dict(read(reserved="", patient="Harry from The Hague").patient) == {"id": "Harry from The Hague"}
    assert dict(read(reserved="", patient="7 M 01-JAN-1950 Doe").patient)["name"] == "Doe"
    assert read(reserved="", recording="ward 3").comments == ("Recording: ward 3",)


def test_recording() -> None:
    record = read(recording="Startdate 02-MAR-2020 PSG-1234/2020 NN Telemetry_03 night 1")
    assert dict(record.recording) == {
        "recorded_at": "2020-03-02T04:05:06",
        "study_id": "PSG-1234/2020",
        "operator": "NN",
        "device": "Telemetry 03",
    }
    assert record.comments == ("Recording: night 1",)


@pytest.mark.parametrize(
    ("recording", "startdate", "starttime", "moment"),
    [
        ("Startdate 02-MAR-1951 X X X", "02.03.85", "04.05.06", "1951-03-02T04:05:06"),
        ("anything", "02.03.85", "04.05.06", "1985-03-02T04:05:06"),
        ("anything", "02.03.84", "23.59.59", "2084-03-02T23:59:59"),
        ("Startdate 99-XXX-2020 X X X", "02/03/20", "04:05:06", "2020-03-02T04:05:06"),
        ("", " 2.03.20", " 4.05.06", "2020-03-02T04:05:06"),
    ],
)
def test_start(recording: str, startdate: str, starttime: str, moment: str) -> None:
    record = read(recording=recording, startdate=startdate, starttime=starttime)
    assert record.recording["recorded_at"] == moment
    assert record.warnings == ()


@pytest.mark.parametrize(("startdate", "found"), [("31.02.20", "31.02.20"), ("02032020", "02032020")])
def test_a_date_that_cannot_be_read(startdate: str, found: str) -> None:
    record = read(recording="X", startdate=startdate)
    assert "recorded_at" not in record.recording
    assert record.warnings == (f"the date of the recording cannot be read: {found!r}",)


@pytest.mark.parametrize("startdate", ["", "01.01.85"])
def test_no_date(startdate: str) -> None:
    record = read(recording="X", startdate=startdate)
    assert (dict(record.recording), record.warnings) == ({}, ())


@pytest.mark.parametrize("starttime", ["25.00.00", "late", ""])
def test_a_time_that_cannot_be_read(starttime: str) -> None:
    record = read(recording="X", starttime=starttime)
    assert record.recording["recorded_at"] == "2020-03-02"
    assert record.warnings == (f"the time of the recording cannot be read: {starttime!r}",)


def test_dates() -> None:
    assert decode_date("29-feb-2020") == date(2020, 2, 29)
    for text in ("29-FEB-2021", "X", "02-MAI-2020", "2020-01-01"):
        assert decode_date(text) is None


def test_filters_that_leads_do_not_share() -> None:
    assert filters(("HP:0.1Hz N:60Hz", "HP: 0.1 Hz LP:40Hz")) == {"high_pass_hz": "0.1"}


def test_facts_that_do_not_fit_are_told_apart() -> None:
    fields = encode_identification(
        {"id": "a b", "name": "J\u00fcrgen", "sex": "other", "birth_date": "1950", "age": "70"},
        {"recorded_at": "2020-01-01", "device": "X", "operator": "A_B", "notch_hz": "mains", "reason": ""},
    )
    assert (fields.patient, fields.recording) == ("X X X X", "Startdate X X X X")
    assert (fields.startdate, fields.starttime, fields.prefiltering) == ("01.01.85", "00.00.00", "")
    assert set(fields.patient_rest) == {"id", "name", "sex", "birth_date", "age"}
    assert set(fields.recording_rest) == {"recorded_at", "device", "operator", "notch_hz"}


@pytest.mark.parametrize(
    "moment", ["1984-12-31T00:00:00", "2085-01-01T00:00:00", "2020-01-01T00:00:00+01:00", "x"]
)
def test_moments_that_edf_cannot_hold(moment: str) -> None:
    assert encode_identification({}, {"recorded_at": moment}).recording_rest == {"recorded_at": moment}


def test_the_longest_subfields_give_way() -> None:
    fields = encode_identification({"id": "i" * 30, "name": "n" * 60, "sex": "male"}, {})
    assert fields.patient == f"{'i' * 30} M X X"
    assert fields.patient_rest == {"name": "n" * 60}


WORDS = st.text(
    st.characters(min_codepoint=33, max_codepoint=126, exclude_characters="_"), min_size=1, max_size=12
)


@given(id=WORDS, name=st.lists(WORDS, min_size=1, max_size=3).map(" ".join), device=WORDS, day=st.dates())
@settings(max_examples=80, deadline=None)
def test_what_is_encoded_comes_back(id: str, name: str, device: str, day: date) -> None:
    patient = {"id": id, "name": name, "birth_date": day.isoformat(), "sex": "female"}
    recording = {"recorded_at": "2020-03-02T04:05:06", "device": device, "low_pass_hz": "40"}
    fields = encode_identification(patient, recording)
    record = read(
        patient=fields.patient,
        recording=fields.recording,
        startdate=fields.startdate,
        starttime=fields.starttime,
    )
    assert dict(record.patient) | fields.patient_rest == patient
    assert dict(record.recording) | {"low_pass_hz": "40"} | fields.recording_rest == recording
