import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from einthoven.errors import FormatError, RecordError
from einthoven.formats import write_wfdb
from einthoven.formats.given import Given
from einthoven.formats.wfdb import read_wfdb
from einthoven.formats.wfdb.writing import wfdb_files
from einthoven.record import Annotation, Record


def read_back(path: Path, **changes: object) -> Record:
    """Read without what is asked of every format, such as whether amplitudes are those of an ECG."""
    given = Given(where=str(path), name=path.stem, path=str(path))
    return read_wfdb(path, replace(given, **changes))  # type: ignore[arg-type]


def make(
    folder: Path, header: str, digital: object = ((1, 2), (3, 4)), offset: int = 0, data: str = "x.dat"
) -> Path:
    (folder / data).write_bytes(bytes(offset) + np.array(digital, "<i2").tobytes())
    path = folder / "x.hea"
    path.write_text(header, encoding="utf-8")
    return path


def record(**changes: object) -> Record:
    signal = np.array([[0.001, -0.5, math.nan, 1.25], [0, 1, 2, 3]], np.float32)
    base = Record(signal=signal, fs=360.0, leads=("I", "II"), name="r")
    return replace(base, **changes)  # type: ignore[arg-type]


def test_cinc_2017_with_date_before_time(tmp_path: Path) -> None:
    text = "x 1 300 4 2014-05-08 05:05:15 \nx.mat 16+24 1000/mV 16 0 -127 0 0 ECG \n"
    path = make(tmp_path, text, [-127, 500, 1000, -32768], offset=24, data="x.mat")
    read = read_back(path)
    np.testing.assert_array_equal(
        read.signal, np.array([[-0.127, 0.5, 1.0, np.nan]], np.float32), strict=True
    )
    assert (read.fs, read.leads, read.name, read.path) == (300.0, ("ECG",), "x", str(path))
    assert (read.warnings, read.annotations, dict(read.patient)) == ((), None, {})


def test_challenge_2020_facts_and_comments(tmp_path: Path) -> None:
    lines = [f"x.mat 16x1+24 1000/mV 16 0 0 0 0 {lead}" for lead in ("I", "AVR")]
    comments = "#Age: 74\n#Sex: Female\n#Dx: 426783006\n"
    path = make(tmp_path, "\n".join(["x.mat 2 500 2", *lines, comments]), offset=24, data="x.mat")
    read = read_back(path)
    assert read.leads == ("I", "aVR")
    assert dict(read.patient) == {"age": "74", "sex": "female"}
    assert read.comments == ("Dx: 426783006",)
    assert read.name == "x"


@pytest.mark.parametrize(
    ("comments", "facts"),
    [
        ("# 69 M 1085 1629 x1\n# Aldomet", {"age": "69", "sex": "male"}),
        ("# -1 F 742 654 x1", {"sex": "female"}),
        ("# age: 81\n# sex: female", {"age": "81", "sex": "female"}),
        ("# <age>: 42 <sex>: M <diagnoses> x", {"age": "42", "sex": "male"}),
        ("#Age: NaN\n#Sex: Unknown", {}),
        ("#Age: -3\n# average: 5\n# 69 Months", {}),
        ("# Aldomet\n# 69 M 1085", {}),
    ],
)
def test_patient(tmp_path: Path, comments: str, facts: dict[str, str]) -> None:
    path = make(tmp_path, f"x 1 360 4\nx.dat 16 200\n{comments}\n")
    assert dict(read_back(path).patient) == facts


@pytest.mark.parametrize(
    ("units", "factor"), [("mV", 1.0), ("uV", 1e-3), ("\u00b5V", 1e-3), ("nV", 1e-6), ("V", 1e3)]
)
def test_units_become_millivolts(tmp_path: Path, units: str, factor: float) -> None:
    path = make(tmp_path, f"x 1 360 4\nx.dat 16 200(1)/{units}\n")
    expected = (np.array([[0, 1, 2, 3]]) / 200 * factor).astype(np.float32)
    np.testing.assert_array_equal(read_back(path).signal, expected)


def test_header_in_latin_1(tmp_path: Path) -> None:
    path = make(tmp_path, "")
    path.write_bytes("x 1 360 4\nx.dat 16 200/\u00b5V\n# caf\u00e9\n".encode("latin-1"))
    assert read_back(path).comments == ("caf\u00e9",)


def test_a_long_lead_is_converted_as_a_short_one(tmp_path: Path) -> None:
    digital = np.arange(-32768, 32768).repeat(2)
    path = make(tmp_path, "x 1 360\nx.dat 16 4880(-7)/uV\n", digital)
    expected = ((digital + 7) / 4880 * 1e-3).astype(np.float32)
    expected[digital == -32768] = np.nan
    np.testing.assert_array_equal(read_back(path).signal[0], expected)


