from pathlib import Path

import pytest

from einthoven.errors import FormatError
from einthoven.formats import is_record, read_record
from einthoven.formats.table.refusal import is_label_table


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "an empty file"),
        (b"time,II\n", "only a header line"),
        (b"I,II\nnan,\n,nan\n", "every value is missing"),
        ("I\n1\n2\n".encode("utf-16"), "UTF-16: save it as UTF-8"),
        (b"time,II\n2020-01-01T00:00:00,1\n", "line 2: expected a number, found '2020-01-01T00:00:00'"),
        (b"\0\1\2", "unknown content"),
    ],
)
def test_what_is_no_table_is_listed_and_told(tmp_path: Path, data: bytes, reason: str) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes(data)
    assert is_record(path)
    with pytest.raises(FormatError) as caught:
        read_record(path, fs=500, units="mV")
    assert str(caught.value).endswith(f"found {reason}")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("labels.csv", ""),
        ("REFERENCE-v3.csv", "a,b,c\n"),
        ("x.csv", "record;label;age\na;N;4\n"),
        ("x.csv", "A1,N\nA2,A\n"),
        ("x.txt", "words\n"),
    ],
)
def test_tables_of_labels_are_passed_over(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / name).write_text(text)
    assert not is_record(tmp_path / name)


@pytest.mark.parametrize(
    "text",
    [
        "ecg_id,patient_id,age,filename_lr\n1,15709.0,56.0,records100/00001_lr\n",
        ",description,diagnostic,class\nNDT,non-diagnostic T abnormalities,1.0,STTC\n",
        "record,path,labels\na,a.hea,N\n",
    ],
)
def test_a_table_about_recordings_is_no_recording(text: str) -> None:
    assert is_label_table("table.csv", text)


def test_times_in_words_beside_numbers_are_a_recording() -> None:
    assert not is_label_table("export.csv", "time,I,II\n2020-01-01T00:00:00,0.1,0.2\n")
