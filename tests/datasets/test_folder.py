"""A user's own recordings with a table of labels."""

import os
import pickle
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from einthoven.datasets import open_folder
from einthoven.errors import DatasetError, FormatError, RecordError
from einthoven.formats import write_wfdb
from einthoven.signal.simulated import simulate

Write = Callable[..., None]


@pytest.fixture
def own(tmp_path: Path, write_recording: Write) -> Path:
    """Recordings a and b in the folder, c in a subfolder."""
    root = tmp_path / "own"
    write_recording(root, "a")
    write_recording(root, "b")
    write_recording(root / "ward 1", "c")
    return root


def _table(root: Path, text: str) -> Path:
    (root / "labels.csv").write_text(text)
    return root


def test_one_label_a_record(own: Path) -> None:
    dataset = open_folder(_table(own, "record,label\na,sinus\nb,flutter\n"))
    assert dataset.name == "own"
    assert dataset.classes == ("flutter", "sinus")
    assert dataset.class_indices().tolist() == [1, 0]
    assert dataset.read(1).name == "b"
    assert dataset.patient_groups() is None


def test_a_folders_name_says_nothing_of_its_kind(own: Path) -> None:
    for name in ("cinc2017", "simulated"):
        root = own.rename(own.with_name(name))
        dataset = open_folder(_table(root, "record,label\na,sinus\nb,flutter\n"))
        assert (dataset.name, dataset.kind) == (name, "own")
        own = root


def test_what_the_simulator_wrote_is_simulated(own: Path) -> None:
    write_wfdb(simulate(duration_s=6.0), own, name="made")
    dataset = open_folder(_table(own, "record,label\nmade,sinus\n"))
    assert (dataset.kind, dataset.notes[-1]) == ("simulated", "simulated: no patient was measured")
    dataset = open_folder(_table(own, "record,label\na,sinus\nmade.dat,sinus\n"))
    assert dataset.kind == "simulated"
    assert dataset.notes[-1] == "1 of 2 recordings simulated: no patient was measured"
    # What is not there, or not to be read, says nothing; reading it will.
    header = own / "made.hea"
    header.rename(own / "real.hea")
    header.symlink_to(own / "real.hea")
    assert open_folder(_table(own, "record,label\nmade,sinus\n")).kind == "simulated"


def test_several_labels_patient_fold_and_foreign_columns(own: Path) -> None:
    text = 'fold, patient ,comment,record,labels\n3,p1,"long, text",a, AF ; PVC \n0,,,b,\n'
    dataset = open_folder(_table(own, text))
    first, second = dataset.entries
    assert (first.labels, first.patient, first.fold) == (("AF", "PVC"), "p1", 3)
    assert (second.labels, second.patient, second.fold) == ((), None, 0)


@pytest.mark.parametrize(
    ("cell", "record_id"),
    [
        ("a", "a"),
        ("a.hea", "a"),
        ("a.mat", "a"),
        ("./a", "a"),
        ("c", "ward 1/c"),
        ("c.hea", "ward 1/c"),
        ("ward 1/c", "ward 1/c"),
        ("ward 1\\c.mat", "ward 1/c"),
    ],
)
def test_locates_a_record_by_name_or_path(own: Path, cell: str, record_id: str) -> None:
    dataset = open_folder(_table(own, f"record,label\n{cell},N\n"))
    assert dataset.record_ids == (record_id,)
    assert dataset.read(0).n_samples == 40


def test_takes_a_table_from_elsewhere(own: Path, tmp_path: Path) -> None:
    table = tmp_path / "mine.csv"
    table.write_text("record,label\nb,N\n", encoding="utf-8-sig")
    assert open_folder(own, table).record_ids == ("b",)


def test_files_that_state_no_rate_take_the_given_one(tmp_path: Path) -> None:
    np.savetxt(tmp_path / "x.csv", np.arange(12.0).reshape(6, 2), delimiter=",")
    dataset = open_folder(
        _table(tmp_path, "record,label\nx.csv,N\n"), fs=250.0, units="mV", leads=("I", "II")
    )
    record = dataset.read(0)
    assert (record.fs, record.leads, record.n_samples) == (250.0, ("I", "II"), 6)


