"""HL7 aECG documents that are written."""

import re
from dataclasses import replace
from xml.etree.ElementTree import Element, fromstring

import numpy as np
import pytest

from einthoven.errors import RecordError
from einthoven.formats.aecg import encode_aecg, looks_like_aecg, read_aecg
from einthoven.formats.given import Given
from einthoven.formats.limits import Limits
from einthoven.record import Annotation, Record

X = Given(where="x.xml")
NAN = np.nan
RECORD = Record(
    np.float32([[0, 0.0025, -0.005], [0.0125, 0, 0.0025]]),
    500,
    ("I", "V1"),
    name="x",
    recording={"recorded_at": "2002-11-22T09:10:00"},
)


def tree(record: Record) -> Element:
    """Parse what is written, its namespace left out."""
    return fromstring(encode_aecg(record).decode().replace(' xmlns="urn:hl7-org:v3"', ""))


def back(record: Record) -> Record:
    return read_aecg(encode_aecg(record), X)


def same_marks(ours: Annotation | None, theirs: Annotation | None) -> bool:
    if ours is None or theirs is None:
        return ours is theirs
    notes = (given.notes or ("",) * len(given.symbols) for given in (ours, theirs))
    return (
        np.array_equal(ours.samples, theirs.samples)
        and ours.symbols == theirs.symbols
        and next(notes) == next(notes)
    )


def test_a_document() -> None:
    data = encode_aecg(RECORD)
    assert looks_like_aecg(data)
    assert data.startswith(b"<?xml version='1.0' encoding='UTF-8'?>\n<AnnotatedECG xmlns=\"urn:hl7-org:v3\"")
    root = tree(RECORD)
    assert root.findtext(".//digits") == "0 1 -2"
    assert root.find(".//scale").attrib == {"value": "2.5", "unit": "uV"}  # type: ignore[union-attr]
    assert [head.get("value") for head in root.iter("head")] == ["20021122091000"]
    assert [step.attrib for step in root.iter("increment")] == [{"value": "0.002", "unit": "s"}]
    series = root.find("component/series/effectiveTime")
    assert series is not None
    assert [(end.tag, end.get("value")) for end in series] == [
        ("low", "20021122091000"),
        ("high", "20021122091000.006"),
    ]


def test_the_identifier_follows_from_the_content() -> None:
    ids = [tree(record)[0].get("root", "") for record in (RECORD, RECORD, replace(RECORD, fs=250))]
    assert ids[0] == ids[1] != ids[2]
    assert re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", ids[0])


@pytest.mark.parametrize("fs", [500, 360, 257, 128, 250.5, 1 / 3, 1e-6, 999_999_999, 511.99999999999994])
def test_sampling_rates_come_back_exactly(fs: float) -> None:
    for recording in ({}, dict(RECORD.recording)):
        assert back(replace(RECORD, fs=fs, recording=recording)).fs == fs


@pytest.mark.parametrize("fs", [1e-7, 2e9])
def test_sampling_rates_that_are_none_of_an_ecg(fs: float) -> None:
    with pytest.raises(RecordError, match=r"^x: expected a sampling rate of 1e-06 to 1e\+09 Hz, found "):
        encode_aecg(replace(RECORD, fs=fs))


@pytest.mark.parametrize(
    "names",
    [
        ("aVR", "V3R"),
        ("MLII", "ECG"),
        ("lead 1", "lead 2"),
        ("X", "-aVR"),
        ("V10", "fH"),
        ("ab<&>\"'", "Ä b"),
    ],
)
def test_names_of_leads_come_back(names: tuple[str, ...]) -> None:
    record = back(replace(RECORD, leads=names))
    assert record.leads == names
    assert record.warnings == ()


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (("I", "I"), "expected leads of different names, found lead I more than once"),
        (("", "I"), "expected a name of every lead, found '', 'I'"),
    ],
)
def test_names_of_leads_that_cannot_be_held(names: tuple[str, ...], message: str) -> None:
    with pytest.raises(RecordError, match=message):
        encode_aecg(replace(RECORD, leads=names))


def test_missing_samples_part_the_leads_into_sets() -> None:
    signal = np.float32([[1, NAN, NAN, 4, 5, 6], [NAN, 2, 3, NAN, NAN, 7]]) * np.float32(0.005)
    for record in (replace(RECORD, signal=signal), replace(RECORD, signal=signal, recording={}, fs=360)):
        found = back(record)
        assert found.leads == record.leads
        assert np.array_equal(found.signal, signal, equal_nan=True)
    assert len(tree(replace(RECORD, signal=signal)).findall(".//sequenceSet")) == 4


def test_a_stretch_without_any_lead() -> None:
    signal = np.float32([[1, NAN, 3, 3], [2, NAN, NAN, 4]]) * np.float32(0.005)
    assert np.array_equal(back(replace(RECORD, signal=signal)).signal, signal, equal_nan=True)


def test_a_lead_without_any_sample() -> None:
    signal = np.float32([[NAN, NAN], [0.005, 0.01]])
    found = back(replace(RECORD, signal=signal))
    assert np.array_equal(found.signal, signal, equal_nan=True)
    assert found.warnings == ("lead I: the file holds no samples",)


@pytest.mark.parametrize(("row", "end"), [([NAN, 1, 2], "beginning"), ([1, 2, NAN], "end")])
def test_nothing_at_the_beginning_or_end(row: list[float], end: str) -> None:
    with pytest.raises(RecordError, match=f"^x: expected samples from the beginning .* none at the {end}$"):
        encode_aecg(replace(RECORD, signal=np.float32([row, row])))


