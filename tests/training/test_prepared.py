"""Prepared signals: computed once, for the data and steps they belong to, and only written whole."""

import os
import pickle
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from einthoven.datasets import open_store, write_store
from einthoven.datasets.dataset import Dataset, Entry
from einthoven.errors import DatasetError, RunError
from einthoven.pipeline import FillMissing, Pipeline
from einthoven.record import Record
from einthoven.training.prepared import pipeline_hash, prepare_signals, signal_hash
from einthoven.training.protocol import Protocol


def make_dataset(read: Callable[[Entry], Record], n: int = 4, path: Path | None = None) -> Dataset:
    entries = tuple(Entry(f"r{i}", ("NA"[i % 2],), path=path) for i in range(n))
    return Dataset("made", ("N", "A"), entries, read)


def ramp(entry: Entry, fs: float = 300.0) -> Record:
    index = int(entry.record_id[1:])
    return Record(np.full((1, 600 + index), index, np.float32), fs, ("I",))


@pytest.fixture
def plain(rhythm: Protocol) -> Protocol:
    return replace(rhythm, pipeline=Pipeline((FillMissing(),)), augment_after=1)


def test_prepared_signals_are_the_pipelines(dataset: Dataset, rhythm: Protocol, tmp_path: Path) -> None:
    steps: list[tuple[int, int]] = []
    prepared = prepare_signals(dataset, rhythm, tmp_path, lambda done, n: steps.append((done, n)))
    assert steps[-1] == (30, 30)
    for index in (0, 17, 29):
        record = dataset.read(index)
        expected, fs = rhythm.pipeline(record.signal, record.fs)
        assert np.array_equal(prepared[index], expected)
        assert prepared.fs == fs
        assert prepared.lengths[index] == expected.shape[1]
    assert {path.suffix for path in tmp_path.iterdir()} == {".f32", ".npz"}


def test_a_second_run_reads_what_the_first_wrote(plain: Protocol, tmp_path: Path) -> None:
    first = prepare_signals(make_dataset(ramp), plain, tmp_path)
    again = prepare_signals(make_dataset(ramp), plain, tmp_path, lambda *_: pytest.fail("prepared twice"))
    assert np.array_equal(first[3], again[3])
    assert not again[3].flags.writeable


def test_other_steps_leads_or_samples_are_prepared_anew(plain: Protocol, tmp_path: Path) -> None:
    def other(entry: Entry) -> Record:
        return replace(ramp(entry), signal=ramp(entry).signal + 1)

    for protocol, read in ((plain, ramp), (replace(plain, leads=("II",)), ramp), (plain, other)):
        prepare_signals(make_dataset(read), protocol, tmp_path)
    prepare_signals(make_dataset(ramp), replace(plain, augment_after=0), tmp_path)
    assert len(list(tmp_path.glob("*.f32"))) == 4


@pytest.mark.parametrize("augment_after", [1, 2])
def test_signals_are_prepared_anew_when_a_step_is_written_otherwise(
    augment_after: int, rhythm: Protocol, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    protocol = replace(rhythm, augment_after=augment_after)
    before = prepare_signals(make_dataset(ramp), protocol, tmp_path)
    step = type(protocol.pipeline.steps[augment_after - 1])
    monkeypatch.setattr(step, "__call__", lambda _, signal, fs: (np.nan_to_num(signal) + 1, fs))
    after = prepare_signals(make_dataset(ramp), protocol, tmp_path)
    assert after.path != before.path
    assert not np.array_equal(after[1], before[1])


def test_the_hash_of_steps_is_the_same_in_any_process(rhythm: Protocol) -> None:
    assert pipeline_hash(rhythm) == pipeline_hash(replace(rhythm, seed=7))
    assert pipeline_hash(replace(rhythm, leads=("I", "V1"))) != pipeline_hash(rhythm)


def test_a_file_that_changes_changes_the_hash(tmp_path: Path) -> None:
    header = tmp_path / "a.hea"
    for name in ("a.hea", "a.dat", "b.dat"):
        (tmp_path / name).write_bytes(b"1")
    dataset = make_dataset(ramp, path=header)
    before = signal_hash(dataset)
    os.utime(tmp_path / "b.dat", ns=(1, 1))
    assert signal_hash(dataset) == before
    os.utime(tmp_path / "a.dat", ns=(1, 1))
    assert signal_hash(dataset) != before


def test_another_process_maps_the_file_itself(plain: Protocol, tmp_path: Path) -> None:
    prepared = prepare_signals(make_dataset(ramp, n=50), plain, tmp_path)
    assert prepared[49].size
    sent = pickle.dumps(prepared)
    assert len(sent) < 4000
    assert np.array_equal(pickle.loads(sent)[49], prepared[49])


def test_recordings_at_different_rates_are_refused(plain: Protocol, tmp_path: Path) -> None:
    dataset = make_dataset(lambda entry: ramp(entry, fs=300.0 if entry.record_id == "r0" else 250.0))
    with pytest.raises(DatasetError, match=r"250.*Resample"):
        prepare_signals(dataset, plain, tmp_path)
    assert not list(tmp_path.iterdir())


def test_a_signal_that_is_not_finite_after_the_steps_is_refused(plain: Protocol, tmp_path: Path) -> None:
    def broken(_entry: Entry) -> Record:
        return Record(np.full((1, 600), np.nan, np.float32), 300.0, ("I",))

    with pytest.raises(DatasetError, match=r"r0.*not finite"):
        prepare_signals(make_dataset(broken), replace(plain, augment_after=0), tmp_path)


@pytest.mark.parametrize("position", [0, 1, 5])
def test_a_changed_byte_in_a_store_is_not_learnt_from(
    dataset: Dataset, plain: Protocol, tmp_path: Path, position: int
) -> None:
    store = write_store(dataset.subset(range(6)), tmp_path / "store")
    name, start = store.record_ids[position], store.stored(position).offset
    with (tmp_path / "store" / "samples.int16").open("r+b") as file:
        file.seek(2 * start + 10)
        byte = file.read(1)[0]
        file.seek(2 * start + 10)
        file.write(bytes([byte ^ 1]))
    with pytest.raises(DatasetError, match=f"record {name}: expected samples with SHA-256"):
        prepare_signals(open_store(tmp_path / "store"), plain, tmp_path / "cache")
    assert not list((tmp_path / "cache").glob("*"))


def test_a_folder_that_cannot_be_written_is_a_run_error(plain: Protocol, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(RunError, match="cannot be written"):
        prepare_signals(make_dataset(ramp), plain, tmp_path / "file")
