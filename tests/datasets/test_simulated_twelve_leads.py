"""Simulated twelve leads: every label is what the annotations and intervals of the recording say."""

import pickle
from collections import Counter

import numpy as np
import pytest

from einthoven.datasets.simulated import says_simulated
from einthoven.datasets.simulated_twelve_leads import FINDINGS, simulated_twelve_leads
from einthoven.errors import SettingsError
from einthoven.metrics.cinc2020 import CLASSES
from einthoven.metrics.cpsc2018 import CLASSES as CPSC_CLASSES
from einthoven.record import Record
from einthoven.signal.simulated import LEADS

MADE = ("AF", "PAC", "PVC", "SB", "NSR", "STach")


def labels_by_annotations(record: Record) -> set[str]:
    """Say which of MADE a recording shows, by its beats and what it says of itself alone."""
    kinds = record.annotations.symbols
    found = {name for name, kind in (("PVC", "V"), ("PAC", "A")) if kind in kinds}
    if record.comments[0] == "rhythm: atrial fibrillation":
        return found | {"AF"}
    rate = 60 / np.diff(record.annotations.samples).mean() * record.fs
    return found | {"SB" if rate < 60 else "STach" if rate > 100 else "NSR"}


@pytest.mark.parametrize("duration_s", [8.0, 30.0])
def test_every_label_is_true_and_every_class_is_there(duration_s: float) -> None:
    data = simulated_twelve_leads(CLASSES, n=120, fs=100.0, duration_s=(duration_s, duration_s), seed=3)
    assert data.classes == CLASSES
    for index, entry in enumerate(data.entries):
        record = data.read(index)
        assert labels_by_annotations(record) == set(entry.labels)
        assert record.name == entry.record_id
        assert says_simulated(record.comments)
    assert {name: count for name, count in data.class_counts.items() if count} == {
        "AF": 24, "PAC": 36, "PVC": 48, "SB": 24, "NSR": 48, "STach": 24
    }  # fmt: skip
    assert {("AF", "PVC"), ("NSR", "PVC", "PAC"), ("NSR",)} <= {entry.labels for entry in data.entries}


def test_recordings_have_twelve_leads_and_the_wanted_length() -> None:
    data = simulated_twelve_leads(("NSR", "AF"), n=4, duration_s=(8.0, 9.0))
    assert (data.kind, len(data)) == ("simulated", 4)
    for index in range(4):
        record = data.read(index)
        assert (record.leads, record.fs) == (tuple(LEADS), 500)
        assert 8 * 500 - 1 <= record.n_samples <= 9 * 500 + 1


def test_a_normal_ecg_has_no_ectopic_beats_but_sinus_rhythm_may() -> None:
    data = simulated_twelve_leads((*CPSC_CLASSES, "NSR", "NORM"), n=40)
    assert all(("Normal" in entry.labels) == ("NORM" in entry.labels) for entry in data.entries)
    for entry in data.entries:
        if "Normal" in entry.labels:
            assert set(entry.labels) == {"Normal", "NORM", "NSR"}
    assert any({"NSR", "PVC"} <= set(entry.labels) for entry in data.entries)


def test_every_recording_has_a_label_of_the_classes() -> None:
    data = simulated_twelve_leads(CPSC_CLASSES, n=64)
    assert all(entry.labels for entry in data.entries)
    found = {name for name, count in data.class_counts.items() if count}
    assert found == {"Normal", "AF", "PAC", "PVC"}


def test_a_recording_is_the_same_every_time_and_in_another_process() -> None:
    data = simulated_twelve_leads(("AF", "NSR"), n=8, seed=4, fs=100.0)
    again = pickle.loads(pickle.dumps(data))
    longer = simulated_twelve_leads(("AF", "NSR"), n=100, seed=4, fs=100.0)
    np.testing.assert_array_equal(data.signal(5), again.signal(5))
    np.testing.assert_array_equal(data.signal(5), longer.signal(5))
    assert longer.entries[:8] == data.entries
    other = simulated_twelve_leads(("AF", "NSR"), n=8, seed=5, fs=100.0)
    assert data.signal(5).shape != other.signal(5).shape or (data.signal(5) != other.signal(5)).any()


def test_one_patient_in_three_has_two_recordings_of_one_heart_and_one_source() -> None:
    data = simulated_twelve_leads(("NSR",), n=40, duration_s=(10.0, 10.0), sources=("here", "there"))
    counts = Counter(entry.patient for entry in data.entries)
    assert sorted(counts.values()) == [1] * 20 + [2] * 10
    sources = {entry.patient: entry.source for entry in data.entries}
    assert all(sources[entry.patient] == entry.source for entry in data.entries)

    def mean_beat(index: int) -> np.ndarray:
        record = data.read(index)
        beats = zip(record.annotations.samples, record.annotations.symbols, strict=True)
        at = [s for s, kind in beats if kind == "N" and 25 < s < record.n_samples - 25]
        return np.mean([record.signal[:, s - 25 : s + 25] for s in at], axis=0).ravel()

    apart = [np.corrcoef(mean_beat(index), mean_beat(index + 1))[0, 1] for index in range(0, 40, 4)]
    others = [np.corrcoef(mean_beat(index), mean_beat(index + 2))[0, 1] for index in range(0, 40, 4)]
    assert min(apart) > 0.99
    assert min(others) < 0.98


def test_patients_may_be_unknown_and_every_source_has_every_class() -> None:
    data = simulated_twelve_leads(MADE, n=600, sources=("a", "b", "c", "d", "e"), patients=False)
    assert {entry.patient for entry in data.entries} == {None}
    counts = Counter((entry.source, label) for entry in data.entries for label in entry.labels)
    assert len(counts) == 5 * len(MADE)
    assert min(counts.values()) >= 10
    assert set(Counter(entry.source for entry in data.entries).values()) == {120}


def test_findings_name_only_what_their_settings_make() -> None:
    for finding in FINDINGS:
        assert ("PVC" in finding.labels) == ("V" in finding.ectopic)
        assert ("PAC" in finding.labels) == ("A" in finding.ectopic)
        assert ("AF" in finding.labels) == (finding.rhythm == "af")


def test_classes_of_which_none_can_be_made_are_refused_in_one_line() -> None:
    with pytest.raises(
        SettingsError, match=r"can be simulated \(NSR, Normal, .*found LBBB, RBBB, MI and 1 more"
    ):
        simulated_twelve_leads(("LBBB", "RBBB", "MI", "HYP"))
    with pytest.raises(SettingsError, match="found none"):
        simulated_twelve_leads(())


@pytest.mark.parametrize(
    "arguments",
    [
        {"classes": ("AF", "AF")},
        {"n": 0},
        {"seed": -1},
        {"duration_s": (7.0, 10.0)},
        {"duration_s": (12.0, 10.0)},
        {"fs": 20.0},
        {"sources": ()},
        {"sources": ("a", "a")},
    ],
)
def test_impossible_settings_are_refused(arguments: dict[str, object]) -> None:
    with pytest.raises(SettingsError):
        simulated_twelve_leads(**{"classes": ("AF",), **arguments})
