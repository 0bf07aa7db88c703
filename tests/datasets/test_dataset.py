"""What every data set promises."""

from dataclasses import FrozenInstanceError, replace

import numpy as np
import pytest

from einthoven.datasets import Dataset, Entry
from einthoven.errors import DatasetError
from einthoven.record import Record


def _read(entry: Entry) -> Record:
    return Record(np.full((1, 3), len(entry.record_id), np.float32), 300.0, ("I",), entry.record_id)


def _dataset(*entries: Entry) -> Dataset:
    return Dataset("small", ("N", "A", "O"), entries, _read)


def test_reads_the_record_of_an_index() -> None:
    dataset = _dataset(Entry("a", ("N",)), Entry("bb", ("A",)))
    assert len(dataset) == 2
    assert dataset.record_ids == ("a", "bb")
    assert dataset.read(1).name == "bb"
    assert [float(signal[0, 0]) for signal in dataset.signals()] == [1.0, 2.0]


def test_is_frozen() -> None:
    dataset = _dataset(Entry("a", ("N",)))
    with pytest.raises(FrozenInstanceError):
        dataset.name = "other"  # type: ignore[misc]


def test_class_indices_follow_the_order_of_the_classes() -> None:
    dataset = _dataset(Entry("a", ("O",)), Entry("b", ("N",)), Entry("c", ("A",)))
    indices = dataset.class_indices()
    assert indices.dtype == np.int64
    assert indices.tolist() == [2, 0, 1]


@pytest.mark.parametrize(("labels", "found"), [(("N", "A"), "N, A"), ((), "none")])
def test_class_indices_refuse_a_record_without_exactly_one_label(labels: tuple[str, ...], found: str) -> None:
    dataset = _dataset(Entry("a", ("N",)), Entry("b", labels))
    with pytest.raises(DatasetError, match=f"record b: expected one label, found {found}"):
        dataset.class_indices()


def test_counts_every_class_even_the_absent_one() -> None:
    dataset = _dataset(Entry("a", ("N",)), Entry("b", ("N", "A")))
    assert dataset.class_counts == {"N": 2, "A": 1, "O": 0}


def test_label_matrix_tells_hits_misses_and_what_nobody_judged() -> None:
    dataset = _dataset(
        Entry("a", ("O", "N")),
        Entry("b", ("O",), unjudged=("A",)),
        Entry("c", (), unjudged=("O", "N", "A")),
        Entry("d", ()),
    )
    matrix = dataset.label_matrix()
    assert matrix.dtype == np.float32
    np.testing.assert_array_equal(matrix, [[1, 0, 1], [0, np.nan, 1], [np.nan] * 3, [0, 0, 0]])
    # It follows a subset, and counts are of hits alone.
    np.testing.assert_array_equal(dataset.subset([1]).label_matrix(), matrix[[1]])
    assert dataset.class_counts == {"N": 1, "A": 0, "O": 2}
    assert _dataset().label_matrix().shape == (0, 3)


def test_refuses_a_label_that_nobody_judged() -> None:
    with pytest.raises(DatasetError, match="record a: expected judged labels, found unjudged A, N"):
        _dataset(Entry("a", ("N", "A"), unjudged=("A", "N", "O")))
    with pytest.raises(DatasetError, match="record a: expected labels among N, A, O, found 'X'"):
        _dataset(Entry("a", ("N",), unjudged=("X",)))


def test_refuses_a_label_that_is_no_class() -> None:
    with pytest.raises(DatasetError, match="record a: expected labels among N, A, O, found 'X'"):
        _dataset(Entry("a", ("X",)))


def test_refuses_a_record_twice() -> None:
    with pytest.raises(DatasetError, match="found a twice"):
        _dataset(Entry("a", ("N",)), Entry("a", ("A",)))


def test_refuses_a_class_twice() -> None:
    with pytest.raises(DatasetError, match="distinct classes"):
        Dataset("small", ("N", "N"), (), _read)


def test_subset_keeps_the_order_asked_for() -> None:
    dataset = _dataset(Entry("a", ("N",)), Entry("b", ("A",)), Entry("c", ("O",)))
    part = dataset.subset(np.array([2, 0]))
    assert part.record_ids == ("c", "a")
    assert part.read(0).name == "c"
    assert part.classes == dataset.classes


def test_patient_groups_join_a_patient_and_part_the_unknown() -> None:
    dataset = _dataset(
        Entry("a", ("N",), patient="x"),
        Entry("b", ("N",)),
        Entry("x", ("N",)),
        Entry("d", ("N",), patient="x"),
        Entry("e", ("N",), patient="b"),
    )
    groups = dataset.patient_groups()
    assert groups is not None
    assert groups.tolist() == [0, 1, 2, 0, 3]


def test_no_patient_groups_without_patients() -> None:
    assert _dataset(Entry("a", ("N",))).patient_groups() is None


def test_fingerprint_is_that_of_the_facts() -> None:
    entry = Entry("a", ("N",), "p", 1)
    dataset = _dataset(entry, Entry("b", ("A",)))
    same = Dataset("renamed", dataset.classes, dataset.entries, _read, ("a note",))
    assert len(dataset.fingerprint()) == 64
    assert dataset.fingerprint() == same.fingerprint()
    changes = [
        {"record_id": "c"},
        {"labels": ("A",)},
        {"labels": ("N", "A")},
        {"patient": "q"},
        {"fold": 2},
        {"unjudged": ("O",)},
    ]
    changed = {_dataset(replace(entry, **change), Entry("b", ("A",))).fingerprint() for change in changes}  # type: ignore[arg-type]
    changed.add(dataset.subset([1, 0]).fingerprint())
    changed.add(replace(dataset, classes=("A", "N", "O")).fingerprint())
    assert len(changed) == len(changes) + 2
    assert dataset.fingerprint() not in changed
