"""Facts, statements and dates of MUSE."""

import pytest
from muse_document import document, lead, waveform

from einthoven.formats.given import Given
from einthoven.formats.muse import read_muse
from einthoven.record import Record

X = Given(where="x.xml")


def read(*parts: str, more: str = "") -> Record:
    return read_muse(document(*parts, waveform(lead("V1", [1]), more=more)), X)


def patient(inner: str) -> str:
    return f"<PatientDemographics>{inner}</PatientDemographics>"


def test_a_patient() -> None:
    record = read(
        patient(
            "<PatientID> 0815 </PatientID><PatientAge>43</PatientAge><AgeUnits>YEARS</AgeUnits>"
            "<DateofBirth>07-08-1979</DateofBirth><Gender>MALE</Gender><Race>OTHER</Race>"
            "<PatientLastName>DOE</PatientLastName><PatientFirstName>JOHN</PatientFirstName>"
            "<HeightIN>70</HeightIN><WeightLBS>150</WeightLBS>"
        )
    )
    assert dict(record.patient) == {
        "id": "0815", "name": "JOHN DOE", "birth_date": "1979-07-08", "age": "43", "sex": "male",
        "race": "OTHER", "height_cm": "177.8", "weight_kg": "68.04",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("age", "units", "found"),
    [
        ("43", "YEARS", "43"),
        ("43", "", "43"),
        ("6", "MONTHS", "0.5"),
        ("2", "WEEKS", "0.03833"),
        ("10", "days", "0.02738"),
        ("36", "HOURS", "0.004107"),
        ("6", "DECADES", None),
        ("old", "YEARS", None),
        ("-1", "YEARS", None),
        ("", "YEARS", None),
    ],
)
def test_ages(age: str, units: str, found: str | None) -> None:
    record = read(patient(f"<PatientAge>{age}</PatientAge><AgeUnits>{units}</AgeUnits>"))
    assert record.patient.get("age") == found


def test_metric_measures_and_unknown_sexes() -> None:
    record = read(
        patient(
            "<Gender>UNKNOWN</Gender><HeightCM>176</HeightCM><WeightKG>71.5</WeightKG>"
            "<PatientLastName>DOE</PatientLastName>"
        )
    )
    assert dict(record.patient) == {"name": "DOE", "height_cm": "176", "weight_kg": "71.5"}
    zero = read(patient("<Gender>FEMALE</Gender><HeightIN>0</HeightIN><WeightKG>x</WeightKG>"))
    assert dict(zero.patient) == {"sex": "female"}


def test_a_recording() -> None:
    record = read(
        "<TestDemographics><SiteName>HOSPITAL</SiteName><LocationName>FLOOR</LocationName>"
        "<AcquisitionDevice>MAC55</AcquisitionDevice><AcquisitionTime>22:41:16</AcquisitionTime>"
        "<AcquisitionDate>04-29-2023</AcquisitionDate><TestReason>R07.9</TestReason>"
        "<AcquisitionSoftwareVersion>010A</AcquisitionSoftwareVersion><Status>CONFIRMED</Status>"
        "<AcquisitionTechLastName>CM</AcquisitionTechLastName><ReferringMDLastName>REF</ReferringMDLastName>"
        "<OverreaderLastName>READER</OverreaderLastName><OverreaderFirstName>A.</OverreaderFirstName>"
        "</TestDemographics><PharmaData><PharmaCartID>V7</PharmaCartID></PharmaData>",
        more="<HighPassFilter>16</HighPassFilter><LowPassFilter>150</LowPassFilter><ACFilter>60</ACFilter>",
    )
    assert dict(record.recording) == {
        "recorded_at": "2023-04-29T22:41:16", "device": "MAC55", "device_serial": "V7", "software": "010A",
        "institution": "HOSPITAL", "department": "FLOOR", "operator": "CM", "physician": "A. READER",
        "reason": "R07.9", "high_pass_hz": "0.16", "low_pass_hz": "150", "notch_hz": "60",
    }  # fmt: skip
    assert record.comments == ("status: CONFIRMED",)


def test_filters_that_are_off_are_not_stated() -> None:
    record = read(more="<HighPassFilter>0</HighPassFilter><ACFilter>NONE</ACFilter><LowPassFilter/>")
    assert dict(record.recording) == {}


@pytest.mark.parametrize(
    ("day", "hour", "found", "n_warnings"),
    [
        ("04-29-2023", "", "2023-04-29", 0),
        ("4-9-2023", "9:05", "2023-04-09T09:05:00", 0),
        ("2023-04-29", "22:41:16", "2023-04-29T22:41:16", 0),
        ("2023-04-29T00:00:00", "22:41:16", "2023-04-29T22:41:16", 0),
        ("29-04-2023", "22:41:16", None, 1),
        ("02-30-2023", "25:00:00", None, 2),
        ("04-29-2023", "noon", "2023-04-29", 1),
        ("", "22:41:16", None, 0),
    ],
)
def test_dates(day: str, hour: str, found: str | None, n_warnings: int) -> None:
    record = read(
        f"<TestDemographics><AcquisitionTime>{hour}</AcquisitionTime>"
        f"<AcquisitionDate>{day}</AcquisitionDate></TestDemographics>"
    )
    assert record.recording.get("recorded_at") == found
    assert len(record.warnings) == n_warnings


def test_a_date_of_birth_that_is_none() -> None:
    record = read(patient("<DateofBirth>yesterday</DateofBirth>"))
    assert dict(record.patient) == {}
    assert record.warnings == ("DateofBirth was not read: 'yesterday'",)


def diagnosis(*statements: tuple[str, bool], tag: str = "Diagnosis") -> str:
    inner = "".join(
        "<DiagnosisStatement>"
        f"{'<StmtFlag>ENDSLINE</StmtFlag>' if ends else '<StmtFlag>USERINSERT</StmtFlag>'}"
        f"<StmtText>{text}</StmtText></DiagnosisStatement>"
        for text, ends in statements
    )
    return f"<{tag}><Modality>RESTING</Modality>{inner}</{tag}>"


def test_statements_are_joined_until_their_line_ends() -> None:
    record = read(
        diagnosis(
            ("Normal sinus rhythm", True),
            ("Anterior infarct", False),
            (", age undetermined", True),
            ("When compared with ECG of", False),
            (" 30-MAR-2023 09:09,", True),
            ("", True),
            ("Questionable change", False),
        )
    )
    assert record.statements == (
        "Normal sinus rhythm",
        "Anterior infarct, age undetermined",
        "When compared with ECG of 30-MAR-2023 09:09,",
        "Questionable change",
    )


def test_the_device_said_otherwise() -> None:
    original = diagnosis(("Atrial fibrillation", True), tag="OriginalDiagnosis")
    changed = read(diagnosis(("Sinus rhythm", True)), original)
    assert changed.statements == ("Sinus rhythm",)
    assert changed.comments == ("originally: Atrial fibrillation",)
    assert read(original).statements == ("Atrial fibrillation",)
    same = read(diagnosis(("Atrial fibrillation", True)), original)
    assert (same.statements, same.comments) == (("Atrial fibrillation",), ())
