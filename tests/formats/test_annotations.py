"""Annotation files beside recordings: what is read, and what is refused with which words."""

from pathlib import Path

import numpy as np
import pytest

from einthoven.errors import FormatError, RecordError, SettingsError
from einthoven.formats import annotations, read_record, write_wfdb
from einthoven.formats.annotations import read_annotations, refuse_reference, write_annotations
from einthoven.formats.limits import Limits
from einthoven.formats.wfdb.annotations import encode_annotations
from einthoven.record import Annotation, Record

MARKS = Annotation(np.array([100, 350, 5000]), ("N", "V", "S"))
END = b"\0\0"


def words(*values: int) -> bytes:
    return np.array(values, "<u2").tobytes()


@pytest.fixture
def record(tmp_path: Path) -> Record:
    """A recording of 6000 samples at 250 Hz, read from a file."""
    made = Record(np.zeros((1, 6000), np.float32), 250.0, ("II",), name="one")
    return read_record(write_wfdb(made, tmp_path))


def test_what_is_written_is_read(record: Record, tmp_path: Path) -> None:
    write_annotations(MARKS, record.fs, tmp_path / "one.qrs")
    for extension in ("qrs", ".qrs"):
        found = read_annotations(record, extension)
        np.testing.assert_array_equal(found.samples, MARKS.samples)
        assert (found.symbols, found.notes) == (MARKS.symbols, ())
    assert [path.name for path in tmp_path.iterdir() if "partial" in path.name] == []


def test_a_file_that_states_another_rate_is_rescaled(record: Record, tmp_path: Path) -> None:
    write_annotations(MARKS, 500.0, tmp_path / "one.qrs")
    np.testing.assert_array_equal(read_annotations(record, "qrs").samples, MARKS.samples // 2)


def test_annotations_lie_beside_any_recording(tmp_path: Path) -> None:
    (tmp_path / "a.b.csv").write_text("I\n" + "0.1\n0.2\n" * 3000)
    record = read_record(tmp_path / "a.b.csv", fs=100, units="mV")
    write_annotations(MARKS, 100.0, tmp_path / "a.b.atr")
    assert read_annotations(record, "atr").symbols == MARKS.symbols


@pytest.mark.usefixtures("record")
def test_a_record_given_without_ending_or_by_its_signal_has_the_same_annotations(tmp_path: Path) -> None:
    write_annotations(MARKS, 250.0, tmp_path / "one.qrs")
    for name in ("one", "one.dat"):
        assert read_annotations(read_record(tmp_path / name), "qrs").symbols == MARKS.symbols


def test_what_is_not_there_is_refused_with_what_is(record: Record, tmp_path: Path) -> None:
    with pytest.raises(FormatError, match=r"one\.atr: expected an annotation file, found none$"):
        read_annotations(record, "atr")
    write_annotations(MARKS, 250.0, tmp_path / "one.qrs")
    with pytest.raises(FormatError, match=r"one\.atr: expected an .*, found none; beside it: one\.qrs$"):
        read_annotations(record, "atr")
    with pytest.raises(RecordError, match="expected a recording from a file"):
        read_annotations(Record(np.zeros((1, 9), np.float32), 250.0, ("II",)), "atr")


@pytest.mark.parametrize("extension", ["hea", "dat", ".mat"])
def test_the_recording_itself_is_no_annotation_file(record: Record, extension: str) -> None:
    with pytest.raises(FormatError, match="expected the ending of an annotation file, such as atr"):
        read_annotations(record, extension)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "expected an end mark"),
        (b"time,label\n1,N\n", "expected an end mark"),
        (words(45 << 10 | 5) + END, "expected annotation codes up to 41, found 45: is it an annotation file"),
        (words(1 << 10 | 9, 59 << 10, 0xFFFF, 0xFFFF, 1 << 10) + END, ".*found one before its predecessor"),
        (words(59 << 10, 0xFFFF, 0xFFFF, 1 << 10) + END, "expected marks in order of time from sample 0 on"),
        (
            encode_annotations(Annotation(np.array([5, 6000, 7000]), ("N", "N", "N"))),
            "expected annotations within 6000 samples, found 2 beyond, the last at 7000: is it of another",
        ),
    ],
)
def test_a_wrong_file_is_refused(record: Record, tmp_path: Path, data: bytes, message: str) -> None:
    (tmp_path / "one.qrs").write_bytes(data)
    with pytest.raises(FormatError, match=rf"one\.qrs: {message}"):
        read_annotations(record, "qrs")


def test_the_last_sample_may_be_marked_and_no_mark_is_no_error(record: Record, tmp_path: Path) -> None:
    (tmp_path / "one.qrs").write_bytes(encode_annotations(Annotation(np.array([0, 5999]), ("N", "N"))))
    assert read_annotations(record, "qrs").samples.tolist() == [0, 5999]
    (tmp_path / "one.qrs").write_bytes(END)
    assert read_annotations(record, "qrs").symbols == ()


@pytest.mark.usefixtures("record")
def test_the_annotations_of_a_recording_are_not_replaced_unasked(tmp_path: Path) -> None:
    refuse_reference(tmp_path / "one.atr")
    write_annotations(MARKS, 250.0, tmp_path / "one.atr")
    with pytest.raises(SettingsError, match=r"one\.atr: expected a new file, found the annotations of the"):
        refuse_reference(tmp_path / "one.atr")
    write_annotations(MARKS, 250.0, tmp_path / "two.atr")
    refuse_reference(tmp_path / "two.atr")


def test_a_link_that_leads_out_of_the_folder(record: Record, tmp_path: Path) -> None:
    elsewhere = tmp_path.parent / f"{tmp_path.name}-elsewhere"
    elsewhere.mkdir()
    write_annotations(MARKS, record.fs, elsewhere / "other.qrs")
    (tmp_path / "one.qrs").symlink_to(elsewhere / "other.qrs")
    with pytest.raises(FormatError, match=r"found one\.qrs, a link that leads out of it"):
        read_annotations(record, "qrs")


def test_a_file_beyond_the_limit(record: Record, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_annotations(MARKS, record.fs, tmp_path / "one.qrs")
    monkeypatch.setattr(annotations, "LIMITS", Limits(file_bytes=3))
    with pytest.raises(FormatError, match=r"one\.qrs: expected at most 3 file bytes"):
        read_annotations(record, "qrs")
