"""The rarer WFDB records, read by the `wfdb` package: other sample formats, several rates, skew, segments.

The package refuses headers over descriptive fields, such as a date before the time, and is lax on the rest.
So it is handed a checked copy of the header that holds only what decides the samples, beside links to the
signal files.
"""

from __future__ import annotations

import shutil
import tempfile
import warnings
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from einthoven.errors import FormatError, RecordError
from einthoven.formats.wfdb_header import Header, format_header, read_header
from einthoven.formats.wfdb_samples import measure, signal_files

MAX_VALUES = 2**28
"""Samples of all leads that are read at once; gaps between segments are claims that no file backs."""


@dataclass(frozen=True, slots=True)
class PhysicalSignals:
    """Signals in the units of their header.

    signal : (n_signals, n_samples) float64
    fs : Hz
    """

    signal: NDArray[np.float64]
    fs: float
    units: tuple[str, ...]
    names: tuple[str, ...]
    warnings: tuple[str, ...]


def read_with_package(folder: Path, header: Header, where: str) -> PhysicalSignals:
    """Read a record through the `wfdb` package.

    Signals of a lower rate are repeated to the highest one, as WFDB's high-resolution mode does.

    Raises FormatError if a file is missing, truncated or damaged, RecordError if the record is too long.
    """
    with tempfile.TemporaryDirectory(prefix="einthoven-") as scratch:
        copy = _Copy(folder, Path(scratch), where)
        noticed = copy.record(header, "record")
        record = _read(Path(scratch) / "record", where)
    counts = [len(row) for row in record.e_p_signal]
    n_samples = max(counts)
    repeated = [name for name, count in zip(record.sig_name, counts, strict=True) if count < n_samples]
    if repeated:
        noticed += (f"{', '.join(repeated)}: samples repeated to the highest rate of the record",)
    return PhysicalSignals(
        signal=np.array([np.repeat(row, n_samples // len(row)) for row in record.e_p_signal], np.float64),
        fs=float(record.fs) * (n_samples // record.sig_len),
        units=tuple(record.units),
        names=tuple(name or "" for name in record.sig_name),
        warnings=noticed,
    )


@dataclass(frozen=True, slots=True)
class _Copy:
    """Writes checked headers into a scratch folder and links the signal files of `folder` beside them."""

    folder: Path
    scratch: Path
    where: str

    def record(self, header: Header, name: str) -> tuple[str, ...]:
        return self._master(header, name) if header.segments else self._signals(header, name)

    def _signals(self, header: Header, name: str) -> tuple[str, ...]:
        files = signal_files(self.folder, header.signals, self.where)
        n_samples, noticed = measure(files, header.n_samples, self.where)
        self._check_length(n_samples, sum(file.samples_per_frame for file in files))
        signals = list(header.signals)
        for i, file in enumerate(files):
            _link(file.path, self.scratch / f"{name}_{i}.dat")
            for row in file.rows:
                signals[row] = replace(signals[row], file_name=f"{name}_{i}.dat")
        self._write(replace(header, name=name, n_samples=n_samples, signals=tuple(signals), comments=()))
        return noticed

    def _master(self, header: Header, name: str) -> tuple[str, ...]:
        lengths = [length for _, length in header.segments]
        self._check_length(sum(lengths), header.n_signals)
        noticed: tuple[str, ...] = ()
        segments = []
        for i, (segment, length) in enumerate(header.segments):
            if segment != "~":
                noticed += self._segment(segment, length, f"{name}s{i}")
            segments.append((segment if segment == "~" else f"{name}s{i}", length))
        self._write(replace(header, name=name, n_samples=sum(lengths), segments=tuple(segments), comments=()))
        return noticed

    def _segment(self, segment: str, length: int, name: str) -> tuple[str, ...]:
        path = self.folder / f"{segment}.hea"
        header = read_header(path)
        if header.segments:
            raise FormatError(f"{path}: expected a segment with signals, found segments within a segment")
        if length == 0:
            # A layout: it names the signals of all segments and has no samples itself.
            signals = tuple(replace(signal, file_name="~") for signal in header.signals)
            self._write(replace(header, name=name, n_samples=0, signals=signals, comments=()))
            return ()
        if header.n_samples not in (None, length):
            raise FormatError(
                f"{path}: expected {length} samples, as {self.where} says, found {header.n_samples}"
            )
        return header.warnings + self._signals(replace(header, n_samples=length), name)

    def _check_length(self, n_samples: int, n_signals: int) -> None:
        if n_samples == 0:
            raise RecordError(
                f"{self.where}: expected at least one sample, found 0 samples of {n_signals} leads"
            )
        if n_samples * n_signals > MAX_VALUES:
            raise RecordError(f"{self.where}: expected at most {MAX_VALUES} samples to be read at once, "
                              f"found {n_samples} of {n_signals} leads")  # fmt: skip

    def _write(self, header: Header) -> None:
        (self.scratch / f"{header.name}.hea").write_text(format_header(header), encoding="utf-8")


def _read(path: Path, where: str) -> Any:
    try:
        with warnings.catch_warnings():
            # Deprecations in the package's own use of pandas say nothing about the recording.
            warnings.simplefilter("ignore")
            import wfdb

            return wfdb.rdrecord(str(path), smooth_frames=False)
    except Exception as error:
        # Damaged files make the package raise nearly anything.
        raise FormatError(f"{where}: expected samples that the wfdb package reads, found {error}") from error


def _link(target: Path, link: Path) -> None:
    try:
        link.symlink_to(target.resolve())
    except OSError:
        shutil.copyfile(target, link)
