"""`einthoven convert`."""

from __future__ import annotations

import gzip
import json
from dataclasses import replace
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
    signal = np.sin(np.arange(5000) / 20)[np.newaxis]
    record = Record(np.round(signal, 3), 500, ("I",), representative_beat=beat)
    write_record(record, tmp_path / "a.xml")
    result = run("convert", tmp_path / "a.xml", tmp_path / "b.csv", "--format", "json")
    assert json.loads(result.out)["left_out"] == ["representative beat"]
    result = run("convert", tmp_path / "a.xml", tmp_path / "b.dcm", "--format", "json")
    assert json.loads(result.out)["left_out"] == []


@pytest.mark.parametrize("kind", ["wfdb", "edf", "dicom", "aecg"])
def test_rounding_is_said(run, tmp_path: Path, kind: str) -> None:
    from einthoven.formats.write import write_record

    signal = np.random.default_rng(1).normal(size=(1, 5000))
    write_record(Record(signal, 500, ("I",)), tmp_path / "a.csv")
    result = run("convert", tmp_path / "a.csv", tmp_path / f"b{ENDINGS[kind]}", "--format", "json")
    (said,) = json.loads(result.out)["left_out"]
    assert said.startswith("samples rounded ") and said.endswith(" uV")


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


def csv_file(path: Path) -> Path:
    """A recording of one file, whatever its ending: CSV."""
    from einthoven.formats.table import encode_csv

    record = simulate(leads=("I", "II", "V1"), duration_s=10, fs=500, seed=4)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(encode_csv(record))
    return path


@pytest.mark.parametrize("forced", [(), ("--force",)])
def test_the_input_is_never_replaced(run, source: Path, tmp_path: Path, forced: tuple[str, ...]) -> None:
    edf = tmp_path / "ecg.edf"
    assert run("convert", source, edf).code == 0
    before = edf.read_bytes()
    edf.rename(tmp_path / "ecg.dat")
    result = run("convert", tmp_path / "ecg.dat", tmp_path / "ecg.hea", *forced)
    assert result.code == 2
    assert "ecg.dat: expected another file than one that is read" in " ".join(result.err.split())
    assert (tmp_path / "ecg.dat").read_bytes() == before
    assert not (tmp_path / "ecg.hea").exists()


def test_signal_files_of_the_input_are_never_replaced(run, source: Path) -> None:
    header = source.with_name("two.hea")
    header.write_text(source.read_text())
    signal = source.with_suffix(".dat").read_bytes()
    result = run("convert", header, source, "--force")
    assert (result.code, source.with_suffix(".dat").read_bytes()) == (2, signal)


@pytest.mark.parametrize("ending", [".dat", ".atr"])
def test_no_part_of_a_record_is_replaced_unasked(run, source: Path, tmp_path: Path, ending: str) -> None:
    (tmp_path / f"x{ending}").write_bytes(b"mine")
    result = run("convert", source, tmp_path / "x.hea")
    assert (result.code, (tmp_path / f"x{ending}").read_bytes()) == (2, b"mine")
    assert run("convert", source, tmp_path / "x.hea", "--force").code == 0
    assert read_record(tmp_path / "x.hea").n_leads == 3


def test_a_folder_of_anonymous_recordings_is_numbered(run, tmp_path: Path) -> None:
    folder = tmp_path / "in"
    csv_file(folder / "Doe_John_1950.csv")
    csv_file(folder / "Roe_Ward" / "Roe_Jane.csv")
    result = run("convert", folder, tmp_path / "out", "--to", "wfdb", "--anonymize", "--format", "json")
    assert result.code == 0, result.err
    names = sorted(path.relative_to(tmp_path / "out").as_posix() for path in (tmp_path / "out").rglob("*"))
    assert {Path(name).stem for name in names} == {"record-0001", "record-0002"}
    content = b"".join(path.read_bytes() for path in (tmp_path / "out").iterdir())
    assert not any(word in content for word in (b"Doe", b"Roe", b"1950"))
    rows = {row["record"]: Path(row["path"]).name for row in map(json.loads, result.out.splitlines())}
    assert set(rows) == {"Doe_John_1950.csv", str(Path("Roe_Ward") / "Roe_Jane.csv")}
    assert "keep it apart" in result.err


def test_an_anonymous_file_of_the_same_name_is_a_doubt(run, tmp_path: Path) -> None:
    source = csv_file(tmp_path / "Doe.csv")
    result = run("convert", source, tmp_path / "out" / "doe.edf", "--anonymize")
    assert (result.code, "may tell whose it is" in result.err) == (0, True)
    result = run("convert", source, tmp_path / "out" / "7.edf", "--anonymize")
    assert "may tell whose it is" not in result.err


def test_recordings_of_one_name_and_of_odd_names_are_all_converted(run, tmp_path: Path) -> None:
    folder = tmp_path / "in"
    for name in ("a.csv", "a.txt", "Doe John.csv", "b.c.csv"):
        csv_file(folder / name)
    (folder / "z.csv.gz").write_bytes(gzip.compress(csv_file(tmp_path / "z.csv").read_bytes()))
    result = run("convert", folder, tmp_path / "out", "--to", "wfdb", "--format", "json")
    rows = {row["record"]: row["path"] for row in map(json.loads, result.out.splitlines())}
    assert result.code == 0, rows
    names = {name: Path(path).name for name, path in rows.items()}
    assert names == {
        "a.csv": "a.hea",
        "a.txt": "a-2.hea",
        "Doe John.csv": "Doe_John.hea",
        "b.c.csv": "b_c.hea",
        "z.csv.gz": "z.hea",
    }


def test_doubts_about_leads_are_warnings(run, tmp_path: Path) -> None:
    record = simulate(leads=("I", "II", "III"), duration_s=10, fs=500, seed=3)
    signal = record.signal.copy()
    signal[2] *= -1
    path = write_wfdb(replace(record, signal=signal), tmp_path, name="odd")
    result = run("convert", path, tmp_path / "x.csv")
    assert result.code == 0
    assert "limb leads contradict each other" in " ".join(result.err.split())
