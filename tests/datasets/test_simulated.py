import pickle

import numpy as np
import pytest

from einthoven.aami import beats_of
from einthoven.datasets.simulated import says_simulated, simulated_beats, simulated_dataset
from einthoven.errors import SettingsError


def test_classes_are_balanced_and_records_say_so_themselves():
    data = simulated_dataset(n=10)
    assert data.classes == ("N", "A", "O", "~")
    assert data.kind == "simulated"
    assert data.class_counts == {"N": 3, "A": 3, "O": 2, "~": 2}
    for index, entry in enumerate(data.entries):
        record = data.read(index)
        assert record.name == entry.record_id
        assert f"label: {entry.labels[0]}" in record.comments
        assert says_simulated(record.comments)
        assert record.leads == ("I",) and record.fs == 300
        assert 9 * 300 - 1 <= record.n_samples <= 30 * 300 + 1


def test_a_record_is_the_same_every_time_and_in_another_process():
    data = simulated_dataset(n=8, seed=4)
    again = pickle.loads(pickle.dumps(data))
    np.testing.assert_array_equal(data.read(5).signal, again.read(5).signal)
    np.testing.assert_array_equal(data.read(5).signal, simulated_dataset(n=100, seed=4).read(5).signal)


def test_records_differ_and_so_do_seeds():
    data = simulated_dataset(n=8, duration_s=(10.0, 10.0))
    other = simulated_dataset(n=8, seed=1, duration_s=(10.0, 10.0))
    assert (data.read(0).signal != data.read(4).signal).any()
    assert (data.read(0).signal != other.read(0).signal).any()


def test_beats_are_annotated_and_no_recording_has_a_label():
    data = simulated_beats(n=6)
    assert (data.kind, data.classes, data.notes) == ("simulated", tuple("NSVFQ"), simulated_dataset().notes)
    assert {entry.labels for entry in data.entries} == {()}
    classes = [set(beats_of(data.read(index).annotations)[1].tolist()) for index in range(6)]
    assert all(0 in found and found <= {0, 1, 2} for found in classes)
    assert set().union(*classes) == {0, 1, 2}
    np.testing.assert_array_equal(data.read(5).signal, pickle.loads(pickle.dumps(data)).read(5).signal)
    with pytest.raises(SettingsError):
        simulated_beats(n=0)


def test_every_draw_can_be_simulated():
    data = simulated_dataset(("O",), n=40, duration_s=(6.0, 6.5))
    assert all(set("AV") & set(data.read(i).annotations.symbols) for i in range(len(data)))


@pytest.mark.parametrize(
    "arguments",
    [
        {"classes": ("N", "B")},
        {"classes": ("N", "N")},
        {"classes": ()},
        {"n": 0},
        {"seed": -1},
        {"duration_s": (2.0, 30.0)},
        {"duration_s": (30.0, 9.0)},
    ],
)
def test_impossible_settings_are_refused(arguments):
    with pytest.raises(SettingsError):
        simulated_dataset(**arguments)
