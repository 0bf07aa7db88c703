"""One file from an origin that breaks: what is there is kept, what is wrong is fetched again, once."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event

import pytest

from einthoven.datasets.transfer import (
    PARTIAL,
    Folder,
    InterruptedTransferError,
    MissingFileError,
    Patience,
    Transfer,
    sha256_of,
)
from einthoven.errors import DatasetError

CONTENT = bytes(range(200))
DIGEST = hashlib.sha256(CONTENT).hexdigest()


class Unsteady:
    """An origin that gives a few bytes at each request and then breaks, as often as it is told to."""

    def __init__(self, *portions: int, resumes: bool = True, content: bytes = CONTENT) -> None:
        self.portions = list(portions)
        self.resumes = resumes
        self.content = content
        self.asked: list[int] = []

    @contextmanager
    def stream(self, _: str, start: int) -> Iterator[tuple[int, Iterator[bytes]]]:
        self.asked.append(start)
        start = start if self.resumes else 0
        yield start, self._bytes(start)

    def _bytes(self, start: int) -> Iterator[bytes]:
        if not self.portions:
            yield self.content[start:]
            return
        yield self.content[start : start + self.portions.pop(0)]
        raise InterruptedTransferError("the line went dead")


def transfer(origin: Unsteady | Folder, **patience: object) -> tuple[Transfer, list[int], list[float]]:
    arrived: list[int] = []
    slept: list[float] = []
    patient = Patience(**{"attempts": 3, "sleep": slept.append} | patience)  # type: ignore[arg-type]
    return Transfer(origin, patient, arrived.append, Event()), arrived, slept


def test_a_broken_transfer_goes_on_where_it_stopped(tmp_path: Path) -> None:
    origin = Unsteady(50, 70)
    carrier, arrived, slept = transfer(origin)
    carrier.fetch("x", tmp_path / "x")
    assert (tmp_path / "x").read_bytes() == CONTENT
    assert origin.asked == [0, 50, 120]
    assert arrived == [50, 70, 80]
    assert slept == [1.0, 2.0]


def test_an_origin_that_cannot_resume_begins_again(tmp_path: Path) -> None:
    carrier, arrived, _ = transfer(Unsteady(50, resumes=False))
    carrier.fetch("x", tmp_path / "x")
    assert (tmp_path / "x").read_bytes() == CONTENT
    assert arrived == [50, 200]


def test_after_the_last_attempt_the_bytes_stay(tmp_path: Path) -> None:
    carrier, _, slept = transfer(Unsteady(10, 10, 10, 10), attempts=3)
    with pytest.raises(
        DatasetError, match=r"^the line went dead; gave up after 3 attempts, the same command"
    ):
        carrier.fetch("x", tmp_path / "x")
    assert (tmp_path / "x").read_bytes() == CONTENT[:30]
    assert len(slept) == 2


def test_pauses_double_up_to_the_longest() -> None:
    slept: list[float] = []
    patience = Patience(wait_s=2.0, longest_wait_s=9.0, sleep=slept.append)
    for failures in (1, 2, 3, 4):
        patience.pause(failures, Event())
    assert slept == [2.0, 4.0, 8.0, 9.0]
    stopped = Event()
    stopped.set()
    # Returns at once: whoever stops a download waits for no pause.
    Patience(wait_s=1e6, longest_wait_s=1e6).pause(1, stopped)


def test_what_is_right_already_is_not_asked_for(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(CONTENT)
    origin = Unsteady()
    transfer(origin)[0].fetch_verified("x", tmp_path / "x", DIGEST)
    assert origin.asked == []


def test_a_file_appears_once_it_is_right(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "x"
    transfer(Unsteady(10))[0].fetch_verified("x", path, DIGEST)
    assert path.read_bytes() == CONTENT
    assert list(path.parent.iterdir()) == [path]


def test_a_stale_part_is_thrown_away_and_a_wrong_file_refused(tmp_path: Path) -> None:
    path = tmp_path / "x"
    (tmp_path / f"x{PARTIAL}").write_bytes(b"of another edition")
    origin = Unsteady()
    transfer(origin)[0].fetch_verified("x", path, DIGEST)
    assert origin.asked == [18, 0]
    assert path.read_bytes() == CONTENT
    wrong = Unsteady(content=b"wrong")
    found = hashlib.sha256(b"wrong").hexdigest()
    with pytest.raises(DatasetError, match=f"^y: expected SHA-256 {DIGEST}, found {found} even when fetched"):
        transfer(wrong)[0].fetch_verified("y", tmp_path / "y", DIGEST)
    assert wrong.asked == [0, 0]
    assert list(tmp_path.iterdir()) == [path]


def test_a_stop_leaves_what_came(tmp_path: Path) -> None:
    stopped = Event()
    carrier = Transfer(Unsteady(60, 60), Patience(sleep=lambda _: None), lambda _: stopped.set(), stopped)
    carrier.fetch_verified("x", tmp_path / "x", DIGEST)
    assert [path.name for path in tmp_path.iterdir()] == [f"x{PARTIAL}"]
    assert (tmp_path / f"x{PARTIAL}").read_bytes() == CONTENT[:60]


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    path = tmp_path / "file" / "x"
    with pytest.raises(DatasetError, match=f"^{path}: expected to write it, found: File exists$"):
        transfer(Unsteady())[0].fetch_verified("x", path, DIGEST)


def test_a_folder_is_an_origin(tmp_path: Path) -> None:
    (tmp_path / "far").mkdir()
    (tmp_path / "far" / "x").write_bytes(CONTENT)
    (tmp_path / "x").write_bytes(CONTENT[:30])
    carrier, arrived, _ = transfer(Folder(tmp_path / "far"))
    carrier.fetch("x", tmp_path / "x")
    assert (tmp_path / "x").read_bytes() == CONTENT
    assert arrived == [170]
    with pytest.raises(MissingFileError, match=r"far/y: expected a file, found none$"):
        carrier.fetch("y", tmp_path / "y")


def test_a_digest_is_of_the_bytes(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(CONTENT)
    assert sha256_of(tmp_path / "x") == DIGEST