def test_can_be_sent_to_another_process(own: Path) -> None:
    dataset = open_folder(_table(own, "record,label\na,N\n"))
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(dataset)).signal(0), dataset.signal(0))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("record,label\na,N\nb,\n", "row 3, column label: expected one class name, found nothing"),
        ("record,label\na,N;A\n", "row 2, column label: expected one class name, found several"),
        ("record,labels\na,N;N\n", "row 2, column labels: expected distinct class names, found N;N"),
        ("record,label\n,N\n", "row 2, column record: expected a file name or path, found nothing"),
        ("record,label\nz,N\n", "row 2, column record: expected one recording z in"),
        ("record,label\n../a,N\n", "row 2, column record: expected a path inside the folder, found '../a'"),
        ("record,label\nx\\..\\..\\a,N\n", "row 2, column record: expected a path inside the folder"),
        ("record,label\n/a,N\n", "row 2, column record: expected a path inside the folder, found '/a'"),
        ("record,label\nC:a,N\n", "row 2, column record: expected a path inside the folder, found 'C:a'"),
        ("record,label\na,N\na.hea,A\n", "row 3, column record: expected each recording once, found a again"),
        ("record,label,fold\na,N,one\n", "row 2, column fold: expected a whole number from 0, found 'one'"),
        ("record,label,fold\na,N,-1\n", "row 2, column fold: expected a whole number from 0, found '-1'"),
        ("record,label,fold\na,N,1\nb,N,\n", "row 3, column fold: expected a number in every row or in none"),
        ("record,label\na\n", "row 2: expected as many cells as columns"),
        ("record,label\na,N,A\n", "row 2: expected as many cells as columns"),
        (
            "a|N\nb|A\n",
            "row 1: expected a header line with the columns record and label (or labels), or rows "
            "of just these two, found 'a|N'",
        ),
        ("a,N;A\nb,N\n", "row 1: expected a header line with the columns record and label"),
        ("a,N,3\nb,A,4\n", "row 1: expected a header line with the columns record and label"),
        ("name,diagnosis,age\na,N,3\n", "row 1: expected a header line with the columns record and label"),
        (",\n", "row 1: expected a header line with the columns record and label"),
        ("a,N\nb\n", "row 2: expected as many cells as columns (record, label), found 1"),
        ("a,N\nb,\n", "row 2, column label: expected one class name, found nothing"),
        ("\n\na,N\nb,N;A\n", "row 4, column label: expected one class name, found several"),
        ("id;label\na;N\n", "expected a header line with a column record, found id, label in row 1"),
        ("record\na\n", "expected either a column label or a column labels, found record"),
        ("record,label,labels\na,N,N\n", "expected either a column label or a column labels"),
        ("record,label,label\na,N,N\n", "expected each column once"),
        ("record,label\n", "expected rows below the header, found none"),
        (
            "",
            "row 1: expected a header line with the columns record and label (or labels), or rows of just "
            "these two, found an empty file",
        ),
        ('record,label\n"a,N\n', "expected a table of labels"),
    ],
)
def test_faults_name_row_and_column(own: Path, text: str, message: str) -> None:
    with pytest.raises(DatasetError, match=re.escape(message)) as caught:
        open_folder(_table(own, text))
    assert "labels.csv" in str(caught.value)


@pytest.mark.parametrize(
    "text",
    [
        "a,N\nb,A\n",
        "\ufeffa,N\r\nb,A\r\n",
        "a;N\nb;A\n",
        "a\tN\nb\tA\n\n",
        ",\n\nrecord,label\na,N\nb,A\n",
        "record;label\na;N\nb;A\n;\n",
        "Record\tLabel\na\tN\nb\tA\n",
        "\ufefflabel;record\nN;a\nA;b\n",
        'age;record;labels\n5;a;"N"\n6;b;A\n',
        '"a.mat","N"\n"b.hea","A"\n',
    ],
)
def test_spellings_of_one_table(own: Path, text: str) -> None:
    dataset = open_folder(_table(own, text))
    assert [(entry.record_id, entry.labels) for entry in dataset.entries] == [("a", ("N",)), ("b", ("A",))]


