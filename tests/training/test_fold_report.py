"""What is in every fold: counts against those made by hand."""

from dataclasses import FrozenInstanceError, replace

import pytest

from einthoven.datasets.dataset import Dataset, Entry
from einthoven.datasets.simulated import simulated_dataset
from einthoven.errors import DatasetError
from einthoven.training.fold_report import PartCounts, fold_report, judged_note
from einthoven.training.folds import split_dataset
from einthoven.training.protocol import Protocol

CLASSES = ("AF", "PVC", "NORM")


@pytest.fixture
def several(rhythm: Protocol) -> Protocol:
    """Return a protocol in which any number of three classes may hold."""
    return replace(rhythm, classes=CLASSES, scored=(), class_weights="none", loss="binary-cross-entropy",
                   oversample=False, use_validation=False)  # fmt: skip


def _dataset(*entries: Entry) -> Dataset:
    return replace(simulated_dataset(("N",), n=1), name="small", classes=CLASSES, entries=entries)


def test_counts_are_those_of_each_part(several: Protocol) -> None:
    dataset = _dataset(
        Entry("a", ("AF", "NORM"), "p1", 1),
        Entry("b", ("AF",), "p1", 1, unjudged=("NORM",)),
        Entry("c", (), "p2", 1),
        Entry("d", ("AF",), None, 2),
        Entry("e", (), None, 2, unjudged=CLASSES),
    )
    report = fold_report(several, dataset)
    assert (report.dataset, report.classes, report.split_by) == ("small", CLASSES, "patient")
    first, second = report.folds
    assert (first.fold, first.source, first.n_shared_patients) == (0, None, 0)
    in_first = PartCounts(3, 2, 0, {"AF": 2, "PVC": 0, "NORM": 1}, {"AF": 3, "PVC": 3, "NORM": 2})
    in_second = PartCounts(2, 0, 2, {"AF": 1, "PVC": 0, "NORM": 0}, {"AF": 1, "PVC": 1, "NORM": 1})
    empty = PartCounts(0, 0, 0, dict.fromkeys(CLASSES, 0), dict.fromkeys(CLASSES, 0))
    assert (first.test, first.train, first.validation) == (in_first, in_second, empty)
    assert (second.fold, second.test, second.train) == (1, in_second, in_first)
    assert in_first.without_positives == ("PVC",)
    assert in_second.without_positives == ("PVC", "NORM")
    with pytest.raises(FrozenInstanceError):
        report.dataset = "other"  # type: ignore[misc]


def test_every_recording_is_counted_once_a_fold_and_tested_once(several: Protocol) -> None:
    entries = [Entry(f"r{k}", ("AF",) if k % 4 else (), f"p{k // 2}") for k in range(100)]
    report = fold_report(replace(several, use_validation=True), _dataset(*entries))
    assert len(report.folds) == 5
    for fold in report.folds:
        parts = (fold.train, fold.validation, fold.test)
        assert sum(part.n_records for part in parts) == 100
        assert sum(part.n_patients for part in parts) == 50
        assert sum(part.positives["AF"] for part in parts) == 75
        assert (fold.n_shared_patients, min(part.n_records for part in parts) > 0) == (0, True)
    assert sum(fold.test.n_records for fold in report.folds) == 100


def test_the_source_that_is_held_out_is_named(several: Protocol) -> None:
    sources = ("west",) * 70 + ("east",) * 60 + ("small",)
    entries = [Entry(f"r{k}", ("AF",), source=source) for k, source in enumerate(sources)]
    report = fold_report(replace(several, split_by="source"), _dataset(*entries))
    found = [(fold.source, fold.test.n_records, fold.train.n_records) for fold in report.folds]
    assert found == [("east", 60, 71), ("west", 70, 61)]
    with pytest.raises(DatasetError, match="two sources or more"):
        fold_report(replace(several, split_by="source"), _dataset(*entries[:70]))


def test_where_one_class_holds_each_is_judged_everywhere(rhythm: Protocol) -> None:
    dataset = simulated_dataset(n=30, duration_s=(6.0, 7.0))
    protocol = replace(rhythm, use_validation=True)
    report = fold_report(protocol, dataset)
    labels, dealt = split_dataset(protocol, dataset, 3)
    train = report.folds[3].train
    assert train.n_records == len(dealt.train)
    assert list(train.positives.values()) == [
        int((labels[dealt.train] == k).sum()) for k in range(len(protocol.classes))
    ]
    assert set(train.judged.values()) == {len(dealt.train)}


def test_patients_on_two_sides_are_counted_where_the_split_is_by_beat(heartbeat: Protocol) -> None:
    entries = tuple(Entry(f"r{k}", (heartbeat.classes[0],), f"p{k % 2}", source="lab") for k in range(60))
    dataset = replace(_dataset(), classes=heartbeat.classes, entries=entries)
    assert {fold.n_shared_patients for fold in fold_report(heartbeat, dataset).folds} == {2}


def test_what_ones_own_labels_name_is_judged_and_nothing_else(several: Protocol) -> None:
    own = replace(_dataset(Entry("a", ("AF",)), Entry("b", ())), classes=("AF",), kind="own")
    assert judged_note(several, own) == (
        "a recording without one of these labels counts as without that class: AF; named nowhere, and so not "
        "judged, are the other 2 of rhythm's 3 classes: nothing is learnt of them"
    )
    every = replace(own, classes=("NORM", "PVC", "AF"))
    assert judged_note(several, every) == (
        "a recording without one of these labels counts as without that class: AF, PVC, NORM"
    )
    # What is unjudged in every recording is judged nowhere, whatever the classes are called.
    unjudged = replace(every, entries=tuple(replace(e, unjudged=("NORM",)) for e in every.entries))
    assert "AF, PVC; named nowhere, and so not judged, are the other 1 of" in str(
        judged_note(several, unjudged)
    )


def test_there_is_nothing_to_say_of_what_was_looked_for_in_public_data(
    several: Protocol, rhythm: Protocol
) -> None:
    own = replace(_dataset(Entry("a", ("AF",))), kind="own")
    assert judged_note(several, own) is not None
    assert judged_note(several, replace(own, kind="public")) is None
    assert judged_note(replace(rhythm, classes=CLASSES, scored=()), own) is None
    # A class that is none of the protocol's is refused when the recordings are divided.
    assert judged_note(several, replace(own, classes=("X",), entries=())) is None