def test_unnamed_leads(tmp_path: Path) -> None:
    assert read_back(make(tmp_path, "x 1 360\nx.dat 16 200\n")).leads == ("ECG",)
    assert read_back(make(tmp_path, "x 2 360\nx.dat 16 200\nx.dat 16 200\n")).leads == ("lead 1", "lead 2")


def test_absent_number_of_samples_is_taken_from_the_file(tmp_path: Path) -> None:
    assert read_back(make(tmp_path, "x 2 360\nx.dat 16 200\nx.dat 16 200\n")).n_samples == 2


def test_absent_gain_is_a_warning(tmp_path: Path) -> None:
    read = read_back(make(tmp_path, "x 1 360 4\nx.dat 16\n"))
    assert read.signal[0, 1] == np.float32(2 / 200)
    assert read.warnings == ("the header states no gain: 200 a unit assumed, as WFDB does",)


def test_wrong_checksum_and_longer_file_are_warnings(tmp_path: Path) -> None:
    read = read_back(make(tmp_path, "x 1 360 3\nx.dat 16 200 16 0 1 99 0 I\n"))
    assert read.n_samples == 3
    longer, changed = read.warnings
    assert longer.startswith("x.dat: expected 6 bytes (3 samples of 1 leads in format 16), found 8")
    assert changed.startswith("I: expected checksum 99, found 6")


def test_truncated_file_is_named_with_its_bytes(tmp_path: Path) -> None:
    path = make(tmp_path, "x 1 360 9000\nx.dat 16 200\n")
    what = r"expected 18000 bytes \(9000 samples of 1 leads in format 16\), found 8"
    with pytest.raises(FormatError, match=rf"x\.dat: {what}: the file is truncated"):
        read_back(path)


def test_a_claim_of_years_allocates_nothing(tmp_path: Path) -> None:
    path = make(tmp_path, "x 1 360 999999999999999\nx.dat 16 200\n")
    with pytest.raises(FormatError, match=r"expected 1999999999999998 bytes"):
        read_back(path)


def test_missing_signal_file(tmp_path: Path) -> None:
    path = make(tmp_path, "x 1 360 4\ny.dat 16 200\n")
    with pytest.raises(
        FormatError, match=r"x\.hea: expected signal file y\.dat beside it, found no such file$"
    ):
        read_back(path)


@pytest.mark.parametrize("name", ["../secret.dat", "{outside}"])
def test_a_file_outside_the_folder_is_not_read(tmp_path: Path, name: str) -> None:
    outside = tmp_path / "secret.dat"
    outside.write_bytes(bytes(8))
    folder = tmp_path / "records"
    folder.mkdir()
    path = make(folder, f"x 1 360 4\n{name.format(outside=outside)} 16 200\n")
    with pytest.raises(
        FormatError, match=r"expected signal files inside the header's folder, found '.*secret"
    ):
        read_back(path)


