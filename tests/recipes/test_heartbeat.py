"""The heartbeat recipe: what was published, how beats are split, and which figures stand beside which."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from einthoven.aami import AAMI, CLASSES
from einthoven.datasets.mitdb import DS1, DS2, open_mitdb
from einthoven.datasets.parts import parts_of
from einthoven.errors import SettingsError
from einthoven.networks import HeartbeatCNN, HeartbeatResNet
from einthoven.recipes import RECIPES
from einthoven.signal.beats import SevenSteps
from einthoven.training.folds import split_records
from einthoven.training.protocol import Protocol

HEARTBEAT = RECIPES["heartbeat"]


def protocol(budget: str = "paper", **options: str) -> Protocol:
    return HEARTBEAT.protocol(budget, **options)


def test_the_plain_preset_is_the_programs() -> None:
    found = protocol()
    assert found.network == HeartbeatCNN()
    assert (found.batch_size, found.class_weights) == (64, "none")
    (phase,) = found.phases
    assert (phase.optimizer, phase.learning_rate, phase.weight_decay) == ("adam", 1e-4, 0.0)
    assert (phase.schedule, phase.plateau_patience, phase.patience, phase.monitor) == (
        "plateau",
        5,
        10,
        "loss",
    )
    assert protocol(network="resnet").network == HeartbeatResNet()


def test_the_weighted_preset_is_the_programs() -> None:
    found = protocol(preset="weighted")
    assert (found.batch_size, found.class_weights) == (87, "inverse")
    (phase,) = found.phases
    assert (phase.optimizer, phase.learning_rate, phase.weight_decay) == ("rmsprop", 3e-4, 2e-4)
    assert (phase.schedule, phase.plateau_patience, phase.patience, phase.monitor) == (
        "plateau",
        5,
        10,
        "loss",
    )


def test_beats_are_cut_at_annotated_or_found_peaks_and_nothing_else_is_done_to_them() -> None:
    assert protocol().cut == SevenSteps(rpeaks="annotated")
    assert protocol(beats="found").cut == SevenSteps(rpeaks="found")
    assert protocol().leads == SevenSteps.rows
    assert (protocol().pipeline.steps, protocol().augmentations) == ((), ())


@pytest.mark.parametrize(
    ("split", "part", "split_by", "fold", "said"),
    [
        ("random", "", "beat", 0, "annotated beats, intra-patient: one patient's beats are on both sides"),
        ("inter-patient", "inter-patient", "patient", 1, "annotated beats, inter-patient"),
        (
            *("inter-patient-classical", "inter-patient-classical", "patient", 1),
            "annotated beats, inter-patient but for 201 and 202, of one patient",
        ),
        ("ds1", "ds1", "patient", 0, "annotated beats, inter-patient"),
    ],
)
def test_splits_are_parts_of_the_data_set_and_say_what_they_are(
    split: str, part: str, split_by: str, fold: int, said: str
) -> None:
    found = protocol(split=split)
    assert (found.part, found.split_by) == (part, split_by)
    assert not part or part in parts_of(HEARTBEAT.dataset)
    assert (found.n_folds, found.n_validation_parts, found.use_validation) == (5, 5, True)
    assert HEARTBEAT.fold_of(found) == fold
    assert HEARTBEAT.division(found) == said
    assert HEARTBEAT.division(protocol(split=split, beats="found")) == said.replace("annotated", "found")


@pytest.mark.realdata
@pytest.mark.parametrize("split", ["inter-patient", "ds1"])
def test_no_patient_is_on_two_sides(split: str, data_folder: Path) -> None:
    data = open_mitdb(data_folder, split)
    entries, found = data.entries, protocol(split=split)
    patients, given = [entry.patient for entry in entries], [entry.fold for entry in entries]
    labels, tested = np.zeros(len(entries), np.int64), []
    for fold in (1,) if split == "inter-patient" else range(5):
        parts = split_records(found, labels, patients, given, fold)
        train, validation, test = (
            {patients[i] for i in x} for x in (parts.train, parts.validation, parts.test)
        )
        assert train and validation and test
        assert not (train & validation or train & test or validation & test)
        tested += [entries[i].record_id for i in parts.test]
    assert sorted(tested) == sorted(DS2 if split == "inter-patient" else set(DS1) - {"201"})


def test_nobody_is_on_two_sides_unless_that_is_asked_for_by_name() -> None:
    assert protocol().split_by == "patient"
    assert protocol().part == "inter-patient"


def test_published_figures_stand_beside_runs_of_their_own_split() -> None:
    at_random, inter_patient = HEARTBEAT.tables
    assert [row for _, row in HEARTBEAT.expected(protocol(split="random"))] == list(at_random.rows)
    assert HEARTBEAT.expected(protocol(split="random", beats="found"))[0][0] is at_random
    for split in ("inter-patient", "inter-patient-classical"):
        assert [row for _, row in HEARTBEAT.expected(protocol(split=split))] == list(inter_patient.rows)
    assert HEARTBEAT.expected(protocol(split="ds1")) == ()
    assert HEARTBEAT.expected(HEARTBEAT.resolve("cpu", {"part": "ds1"})) == ()
    assert inter_patient.folds == (1,)
    assert at_random.folds is None


def test_the_published_figures_are_those_of_the_sources() -> None:
    stated = {row.name: row for table in HEARTBEAT.tables for row in table.rows}
    accuracies = {name: row.accuracy for name, row in stated.items() if row.accuracy}
    assert list(accuracies.values()) == [93.4, 98.74, 97.26, 94.5]
    balanced = [row.balanced_accuracy for row in stated.values() if row.balanced_accuracy]
    assert balanced == [93.8, 70.3]
    chazal = stated["de Chazal et al. 2004"]
    assert (chazal.recall[1:3], chazal.precision[1:3]) == ((75.9, 77.7), (38.5, 81.9))
    (sequence,) = [row for name, row in stated.items() if "not replicated here" in name]
    assert sequence.f1[1:3] == (90.7, 99.7)
    for table in HEARTBEAT.tables:
        assert table.classes == CLASSES
        assert {len(x) for row in table.rows for x in (row.recall, row.f1, row.precision)} <= {0, 5}


@pytest.mark.parametrize("options", [{}, {"network": "resnet"}, {"preset": "weighted"}])
def test_what_budgets_change_is_stated(options: dict[str, Any]) -> None:
    said = " ".join(HEARTBEAT.differences)
    (cpu,), (gpu,), (paper,) = (protocol(budget, **options).phases for budget in ("cpu", "gpu", "paper"))
    assert (cpu.schedule, cpu.patience, cpu.optimizer) == ("one-cycle", None, paper.optimizer)
    assert f"{cpu.epochs} epochs of" in said or f"{cpu.epochs} of resnet" in said
    assert f"{cpu.learning_rate:.0e}".replace("e-0", "e-") in said
    assert f"at most {gpu.epochs} epochs" in said
    assert f"{paper.epochs} here" in said
    assert (gpu.learning_rate, gpu.patience) == (paper.learning_rate, paper.patience)
    assert protocol("cpu", **options).network == protocol("paper", **options).network


@pytest.mark.parametrize("name", ["network", "preset", "beats", "split"])
def test_an_unknown_option_is_refused_with_the_known_ones(name: str) -> None:
    with pytest.raises(SettingsError, match=f"{name}: expected one of"):
        HEARTBEAT.resolve("cpu", {name: "other"})
    with pytest.raises(SettingsError, match=f"expected {name} of .*, found 'other'"):
        type(HEARTBEAT.options)(**{name: "other"})


def test_classes_have_meanings_and_the_data_an_owner() -> None:
    assert tuple(label.name for label in HEARTBEAT.labels) == CLASSES == tuple(dict.fromkeys(AAMI.values()))
    assert "10.1109/51.932724" in HEARTBEAT.attribution
    said = " ".join(HEARTBEAT.limits)
    assert all(words in said for words in ("47 people", "Fusion", "no medical device"))
