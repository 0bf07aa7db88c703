"""Twelve leads of simulated hearts, each recording with any number of classes, so that no download is needed.

The classes are what the simulator surely makes: sinus rhythm by its rate, atrial fibrillation, ectopic beats.
Other classes occur in no recording.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from einthoven.datasets.dataset import Dataset, Entry, first_few
from einthoven.datasets.simulated import SIMULATED_NOTE
from einthoven.errors import SettingsError
from einthoven.record import Record
from einthoven.signal.simulated import LEADS, simulate

_NOISE_MV = (0.01, 0.05)
_SHORTEST_S = 8.0
"""Room for five beats, which ectopic ones need, of the slowest heart."""
_FS = (50.0, 10_000.0)
_BLOCK = 4
"""Recordings in a row that are of one source, and the first two of them of one patient."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What a simulated recording shows.

    rhythm : as `simulate` calls it
    heart_rate : slowest and fastest sinus node, beats a minute, so far from 60 and 100 that no variation of
        the intervals crosses them
    labels : the classes that hold, in the words of every challenge and data set that has them
    ectopic : kinds of ectopic beats, V or A
    """

    rhythm: str
    heart_rate: tuple[float, float]
    labels: tuple[str, ...]
    ectopic: tuple[str, ...] = ()


_SLOW, _USUAL, _FAST, _ATRIAL = (44.0, 52.0), (66.0, 90.0), (112.0, 150.0), (55.0, 95.0)

FINDINGS = (
    Finding("normal", _USUAL, ("NSR", "Normal", "NORM")),
    Finding("af", _ATRIAL, ("AF",)),
    Finding("normal", _SLOW, ("SB",)),
    Finding("normal", _FAST, ("STach",)),
    Finding("normal", _USUAL, ("NSR", "PVC"), ("V",)),
    Finding("normal", _USUAL, ("NSR", "PAC"), ("A",)),
    Finding("normal", _USUAL, ("NSR", "PVC", "PAC"), ("V", "A")),
    Finding("af", _ATRIAL, ("AF", "PVC"), ("V",)),
    Finding("normal", _SLOW, ("SB", "PVC"), ("V",)),
    Finding("normal", _FAST, ("STach", "PAC"), ("A",)),
)
"""NSR is the challenge's normal sinus rhythm, which ectopic beats interrupt; Normal of CPSC 2018 and NORM of
PTB-XL are normal ECGs, without any."""


@dataclass(frozen=True, slots=True)
class TwelveLeadReader:
    """Simulate the recording of an entry when it is asked for, the same one every time.

    seed : of the whole data set
    findings : what is simulated, see `finding_of`
    duration_s : shortest and longest recording, s
    fs : sampling rate, Hz
    """

    seed: int
    findings: tuple[Finding, ...]
    duration_s: tuple[float, float]
    fs: float

    def finding_of(self, index: int) -> Finding:
        """Return what the recording of a number shows: all findings in turn, each turn in another order."""
        turn, place = divmod(index, len(self.findings))
        order = np.random.default_rng([self.seed, 0, turn]).permutation(len(self.findings))
        return self.findings[int(order[place])]

    def __call__(self, entry: Entry) -> Record:
        """Return the recording, its name being the entry's id; a patient's recordings are of one heart."""
        index = int(entry.record_id.rpartition("-")[2])
        patient = index if entry.patient is None else int(entry.patient.rpartition("-")[2])
        finding, draw = self.finding_of(index), np.random.default_rng([self.seed, 1, index])
        record = simulate(
            finding.rhythm,
            seed=int(draw.integers(2**32)),
            duration_s=float(draw.uniform(*self.duration_s)),
            fs=self.fs,
            leads=tuple(LEADS),
            heart_rate=float(draw.uniform(*finding.heart_rate)),
            noise_mv=float(draw.uniform(*_NOISE_MV)),
            ectopic=finding.ectopic,
            heart_seed=int(np.random.default_rng([self.seed, 2, patient]).integers(2**32)),
        )
        return replace(record, name=entry.record_id)


def simulated_twelve_leads(
    classes: Sequence[str],
    n: int = 80,
    seed: int = 0,
    *,
    duration_s: tuple[float, float] = (10.0, 15.0),
    fs: float = 500.0,
    sources: Sequence[str] = ("simulated",),
    patients: bool = True,
) -> Dataset:
    """Return twelve leads of simulated hearts, as many of each of `FINDINGS` as divide evenly.

    Heart rate, noise, morphology and duration are drawn for each recording. Every recording has at least one
    of the classes. Nothing is simulated before it is read.

    Parameters
    ----------
    classes : of which at least one is a label in `FINDINGS`; the others occur in no recording
    n : number of recordings
    seed : decides everything random
    duration_s : shortest and longest recording, s; the former at least 8
    fs : sampling rate, 50 to 10,000 Hz
    sources : names of the collections that the recordings are said to come from, four each in turn
    patients : whether patients are named; every third of them then has two recordings

    Raises
    ------
    SettingsError if none of the classes can be simulated, a class or source is there twice, or n, seed,
    duration_s or fs is out of range.

    >>> data = simulated_twelve_leads(("NSR", "AF", "PVC", "LBBB"), n=14)
    >>> data.class_counts, data.signal(0).shape[0]
    ({'NSR': 8, 'AF': 4, 'PVC': 8, 'LBBB': 0}, 12)
    """
    names = tuple(classes)
    findings = _findings_of(names)
    _check(n, seed, duration_s, fs, tuple(sources))
    reader = TwelveLeadReader(seed, findings, duration_s, fs)
    entries = tuple(
        Entry(
            f"simulated-{index:05d}",
            reader.finding_of(index).labels,
            patient=f"patient-{index - (index % _BLOCK == 1):05d}" if patients else None,
            source=sources[index // _BLOCK % len(sources)],
        )
        for index in range(n)
    )
    return Dataset("simulated", names, entries, reader, notes=(SIMULATED_NOTE,), kind="simulated")


def _findings_of(classes: tuple[str, ...]) -> tuple[Finding, ...]:
    """Return the findings that have a label among the classes, with those labels alone."""
    if len(set(classes)) < len(classes):
        raise SettingsError(f"expected different classes, found {', '.join(classes)}")
    own = [
        replace(finding, labels=tuple(label for label in finding.labels if label in classes))
        for finding in FINDINGS
    ]
    found = tuple(finding for finding in own if finding.labels)
    if not found:
        known = dict.fromkeys(label for finding in FINDINGS for label in finding.labels)
        raise SettingsError(f"expected classes of which one can be simulated ({', '.join(known)}), "
                            f"found {first_few(classes) or 'none'}")  # fmt: skip
    return found


def _check(n: int, seed: int, duration_s: tuple[float, float], fs: float, sources: tuple[str, ...]) -> None:
    if n < 1 or seed < 0:
        raise SettingsError(f"expected at least one recording and a seed from 0, found n {n} and seed {seed}")
    low, high = duration_s
    if not _SHORTEST_S <= low <= high < np.inf:
        raise SettingsError(f"expected rising durations from {_SHORTEST_S:g} s, found {low} to {high}")
    if not _FS[0] <= fs <= _FS[1]:
        raise SettingsError(f"expected fs from {_FS[0]:g} to {_FS[1]:g}, found {fs}")
    if not sources or len(set(sources)) < len(sources):
        raise SettingsError(f"expected different sources, found {', '.join(sources) or 'none'}")
