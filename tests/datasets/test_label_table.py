"""Tables of labels that are written: new, and added to. What is read is tested through `open_folder`."""

from pathlib import Path

import pytest

from einthoven.datasets.label_table import add_to_label_table, read_label_table
from einthoven.errors import DatasetError


def test_a_table_is_made_and_added_to(tmp_path: Path) -> None:
    path = tmp_path / "labels.csv"
    add_to_label_table(path, {"a": "N", "b, the second": "~"})
    add_to_label_table(path, {"c": "A", "a": "O"})
    rows = read_label_table(path)
    assert [(row.record, row.labels) for row in rows] == [
        ("a", ("N",)),
        ("b, the second", ("~",)),
        ("c", ("A",)),
    ]
    assert [item.name for item in tmp_path.iterdir()] == ["labels.csv"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("record,label,fold\na,N,1\n", "expected the columns record, label, .*found record, label, fold"),
        ("record,labels\na,N;A\n", "expected the columns record, label, .*found record, labels"),
        (
            "record;label\na;N\n",
            "expected the columns record, label, .*found record, label, separated by ';'",
        ),
        ("a,N\n", "expected the columns record, label, .*found no header"),
        ("name\na\n", "row 1: expected a header line with the columns record and label"),
    ],
)
def test_a_table_of_another_kind_is_left_alone(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "labels.csv"
    path.write_text(text)
    with pytest.raises(DatasetError, match=message):
        add_to_label_table(path, {"b": "N"})
    assert path.read_text() == text
