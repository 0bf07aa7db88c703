"""The CinC 2017 training set, whole, in part and damaged."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from einthoven.datasets import open_cinc2017
from einthoven.errors import DatasetError

Challenge = Callable[..., Path]


def test_opens_the_recordings_of_the_reference(challenge: Challenge) -> None:
    training = challenge(["A00001", "A00002", "A00003"], "A00002,A\nA00001,N\nA00003,~\n")
    dataset = open_cinc2017(training)
    assert dataset.name == "cinc2017"
    assert dataset.classes == ("N", "A", "O", "~")
    assert dataset.record_ids == ("A00002", "A00001", "A00003")
    assert dataset.class_indices().tolist() == [1, 0, 3]
    assert dataset.notes == ()
    assert dataset.patient_groups() is None


def test_reads_millivolts(challenge: Challenge) -> None:
    record = open_cinc2017(challenge(["A00001"], "A00001,N\n")).read(0)
    assert record.fs == 300
    assert record.signal.shape == (1, 40)
    np.testing.assert_allclose(record.signal[0, :3], [-0.1, -0.093, -0.086], rtol=1e-6)


@pytest.mark.parametrize("levels", [0, 1, 2, 3])
def test_finds_the_training_folder_from_its_parents(challenge: Challenge, levels: int) -> None:
    folder = challenge(["A00001"], "A00001,N\n")
    for _ in range(levels):
        folder = folder.parent
    assert open_cinc2017(str(folder)).record_ids == ("A00001",)


def test_finds_the_publishers_layout(tmp_path: Path, write_recording: Callable[..., None]) -> None:
    root = tmp_path / "1.0.0"
    write_recording(root / "training" / "A00", "A00001")
    write_recording(root / "training" / "A01", "A01000")
    (root / "REFERENCE-v3.csv").write_text("A00001,N\nA01000,O\n")
    for folder in (tmp_path, root, root / "training"):
        assert open_cinc2017(folder).record_ids == ("A00001", "A01000")


def test_takes_the_reference_beside_the_folder(challenge: Challenge) -> None:
    training = challenge(["A00001"], "A00001,O\n")
    (training / "REFERENCE-v3.csv").rename(training.parent / "REFERENCE-v3.csv")
    assert open_cinc2017(training).class_indices().tolist() == [2]
    assert open_cinc2017(training.parent).class_indices().tolist() == [2]


def test_tells_what_is_missing(challenge: Challenge) -> None:
    training = challenge(["A00001", "A00002", "A00009"], "A00001,N\nA00002,A\nA00003,N\nA00004,O\n")
    (training / "A00002.mat").unlink()
    dataset = open_cinc2017(training)
    assert dataset.record_ids == ("A00001",)
    assert dataset.notes == (
        "3 of the 4 recordings in the reference are not in the folder: A00002, A00003, A00004",
        "1 recordings in the folder are not in the reference and are left out: A00009",
    )


def test_tells_what_is_there_twice_and_takes_the_uppermost(challenge: Challenge) -> None:
    training = challenge(["A00001"], "A00001,N\n")
    shutil.copytree(training, training / "A00" / "copy")
    dataset = open_cinc2017(training)
    assert dataset.entries[0].path == training / "A00001.hea"
    assert dataset.notes == (
        "1 recordings are in the folder more than once, of which the uppermost is taken: A00001",
    )


def test_tells_what_cannot_be_read(challenge: Challenge, monkeypatch: pytest.MonkeyPatch) -> None:
    training = challenge(["A00001"], "A00001,N\n")
    (training / "A00").mkdir()

    def refuse(path: Path) -> object:
        if path.name in forbidden:
            raise PermissionError(13, "Permission denied", str(path))
        return listed(path)

    listed, forbidden = os.scandir, {"A00"}
    monkeypatch.setattr(os, "scandir", refuse)
    assert open_cinc2017(training).notes == (f"cannot be read: permission denied: {training / 'A00'}",)
    forbidden.add(training.name)
    with pytest.raises(DatasetError, match=r"found none; cannot be read: permission denied: .*training2017$"):
        open_cinc2017(training)


def test_prefers_the_final_labels(challenge: Challenge) -> None:
    training = challenge(["A00001"], "A00001,N\n")
    (training / "REFERENCE.csv").write_text("A00001,A\n")
    assert open_cinc2017(training).class_indices().tolist() == [0]


def test_refuses_older_labels_unless_asked(challenge: Challenge) -> None:
    training = challenge(["A00001"], "A00001,A\n", "REFERENCE.csv")
    with pytest.raises(DatasetError, match=r"expected REFERENCE-v3.csv .* found only REFERENCE.csv"):
        open_cinc2017(training)
    dataset = open_cinc2017(training, older_labels=True)
    assert dataset.class_indices().tolist() == [1]
    assert "not of the challenge's final REFERENCE-v3.csv" in dataset.notes[0]


@pytest.mark.parametrize(
    ("reference", "message"),
    [
        ("A00001,N\nA00002,X\n", "REFERENCE-v3.csv, line 2: expected a label among N, A, O, ~, found 'X'"),
        ("A00001,N\n\nA00001,N\n", "REFERENCE-v3.csv, line 3: expected each record once, found A00001 again"),
        ("A00001\n", "line 1: expected a label among N, A, O, ~, found ''"),
        ("A00001,N,A\n", "line 1: expected a label among N, A, O, ~, found 'N,A'"),
        ("../A00001,N\n", "line 1: expected a record name such as A00001, found '../A00001'"),
        (",N\n", "line 1: expected a record name such as A00001, found ''"),
        ("A00002,N\n", "expected recordings"),
        ("", "expected recordings"),
    ],
)
def test_refuses_a_faulty_reference(challenge: Challenge, reference: str, message: str) -> None:
    with pytest.raises(DatasetError) as caught:
        open_cinc2017(challenge(["A00001"], reference))
    assert message in str(caught.value)


def test_refuses_a_reference_that_is_no_text(challenge: Challenge) -> None:
    training = challenge(["A00001"], "")
    (training / "REFERENCE-v3.csv").write_bytes(b"A00001,\xff\n")
    with pytest.raises(DatasetError, match="expected a table"):
        open_cinc2017(training)


def test_refuses_folders_that_are_something_else(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="found none"):
        open_cinc2017(tmp_path / "nowhere")
    with pytest.raises(DatasetError, match="expected training2017 in it or below it"):
        open_cinc2017(tmp_path)
    (tmp_path / "training2017").mkdir()
    with pytest.raises(DatasetError, match=r"expected REFERENCE-v3.csv in it or beside it, found none"):
        open_cinc2017(tmp_path)


@pytest.mark.realdata
def test_real_training_set(data_folder: Path) -> None:
    dataset = open_cinc2017(data_folder)
    assert dataset.class_counts == {"N": 4064, "A": 613, "O": 1964, "~": 227}
    record = dataset.read(dataset.record_ids.index("A00002"))
    assert (record.fs, record.n_leads, record.n_samples) == (300.0, 1, 9000)
    np.testing.assert_array_equal(record.signal[0, :4], np.array([128, 157, 189, 226], np.float32) / 1000)
