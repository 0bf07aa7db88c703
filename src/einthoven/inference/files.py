"""Files to answers, in portions, so that a folder may hold any number of recordings."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Protocol, TypeVar

from einthoven.bundle import InputSpec
from einthoven.errors import ECGError
from einthoven.formats.npy import announced_samples
from einthoven.formats.sniff import header_of
from einthoven.formats.wfdb.header import read_header
from einthoven.inference.prediction import Failure, Prediction
from einthoven.inference.preparation import check_longest
from einthoven.record import Record

Source = TypeVar("Source")


class Answering(Protocol):
    """Who answers: a `Model`, or a `ModelChoice` among several."""

    @property
    def inputs(self) -> tuple[InputSpec, ...]:
        """What each model expects of a recording."""

    def predict_many(
        self, records: Iterable[Record], progress: Callable[[int, int], None] | None = None
    ) -> list[Prediction | Failure]:
        """Say what recordings show, in their order; `progress` gets (recordings done, all of them)."""


PORTION = 128
"""At most so many recordings are in memory at once,"""
PORTION_SAMPLES = 2**25
"""and no further one once they hold so many samples: 128 MiB of float32."""


def predict_files(
    model: Answering,
    paths: Sequence[Path],
    read: Callable[[Path], Record],
    progress: Callable[[int, int, int], None] | None = None,
    *,
    fs: float | None = None,
) -> Iterator[Prediction | Failure]:
    """Read and classify files, one answer each, in their order.

    Parameters, yields: as `predict_each`. A recording whose header says that it is too long, where there are
    several models for any of them, is refused before it is read: a WFDB record, and a NumPy array if `fs` is
    what `read` takes as its sampling rate, Hz.
    """
    most_lenient = max(model.inputs, key=lambda expected: expected.max_duration_s)

    def read_if_short(path: Path) -> Record:
        _check_announced(path, most_lenient, fs)
        return read(path)

    return predict_each(model, paths, read_if_short, progress)


def predict_each(
    model: Answering,
    sources: Sequence[Source],
    read: Callable[[Source], Record],
    progress: Callable[[int, int, int], None] | None = None,
) -> Iterator[Prediction | Failure]:
    """Read and classify recordings, one answer each, in their order.

    Parameters
    ----------
    model : Model or ModelChoice
        Who answers.
    sources : sequence
        What recordings are read from.
    read : callable
        Turns a source into a Record; what it cannot read becomes a Failure, its path the source.
    progress : callable, optional
        Called with (recordings done, all of them, how many of those done failed).

    Yields
    ------
    Prediction or Failure
    """
    report = progress or (lambda *_: None)
    start = n_failed = 0
    for items in _portions(_read(read, source) for source in sources):
        n_unread = sum(isinstance(item, Failure) for item in items)
        n_failed += n_unread
        after_batch = partial(_after_batch, report, start + n_unread, len(sources), n_failed)
        records = (item for item in items if isinstance(item, Record))
        answers = iter(model.predict_many(records, after_batch))
        for item in items:
            answer = item if isinstance(item, Failure) else next(answers)
            n_failed += answer is not item and isinstance(answer, Failure)
            yield answer
        start += len(items)
        report(start, len(sources), n_failed)


def _portions(items: Iterator[Record | Failure]) -> Iterator[list[Record | Failure]]:
    """Divide what was read into lists of bounded size, each read only when it is asked for."""
    portion: list[Record | Failure] = []
    n_samples = 0
    for item in items:
        portion.append(item)
        n_samples += item.signal.size if isinstance(item, Record) else 0
        if len(portion) == PORTION or n_samples >= PORTION_SAMPLES:
            yield portion
            portion, n_samples = [], 0
    if portion:
        yield portion


def _after_batch(
    report: Callable[[int, int, int], None], before: int, n_all: int, n_failed: int, done: int, _: int
) -> None:
    """Tell how far a portion is, of whose recordings `done` were answered, or refused by the model."""
    report(before + done, n_all, n_failed)


def _read(read: Callable[[Source], Record], source: Source) -> Record | Failure:
    try:
        return read(source)
    except (ECGError, OSError) as error:
        return Failure.of(error, path=str(source))


def _check_announced(path: Path, expected: InputSpec, fs: float | None) -> None:
    """Refuse what a header says is too long before its samples, which may be gigabytes, are read."""
    header_path = header_of(path)
    if header_path is not None:
        header = read_header(header_path)
        check_longest((header.n_samples or 0) / header.fs, expected, str(path))
    elif fs is not None and fs > 0 and path.suffix.lower() == ".npy" and path.is_file():
        check_longest((announced_samples(path) or 0) / fs, expected, str(path))
