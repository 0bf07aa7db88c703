"""`einthoven download` and `einthoven prepare`."""

import hashlib
import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from einthoven.apps.cli.data import noted
from einthoven.apps.cli.reading import said_of_files
from einthoven.apps.cli.training_inputs import training_data
from einthoven.datasets import Dataset, open_store
from einthoven.formats import write_wfdb
from einthoven.recipes import find_recipe
from einthoven.signal.simulated import simulate


def _mirror(folder: Path) -> Path:
    """A copy of the challenge's layout with two recordings and the publisher's list of digests."""
    root = folder / "mirror" / "challenge-2017" / "1.0.0"
    for name in ("A00001", "A00002"):
        write_wfdb(simulate(duration_s=9), root / "training2017", name=name)
    for path in (root / "training2017").glob("*.dat"):
        header = path.with_suffix(".hea")
        header.write_text(header.read_text().replace(".dat", ".mat"))
        path.rename(path.with_suffix(".mat"))
    (root / "REFERENCE-v3.csv").write_text("A00001,N\nA00002,A\n")
    files = sorted(path for path in root.rglob("*") if path.is_file())
    lines = [
        f"{hashlib.sha256(p.read_bytes()).hexdigest()} {p.relative_to(root).as_posix()}\n" for p in files
    ]
    (root / "SHA256SUMS.txt").write_text("".join(lines))
    return folder / "mirror"


def test_a_data_set_is_fetched_and_prepared(run, tmp_path: Path) -> None:
    fetched = run(
        "download", "cinc2017", "-o", tmp_path / "data", "--mirror", _mirror(tmp_path), "--format", "json"
    )
    assert fetched.code == 0, fetched.err
    item = json.loads(fetched.out)
    assert item["folder"] == str(tmp_path / "data" / "challenge-2017" / "1.0.0")
    assert item["files"] >= 5
    assert item["fetched_bytes"] > 0
    prepared = run(
        "prepare", "cinc2017", "--data", tmp_path / "data", "-o", tmp_path / "store", "--format", "json"
    )
    assert prepared.code == 0, prepared.err
    assert json.loads(prepared.out)["classes"] == {"N": 1, "A": 1, "O": 0, "~": 0}
    assert open_store(tmp_path / "store").record_ids == ("A00001", "A00002")


def test_a_folder_of_ones_own_is_prepared(run, tmp_path: Path) -> None:
    write_wfdb(simulate(duration_s=9), tmp_path / "mine", name="a")
    (tmp_path / "mine" / "labels.csv").write_text("record,label\na,fine\n")
    result = run("prepare", tmp_path / "mine", "-o", tmp_path / "store")
    assert result.code == 0, result.err
    assert "fine=1" in result.out
    assert result.err == f"wrote {tmp_path / 'store'} (1 recording)\n"
    again = run("prepare", tmp_path / "mine", "-o", tmp_path / "store")
    assert again.code == 2
    assert "expected a new or empty folder" in again.err


