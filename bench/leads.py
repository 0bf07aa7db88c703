"""How often limb leads and polarity are called wrong, and how often mistakes are found.

`python -m bench.leads` with `EINTHOVEN_DATA` set. Mistakes are made by arithmetic in real recordings:
electrodes exchanged, labels exchanged, a lead or all of them upside down.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np

from einthoven.datasets.cinc2020 import open_cinc2020
from einthoven.datasets.dataset import Dataset
from einthoven.datasets.ptbxl import open_ptbxl
from einthoven.inference.runtime import load
from einthoven.leads import LIMB_LEADS
from einthoven.record import Record
from einthoven.signal.inversion import find_inversion
from einthoven.signal.limb_leads import MAX_DEVIATION, exchanged_electrodes, find_labels, limb_deviations
from einthoven.signal.rpeaks import find_rpeaks

RA_LA = {"I": "-I", "II": "III", "III": "II", "aVR": "aVL", "aVL": "aVR"}
RA_LL = {"I": "-III", "II": "-II", "III": "-I", "aVR": "aVF", "aVF": "aVR"}
LA_LL = {"I": "II", "II": "I", "III": "-III", "aVL": "aVF", "aVF": "aVL"}
"""What each lead shows when two electrodes are exchanged."""
LABELS = ({"aVR": "-aVR"}, {"III": "-III"}, {"I": "II", "II": "I"}, {"II": "III", "III": "II"},
          {"aVR": "aVL", "aVL": "aVR"}, {"aVL": "aVF", "aVF": "aVL"},
          {"aVR": "aVL", "aVL": "aVF", "aVF": "aVR"})  # fmt: skip
"""What each lead shows when labels are exchanged, or one lead is upside down."""

Check = Callable[[Record], object]


def changed(record: Record, shown: dict[str, str]) -> Record:
    """Return the record with some leads showing others, upside down with a leading minus."""
    signal = record.signal.copy()
    for name, other in shown.items():
        row = record.signal[record.leads.index(other.removeprefix("-"))]
        signal[record.leads.index(name)] = -row if other.startswith("-") else row
    return replace(record, signal=signal)


def is_inconsistent(record: Record) -> bool:
    """Tell whether a limb lead is not what I and II give."""
    return max(limb_deviations(record.signal, record.leads, record.fs).values(), default=0.0) > MAX_DEVIATION


def electrodes(record: Record) -> tuple[str, str] | None:
    """Return the electrodes that seem exchanged."""
    rpeaks = find_rpeaks(record.signal, record.fs, warn=False)
    return exchanged_electrodes(record.signal, record.leads, record.fs, rpeaks)


def is_inverted(record: Record) -> bool:
    """Tell whether all of it seems upside down."""
    found = find_inversion(record.signal, record.leads, record.fs)
    return found is not None and found.is_inverted


def rows_of(records: list[Record]) -> Iterator[tuple[str, str]]:
    """Measure one data set: what was asked, and the answer."""
    deviations = [max(limb_deviations(r.signal, r.leads, r.fs).values(), default=0.0) for r in records]
    yield "largest deviation of a limb lead: median", f"{np.median(deviations):.3f}"
    yield "the same, highest of all recordings", f"{max(deviations):.3f}"
    yield "as recorded: limb leads called inconsistent", _share(records, is_inconsistent)
    for shown in LABELS:
        wrong = [changed(record, shown) for record in records]
        what = ", ".join(f"{name} shows {other}" for name, other in shown.items())
        yield f"{what}: called inconsistent", _share(wrong, is_inconsistent)
        yield (
            f"{what}: right labels named",
            _share(
                wrong,
                lambda r, shown=shown: find_labels(r.signal, r.leads, r.fs) == shown,  # type: ignore[misc]
            ),
        )
    yield "as recorded: RA and LA called exchanged", _share(records, lambda r: electrodes(r) == ("RA", "LA"))
    yield "as recorded: RA and LL called exchanged", _share(records, lambda r: electrodes(r) == ("RA", "LL"))
    for pair, shown in (("RA", "LA"), RA_LA), (("RA", "LL"), RA_LL), (("LA", "LL"), LA_LL):
        wrong = [changed(record, shown) for record in records]
        yield (
            f"{pair[0]} and {pair[1]} exchanged: called so",
            _share(wrong, lambda r, p=pair: electrodes(r) == p),
        )  # type: ignore[misc]
        yield f"{pair[0]} and {pair[1]} exchanged: any called exchanged", _share(wrong, electrodes)
        yield f"{pair[0]} and {pair[1]} exchanged: called inverted", _share(wrong, is_inverted)
    yield "as recorded: called inverted", _share(records, is_inverted)
    inverted = [replace(record, signal=-record.signal) for record in records]
    yield "all leads upside down: called inverted", _share(inverted, is_inverted)
    yield "all leads upside down: electrodes called exchanged", _share(inverted, electrodes)
    seen = [(upright, wrong) for upright, wrong in zip(records, inverted, strict=True) if is_inverted(wrong)]
    model = load("ecg12")
    classes = [[set(model.predict(record).labels) for record in pair] for pair in seen]
    n = sum(upright == wrong for upright, wrong in classes)
    yield "called inverted: ecg12 gives the classes of the recording as it was", f"{n} of {len(seen)}"


def measure_time() -> str:
    """Return how long the checks take on 30 minutes of twelve leads at 257 Hz."""
    from einthoven.signal.simulated import simulate

    record = simulate(duration_s=1800, fs=257, leads=(*LIMB_LEADS, *(f"V{n}" for n in range(1, 7))))
    parts = []
    for name, check in (("R peaks and electrodes", electrodes), ("consistency", is_inconsistent),
                        ("inversion", is_inverted)):  # fmt: skip
        start = time.process_time()
        check(record)
        parts.append(f"{name} {time.process_time() - start:.2f} s")
    return ", ".join(parts)


def _share(records: list[Record], check: Check) -> str:
    n = sum(bool(check(record)) for record in records)
    return f"{n} of {len(records)} ({100 * n / len(records):.1f} %)"


def main() -> None:
    """Print one table of both data sets."""
    data = os.environ.get("EINTHOVEN_DATA")
    if not data:
        sys.exit("EINTHOVEN_DATA is not set: no recordings of twelve leads to read")
    sets: list[Dataset] = [open_ptbxl(Path(data)), open_cinc2020(Path(data))]
    tables = [list(rows_of([of.read(at) for at in range(len(of))])) for of in sets]
    print("| | " + " | ".join(f"{of.name}, {len(of)} recordings" for of in sets) + " |")
    print("|" + " --- |" * (len(sets) + 1))
    for rows in zip(*tables, strict=True):
        print(f"| {rows[0][0]} | " + " | ".join(answer for _, answer in rows) + " |", flush=True)
    print(f"\n30 minutes of twelve leads at 257 Hz: {measure_time()} of processor time")


if __name__ == "__main__":
    main()
