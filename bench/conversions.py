"""What comes back after writing real recordings in each format.

`EINTHOVEN_DATA=... python -m bench.conversions`; `EINTHOVEN_FORMATS` may name a folder of files of devices,
which are then converted too.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections import Counter
from pathlib import Path

import numpy as np

from einthoven.errors import ECGError
from einthoven.formats import list_records, read_record, write_record
from einthoven.formats.write import WRITERS
from einthoven.record import Record

EVERY = 20
"""Of the data sets one recording in so many."""
READABLE = [kind for kind in WRITERS if kind != "parquet"]
PARTS = ("samples", "leads", "marks", "patient", "recording", "statements", "representative beat")


def main() -> None:
    """Print the table."""
    sources = list_records(os.environ["EINTHOVEN_DATA"])[::EVERY]
    if devices := os.environ.get("EINTHOVEN_FORMATS"):
        sources += list_records(devices)
    records = [read_record(path) for path in sources]
    print(f"{len(records)} recordings")
    print(
        "| written as | refused | "
        + " | ".join(f"{part} the same" for part in PARTS)
        + " | largest error, uV |"
    )
    print("| --- " * (len(PARTS) + 3) + "|")
    with tempfile.TemporaryDirectory() as folder:
        for kind in READABLE:
            same: Counter[str] = Counter()
            there: Counter[str] = Counter()
            largest, n_refused = 0.0, 0
            for record in records:
                path = Path(folder) / f"x{WRITERS[kind].ending}"
                try:
                    write_record(record, path, kind, removes_marks=True)
                except ECGError as error:
                    n_refused += 1
                    print(f"{kind}: {record.path}: {error}", file=sys.stderr)
                    continue
                back = read_record(path)
                kept = compare(record, back)
                same.update(part for part in PARTS if kept[part])
                there.update(part for part in PARTS if kept[part] is not None)
                if record.signal.shape == back.signal.shape:
                    largest = max(
                        largest, float(np.nanmax(np.abs(record.signal - back.signal), initial=0)) * 1000
                    )
            cells = [f"{same[part]} of {there[part]}" for part in PARTS]
            print(f"| {WRITERS[kind].what} | {n_refused} | {' | '.join(cells)} | {largest:.3g} |")


def compare(one: Record, other: Record) -> dict[str, bool | None]:
    """Return what of a record came back; None where it has none."""
    beat, back = one.representative_beat, other.representative_beat
    return {
        "samples": np.array_equal(one.signal, other.signal, equal_nan=True) and one.fs == other.fs,
        "leads": one.leads == other.leads,
        "marks": None if one.annotations is None else _marks(one) == _marks(other),
        "patient": dict(one.patient).items() <= dict(other.patient).items() if one.patient else None,
        "recording": dict(one.recording).items() <= dict(other.recording).items() if one.recording else None,
        "statements": one.statements == other.statements if one.statements else None,
        "representative beat": None
        if beat is None
        else back is not None and np.array_equal(beat.signal, back.signal, equal_nan=True),
    }


def _marks(record: Record) -> list[tuple[int, str, str]]:
    marks = record.annotations
    if marks is None:
        return []
    notes = marks.notes or ("",) * len(marks.symbols)
    return list(zip(marks.samples.tolist(), marks.symbols, notes, strict=True))


if __name__ == "__main__":
    main()
