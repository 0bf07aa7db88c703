"""Labelled recordings from the simulator, so that the whole way can be walked without a download."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from einthoven.aami import CLASSES
from einthoven.datasets.dataset import Dataset, Entry
from einthoven.errors import SettingsError
from einthoven.record import Record
from einthoven.signal.simulated import RHYTHMS, simulate

_RHYTHM_OF = {label: rhythm for rhythm, (_, label) in RHYTHMS.items()}
_HEART_RATES = (55.0, 100.0)
_NOISE_MV = (0.01, 0.05)
SIMULATED_NOTE = "simulated: no patient was measured"
_MARK = "simulated by einthoven"
_SHORTEST_S = 6.0
"""Room for an ectopic beat among the slowest."""


def says_simulated(comments: Iterable[str]) -> bool:
    """Tell whether the comments of a recording say that the simulator made it."""
    return any(_MARK in comment for comment in comments)


@dataclass(frozen=True, slots=True)
class SimulatedReader:
    """Simulate the recording of an entry when it is asked for, the same one every time.

    seed : of the whole data set
    duration_s : shortest and longest recording, s
    """

    seed: int
    duration_s: tuple[float, float]

    def __call__(self, entry: Entry) -> Record:
        """Return the recording, its name being the entry's id; without a label it has ectopic beats."""
        draw = np.random.default_rng([self.seed, int(entry.record_id.rpartition("-")[2])])
        record = simulate(
            _RHYTHM_OF[entry.labels[0]] if entry.labels else "ectopy",
            seed=int(draw.integers(2**32)),
            duration_s=float(draw.uniform(*self.duration_s)),
            heart_rate=float(draw.uniform(*_HEART_RATES)),
            noise_mv=float(draw.uniform(*_NOISE_MV)),
        )
        return replace(record, name=entry.record_id)


def simulated_dataset(
    classes: Sequence[str] = ("N", "A", "O", "~"),
    n: int = 80,
    seed: int = 0,
    duration_s: tuple[float, float] = (9.0, 30.0),
) -> Dataset:
    """Return recordings of simulated hearts, as many of each class as divide evenly, single-lead at 300 Hz.

    Heart rate (55 to 100 beats a minute), noise, morphology and duration are drawn for each recording.

    Parameters
    ----------
    classes : among N (normal), A (atrial fibrillation), O (other: ectopic beats), ~ (too noisy)
    n : number of recordings
    seed : decides everything random
    duration_s : shortest and longest recording, s; the former at least 6

    Raises
    ------
    SettingsError if a class is unknown or there twice, or if n, seed or duration_s is out of range.

    >>> data = simulated_dataset(("N", "A"), n=4)
    >>> data.class_counts, data.read(1).comments[0]
    ({'N': 2, 'A': 2}, 'rhythm: atrial fibrillation')
    """
    names = tuple(classes)
    if not names or len(set(names)) < len(names) or not set(names) <= set(_RHYTHM_OF):
        raise SettingsError(
            f"expected different classes among {', '.join(_RHYTHM_OF)}, found {', '.join(names)}"
        )
    if n < 1 or seed < 0:
        raise SettingsError(f"expected at least one recording and a seed from 0, found n {n} and seed {seed}")
    low, high = duration_s
    if not _SHORTEST_S <= low <= high < np.inf:
        raise SettingsError(f"expected rising durations from {_SHORTEST_S:g} s, found {low} to {high}")
    entries = tuple(
        Entry(f"simulated-{index:05d}", (names[index % len(names)],), source="simulated")
        for index in range(n)
    )
    return Dataset("simulated", names, entries, SimulatedReader(seed, (low, high)),
                   notes=(SIMULATED_NOTE,), kind="simulated")  # fmt: skip


def simulated_beats(n: int = 80, seed: int = 0, duration_s: tuple[float, float] = (9.0, 30.0)) -> Dataset:
    """Return recordings of simulated hearts with ectopic beats: each beat is annotated, no whole has a label.

    They are cut into heartbeats by `einthoven.datasets.heartbeats.cut_beats`: of the classes of AAMI EC57, N,
    S and V occur.

    Parameters
    ----------
    n : number of recordings
    seed : decides everything random
    duration_s : shortest and longest recording, s; the former at least 6

    Raises
    ------
    SettingsError as `simulated_dataset`.

    >>> data = simulated_beats(n=2)
    >>> set(data.read(0).annotations.symbols) <= set("NVA")
    True
    """
    labelled = simulated_dataset(("O",), n, seed, duration_s)
    entries = tuple(replace(entry, labels=()) for entry in labelled.entries)
    return replace(labelled, classes=CLASSES, entries=entries)
