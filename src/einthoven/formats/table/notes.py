"""What einthoven writes above and below a table of samples, as comments, and reads there again."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from einthoven.formats.fact_lines import Facts, fact_lines, read_facts
from einthoven.record import Annotation, Record

_RATE = "Sampling rate (Hz)"
_MARK = "Annotation"
_MARK_LINE = re.compile(rf"{_MARK}: (\d{{1,12}}) (\S+)(?: (.*))?")
_RATE_LINE = re.compile(rf"{re.escape(_RATE)}: (\d{{1,9}}(?:\.\d{{1,17}})?)")


@dataclass(frozen=True, slots=True)
class TableNotes:
    """What comments above a table state.

    fs : Hz, or None; times in a column are rounded, this is not
    """

    fs: float | None
    facts: Facts
    annotations: Annotation | None


def table_notes(record: Record) -> Iterator[str]:
    """Yield the lines above the samples: the sampling rate and facts of the recording."""
    yield f"{_RATE}: {record.fs:.17g}"
    yield from fact_lines(record)


def mark_lines(record: Record) -> Iterator[str]:
    """Yield the lines below the samples, a mark each: thousands above would hide what the table is."""
    for sample, symbol, note in marks_of(record):
        yield " ".join(f"{_MARK}: {sample} {symbol} {note}".split())


def read_table_notes(comments: Iterable[str], n_samples: int) -> TableNotes:
    """Read such lines; others are comments, as is a mark that lies beyond the samples."""
    fs: float | None = None
    marks: list[tuple[int, str, str]] = []
    rest: list[str] = []
    for line in comments:
        rate, mark = _RATE_LINE.fullmatch(line), _MARK_LINE.fullmatch(line)
        if rate is not None and fs is None and float(rate[1]) > 0:
            fs = float(rate[1])
        elif mark is not None and int(mark[1]) < n_samples:
            marks.append((int(mark[1]), mark[2], mark[3] or ""))
        else:
            rest.append(line)
    return TableNotes(fs, read_facts(rest), _annotation(marks))


def marks_of(record: Record) -> Iterator[tuple[int, str, str]]:
    """Yield sample, symbol and note of each annotation."""
    marks = record.annotations
    if marks is not None:
        notes = marks.notes or ("",) * len(marks.symbols)
        yield from zip(marks.samples.tolist(), marks.symbols, notes, strict=True)


def _annotation(marks: list[tuple[int, str, str]]) -> Annotation | None:
    if not marks:
        return None
    marks = sorted(marks, key=lambda mark: mark[0])
    samples, symbols, notes = zip(*marks, strict=True)
    return Annotation(np.array(samples, np.int64), symbols, notes if any(notes) else ())
