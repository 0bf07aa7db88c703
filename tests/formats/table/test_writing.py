"""Tables that are written, and what reading gives back."""

from __future__ import annotations

import io
import json
from pathlib import Path

import numpy as np
import pyarrow.parquet
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from einthoven.errors import MissingExtraError
from einthoven.formats import read_record
from einthoven.formats.table.writing import encode_csv, encode_parquet
from einthoven.record import Annotation, Record

MARKS = Annotation(np.array([1, 3]), ("N", "V"), ("", "(VT run"))
RECORD = Record(
    [[0.1, 0.25, np.nan, -0.5], [1.0, 2.0, 3.0, 4.0]],
    257.3,
    ("II", "V1"),
    name="x",
    annotations=MARKS,
    patient={"age": "60", "name": "Doe, Jane"},
    recording={"recorded_at": "2020-02-03T04:05:06", "device": "Cart 9"},
    statements=("Sinus rhythm", "Normal ECG"),
    comments=("after a run",),
)


def test_csv_is_read_back_whole() -> None:
    back = read_record(encode_csv(RECORD))
    np.testing.assert_array_equal(back.signal, RECORD.signal)
    assert (back.fs, back.leads, back.warnings) == (257.3, RECORD.leads, ())
    assert (back.patient, back.recording) == (RECORD.patient, RECORD.recording)
    assert (back.statements, back.comments) == (RECORD.statements, RECORD.comments)
    assert back.annotations is not None
    assert back.annotations.samples.tolist() == [1, 3]
    assert (back.annotations.symbols, back.annotations.notes) == (MARKS.symbols, MARKS.notes)


def test_csv_looks_like_a_table() -> None:
    lines = encode_csv(Record([[0.5, np.nan], [1, 2]], 250, ("I", "lead, odd [x]"))).decode().splitlines()
    assert lines == [
        "# Sampling rate (Hz): 250",
        "time (s),I (mV),lead odd x (mV)",
        "0.0,0.5,1.0",
        "0.004,,2.0",
    ]


@settings(max_examples=50, deadline=None)
@given(
    arrays(np.float32, (2, 12), elements=st.floats(-1e6, 1e6, width=32)),
    st.floats(30, 5000, allow_subnormal=False),
)
def test_csv_keeps_every_bit(signal: np.ndarray, fs: float) -> None:
    back = read_record(encode_csv(Record(signal, fs, ("I", "II"))))
    np.testing.assert_array_equal(back.signal, signal)
    assert back.fs == fs


def test_long_csv_is_written_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("einthoven.formats.table.writing._ROWS_AT_ONCE", 7)
    record = Record(np.sin(np.arange(40.0)).reshape(2, 20), 100, ("I", "II"))
    np.testing.assert_array_equal(read_record(encode_csv(record)).signal, record.signal)


def test_rate_of_another_tables_comment_must_agree_with_its_times(tmp_path: Path) -> None:
    text = "# Sampling rate (Hz): 500\ntime (s),I (mV)\n" + "".join(f"{i / 250},{i % 7}\n" for i in range(50))
    path = tmp_path / "x.csv"
    path.write_text(text)
    with pytest.raises(ValueError, match="250 Hz as given, found 500 Hz"):
        read_record(path)


def test_marks_beyond_the_samples_stay_comments() -> None:
    text = "# Annotation: 99 N\n# Annotation: 1 V\nI (mV)\n1\n2\n"
    back = read_record(text.encode(), fs=250)
    assert back.comments == ("Annotation: 99 N",)
    assert back.annotations is not None and back.annotations.symbols == ("V",)


def test_parquet_holds_leads_and_facts() -> None:
    table = pyarrow.parquet.read_table(io.BytesIO(encode_parquet(RECORD)))
    np.testing.assert_array_equal(table.column("II").to_numpy(), RECORD.signal[0])
    facts = json.loads(table.schema.metadata[b"einthoven"])
    assert (facts["fs"], facts["units"], facts["patient"]) == (257.3, "mV", dict(RECORD.patient))
    assert facts["annotations"] == [[1, "N", ""], [3, "V", "(VT run"]]


def test_parquet_has_a_column_a_lead_also_of_leads_of_one_name() -> None:
    record = Record([[1.0], [2.0], [3.0], [4.0]], 250, ("II", "II", "II (2)", "II"))
    table = pyarrow.parquet.read_table(io.BytesIO(encode_parquet(record)))
    assert len(set(table.column_names)) == 4
    assert [column.to_pylist() for column in table.columns] == [[1.0], [2.0], [3.0], [4.0]]


def test_parquet_without_pyarrow_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "pyarrow", None)
    with pytest.raises(MissingExtraError, match="pyarrow"):
        encode_parquet(RECORD)


def test_thousands_of_marks_do_not_hide_the_table() -> None:
    marks = Annotation(np.arange(0, 20000, 4), ("N",) * 5000, ("a long note of whoever set it",) * 5000)
    record = Record(np.sin(np.arange(20000) / 30)[np.newaxis], 360, ("I",), annotations=marks)
    back = read_record(encode_csv(record))
    assert back.annotations is not None
    assert (len(back.annotations.symbols), back.annotations.notes) == (5000, marks.notes)
