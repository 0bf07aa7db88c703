"""`einthoven info`."""

from __future__ import annotations

import gzip
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from einthoven.formats.write import write_record
from einthoven.record import TWELVE_LEADS, Annotation, Record
from einthoven.signal.simulated import simulate

BEAT = Record([[0.0, 1.0, 0.0]], 500, ("I",))
RECORD = Record(
    np.stack([np.sin(np.arange(5000) / 20), np.r_[np.full(500, np.nan), np.zeros(4500)]]),
    500,
    ("I", "II"),
    annotations=Annotation(np.array([100, 200, 300]), ("N", "N", "V")),
    patient={"age": "60", "sex": "female"},
    recording={"device": "Cart 9"},
    statements=("Sinus rhythm",),
    representative_beat=BEAT,
)


@pytest.fixture
def document(tmp_path: Path) -> Path:
    write_record(RECORD, tmp_path / "a.xml")
    return tmp_path / "a.xml"


def test_one_file_is_described_in_words(run, document: Path) -> None:
    result = run("info", document)
    assert result.code == 0
    lines = [" ".join(line.split()) for line in result.out.splitlines()]
    assert lines[0] == f"{document}: HL7 aECG"
    for line in (
        "length 10 s, 5000 samples at 500 Hz",
        "2 leads I, II",
        "amplitudes, mV I -1 to 1, II 0 to 0",
        "missing II 10.0%",
        "annotations 2 N, 1 V",
        "representative beat 1 leads, 0.01 s at 500 Hz",
        "age 60",
        "device Cart 9",
        "statement Sinus rhythm",
    ):
        assert line in lines


def test_json_holds_all(run, document: Path) -> None:
    item = json.loads(run("info", document, "--format", "json").out)
    assert (item["format"], item["leads"], item["fs"], item["n_samples"]) == (
        "HL7 aECG",
        ["I", "II"],
        500.0,
        5000,
    )
    assert item["amplitude_mv"]["I"] == [-1.0, 1.0]
    assert item["missing_share"] == {"II": pytest.approx(0.1)}
    assert item["annotations"] == {"N": 2, "V": 1}
    assert item["representative_beat"]["leads"] == ["I"]


def test_several_files_are_rows_and_bad_ones_have_their_reason(run, document: Path) -> None:
    (document.parent / "b.xml.gz").write_bytes(gzip.compress(document.read_bytes()))
    (document.parent / "c.dcm").write_bytes(bytes(128) + b"DICM")
    result = run("info", document.parent, "--format", "json")
    assert result.code == 1
    rows = {row["record"]: row for row in map(json.loads, result.out.splitlines())}
    assert rows["b.xml" if "b.xml" in rows else "b"]["format"] == "HL7 aECG in gzip"
    assert "error" in rows["c.dcm"]


def test_a_file_that_cannot_be_read_is_one_line(run, tmp_path: Path) -> None:
    (tmp_path / "x.pdf").write_bytes(b"%PDF-1.7")
    result = run("info", tmp_path / "x.pdf")
    assert (result.code, result.out) == (2, "")
    assert result.err.count("\n") == 1 and "this is a PDF document" in result.err


def test_doubts_are_errors_for_the_strict(run, tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text("I (mV)\n" + "".join(f"{1000 * (i % 9)}\n" for i in range(500)))
    assert "check the units" in run("info", tmp_path / "x.csv", "--fs", "250").out
    result = run("info", tmp_path / "x.csv", "--fs", "250", "--strict")
    assert result.code == 2
    assert "(strict)" in result.err


def test_exchanged_leads_are_a_warning_and_for_the_strict_an_error(run, tmp_path: Path) -> None:
    record = simulate(leads=TWELVE_LEADS, duration_s=10, fs=250, seed=1)
    first, second, *others = record.signal
    write_record(replace(record, signal=np.stack([second, first, *others])), tmp_path / "x.csv")
    assert "labels I and II seem to be exchanged" in " ".join(run("info", tmp_path / "x.csv").out.split())
    for command in ("info", "classify"):
        result = run(command, tmp_path / "x.csv", "--strict")
        assert result.code != 0
        assert "certain leads (strict)" in result.out + result.err
