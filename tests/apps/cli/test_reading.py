"""The files that arguments stand for."""

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from einthoven.apps.cli import progress
from einthoven.apps.cli.reading import files_of
from einthoven.formats.sniff import READ


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("full", "full/deep", "empty"):
        (tmp_path / name).mkdir()
    for name in ("full/a.npy", "full/deep/b.npy"):
        np.save(tmp_path / name, np.zeros(3))
    return tmp_path


def test_folders_stand_for_their_recordings_each_once(folder: Path) -> None:
    full, deep = folder / "full", folder / "full" / "deep"
    files, failed = files_of([deep / "b.npy", full, folder / "nothing", folder / "empty", full])
    assert files == [deep / "b.npy", full / "a.npy", folder / "nothing"]
    assert failed == [(folder / "empty", "no recording in this folder")]


def test_a_long_look_around_tells_how_far_it_is(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    files_of([folder])
    assert capsys.readouterr().err == ""
    monkeypatch.setattr(progress, "LINE_EVERY_S", 0.0)
    monkeypatch.setattr(progress.time, "monotonic", lambda: 5.0)
    files_of([folder / "full", folder / "nothing", folder / "full" / "deep"])
    # Two files in the first folder, one of them again in the last.
    assert capsys.readouterr().err == "".join(f"looking for recordings, files: {n}\n" for n in (1, 2, 3))


def test_folders_that_cannot_be_read_are_told(folder: Path, forbid: Callable[[Path], None]) -> None:
    deep = folder / "full" / "deep"
    forbid(deep)
    told = [(deep, f"cannot be read: permission denied: {deep}")]
    assert files_of([folder, deep]) == ([folder / "full" / "a.npy"], told)
    assert files_of([deep]) == ([], told)


def test_what_must_not_be_looked_at_is_left_to_the_reader(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> os.stat_result:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "stat", refuse)
    assert files_of([folder / "full"]) == ([folder / "full"], [])


def test_a_folder_that_cannot_be_read_is_a_failed_row(
    run: Callable[..., Any],
    recordings: Path,
    tiny_model: Path,
    tmp_path: Path,
    forbid: Callable[[Path], None],
) -> None:
    shutil.copytree(recordings, tmp_path / "all")
    (tmp_path / "all" / "closed").mkdir()
    (tmp_path / "all" / "x.edf").write_bytes(b"\xffBIOSEMI")
    forbid(tmp_path / "all" / "closed")
    result = run("classify", tmp_path / "all", "--model", tiny_model, "--format", "json")
    assert result.code == 1
    rows = [json.loads(line) for line in result.out.splitlines()]
    assert {row["record"]: row["error"] for row in rows if "error" in row} == {
        "closed": f"cannot be read: permission denied: {tmp_path / 'all' / 'closed'}",
        "x": f"this is a damaged BDF recording, which einthoven does not read; it reads {', '.join(READ)}",
    }
    assert len(rows) == 5
