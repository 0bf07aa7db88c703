"""Recordings cut into heartbeats: their labels, what is left out, and recordings with something wrong."""

import pickle
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from einthoven.aami import CLASSES, beats_of
from einthoven.datasets.dataset import Dataset, Entry
from einthoven.datasets.heartbeats import cut_beats
from einthoven.datasets.mitdb import open_mitdb
from einthoven.errors import DatasetError, FormatError
from einthoven.formats.wfdb import write_wfdb
from einthoven.record import Annotation, Record
from einthoven.signal.beats import BeatInputs, SevenSteps
from einthoven.signal.simulated import simulate

FOUND, ANNOTATED = SevenSteps(), SevenSteps(rpeaks="annotated")
Open = Callable[..., Dataset]


def heart(seed: int = 1, fs: float = 360.0, rhythm: str = "normal", duration_s: float = 30) -> Record:
    record = simulate(rhythm, duration_s=duration_s, fs=fs, leads=("II",), seed=seed)
    return replace(record, leads=("MLII",))


@pytest.fixture
def opened() -> Open:
    """Opens recordings in memory; the patient of 100 and 101 is the same."""

    def open_(records: Mapping[str, Record | Exception], **facts: Any) -> Dataset:
        def read(entry: Entry) -> Record:
            record = records[entry.record_id]
            if isinstance(record, Exception):
                raise record
            return record

        labels = facts.pop("labels", {})
        entries = tuple(
            Entry(
                name, labels.get(name, ()), f"p{int(name) // 2}", int(name) % 2, "memory", Path(f"{name}.hea")
            )
            for name in records
        )
        return Dataset("hearts", facts.pop("classes", CLASSES), entries, read, ("made by hand",), **facts)

    return open_


def truth(record: Record) -> dict[int, str]:
    assert record.annotations is not None
    samples, classes = beats_of(record.annotations)
    return {sample: CLASSES[index] for sample, index in zip(samples.tolist(), classes, strict=True)}


def sample_of(entry: Entry) -> int:
    return int(entry.record_id.partition("@")[2])


def test_each_annotated_beat_is_an_entry(opened: Open):
    records = {"100": heart(1, rhythm="ectopy"), "101": heart(2), "103": heart(3, fs=250.0)}
    beats = cut_beats(opened(records), ANNOTATED)
    assert beats.record_ids == tuple(
        f"{name}@{sample}" for name in records for sample in truth(records[name])
    )
    assert [entry.labels for entry in beats.entries] == [
        (label,) for record in records.values() for label in truth(record).values()
    ]
    assert set(beats.class_indices().tolist()) > {0}
    first = beats.entries[0]
    assert (first.recording, first.patient, first.fold, first.source, first.path) == (
        "100", "p50", 0, "memory", Path("100.hea"),
    )  # fmt: skip
    assert {entry.recording: entry.patient for entry in beats.entries} == {
        "100": "p50", "101": "p50", "103": "p51"
    }  # fmt: skip
    assert (beats.name, beats.classes, beats.kind, beats.notes) == (
        "hearts",
        CLASSES,
        "own",
        ("made by hand",),
    )


