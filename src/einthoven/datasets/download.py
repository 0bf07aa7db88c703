"""Fetch a public data set, file by file, checked, and continued where it stopped."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path, PurePosixPath, PureWindowsPath
from threading import Event, Lock
from types import MappingProxyType

from einthoven.datasets.transfer import PARTIAL, Folder, MissingFileError, Patience, Server, Transfer
from einthoven.errors import DatasetError, SettingsError

CHECKSUMS = "SHA256SUMS.txt"
ROOT = "https://physionet.org/files/"

Progress = Callable[[int, int, int], None]
"""Called with the number of files done, of bytes fetched, and of all files; never by two threads at once."""


@dataclass(frozen=True, slots=True)
class Source:
    """Where a data set is published, and which of its files are fetched.

    path : below the publisher's root
    only : beginnings of the paths of the files to fetch; empty for all
    """

    path: str
    only: tuple[str, ...] = ()


SOURCES: Mapping[str, Source] = MappingProxyType(
    {
        # The publisher serves training/A00/A00001.mat; copies of its archive, training2017/A00001.mat.
        "cinc2017": Source("challenge-2017/1.0.0", ("training/", "training2017/", "REFERENCE-v3.csv")),
        "mitdb": Source("mitdb/1.0.0"),
        "ptbdb": Source("ptbdb/1.0.0"),
        "ptbxl": Source("ptb-xl/1.0.3"),
        "cinc2020": Source("challenge-2020/1.0.2", ("training/",)),
        # The sources that 2021 adds; the others are those of 2020.
        "cinc2021": Source("challenge-2021/1.0.3", ("training/chapman_shaoxing/", "training/ningbo/")),
        "cpsc2018": Source("challenge-2020/1.0.2", ("training/cpsc_2018/",)),
    }
)
"""The data sets that can be fetched, by the names they have here."""


def download(
    name: str,
    folder: str | Path,
    *,
    mirror: str | Path | None = None,
    progress: Progress | None = None,
    only: Sequence[str] | None = None,
    patience: Patience | None = None,
) -> Path:
    """Fetch a data set and check every file against the publisher's SHA-256.

    Files that are there and right are not fetched again, and incomplete ones are continued: after an
    interruption the same call goes on where it stopped.

    Parameters
    ----------
    name : one of `SOURCES`
    folder : where to; the files come below it as on the publisher's server: `challenge-2017/1.0.0/...`
    mirror : address (http or https) or local folder to take them from instead; either the root of such a
        layout or the data set's own folder
    progress : called when bytes came or a file is done
    only : beginnings of the paths of the files to fetch, such as `records100/`
    patience : connections, attempts and pauses

    Returns
    -------
    The data set's folder.

    Raises
    ------
    SettingsError if there is no data set of that name.
    DatasetError if the list of files or a file is missing, does not come after all attempts, has a wrong
    SHA-256 even when fetched again, would lie outside the folder, or cannot be written.
    """
    if name not in SOURCES:
        raise SettingsError(f"expected a data set among {', '.join(SOURCES)}, found {name!r}")
    source, patience = SOURCES[name], patience or Patience()
    target = Path(folder) / source.path
    tally = _Tally(progress)
    transfer = _find_origin(source, mirror, target, patience, tally)
    digests = _read_checksums(target / CHECKSUMS, tuple(source.only if only is None else only))
    tally.start(len(digests))
    pool = ThreadPoolExecutor(patience.connections)
    try:
        jobs = [
            pool.submit(_fetch_one, transfer, path, target / path, sha, tally)
            for path, sha in digests.items()
        ]
        for job in as_completed(jobs):
            job.result()
    finally:
        tally.stopped.set()
        pool.shutdown(cancel_futures=True)
    return target


class _Tally:
    """Counts what came, for all threads together."""

    def __init__(self, progress: Progress | None) -> None:
        self.stopped = Event()
        self._progress = progress
        self._lock = Lock()
        self._n_files = self._n_bytes = self._n_all = 0

    def start(self, n_files: int) -> None:
        self._n_all = n_files

    def arrived(self, n_bytes: int) -> None:
        self._count(0, n_bytes)

    def done(self) -> None:
        self._count(1, 0)

    def _count(self, n_files: int, n_bytes: int) -> None:
        with self._lock:
            self._n_files += n_files
            self._n_bytes += n_bytes
            if self._progress is not None and self._n_all:
                self._progress(self._n_files, self._n_bytes, self._n_all)


def _fetch_one(transfer: Transfer, relative: str, path: Path, digest: str, tally: _Tally) -> None:
    transfer.fetch_verified(relative, path, digest)
    tally.done()


def _find_origin(
    source: Source, mirror: str | Path | None, target: Path, patience: Patience, tally: _Tally
) -> Transfer:
    """Take the first place that has the list of checksums, and leave the list in the target."""
    places = _origins(source, mirror, patience)
    partial = target / (CHECKSUMS + PARTIAL)
    for origin in places:
        transfer = Transfer(origin, patience, tally.arrived, tally.stopped)
        try:
            target.mkdir(parents=True, exist_ok=True)
            # Half a list of an older day is of no use.
            partial.unlink(missing_ok=True)
            transfer.fetch(CHECKSUMS, partial)
            partial.replace(target / CHECKSUMS)
        except MissingFileError:
            continue
        except OSError as error:
            raise DatasetError(
                f"{target}: expected to write to it, found: {error.strerror or error}"
            ) from error
        return transfer
    raise DatasetError(
        f"expected {CHECKSUMS} at {' or '.join(str(origin.root) for origin in places)}, found none"
    )


def _origins(source: Source, mirror: str | Path | None, patience: Patience) -> Sequence[Folder | Server]:
    if mirror is None:
        return [Server(f"{ROOT}{source.path}/", patience.timeout_s)]
    if isinstance(mirror, str) and re.match("https?://", mirror):
        root = mirror.rstrip("/")
        return [Server(f"{root}/{source.path}/", patience.timeout_s), Server(f"{root}/", patience.timeout_s)]
    return [Folder(Path(mirror) / source.path), Folder(Path(mirror))]


def _read_checksums(path: Path, only: tuple[str, ...]) -> dict[str, str]:
    digests: dict[str, str] = {}
    for number, line in enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines(), 1):
        if not line.strip():
            continue
        match = re.fullmatch(r"([0-9A-Fa-f]{64})[ \t]+\*?(\S.*)", line.rstrip())
        if match is None:
            raise DatasetError(f"{path}, line {number}: expected a SHA-256 and a path, found {line[:80]!r}")
        digest, name = match[1].lower(), match[2].removeprefix("./")
        if not _is_inside(name):
            raise DatasetError(f"{path}, line {number}: expected a path inside the data set, found {name!r}")
        if digests.setdefault(name, digest) != digest:
            raise DatasetError(
                f"{path}, line {number}: expected one SHA-256 a file, found another for {name}"
            )
    chosen = {name: digest for name, digest in digests.items() if not only or name.startswith(only)}
    if not chosen:
        raise DatasetError(
            f"{path}: expected files beginning with {' or '.join(only) or 'any name'}, found none"
        )
    return chosen


def _is_inside(name: str) -> bool:
    parts = PurePosixPath(name.replace("\\", "/"))
    return not (parts.is_absolute() or PureWindowsPath(name).drive or ".." in parts.parts or not parts.parts)
