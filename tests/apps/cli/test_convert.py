"""`einthoven convert`."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from einthoven.formats import read_record, write_wfdb
from einthoven.record import Record
from einthoven.signal.simulated import simulate

ENDINGS = {"wfdb": ".hea", "edf": ".edf", "dicom": ".dcm", "aecg": ".xml", "csv": ".csv"}


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A recording in WFDB whose steps are 1 uV."""
    record = simulate(leads=("I", "II", "V1"), duration_s=10, fs=500, seed=3)
    return write_wfdb(record, tmp_path / "in", name="one")


@pytest.mark.parametrize("kind", ENDINGS)
def test_every_format_gives_the_samples_back(run, source: Path, tmp_path: Path, kind: str) -> None:
    target = tmp_path / "out" / f"two{ENDINGS[kind]}"
    result = run("convert", source, target, "--format", "json")
    assert result.code == 0, result.err
    assert json.loads(result.out)["path"] == str(target)
    before, after = read_record(source), read_record(target)
    assert (after.fs, after.leads) == (before.fs, before.leads)
    np.testing.assert_array_equal(after.signal, before.signal)
    assert before.annotations is not None and after.annotations is not None
    np.testing.assert_array_equal(after.annotations.samples, before.annotations.samples)
    assert after.annotations.symbols == before.annotations.symbols


def test_parquet_is_written(run, source: Path, tmp_path: Path) -> None:
    assert run("convert", source, tmp_path / "x.parquet").code == 0
    assert (tmp_path / "x.parquet").read_bytes().startswith(b"PAR1")


def test_a_folder_is_converted_and_what_fails_is_a_row(run, source: Path, tmp_path: Path) -> None:
    (source.parent / "ward").mkdir()
    (source.parent / "ward" / "broken.edf").write_bytes(b"\xffBIOSEMI")
    result = run("convert", source.parent, tmp_path / "out", "--to", "csv", "--format", "json")
    assert result.code == 1
    rows = {row["record"]: row for row in map(json.loads, result.out.splitlines())}
    assert "damaged BDF" in rows["broken.edf"]["error"]
    assert Path(rows["one.hea"]["path"]) == tmp_path / "out" / "one.csv"
    assert read_record(tmp_path / "out" / "one.csv").n_leads == 3


def test_anonymous_files_name_nobody(run, tmp_path: Path) -> None:
    record = Record(
        np.sin(np.arange(5000) / 20)[np.newaxis],
        500,
        ("I",),
        patient={"name": "Doe", "id": "4711", "age": "93"},
        recording={"recorded_at": "2020-02-03T04:05:06", "institution": "St Elsewhere"},
        comments=("Doe",),
    )
    from einthoven.formats.write import write_record

    write_record(record, tmp_path / "Doe.csv")
    for kind, ending in ENDINGS.items():
        target = tmp_path / kind / f"x{ending}"
        result = run("convert", tmp_path / "Doe.csv", target, "--anonymize", "--format", "json")
        assert result.code == 0, result.err
        removed = json.loads(result.out)["removed"]
        assert {"name", "id", "age (now 90)", "recorded at", "institution", "comments"} <= set(removed)
        for path in target.parent.iterdir():
            content = path.read_bytes()
            found = [
                word
                for word in (b"Doe", b"4711", b"Elsewhere", b"2020-02-03", b"20200203")
                if word in content
            ]
            assert found == [], (kind, path)
        assert read_record(target).patient.get("age") == "90"


def test_what_has_no_place_is_said(run, tmp_path: Path) -> None:
    from einthoven.formats.write import write_record

    beat = Record([[0.0, 1.0, 0.0]], 500, ("I",))
    record = Record(np.sin(np.arange(5000) / 20)[np.newaxis], 500, ("I",), representative_beat=beat)
    write_record(record, tmp_path / "a.xml")
    result = run("convert", tmp_path / "a.xml", tmp_path / "b.csv", "--format", "json")
    assert json.loads(result.out)["left_out"] == ["representative beat"]
    result = run("convert", tmp_path / "a.xml", tmp_path / "b.dcm", "--format", "json")
    assert json.loads(result.out)["left_out"] == []


def test_nothing_is_replaced_unasked(run, source: Path, tmp_path: Path) -> None:
    target = tmp_path / "x.csv"
    target.write_text("mine")
    result = run("convert", source, target)
    assert (result.code, target.read_text()) == (2, "mine")
    assert "--force replaces it" in result.err
    assert run("convert", source, target, "--force").code == 0
    assert run("convert", target, target, "--force").code == 2


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("{source}", "out.xyz"), "expected an ending among"),
        (("{source}", "out.csv", "--to", "gdf"), "expected a format among"),
        (("{folder}", "out"), "expected --to FORMAT"),
        (("{source}", "-", "--to", "wfdb"), "expected a format of one file"),
        (("{source}", "x.csv", "--limit", "samples"), "expected NAME=NUMBER"),
        (("{source}", "x.csv", "--limit", "samples=100"), "limit samples"),
    ],
)
def test_what_cannot_be_done_is_said(
    run,
    source: Path,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    arguments: tuple[str, ...],
    message: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    given = [part.format(source=source, folder=source.parent) for part in arguments]
    result = run("convert", *given)
    assert result.code == 2
    assert message in result.err
