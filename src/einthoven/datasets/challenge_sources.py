"""Where the sources of the CinC Challenges 2020 and 2021 lie, and which is which: by folder or record name.

Source: https://physionet.org/content/challenge-2020/1.0.2/ and https://physionet.org/content/challenge-2021/:
each source has a folder below `training`, and names of its own for its recordings.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from einthoven.datasets.challenge_headers import has_diagnosis_line
from einthoven.datasets.cpsc2018 import ARCHIVES
from einthoven.datasets.dataset import first_few
from einthoven.datasets.layout import find_project
from einthoven.errors import FormatError
from einthoven.formats.wfdb.header import read_header

FOLDERS: Mapping[str, str] = MappingProxyType(
    {
        "cpsc_2018": "cpsc_2018",
        "cpsc_2018_text": "cpsc_2018",
        "cpsc_2018_extra": "cpsc_2018_extra",
        "st_petersburg_incart": "st_petersburg_incart",
        "ptb": "ptb",
        "ptb-xl": "ptb-xl",
        "georgia": "georgia",
        "chapman_shaoxing": "chapman_shaoxing",
        "ningbo": "ningbo",
        "chapman_shaoxing_ningbo": "chapman_shaoxing_ningbo",
    }
)
"""Folder of each source -> source, in the order of the data set."""

NAMES: Mapping[str, tuple[str, int]] = MappingProxyType(
    {
        "cpsc_2018": ("A", 4),
        "cpsc_2018_extra": ("Q", 4),
        "st_petersburg_incart": ("I", 4),
        "ptb": ("S", 4),
        "ptb-xl": ("HR", 5),
        "georgia": ("E", 5),
        # JS00001 to JS10646 are of Chapman-Shaoxing, the others of Ningbo: one release, of the same devices.
        "chapman_shaoxing_ningbo": ("JS", 5),
    }
)
"""Source -> what the names of its recordings begin with, and how many digits follow."""

_ANY_NAME = re.compile(r"[A-Za-z][\w-]*", re.ASCII)
_DEPTHS = ("*.hea", "g[0-9]*/*.hea")
"""Where a source's headers lie below its folder."""


@dataclass(frozen=True, slots=True)
class SourceFolder:
    """A folder with recordings of one source, or of several that are told by the names of the recordings.

    path : the folder
    source : which of them is meant
    record_id : what the names of its recordings look like
    is_named : whether the folder's name tells the source
    """

    path: Path
    source: str
    record_id: re.Pattern[str]
    is_named: bool


def find_sources(folder: Path) -> tuple[SourceFolder, ...]:
    """Find the folders of sources: the folder itself, or those below it, in the order of `FOLDERS`.

    A folder that is called as no source is, and holds none that is, has those sources as whose its recordings
    are called, if the first of each has a line of diagnoses (`#Dx:`), as the challenges' headers have.
    """
    if folder.name in FOLDERS and _holds_recordings(folder):
        return (_named(folder),)
    projects = (find_project(folder, *names, lambda place: bool(_below(place))) for names in ARCHIVES.items())
    above = [place for place in (folder, *projects) if place is not None]
    found = dict.fromkeys(path for place in above for path in _below(place))
    names = list(FOLDERS)
    named = sorted(found, key=lambda path: names.index(path.name))
    return tuple(map(_named, named)) or tuple(_by_names(folder))


def unnamed_recordings(folder: Path) -> list[str]:
    """Return which recordings of a folder have a line of diagnoses but names that no source gives, sorted.

    Of its subfolders g1, g2 and so on are looked into.
    """
    known = [_record_id(source) for source in NAMES]
    others = [path for path in _headers(folder) if not any(of.fullmatch(path.stem) for of in known)]
    return sorted(path.stem for path in others if _ANY_NAME.fullmatch(path.stem) and _is_labelled(path))


def naming_advice(folder: Path) -> str:
    """Say how to call a folder whose recordings look like the challenges' but tell no source; else nothing.

    >>> naming_advice(Path("nowhere"))
    ''
    """
    if not (names := unnamed_recordings(folder)):
        return ""
    called = ", ".join(f"{letters}{1:0{digits}} ({source})" for source, (letters, digits) in NAMES.items())
    return (f"; recordings with diagnoses are there, {first_few(names)}, but neither their names nor that of "
            f"their folder tell the source: call the folder as its source is, one of {', '.join(FOLDERS)}; "
            f"recordings of the challenges are told by themselves if they are called {called}")  # fmt: skip


def _named(folder: Path) -> SourceFolder:
    return SourceFolder(folder, FOLDERS[folder.name], _ANY_NAME, is_named=True)


def _by_names(folder: Path) -> Iterator[SourceFolder]:
    """Yield the sources of a folder of any name."""
    headers = sorted(_headers(folder))
    for source in NAMES:
        record_id = _record_id(source)
        first = next((path for path in headers if record_id.fullmatch(path.stem)), None)
        if first is not None and _is_labelled(first):
            yield SourceFolder(folder, source, record_id, is_named=False)


def _record_id(source: str) -> re.Pattern[str]:
    letters, digits = NAMES[source]
    return re.compile(rf"{letters}\d{{{digits}}}", re.ASCII)


def _is_labelled(header: Path) -> bool:
    try:
        return has_diagnosis_line(read_header(header).comments)
    except (FormatError, OSError):
        return False


def _below(place: Path) -> list[Path]:
    paths = (base / name for base in (place, place / "training") for name in FOLDERS)
    return [path for path in paths if _holds_recordings(path)]


def _holds_recordings(place: Path) -> bool:
    # PTB-XL's own folder has the name of a source, but no headers at these depths.
    return next(_headers(place), None) is not None


def _headers(place: Path) -> Iterator[Path]:
    for pattern in _DEPTHS:
        yield from place.glob(pattern)
