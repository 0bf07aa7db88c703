"""Which files of a folder are recordings."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Iterator
from pathlib import Path

from einthoven.errors import FormatError
from einthoven.formats.sniff import HEAD_BYTES, content_of
from einthoven.formats.wfdb_header import read_header

_RECORD_ENDINGS = frozenset({".hea", ".mat", ".npy", ".npz"})
_TABLE_ENDINGS = frozenset({".csv", ".tsv", ".txt"})
_SIGNAL_ENDINGS = (".dat", ".mat")


def is_record(path: str | Path) -> bool:
    """Tell cheaply whether a file of a folder stands for one recording.

    True for a WFDB header, for a signal file without one (so that its lack is reported rather than passed
    over), for MATLAB and NumPy files, and for text files whose lines are numbers. False for the signal file
    of a header, and for files whose name begins with a dot.
    """
    path = Path(path)
    ending = path.suffix.lower()
    if path.name.startswith("."):
        return False
    if path.is_symlink() and not path.exists():
        # A link to nothing is reported rather than passed over.
        return ending in _RECORD_ENDINGS
    if not path.is_file():
        return False
    if ending in _SIGNAL_ENDINGS and path.with_suffix(".hea").is_file():
        return False
    if ending in _TABLE_ENDINGS:
        with path.open("rb") as file:
            return content_of(file.read(HEAD_BYTES)) == "csv"
    return ending in _RECORD_ENDINGS or ending in _SIGNAL_ENDINGS


def list_records(folder: str | Path) -> list[Path]:
    """List the recordings in a folder and the folders below it, sorted, each once.

    Signal files that a header refers to, and the segments of a multi-segment record, are listed through that
    header only. Links to files and folders are followed. Files and folders whose name begins with a dot are
    passed over.

    Raises FormatError if there is no such folder.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise FormatError(f"{folder}: expected a folder, found {'a file' if folder.exists() else 'nothing'}")
    found: list[Path] = []
    for parent, names in walk(folder):
        found += _records_in(parent, names)
    return sorted(found)


def walk(folder: Path) -> Iterator[tuple[Path, list[str]]]:
    """Go through a folder and the folders below it, each once, and give the names of the files in each.

    Links to folders are followed, after the folders that are there themselves: what can be reached in both
    ways goes by its own path, and links in a circle come to an end. Folders whose name begins with a dot are
    passed over.
    """
    seen: set[tuple[int, int]] = set()
    waiting = deque([folder])
    while waiting:
        for parent, folders, names in os.walk(waiting.popleft()):
            place = Path(parent)
            status = place.stat()
            folders[:] = sorted(name for name in folders if not name.startswith("."))
            if (status.st_dev, status.st_ino) in seen:
                folders.clear()
                continue
            seen.add((status.st_dev, status.st_ino))
            # os.walk names links to folders among the folders, and does not go there.
            waiting += [place / name for name in folders if (place / name).is_symlink()]
            yield place, sorted(names)


def _records_in(parent: Path, names: list[str]) -> list[Path]:
    records = [path for name in names if is_record(path := parent / name)]
    referred: set[Path] = set()
    for path in records:
        if path.suffix == ".hea":
            referred.update(parent / name for name in _referred(path))
    return [path for path in records if path not in referred]


def _referred(header_path: Path) -> Iterator[str]:
    try:
        header = read_header(header_path)
    except (FormatError, OSError):
        return
    yield from (signal.file_name for signal in header.signals)
    yield from (f"{name}.hea" for name, _ in header.segments)