def test_a_file_in_a_folder_below_is_read(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    assert read_back(make(tmp_path, "x 1 360 4\nsub/x.dat 16 200\n", data="sub/x.dat")).n_samples == 4


@pytest.mark.parametrize(
    "text", ["x 1 360\nx.dat 16 200\n", "x 1 360 0\nx.dat 16 200\n", "x 2 360\n" + "x.dat 212 200\n" * 2]
)
def test_no_samples(tmp_path: Path, text: str) -> None:
    with pytest.raises(
        RecordError, match=r"x\.hea: expected at least one lead and one sample, found \d leads? .*of 0"
    ):
        read_back(make(tmp_path, text, []))


def test_no_signals(tmp_path: Path) -> None:
    with pytest.raises(RecordError, match="expected at least one lead, found a record of 0 signals"):
        read_back(make(tmp_path, "x 0 360\n"))


def test_unknown_gain_unit(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match=r"x\.hea: expected a unit of V, mV, uV or nV, found 'parsec'"):
        read_back(make(tmp_path, "x 1 360 4\nx.dat 16 200/parsec\n"))


def test_what_is_no_voltage_is_left_out_with_a_warning(tmp_path: Path) -> None:
    lines = "x.dat 16 10/mmHg 16 0 0 0 0 ABP\nx.dat 16 200/mV 16 0 0 0 0 II\n"
    read = read_back(make(tmp_path, f"x 2 360 2\n{lines}"))
    np.testing.assert_array_equal(read.signal, np.array([[2 / 200, 4 / 200]], np.float32))
    assert read.leads == ("II",)
    assert read.warnings == ("left out, as they are no voltages: ABP (mmHg)",)
    brain = lines.replace("10/mmHg 16 0 0 0 0 ABP", "200/mV 16 0 0 0 0 EEG (C4-A1)")
    read = read_back(make(tmp_path, f"x 2 360 2\n{brain}"))
    assert read.leads == ("II",)
    assert read.warnings == ("left out, as their names are not those of ECG leads: EEG (C4-A1)",)
    with pytest.raises(FormatError, match="found 'mmHg'"):
        read_back(make(tmp_path, "x 1 360 4\nx.dat 16 10/mmHg\n"))


def test_samples_beyond_float32_are_refused(tmp_path: Path) -> None:
    with pytest.raises(RecordError, match="expected finite samples"):
        read_back(make(tmp_path, "x 1 360 4\nx.dat 16 1e-45/mV\n"))


def test_another_rate_than_the_one_given(tmp_path: Path) -> None:
    path = make(tmp_path, "x 1 360 4\nx.dat 16 200\n")
    assert read_back(path, fs=360).fs == 360
    with pytest.raises(RecordError, match=r"x\.hea: expected fs=500 Hz as given, found 360 Hz in the file"):
        read_back(path, fs=500)


@pytest.mark.parametrize("fmt", ["16", "24"])
def test_other_units_than_those_given(tmp_path: Path, fmt: str) -> None:
    lines = f"x.dat {fmt} 200/uV 16 0 0 0 0 I\nx.dat {fmt} 200/mmHg 16 0 0 0 0 ABP\n"
    path = make(tmp_path, f"x 2 360 2\n{lines}", [1, 2, 3, 4, 5, 6])
    for same in ("uV", "µv"):
        assert read_back(path, units=same).leads == ("I",)
    message = r"x\.hea: expected units=mV as given, found uV in the file for lead I$"
    with pytest.raises(RecordError, match=message):
        read_back(path, units="mV")


def test_the_unit_that_a_header_leaves_out_is_mv(tmp_path: Path) -> None:
    path = make(tmp_path, "x 1 360 4\nx.dat 16 200\n")
    assert read_back(path, units="mV").n_samples == 4
    with pytest.raises(RecordError, match="expected units=uV as given, found mV in the file"):
        read_back(path, units="uV")


def test_leads_are_selected(tmp_path: Path) -> None:
    text = "x 2 360 2\nx.dat 16 200 16 0 0 0 0 MLII\nx.dat 16 200 16 0 0 0 0 v1\n"
    read = read_back(make(tmp_path, text), leads=["V1"])
    np.testing.assert_array_equal(read.signal, np.array([[2 / 200, 4 / 200]], np.float32))
    with pytest.raises(RecordError, match="expected lead III, found MLII, V1"):
        read_back(tmp_path / "x.hea", leads=["III"])


def test_damaged_annotations_are_a_warning(tmp_path: Path) -> None:
    (tmp_path / "x.atr").write_bytes(b"\x01\x04")
    read = read_back(make(tmp_path, "x 1 360 4\nx.dat 16 200\n"))
    assert read.annotations is None
    (warning,) = read.warnings
    assert warning.startswith("annotations were not read: ")
    assert "expected an end mark" in warning


def test_written_header(tmp_path: Path) -> None:
    patient = {"id": "7", "age": "61", "sex": "female"}
    written = record(comments=("Sex: female", "two\nlines"), patient=patient)
    path = write_wfdb(written, tmp_path / "new" / "folder", name="a-b_1", gain=500)
    assert path == tmp_path / "new" / "folder" / "a-b_1.hea"
    assert path.read_text() == (
        "a-b_1 2 360 4\n"
        "a-b_1.dat 16 500(0)/mV 16 0 1 -32392 0 I\n"
        "a-b_1.dat 16 500(0)/mV 16 0 0 3000 0 II\n"
        "# Patient ID: 7\n# Age: 61\n# Sex: female\n# Comment: Sex: female\n# two\n# lines\n"
    )
    assert dict(read_back(path).patient) == patient


def test_facts_and_statements_come_back_and_are_written_once(tmp_path: Path) -> None:
    written = record(
        comments=("<age>: 50 <sex>: M",),
        patient={"age": "50", "sex": "male", "name": "A B", "birth_date": "1970-01-31"},
        recording={"device": "X 1", "recorded_at": "2020-01-02T03:04:05"},
        statements=("Sinus rhythm", "Normal ECG"),
    )
    read = read_back(write_wfdb(written, tmp_path))
    assert (read.patient, read.recording) == (written.patient, written.recording)
    assert read.statements == written.statements
    again = read_back(write_wfdb(read, tmp_path))
    assert again.comments == read.comments
    assert again.statements == written.statements


def test_what_a_comment_says_beside_facts_does_not_take_their_place(tmp_path: Path) -> None:
    written = record(
        comments=("ECG at age 12", "Patient ID: 5", "Comment: of a comment"),
        patient={"id": "7", "age": "60", "history": "infarction at age 45"},
    )
    read = read_back(write_wfdb(written, tmp_path))
    assert (read.patient, read.comments) == (written.patient, written.comments)


def test_a_history_with_an_age_is_not_the_age_of_the_patient(tmp_path: Path) -> None:
    read = read_back(write_wfdb(record(patient={"history": "infarction at age 45"}), tmp_path))
    assert dict(read.patient) == {"history": "infarction at age 45"}


def test_written_annotations_and_their_removal(tmp_path: Path) -> None:
    marks = Annotation(np.array([1, 3], np.int64), ("N", "V"))
    path = write_wfdb(record(annotations=marks), tmp_path)
    assert (tmp_path / "r.atr").is_file()
    found = read_back(path).annotations
    assert found is not None
    assert (found.samples.tolist(), found.symbols, found.notes) == ([1, 3], ("N", "V"), ())
    with pytest.raises(RecordError, match=r"r\.atr: expected no such file"):
        write_wfdb(record(signal=np.zeros((2, 9))), tmp_path)
    assert read_back(path).n_samples == 4
    assert read_back(write_wfdb(record(), tmp_path, removes_marks=True)).annotations is None


def test_a_record_is_whole_or_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    marks = Annotation(np.array([1, 3], np.int64), ("N", "V"))
    write_wfdb(record(), tmp_path)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    write_bytes = Path.write_bytes

    def full_disk(path: Path, data: bytes) -> int:
        if path.suffix == ".atr":
            raise OSError(28, "No space left on device")
        return write_bytes(path, data)

    monkeypatch.setattr(Path, "write_bytes", full_disk)
    with pytest.raises(OSError, match="No space"):
        write_wfdb(record(signal=np.ones((2, 4)), annotations=marks), tmp_path)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_samples_without_a_step_are_as_fine_as_16_bits_allow(tmp_path: Path) -> None:
    signal = np.stack([0.07 * np.sin(np.arange(500) / 7.3), 40 * np.sin(np.arange(500) / 7.3)])
    files = wfdb_files(record(signal=signal))
    read = read_back(files.write(tmp_path, removes_marks=False))
    moved = np.abs(read.signal - signal).max(axis=1)
    assert moved[0] < 1.3e-6 and moved[1] <= 0.5 * 40 / 32767 * 1.01
    assert " 400000(0)/mV" in (tmp_path / "r.hea").read_text()
    assert files.changed == ("samples rounded to 1.22 uV",)
    assert wfdb_files(record()).changed == ()
    tiny = wfdb_files(record(signal=signal * 1e-30))
    assert tiny.changed == ("samples rounded to 1e-06 uV",)


def test_long_notes_are_cut_at_a_character(tmp_path: Path) -> None:
    notes = ("short", "x" * 254 + "\u00e9")
    marks = Annotation(np.array([1, 3], np.int64), ("N", "V"), notes)
    files = wfdb_files(record(annotations=marks))
    assert files.changed == ("ends of 1 notes over 255 bytes",)
    found = read_back(files.write(tmp_path, removes_marks=False)).annotations
    assert found is not None and found.notes == ("short", "x" * 254)


@pytest.mark.parametrize(
    ("changes", "options", "message"),
    [
        ({"name": "../r"}, {}, r"expected a record name of letters, digits, - and _, found '\.\./r'"),
        ({"name": ""}, {}, "expected a record name .* found ''"),
        ({}, {"gain": 11000}, r"r: expected samples of at most 2\.97\d* mV at 11000 steps a mV, found 3 mV"),
        ({}, {"gain": 0.0}, "expected a gain above 0 steps a mV, found 0"),
        ({}, {"gain": math.nan}, "expected a gain above 0 steps a mV, found nan"),
        ({"annotations": Annotation(np.array([1]), ("AF",))}, {}, "expected WFDB mnemonics"),
    ],
)
def test_what_cannot_be_written(
    tmp_path: Path, changes: dict[str, object], options: dict[str, float], message: str
) -> None:
    with pytest.raises(RecordError, match=message):
        write_wfdb(record(**changes), tmp_path, **options)
    assert list(tmp_path.glob("*.hea")) == []


def test_a_record_of_missing_samples_only(tmp_path: Path) -> None:
    read = read_back(write_wfdb(record(signal=np.full((2, 3), np.nan, np.float32)), tmp_path))
    assert np.isnan(read.signal).all()
