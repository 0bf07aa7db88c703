"""The prepared form of a data set: what goes in comes out, and damage is noticed."""

import builtins
import hashlib
import json
import pickle
import resource
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from einthoven.datasets import Dataset, open_cinc2017, open_store, write_store
from einthoven.datasets.simulated import simulated_dataset
from einthoven.errors import DatasetError, MissingExtraError

pytest.importorskip("pyarrow")

Make = Callable[..., Dataset]

SIGNALS: Mapping[str, object] = {
    "short": [0.001, -0.002, 0.5],
    "gaps": [[1.0, float("nan"), 1.5, -32.767], [0.0, 0.0, 0.0, float("nan")]],
    "odd": [[0.1234567, 2.0, -3.0000005], [0.25, 0.5, 0.75]],
}


@pytest.fixture
def small(memory_dataset: Make) -> Dataset:
    return memory_dataset(SIGNALS)


def test_round_trip(small: Dataset, tmp_path: Path) -> None:
    write_store(small, tmp_path / "store")
    store = open_store(tmp_path / "store")
    assert (store.name, store.classes, len(store)) == ("memory", ("N", "A"), 3)
    assert store.entries == small.entries
    assert store.class_indices().tolist() == small.class_indices().tolist()
    for index in range(2):
        np.testing.assert_array_equal(store.signal(index), small.signal(index))
    np.testing.assert_allclose(store.signal(2), small.signal(2), atol=3 / 65534)
    np.testing.assert_array_equal(store.signal(2)[1], small.signal(2)[1])
    for index, signal in enumerate(store.signals()):
        record = store.read(index)
        assert (record.fs, record.leads, record.name) == (
            300.0,
            small.read(index).leads,
            small.record_ids[index],
        )
        np.testing.assert_array_equal(record.signal, signal)


def test_what_nobody_judged_comes_back(small: Dataset, tmp_path: Path) -> None:
    entries = (replace(small.entries[0], unjudged=("A",)), *small.entries[1:])
    store = write_store(replace(small, entries=entries), tmp_path / "store")
    assert store.entries == entries
    np.testing.assert_array_equal(store.label_matrix(), [[1, np.nan], [0, 1], [1, 0]])


def test_in_an_older_store_everything_was_judged(small: Dataset, tmp_path: Path) -> None:
    import pyarrow.parquet as parquet

    write_store(small, tmp_path / "store")
    path = tmp_path / "store" / "index.parquet"
    parquet.write_table(parquet.read_table(path).drop_columns(["unjudged"]), path)
    content = path.read_bytes()
    facts = {"index.parquet bytes": len(content), "index_sha256": hashlib.sha256(content).hexdigest()}
    assert open_store(manifest_changed(tmp_path / "store", **facts)).entries == small.entries


def manifest_changed(folder: Path, **changes: object) -> Path:
    path = folder / "store.json"
    facts = json.loads(path.read_text()) | changes
    path.write_text(json.dumps({key: value for key, value in facts.items() if value is not None}))
    return folder


def test_a_store_keeps_the_kind(small: Dataset, tmp_path: Path) -> None:
    for kind in ("public", "own", "simulated"):
        assert write_store(replace(small, kind=kind), tmp_path / kind).kind == kind
    with pytest.raises(DatasetError, match="expected a kind among public, own, simulated, found 'nonsense'"):
        open_store(manifest_changed(tmp_path / "own", kind="nonsense"))


def test_the_kind_of_an_older_store_is_that_of_its_recordings_source(small: Dataset, tmp_path: Path) -> None:
    for source, kind in (("cinc2017", "public"), ("simulated", "simulated"), (None, "own")):
        entries = tuple(replace(entry, source=source) for entry in small.entries)
        store = write_store(replace(small, entries=entries), tmp_path / kind)
        assert store.kind == "own"
        assert open_store(manifest_changed(tmp_path / kind, kind=None, name="cinc2017")).kind == kind


def test_a_simulated_recording_makes_a_simulated_store(tmp_path: Path) -> None:
    made = replace(simulated_dataset(n=2, duration_s=(6.0, 7.0)), kind="own", notes=())
    store = write_store(made, tmp_path / "store")
    assert (store.kind, store.notes[0]) == ("simulated", "simulated: no patient was measured")


