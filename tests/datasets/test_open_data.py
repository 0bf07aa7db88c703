"""One function opens whatever a path holds."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from einthoven.datasets import BEATS_OF, COMBINED, DATASETS, Store, open_data, write_store
from einthoven.errors import DatasetError, SettingsError
from einthoven.formats.wfdb import write_wfdb
from einthoven.record import Annotation, Record

Challenge = Callable[..., Path]


def test_knows_a_public_data_set_by_its_parents(challenge: Challenge, tmp_path: Path) -> None:
    challenge(["A00001"], "A00001,N\n")
    assert (open_data(tmp_path).name, open_data(tmp_path).kind) == ("cinc2017", "public")
    assert open_data(str(tmp_path), "cinc2017").record_ids == ("A00001",)


def test_knows_a_folder_by_its_table(challenge: Challenge) -> None:
    training = challenge(["A00001"], "A00001,N\n")
    (training / "labels.csv").write_text("record,label\nA00001,mine\n")
    assert open_data(training).classes == ("mine",)
    (training / "other.csv").write_text("record,label\nA00001,theirs\n")
    assert open_data(training / "other.csv").classes == ("theirs",)


def test_knows_a_store(challenge: Challenge, tmp_path: Path) -> None:
    pytest.importorskip("pyarrow")
    write_store(open_data(challenge(["A00001"], "A00001,N\n")), tmp_path / "store")
    assert isinstance(open_data(tmp_path / "store"), Store)


def test_what_is_said_of_files_reaches_a_folder_and_is_refused_elsewhere(
    challenge: Challenge, tmp_path: Path
) -> None:
    pytest.importorskip("pyarrow")
    training = challenge(["A00001"], "A00001,N\n")
    write_store(open_data(training), tmp_path / "store")
    for place in (training, tmp_path / "store"):
        with pytest.raises(
            SettingsError, match=r"expected fs, units and leads for a folder with labels\.csv only"
        ):
            open_data(place, fs=300)
    for table in ("labels.csv", "other.csv"):
        (training / table).write_text("record,label\nA00001,mine\n")
        for place in (training, training / table):
            assert open_data(place, fs=300, leads=("ECG",)).given == ("fs=300.0", "leads=ECG")


def test_of_recordings_without_a_table_it_names_the_table(challenge: Challenge, tmp_path: Path) -> None:
    lab = challenge(["A00001"], "A00001,N\n").rename(tmp_path / "lab")
    for path in lab.glob("REFERENCE*"):
        path.unlink()
    for path in lab.glob("A00001.*"):
        path.rename(path.with_name(path.name.replace("A00001", "mine")))
    (lab / "mine.hea").write_text((lab / "mine.hea").read_text().replace("A00001", "mine"))
    for said in ({}, {"fs": 300.0}):
        with pytest.raises(
            DatasetError, match=r"^expected labels\.csv in .*lab, found none, nor the data set cinc"
        ):
            open_data(lab, **said)


def test_knows_the_data_sets_of_twelve_leads_beside_each_other(
    tmp_path: Path, write_twelve: Callable[..., Path]
) -> None:
    training = tmp_path / "challenge-2020/1.0.2/training"
    write_twelve(training / "cpsc_2018/g1", "A0001", "164889003")
    write_twelve(training / "georgia/g1", "E00001")
    assert open_data(tmp_path, "cpsc2018").record_ids == ("A0001",)
    assert open_data(tmp_path, "cinc2020").record_ids == ("A0001", "E00001")
    with pytest.raises(DatasetError, match="expected the data set ptbxl, found cinc2020, cpsc2018"):
        open_data(tmp_path, "ptbxl")


def test_a_combined_data_set_is_where_any_of_its_parts_is(
    tmp_path: Path, several: Path, write_twelve: Callable[..., Path]
) -> None:
    assert open_data(several, "twelve-leads").record_ids == ("1",)
    write_twelve(tmp_path / "training/georgia", "E00001")
    assert open_data(tmp_path, "twelve-leads").record_ids == ("1", "E00001")
    assert open_data(tmp_path / "training", "twelve-leads").record_ids == ("E00001",)
    # It is no data set that one might find where another is expected.
    with pytest.raises(DatasetError, match=r"expected the data set cinc2017, found cinc2020$"):
        open_data(tmp_path / "training")
    with pytest.raises(DatasetError, match=r"expected the data set twelve-leads, found mitdb$"):
        open_data(tmp_path / "mitdb", "twelve-leads")
    assert {name for names in COMBINED.values() for name in names} < set(DATASETS)


def test_refuses_the_unknown(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="found nothing there"):
        open_data(tmp_path / "nowhere")
    with pytest.raises(DatasetError, match="expected training2017"):
        open_data(tmp_path)
    with pytest.raises(
        SettingsError, match=r"expected a data set among cinc2017, .*twelve-leads, found 'cinc2071'"
    ):
        open_data(tmp_path, "cinc2071")
    assert {*DATASETS} - {"mitdb-beats", "ptbdb-beats"} == {
        "cinc2017", "cinc2020", "cpsc2018", "mitdb", "ptbdb", "ptbxl", "twelve-leads"
    }  # fmt: skip
    assert {*BEATS_OF, *BEATS_OF.values()} == {"mitdb", "mitdb-beats", "ptbdb", "ptbdb-beats"}


@pytest.fixture
def several(challenge: Challenge, tmp_path: Path) -> Path:
    """A folder with CinC 2017, MIT-BIH, PTB Diagnostic and PTB-XL, a recording of each."""
    challenge(["A00001"], "A00001,N\n")
    marks = Annotation(np.array([5]), ("N",))
    signal = np.zeros((1, 100), np.float32)
    write_wfdb(Record(signal, 360.0, ("MLII",), "101", annotations=marks), tmp_path / "mitdb" / "1.0.0")
    control = Record(signal, 1000.0, ("I",), "s0306lre", comments=("Reason for admission: Healthy control",))
    write_wfdb(control, tmp_path / "ptbdb" / "1.0.0" / "patient104")
    ptbxl = tmp_path / "ptb-xl" / "1.0.3"
    write_wfdb(Record(signal, 100.0, ("I",), "00001_lr"), ptbxl / "records100")
    (ptbxl / "scp_statements.csv").write_text(",diagnostic,diagnostic_class\nNORM,1.0,NORM\n")
    (ptbxl / "ptbxl_database.csv").write_text(
        "ecg_id,patient_id,scp_codes,strat_fold,filename_lr\n1,2.0,{'NORM': 0.0},3,records100/00001_lr\n"
    )
    return tmp_path


@pytest.mark.parametrize(
    ("name", "record_id"),
    [("cinc2017", "A00001"), ("mitdb", "101"), ("ptbdb", "patient104/s0306lre"), ("ptbxl", "1")],
)
def test_finds_the_one_expected_among_several(several: Path, name: str, record_id: str) -> None:
    dataset = open_data(several, name)
    assert (dataset.name, dataset.record_ids) == (name, (record_id,))
    with pytest.raises(SettingsError, match="expected fs, units and leads for a folder with"):
        open_data(several, name, fs=300)


def test_of_another_data_set_it_tells_the_name(several: Path) -> None:
    with pytest.raises(DatasetError, match=r"expected the data set ptbxl, found mitdb$"):
        open_data(several / "mitdb", "ptbxl")
    with pytest.raises(
        DatasetError, match=r"expected the data set mitdb-beats, found cinc2017, mitdb, ptbdb, ptbxl$"
    ):
        open_data(several, "mitdb-beats")
    (several / "ptbdb").rename(several / "mitdb" / "other")
    with pytest.raises(DatasetError, match=r"expected the data set ptbdb, found cinc2017, mitdb, ptbxl$"):
        open_data(several, "ptbdb")


def test_a_folder_called_training_may_be_anything(challenge: Challenge, tmp_path: Path) -> None:
    challenge(["mine"], "").rename(tmp_path / "training")
    assert (tmp_path / "training" / "mine.hea").is_file()
    (tmp_path / "training" / "REFERENCE-v3.csv").unlink()
    with pytest.raises(DatasetError, match=r"^expected labels\.csv in .*, nor the data set mitdb$"):
        open_data(tmp_path, "mitdb")


def _beats(folder: Path, name: str, labels: str) -> Path:
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_text("".join("0.5," * 187 + f"{label}.0\n" for label in labels))
    return path


@pytest.mark.parametrize("expected", ["mitdb", "mitdb-beats", "cinc2017"])
def test_a_file_of_beats_is_no_label_table(tmp_path: Path, expected: str) -> None:
    table = _beats(tmp_path, "mitbih_test.csv", "04")
    dataset = open_data(table, expected)
    assert (dataset.name, dataset.record_ids) == ("mitdb-beats", ("mitbih_test-1", "mitbih_test-2"))
    with pytest.raises(SettingsError, match="expected fs, units and leads for a folder with"):
        open_data(table, expected, fs=125)


def test_what_is_expected_tells_whose_beats_they_are(tmp_path: Path) -> None:
    table = _beats(tmp_path, "mine.csv", "01")
    assert open_data(table, "ptbdb").classes == ("NORM", "MI")
    assert open_data(table, "mitdb").name == "mitdb-beats"
    with pytest.raises(DatasetError, match="begins with mitbih or ptbdb"):
        open_data(table, "ptbxl")
    with pytest.raises(DatasetError, match="expected a table of ptbdb-beats, found one of mitdb-beats"):
        open_data(_beats(tmp_path, "mitbih_test.csv", "04"), "ptbdb")


def test_beat_tables_stand_in_for_their_database(several: Path, tmp_path: Path) -> None:
    _beats(tmp_path / "heartbeat", "mitbih_train.csv", "0")
    _beats(tmp_path / "heartbeat", "ptbdb_normal.csv", "0")
    assert open_data(tmp_path / "heartbeat", "mitdb").name == "mitdb-beats"
    assert open_data(tmp_path / "heartbeat", "ptbdb").name == "ptbdb-beats"
    assert open_data(several, "mitdb").name == "mitdb"
    assert open_data(several, "mitdb-beats").name == "mitdb-beats"
    with pytest.raises(
        DatasetError, match=r"expected the data set cinc2017, found mitdb-beats, ptbdb-beats$"
    ):
        open_data(tmp_path / "heartbeat")


def test_a_label_table_is_one_whatever_is_expected(challenge: Challenge) -> None:
    training = challenge(["A00001"], "A00001,N\n")
    (training / "other.csv").write_text("record,label\nA00001,theirs\n")
    for expected in ("mitdb", "ptbdb-beats"):
        assert open_data(training / "other.csv", expected).classes == ("theirs",)
    (training / "labels.csv").write_text("record,label\nA00001,mine\n")
    assert open_data(training, "mitdb").classes == ("mine",)


def test_a_store_is_one_whatever_is_expected(several: Path, tmp_path: Path) -> None:
    pytest.importorskip("pyarrow")
    write_store(open_data(several, "ptbxl"), tmp_path / "store")
    store = open_data(tmp_path / "store", "mitdb")
    assert (store.name, store.kind) == ("ptbxl", "public")
    assert [(entry.labels, entry.patient, entry.fold) for entry in store.entries] == [(("NORM",), "2", 3)]


def test_import_is_light() -> None:
    heavy = "{'pyarrow', 'wfdb', 'pandas', 'torch', 'scipy', 'matplotlib', 'soxr', 'urllib.request'}"
    code = f"import sys, einthoven.datasets, einthoven.metrics; print(*({heavy} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""
