"""The infarction recipes: the protocol of `heartbeat` on another task; so much of it learns."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from einthoven.datasets import ptbdb
from einthoven.datasets.dataset import Dataset
from einthoven.datasets.heartbeats import cut_beats
from einthoven.datasets.parts import parts_of, select_part
from einthoven.errors import SettingsError
from einthoven.formats import write_wfdb
from einthoven.networks import HeartbeatCNN, HeartbeatResNet
from einthoven.recipes import RECIPES, TRANSFERS
from einthoven.recipes.heartbeat_mi import PUBLISHED
from einthoven.recipes.recipe import Recipe
from einthoven.signal.beats import SevenSteps
from einthoven.signal.simulated import simulate
from einthoven.training.folds import split_dataset
from einthoven.training.protocol import Protocol

PTB, PTBXL = RECIPES["heartbeat-mi"], RECIPES["heartbeat-mi-ptbxl"]
BOTH = pytest.mark.parametrize("recipe", [PTB, PTBXL], ids=lambda recipe: recipe.name)


@BOTH
@pytest.mark.parametrize("preset", ["plain", "weighted"])
@pytest.mark.parametrize("budget", ["cpu", "gpu", "paper"])
def test_but_for_its_task_it_is_trained_as_heartbeat_is(recipe: Recipe, budget: str, preset: str) -> None:
    found, other = (one.protocol(budget, preset=preset) for one in (recipe, RECIPES["heartbeat"]))
    assert found.classes == ("NORM", "MI") == ptbdb.CLASSES
    same = {"recipe", "classes", "part", "split_by", "phases"}
    assert replace(found, **{name: getattr(other, name) for name in same}) == other
    (phase,), (its,) = found.phases, other.phases
    assert replace(phase, epochs=its.epochs) == its


@BOTH
def test_so_many_of_the_last_layers_are_trained(recipe: Recipe) -> None:
    assert [recipe.protocol(trained=k).phases[0].train_last for k in ("1", "2", "3", "4", "all")] == [
        *(1, 2, 3, 4),
        None,
    ]
    assert recipe.protocol(network="resnet", trained="3").network == HeartbeatResNet()
    assert recipe.protocol().network == HeartbeatCNN()
    with pytest.raises(SettingsError, match="train_last of at most 3"):
        recipe.protocol(network="resnet", trained="4")


@BOTH
def test_beats_are_cut_at_detected_or_found_peaks(recipe: Recipe) -> None:
    # Without annotations, a cut that takes R peaks is given those that einthoven detects.
    assert recipe.protocol().cut == SevenSteps(rpeaks="annotated")
    assert recipe.protocol(beats="found").cut == SevenSteps(rpeaks="found")
    assert recipe.division(recipe.protocol()).startswith("detected beats")
    assert recipe.division(recipe.protocol(beats="found")).startswith("found beats")


@BOTH
def test_patients_stay_apart_unless_the_split_is_said_to_be_random(recipe: Recipe) -> None:
    by_patient, at_random = recipe.protocol(), recipe.protocol(split="random")
    assert (by_patient.split_by, at_random.split_by) == ("patient", "beat")
    assert "inter-patient" in recipe.division(by_patient)
    assert "intra-patient: one patient's beats are on both sides" in recipe.division(at_random)
    assert (recipe.fold_of(by_patient), recipe.fold_of(at_random)) == (0, 0)


@pytest.fixture(scope="module")
def ptb(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two recordings each of 20 simulated patients, half of whom had an infarction, laid out as PTB's."""
    place = tmp_path_factory.mktemp("data") / "ptbdb" / "1.0.0"
    for number in range(40):
        made = simulate(duration_s=11, fs=250, leads=("I", "II"), seed=number)
        patient = number // 2
        reason = ("Healthy control", "Myocardial infarction")[patient % 2]
        record = replace(made, comments=(f"Reason for admission: {reason}",))
        write_wfdb(record, place / f"patient{patient:03d}", name=f"s{number:04d}_re")
    return place.parents[1]