def test_a_file_name_may_hold_what_separates_elsewhere(own: Path, write_recording: Write) -> None:
    write_recording(own, "d, the last; really")
    text = "d, the last; really\tN\na\tA\n"
    assert open_folder(_table(own, text)).record_ids == ("d, the last; really", "a")


def test_several_labels_in_quotes_where_semicolons_separate(own: Path) -> None:
    dataset = open_folder(_table(own, 'record;labels\na;"AF;PVC"\nb;\n'))
    assert [entry.labels for entry in dataset.entries] == [("AF", "PVC"), ()]


def test_what_is_only_in_the_table_or_only_in_the_folder_is_told(own: Path, write_recording: Write) -> None:
    assert open_folder(_table(own, "record,label\na,N\nb,N\nc,A\n")).notes == ()
    for name in ("p", "q", "r"):
        write_recording(own / "ward 2", name)
    (own / "notes.txt").write_text("words")
    (own / "b.edf").write_bytes(b"\xffBIOSEMI")
    dataset = open_folder(_table(own, "record,label\na,N\nx,N\nb,A\nward 1/y,O\n"))
    assert (dataset.record_ids, dataset.classes) == (("a", "b"), ("A", "N"))
    assert dataset.notes == (
        "2 recordings of labels.csv not in the folder, left out: x (row 3), ward 1/y (row 5)",
        "4 recordings in the folder not in labels.csv, left out: ward 1/c.hea, ward 2/p.hea, ward 2/q.hea "
        "and 1 more",
    )


def test_signal_files_and_links_are_no_recordings_left_out(own: Path, write_recording: Write) -> None:
    write_recording(own, "d")
    (own / "d.mat").rename(own / "other.mat")
    (own / "d.hea").write_text((own / "d.hea").read_text().replace("d.mat", "other.mat"))
    (own / "again.hea").symlink_to(own / "b.hea")
    dataset = open_folder(_table(own, "record,label\na,N\nb,N\nc,A\nd,N\n"))
    assert dataset.notes == ()
    assert dataset.read(3).n_samples == 40
    dataset = open_folder(_table(own, "record,label\na,N\nb,N\nc,A\n"))
    assert dataset.notes == ("1 recording in the folder not in labels.csv, left out: d.hea",)


def test_a_copy_in_another_format_does_not_make_a_name_ambiguous(own: Path) -> None:
    (own / "a.edf").write_bytes(b"\xffBIOSEMI")
    (own / "e.edf").write_bytes(b"\xffBIOSEMI")
    dataset = open_folder(_table(own, "record,label\na,N\ne,N\nb,A\nc,A\n"))
    assert [entry.path for entry in dataset.entries[:2]] == [own / "a.hea", own / "e.edf"]
    assert dataset.notes == ()
    with pytest.raises(FormatError, match=r"e\.edf: this is a damaged BDF recording, which"):
        dataset.read(1)


