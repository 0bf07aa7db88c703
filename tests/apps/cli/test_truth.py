"""Rows of a table of labels find their files."""

from pathlib import Path

import pytest

from einthoven.apps.cli.truth import read_truth
from einthoven.errors import DatasetError


@pytest.fixture
def table(tmp_path: Path) -> Path:
    (tmp_path / "data").mkdir()
    for name in ("one.hea", "two.npy", "E1.b.hea"):
        (tmp_path / "data" / name).touch()
    return tmp_path / "data" / "labels.csv"


def labels(table: Path, text: str, *files: str | Path) -> dict[str, str]:
    table.write_text(text)
    return dict(read_truth(table, [table.parent / file for file in files]).labels)


def test_classes_are_those_of_all_rows(table: Path) -> None:
    table.write_text("record,labels\none,N; A\nelsewhere,O\ntwo,\n")
    truth = read_truth(table, [table.parent / "one.hea"])
    assert (truth.classes, truth.labels) == (("A", "N", "O"), {str(table.parent / "one.hea"): "N + A"})


@pytest.mark.parametrize("row", ["one", "one.hea", "./one", "one.mat", "data/one", "data\\one.hea"])
def test_names_of_one_file(table: Path, row: str) -> None:
    assert labels(table, f"record,label\n{row},N\n", "one.hea") == {str(table.parent / "one.hea"): "N"}


def test_files_are_given_as_the_reader_takes_them(table: Path) -> None:
    given = ("one", "one.hea", "E1.b", "two.npy")
    found = labels(table, "record,labels\none.hea,A; O\nE1.b,N\ntwo,\n", *given)
    assert list(found.items()) == [
        (str(table.parent / name), label)
        for name, label in zip(given, ("A + O", "A + O", "N", ""), strict=True)
    ]


def test_rows_of_other_files_are_passed_over(table: Path) -> None:
    text = "record,label\nE1,N\nsub/one,N\nnowhere,N\nlabels,N\n"
    assert labels(table, text, "one.hea", "E1.b.hea") == {}


def test_what_lies_beside_the_table_is_meant_before_others_of_its_name(table: Path, tmp_path: Path) -> None:
    (tmp_path / "copy").mkdir()
    (tmp_path / "copy" / "one.hea").touch()
    files = (tmp_path / "copy" / "one.hea", "one.hea")
    assert labels(table, "record,label\none,N\n", *files) == {str(table.parent / "one.hea"): "N"}
    assert labels(table, "record,label\none,N\n", files[0]) == {str(files[0]): "N"}
    assert labels(table, "record,label\none,N\ncopy/one,A\n", *files)[str(files[0])] == "A"


@pytest.mark.parametrize(
    "text", ["one,N\ntwo,A\n", "\ufeffone;N\ntwo;A\n", "record\tlabel\none\tN\ntwo\tA\n"]
)
def test_tables_as_others_write_them(table: Path, text: str) -> None:
    assert list(labels(table, text, "one.hea", "two.npy").values()) == ["N", "A"]


def test_two_rows_of_one_file_are_refused(table: Path) -> None:
    message = r"labels\.csv, row 3, column record: expected each recording once, found .*one\.hea again"
    with pytest.raises(DatasetError, match=message):
        labels(table, "record,label\none,N\none.hea,A\n", "one.hea")
