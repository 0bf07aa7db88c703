"""Which files of a folder are recordings."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from einthoven.errors import FormatError
from einthoven.formats.foreign import recognise
from einthoven.formats.gzip import is_gzip, look_into_gzip
from einthoven.formats.sniff import HEAD_BYTES, OF_DEVICES, content_of
from einthoven.formats.table.reading import decode_text
from einthoven.formats.table.refusal import is_label_table
from einthoven.formats.wfdb.header import read_header

_RECORD_ENDINGS = frozenset({".hea", ".mat", ".npy", ".npz"})
_TABLE_ENDINGS = frozenset({".csv", ".tsv", ".txt"})
_DEVICE_ENDINGS = frozenset({".edf", ".bdf", ".gdf", ".dcm", ".scp", ".ecg", ".xml"})
_SIGNAL_ENDINGS = (".dat", ".mat")

Failed = list[tuple[Path, str]]
"""What could not be looked into, and why."""

LookedAt = Callable[[], None]
"""Called once a file: a folder of a million takes its time."""


@dataclass(frozen=True, slots=True)
class Listing:
    """What a folder holds.

    records : the recordings, sorted, each once
    failed : folders that could not be looked into, and why
    """

    records: tuple[Path, ...]
    failed: tuple[tuple[Path, str], ...]


def is_record(path: str | Path) -> bool:
    """Tell cheaply whether a file of a folder stands for one recording.

    True for a WFDB header, for a signal file without one, for MATLAB and NumPy files, for text files whose
    lines are numbers, for files of devices (EDF, DICOM, SCP-ECG and so on) by whatever name, packed with gzip
    or not, and for what is certainly a recording but not read here, such as GDF: what cannot be read is then
    reported rather than passed over, as is a file that must not be opened. False for the signal file of a
    header, and for files whose name begins with a dot.
    """
    path = Path(path)
    try:
        return not path.name.startswith(".") and _is_record(path)
    except OSError:
        return path.suffix.lower() in _RECORD_ENDINGS | _TABLE_ENDINGS | _DEVICE_ENDINGS | {*_SIGNAL_ENDINGS}


def _is_record(path: Path) -> bool:
    ending = path.suffix.lower()
    if ending == ".gz":
        ending = path.with_suffix("").suffix.lower()
    if path.is_symlink() and not path.exists():
        # A link to nothing is reported rather than passed over.
        return ending in _RECORD_ENDINGS
    if not path.is_file():
        return False
    if ending in _SIGNAL_ENDINGS and path.with_suffix(".hea").is_file():
        return False
    if ending in _RECORD_ENDINGS or ending in _SIGNAL_ENDINGS:
        return True
    head = _head(path)
    content = content_of(head)
    if content in OF_DEVICES or _is_foreign(head):
        # A DICOMDIR is the list of a medium's contents, in DICOM.
        return path.name != "DICOMDIR"
    # Text may be called anything: only a name that says so makes it a recording.
    if ending not in _TABLE_ENDINGS:
        return False
    if content == "csv":
        return True
    # What should be a recording and is none is told by reading it.
    return ending == ".csv" and not is_label_table(path.name, decode_text(head))


def is_foreign(path: Path) -> bool:
    """Tell whether a file is, for all that can be seen, a recording in a format that is not read here."""
    try:
        head = _head(path)
    except OSError:
        return False
    return content_of(head) is None and _is_foreign(head)


def _is_foreign(head: bytes) -> bool:
    foreign = recognise(head)
    return foreign is not None and foreign.is_recording


def list_records(folder: str | Path) -> list[Path]:
    """List the recordings in a folder and the folders below it, sorted, each once.

    Signal files that a header refers to, and the segments of a multi-segment record, are listed through that
    header only. Links to files and folders are followed. Files and folders whose name begins with a dot are
    passed over.

    Raises FormatError if there is no such folder, or if it or one below it cannot be looked into: see
    `find_records`.
    """
    listing = find_records(folder)
    for _, reason in listing.failed:
        raise FormatError(reason)
    return list(listing.records)


def find_records(folder: str | Path, looked_at: LookedAt | None = None) -> Listing:
    """Find what `list_records` lists, as far as the folders can be looked into.

    looked_at : called after each file, recording or not

    Raises FormatError if there is no such folder.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise FormatError(f"{folder}: expected a folder, found {'a file' if folder.exists() else 'nothing'}")
    failed: Failed = []
    found = [path for place, names in walk(folder, failed) for path in records_in(place, names, looked_at)]
    return Listing(tuple(sorted(found)), tuple(sorted(failed)))


def walk(folder: Path, failed: Failed) -> Iterator[tuple[Path, list[str]]]:
    """Go through a folder and the folders below it, each once, and give the names of the files in each.

    Links to folders are followed, after the folders that are there themselves: what can be reached in both
    ways goes by its own path, and links in a circle come to an end. Folders whose name begins with a dot are
    passed over. A folder that cannot be looked into goes to `failed`.
    """
    seen: set[tuple[int, int]] = set()
    own, linked = deque([folder]), deque[Path]()
    while own or linked:
        place = own.popleft() if own else linked.popleft()
        try:
            status = place.stat()
            if (status.st_dev, status.st_ino) in seen:
                continue
            seen.add((status.st_dev, status.st_ino))
            with os.scandir(place) as entries:
                found = sorted(entries, key=lambda entry: entry.name)
        except OSError as error:
            failed.append((place, _reason(error, place)))
            continue
        names = []
        for entry in found:
            if not _is_folder(entry):
                names.append(entry.name)
            elif not entry.name.startswith("."):
                (linked if entry.is_symlink() else own).append(place / entry.name)
        yield place, names


def records_in(parent: Path, names: list[str], looked_at: LookedAt | None = None) -> list[Path]:
    """Return the recordings among the files of one folder; `looked_at` is called after each file."""
    records: list[Path] = []
    referred: set[Path] = set()
    for name in names:
        path = parent / name
        if is_record(path):
            records.append(path)
            if path.suffix == ".hea":
                referred.update(parent / other for other in _referred(path))
        if looked_at is not None:
            looked_at()
    return [path for path in records if path not in referred]


def _referred(header_path: Path) -> Iterator[str]:
    try:
        header = read_header(header_path)
    except (FormatError, OSError):
        return
    yield from (signal.file_name for signal in header.signals)
    yield from (f"{name}.hea" for name, _ in header.segments)


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except PermissionError:
        # A link whose target must not be looked at: going there says so.
        return True
    except OSError:
        return False


def _reason(error: OSError, path: Path) -> str:
    return f"cannot be read: {(error.strerror or str(error)).lower()}: {path}"


def _head(path: Path) -> bytes:
    """Return the first bytes of a file, or of what is packed in it."""
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
    return look_into_gzip(head, HEAD_BYTES) if is_gzip(head) else head
