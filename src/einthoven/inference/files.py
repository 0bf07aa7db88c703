"""Files to answers, in portions, so that a folder may hold any number of recordings."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from einthoven.bundle import InputSpec
from einthoven.errors import ECGError
from einthoven.formats.sniff import header_of
from einthoven.formats.wfdb_header import read_header
from einthoven.inference.prediction import Failure, Prediction
from einthoven.inference.preparation import check_longest
from einthoven.inference.runtime import Model
from einthoven.record import Record

PORTION = 256
"""Files whose recordings are in memory at once."""


def predict_files(
    model: Model,
    paths: Sequence[Path],
    read: Callable[[Path], Record],
    progress: Callable[[int, int], None] | None = None,
) -> Iterator[Prediction | Failure]:
    """Read and classify files, one answer each, in their order.

    Parameters
    ----------
    model : Model
        Who answers.
    paths : sequence of Path
        Files of recordings.
    read : callable
        Turns a path into a Record; what it cannot read becomes a Failure.
    progress : callable, optional
        Called with (files done, all of them).

    Yields
    ------
    Prediction or Failure
    """
    for start in range(0, len(paths), PORTION):
        portion = paths[start : start + PORTION]
        items = [_read(read, path, model.bundle.input) for path in portion]
        answers = iter(model.predict_many(item for item in items if isinstance(item, Record)))
        for done, item in enumerate(items, start + 1):
            yield item if isinstance(item, Failure) else next(answers)
            if progress is not None:
                progress(done, len(paths))


def _read(read: Callable[[Path], Record], path: Path, expected: InputSpec) -> Record | Failure:
    try:
        _check_announced(path, expected)
        return read(path)
    except (ECGError, OSError) as error:
        return Failure.of(error, path=str(path))


def _check_announced(path: Path, expected: InputSpec) -> None:
    """Refuse what a WFDB header says is too long before its samples, which may be gigabytes, are read."""
    header_path = header_of(path)
    if header_path is not None:
        header = read_header(header_path)
        check_longest((header.n_samples or 0) / header.fs, expected, str(path))
