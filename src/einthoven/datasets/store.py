"""One prepared form of any data set: all samples in one memory-mapped file, all facts in one table.

A store is a folder of three files.
- `samples.int16`: the samples of every recording after one another, lead after lead, little-endian; divided
  by the lead's gain they are mV, except -32768, which stands for a missing sample.
- `index.parquet`: a row a recording, see `store_index`.
- `store.json`: version, name, kind, classes, notes, sizes, and the SHA-256 of the index.

The index holds the SHA-256 of every recording's samples, which is compared whenever the recording is read.
Annotations, patient facts and comments of the files are not kept; of what was remarked when they were read,
the notes say to how many recordings, and an example.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from einthoven.atomic import folder_written_atomically
from einthoven.datasets.dataset import KINDS, Dataset, Entry, Kind
from einthoven.datasets.quantise import MISSING, quantise
from einthoven.datasets.simulated import SIMULATED_NOTE, says_simulated
from einthoven.datasets.store_index import StoredRecord, load_pyarrow, read_index, write_index
from einthoven.errors import DatasetError
from einthoven.record import Record, Signal

VERSION = 1
SAMPLES, INDEX, MANIFEST = "samples.int16", "index.parquet", "store.json"

Progress = Callable[[int, int], None]
"""Called with the number of recordings written and the number of all."""


@dataclass(frozen=True, eq=False)
class StoredSamples:
    """The samples of a store, mapped into memory when first asked for.

    Called with an Entry it is a data set's reader: it compares the recording's bytes with their SHA-256, and
    raises DatasetError naming the recording if a byte was changed. `block` and `signal` compare nothing.

    path : the file of samples
    index : the row of every record id
    """

    path: Path
    index: dict[str, StoredRecord]

    @cached_property
    def units(self) -> NDArray[np.int16]:
        """All samples, (n,) int16, read-only."""
        return np.memmap(self.path, "<i2", mode="r").view(np.ndarray)

    def block(self, record_id: str) -> NDArray[np.int16]:
        """Return the units of one recording: (n_leads, n_samples) int16, read-only."""
        row = self.index[record_id]
        end = row.offset + row.n_leads * row.n_samples
        return self.units[row.offset : end].reshape(row.n_leads, row.n_samples)

    def signal(self, record_id: str) -> Signal:
        """Return the samples of one recording: (n_leads, n_samples) float32, mV, NaN where missing."""
        row, block = self.index[record_id], self.block(record_id)
        signal = block.astype(np.float32)
        signal /= row.gains[:, None]
        if row.n_missing:
            signal[block == MISSING] = np.nan
        return signal

    def __call__(self, entry: Entry) -> Record:
        row = self.index[entry.record_id]
        found = _sha256(self.block(entry.record_id).data)
        if found != row.sha256:
            where = f"{self.path}: record {entry.record_id}"
            raise DatasetError(f"{where}: expected samples with SHA-256 {row.sha256}, found {found}")
        return Record(self.signal(entry.record_id), row.fs, row.leads, entry.record_id, str(self.path.parent))

    def __getstate__(self) -> dict[str, Any]:
        # A mapped file would travel to another process as a copy of all its bytes.
        return {name: value for name, value in self.__dict__.items() if name != "units"}


@dataclass(frozen=True, eq=False)
class Store(Dataset):
    """A data set in its prepared form. `write_store` makes one, `open_store` opens it.

    Its fingerprint covers the SHA-256 of every recording's samples, as they were written; `read` compares
    the samples with it.
    """

    reader: StoredSamples

    @property
    def samples(self) -> NDArray[np.int16]:
        """All samples of the store, memory-mapped: (n,) int16, read-only."""
        return self.reader.units

    def signal(self, index: int) -> Signal:
        """Read the samples of one recording, and nothing else: (n_leads, n_samples) float32, mV.

        Unlike `read`, which training and evaluation use, it does not look whether a byte was changed.
        """
        return self.reader.signal(self.entries[index].record_id)

    def stored(self, index: int) -> StoredRecord:
        """Return what the index of the store says of one recording."""
        return self.reader.index[self.entries[index].record_id]

    def _facts(self, entry: Entry) -> list[object]:
        return [*super()._facts(entry), self.reader.index[entry.record_id].sha256]


def is_store(folder: str | Path) -> bool:
    """Tell whether a folder is a store, by its manifest's presence."""
    return (Path(folder) / MANIFEST).is_file()


