"""Where published data sets are looked for."""

from pathlib import Path

import pytest

from einthoven.datasets.layout import find_project, is_file


def _find(folder: Path) -> Path | None:
    return find_project(folder, "ptb-xl", "ptb-xl-a-large", lambda place: is_file(place / "table.csv"))


@pytest.mark.parametrize(
    "place",
    [
        "",
        "1.0.3",
        "ptb-xl",
        "ptb-xl/1.0.3",
        "physionet.org/files/ptb-xl/1.0.3",
        "ptb-xl-a-large-set-1.0.3",
    ],
)
def test_all_layouts(tmp_path: Path, place: str) -> None:
    (tmp_path / place).mkdir(parents=True, exist_ok=True)
    (tmp_path / place / "table.csv").touch()
    assert _find(tmp_path) == tmp_path / place


def test_the_newest_version_goes_first(tmp_path: Path) -> None:
    for version in ("1.0.2", "1.0.10", "2.0.0"):
        (tmp_path / "ptb-xl" / version).mkdir(parents=True)
        if version != "2.0.0":
            (tmp_path / "ptb-xl" / version / "table.csv").touch()
    assert _find(tmp_path) == tmp_path / "ptb-xl" / "1.0.10"


def test_what_is_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert _find(tmp_path) is None
    assert _find(tmp_path / "nowhere") is None
    (tmp_path / "ptb-xl-b-1.0.3").mkdir()
    (tmp_path / "ptb-xl-b-1.0.3" / "table.csv").touch()
    assert _find(tmp_path) is None

    def refuse(_: Path) -> bool:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "is_file", refuse)
    assert _find(tmp_path / "ptb-xl-b-1.0.3") is None