def test_a_store_goes_beside_its_data_set(run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_wfdb(simulate(duration_s=9), tmp_path / "mine", name="a")
    (tmp_path / "mine" / "labels.csv").write_text("record,label\na,fine\n")
    data = tmp_path / "data"
    assert run("download", "cinc2017", "-o", data, "--mirror", _mirror(tmp_path)).code == 0
    for arguments, store in (
        (("cinc2017", "--data", data), data / "cinc2017.store"),
        ((f"{tmp_path / 'mine'}/",), tmp_path / "mine.store"),
    ):
        result = run("prepare", *arguments)
        assert result.code == 0, result.err
        assert result.err.startswith(f"wrote {store} (")
        assert len(open_store(store)) in (1, 2)
    shutil.rmtree(tmp_path / "mine.store")
    for place, argument in ((tmp_path / "mine", "."), (tmp_path, "mine/labels.csv")):
        monkeypatch.chdir(place)
        assert run("prepare", argument).code == 0
        assert len(open_store(tmp_path / "mine.store")) == 1
        shutil.rmtree(tmp_path / "mine.store")
    names = {path.name for path in (tmp_path / "mine").iterdir()}
    assert names == {"a.atr", "a.dat", "a.hea", "labels.csv"}


def test_what_was_left_out_is_told(run, tmp_path: Path) -> None:
    for name in ("a", "b"):
        write_wfdb(simulate(duration_s=9), tmp_path / "mine", name=name)
    (tmp_path / "mine" / "labels.csv").write_text("a;fine\nz;bad\n")
    notes = [
        "1 recording of labels.csv not in the folder, left out: z (row 2)",
        "1 recording in the folder not in labels.csv, left out: b.hea",
    ]
    for wanted in ("table", "json", "csv"):
        store = tmp_path / wanted
        result = run("prepare", tmp_path / "mine", "-o", store, "--format", wanted)
        assert result.code == 0, result.err
        assert all(note in result.out for note in notes)
        assert list(open_store(store).notes[:2]) == notes


def test_notes_of_a_data_set_are_said_beside_what_it_is_used_for(capsys: pytest.CaptureFixture[str]) -> None:
    dataset = Dataset("mine", (), (), str, ("one thing", "another\nthing"))
    assert noted(dataset) is dataset
    assert capsys.readouterr().err == "mine: one thing\nmine: another\\nthing\n"


def test_evaluating_and_training_tell_what_was_left_out(
    run, recordings: Path, tiny_model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copytree(recordings, tmp_path / "mine")
    (tmp_path / "mine" / "labels.csv").write_text("record,label\none,N\ntwo,A\n")
    note = "mine: 1 recording in the folder not in labels.csv, left out: three.hea\n"
    result = run("evaluate", "--model", tiny_model, "--data", tmp_path / "mine")
    assert result.code == 0, result.err
    assert result.err.count(note) == 1
    protocol = find_recipe("rhythm").resolve("cpu", {})
    training_data(tmp_path / "mine", "cinc2017", protocol, said_of_files(None, None, None))
    assert capsys.readouterr().err.count(note) == 1


def test_only_some_files_of_a_data_set_are_fetched(run, tmp_path: Path) -> None:
    arguments = ("download", "cinc2017", "-o", tmp_path / "data", "--mirror", _mirror(tmp_path))
    prefixes = ("--only", "training2017/A00001", "--only", "REFERENCE")
    fetched = run(*arguments, *prefixes, "--format", "json")
    assert fetched.code == 0, fetched.err
    names = {path.name for path in (tmp_path / "data").rglob("*.*")}
    assert {"A00001.hea", "A00001.mat", "REFERENCE-v3.csv"} <= names
    assert not any(name.startswith("A00002") for name in names)


@pytest.mark.parametrize(
    ("name", "why"),
    [
        (
            "mitdb",
            "its heartbeats are read from the recordings themselves, and a store keeps no annotations",
        ),
        ("cinc2021", "its sources are read as part of cinc2020"),
    ],
)
def test_what_cannot_be_prepared_is_said(run, tmp_path: Path, monkeypatch, name: str, why: str) -> None:
    monkeypatch.chdir(tmp_path)
    for _ in range(2):
        result = run("prepare", name, "-o", "store")
        assert result.code == 2
        assert result.err == (
            f"error: {name} cannot be prepared, as {why}: "
            "expected cinc2017, cinc2020, cpsc2018, mitdb-beats, ptbdb, ptbdb-beats, ptbxl, twelve-leads, or "
            "a folder with labels.csv\n"
        )
        (tmp_path / name).mkdir(exist_ok=True)
    write_wfdb(simulate(duration_s=9), tmp_path / name, name="a")
    (tmp_path / name / "labels.csv").write_text("record,label\na,fine\n")
    assert run("prepare", name, "-o", "store").code == 0


def test_files_that_state_nothing_are_prepared_with_options(run, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    np.savetxt(tmp_path / "mine" / "a.csv", 1000 * simulate(duration_s=9).signal.T, fmt="%.1f")
    (tmp_path / "mine" / "labels.csv").write_text("record,label\na,fine\n")
    bare = run("prepare", tmp_path / "mine", "-o", tmp_path / "store")
    assert bare.code == 2
    assert "on the command line --fs, --units" in bare.err
    options = ("--fs", 300, "--units", "uV", "--leads", "V1")
    told = run("prepare", tmp_path / "mine", *options, "-o", tmp_path / "store")
    assert told.code == 0, told.err
    record = open_store(tmp_path / "store").read(0)
    assert (record.fs, record.leads) == (300.0, ("V1",))
    np.testing.assert_allclose(record.signal, simulate(duration_s=9).signal, atol=1e-4)
    refused = run("prepare", "cinc2017", "--data", tmp_path, *options, "-o", tmp_path / "other")
    assert refused.code == 2
    assert "found none, nor the data set cinc2017" in refused.err


def test_an_unknown_data_set_is_one_line(run, tmp_path: Path) -> None:
    for arguments in (("download", "tango"), ("prepare", "tango")):
        result = run(*arguments, "-o", tmp_path / "x")
        assert result.code == 2
        assert result.err.count("\n") == 1
