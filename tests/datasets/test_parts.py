"""Parts of public data sets by name, and that a division by patient is one."""

from collections.abc import Callable, Sequence

import numpy as np
import pytest

from einthoven.datasets import DATASETS, Dataset, Entry
from einthoven.datasets.dataset import Kind
from einthoven.datasets.mitdb import DS1, DS2, PARTS, SAME_PATIENT
from einthoven.datasets.parts import parts_of, select_part
from einthoven.errors import DatasetError, SettingsError
from einthoven.record import Record


def _read(entry: Entry) -> Record:
    return Record(np.zeros((1, 10), np.float32), 100.0, ("I",), entry.record_id)


@pytest.fixture
def mitdb() -> Callable[..., Dataset]:
    def make(names: Sequence[str] = PARTS["all"], kind: Kind = "public") -> Dataset:
        entries = tuple(
            Entry(name, (), SAME_PATIENT.get(name, name), 1 if name in DS1 else 2 if name in DS2 else None)
            for name in names
        )
        return Dataset("mitdb", ("N",), entries, _read, ("as it came",), kind=kind)

    return make


def _sides(dataset: Dataset) -> tuple[set[str | None], set[str | None]]:
    first = {entry.patient for entry in dataset.entries if entry.fold == 1}
    return first, {entry.patient for entry in dataset.entries if entry.fold == 2}


def test_no_part_is_everything_unchanged(mitdb: Callable[..., Dataset]) -> None:
    dataset = mitdb()
    assert select_part(dataset, "") is dataset


def test_every_part_is_of_a_data_set_that_can_be_opened() -> None:
    assert parts_of("mitdb") == tuple(PARTS)
    assert parts_of("ptbxl") == ("all", "infarction", "test")
    assert parts_of("ptbdb") == parts_of("mitdb-beats") == parts_of("ptbdb-beats") == ("all",)
    assert parts_of("cinc2017") == parts_of("anything") == ()
    assert all(name in DATASETS for name in ("mitdb", "mitdb-beats", "ptbdb", "ptbdb-beats", "ptbxl"))


def test_inter_patient_shares_no_patient(mitdb: Callable[..., Dataset]) -> None:
    dataset = select_part(mitdb(), "inter-patient")
    train, test = _sides(dataset)
    assert train.isdisjoint(test)
    assert dataset.record_ids == (*(name for name in DS1 if name != "201"), *DS2)
    assert (len(train), len(test)) == (21, 22)
    assert dataset.notes == ("as it came",)


def test_the_classical_division_says_that_it_is_none_by_patient(mitdb: Callable[..., Dataset]) -> None:
    dataset = select_part(mitdb(), "inter-patient-classical")
    train, test = _sides(dataset)
    assert (train, test) == (set(DS1), set(DS2))
    assert dataset.notes[1:] == (
        "recordings 201 (ds1, to train) and 202 (ds2, to test) are of one patient, counted as two: "
        "not a division by patient",
    )


@pytest.mark.parametrize("part", ["all", "ds1", "ds1-classical", "ds2", "paced"])
def test_a_part_of_one_side_leaves_the_folds_to_be_dealt(mitdb: Callable[..., Dataset], part: str) -> None:
    dataset = select_part(mitdb(), part)
    assert dataset.record_ids == PARTS[part]
    assert {entry.fold for entry in dataset.entries} == {None}
    if part in ("all", "ds2"):
        assert next(entry.patient for entry in dataset.entries if entry.record_id == "202") == "201"


def test_what_is_missing_of_a_part_is_told(mitdb: Callable[..., Dataset]) -> None:
    few = mitdb(["100", "101", "103"])
    assert select_part(few, "inter-patient").notes[1:] == (
        "40 of the 43 recordings of inter-patient are not there",
    )
    with pytest.raises(DatasetError, match=r"expected recordings of ds1 .* such as 101, found none"):
        select_part(mitdb(["100", "103"]), "inter-patient")
    with pytest.raises(DatasetError, match=r"expected recordings of paced .* such as 102, found none"):
        select_part(few, "paced")


def test_an_unknown_part_lists_those_there_are(mitdb: Callable[..., Dataset]) -> None:
    with pytest.raises(SettingsError, match=r"mitdb: expected a part among all, ds1, .*, found 'ds3'"):
        select_part(mitdb(), "ds3")
    beats = Dataset("mitdb-beats", ("N",), (Entry("a", ("N",)),), _read, kind="public")
    with pytest.raises(SettingsError, match=r"found 'inter-patient': whose .* only split=random divides"):
        select_part(beats, "inter-patient")
    with pytest.raises(SettingsError, match="cinc2017: expected no part, found 'ds1'"):
        select_part(Dataset("cinc2017", (), (), _read, kind="public"), "ds1")


@pytest.mark.parametrize("kind", ["own", "simulated"])
def test_ones_own_recordings_stay_whole_and_it_is_said(mitdb: Callable[..., Dataset], kind: Kind) -> None:
    dataset = mitdb(kind=kind)
    taken = select_part(dataset, "inter-patient")
    assert taken.entries == dataset.entries
    assert taken.notes[1:] == ("used whole: the part inter-patient is one of a public data set",)


@pytest.mark.parametrize("name", ["ptbxl", "ptbdb", "mitdb-beats", "ptbdb-beats"])
def test_all_leaves_the_folds_to_be_dealt(name: str) -> None:
    entries = (Entry("a", ("N",), "p", 1), Entry("b", ("N",), "q", 2))
    taken = select_part(Dataset(name, ("N",), entries, _read, kind="public"), "all")
    assert [(entry.patient, entry.fold) for entry in taken.entries] == [("p", None), ("q", None)]


def test_infarction_is_taken_by_name() -> None:
    entries = (Entry("a", ("MI", "CD")), Entry("b", ("NORM",)))
    taken = select_part(Dataset("ptbxl", ("NORM", "MI", "CD"), entries, _read, kind="public"), "infarction")
    assert taken.classes == ("NORM", "MI")
    assert [entry.labels for entry in taken.entries] == [("MI",), ("NORM",)]
