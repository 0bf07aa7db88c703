"""Where a published data set lies, below a folder that somebody names."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

_VERSION = re.compile(r"\d+\.\d+\.\d+")


def find_project(folder: Path, project: str, title: str, is_in: Callable[[Path], bool]) -> Path | None:
    """Find the folder of a project of PhysioNet: the one given, or one below it in PhysioNet's layout.

    Parameters
    ----------
    folder : where to begin
    project : its name in PhysioNet's addresses, as in `ptbdb/1.0.0`
    title : what the name of its unpacked archive begins with
    is_in : tells whether a folder holds it

    Returns
    -------
    The first of: the folder, `PROJECT`, `physionet.org/files/PROJECT`, what the archive unpacks to; each as
    such, then with its newest version below it. None if none of these holds it.
    """
    return next((place for place in _places(folder, project, title) if is_in(place)), None)


def is_file(path: Path) -> bool:
    """Tell whether a file is there; one in a folder that must not be looked into counts as absent."""
    try:
        return path.is_file()
    except OSError:
        return False


def _places(folder: Path, project: str, title: str) -> Iterator[Path]:
    archives = [place for place in _folders_in(folder) if place.name.startswith(f"{title}-")]
    for base in (folder, folder / project, folder / "physionet.org" / "files" / project, *archives):
        yield base
        versions = [place for place in _folders_in(base) if _VERSION.fullmatch(place.name)]
        yield from sorted(
            versions, key=lambda place: [int(part) for part in place.name.split(".")], reverse=True
        )


def _folders_in(folder: Path) -> list[Path]:
    try:
        return sorted(place for place in folder.iterdir() if place.is_dir())
    except OSError:
        return []
