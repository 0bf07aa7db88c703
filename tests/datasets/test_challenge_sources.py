"""Which source of the challenges a folder holds: told by its name, or by those of its recordings."""

from collections.abc import Callable
from pathlib import Path

import pytest

from einthoven.datasets import data_sets_in, open_cinc2020, open_data, open_twelve_leads
from einthoven.datasets.challenge_sources import FOLDERS, NAMES, find_sources, unnamed_recordings
from einthoven.errors import DatasetError

Write = Callable[..., Path]

EXAMPLES = {
    "A0001": "cpsc_2018",
    "Q3581": "cpsc_2018_extra",
    "I0074": "st_petersburg_incart",
    "S0549": "ptb",
    "HR00001": "ptb-xl",
    "E10344": "georgia",
    "JS00001": "chapman_shaoxing_ningbo",
    "JS45551": "chapman_shaoxing_ningbo",
}


def test_every_source_has_a_folder_and_names_of_its_own() -> None:
    assert set(NAMES) <= set(FOLDERS.values())
    assert len(set(NAMES.values())) == len(NAMES)


@pytest.mark.parametrize(("name", "source"), EXAMPLES.items())
def test_a_folder_of_any_name_holds_the_source_as_whose_its_recordings_are_called(
    tmp_path: Path, write_twelve: Write, name: str, source: str
) -> None:
    write_twelve(tmp_path / "mine" / ("g1" if name == "E10344" else ""), name)
    (found,) = find_sources(tmp_path / "mine")
    assert (found.path, found.source, found.is_named) == (tmp_path / "mine", source, False)
    dataset = open_cinc2020(tmp_path / "mine")
    assert [(entry.record_id, entry.source) for entry in dataset.entries] == [(name, source)]
    assert f"mine is no source's name: {source} told by the names of the recordings" in dataset.notes


def test_all_sources_may_lie_in_one_folder(tmp_path: Path, write_twelve: Write) -> None:
    for name in (*EXAMPLES, "I75", "A00001", "s0010_re"):
        write_twelve(tmp_path / "all", name)
    dataset = open_data(tmp_path / "all", "cinc2020")
    assert {entry.record_id: entry.source for entry in dataset.entries} == EXAMPLES
    patients = {entry.record_id: entry.patient for entry in dataset.entries}
    assert patients["I0074"] == "incart-32"
    assert dataset.notes[:2] == (
        f"all is no source's name: {', '.join(NAMES)} told by the names of the recordings",
        "recordings left out, as they are called as no source's are: 3 (A00001, I75, s0010_re)",
    )
    twelve = open_twelve_leads(tmp_path / "all")
    # The challenge's copy of PTB-XL is left out there, wherever it lies.
    assert {entry.source for entry in twelve.entries} == set(EXAMPLES.values()) - {"ptb-xl"}


def test_a_folder_that_is_called_as_a_source_is_that_source(tmp_path: Path, write_twelve: Write) -> None:
    write_twelve(tmp_path / "georgia", "A0001")
    write_twelve(tmp_path / "georgia", "my-own")
    assert [entry.source for entry in open_cinc2020(tmp_path / "georgia").entries] == ["georgia"] * 2
    # What lies beside folders of sources is not looked at.
    write_twelve(tmp_path, "Q0001")
    dataset = open_cinc2020(tmp_path)
    assert (dataset.record_ids, dataset.notes) == (("A0001", "my-own"), ())


def test_names_alone_do_not_make_a_source_of_ones_own_recordings(tmp_path: Path, write_twelve: Write) -> None:
    write_twelve(tmp_path / "own", "E00001", None)
    (tmp_path / "own" / "S0001.hea").write_text("no header at all\n")
    assert find_sources(tmp_path / "own") == ()
    assert data_sets_in(tmp_path / "own") == ()
    with pytest.raises(DatasetError, match=r"found none, nor the data set twelve-leads$"):
        open_data(tmp_path / "own", "twelve-leads")
    # A header that says of itself that the diagnosis is not known is one of the challenges'.
    write_twelve(tmp_path / "own", "A0001", "Unknown")
    assert [found.source for found in find_sources(tmp_path / "own")] == ["cpsc_2018"]


def test_recordings_of_which_nothing_tells_the_source_are_named_with_what_to_do(
    tmp_path: Path, write_twelve: Write
) -> None:
    for number in range(5):
        write_twelve(tmp_path / "mine", f"X{number:05d}")
    assert unnamed_recordings(tmp_path / "mine") == [f"X{number:05d}" for number in range(5)]
    advice = (
        r"; recordings with diagnoses are there, X00000, X00001, X00002 and 2 more, but neither .* tell the "
        r"source: call the folder as its source is, one of cpsc_2018, .*, chapman_shaoxing_ningbo; .* if "
        r"they are called A0001 \(cpsc_2018\), .*, JS00001 \(chapman_shaoxing_ningbo\)$"
    )
    for opened in (open_cinc2020, open_twelve_leads, lambda place: open_data(place, "twelve-leads")):
        with pytest.raises(DatasetError, match=advice):
            opened(tmp_path / "mine")
    with pytest.raises(DatasetError, match=r"nor the data set ptbxl$"):
        open_data(tmp_path / "mine", "ptbxl")


@pytest.mark.realdata
def test_the_recordings_that_are_here_are_told_by_their_names(data_folder: Path) -> None:
    training = data_folder / "challenge-2020/1.0.2/training"
    folders = [training / name for name in FOLDERS if (training / name).is_dir()]
    if not folders:
        pytest.skip("no recordings of the challenge here")
    for folder in folders:
        names = [path.stem for path in folder.glob("*.hea")]
        letters, digits = NAMES[FOLDERS[folder.name]]
        assert all(name.startswith(letters) and len(name) == len(letters) + digits for name in names)
