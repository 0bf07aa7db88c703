"""Signals after the steps that no epoch changes, computed once and memory-mapped from then on."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from einthoven.atomic import written_atomically
from einthoven.datasets.dataset import Dataset
from einthoven.errors import DatasetError, RecordError, RunError
from einthoven.record import Record, Signal
from einthoven.signal.simulated import simulate
from einthoven.training.protocol import Protocol

CACHE = ".cache"
"""Folder beside runs where the prepared signals that they share lie."""
LAYOUT = 2
"""Counts up when the files of the cache change their meaning."""
PROBE_S, PROBE_FS, PROBE_SEED = 20.0, 500.0, 1
"""Length (s), rate (Hz) and seed of the simulated signal that the steps are told apart by."""


@dataclass(frozen=True)
class PreparedSignals:
    """Network inputs (or what augmentation reads) of a whole data set.

    path : file of all samples, float32, recording after recording
    shape : of one recording without its time axis: (n_leads,) or (n_leads, n_bins)
    offsets : (n_records + 1,) int64, where each recording starts on the time axis
    fs : rate of the time axis, Hz
    seconds : (n_records,) length of every recording before any step
    """

    path: Path
    shape: tuple[int, ...]
    offsets: NDArray[np.int64]
    fs: float
    seconds: NDArray[np.float64]

    @property
    def lengths(self) -> NDArray[np.int64]:
        """Length of every recording on the time axis: (n_records,)."""
        return np.diff(self.offsets)

    @cached_property
    def _samples(self) -> NDArray[np.float32]:
        samples: NDArray[np.float32] = np.memmap(self.path, np.float32, mode="r")
        return samples

    def __getitem__(self, index: int) -> Signal:
        """Return one recording, (n_leads, ..., time), read-only."""
        n_rows = int(np.prod(self.shape))
        start, stop = self.offsets[index] * n_rows, self.offsets[index + 1] * n_rows
        signal: Signal = self._samples[start:stop].reshape(*self.shape, -1)
        return signal

    def __getstate__(self) -> dict[str, Any]:
        # A process started beside this one maps the file itself instead of receiving all samples.
        return {name: value for name, value in self.__dict__.items() if name != "_samples"}


def signal_hash(dataset: Dataset) -> str:
    """Hash what decides the samples of a data set, without reading all of them: SHA-256, hexadecimal.

    Its fingerprint (a store's holds the hash of every recording), the size and time of its files, and the
    samples of three recordings.
    """
    digest = hashlib.sha256(dataset.fingerprint().encode())
    folders = {entry.path.parent for entry in dataset.entries if entry.path is not None}
    stems = {(entry.path.parent, entry.path.stem) for entry in dataset.entries if entry.path is not None}
    for folder in sorted(folders):
        for item in sorted(os.scandir(folder), key=lambda item: item.name):
            if (folder, Path(item.name).stem) in stems:
                facts = item.stat()
                digest.update(f"{item.name} {facts.st_size} {facts.st_mtime_ns}\n".encode())
    for index in sorted({0, len(dataset) // 2, len(dataset) - 1}):
        record = dataset.read(index)
        digest.update(f"{record.fs} {record.leads}".encode())
        digest.update(np.ascontiguousarray(record.signal).tobytes())
    return digest.hexdigest()


def pipeline_hash(protocol: Protocol) -> str:
    """Hash what the cached steps do to a simulated signal: SHA-256, hexadecimal.

    So that signals are prepared anew when a step is written otherwise and keeps its name and settings.
    """
    lead = simulate("ectopy", duration_s=PROBE_S, fs=PROBE_FS, seed=PROBE_SEED, noise_mv=0.05).signal
    whole = np.repeat(lead, protocol.n_leads, axis=0)
    missing = whole.copy()
    missing[:, 1000:1100] = np.nan
    digest = hashlib.sha256()
    # Not every pipeline can make something of missing samples: then only the whole signal tells.
    for signal in (whole, missing):
        with np.errstate(invalid="ignore"):
            found, fs = protocol.cached_pipeline(signal, PROBE_FS)
        digest.update(f"{found.shape} {fs}".encode() + np.ascontiguousarray(found).tobytes())
    return digest.hexdigest()


def prepare_signals(
    dataset: Dataset,
    protocol: Protocol,
    cache: Path,
    progress: Callable[[int, int], None] | None = None,
) -> PreparedSignals:
    """Run the cached steps of a protocol's pipeline over a data set, or find them done.

    Parameters
    ----------
    dataset : what to read
    protocol : gives the steps and the leads
    cache : folder of the results; runs beside each other share it
    progress : called with (recordings done, all)

    Raises
    ------
    DatasetError naming the recording that the steps left empty or without a finite value.
    RunError if the folder cannot be written.
    """
    steps = protocol.cached_pipeline.to_json()
    what = [LAYOUT, steps, pipeline_hash(protocol), protocol.leads, signal_hash(dataset)]
    key = hashlib.sha256(json.dumps(what).encode()).hexdigest()[:20]
    index, samples = cache / f"{key}.npz", cache / f"{key}.f32"
    if not (index.exists() and samples.exists()):
        try:
            _write(dataset, protocol, index, samples, progress)
        except OSError as error:
            problem = error.strerror or error
            raise RunError(f"{cache}: prepared signals cannot be written: {problem}") from error
    with np.load(index, allow_pickle=False) as found:
        return PreparedSignals(
            samples,
            tuple(found["shape"].tolist()),
            found["offsets"],
            float(found["fs"]),
            found["seconds"],
        )


def _write(
    dataset: Dataset,
    protocol: Protocol,
    index: Path,
    samples: Path,
    progress: Callable[[int, int], None] | None,
) -> None:
    lengths, seconds, kinds = [], [], set()
    with written_atomically(samples) as part, part.open("wb") as file:
        for position in range(len(dataset)):
            record = dataset.read(position)
            signal, fs = _steps(dataset, protocol, position, record)
            seconds.append(record.duration_s)
            lengths.append(signal.shape[-1])
            kinds.add((signal.shape[:-1], fs))
            if len(kinds) > 1:
                raise DatasetError(f"{dataset.name}: expected one shape and sampling rate, found "
                                   f"{sorted(kinds)} (a Resample step helps)")  # fmt: skip
            file.write(np.ascontiguousarray(signal, np.float32).tobytes())
            if progress is not None:
                progress(position + 1, len(dataset))
    shape, fs = kinds.pop()
    with written_atomically(index) as part, part.open("wb") as file:
        np.savez(
            file,
            shape=np.array(shape),
            offsets=np.cumsum([0, *lengths]),
            fs=np.float64(fs),
            seconds=np.array(seconds),
        )


def _steps(dataset: Dataset, protocol: Protocol, position: int, record: Record) -> tuple[Signal, float]:
    try:
        chosen = record.for_model(protocol.leads, may_lack=protocol.may_lack_leads)
    except RecordError as error:
        if len(protocol.leads) == 1:
            raise
        raise DatasetError(f"{error} (may_lack_leads=true reads zeros in place of missing leads)") from error
    signal, fs = protocol.cached_pipeline(chosen.signal, record.fs)
    if signal.shape[-1] == 0 or not np.isfinite(signal).all():
        raise DatasetError(f"{dataset.name}: {dataset.entries[position].record_id}: the pipeline left no "
                           "samples, or some that are not finite")  # fmt: skip
    return signal, fs