@pytest.mark.parametrize("cut", [FOUND, ANNOTATED])
def test_a_beat_is_read_as_the_cut_gave_it(opened: Open, cut: SevenSteps):
    records = {"100": heart(1), "101": heart(2)}
    beats = cut_beats(opened(records), cut)
    expected = {}
    for name, record in records.items():
        own = cut(record.signal, 360.0, None if cut.finds_rpeaks else np.array(list(truth(record))))
        expected |= {f"{name}@{at}": rows for at, rows in zip(own.rpeaks, own.rows, strict=True)}
    for index in (0, len(beats) // 2, len(beats) - 1):
        record = beats.read(index)
        assert (record.leads, record.fs, record.name) == (("beat",), 125.0, beats.record_ids[index])
        np.testing.assert_array_equal(record.signal, expected[record.name])
        assert not record.signal.flags.writeable


def test_a_found_beat_takes_the_label_of_the_annotated_one_within_50_ms(opened: Open):
    record = heart()
    peaks = FOUND(record.signal, 360.0).rpeaks
    # 18 samples are 50 ms. The annotated are: before the first, after the second, too far from the third, two
    # near the fourth, and none near the others.
    near = [peaks[0] - 18, peaks[1] + 18, peaks[2] + 19, peaks[3] - 9, peaks[3] + 3]
    marks = Annotation(np.array(near), ("V", "A", "F", "/", "F"))
    beats = cut_beats(opened({"100": replace(record, annotations=marks)}), FOUND)
    assert {sample_of(entry): entry.labels[0] for entry in beats.entries} == {
        int(peaks[0]): "V", int(peaks[1]): "S", int(peaks[3]): "F"
    }  # fmt: skip
    rows = FOUND(record.signal, 360.0).rows
    np.testing.assert_array_equal(np.stack(list(beats.signals())), rows[[0, 1, 3]])
    assert beats.notes[1:] == (
        f"found peaks without an annotated beat within 50 ms: {len(peaks) - 3}",
        "annotated beats without a found peak within 50 ms: 2 (F 1, Q 1)",
    )


def test_of_a_reversed_lead_no_beat_is_mislabelled(opened: Open):
    record = heart(1, rhythm="ectopy")
    turned = replace(record, signal=-record.signal)
    beats, found = cut_beats(opened({"100": turned}), FOUND), FOUND(turned.signal, 360.0).rpeaks
    assert 5 < len(beats) < len(found) - 5
    for entry in beats.entries:
        nearest = min(truth(record), key=lambda sample: abs(sample - sample_of(entry)))
        assert abs(nearest - sample_of(entry)) <= 18 and entry.labels == (truth(record)[nearest],)
    assert beats.notes[1] == (
        f"found peaks without an annotated beat within 50 ms: {len(found) - len(beats)}"
    )


def test_what_gave_no_beat_is_noted(opened: Open):
    off = heart(2, duration_s=60)
    signal = off.signal.copy()
    signal[:, 3600:] = 0.3
    signal[:, 10800:14400] = np.nan
    other = replace(heart(3), leads=("V5",))
    silent = replace(
        heart(5), signal=np.zeros((1, 10800), np.float32), annotations=Annotation(np.array([5]), ("N",))
    )
    records = {"100": heart(1), "101": replace(off, signal=signal), "102": other, "103": silent}
    beats = cut_beats(opened(records), FOUND)
    lost = [len(truth(record)) for record in records.values()]
    missed = sum(lost) - len(beats)
    assert beats.notes[1:] == (
        "windows with fewer than two candidates: 7",
        "windows without a sample: 1",
        f"annotated beats without a found peak within 50 ms: {missed} (N {missed})",
        "recordings without a beat: 1 (record 103)",
        "recordings read in another lead than MLII: V5 in 1 (record 102)",
    )
    # Given the annotated ones, each beat is there, whatever the lead shows.
    assert len(cut_beats(opened(records), ANNOTATED)) == sum(lost)


def test_recordings_read_in_another_lead_are_told_by_lead(opened: Open):
    # Names that are numbers look like counts where they stand alone.
    leads = {"1": "II", "2": "V5", "3": "II", "4": "MLII", "5": "II", "6": "II", "7": "II"}
    beats = cut_beats(opened({k: replace(heart(3), leads=(v,)) for k, v in leads.items()}), ANNOTATED)
    assert beats.notes[1:] == (
        "recordings read in another lead than MLII: II in 5 (records 1, 3, 5 and 2 more), V5 in 1 (record 2)",
    )


@pytest.mark.parametrize("cut", [FOUND, ANNOTATED])
def test_recordings_without_beats_with_one_and_all_paced(opened: Open, cut: SevenSteps):
    record = heart()
    annotated = np.array(list(truth(record)))
    none = replace(record, annotations=Annotation(np.array([7, 9]), ("+", "~")))
    one = replace(record, annotations=Annotation(FOUND(record.signal, 360.0).rpeaks[3:4], ("V",)))
    paced = replace(record, annotations=Annotation(annotated, ("/",) * len(annotated)))
    beats = cut_beats(opened({"100": none, "102": one, "104": paced}), cut)
    counts = beats.class_counts
    assert counts["V"] == 1 and counts["Q"] > 10 and counts["N"] == counts["S"] == counts["F"] == 0
    assert "recordings without a beat: 1 (record 100)" in beats.notes
    assert {entry.recording for entry in beats.entries} == {"102", "104"}


def test_two_annotated_beats_at_one_sample_are_one(opened: Open):
    marks = Annotation(np.array([400, 900, 900, 1300]), ("N", "V", "N", "N"))
    beats = cut_beats(opened({"100": replace(heart(), annotations=marks)}), ANNOTATED)
    assert [(sample_of(entry), *entry.labels) for entry in beats.entries] == [
        (400, "N"),
        (900, "V"),
        (1300, "N"),
    ]
    assert beats.notes[1:] == ("annotated beats at the sample of another: 1",)


@dataclass(frozen=True)
class EveryOther:
    """Cuts every other R peak."""

    leads = ("MLII",)
    rows = ("beat", "square")
    fs = 100.0
    n_samples = 4
    finds_rpeaks = False
    takes_other_leads = False

    def __call__(
        self, signal: NDArray[Any], fs: float, rpeaks: NDArray[np.int64] | None = None
    ) -> BeatInputs:
        assert rpeaks is not None and signal.shape == (1, 10800) and fs == 360
        kept = rpeaks[::2]
        rows = np.repeat(kept[:, None, None].astype(np.float32), 8, axis=1).reshape(-1, 2, 4)
        return BeatInputs(rows, kept, {"R peaks passed over": len(rpeaks) - len(kept)})


def test_a_cut_may_leave_out_beats_that_it_is_given(opened: Open):
    marks = Annotation(np.array([400, 900, 1300, 1700]), ("N", "V", "A", "F"))
    beats = cut_beats(opened({"100": replace(heart(), annotations=marks)}), EveryOther())
    assert [(sample_of(entry), *entry.labels) for entry in beats.entries] == [(400, "N"), (1300, "S")]
    assert beats.notes[1:] == ("R peaks passed over: 2", "annotated beats that were not cut: 2 (V 1, F 1)")
    assert beats.read(1).leads == ("beat", "square") and beats.read(1).fs == 100.0
    np.testing.assert_array_equal(beats.read(1).signal, np.full((2, 4), 1300))


@pytest.mark.parametrize("cut", [FOUND, ANNOTATED])
def test_a_labelled_recording_labels_its_beats(opened: Open, cut: SevenSteps):
    records = {"100": heart(1), "102": replace(heart(2), annotations=None)}
    labels = {"100": ("healthy",), "102": ("infarction",)}
    beats = cut_beats(opened(records, classes=("healthy", "infarction"), labels=labels), cut)
    for name, record in records.items():
        own = [entry for entry in beats.entries if entry.recording == name]
        assert [sample_of(entry) for entry in own] == cut(record.signal, 360.0).rpeaks.tolist()
        assert {entry.labels for entry in own} == {labels[name]} and len(own) > 10


def test_beats_of_an_unknown_patient_stay_together(opened: Open):
    recordings = opened({"100": heart(1), "102": heart(2)})
    recordings = replace(recordings, entries=tuple(replace(e, patient=None) for e in recordings.entries))
    groups = cut_beats(recordings, ANNOTATED).patient_groups()
    assert groups is not None and set(groups.tolist()) == {0, 1}


def test_beats_are_not_cut_again(opened: Open):
    beats = cut_beats(opened({"100": heart()}), ANNOTATED)
    assert cut_beats(beats, ANNOTATED) is beats
    assert cut_beats(beats, FOUND) is beats
    with pytest.raises(
        DatasetError, match=r"heartbeats of 250 samples in beat; found heartbeats of 187 in beat"
    ):
        cut_beats(beats, SevenSteps(n_samples=250))
    with pytest.raises(DatasetError, match=r"of 4 samples in beat, square; found heartbeats of 187 in beat"):
        cut_beats(beats, EveryOther())


class Hashed(Dataset):
    """Knows more of its recordings than their entries say, as a store knows their samples."""

    def _facts(self, entry: Entry) -> list[object]:
        return [*super()._facts(entry), "hash of the samples"]


def test_another_cut_or_other_recordings_have_another_fingerprint(opened: Open):
    recordings = opened({"100": heart()}, given=("fs=360",))
    beats = cut_beats(recordings, ANNOTATED)
    longer = cut_beats(recordings, replace(ANNOTATED, span=1.5))
    assert beats.record_ids == longer.record_ids and beats.given[0] == longer.given[0] == "fs=360"
    others = cut_beats(Hashed(**vars(recordings)), ANNOTATED)
    again = cut_beats(recordings, ANNOTATED)
    assert len({beats.fingerprint(), longer.fingerprint(), others.fingerprint()}) == 3
    assert again.fingerprint() == beats.fingerprint() != recordings.fingerprint()


def test_beats_can_be_sent_to_another_process(opened: Open):
    beats = cut_beats(opened({"100": heart()}), ANNOTATED)
    copy = pickle.loads(pickle.dumps(beats)).subset([4, 2])
    assert copy.record_ids == (beats.record_ids[4], beats.record_ids[2])
    np.testing.assert_array_equal(copy.signal(0), beats.signal(4))


def test_beats_of_simulated_hearts_are_simulated(opened: Open):
    assert cut_beats(opened({"100": heart()}, kind="simulated"), FOUND).kind == "simulated"


def test_progress_is_told(opened: Open):
    told: list[tuple[int, int]] = []
    cut_beats(opened({"100": heart(), "101": heart(2)}), FOUND, lambda done, of: told.append((done, of)))
    assert told == [(1, 2), (2, 2)]


@pytest.mark.parametrize("first", [True, False])
def test_a_recording_that_cannot_be_read_is_named(opened: Open, first: bool):
    broken = FormatError("101.dat: expected 10 bytes, found 3")
    records = {"101": broken, "100": heart()} if first else {"100": heart(), "101": broken}
    with pytest.raises(DatasetError, match=r"^hearts: recording 101: 101\.dat: expected 10 bytes, found 3$"):
        cut_beats(opened(records), FOUND)


@pytest.mark.parametrize(
    "change, labels, message",
    [
        ({"annotations": None}, (), "recording 101: expected a label or annotated beats, found neither"),
        ({}, ("N", "V"), "recording 101: expected one label, or none and annotated beats, found N, V"),
        (
            {"annotations": Annotation(np.array([5, 10800]), ("N", "N"))},
            (),
            "recording 101: expected R peaks within 10800 samples, found one at 10800",
        ),
    ],
)
def test_a_recording_that_cannot_be_labelled_is_named(
    opened: Open, change: dict[str, Any], labels: tuple[str, ...], message: str
):
    records = {"100": heart(1), "101": replace(heart(2), **change)}
    with pytest.raises(DatasetError, match=f"^hearts: {message}"):
        cut_beats(opened(records, labels={"101": labels}), ANNOTATED)


def test_no_beat_at_all_is_told_in_one_line(opened: Open):
    silent = replace(heart(), signal=np.zeros((1, 10800), np.float32))
    n = len(truth(heart()))
    with pytest.raises(DatasetError) as caught:
        cut_beats(opened({"100": silent, "101": silent}), FOUND)
    assert str(caught.value) == (
        "hearts: expected heartbeats, found none in 2 recordings; windows with fewer than two candidates: 6; "
        f"annotated beats without a found peak within 50 ms: {2 * n} (N {2 * n}); "
        "recordings without a beat: 2 (records 100, 101)"
    )
    with pytest.raises(DatasetError, match=r"expected heartbeats, found none in 0 recordings$"):
        cut_beats(opened({}), FOUND)


def test_beats_of_another_length_of_recording_are_refused(tmp_path: Path):
    marks = Annotation(np.array([80, 1080]), ("N", "N"))
    for name, own in (("101", Annotation(np.array([80]), ("N",))), ("106", marks)):
        write_wfdb(
            Record(np.zeros((2, 1080), np.float32), 360.0, ("MLII", "V1"), name, annotations=own), tmp_path
        )
    with pytest.raises(
        DatasetError, match=r"^mitdb: recording 106: .*106\.atr: expected annotations within 1080"
    ):
        cut_beats(open_mitdb(tmp_path, "ds1"), ANNOTATED)


@pytest.mark.realdata
def test_the_beats_of_real_recordings(data_folder: Path):
    recordings = open_mitdb(data_folder)
    some = recordings.subset([recordings.record_ids.index(name) for name in ("102", "200", "232")])
    given, found = cut_beats(some, ANNOTATED), cut_beats(some, FOUND)
    assert given.class_counts == {"N": 2240, "S": 1412, "V": 830, "F": 2, "Q": 2084}
    assert found.class_counts == {"N": 1470, "S": 628, "V": 42, "F": 1, "Q": 1160}
    assert given.notes == ("recordings read in another lead than MLII: V5 in 1 (record 102)",)
    assert found.notes == (
        "windows with fewer than two candidates: 30",
        "found peaks without an annotated beat within 50 ms: 349",
        "annotated beats without a found peak within 50 ms: 3267 (N 770, S 784, V 788, F 1, Q 924)",
        "recordings read in another lead than MLII: V5 in 1 (record 102)",
    )