def test_states_the_rounding(small: Dataset, tmp_path: Path) -> None:
    store = write_store(small, tmp_path / "store")
    assert store.notes[0] == "made by hand"
    assert store.notes[1].startswith("samples of 1 recording rounded to 16 bits, by at most ")
    assert store.stored(2).errors[0] == pytest.approx(
        np.abs(store.signal(2) - small.signal(2)).max(), rel=0.02
    )
    assert store.stored(0).errors == (0.0,)
    exact = write_store(small.subset([0, 1]), tmp_path / "exact")
    assert exact.notes == ("made by hand",)


def test_samples_are_one_read_only_array(small: Dataset, tmp_path: Path) -> None:
    store = write_store(small, tmp_path / "store")
    assert store.samples.dtype == np.int16
    assert store.samples.tolist()[:11] == [1, -2, 500, 1000, -32768, 1500, -32767, 0, 0, 0, -32768]
    assert not store.samples.flags.writeable
    store.signal(0)[:] = 7
    assert store.signal(0)[0, 0] == np.float32(0.001)


def test_a_subset_reads_its_own_records(small: Dataset, tmp_path: Path) -> None:
    store = write_store(small, tmp_path / "store").subset([2, 0])
    assert store.record_ids == ("odd", "short")
    assert store.signal(1).shape == (1, 3)
    np.testing.assert_array_equal(store.read(1).signal, small.signal(0))


def test_fingerprint_covers_the_samples(memory_dataset: Make, tmp_path: Path) -> None:
    one = write_store(memory_dataset({"a": [0.1, 0.2]}), tmp_path / "one")
    same = write_store(memory_dataset({"a": [0.1, 0.2]}), tmp_path / "same")
    other = write_store(memory_dataset({"a": [0.1, 0.3]}), tmp_path / "other")
    assert one.fingerprint() == same.fingerprint() != other.fingerprint()


def test_unknown_patient_fold_and_labels_stay_unknown(tmp_path: Path, challenge: Callable[..., Path]) -> None:
    dataset = open_cinc2017(challenge(["A00001"], "A00001,O\n"))
    entry = write_store(dataset, tmp_path / "store").entries[0]
    assert (entry.patient, entry.fold, entry.source, entry.labels) == (None, None, "cinc2017", ("O",))


def test_is_sent_to_another_process_without_its_samples(memory_dataset: Make, tmp_path: Path) -> None:
    store = write_store(memory_dataset({"a": np.zeros(50_000)}), tmp_path / "store")
    store.signal(0)
    sent = pickle.dumps(store)
    assert len(sent) < 10_000
    np.testing.assert_array_equal(pickle.loads(sent).signal(0), store.signal(0))


def test_tells_how_far_it_is(small: Dataset, tmp_path: Path) -> None:
    calls: list[tuple[int, int]] = []
    write_store(small, tmp_path / "store", lambda done, total: calls.append((done, total)))
    assert calls == [(1, 3), (2, 3), (3, 3)]


def test_reading_a_record_with_a_changed_byte_names_it(small: Dataset, tmp_path: Path) -> None:
    write_store(small, tmp_path / "store")
    path = tmp_path / "store" / "samples.int16"
    data = bytearray(path.read_bytes())
    data[8] ^= 1
    path.write_bytes(data)
    store = open_store(tmp_path / "store")
    with pytest.raises(DatasetError, match=r"samples.int16: record gaps: expected samples with SHA-256"):
        store.read(1)
    np.testing.assert_array_equal(store.read(0).signal, small.signal(0))


def _flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def _set(path: Path, **values: Any) -> None:
    manifest = json.loads(path.read_text())
    path.write_text(
        json.dumps({key: value for key, value in (manifest | values).items() if value is not ...})
    )


