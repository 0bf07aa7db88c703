"""Ready-made beat tables: what they hold, which they are, and rows that are no beats."""

import gzip
import pickle
import zlib
from pathlib import Path

import numpy as np
import pytest

from einthoven.datasets import beat_rows
from einthoven.datasets.beat_rows import is_beat_table
from einthoven.datasets.beat_tables import find_beat_tables, open_beat_tables
from einthoven.errors import DatasetError, SettingsError

UNKNOWN = "patients are unknown: beats of one patient may be on both sides of any split"


def _beat(number: int) -> np.ndarray:
    beat = np.zeros(187, np.float32)
    beat[: 1 + number % 187] = np.float32(1) / np.float32(number + 1)
    return beat


def _row(number: int, label: object) -> str:
    values = [f"{value:.18e}" for value in _beat(number)]
    return ",".join([*values, label if isinstance(label, str) else f"{label:.18e}"]) + "\n"


def _text(labels: list[int]) -> str:
    return "".join(_row(number, label) for number, label in enumerate(labels))


def _write(folder: Path, name: str, text: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    content = text.encode()
    path.write_bytes(gzip.compress(content, mtime=0) if name.endswith(".gz") else content)
    return path


@pytest.fixture
def heartbeat(tmp_path: Path) -> Path:
    """The folder as it is published, of a few beats."""
    _write(tmp_path / "heartbeat", "mitbih_train.csv", _text([0, 0, 1, 2]))
    _write(tmp_path / "heartbeat", "mitbih_test.csv.gz", _text([3, 4]))
    _write(tmp_path / "heartbeat", "ptbdb_normal.csv.gz", _text([0]))
    _write(tmp_path / "heartbeat", "ptbdb_abnormal.csv", _text([1, 1]))
    return tmp_path / "heartbeat"


def test_a_folder_of_tables(heartbeat: Path) -> None:
    dataset = open_beat_tables(heartbeat, "mitdb-beats")
    assert (dataset.name, dataset.kind, dataset.classes) == (
        "mitdb-beats",
        "public",
        ("N", "S", "V", "F", "Q"),
    )
    assert dataset.class_indices().tolist() == [0, 0, 1, 2, 3, 4]
    assert [entry.fold for entry in dataset.entries] == [1, 1, 1, 1, 2, 2]
    assert {(entry.patient, entry.recording) for entry in dataset.entries} == {(None, None)}
    assert dataset.record_ids[::5] == ("mitbih_train-1", "mitbih_test-2")
    assert dataset.notes == (UNKNOWN,)
    record = dataset.read(5)
    assert (record.fs, record.leads, record.name) == (125.0, ("beat",), "mitbih_test-2")
    np.testing.assert_array_equal(record.signal, _beat(1)[np.newaxis])
    ptbdb = open_beat_tables(heartbeat, "ptbdb-beats")
    assert (ptbdb.name, ptbdb.class_counts) == ("ptbdb-beats", {"NORM": 1, "MI": 2})
    assert {entry.fold for entry in ptbdb.entries} == {None}


def test_the_folder_above_is_enough(heartbeat: Path) -> None:
    assert len(open_beat_tables(heartbeat.parent, "ptbdb-beats")) == 3
    assert [path.name for path in find_beat_tables(heartbeat.parent, "mitdb-beats")] == [
        "mitbih_train.csv", "mitbih_test.csv.gz"
    ]  # fmt: skip
    assert find_beat_tables(heartbeat / "nowhere", "mitdb-beats") == ()


def test_a_table_goes_before_its_compressed_copy(heartbeat: Path) -> None:
    _write(heartbeat, "mitbih_train.csv.gz", _text([4, 4]))
    assert len(open_beat_tables(heartbeat, "mitdb-beats")) == 6


def test_a_data_set_can_be_sent_to_another_process(heartbeat: Path) -> None:
    copy = pickle.loads(pickle.dumps(open_beat_tables(heartbeat, "ptbdb-beats")))
    np.testing.assert_array_equal(copy.signal(2), _beat(1)[np.newaxis])


def test_tables_one_by_one(heartbeat: Path) -> None:
    alone = open_beat_tables(heartbeat / "mitbih_train.csv")
    assert (alone.name, alone.notes) == ("mitdb-beats", (UNKNOWN,))
    assert {entry.fold for entry in alone.entries} == {None}
    several = open_beat_tables([heartbeat / "ptbdb_abnormal.csv", str(heartbeat / "ptbdb_normal.csv.gz")])
    assert [entry.labels for entry in several.entries] == [("MI",), ("MI",), ("NORM",)]
    with pytest.raises(
        DatasetError, match=r"mitbih_train\.csv of mitdb-beats, ptbdb_abnormal\.csv of ptbdb-beats"
    ):
        open_beat_tables([heartbeat / "mitbih_train.csv", heartbeat / "ptbdb_abnormal.csv"])
    with pytest.raises(DatasetError, match="expected at least one beat table, found none"):
        open_beat_tables([])


def test_a_folder_that_does_not_say_which(heartbeat: Path) -> None:
    with pytest.raises(DatasetError, match="found both: say which of mitdb-beats and ptbdb-beats is meant"):
        open_beat_tables(heartbeat)
    (heartbeat / "ptbdb_normal.csv.gz").unlink()
    dataset = open_beat_tables(heartbeat, "ptbdb-beats")
    assert dataset.notes == ("ptbdb_normal.csv is not in the folder", UNKNOWN)
    (heartbeat / "ptbdb_abnormal.csv").unlink()
    assert open_beat_tables(heartbeat).name == "mitdb-beats"
    with pytest.raises(DatasetError, match=r"expected ptbdb_normal\.csv and ptbdb_abnormal\.csv, found none"):
        open_beat_tables(heartbeat, "ptbdb-beats")
    with pytest.raises(
        SettingsError, match="expected beat tables among mitdb-beats, ptbdb-beats, found 'mitdb'"
    ):
        open_beat_tables(heartbeat, "mitdb")


def test_a_name_that_does_not_say_which(tmp_path: Path) -> None:
    few = _write(tmp_path, "mine.csv", _text([0, 1]))
    with pytest.raises(DatasetError, match=r"begins with mitbih or ptbdb, as both have classes 0 and 1"):
        open_beat_tables(few)
    assert open_beat_tables(few, "ptbdb-beats").class_counts == {"NORM": 1, "MI": 1}
    assert open_beat_tables(few, "mitdb-beats").class_counts["S"] == 1
    assert open_beat_tables(_write(tmp_path, "ours.csv", _text([0, 4]))).name == "mitdb-beats"
    named = _write(tmp_path, "ptbdb_normal.csv", _text([0]))
    with pytest.raises(DatasetError, match="expected a table of mitdb-beats, found one of ptbdb-beats"):
        open_beat_tables(named, "mitdb-beats")


BAD = {
    "186 columns": "0," * 185 + "1\n",
    "1 column": "nothing\n",
    "no finite numbers": _row(0, 0).replace("0.0", "nan", 1),
    "no  finite numbers": _row(0, 0).replace("1.0", "inf", 1),
    "no   finite numbers": "1e300," + "0," * 186 + "0\n",
    "no    finite numbers": "a," + "0," * 186 + "0\n",
    "class 5": _row(0, 5),
    "class -1": _row(0, -1),
    "class 0.5": _row(0, 0.5),
    "189 columns": _row(0, 0).strip() + ",1\n",
}


@pytest.mark.parametrize("reason", BAD)
@pytest.mark.parametrize("chunk_lines", [7, 1024])
def test_a_row_that_is_no_beat_is_left_out_and_told(
    tmp_path: Path, reason: str, chunk_lines: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(beat_rows, "_CHUNK_LINES", chunk_lines)
    text = _text([number % 5 for number in range(199)])
    lines = text.splitlines(keepends=True)
    path = _write(tmp_path, "mitbih_train.csv", "".join([*lines[:20], "\n", BAD[reason], *lines[20:]]))
    dataset = open_beat_tables(path)
    note = (
        f"mitbih_train.csv: 1 of 200 rows are no beats and are left out: line 22 ({' '.join(reason.split())})"
    )
    assert dataset.notes == (note, UNKNOWN)
    assert len(dataset) == 199
    assert dataset.record_ids[19:21] == ("mitbih_train-20", "mitbih_train-23")
    np.testing.assert_array_equal(dataset.signal(20), _beat(20)[np.newaxis])


def test_many_bad_rows_are_in_the_order_of_the_file(tmp_path: Path) -> None:
    bad = [BAD[reason] for reason in ("class 5", "no finite numbers", "186 columns", "1 column")]
    path = _write(tmp_path, "mitbih_train.csv", "".join(bad) + _text([0] * 396))
    assert (
        open_beat_tables(path)
        .notes[0]
        .endswith(
            "4 of 400 rows are no beats and are left out: line 1 (class 5), line 2 (no finite numbers), "
            "line 3 (186 columns) and 1 more"
        )
    )


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", "found none"),
        ("\n\n", "found none"),
        (
            _text([0]) + BAD["186 columns"],
            r"found 1 of 2 that are not \(1 % may be left out\): line 2 \(186 columns\)",
        ),
        (
            "record,label\na,N\n",
            r"found 2 of 2 that are not \(1 % may be left out\): line 1 \(2 columns\), line 2 \(2 columns\)",
        ),
        (
            _text([5, 6]),
            r"found 2 of 2 that are not \(1 % may be left out\): line 1 \(class 5\), line 2 \(class 6\)",
        ),
    ],
)
def test_a_file_that_is_something_else_is_refused(tmp_path: Path, text: str, found: str) -> None:
    path = _write(tmp_path, "mitbih_test.csv", text)
    with pytest.raises(DatasetError, match=f"mitbih_test.csv: expected rows of 187 samples .*, {found}$"):
        open_beat_tables(path)


