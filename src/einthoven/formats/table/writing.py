"""Recordings as tables, to be opened by anything: CSV text and Parquet."""

from __future__ import annotations

import io
import json
from collections.abc import Iterable, Iterator, Sequence
from itertools import count

import numpy as np

from einthoven.errors import MissingExtraError
from einthoven.formats.table.notes import mark_lines, marks_of, table_notes
from einthoven.record import Record

_ROWS_AT_ONCE = 2**16


def encode_csv(record: Record) -> bytes:
    """Write a record as CSV: comments with its facts, a row of headings, a row a sample, its marks.

    Columns are the time in seconds, then the leads in mV, each in as few digits as float32 needs; a missing
    sample is an empty cell. `read_record` gives back what was written, but for the representative beat.
    """
    return b"".join(_csv_parts(record))


def encode_parquet(record: Record) -> bytes:
    """Write a record as Parquet: a column of float32 a lead, mV; its facts are metadata of the schema.

    The metadata are JSON under the key `einthoven`: `fs` in Hz, `patient`, `recording`, `statements`,
    `comments` and `annotations` (a list of [sample, symbol, note]). Of leads of one name the second column is
    called `II (2)`.

    Raises MissingExtraError if pyarrow is not installed.
    """
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError as error:
        raise MissingExtraError(
            "expected pyarrow to write Parquet, found none: pip install 'einthoven[train]'"
        ) from error
    facts = {
        "name": record.name,
        "fs": record.fs,
        "units": "mV",
        "patient": dict(record.patient),
        "recording": dict(record.recording),
        "statements": record.statements,
        "comments": record.comments,
        "annotations": list(marks_of(record)),
    }
    table = pyarrow.table(dict(zip(_columns(record.leads), record.signal, strict=True)))
    table = table.replace_schema_metadata({"einthoven": json.dumps(facts)})
    stream = io.BytesIO()
    pyarrow.parquet.write_table(table, stream, compression="zstd")
    return stream.getvalue()


def _columns(leads: Sequence[str]) -> tuple[str, ...]:
    """Return names of columns, each once: `II`, `II (2)`."""
    names: dict[str, None] = {}
    for lead in leads:
        spare = (f"{lead} ({number})" for number in count(2))
        names[lead if lead not in names else next(name for name in spare if name not in names)] = None
    return tuple(names)


def _csv_parts(record: Record) -> Iterator[bytes]:
    head = _comments(table_notes(record))
    columns = ["time (s)", *(f"{_cell(lead)} (mV)" for lead in record.leads)]
    yield f"{head}{','.join(columns)}\n".encode()
    for start in range(0, record.n_samples, _ROWS_AT_ONCE):
        samples = record.signal[:, start : start + _ROWS_AT_ONCE]
        times = (start + np.arange(samples.shape[1])) / record.fs
        cells = samples.T.astype("U16")
        cells[np.isnan(samples.T)] = ""
        rows = (
            f"{time!r},{','.join(row)}\n" for time, row in zip(times.tolist(), cells.tolist(), strict=True)
        )
        yield "".join(rows).encode()
    yield _comments(mark_lines(record)).encode()


def _comments(lines: Iterable[str]) -> str:
    return "".join(f"# {line}\n" for line in lines)


def _cell(text: str) -> str:
    """Return a heading without what separates cells, or encloses a unit."""
    return " ".join("".join(" " if sign in ",;()[]\"'#\t\n\r" else sign for sign in text).split())
