"""MUSE documents as records: which waveform, heartbeats, damage, and a real one."""

import os
import random
import struct
import time
import zlib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from muse_document import document, lead, waveform

from einthoven.errors import ECGError, FormatError, RecordError
from einthoven.formats.given import Given
from einthoven.formats.limits import Limits
from einthoven.formats.muse import looks_like_muse, read_muse
from einthoven.record import TWELVE_LEADS, Annotation

X = Given(where="x.xml", name="x", path="x.xml")
RHYTHM = waveform(lead("V1", range(2000)))  # type: ignore[arg-type]


def test_a_document() -> None:
    data = document(RHYTHM)
    assert looks_like_muse(data)
    record = read_muse(data, X)
    assert (record.leads, record.fs, record.n_samples) == (("V1",), 500, 2000)
    assert (record.name, record.path, record.warnings) == ("x", "x.xml", ())


@pytest.mark.parametrize("encoding", ["ISO-8859-1", "UTF-8", "UTF-16", "windows-1252"])
def test_encodings(encoding: str) -> None:
    name = "<PatientDemographics><PatientLastName>Müller</PatientLastName></PatientDemographics>"
    data = document(name, RHYTHM, encoding=encoding)
    assert looks_like_muse(data)
    assert read_muse(data, X).patient["name"] == "Müller"


@pytest.mark.parametrize(
    "head", [b"", b"<html>", b"RestingECG", b"<AnnotatedECG>", b"<restingecgdata>", b"I,II"]
)
def test_what_is_no_muse_document(head: bytes) -> None:
    assert not looks_like_muse(head)


def test_other_documents_are_refused() -> None:
    with pytest.raises(FormatError, match=r"^x\.xml: expected the root RestingECG, found 'html'$"):
        read_muse(b"<html/>", X)
    with pytest.raises(FormatError, match=r"^x\.xml: expected a Waveform, found none$"):
        read_muse(document(), X)
    with pytest.raises(FormatError, match=r"^x\.xml: expected well-formed XML"):
        read_muse(document(RHYTHM)[:-9], X)


def test_leads_are_chosen_by_the_caller() -> None:
    data = document(waveform(lead("I", [1]), lead("II", [2])))
    assert read_muse(data, replace(X, leads=("aVF",))).leads == ("aVF",)
    with pytest.raises(RecordError, match="expected lead V1, found"):
        read_muse(data, replace(X, leads=("V1",)))


def test_channels_that_are_no_ecg_are_left_out() -> None:
    record = read_muse(document(waveform(lead("V1", [1]), lead("RESP", [2]))), X)
    assert record.leads == ("V1",)
    assert record.warnings == ("left out, as their names are not those of ECG leads: RESP",)


def test_the_median_is_the_representative_beat() -> None:
    median = waveform(lead("I", [10]), lead("II", [4]), kind="Median", base="1000")
    record = read_muse(document(median, RHYTHM), replace(X, fs=500, leads=("V1",)))
    beat = record.representative_beat
    assert beat is not None
    assert (beat.leads, beat.fs, record.fs) == (TWELVE_LEADS[:6], 1000, 500)
    assert beat.signal[2, 0] == np.float32(-6 * 0.00488)


def test_a_damaged_median_does_not_cost_the_recording() -> None:
    median = waveform(lead("V1", [1], text="!"), kind="Median")
    record = read_muse(document(median, RHYTHM), X)
    assert record.representative_beat is None
    assert record.warnings[0].startswith("the median beat was not read: x.xml, waveform Median, lead V1")


def test_other_kinds_of_waveforms() -> None:
    two = read_muse(document(waveform(lead("V1", [1])), RHYTHM), X)
    assert (two.n_samples, two.warnings) == (1, ("of 2 waveforms Rhythm the first is read",))
    only = read_muse(document(QRS.format(1, 0, 2), waveform(lead("V1", [1]), kind="Median")), X)
    assert only.warnings == ("the file has no waveform Rhythm: read is the one Median",)
    assert (only.annotations, only.representative_beat) == (None, None)
    nameless = read_muse(document(waveform(lead("V1", [1]), kind="")), X)
    assert nameless.warnings == ("the file has no waveform Rhythm: read is the one without a type",)


QRS = "<QRSTimesTypes><QRS><Number>{}</Number><Type>{}</Type><Time>{}</Time></QRS></QRSTimesTypes>"


def beats(*times: object, rr: object = "", kind: str = "0") -> str:
    inner = "".join(f"<QRS><Type>{kind}</Type><Time>{time}</Time></QRS>" for time in times)
    return f"<QRSTimesTypes>{inner}<GlobalRR>{rr}</GlobalRR></QRSTimesTypes>"


def marks(annotation: Annotation | None) -> list[tuple[int, str]]:
    assert annotation is not None
    return list(zip(annotation.samples.tolist(), annotation.symbols, strict=True))


def test_heartbeats_are_in_milliseconds() -> None:
    record = read_muse(document(beats(212, 872, 1538, rr=663), RHYTHM), X)
    assert marks(record.annotations) == [(106, "Q"), (436, "Q"), (769, "Q")]
    assert record.annotations is not None
    assert record.annotations.notes == ("QRS type 0",) * 3
    assert record.warnings == ()


