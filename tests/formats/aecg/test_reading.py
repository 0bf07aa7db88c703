"""HL7 aECG documents as records."""

import os
import random
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from aecg_document import (
    annotation,
    annotation_set,
    between,
    document,
    lead,
    recording,
    sequence_set,
    series,
    times,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from einthoven.errors import ECGError, FormatError, RecordError
from einthoven.formats.aecg import looks_like_aecg, read_aecg
from einthoven.formats.given import Given
from einthoven.formats.limits import Limits
from einthoven.record import TWELVE_LEADS

X = Given(where="x.xml", name="x", path="x.xml")
SAMPLES = sequence_set(times(), lead("I", [1, 2, 3]), lead("II", [4, 5, 6]))


def part(*digits: int, code: str = "I", head: str = "0") -> str:
    return sequence_set(times("TIME_RELATIVE", head), lead(code, digits))


def test_a_document() -> None:
    data = document(series(SAMPLES))
    assert looks_like_aecg(data)
    record = read_aecg(data, X)
    assert (record.leads, record.fs, record.name, record.path) == (("I", "II"), 500, "x", "x.xml")
    assert np.array_equal(record.signal, np.float32(np.array([[1, 2, 3], [4, 5, 6]]) * 0.0025))
    assert (record.annotations, record.representative_beat, record.warnings) == (None, None, ())


def test_namespaces_may_be_missing_or_have_a_prefix() -> None:
    plain = document(series(SAMPLES)).replace(b' xmlns="urn:hl7-org:v3"', b"").replace(b"xsi:", b"")
    prefixed = (
        document(series(SAMPLES))
        .replace(b"</", b"<\0")
        .replace(b"<", b"<h:")
        .replace(b"<h:\0", b"</h:")
        .replace(b"<h:?", b"<?")
        .replace(b'xmlns="', b'xmlns:h="')
    )
    for data in (plain, prefixed):
        assert looks_like_aecg(data)
        assert read_aecg(data, X).n_samples == 3


@pytest.mark.parametrize("encoding", ["utf-16", "iso-8859-1", "utf-8-sig"])
def test_encodings(encoding: str) -> None:
    remark = "<pertainsTo><subjectFindingComment><text>Müde</text></subjectFindingComment></pertainsTo>"
    text = document(remark, series(SAMPLES)).decode()
    data = text.replace("UTF-8", encoding.removesuffix("-sig")).encode(encoding)
    assert looks_like_aecg(data)
    assert read_aecg(data, X).comments == ("Müde",)


@pytest.mark.parametrize(
    "head", [b"", b"<html>", b"AnnotatedECG", b"I,II\n1,2", b"<RestingECG>", b"\xff\xd8"]
)
def test_what_is_no_aecg(head: bytes) -> None:
    assert not looks_like_aecg(head)


def test_other_documents_are_refused() -> None:
    with pytest.raises(FormatError, match=r"^x\.xml: expected the root AnnotatedECG, found 'html'$"):
        read_aecg(b"<html/>", X)
    with pytest.raises(FormatError, match=r"^x\.xml: expected a series, found none$"):
        read_aecg(document(), X)
    with pytest.raises(FormatError, match=r"^x\.xml: expected well-formed XML"):
        read_aecg(document(series(SAMPLES))[:-9], X)
    with pytest.raises(FormatError, match="at most 5 xml elements"):
        read_aecg(document(series(SAMPLES)), replace(X, limits=Limits(xml_elements=5)))


def test_leads_are_chosen_by_the_caller() -> None:
    record = read_aecg(document(series(SAMPLES)), replace(X, leads=("II",)))
    assert (record.leads, record.n_leads) == (("II",), 1)
    with pytest.raises(RecordError, match="expected lead V1, found I, II"):
        read_aecg(document(series(SAMPLES)), replace(X, leads=("V1",)))


def test_channels_that_are_no_ecg_are_left_out() -> None:
    record = read_aecg(recording(lead("II", [1]), lead('<code code="RESP"/>', [2])), X)
    assert record.leads == ("II",)
    assert record.warnings == ("left out, as their names are not those of ECG leads: RESP",)


def test_of_several_series_the_first_rhythm_is_read() -> None:
    data = document(
        series(part(9), code="REPRESENTATIVE_BEAT"),
        series(part(1, 2), low="20021122091000"),
        series(part(3, 4, 5), low="20021122092000"),
        series(part(6), code="OTHER", low=""),
    )
    record = read_aecg(data, X)
    assert record.n_samples == 2
    assert record.warnings == (
        "the file has 4 series: read is RHYTHM of 2002-11-22T09:10:00; passed over: "
        "RHYTHM of 2002-11-22T09:20:00, OTHER",
    )
    assert record.representative_beat is not None
    assert record.representative_beat.signal[0, 0] == np.float32(0.0225)


def test_many_series_are_not_all_named() -> None:
    record = read_aecg(document(*(series(part(1)) for _ in range(30))), X)
    assert record.warnings[0].endswith("and 26 more")
    assert len(record.warnings[0]) < 250


def test_without_a_rhythm_another_series_is_read() -> None:
    nameless = read_aecg(document(series(part(1), code="")), X)
    assert nameless.warnings == (
        "the file has no rhythm series: read is one without a code of 2002-11-22T09:10:00",
    )
    beat = read_aecg(document(series(part(1), code="REPRESENTATIVE_BEAT", low="")), X)
    assert beat.warnings == ("the file has no rhythm series: read is REPRESENTATIVE_BEAT",)
    assert beat.representative_beat is None


def test_a_derived_series_is_the_representative_beat() -> None:
    marks = annotation_set(
        annotation("MDC_ECG_BEAT", "MDC_ECG_BEAT_NORMAL", between("2", "2", "TIME_RELATIVE", "ms"))
    )
    derived = series(part(7, 8), marks, code="REPRESENTATIVE_BEAT", tag="derivedSeries")
    second = series(part(9), code="REPRESENTATIVE_BEAT", tag="derivedSeries")
    other = series(part(9), code="AVERAGED", tag="derivedSeries")
    record = read_aecg(document(series(SAMPLES, other, derived, second)), replace(X, fs=500, leads=("II",)))
    beat = record.representative_beat
    assert beat is not None
    assert (beat.leads, beat.fs, beat.name) == (("I",), 500, "x")
    assert np.array_equal(beat.signal, np.float32([[0.0175, 0.02]]))
    assert beat.annotations is not None
    assert beat.annotations.samples.tolist() == [1]
    assert record.warnings == ("of 2 representative beats the first is read",)


def test_a_damaged_representative_beat_does_not_cost_the_recording() -> None:
    derived = series(sequence_set(times(), lead("I", "x")), code="REPRESENTATIVE_BEAT", tag="derivedSeries")
    record = read_aecg(document(series(SAMPLES, derived)), X)
    assert record.representative_beat is None
    assert record.warnings == (
        "the representative beat was not read: x.xml, series REPRESENTATIVE_BEAT, lead I: expected numbers "
        "parted by blanks, found 'x'",
    )


def whole() -> bytes:
    beat = annotation(
        "MDC_ECG_BEAT", "MDC_ECG_BEAT_V_P_C", between("20021122091000.004", "20021122091000.004")
    )
    derived = series(part(7, 8), code="REPRESENTATIVE_BEAT", tag="derivedSeries")
    return document(
        '<effectiveTime><center value="20021122091000"/></effectiveTime>',
        series(
            sequence_set(times(), lead("I", range(40)), lead("V1", range(30))),
            sequence_set(times(head="20021122091000.09"), lead("I", range(20))),
            annotation_set(beat),
            derived,
        ),
    )


PIECES = (
    *(b"0", b"-1", b"9" * 30, b"1e9", b"1e-9", b"nan", b"x", b" ", b"", b'"', b"<", b">", b"&amp;", b"\xff"),
    *(b"TIME_RELATIVE", b"GLIST_PQ", b"ns", b"V", b"99991231235959.999", b"00010101000000", b"MDC_ECG_LEAD_"),
)


def read_mutation(data: bytes) -> None:
    start = time.process_time()
    try:
        record = read_aecg(data, replace(X, limits=Limits(gap_samples=2**20, samples=2**22)))
    except ECGError as error:
        assert "\n" not in str(error)
        assert len(str(error)) < 400
    else:
        assert record.n_samples > 0
    assert time.process_time() - start < 1


@settings(max_examples=250, deadline=None)
@given(st.integers(0, 4000), st.integers(0, 12), st.sampled_from(PIECES))
def test_damaged_documents_raise_one_kind_of_error(at: int, cut: int, piece: bytes) -> None:
    data = whole()
    at %= len(data)
    read_mutation(data[:at] + piece + data[at + cut :])


def test_numbers_of_any_size_raise_one_kind_of_error() -> None:
    data = whole().decode()
    choice = random.Random(5)
    values = [found for found in data.split('"') if found[:1].isdigit()]
    for _ in range(150):
        value = choice.choice(values)
        other = choice.choice(
            ["0", "-1", "1e-30", "1e30", "9" * 39, "1e99", "0.1", "20991122091000", "1e-99"]
        )
        read_mutation(data.replace(f'"{value}"', f'"{other}"').encode())


@pytest.fixture(scope="module")
def formats() -> Path:
    folder = os.environ.get("EINTHOVEN_FORMATS")
    if not folder:
        pytest.skip("EINTHOVEN_FORMATS is not set: no real document to read")
    return Path(folder)


@pytest.mark.realdata
def test_the_smallest_real_document(formats: Path) -> None:
    record = read_aecg((formats / "aecg_fda_minimum.xml").read_bytes(), X)
    assert (record.leads, record.fs, record.warnings) == (("II",), 500, ())
    digits = [-2, -2, -2, -2, -3, -4, -3, -5, -5, -4, -6, -9, -9]
    assert np.array_equal(record.signal, np.float32(np.array([digits]) * 0.0025))
    assert dict(record.patient) == {"id": "SBJ-123"}
    assert dict(record.recording) == {"recorded_at": "2002-11-22T09:10:00", "study_id": "PUK-123-TRL-1"}


@pytest.mark.realdata
def test_a_real_document(formats: Path) -> None:
    data = (formats / "aecg_fda_subject1.xml").read_bytes()
    assert looks_like_aecg(data[:65536])
    record = read_aecg(data, X)
    assert (record.fs, record.n_samples, record.warnings) == (500, 5000, ())
    assert set(record.leads) == set(TWELVE_LEADS)
    row = dict(zip(record.leads, record.signal.astype(np.float64), strict=True))
    assert np.abs(row["II"] - row["I"] - row["III"]).max() < 1e-6
    assert np.abs((row["I"] + row["II"]) / 2 + row["aVR"]).max() < 0.0026
    assert 0.3 < row["V5"].max() < 3
    assert record.patient["age"] == "46"
    assert record.recording["device"] == "ELI250"
    marks = record.annotations
    assert marks is not None
    assert marks.symbols == ("+", *"NNNNNNNNNNNN")
    # Each stands on a QRS: within 60 ms of the steepest slope of any lead around it.
    steepness = np.abs(np.diff(record.signal, axis=1)).max(axis=0)
    for sample in marks.samples[1:].tolist():
        around = steepness[sample - 150 : sample + 150]
        assert abs(int(around.argmax()) - 150) <= 40
    beat = record.representative_beat
    assert beat is not None
    assert (beat.leads, beat.n_samples, beat.warnings) == (record.leads, 599, ())