def test_a_folder_that_cannot_be_read_is_told(own: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refusing(list_folder: Callable[[Path], object]) -> Callable[[Path], object]:
        def refuse(path: Path) -> object:
            if Path(path) == own / "ward 1":
                raise PermissionError(13, "Permission denied", str(path))
            return list_folder(path)

        return refuse

    for name in ("scandir", "listdir"):
        monkeypatch.setattr(os, name, refusing(getattr(os, name)))
    reason = f"cannot be read: permission denied: {own / 'ward 1'}"
    dataset = open_folder(_table(own, "record,label\na,N\nb,N\nc,A\n"))
    assert dataset.notes == (
        "1 recording of labels.csv not in the folder, left out: c (row 4)",
        reason,
    )
    assert open_folder(_table(own, "record,label\na,N\nb,N\n")).notes == (reason,)
    message = (
        f"row 2, column record: expected one recording c in {own}, found none, nor any other of the table"
    )
    with pytest.raises(DatasetError, match=re.escape(f"{message}; {reason}")):
        open_folder(_table(own, "record,label\nc,A\nward 1/c,A\n"))


def test_a_rate_that_is_no_number_is_refused(own: Path) -> None:
    _table(own, "record,label\na,N\n")
    with pytest.raises(RecordError, match="expected a number as the sampling rate in Hz, found '300'"):
        open_folder(own, fs="300")  # type: ignore[arg-type]


def test_linked_folders_are_looked_into(own: Path, tmp_path: Path, write_recording: Write) -> None:
    write_recording(tmp_path / "far", "d")
    (own / "link").symlink_to(tmp_path / "far")
    (own / "ward 2").symlink_to(own / "ward 1")
    dataset = open_folder(_table(own, "record,label\nd,N\nc,A\n"))
    assert dataset.record_ids == ("link/d", "ward 1/c")
    assert dataset.read(0).name == "d"


def test_files_that_state_nothing_are_read_as_told(own: Path) -> None:
    np.savetxt(own / "bare.csv", [1000.0, 2000.0, 3000.0])
    _table(own, "record,label\nbare,N\na,A\n")
    said = {"fs": 300, "units": "uV", "leads": ("V1",)}
    record = open_folder(own, **said).read(0)
    assert (record.signal.tolist(), record.fs, record.leads) == ([[1, 2, 3]], 300.0, ("V1",))
    with pytest.raises(RecordError, match=r"bare\.csv: expected fs"):
        open_folder(own).read(0)
    with pytest.raises(RecordError, match="expected units=uV as given, found mV in the file"):
        open_folder(own, **said).read(1)


def test_the_fingerprint_covers_what_was_said_of_the_files(own: Path) -> None:
    _table(own, "record,label\na,N\nb,A\n")
    options = ({}, {"fs": 300}, {"fs": 250}, {"units": "mV"}, {"leads": ("I",)})
    assert len({open_folder(own, **option).fingerprint() for option in options}) == len(options)
    assert open_folder(own, fs=300).fingerprint() == open_folder(own, fs=300.0).fingerprint()


def test_refuses_an_ambiguous_name(own: Path, write_recording: Write) -> None:
    write_recording(own / "ward 2", "c")
    with pytest.raises(DatasetError, match=r"found ward 1/c.hea and ward 2/c.hea"):
        open_folder(_table(own, "record,label\nc,N\n"))
    assert open_folder(_table(own, "record,label\nward 2/c,N\n")).record_ids == ("ward 2/c",)


def test_a_recording_beside_the_table_wins_over_one_below(own: Path, write_recording: Write) -> None:
    write_recording(own / "ward 1", "a")
    assert open_folder(_table(own, "record,label\na,N\n")).record_ids == ("a",)


def test_refuses_a_missing_folder_or_table(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="expected a folder of recordings, found none"):
        open_folder(tmp_path / "nowhere")
    with pytest.raises(DatasetError, match=r"labels.csv: expected a table of labels \(CSV, UTF-8\), found"):
        open_folder(tmp_path)


def test_a_first_row_that_may_be_a_header_is_told(own: Path) -> None:
    dataset = open_folder(_table(own, "rec,lab\na,sinus\nb,flutter\n"))
    assert dataset.record_ids == ("a", "b")
    assert dataset.notes[0] == (
        "labels.csv: row 1 (rec,lab) names no recording and every other row does: a header? "
        "expected record,label"
    )
    for table in ("record,label\nz,sinus\nb,flutter\n", "z,sinus\nb,flutter\ny,sinus\n", "a,x\nz,x\n"):
        assert not any("a header?" in note for note in open_folder(_table(own, table)).notes)
