"""R peaks of MIT-BIH: einthoven beside sleepecg, NeuroKit2, BioSPPy and wfdb's XQRS, where installed.

`python -m bench.rpeaks [ROW ...]` with `EINTHOVEN_DATA` set; without rows all of them. The constants were
chosen on DS1 without 201: whoever changes them looks at that row alone.

Two tables: EC57's gross statistics (all beats pooled) with the time that was taken; and the same with 95 %
bootstrap intervals by patient beside EC57's average statistics (each recording weighs the same).
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import numpy as np

from einthoven.aami import beats_of, flutter_of
from einthoven.datasets.mitdb import open_mitdb
from einthoven.metrics.peaks import PeakCounts, average, count_peaks, gross, gross_scores
from einthoven.metrics.score import Score
from einthoven.record import Record
from einthoven.signal.rpeaks import find_rpeaks

TOLERANCES_S = (0.05, 0.1, 0.15)
ROWS = {"ds1": "DS1 without 201", "ds2": "DS2", "all": "all 48"}

Detector = Callable[[np.ndarray[Any, Any], float], np.ndarray[Any, Any]]


def _einthoven(lead: np.ndarray[Any, Any], fs: float) -> np.ndarray[Any, Any]:
    return find_rpeaks(lead, fs)


def _sleepecg(lead: np.ndarray[Any, Any], fs: float) -> np.ndarray[Any, Any]:
    from sleepecg import detect_heartbeats

    return np.asarray(detect_heartbeats(lead.astype(np.float64), fs))


def _neurokit(lead: np.ndarray[Any, Any], fs: float) -> np.ndarray[Any, Any]:
    import neurokit2

    cleaned = neurokit2.ecg_clean(lead.astype(np.float64), sampling_rate=fs)
    return np.asarray(neurokit2.ecg_peaks(cleaned, sampling_rate=fs)[1]["ECG_R_Peaks"])


def _biosppy(lead: np.ndarray[Any, Any], fs: float) -> np.ndarray[Any, Any]:
    from biosppy.signals import ecg

    return np.asarray(ecg.ecg(lead.astype(np.float64), sampling_rate=fs, show=False)["rpeaks"])


def _xqrs(lead: np.ndarray[Any, Any], fs: float) -> np.ndarray[Any, Any]:
    from wfdb.processing import XQRS

    detector = XQRS(lead.astype(np.float64), fs)
    detector.detect(verbose=False)
    return np.asarray(detector.qrs_inds)


DETECTORS: dict[str, tuple[str, Detector]] = {
    "einthoven": ("einthoven", _einthoven),
    "sleepecg": ("sleepecg", _sleepecg),
    "NeuroKit2": ("neurokit2", _neurokit),
    "BioSPPy": ("biosppy", _biosppy),
    "wfdb XQRS": ("wfdb", _xqrs),
}
"""Each with its defaults: name, package, what to call."""


@dataclass(frozen=True)
class Result:
    """What a detector did on a part: counts by tolerance, and processor time of all recordings."""

    counts: dict[float, list[PeakCounts]]
    cpu_s: float


@dataclass(frozen=True)
class Tables:
    """What is printed of one part.

    times, intervals : rows, a detector each, and a detector and tolerance each
    own : what einthoven did
    """

    times: list[tuple[str, ...]]
    intervals: list[tuple[str, ...]]
    own: Result


def measure(detect: Detector, records: list[Record], runs: int = 3) -> Result:
    """Find and count the R peaks of the first lead of every recording.

    The time of each is the least of some runs; what takes more than 1 s is run once.
    """
    counts: dict[float, list[PeakCounts]] = {tolerance: [] for tolerance in TOLERANCES_S}
    cpu_s = 0.0
    detect(records[0].signal[0, : round(60 * records[0].fs)], records[0].fs)
    for record in records:
        assert record.annotations is not None
        seconds = []
        for _ in range(runs):
            start = time.process_time()
            found = np.sort(detect(record.signal[0], record.fs)).astype(np.int64)
            seconds.append(time.process_time() - start)
            if seconds[-1] > 1:
                break
        cpu_s += min(seconds)
        truth, _ = beats_of(record.annotations)
        flutter = flutter_of(record.annotations, record.n_samples)
        for tolerance in TOLERANCES_S:
            counts[tolerance].append(count_peaks(truth, found, record.fs, tolerance, flutter))
    return Result(counts, cpu_s)


def tables_of(part: str, records: list[Record], patients: list[str]) -> Tables:
    """Run every detector that is installed, einthoven first, on the recordings of one part."""
    times: list[tuple[str, ...]] = []
    intervals: list[tuple[str, ...]] = []
    own: Result | None = None
    for name, (_, detect) in DETECTORS.items():
        try:
            result = measure(detect, records)
        except ModuleNotFoundError as error:
            times.append((ROWS[part], name, f"not installed ({error.name})", "", "", "", "", ""))
            continue
        own = own or result
        times.append((ROWS[part], name, *_time_row(result, own)))
        intervals += [(ROWS[part], name, *row) for row in _interval_rows(result, patients)]
    assert own is not None
    return Tables(times, intervals, own)


def _time_row(result: Result, own: Result) -> tuple[str, ...]:
    pooled = {tolerance: gross(counts) for tolerance, counts in result.counts.items()}
    shares = [
        f"{100 * count.sensitivity:.2f} / {100 * count.positive_predictivity:.2f}"
        for count in pooled.values()
    ]
    error_ms = 1e3 * pooled[TOLERANCES_S[-1]].localisation_error_s
    return (*shares, f"{error_ms:.1f} ms", f"{result.cpu_s:.2f} s", f"{result.cpu_s / own.cpu_s:.1f} x")


def _interval_rows(result: Result, patients: list[str]) -> list[tuple[str, ...]]:
    return [
        (
            f"{1e3 * tolerance:.0f} ms",
            *map(_percent, gross_scores(counts, patients)),
            " / ".join(f"{100 * share:.2f}" for share in average(counts)),
        )
        for tolerance, counts in result.counts.items()
    ]


def _percent(score: Score) -> str:
    return f"{100 * score.value:.2f} ({100 * score.low:.2f} to {100 * score.high:.2f})"


def main(parts: list[str]) -> None:
    """Print the tables of these parts, and einthoven's recordings with most errors."""
    data = os.environ.get("EINTHOVEN_DATA")
    if not data:
        sys.exit("EINTHOVEN_DATA is not set: no MIT-BIH recordings to read")
    unknown = sorted(set(parts) - set(ROWS))
    if unknown:
        sys.exit(f"expected rows among {', '.join(ROWS)}, found {', '.join(unknown)}")
    print(", ".join(f"{package} {_version(package)}" for _, (package, _) in DETECTORS.items()))
    _print_header(
        "R peaks, first lead, ventricular flutter left out",
        ("recordings", "detector", "50 ms, Se / +P %", "100 ms", "150 ms", "mean error", "CPU", "time"),
    )
    worst: list[str] = []
    intervals: list[tuple[str, ...]] = []
    for part in parts:
        dataset = open_mitdb(Path(data), part)
        patients = [entry.patient or entry.record_id for entry in dataset.entries]
        tables = tables_of(part, [dataset.read(index) for index in range(len(dataset))], patients)
        _print_rows(tables.times)
        intervals += tables.intervals
        counts = zip(dataset.record_ids, tables.own.counts[TOLERANCES_S[-1]], strict=True)
        order = sorted(counts, key=lambda pair: -(pair[1].missed + pair[1].extra))
        texts = [f"{name} ({count.missed} missed, {count.extra} extra)" for name, count in order[:5]]
        worst.append(f"{ROWS[part]}: {', '.join(texts)}")
    _print_header(
        "Gross with 95 % intervals by patient, and average over recordings",
        ("recordings", "detector", "within", "gross Se %", "gross +P %", "average Se / +P %"),
    )
    _print_rows(intervals)
    print("\nMost errors of einthoven at 150 ms, " + "; ".join(worst) + ".")


def _print_header(title: str, names: tuple[str, ...]) -> None:
    print(f"\n## {title}\n\n| " + " | ".join(names) + " |")
    print("|" + " --- |" * len(names), flush=True)


def _print_rows(rows: list[tuple[str, ...]]) -> None:
    for row in rows:
        print("| " + " | ".join(row) + " |", flush=True)


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"


if __name__ == "__main__":
    main(sys.argv[1:] or list(ROWS))
