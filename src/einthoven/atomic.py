"""Files and folders that are whole or not there: written beside their place, then moved into it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def write_atomically(target: Path, content: bytes) -> None:
    """Write a file in one step: a reader sees the old one or the new one, and so does a crash.

    The folder is made if it is not there. Raises OSError if it cannot be written; an old file then stays.
    """
    with written_atomically(target) as partial:
        partial.write_bytes(content)


@contextmanager
def written_atomically(target: Path) -> Iterator[Path]:
    """Give the name of a file to write to, which takes the place of `target` if nothing goes wrong.

    The name has the ending of `target`. The folder is made if it is not there. A device or a pipe is written
    to directly, since nothing can take its place.

    Raises OSError if the file cannot be written, or if `target` is a folder; an old file then stays.
    """
    if target.is_dir():
        raise IsADirectoryError(21, "expected the name of a file, found a folder", str(target))
    if target.exists() and not target.is_file():
        yield target
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = _beside(target)
    try:
        # Made here so that a folder that cannot be written to is noticed before any work is done.
        partial.touch(exist_ok=False)
        yield partial
        _flush(partial)
        partial.replace(target)
    except OSError as error:
        if str(error.filename) == str(partial):
            error.filename = str(target)
        raise
    finally:
        partial.unlink(missing_ok=True)


@contextmanager
def folder_written_atomically(target: Path) -> Iterator[Path]:
    """Give a new folder to fill, which takes the place of `target` if nothing goes wrong.

    `target` must be absent or an empty folder; the folders above it are made if they are not there.

    Raises OSError if it cannot be written.
    """
    partial = _beside(target)
    partial.mkdir(parents=True)
    try:
        yield partial
        for path in partial.iterdir():
            _flush(path)
        partial.replace(target)
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def _beside(target: Path) -> Path:
    # Random, so that two processes that write the same file do not write into each other's.
    return target.with_name(f".{target.stem[:100]}.{os.urandom(4).hex()}.partial{target.suffix}")


def _flush(path: Path) -> None:
    """Have the disk take a file before its name does: otherwise a crash may leave the name and no content."""
    with path.open("rb+") as file:
        os.fsync(file.fileno())
