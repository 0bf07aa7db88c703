"""MIT-BIH: its parts, patients, beat classes, and recordings that are not what they should be."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from einthoven.aami import CLASSES, beats_of, flutter_of
from einthoven.datasets.mitdb import DS1, DS2, PACED, PARTS, open_mitdb
from einthoven.errors import DatasetError, SettingsError
from einthoven.formats.wfdb import write_wfdb
from einthoven.record import Annotation, Record

Write = Callable[..., Path]


@pytest.fixture
def database(tmp_path: Path) -> Write:
    """Writes recordings of 3 s at 360 Hz with these marks, in PhysioNet's layout; gives the folder above."""

    def write(*names: str, marks: Annotation | None = None) -> Path:
        place = tmp_path / "mitdb" / "1.0.0"
        place.mkdir(parents=True, exist_ok=True)
        own = marks or Annotation(np.array([10, 80, 370, 700]), ("+", "N", "V", "/"))
        for name in names:
            signal = np.zeros((2, 1080), np.float32)
            write_wfdb(Record(signal, 360.0, ("MLII", "V1"), name, annotations=own), place)
        return tmp_path

    return write


def test_the_parts_are_those_of_the_literature():
    assert len(DS1) == len(DS2) == 22 and len(PACED) == 4
    assert len(PARTS["all"]) == len(set(PARTS["all"])) == 48
    assert set(PARTS["ds1-classical"]) - set(PARTS["ds1"]) == {"201"}


def test_no_patient_is_on_both_sides(database: Write):
    folder = database(*PARTS["all"])
    patients = {
        part: {entry.patient for entry in open_mitdb(folder, part).entries}
        for part in ("ds1", "ds1-classical", "ds2", "paced")
    }
    assert patients["ds1"].isdisjoint(patients["ds2"])
    assert patients["ds1-classical"] & patients["ds2"] == {"201"}
    assert (patients["ds1"] | patients["ds2"]).isdisjoint(patients["paced"])
    whole = open_mitdb(folder)
    groups = whole.patient_groups()
    assert groups is not None and len(set(groups.tolist())) == 47
    assert [entry.fold for entry in whole.entries if entry.record_id in ("101", "100", "102")] == [2, 1, None]


@pytest.mark.parametrize("levels", [0, 1, 2])
def test_finds_the_recordings_from_their_parents(database: Write, levels: int):
    folder = database("101", "106") / "mitdb" / "1.0.0"
    for _ in range(levels):
        folder = folder.parent
    dataset = open_mitdb(str(folder), "ds1")
    assert dataset.record_ids == ("101", "106")
    assert dataset.classes == CLASSES
    assert dataset.notes == (
        "46 of the 48 recordings are not in the folder",
        "19 of the 21 recordings of ds1 are not there",
    )
    assert {entry.fold for entry in dataset.entries} == {None}


def test_the_classical_part_tells_of_the_shared_patient(database: Write):
    notes = open_mitdb(database(*DS1), "ds1-classical").notes
    assert notes[1:] == ("recording 201 is of the patient of 202, which is in ds2",)
    assert open_mitdb(database(*DS1), "ds1").notes == ("26 of the 48 recordings are not in the folder",)


def test_the_division_by_patient_leaves_201_out(database: Write):
    folder = database(*PARTS["all"])
    dataset = open_mitdb(folder, "inter-patient")
    sides = [{entry.patient for entry in dataset.entries if entry.fold == fold} for fold in (1, 2)]
    assert [len(side) for side in sides] == [21, 22] and sides[0].isdisjoint(sides[1])
    classical = open_mitdb(folder, "inter-patient-classical")
    assert classical.record_ids == (*DS1, *DS2)
    assert classical.notes[-1].endswith("not a division by patient")


def test_reads_a_recording_with_its_beats(database: Write):
    record = open_mitdb(database("100"), "ds2").read(0)
    assert record.leads == ("MLII", "V1")
    assert record.annotations is not None
    samples, classes = beats_of(record.annotations)
    assert samples.tolist() == [80, 370, 700]
    assert [CLASSES[index] for index in classes] == ["N", "V", "Q"]


def test_an_incomplete_recording_is_not_there(database: Write):
    folder = database("101", "106")
    (folder / "mitdb" / "1.0.0" / "101.atr").unlink()
    assert open_mitdb(folder, "ds1").record_ids == ("106",)


def test_annotations_of_a_longer_recording_are_refused(database: Write):
    folder = database("101", marks=Annotation(np.array([80, 1080]), ("N", "N")))
    with pytest.raises(DatasetError, match=r"101\.atr: expected annotations within 1080 .* one at 1080"):
        open_mitdb(folder, "ds1").read(0)


def test_damaged_annotations_are_refused(database: Write):
    folder = database("101")
    (folder / "mitdb" / "1.0.0" / "101.atr").write_bytes(b"\x01\x04")
    with pytest.raises(
        DatasetError, match=r"101\.atr: expected annotated beats, found none: annotations were"
    ):
        open_mitdb(folder, "ds1").read(0)


def test_what_is_not_there_is_told(tmp_path: Path, database: Write):
    with pytest.raises(SettingsError, match=r"expected a part among all, ds1, .* found 'ds3'"):
        open_mitdb(tmp_path, "ds3")
    for folder in (tmp_path / "nowhere", tmp_path):
        with pytest.raises(DatasetError, match=r"expected the MIT-BIH .* found no recordings such as 100"):
            open_mitdb(folder)
    with pytest.raises(DatasetError, match="such as 100, found none"):
        open_mitdb(database("101"), "ds2")
    (tmp_path / "mitdb" / "1.0.0" / "101.dat").unlink()
    with pytest.raises(DatasetError, match="found none complete"):
        open_mitdb(tmp_path)


@pytest.mark.realdata
def test_the_beats_of_the_database(data_folder: Path):
    dataset = open_mitdb(data_folder)
    assert len(dataset) == 48
    counts = np.zeros(5, int)
    for index in range(48):
        annotations = dataset.read(index).annotations
        assert annotations is not None
        counts += np.bincount(beats_of(annotations)[1], minlength=5)
    assert dict(zip(CLASSES, counts.tolist(), strict=True)) == {
        "N": 90631, "S": 2781, "V": 7236, "F": 803, "Q": 8043
    }  # fmt: skip


@pytest.mark.realdata
def test_flutter_is_in_207_alone(data_folder: Path):
    dataset = open_mitdb(data_folder, "ds1")
    with_flutter = {}
    for name, index in zip(dataset.record_ids, range(len(dataset)), strict=True):
        record = dataset.read(index)
        assert record.annotations is not None
        if segments := flutter_of(record.annotations, record.n_samples):
            with_flutter[name] = len(segments)
    assert with_flutter == {"207": 6}
