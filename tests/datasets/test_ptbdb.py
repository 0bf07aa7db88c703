"""PTB Diagnostic: diagnoses from the headers, patients from the folders, two signal files a recording."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from einthoven.datasets.ptbdb import open_ptbdb
from einthoven.errors import DatasetError
from einthoven.record import TWELVE_LEADS

Write = Callable[..., Path]
DAT_LEADS = tuple(name.lower() for name in TWELVE_LEADS)
N_SAMPLES = 50


@pytest.fixture
def database(tmp_path: Path) -> Path:
    folder = tmp_path / "ptbdb" / "1.0.0"
    folder.mkdir(parents=True)
    return folder


def _write(folder: Path, name: str, reason: str | None) -> None:
    """Write a recording as the database stores it: 12 leads in .dat, Frank's three in .xyz, 0.5 µV a step."""
    path = folder / name
    path.parent.mkdir(exist_ok=True)
    rows = np.arange(15 * N_SAMPLES).reshape(15, N_SAMPLES).astype("<i2")
    lines = [f"{path.name} 15 1000 {N_SAMPLES}"]
    for file, leads, own in (("dat", DAT_LEADS, rows[:12]), ("xyz", ("vx", "vy", "vz"), rows[12:])):
        path.with_suffix(f".{file}").write_bytes(own.T.tobytes())
        for lead, row in zip(leads, own, strict=True):
            lines.append(f"{path.name}.{file} 16 2000 16 0 {row[0]} {row.sum(dtype=np.int16)} 0 {lead}")
    lines += ["# age: 81", "# sex: female", "# ECG date: 01/10/1990", "# Diagnose:"]
    lines += [] if reason is None else [f"# Reason for admission: {reason}"]
    lines += ["# Acute infarction (localization): infero-latera", "# Medication after discharge:", "#"]
    path.with_suffix(".hea").write_text("\r\n".join(lines) + "\r\n")


def test_infarction_and_health_by_patient(database: Path) -> None:
    _write(database, "patient001/s0010_re", "Myocardial infarction")
    _write(database, "patient001/s0014lre", "Myocardial infarction")
    _write(database, "patient104/s0306lre", "Healthy control")
    dataset = open_ptbdb(database)
    assert (dataset.name, dataset.kind, dataset.classes) == ("ptbdb", "public", ("NORM", "MI"))
    assert dataset.record_ids == ("patient001/s0010_re", "patient001/s0014lre", "patient104/s0306lre")
    assert [entry.labels for entry in dataset.entries] == [("MI",), ("MI",), ("NORM",)]
    assert [entry.patient for entry in dataset.entries] == ["patient001", "patient001", "patient104"]
    assert {entry.fold for entry in dataset.entries} == {None}
    assert dataset.notes == ()


def test_both_signal_files_are_read(database: Path) -> None:
    _write(database, "patient001/s0010_re", "Myocardial infarction")
    record = open_ptbdb(database).read(0)
    assert record.leads == (*TWELVE_LEADS, "vx", "vy", "vz")
    assert record.fs == 1000.0
    np.testing.assert_array_equal(record.signal, np.arange(750, dtype=np.float32).reshape(15, 50) / 2000)
    assert record.warnings == ()
    assert dict(record.patient) == {"age": "81", "sex": "female"}


@pytest.mark.parametrize("levels", [0, 1, 2])
def test_finds_the_recordings_from_their_parents(database: Path, levels: int) -> None:
    _write(database, "patient001/s0010_re", "Healthy control")
    folder = database
    for _ in range(levels):
        folder = folder.parent
    assert len(open_ptbdb(str(folder))) == 1


def test_finds_what_an_archive_unpacks_to(database: Path, tmp_path: Path) -> None:
    _write(database, "patient001/s0010_re", "Healthy control")
    database.rename(tmp_path / "ptb-diagnostic-ecg-database-1.0.0")
    assert len(open_ptbdb(tmp_path)) == 1


def test_what_is_left_out_is_told(database: Path) -> None:
    _write(database, "patient001/s0010_re", "Myocardial infarction")
    for number, reason in enumerate(["Dysrhythmia", "Dysrhythmia", "n/a", None], 2):
        _write(database, f"patient00{number}/s000{number}_re", reason)
    for number, ending in ((6, ".xyz"), (7, ".xyz"), (8, ".dat")):
        _write(database, f"patient00{number}/s000{number}_re", "Healthy control")
        (database / f"patient00{number}/s000{number}_re{ending}").unlink()
    _write(database, "patient009/s0009_re", "Healthy control")
    (database / "patient009/s0009_re.hea").write_text("nothing\n")
    (database / "mine").mkdir()
    _write(database, "mine/s0001_re", "Healthy control")
    listed = [f"patient00{number}/s000{number}_re" for number in range(2, 10)]
    (database / "RECORDS").write_text("\n".join(["patient001/s0010_re", *listed, "patient010/s1_re"]) + "\n")
    dataset = open_ptbdb(database)
    assert dataset.record_ids == ("patient001/s0010_re",)
    assert dataset.notes == (
        "1 of the 10 recordings in RECORDS are not in the folder: patient010/s1_re",
        "recordings left out, as they lack the signal file .xyz: 2 "
        "(patient006/s0006_re, patient007/s0007_re)",
        "recordings left out, as they lack the signal file .dat: 1 (patient008/s0008_re)",
        "recordings left out, as they have a header that cannot be read: 1 (patient009/s0009_re)",
        "recordings left out, as they are of other diagnoses: 4 (Dysrhythmia 2, n/a 1, not stated 1)",
    )


def test_what_is_not_there_is_refused(database: Path, tmp_path: Path) -> None:
    for folder in (tmp_path / "nowhere", tmp_path):
        with pytest.raises(DatasetError, match="expected the PTB Diagnostic ECG Database in it or below it"):
            open_ptbdb(folder)
    _write(database, "patient001/s0010_re", "Dysrhythmia")
    with pytest.raises(
        DatasetError, match=r"healthy controls, found none; .* other diagnoses: 1 \(Dysrhythmia 1\)"
    ):
        open_ptbdb(tmp_path)
