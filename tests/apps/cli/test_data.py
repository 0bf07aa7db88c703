"""`einthoven download` and `einthoven prepare`."""

import hashlib
import json
from pathlib import Path

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


def test_an_unknown_data_set_is_one_line(run, tmp_path: Path) -> None:
    for arguments in (("download", "tango"), ("prepare", "tango")):
        result = run(*arguments, "-o", tmp_path / "x")
        assert result.code == 2
        assert result.err.count("\n") == 1
