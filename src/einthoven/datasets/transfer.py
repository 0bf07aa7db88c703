"""Bring one file from a server or a folder, however often the connection breaks."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPException, HTTPResponse
from pathlib import Path
from threading import Event
from typing import Protocol
from urllib.error import HTTPError
from urllib.parse import quote
from urllib.request import Request, urlopen

from einthoven.errors import DatasetError

_CHUNK_BYTES = 1 << 18
_WORTH_ANOTHER_TRY = frozenset({408, 425, 429, 500, 502, 503, 504})

PARTIAL = ".partial"
"""Ends the name of a file that is not complete yet."""


class InterruptedTransferError(Exception):
    """A transfer broke for a reason that may pass."""


class MissingFileError(DatasetError):
    """The place exists, the file does not."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How hard to try.

    connections : files fetched at once
    attempts : tries a file before giving up
    wait_s : pause before the second try, doubled before each further one, up to `longest_wait_s`
    timeout_s : silence after which a connection counts as broken
    sleep : what pauses; None waits, and wakes when the download is stopped
    """

    connections: int = 4
    attempts: int = 6
    wait_s: float = 1.0
    longest_wait_s: float = 30.0
    timeout_s: float = 30.0
    sleep: Callable[[float], object] | None = None

    def pause(self, failures: int, stopped: Event) -> None:
        """Wait after so many failures."""
        (self.sleep or stopped.wait)(min(self.wait_s * 2 ** (failures - 1), self.longest_wait_s))


class Origin(Protocol):
    """Where files come from."""

    @contextmanager
    def stream(self, relative: str, start: int) -> Iterator[tuple[int, Iterator[bytes]]]:
        """Open a file from an offset, if that can be; give the offset it really starts at, and its bytes.

        Raises MissingFileError if there is no such file, InterruptedTransferError if another try may help,
        DatasetError otherwise; so do the bytes while they come.
        """
        ...


@dataclass(frozen=True, slots=True)
class Folder:
    """A local folder in the publisher's layout."""

    root: Path

    @contextmanager
    def stream(self, relative: str, start: int) -> Iterator[tuple[int, Iterator[bytes]]]:
        """Open a file from an offset: see `Origin`."""
        path = self.root / relative
        if not path.is_file():
            raise MissingFileError(f"{path}: expected a file, found none")
        with path.open("rb") as file:
            file.seek(start)
            yield start, iter(lambda: file.read(_CHUNK_BYTES), b"")


@dataclass(frozen=True, slots=True)
class Server:
    """A folder on an HTTP server; its address ends with a slash."""

    root: str
    timeout_s: float

    @contextmanager
    def stream(self, relative: str, start: int) -> Iterator[tuple[int, Iterator[bytes]]]:
        """Open a file from an offset: see `Origin`."""
        url = self.root + quote(relative)
        headers = {"User-Agent": "einthoven"} | ({"Range": f"bytes={start}-"} if start else {})
        try:
            with _network(url):
                response = urlopen(Request(url, headers=headers), timeout=self.timeout_s)
        except _NothingLeftError:
            yield start, iter(())
            return
        with response:
            resumed = response.status == 206 and _first_byte(response) == start
            if response.status == 206 and not resumed:
                found = response.headers.get("Content-Range")
                raise DatasetError(f"{url}: expected bytes from {start}, found {found}")
            yield start if resumed else 0, _chunks(response, url)


class _NothingLeftError(Exception):
    """The server has no byte beyond the offset."""


@contextmanager
def _network(url: str) -> Iterator[None]:
    try:
        yield
    except HTTPError as error:
        error.close()
        if error.code == 416:
            raise _NothingLeftError from error
        found = f"{url}: expected a file, found HTTP status {error.code} ({error.reason})"
        if error.code in _WORTH_ANOTHER_TRY:
            raise InterruptedTransferError(found) from error
        raise (MissingFileError if error.code in (404, 410) else DatasetError)(found) from error
    except (OSError, HTTPException) as error:
        raise InterruptedTransferError(f"{url}: the connection failed: {error}") from error


def _chunks(response: HTTPResponse, url: str) -> Iterator[bytes]:
    expected = response.headers.get("Content-Length")
    received = 0
    while True:
        with _network(url):
            chunk = response.read(_CHUNK_BYTES)
        if not chunk:
            break
        received += len(chunk)
        yield chunk
    # A connection closed too early looks like the end of the file to `read`.
    if expected is not None and received < int(expected):
        raise InterruptedTransferError(f"{url}: the connection closed after {received} of {expected} bytes")


def _first_byte(response: HTTPResponse) -> int | None:
    match = re.match(r"bytes (\d+)-", response.headers.get("Content-Range", ""))
    return int(match[1]) if match else None


@dataclass(frozen=True, slots=True)
class Transfer:
    """Brings files from one origin.

    arrived : called with the number of bytes that just came
    stopped : when set, every file is left where it is
    """

    origin: Origin
    patience: Patience
    arrived: Callable[[int], None]
    stopped: Event

    def fetch(self, relative: str, path: Path) -> None:
        """Bring one file to `path`; what is already there of it is kept and continued.

        Raises DatasetError if all attempts failed, MissingFileError if there is no such file.
        """
        reason = ""
        for failures in range(self.patience.attempts):
            if failures:
                self.patience.pause(failures, self.stopped)
            if self.stopped.is_set():
                return
            try:
                self._continue(relative, path)
            except InterruptedTransferError as error:
                reason = str(error)
            else:
                return
        attempts = self.patience.attempts
        raise DatasetError(f"{reason}; gave up after {attempts} attempts, the same command continues")

    def fetch_verified(self, relative: str, path: Path, digest: str) -> None:
        """Bring one file to `path`, where it appears once its SHA-256 is right; a right one is left alone.

        Raises DatasetError if all attempts failed, the SHA-256 is wrong twice or the file cannot be written;
        MissingFileError if there is no such file.
        """
        found = ""
        try:
            if path.is_file() and sha256_of(path) == digest:
                return
            partial = path.with_name(path.name + PARTIAL)
            path.parent.mkdir(parents=True, exist_ok=True)
            for _ in range(2):
                self.fetch(relative, partial)
                if self.stopped.is_set():
                    return
                found = sha256_of(partial)
                if found == digest:
                    partial.replace(path)
                    return
                partial.unlink()
        except OSError as error:
            raise DatasetError(f"{path}: expected to write it, found: {error.strerror or error}") from error
        raise DatasetError(f"{relative}: expected SHA-256 {digest}, found {found} even when fetched again")

    def _continue(self, relative: str, path: Path) -> None:
        present = path.stat().st_size if path.is_file() else 0
        with self.origin.stream(relative, present) as (start, chunks), path.open("ab") as file:
            file.truncate(start)
            for chunk in chunks:
                file.write(chunk)
                self.arrived(len(chunk))
                if self.stopped.is_set():
                    return


def sha256_of(path: Path) -> str:
    """Hash a file's bytes with SHA-256, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
