"""How often leads without heartbeats are found, and real ones taken for such or called noisy.

`python -m bench.silent_leads` with `EINTHOVEN_DATA` set; takes minutes. Leads of real recordings are replaced
by noise or hum, and noise is added to them.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from einthoven.datasets.cinc2020 import open_cinc2020
from einthoven.datasets.dataset import Dataset
from einthoven.datasets.ptbxl import open_ptbxl
from einthoven.inference.prediction import Failure, Prediction
from einthoven.inference.runtime import Model, load
from einthoven.record import Record
from einthoven.signal.noise import noise_share
from einthoven.signal.quality import assess
from einthoven.signal.rpeaks import find_rpeaks
from einthoven.signal.shown_beats import MIN_SHOWN

NOISY = 0.30
"""From this share of noise on a lead is called noisy."""
FEW, MANY = (1, 2, 3, 4), (5, 7, 9, 11)
"""So many of twelve leads are replaced: those with which the rest is answered, and those with which not."""
EVERY = 5
"""Recordings are spoilt in so many ways that every fifth must do."""

Wave = Callable[[NDArray[np.float64], np.random.Generator], NDArray[np.float64]]


def white(times_s: NDArray[np.float64], rng: np.random.Generator) -> NDArray[np.float64]:
    """Return white noise of unit power."""
    return rng.standard_normal(len(times_s))


def wander(times_s: NDArray[np.float64], rng: np.random.Generator) -> NDArray[np.float64]:
    """Return noise whose power falls with the square of the frequency."""
    steps = np.cumsum(rng.standard_normal(len(times_s)))
    return np.asarray((steps - steps.mean()) / steps.std())


def hum(times_s: NDArray[np.float64], rng: np.random.Generator) -> NDArray[np.float64]:
    """Return hum of 50 Hz of unit power with a little white noise."""
    wave = np.sin(2 * np.pi * (50 * times_s + rng.random()))
    return np.asarray(2**0.5 * wave + 0.02 * rng.standard_normal(len(times_s)))


KINDS: tuple[tuple[Wave, float], ...] = (
    *((white, mv) for mv in (0.005, 0.01, 0.02, 0.05)), (wander, 0.05), (hum, 0.01), (hum, 0.05)
)  # fmt: skip
"""What leads are replaced by, and its root mean square, mV."""
MIN_FS_OF_HUM = 120.0


def replaced(record: Record, n_leads: int, wave: Wave, mv: float, rng: np.random.Generator) -> Record:
    """Return the record with a wave of this height in place of some leads, which its name then tells."""
    signal, chosen = record.signal.copy(), rng.permutation(record.n_leads)[:n_leads]
    times_s = np.arange(record.n_samples) / record.fs
    for lead in chosen:
        signal[lead] = mv * wave(times_s, rng)
    return replace(record, signal=signal, name=" ".join(record.leads[lead] for lead in chosen))


def answers(model: Model, records: Sequence[Record]) -> list[Prediction]:
    """Return the model's answers; it refuses none of these recordings."""
    found = model.predict_many(records)
    return [answer for answer in found if not isinstance(answer, Failure)]


def rows_of_real(model: Model, records: list[Record]) -> Iterator[tuple[str, str]]:
    """Measure recordings as they are: what was asked, and the answer."""
    found = answers(model, records)
    silent = [sum(share < MIN_SHOWN for share in answer.quality["heartbeats"]) for answer in found]
    left_out = [any("no heartbeats" in line for line in answer.warnings) for answer in found]
    yield "leads without heartbeats left out", _percent(left_out)
    yield "such leads among those used", _percent([n > 0 for n in silent])
    reasons = ("no heartbeats", "no reliable heartbeat", "fewer than 2 usable", "mains noise")
    yield (
        "not sure for want of heartbeats",
        _percent([(answer.abstain_reason or "").startswith(reasons) for answer in found]),
    )


def rows_of_noise(records: list[Record]) -> Iterator[tuple[str, str]]:
    """Measure how many recordings have a noisy lead, by each measure, with white noise added."""
    rng = np.random.default_rng(0)
    for mv in (0.0, 0.05, 0.1, 0.2):
        by_itself, now = [], []
        for record in records[:: EVERY if mv else 1]:
            signal = (record.signal + mv * rng.standard_normal(record.signal.shape)).astype(np.float32)
            rpeaks = find_rpeaks(signal, record.fs, warn=False)
            by_itself.append(bool((noise_share(signal, record.fs, rpeaks) >= NOISY).any()))
            now.append(max(assess(signal, record.fs, rpeaks, record.leads).noise) >= NOISY)
        yield f"noisy, {mv:g} mV of noise added: each lead by itself", _percent(by_itself)
        yield f"noisy, {mv:g} mV of noise added: as measured", _percent(now)


def rows_of_failures(model: Model, records: list[Record]) -> Iterator[tuple[str, str]]:
    """Measure what becomes of leads replaced by something else."""
    rng = np.random.default_rng(0)
    for wave, mv in KINDS:
        for counts in (FEW, MANY):
            what = f"{wave.__name__} {1000 * mv:g} uV in {counts[0]} to {counts[-1]} leads"
            # Sampled at 100 Hz, hum is whatever the sampling makes of it.
            is_shown = wave is not hum or records[0].fs > MIN_FS_OF_HUM
            spoilt = [replaced(record, n, wave, mv, rng) for n in counts for record in records if is_shown]
            found = answers(model, spoilt)
            if counts is FEW:
                used = [name in answer.leads_used for record, answer in zip(spoilt, found, strict=True)
                        for name in record.name.split()]  # fmt: skip
                yield f"{what}: of these leads left out", _percent([not one for one in used])
            yield f"{what}: answered as sure", _percent([not answer.abstained for answer in found])


def _percent(flags: Sequence[bool]) -> str:
    if not flags:
        return "-"
    return f"{sum(flags)} of {len(flags)} ({100 * sum(flags) / len(flags):.1f} %)"


def main() -> None:
    """Print one table of both data sets."""
    data = os.environ.get("EINTHOVEN_DATA")
    if not data:
        sys.exit("EINTHOVEN_DATA is not set: no recordings of twelve leads to read")
    model = load("ecg12")
    sets: list[Dataset] = [open_ptbxl(Path(data)), open_cinc2020(Path(data))]
    tables = []
    for dataset in sets:
        records = [dataset.read(at) for at in range(len(dataset))]
        sound = [record for record, answer in zip(records, answers(model, records), strict=True)
                 if not answer.abstained and len(answer.leads_used) == 12]  # fmt: skip
        tables.append([*rows_of_real(model, records), *rows_of_noise(records),
                       *rows_of_failures(model, sound[::EVERY])])  # fmt: skip
    print("| | " + " | ".join(f"{of.name}, {len(of)} recordings" for of in sets) + " |")
    print("|" + " --- |" * (len(sets) + 1))
    for rows in zip(*tables, strict=True):
        print(f"| {rows[0][0]} | " + " | ".join(answer for _, answer in rows) + " |", flush=True)


if __name__ == "__main__":
    main()