def test_heartbeats_that_are_in_samples_are_told_by_the_interval() -> None:
    record = read_muse(document(beats(106, 436, 769, rr=663), RHYTHM), X)
    assert marks(record.annotations) == [(106, "Q"), (436, "Q"), (769, "Q")]
    assert record.warnings == (
        "the times of beats are taken as samples, since they fit the file's interval only so",
    )
    # Too few, or no interval: milliseconds.
    for few in (beats(106, 436, rr=663), beats(106, 436, 769)):
        assert marks(read_muse(document(few, RHYTHM), X).annotations)[0] == (53, "Q")


def test_heartbeats_elsewhere_are_left_out() -> None:
    record = read_muse(document(beats(3999, "x", -2, 4000, 10, "", "9e99", kind=""), RHYTHM), X)
    assert record.annotations is not None
    assert marks(record.annotations) == [(5, "Q")]
    assert record.warnings == ("beats without a time within the recording are left out: 6",)
    none = read_muse(document(beats(9999), RHYTHM), X)
    assert (none.annotations, len(none.warnings)) == (None, 1)
    assert read_muse(document(beats(), RHYTHM), X).annotations is None


def whole() -> bytes:
    leads = [lead(name, [3 * i % 50 for i in range(40)]) for name in ("I", "II", "V1", "V6")]
    return document(
        "<PatientDemographics><PatientAge>43</PatientAge><DateofBirth>07-08-1979</DateofBirth>"
        "</PatientDemographics>",
        beats(4, 8, 12, rr=4),
        waveform(*leads, kind="Median"),
        waveform(*leads),
    )


PIECES = (
    *(b"0", b"-1", b"9" * 30, b"1e9", b"1e-9", b"nan", b"x", b" ", b"", b"<", b">", b"/", b"=", b"\xff"),
    *(b"MILLIVOLTS", b"Rhythm", b"<QRS>", b"</LeadData>", b"AAAA", b"&lt;"),
)


def read_mutation(data: bytes) -> None:
    start = time.process_time()
    try:
        record = read_muse(data, replace(X, limits=Limits(gap_samples=2**20, samples=2**22)))
    except ECGError as error:
        assert "\n" not in str(error)
        assert len(str(error)) < 400
    else:
        assert record.n_samples > 0
    assert time.process_time() - start < 1


@settings(max_examples=250, deadline=None)
@given(st.integers(0, 9000), st.integers(0, 12), st.sampled_from(PIECES))
def test_damaged_documents_raise_one_kind_of_error(at: int, cut: int, piece: bytes) -> None:
    data = whole()
    at %= len(data)
    read_mutation(data[:at] + piece + data[at + cut :])


def test_numbers_of_any_size_raise_one_kind_of_error() -> None:
    data = whole().decode()
    choice = random.Random(5)
    numbers = sorted({found.split("<")[0] for found in data.split(">")} - {""})
    numbers = [number for number in numbers if number[0].isdigit()]
    for _ in range(150):
        number = choice.choice(numbers)
        other = choice.choice(["0", "-1", "1e-30", "1e30", "9" * 19, "1e99", "0.1", "1e-99", "-99"])
        read_mutation(data.replace(f">{number}<", f">{other}<").encode())


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(-32768, 32767), min_size=1, max_size=50), st.integers(1, 30_000))
def test_samples_come_back_in_doubles_rounded_once(digital: list[int], hundredths: int) -> None:
    per_bit = f"{hundredths / 100:.2f}"
    record = read_muse(document(waveform(lead("V3", digital, per_bit=per_bit))), X)
    expected = np.array([digital]) * float(f"{hundredths}e-5")
    assert np.array_equal(record.signal, expected.astype(np.float32))
    assert record.warnings == ()


@pytest.mark.realdata
def test_a_real_document() -> None:
    folder = os.environ.get("EINTHOVEN_FORMATS")
    if not folder:
        pytest.skip("EINTHOVEN_FORMATS is not set: no real document to read")
    data = (Path(folder) / "muse_sinus.xml").read_bytes()
    assert looks_like_muse(data[:65536])
    record = read_muse(data, X)
    # No warning: its own checksums are those of its samples.
    assert (record.fs, record.leads, record.n_samples, record.warnings) == (500, TWELVE_LEADS, 5000, ())
    row = dict(zip(record.leads, record.signal.astype(np.float64), strict=True))
    assert np.abs(row["II"] - row["I"] - row["III"]).max() < 1e-6
    assert np.abs(row["aVR"] + row["aVL"] + row["aVF"]).max() < 1e-6
    assert row["I"].max() == pytest.approx(168 * 0.00488)
    assert (record.patient["age"], record.patient["sex"]) == ("43", "male")
    assert record.recording["recorded_at"] == "2023-04-29T22:41:16"
    assert record.recording["high_pass_hz"] == "0.56"
    assert record.statements[1] == "Anterior infarct, age undetermined"
    marks = record.annotations
    assert marks is not None
    assert len(marks.samples) == 15
    # Times in ms stand within 25 ms of the R peak of lead I; as samples they would be nowhere near.
    for sample in marks.samples.tolist():
        around = record.signal[0, sample - 50 : sample + 50]
        assert abs(int(around.argmax()) - 50) <= 13
    beat = record.representative_beat
    assert beat is not None
    assert (beat.leads, beat.n_samples, beat.fs, beat.warnings) == (TWELVE_LEADS, 600, 500, ())


def test_the_double_writes_what_devices_write() -> None:
    data = struct.pack("<2h", 1, -2)
    assert str(zlib.crc32(data)) in lead("I", [1, -2])
    assert "AQD+/w==" in lead("I", [1, -2])