def open_store(folder: str | Path) -> Store:
    """Open a store; no sample is read, nor compared with its SHA-256, before it is asked for.

    Raises DatasetError if the folder is no store, is of a newer version, or if its index or the size of its
    samples is not what was written; MissingExtraError if pyarrow is not installed.
    """
    place = Path(folder)
    manifest = _read_manifest(place)
    for name in (SAMPLES, INDEX):
        found = (place / name).stat().st_size if (place / name).is_file() else 0
        if found != manifest[f"{name} bytes"]:
            raise DatasetError(f"{place / name}: expected {manifest[f'{name} bytes']} bytes, found {found}")
    digest = _sha256((place / INDEX).read_bytes())
    if digest != manifest["index_sha256"]:
        raise DatasetError(f"{place / INDEX}: expected SHA-256 {manifest['index_sha256']}, found {digest}")
    entries, index = read_index(place / INDEX)
    return Store(
        name=manifest["name"],
        classes=tuple(manifest["classes"]),
        entries=entries,
        reader=StoredSamples(place / SAMPLES, index),
        notes=tuple(manifest["notes"]),
        kind=_kind(manifest, entries, place),
    )


def write_store(dataset: Dataset, folder: str | Path, progress: Progress | None = None) -> Store:
    """Write a data set as a store and open it.

    Samples that are whole multiples of 1/1000 mV, as nearly all recorders', come back exactly. Others are
    rounded, by at most 1/65534 of their lead's largest amplitude; index and notes state it.

    Parameters
    ----------
    dataset : the recordings
    folder : where to; must be new or empty. It appears once everything is written, never in part
    progress : called after each recording

    Raises
    ------
    DatasetError if the folder is in use, the data set is empty, or writing fails, for example on a full disk.
    FormatError or RecordError if a recording cannot be read.
    MissingExtraError if pyarrow is not installed.
    """
    target = Path(folder)
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise DatasetError(f"{target}: expected a new or empty folder for the store, found it in use")
    if not len(dataset):
        raise DatasetError(f"{dataset.name}: expected recordings to store, found none")
    load_pyarrow()
    try:
        with folder_written_atomically(target) as partial:
            remarks: dict[str, str] = {}
            simulated: list[str] = []
            with (partial / SAMPLES).open("xb") as file:
                rows = list(_write_samples(dataset, file, progress, remarks, simulated))
            write_index(rows, partial / INDEX)
            made = _noted_simulated(dataset, simulated)
            _write_manifest(made, rows, partial, (*_rounding_note(rows), *_remarks_note(remarks)))
    except OSError as error:
        raise DatasetError(
            f"{target}: expected to write the store, found: {error.strerror or error}"
        ) from error
    return open_store(target)


def _write_samples(
    dataset: Dataset,
    file: BinaryIO,
    progress: Progress | None,
    remarks: dict[str, str],
    simulated: list[str],
) -> Iterator[tuple[Entry, StoredRecord]]:
    """Write the samples.

    What was remarked when a recording was read goes into `remarks`, the names of those whose comments say
    that they were simulated into `simulated`.
    """
    offset = 0
    for index, entry in enumerate(dataset.entries):
        record = dataset.read(index)
        if record.warnings:
            remarks[entry.record_id] = "; ".join(record.warnings)
        if says_simulated(record.comments):
            simulated.append(entry.record_id)
        units, gains, errors = quantise(record.signal)
        content = units.astype("<i2", copy=False).tobytes()
        file.write(content)
        n_missing = int((units == MISSING).sum())
        yield entry, StoredRecord(
            offset, record.n_leads, record.n_samples, n_missing, record.fs, record.leads,
            gains, tuple(errors.tolist()), _sha256(content),
        )  # fmt: skip
        offset += units.size
        if progress is not None:
            progress(index + 1, len(dataset))


