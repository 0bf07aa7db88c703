"""One function opens whatever a path holds."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from einthoven.datasets import DATASETS, Store, open_data, write_store
from einthoven.errors import DatasetError, SettingsError

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


def test_refuses_the_unknown(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="found nothing there"):
        open_data(tmp_path / "nowhere")
    with pytest.raises(DatasetError, match="expected training2017"):
        open_data(tmp_path)
    with pytest.raises(SettingsError, match="expected a data set among cinc2017, found 'cinc2071'"):
        open_data(tmp_path, "cinc2071")
    assert set(DATASETS) == {"cinc2017"}


def test_import_is_light() -> None:
    heavy = "{'pyarrow', 'wfdb', 'pandas', 'torch', 'scipy', 'matplotlib', 'soxr', 'urllib.request'}"
    code = f"import sys, einthoven.datasets, einthoven.metrics; print(*({heavy} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""