def test_samples_that_are_too_large() -> None:
    with pytest.raises(
        RecordError, match=r"^x, lead V1: expected samples of at most \d+ uV, found 1e\+09 mV"
    ):
        encode_aecg(replace(RECORD, signal=np.float32([[1, 2], [1e9, 1.5]])))


def test_annotations_come_back() -> None:
    marks = Annotation(
        np.array([0, 0, 1, 2, 3, 3]),
        ("+", "N", "V", "N", '"', "Q"),
        ("(N", "", "early", "MDC_ECG_BEAT_WPW_A", "MDC_ECG_BEAT_OF_A_VENDOR", "MDC_ECG_BEAT_ABNORMAL"),
    )
    for record in (
        replace(RECORD, annotations=marks),
        replace(RECORD, annotations=marks, recording={}, fs=360),
    ):
        assert same_marks(back(record).annotations, marks)
    codes = [value.get("code") for value in tree(replace(RECORD, annotations=marks)).iter("value")]
    assert "MDC_ECG_BEAT_V_P_C" in codes
    assert "MDC_ECG_BEAT_WPW_A" in codes


@pytest.mark.parametrize(
    ("samples", "symbols", "message"),
    [
        ([4], ("N",), "expected annotations within 3 samples, found one at 4"),
        ([-1], ("N",), "expected annotations within 3 samples, found one at -1"),
        ([1], ("NN",), "expected WFDB mnemonics as annotation symbols, found 'NN'"),
    ],
)
def test_annotations_that_cannot_be_held(samples: list[int], symbols: tuple[str, ...], message: str) -> None:
    with pytest.raises(RecordError, match=f"^x: {message}$"):
        encode_aecg(replace(RECORD, annotations=Annotation(np.array(samples), symbols)))


PATIENT = {
    "id": "S-1", "name": "Jane Doe", "birth_date": "1953-05-08", "age": "46", "sex": "female",
    "race": "White", "height_cm": "176.5", "weight_kg": "71", "medication": "digoxin", "history": "syncope",
}  # fmt: skip
RECORDING = {
    "recorded_at": "2002-11-22T09:10:00.250+01:00", "manufacturer": "Maker", "device": "M1",
    "device_serial": "7", "software": "2.0", "institution": "Site", "department": "Ward", "operator": "KAB",
    "physician": "Dr. Smith", "study_id": "T-1", "reason": "chest pain", "high_pass_hz": "0.05",
    "low_pass_hz": "150", "notch_hz": "50", "pacemaker": "yes",
}  # fmt: skip


def test_facts_come_back() -> None:
    record = replace(
        RECORD,
        patient=PATIENT,
        recording=RECORDING,
        statements=("Sinus rhythm", "  ", "Old infarct"),
        comments=("felt dizzy", "", "fasting"),
    )
    found = back(record)
    assert dict(found.patient) == PATIENT
    assert dict(found.recording) == RECORDING
    assert found.statements == ("Sinus rhythm", "Old infarct")
    assert found.comments == ("felt dizzy", "fasting")


@pytest.mark.parametrize(
    ("patient", "recording"),
    [
        ({"birth_date": "May 1953", "age": "about 40", "sex": "unknown", "race": "Cimbrian"}, {}),
        ({"height_cm": "six feet", "handedness": "left", "id": "", "name": ""}, {}),
        ({}, {"recorded_at": "22.11.2002", "high_pass_hz": "off", "firmware": "9"}),
        ({}, {"recorded_at": "2002-11-22 09:10"}),
        ({}, {"recorded_at": "2002-11-22T09:10:00Z"}),
        ({}, {"recorded_at": "9999-12-31T23:59:59"}),
        ({}, {"recorded_at": "2002-11"}),
        ({}, {"operator": "KAB"}),
        ({}, {"device_serial": "7"}),
        ({"race": "Cimbrian"}, {"physician": "Dr. <Smith> & \u201eSons\u201c"}),
    ],
)
def test_facts_without_a_place_come_back_too(patient: dict[str, str], recording: dict[str, str]) -> None:
    found = back(replace(RECORD, patient=patient, recording=recording))
    assert dict(found.patient) == {key: value for key, value in patient.items() if value}
    assert dict(found.recording) == recording


def test_characters_that_xml_cannot_hold_are_replaced() -> None:
    record = replace(RECORD, patient={"name": "a\0b\ud800c"}, comments=("tab\there \x1b",))
    assert back(record).patient["name"] == "a\ufffdb\ufffdc"
    assert back(record).comments == ("tab\there \ufffd",)


def test_a_representative_beat_comes_back() -> None:
    beat = Record(
        np.float32([[0.001, NAN, 0.003]]), 1000, ("II",), annotations=Annotation(np.array([1]), ("N",))
    )
    found = back(replace(RECORD, representative_beat=beat)).representative_beat
    assert found is not None
    assert (found.fs, found.leads) == (1000, ("II",))
    assert np.array_equal(found.signal, beat.signal, equal_nan=True)
    assert same_marks(found.annotations, beat.annotations)


def test_a_document_that_would_not_be_read_back_is_not_written(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("einthoven.formats.aecg.writing.LIMITS", Limits(xml_elements=60))
    marks = Annotation(np.zeros(3, np.int64), ("N",) * 3)
    assert encode_aecg(RECORD)
    with pytest.raises(RecordError, match=r"^x: expected at most 60 elements of XML, found \d+: too many"):
        encode_aecg(replace(RECORD, annotations=marks))
