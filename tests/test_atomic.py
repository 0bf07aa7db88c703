"""Files and folders that are whole or not there."""

import os
import resource
import stat
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from einthoven.atomic import folder_written_atomically, write_atomically, written_atomically


@contextmanager
def largest_file(n_bytes: int) -> Iterator[None]:
    """As if the disk were full after so many bytes."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (n_bytes, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_file_is_written_and_replaced_and_its_folder_made(tmp_path: Path) -> None:
    target = tmp_path / "new" / "x.bin"
    for content in (b"old", b"new"):
        write_atomically(target, content)
        assert target.read_bytes() == content
    assert [path.name for path in target.parent.iterdir()] == ["x.bin"]


def test_it_has_the_mode_that_any_new_file_has(tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        write_atomically(tmp_path / "x", b"")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "x").stat().st_mode) == 0o640


def test_a_full_disk_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    write_atomically(tmp_path / "x", b"old")
    with largest_file(1000), pytest.raises(OSError, match="File too large"):
        write_atomically(tmp_path / "x", bytes(2000))
    assert (tmp_path / "x").read_bytes() == b"old"
    assert [path.name for path in tmp_path.iterdir()] == ["x"]


def test_what_goes_wrong_while_writing_leaves_the_old_file(tmp_path: Path) -> None:
    write_atomically(tmp_path / "x.txt", b"old")
    with pytest.raises(KeyboardInterrupt), written_atomically(tmp_path / "x.txt") as partial:
        assert partial.suffix == ".txt"
        partial.write_bytes(b"half")
        raise KeyboardInterrupt
    assert (tmp_path / "x.txt").read_bytes() == b"old"
    assert [path.name for path in tmp_path.iterdir()] == ["x.txt"]


def test_the_disk_has_the_content_before_it_has_the_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_: int) -> None:
        raise OSError(28, "No space left on device")

    write_atomically(tmp_path / "x", b"old")
    monkeypatch.setattr(os, "fsync", refuse)
    with pytest.raises(OSError, match="No space left"):
        write_atomically(tmp_path / "x", b"new")
    assert (tmp_path / "x").read_bytes() == b"old"
    with pytest.raises(OSError, match="No space left"), folder_written_atomically(tmp_path / "f") as partial:
        (partial / "y").write_bytes(b"new")
    assert [path.name for path in tmp_path.iterdir()] == ["x"]


def test_an_error_names_the_file_that_was_meant(tmp_path: Path) -> None:
    with pytest.raises(OSError) as caught, written_atomically(tmp_path / "x.txt") as partial:
        partial.unlink()
    assert caught.value.filename == str(tmp_path / "x.txt")
    with pytest.raises(IsADirectoryError, match="expected the name of a file, found a folder"):
        write_atomically(tmp_path, b"")


@pytest.mark.parametrize("name", ["x" * 240, "no-ending", ".hidden"])
def test_any_name_of_a_file_will_do(tmp_path: Path, name: str) -> None:
    write_atomically(tmp_path / name, b"content")
    assert (tmp_path / name).read_bytes() == b"content"


def test_two_writers_of_one_file_do_not_mix(tmp_path: Path) -> None:
    with written_atomically(tmp_path / "x") as one, written_atomically(tmp_path / "x") as other:
        one.write_bytes(b"one")
        other.write_bytes(b"other")
    assert (tmp_path / "x").read_bytes() == b"one"


def test_a_pipe_is_written_to_and_stays_one(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    found: list[bytes] = []
    reader = threading.Thread(target=lambda: found.append((tmp_path / "pipe").read_bytes()))
    reader.start()
    write_atomically(tmp_path / "pipe", b"through")
    reader.join()
    assert found == [b"through"]
    assert (tmp_path / "pipe").is_fifo()


def test_a_folder_appears_whole_or_not_at_all(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    for name in ("empty", "deep/er"):
        with folder_written_atomically(tmp_path / name) as partial:
            (partial / "x").write_bytes(b"content")
            assert not (tmp_path / name / "x").exists()
        assert (tmp_path / name / "x").read_bytes() == b"content"
    with pytest.raises(ZeroDivisionError), folder_written_atomically(tmp_path / "never") as partial:
        raise ZeroDivisionError
    with pytest.raises(OSError), folder_written_atomically(tmp_path / "empty") as partial:
        (partial / "y").write_bytes(b"")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["deep", "empty"]
