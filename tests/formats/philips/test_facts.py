"""What a document says beside the samples."""

from philips_document import compressed, document_1_03, document_1_04, ecg

from einthoven.formats.given import Given
from einthoven.formats.philips import read_philips
from einthoven.record import Record

X = Given(where="x.xml")


def read(**changes: str) -> Record:
    return read_philips(document_1_04(compressed(ecg()), **changes), X)


def general(inner: str) -> str:
    return f"<patient><generalpatientdata>{inner}</generalpatientdata></patient>"


def test_patient() -> None:
    assert dict(read().patient) == {
        "id": "P 7",
        "name": "Jane Doe",
        "birth_date": "1950-01-31",
        "sex": "female",
        "race": "White",
        "height_cm": "177.8",
        "weight_kg": "81.5",
        "medication": "Digoxin; Aspirin",
        "history": "Infarction",
    }


def test_acquisition() -> None:
    assert dict(read().recording) == {
        "recorded_at": "2008-12-23T19:44:46",
        "manufacturer": "Philips Medical Products",
        "device": "PageWriter M5000",
        "device_serial": "EKG1",
        "software": "C.01",
        "institution": "Hospital",
        "department": "Ward 3",
        "operator": "CA7",
        "physician": "Dr Who",
        "study_id": "12",
        "reason": "Syncope",
        "pacemaker": "Non paced",
        "high_pass_hz": "0.05",
        "low_pass_hz": "150",
        "notch_hz": "60",
    }


def test_interpretation_and_remarks() -> None:
    record = read()
    assert record.statements == (
        "SINUS BRADYCARDIA V-rate<60",
        "OTHERWISE NORMAL ECG",
        "Confirmed by: nobody",
    )
    assert record.comments == ("Symptom: Chest pain", "A remark")


def test_version_1_03() -> None:
    record = read_philips(document_1_03(compressed(ecg())), X)
    assert dict(record.patient) == {"id": "P", "age": "1.5"}
    assert dict(record.recording) == {
        "recorded_at": "2004-05-06T07:08:09",
        "manufacturer": "Philips",
        "device": "HeartstartMRx MRx",
        "software": "1.0",
        "operator": "OP",
        "high_pass_hz": "0.05",
        "low_pass_hz": "150",
    }


def test_ages() -> None:
    for unit, value, age in (
        ("years", "70", "70"),
        ("weeks", "26", "0.4983"),
        ("days", "30", "0.08214"),
        ("hours", "24", "0.002738"),
        ("minutes", "600", "0.001141"),
    ):
        record = read(patient=general(f"<age><{unit}>{value}</{unit}></age>"))
        assert record.patient["age"] == age


def test_damaged_facts_are_left_out() -> None:
    record = read(
        patient=general(
            "<patientid>---</patientid><age><dateofbirth>31.1.1950</dateofbirth><years>old</years></age>"
            "<sex>Unknown</sex><race>Unknown</race><pacestatus>Unknown</pacestatus>"
            "<height><cm>Failed</cm></height><weight><lb>100</lb></weight>"
        )
    )
    assert dict(record.patient) == {"weight_kg": "45.36"}
    assert "pacemaker" not in record.recording


def test_a_damaged_date() -> None:
    data = document_1_04(compressed(ecg()))
    assert "recorded_at" not in read_philips(data.replace(b'date="2008-12-23"', b'date="today"'), X).recording
    record = read_philips(data.replace(b'time="19:44:46"', b'time="late"'), X)
    assert record.recording["recorded_at"] == "2008-12-23"


def test_a_document_without_acquisition() -> None:
    data = document_1_04(compressed(ecg()), patient="").replace(b"dataacquisition", b"nothing")
    record = read_philips(data, X)
    assert (dict(record.patient), record.fs) == ({}, 500.0)
    assert dict(record.recording) == {
        "study_id": "12",
        "reason": "Syncope",
        "high_pass_hz": "0.05",
        "low_pass_hz": "150",
        "notch_hz": "60",
    }


def test_marks() -> None:
    annotations = (
        "<annotations><annotation><time>500</time><label>V</label></annotation>"
        "<annotation><leadname>II</leadname><time>10.0</time><label>QRS on</label></annotation>"
        "<annotation><time>99999</time><label>N</label></annotation><annotation/></annotations>"
    )
    pulses = (
        "<internalmeasurements><crossleadmeasurements><pacepulses>"
        '<pacepulse starttime="200"/><pacepulse starttime=""/></pacepulses></crossleadmeasurements>'
        "</internalmeasurements>"
    )
    record = read(waveforms=annotations, more=pulses)
    marks = record.annotations
    assert marks is not None
    assert marks.samples.tolist() == [5, 100, 250]
    assert (marks.symbols, marks.notes) == (('"', '"', "V"), ("QRS on (II)", "pace pulse", ""))
    assert record.warnings == ("3 of 6 marks lie past the last sample or have no time: left out",)


def test_no_mark_that_can_be_read() -> None:
    record = read(waveforms="<annotations><annotation/></annotations>")
    assert record.annotations is None
    assert record.warnings == ("1 of 1 marks lie past the last sample or have no time: left out",)