@pytest.mark.parametrize(
    ("file", "damage", "message"),
    [
        ("samples.int16", lambda p: p.write_bytes(p.read_bytes()[:-2]), "expected 34 bytes, found 32"),
        ("samples.int16", lambda p: p.unlink(), "expected 34 bytes, found 0"),
        ("index.parquet", _flip, "expected SHA-256"),
        ("index.parquet", lambda p: p.unlink(), "bytes, found 0"),
        ("store.json", lambda p: p.unlink(), "expected the description of a store"),
        ("store.json", lambda p: p.write_text("{"), "expected the description of a store"),
        ("store.json", lambda p: p.write_text("[]"), "expected a store of version 1, found version None"),
        ("store.json", lambda p: _set(p, version=2), "expected a store of version 1, found version 2"),
        ("store.json", lambda p: _set(p, classes=...), "expected classes, found none"),
    ],
)
def test_notices_damage(
    small: Dataset, tmp_path: Path, file: str, damage: Callable[[Path], object], message: str
) -> None:
    write_store(small, tmp_path / "store")
    damage(tmp_path / "store" / file)
    with pytest.raises(DatasetError) as caught:
        open_store(tmp_path / "store")
    assert message in str(caught.value)
    assert file in str(caught.value)


def test_refuses_a_folder_in_use(small: Dataset, tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("precious")
    with pytest.raises(DatasetError, match="expected a new or empty folder"):
        write_store(small, tmp_path)
    with pytest.raises(DatasetError, match="expected a new or empty folder"):
        write_store(small, tmp_path / "mine.txt")
    assert (tmp_path / "mine.txt").read_text() == "precious"


def test_fills_an_empty_folder_and_makes_its_parents(small: Dataset, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    assert len(write_store(small, tmp_path / "empty")) == 3
    assert len(write_store(small, tmp_path / "deep" / "er")) == 3


def test_refuses_an_empty_dataset(small: Dataset, tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="memory: expected recordings to store, found none"):
        write_store(small.subset([]), tmp_path / "store")


@contextmanager
def _largest_file(n_bytes: int) -> Iterator[None]:
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (n_bytes, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_full_disk_leaves_nothing_behind(memory_dataset: Make, tmp_path: Path) -> None:
    dataset = memory_dataset({"a": np.zeros(100_000), "b": np.zeros(100_000)})
    with (
        _largest_file(250_000),
        pytest.raises(DatasetError, match="store: expected to write the store, found"),
    ):
        write_store(dataset, tmp_path / "store")
    assert list(tmp_path.iterdir()) == []


def test_a_recording_that_cannot_be_read_leaves_nothing_behind(
    tmp_path: Path, challenge: Callable[..., Path]
) -> None:
    training = challenge(["A00001", "A00002"], "A00001,O\nA00002,N\n")
    (training / "A00002.mat").write_bytes(b"short")
    (tmp_path / "out").mkdir()
    with pytest.raises(ValueError, match="A00002"):
        write_store(open_cinc2017(training), tmp_path / "out" / "store")
    assert list((tmp_path / "out").iterdir()) == []


def test_says_how_to_get_pyarrow(small: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real_import = builtins.__import__

    def without(name: str, *args: Any, **kwargs: Any) -> Any:
        if name.startswith("pyarrow"):
            raise ImportError(name)
        return real_import(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(MissingExtraError, match=r"pip install 'einthoven\[train\]'"):
        write_store(small, tmp_path / "store")
    assert list(tmp_path.iterdir()) == []


def test_remarks_of_the_reader_are_noted(challenge: Callable[..., Path], tmp_path: Path) -> None:
    training = challenge(["A00001", "A00002", "A00003"], "A00001,O\nA00002,N\nA00003,N\n")
    for name in ("A00002", "A00003"):
        header = training / f"{name}.hea"
        header.write_text(header.read_text().replace("1000/mV", "0/mV"))
    store = write_store(open_cinc2017(training), tmp_path / "store")
    assert [note for note in store.notes if "remarks" in note] == [
        "remarks when reading 2 recordings, the first, A00002: "
        "the header states no gain: 200 a unit assumed, as WFDB does"
    ]


@pytest.mark.realdata
def test_real_recordings_come_back_bit_for_bit(data_folder: Path, tmp_path: Path) -> None:
    dataset = open_cinc2017(data_folder)
    chosen: Sequence[int] = range(0, len(dataset), len(dataset) // 50)
    part = dataset.subset(chosen)
    store = write_store(part, tmp_path / "store")
    assert store.class_counts == part.class_counts
    for index in range(len(part)):
        assert store.stored(index).gains.tolist() == [1000.0]
        np.testing.assert_array_equal(store.signal(index), part.signal(index))
