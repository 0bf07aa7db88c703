"""Rows of a beat table: text to arrays, fast where every row is as it should be, line by line where not."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import IO

import numpy as np
from numpy.typing import NDArray

from einthoven.datasets.dataset import NAMED
from einthoven.errors import DatasetError

N_SAMPLES = 187
"""Of each beat; its class follows."""

LARGEST_BAD_SHARE = 0.01
"""So many rows may be no beats, before the file is taken to be something else."""

_N_COLUMNS = N_SAMPLES + 1
_GZIP = b"\x1f\x8b"
_LONGEST_LINE = 1 << 16
_CHUNK_LINES = 1024
_NO_COLUMN = "no finite numbers"


@dataclass(frozen=True, eq=False)
class BeatRows:
    """Beats of one table.

    lines : (n_beats,) int64, number of each one's line, from 1
    beats : (n_beats, 187) float32
    labels : (n_beats,) float32, as the table states them
    bad : number of each other line, in order, and what is wrong with it
    """

    path: Path
    lines: NDArray[np.int64]
    beats: NDArray[np.float32]
    labels: NDArray[np.float32]
    bad: tuple[tuple[int, str], ...]

    def is_class(self, n_classes: int) -> NDArray[np.bool_]:
        """Tell of which beats the label is a class number: (n_beats,)."""
        return np.isin(self.labels, np.arange(n_classes))

    def of_classes(self, n_classes: int) -> BeatRows:
        """Return the beats whose label is a class number; the others become bad rows.

        Raises DatasetError if more than 1 % of all rows are bad, or no other is left.
        """
        good = self.is_class(n_classes)
        others = zip(self.lines[~good].tolist(), self.labels[~good].tolist(), strict=True)
        bad = sorted([*self.bad, *((line, f"class {label:g}") for line, label in others)])
        n_rows = len(self.lines) + len(self.bad)
        if not good.any() or len(bad) > LARGEST_BAD_SHARE * n_rows:
            found = (
                f"{len(bad)} of {n_rows} that are not (1 % may be left out): {_few(bad)}" if bad else "none"
            )
            raise DatasetError(f"{self.path}: expected rows of {N_SAMPLES} samples and a class number from 0 "
                               f"to {n_classes - 1}, without a header, found {found}")  # fmt: skip
        if good.all():
            return self
        return replace(
            self, lines=self.lines[good], beats=self.beats[good], labels=self.labels[good], bad=tuple(bad)
        )

    @property
    def notes(self) -> tuple[str, ...]:
        """What a user should know: rows that were left out, and beats that are scaled otherwise."""
        notes = []
        if self.bad:
            n_rows = len(self.lines) + len(self.bad)
            notes.append(f"{self.path.name}: {len(self.bad)} of {n_rows} rows are no beats and are left out: "
                         f"{_few(self.bad)}")  # fmt: skip
        if n_beyond := int(((self.beats.min(1) < 0) | (self.beats.max(1) > 1)).sum()):
            notes.append(f"{self.path.name}: {n_beyond} of {len(self.lines)} beats reach beyond 0 to 1: "
                         "not scaled as the published tables are")  # fmt: skip
        return tuple(notes)


def is_beat_table(path: Path) -> bool:
    """Tell by its first lines whether a file, plain or gzip, is a beat table: one of them is a row of it."""
    try:
        with _open_text(path) as file:
            first = [file.readline(_LONGEST_LINE) for _ in range(NAMED)]
    except (OSError, EOFError, zlib.error):
        return False
    rows = [_row(line) for line in first]
    return any(isinstance(row, list) and row[-1].is_integer() for row in rows)


def read_beat_rows(path: Path) -> BeatRows:
    """Read a beat table, plain or gzip, whatever its name.

    Raises DatasetError if it cannot be read or has a line that is far too long.
    """
    lines: list[NDArray[np.int64]] = []
    rows: list[NDArray[np.float32]] = []
    bad: list[tuple[int, str]] = []
    try:
        with _open_text(path) as file:
            for chunk in _chunks(file, path):
                numbers, values = _parse(chunk, bad)
                lines.append(numbers)
                rows.append(values)
    except (OSError, EOFError, zlib.error) as error:
        found = getattr(error, "strerror", None) or error
        raise DatasetError(f"{path}: expected a beat table (CSV, plain or gzip), found: {found}") from error
    table = np.concatenate(rows) if rows else np.empty((0, _N_COLUMNS), np.float32)
    numbers = np.concatenate(lines) if lines else np.empty(0, np.int64)
    return BeatRows(path, numbers, table[:, :N_SAMPLES], table[:, N_SAMPLES], tuple(sorted(bad)))


def _open_text(path: Path) -> IO[str]:
    with path.open("rb") as file:
        is_compressed = file.read(len(_GZIP)) == _GZIP
    # Rows are numbers: what cannot be decoded is none.
    if is_compressed:
        return gzip.open(path, "rt", encoding="utf-8-sig", errors="replace")
    return path.open(encoding="utf-8-sig", errors="replace")


def _chunks(file: IO[str], path: Path) -> Iterator[list[tuple[int, str]]]:
    """Yield lines that are not empty, with their numbers, in portions that fit into memory."""
    lines = enumerate(iter(lambda: file.readline(_LONGEST_LINE), ""), 1)
    while chunk := list(islice(lines, _CHUNK_LINES)):
        for number, line in chunk:
            if len(line) == _LONGEST_LINE:
                raise DatasetError(f"{path}, line {number}: expected {_N_COLUMNS} numbers, "
                                   f"found a line of {_LONGEST_LINE} characters or more")  # fmt: skip
        if filled := [(number, line) for number, line in chunk if not line.isspace()]:
            yield filled


def _parse(
    chunk: Sequence[tuple[int, str]], bad: list[tuple[int, str]]
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """Return the numbers of the lines that are rows, and their values; the others go to `bad`."""
    numbers = np.array([number for number, _ in chunk], np.int64)
    try:
        values = np.loadtxt([line for _, line in chunk], delimiter=",", comments=None, ndmin=2)
    except ValueError:
        values = np.empty((0, 0))
    if values.shape != (len(chunk), _N_COLUMNS):
        numbers, values = _parse_each(chunk, bad)
    with np.errstate(over="ignore"):
        rows = values.astype(np.float32)
    good = np.isfinite(rows).all(1)
    bad += [(number, _NO_COLUMN) for number in numbers[~good].tolist()]
    return numbers[good], rows[good]


def _parse_each(
    chunk: Sequence[tuple[int, str]], bad: list[tuple[int, str]]
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    numbers, values = [], []
    for number, line in chunk:
        row = _row(line)
        if isinstance(row, str):
            bad.append((number, row))
        else:
            numbers.append(number)
            values.append(row)
    return np.array(numbers, np.int64), np.array(values, np.float64).reshape(-1, _N_COLUMNS)


def _row(line: str) -> list[float] | str:
    """Return the numbers of a row, or what is wrong with it."""
    cells = line.split(",")
    if len(cells) != _N_COLUMNS:
        return f"{len(cells)} column{'' if len(cells) == 1 else 's'}"
    try:
        return [float(cell) for cell in cells]
    except ValueError:
        return _NO_COLUMN


def _few(bad: Sequence[tuple[int, str]]) -> str:
    named = ", ".join(f"line {line} ({reason})" for line, reason in bad[:NAMED])
    return named + (f" and {len(bad) - NAMED} more" if len(bad) > NAMED else "")
