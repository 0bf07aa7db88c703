"""`einthoven download` and `einthoven prepare`."""

import hashlib
import json
from pathlib import Path

import numpy as np
import pytest

from einthoven.datasets import open_store
from einthoven.formats import write_record
from einthoven.signal.simulated import simulate


def _mirror(folder: Path) -> Path:
    """A copy of the challenge's layout with two recordings and the publisher's list of digests."""
    root = folder / "mirror" / "challenge-2017" / "1.0.0"
    for name in ("A00001", "A00002"):
        write_record(simulate(duration_s=9), root / "training2017", name=name)
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
    write_record(simulate(duration_s=9), tmp_path / "mine", name="a")
    (tmp_path / "mine" / "labels.csv").write_text("record,label\na,fine\n")
    result = run("prepare", tmp_path / "mine", "-o", tmp_path / "store")
    assert result.code == 0, result.err
    assert "fine=1" in result.out
    again = run("prepare", tmp_path / "mine", "-o", tmp_path / "store")
    assert again.code == 2
    assert "expected a new or empty folder" in again.err


def test_only_some_files_of_a_data_set_are_fetched(run, tmp_path: Path) -> None:
    arguments = ("download", "cinc2017", "-o", tmp_path / "data", "--mirror", _mirror(tmp_path))
    prefixes = ("--only", "training2017/A00001", "--only", "REFERENCE")
    fetched = run(*arguments, *prefixes, "--format", "json")
    assert fetched.code == 0, fetched.err
    names = {path.name for path in (tmp_path / "data").rglob("*.*")}
    assert {"A00001.hea", "A00001.mat", "REFERENCE-v3.csv"} <= names
    assert not any(name.startswith("A00002") for name in names)


@pytest.mark.parametrize("name", ["mitdb", "ptbxl", "cinc2020"])
def test_what_can_only_be_downloaded_is_said(run, tmp_path: Path, monkeypatch, name: str) -> None:
    monkeypatch.chdir(tmp_path)
    for _ in range(2):
        result = run("prepare", name, "-o", "store")
        assert result.code == 2
        assert result.err == (
            f"error: {name} can be downloaded, but not prepared yet: expected cinc2017, "
            "or a folder with labels.csv\n"
        )
        (tmp_path / name).mkdir(exist_ok=True)
    write_record(simulate(duration_s=9), tmp_path / name, name="a")
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
    assert "a public data set state them" in refused.err


def test_an_unknown_data_set_is_one_line(run, tmp_path: Path) -> None:
    for arguments in (("download", "tango"), ("prepare", "tango")):
        result = run(*arguments, "-o", tmp_path / "x")
        assert result.code == 2
        assert result.err.count("\n") == 1