def _noted_simulated(dataset: Dataset, simulated: list[str]) -> Dataset:
    """Return the data set, called simulated if a recording of it says so and nobody has said it yet."""
    if not simulated or dataset.kind == "simulated":
        return dataset
    share = "" if len(simulated) == len(dataset) else f"{len(simulated)} of {len(dataset)} recordings "
    return replace(dataset, kind="simulated", notes=(*dataset.notes, share + SIMULATED_NOTE))


def _write_manifest(
    dataset: Dataset, rows: list[tuple[Entry, StoredRecord]], folder: Path, notes: tuple[str, ...]
) -> None:
    manifest = {
        "version": VERSION,
        "name": dataset.name,
        "kind": dataset.kind,
        "classes": dataset.classes,
        "notes": (*dataset.notes, *notes),
        "n_records": len(rows),
        f"{SAMPLES} bytes": (folder / SAMPLES).stat().st_size,
        f"{INDEX} bytes": (folder / INDEX).stat().st_size,
        "index_sha256": _sha256((folder / INDEX).read_bytes()),
    }
    (folder / MANIFEST).write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")


def _rounding_note(rows: list[tuple[Entry, StoredRecord]]) -> tuple[str, ...]:
    rounded = [max(stored.errors) for _, stored in rows if max(stored.errors) > 0]
    if not rounded:
        return ()
    largest_uv = max(rounded) * 1000
    some = f"{len(rounded)} recording{'' if len(rounded) == 1 else 's'}"
    return (f"samples of {some} rounded to 16 bits, by at most {largest_uv:.2g} µV",)


def _remarks_note(remarks: dict[str, str]) -> tuple[str, ...]:
    if not remarks:
        return ()
    first, text = next(iter(remarks.items()))
    some = f"{len(remarks)} recording{'' if len(remarks) == 1 else 's'}"
    return (f"remarks when reading {some}, the first, {first}: {text}",)


def _read_manifest(folder: Path) -> dict[str, Any]:
    path = folder / MANIFEST
    try:
        manifest = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise DatasetError(f"{path}: expected the description of a store, found: {error}") from error
    version = manifest.get("version") if isinstance(manifest, dict) else None
    if version != VERSION:
        raise DatasetError(f"{path}: expected a store of version {VERSION}, found version {version}")
    wanted = ("name", "classes", "notes", f"{SAMPLES} bytes", f"{INDEX} bytes", "index_sha256")
    missing = [key for key in wanted if key not in manifest]
    if missing:
        raise DatasetError(f"{path}: expected {', '.join(missing)}, found none")
    return dict(manifest)


def _kind(manifest: dict[str, Any], entries: tuple[Entry, ...], folder: Path) -> Kind:
    """Return what the manifest says; of a store made before it said so, what the recordings' source betrays.

    A name betrays nothing: it may be that of anybody's folder.
    """
    if "kind" in manifest:
        for kind in KINDS:
            if manifest["kind"] == kind:
                return kind
        raise DatasetError(f"{folder / MANIFEST}: expected a kind among {', '.join(KINDS)}, "
                           f"found {manifest['kind']!r:.60}")  # fmt: skip
    sources = {entry.source for entry in entries}
    if sources == {"cinc2017"}:
        return "public"
    return "simulated" if sources == {"simulated"} else "own"


def _sha256(content: bytes | memoryview) -> str:
    return hashlib.sha256(content).hexdigest()