def sides(found: Protocol, beats: Dataset, fold: int | None) -> list[set[str | None]]:
    """The patients whose beats train, decide when to stop, and test."""
    labels, split = split_dataset(found, beats, fold)
    parts = (split.train, split.validation, split.test)
    assert sorted(np.concatenate(parts).tolist()) == list(range(len(beats)))
    assert all(set(labels[part].tolist()) == {0, 1} for part in parts if len(part))
    return [{beats.entries[index].patient for index in part} for part in parts]


@pytest.mark.parametrize("budget", ["cpu", "gpu", "paper"])
@pytest.mark.parametrize("cut_at", ["detected", "found"])
def test_no_patients_beats_are_in_two_parts(ptb: Path, budget: str, cut_at: str) -> None:
    found = PTB.protocol(budget, beats=cut_at)
    assert found.cut is not None
    beats = cut_beats(select_part(ptbdb.open_ptbdb(ptb), found.part), found.cut)
    patients = {f"patient{number:03d}" for number in range(20)}
    assert {entry.patient for entry in beats.entries} == patients
    assert len({entry.recording for entry in beats.entries}) == 40
    tested: list[str | None] = []
    for fold in range(found.n_folds):
        train, validation, test = sides(found, beats, fold)
        assert train and test and bool(validation) is found.use_validation
        assert not train & validation and not train & test and not validation & test
        assert train | validation | test == patients
        tested += test
    # Each patient tests once.
    assert sorted(tested, key=str) == sorted(patients)


def test_at_random_a_patients_beats_are_in_every_part(ptb: Path) -> None:
    found = PTB.protocol("paper", split="random")
    assert found.cut is not None
    beats = cut_beats(ptbdb.open_ptbdb(ptb), found.cut)
    train, validation, test = sides(found, beats, 0)
    assert train & test and train & validation and validation & test


def test_each_has_its_data_set_and_part() -> None:
    assert list(TRANSFERS) == ["heartbeat-mi", "heartbeat-mi-ptbxl"]
    assert (PTB.dataset, PTB.protocol().part) == ("ptbdb", "")
    assert (PTBXL.dataset, PTBXL.protocol().part) == ("ptbxl", "infarction")
    assert PTBXL.protocol().part in parts_of("ptbxl")
    assert "ODC-BY" in PTB.attribution
    assert "CC BY 4.0" in PTBXL.attribution
    assert any("old ones among them" in limit for limit in PTBXL.limits)
    assert all(any("no medical device" in limit for limit in recipe.limits) for recipe in (PTB, PTBXL))


def test_published_figures_stand_beside_beats_of_ptb_split_at_random_only() -> None:
    assert dict(PUBLISHED) == {"1": 71.6, "2": 81.2, "3": 96.4, "4": 99.4, "scratch": 99.1}
    rows = [row for _, row in PTB.expected(PTB.protocol(split="random"))]
    assert [row.accuracy for row in rows] == [71.6, 81.2, 96.4, 99.4, 99.1, 99.35, 99.41, 95.9]
    assert [row.balanced_accuracy for row in rows if row.balanced_accuracy] == [99.2]
    assert PTB.expected(PTB.protocol()) == ()
    assert PTBXL.expected(PTBXL.protocol(split="random")) == ()


@BOTH
def test_what_budgets_change_is_stated(recipe: Recipe) -> None:
    said = " ".join(recipe.differences)
    for network in ("cnn", "resnet"):
        (cpu,), (gpu,), (paper,) = (
            recipe.protocol(budget, network=network).phases for budget in ("cpu", "gpu", "paper")
        )
        assert f"{cpu.epochs} epochs of network {network}" in said or f"{cpu.epochs} of {network}" in said
        assert f"{cpu.learning_rate:.0e}".replace("e-0", "e-") in said
        assert f"at most {gpu.epochs} epochs" in said
        assert f"{paper.epochs} here" in said


@BOTH
@pytest.mark.parametrize("name", ["network", "preset", "beats", "trained", "split"])
def test_an_unknown_option_is_refused_with_the_known_ones(recipe: Recipe, name: str) -> None:
    with pytest.raises(SettingsError, match=f"{name}: expected one of"):
        recipe.resolve("cpu", {name: "other"})
    with pytest.raises(SettingsError, match=f"expected {name} of .*, found 'other'"):
        type(recipe.options)(**{name: "other"})