def test_a_share_of_one_in_a_hundred_is_allowed_and_no_more(tmp_path: Path) -> None:
    rows = _text([0] * 99)
    assert len(open_beat_tables(_write(tmp_path, "mitbih_a.csv", rows + BAD["class 5"]))) == 99
    with pytest.raises(DatasetError, match="found 2 of 101 that are not"):
        open_beat_tables(_write(tmp_path, "mitbih_b.csv", rows + 2 * BAD["class 5"]))


def test_beats_on_another_scale_are_told(tmp_path: Path) -> None:
    text = _text([0, 1, 2]) + "-0.5," + "0," * 186 + "0\n" + "1.5," + "0," * 186 + "0\n"
    assert open_beat_tables(_write(tmp_path, "mitbih_test.csv", text)).notes[0] == (
        "mitbih_test.csv: 2 of 5 beats reach beyond 0 to 1: not scaled as the published tables are"
    )


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match=r"expected a beat table .* found: No such file"):
        open_beat_tables(tmp_path / "mitbih_train.csv")
    whole = gzip.compress(_text([0] * 50).encode(), mtime=0)
    damaged = bytearray(whole)
    damaged[40] ^= 255
    for content in (whole[:-30], bytes(damaged)):
        (tmp_path / "mitbih_train.csv").write_bytes(content)
        with pytest.raises(DatasetError, match=r"mitbih_train\.csv: expected a beat table .* found: "):
            open_beat_tables(tmp_path / "mitbih_train.csv")
    _write(tmp_path, "mitbih_train.csv.gz", _text([0]) + "0" * (1 << 17))
    with pytest.raises(
        DatasetError, match="line 2: expected 188 numbers, found a line of 65536 characters or more"
    ):
        open_beat_tables(tmp_path / "mitbih_train.csv.gz")


def test_a_beat_table_is_known_by_its_first_lines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert is_beat_table(_write(tmp_path, "a.csv", _text([0])))
    assert is_beat_table(_write(tmp_path, "b.gz", "a header\n" + _text([0])))
    assert is_beat_table(_write(tmp_path, "c", "\ufeff" + _text([0])))
    assert not is_beat_table(_write(tmp_path, "d.csv", "record,label\na,N\n"))
    assert not is_beat_table(_write(tmp_path, "e.csv", "a,N\nb,A\n"))
    assert not is_beat_table(
        _write(tmp_path, "f.csv", _text([0]).replace("e+00\n", "e-01\n").replace("0.0", "0.3"))
    )
    assert not is_beat_table(_write(tmp_path, "g.csv", ""))
    (tmp_path / "h.csv").write_bytes(gzip.compress(b"1,2\n" * 9, mtime=0)[:20])
    assert not is_beat_table(tmp_path / "h.csv")
    assert not is_beat_table(tmp_path / "nowhere")

    def fail(*_: object, **__: object) -> None:
        raise zlib.error("invalid block")

    monkeypatch.setattr(gzip, "open", fail)
    assert not is_beat_table(tmp_path / "b.gz")
