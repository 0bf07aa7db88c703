"""The table of a store: a row a recording, as a Parquet file."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from einthoven.datasets.dataset import Entry
from einthoven.errors import MissingExtraError

COLUMNS = {
    "record_id": "string",
    "offset": "int64",  # of the first sample in the store, in samples
    "n_leads": "int32",
    "n_samples": "int64",  # of each lead
    "n_missing": "int64",
    "fs": "double",  # Hz
    "leads": "list<string>",
    "gains": "list<float>",  # units per mV of each lead
    "errors": "list<double>",  # largest rounding error of each lead, mV; 0 where samples come back exactly
    "labels": "list<string>",
    "patient": "string",
    "fold": "int64",
    "source": "string",
    "unjudged": "list<string>",
    "sha256": "string",  # of the recording's bytes in the store
}
"""Names and Arrow types of the columns; patient, fold and source are null where the data set has none. Older
stores have no column `unjudged`: in them everything was judged."""

_BATCH = 1000
"""Rows that are Python values at once, as such they take far more memory than in the table."""


@dataclass(frozen=True, slots=True, eq=False)
class StoredRecord:
    """Where a recording's samples lie in a store, and how they become mV: a row of the index.

    gains : (n_leads,) float32, units per mV
    errors : largest rounding error of each lead, mV
    sha256 : of its bytes
    """

    offset: int
    n_leads: int
    n_samples: int
    n_missing: int
    fs: float
    leads: tuple[str, ...]
    gains: NDArray[np.float32]
    errors: tuple[float, ...]
    sha256: str


def load_pyarrow() -> tuple[ModuleType, ModuleType]:
    """Import pyarrow and pyarrow.parquet.

    Raises MissingExtraError if pyarrow is not installed.
    """
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError as error:
        raise MissingExtraError("a store needs pyarrow: pip install 'einthoven[train]'") from error
    return pyarrow, pyarrow.parquet


def write_index(rows: list[tuple[Entry, StoredRecord]], path: Path) -> None:
    """Write the table.

    Raises OSError if the disk does not take it, MissingExtraError if pyarrow is not installed.
    """
    arrow, parquet = load_pyarrow()
    types = {"list<string>": arrow.list_(arrow.string()), "list<float>": arrow.list_(arrow.float32()),
             "list<double>": arrow.list_(arrow.float64())}  # fmt: skip
    schema = arrow.schema([(name, types.get(kind, kind)) for name, kind in COLUMNS.items()])
    batches = [
        arrow.RecordBatch.from_pylist(
            [_row(entry, stored) for entry, stored in rows[first : first + _BATCH]], schema
        )
        for first in range(0, len(rows), _BATCH)
    ]
    parquet.write_table(arrow.Table.from_batches(batches, schema), path)


def read_index(path: Path) -> tuple[tuple[Entry, ...], dict[str, StoredRecord]]:
    """Read the table: the entries in order, and each record id's row.

    Raises MissingExtraError if pyarrow is not installed.
    """
    _, parquet = load_pyarrow()
    entries: list[Entry] = []
    index: dict[str, StoredRecord] = {}
    shared: dict[tuple[str, ...], tuple[str, ...]] = {}
    with parquet.ParquetFile(path) as file:
        for batch in file.iter_batches(_BATCH, use_threads=False):
            for row in batch.to_pylist():
                leads = tuple(row["leads"])
                entries.append(_entry(row))
                index[row["record_id"]] = _stored(row, shared.setdefault(leads, leads))
    return tuple(entries), index


def _entry(row: dict[str, Any]) -> Entry:
    return Entry(
        row["record_id"],
        tuple(row["labels"]),
        row["patient"],
        row["fold"],
        row["source"],
        unjudged=tuple(row.get("unjudged") or ()),
    )


def _row(entry: Entry, stored: StoredRecord) -> dict[str, object]:
    return {
        "record_id": entry.record_id,
        "offset": stored.offset,
        "n_leads": stored.n_leads,
        "n_samples": stored.n_samples,
        "n_missing": stored.n_missing,
        "fs": stored.fs,
        "leads": stored.leads,
        "gains": stored.gains,
        "errors": stored.errors,
        "labels": entry.labels,
        "patient": entry.patient,
        "fold": entry.fold,
        "source": entry.source,
        "unjudged": entry.unjudged,
        "sha256": stored.sha256,
    }


def _stored(row: dict[str, Any], leads: tuple[str, ...]) -> StoredRecord:
    facts = {name: row[name] for name in ("offset", "n_leads", "n_samples", "n_missing", "fs", "sha256")}
    return StoredRecord(
        **facts,
        leads=leads,
        gains=np.array(row["gains"], np.float32),
        errors=tuple(row["errors"]),
    )
