"""Transfer: what stays as it was, what is skipped and goes on, and how beats and recordings are scored."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from einthoven.datasets.dataset import Dataset
from einthoven.datasets.heartbeats import cut_beats
from einthoven.datasets.simulated import simulated_dataset
from einthoven.errors import DatasetError, RunError, SettingsError
from einthoven.metrics import accuracy, auroc
from einthoven.recipes import RECIPES
from einthoven.training.held_out_scores import HeldOutScores
from einthoven.training.initial import Initial, initial_weights
from einthoven.training.protocol import Protocol
from einthoven.training.run import train
from einthoven.training.run_folder import Run
from einthoven.training.transfer import (
    Variant,
    by_recording,
    score_variant,
    train_variants,
    variants_of,
)

NAMES = ["1", "2", "3", "all", "scratch"]
Runs = dict[Variant, list[Run]]


@pytest.fixture(scope="module")
def task(heartbeat: Protocol) -> Protocol:
    """Return the protocol of another task for the small heartbeat network."""
    protocol = RECIPES["heartbeat-mi"].protocol("gpu")
    phases = (replace(protocol.phases[0], epochs=2, learning_rate=1e-2),)
    return replace(protocol, network=heartbeat.network, phases=phases, n_folds=2, batch_size=16)


@pytest.fixture(scope="module")
def other_beats(task: Protocol) -> Dataset:
    """Return beats of 16 recordings, two of each patient, that no heartbeat network has seen."""
    found = simulated_dataset(("N", "A"), n=16, seed=7, duration_s=(6.0, 7.0))
    people = tuple(
        replace(entry, patient=f"{entry.labels[0]}{k // 4}") for k, entry in enumerate(found.entries)
    )
    assert task.cut is not None
    cut = cut_beats(replace(found, name="other", entries=people), task.cut)
    names = {"N": "NORM", "A": "MI"}
    entries = tuple(replace(entry, labels=(names[entry.labels[0]],)) for entry in cut.entries)
    return replace(cut, classes=("NORM", "MI"), entries=entries)


@pytest.fixture(scope="module")
def source(trained_beats: Callable[..., Run]) -> Initial:
    """Return the weights of a network that knows five classes of heartbeats."""
    return initial_weights(trained_beats("beat").folder)


@pytest.fixture(scope="module")
def place(runs_folder: Path) -> Path:
    return runs_folder / "transfer"


@pytest.fixture(scope="module")
def transferred(task: Protocol, other_beats: Dataset, source: Initial, place: Path) -> Runs:
    """Return the runs of every variant on both folds."""
    torch.set_num_threads(1)
    return train_variants(task, other_beats, place, folds=(0, 1), budget="gpu", init=source)


def test_every_number_of_layers_is_tried_and_all_and_none(task: Protocol) -> None:
    found = variants_of(task)
    assert [variant.name for variant in found] == NAMES
    assert [variant.train_last for variant in found] == [1, 2, 3, None, None]
    assert [variant.is_transferred for variant in found] == [True] * 4 + [False]
    assert [phase.train_last for phase in found[1].protocol(task).phases] == [2]


def test_a_variant_is_what_the_recipe_trains() -> None:
    recipe = RECIPES["heartbeat-mi-ptbxl"]
    for variant in variants_of(recipe.protocol()):
        trained = variant.name if variant.train_last else "all"
        assert variant.protocol(recipe.protocol()) == recipe.protocol(trained=trained)


def test_what_does_not_learn_stays_to_the_last_bit(transferred: Runs, source: Initial) -> None:
    for variant, runs in transferred.items():
        for run in runs:
            learnt = run.network().state_dict()
            weights = [name for name, of in learnt.items() if of.dtype.is_floating_point]
            given = [name for name in weights if learnt[name].shape == source.weights[name].shape]
            same = {name for name in given if torch.equal(learnt[name], source.weights[name])}
            k = 3 if variant.train_last is None else variant.train_last
            learning = tuple(f"dense.{layer}." for layer in range(3 - k, 3))
            if variant.train_last is None:
                assert not same
            else:
                assert same == {name for name in given if not name.startswith(learning)}
                assert any("running_var" in name for name in same)
            # The head is of another task.
            assert {name for name in weights if name not in given} == {"dense.2.weight", "dense.2.bias"}


def test_only_scratch_begins_with_nothing(transferred: Runs) -> None:
    for variant, runs in transferred.items():
        assert [run.folder.name for run in runs] == [f"{variant.name}-fold-{fold}" for fold in (0, 1)]
        assert all((run.settings["init"] is None) != variant.is_transferred for run in runs)
        assert all(bool(run.ancestors.parts) == variant.is_transferred for run in runs)


def test_finished_runs_are_skipped_and_the_others_go_on(
    transferred: Runs, task: Protocol, other_beats: Dataset, source: Initial, place: Path
) -> None:
    cut_off = place / "2-fold-1"
    before = (cut_off / "weights.pt").read_bytes()
    (cut_off / "done.json").unlink()
    told: list[Any] = []
    again = train_variants(
        task, other_beats, place, folds=(0, 1), budget="gpu", init=source,
        started=lambda *what: told.append(what),
    )  # fmt: skip
    assert told == [(name, fold, 5 * fold + k, 10) for fold in (0, 1) for k, name in enumerate(NAMES, 1)]
    afresh = [run.folder for runs in again.values() for run in runs if not run.was_finished]
    assert afresh == [cut_off]
    assert (cut_off / "weights.pt").read_bytes() == before
    assert [run.folder for runs in again.values() for run in runs] == [
        run.folder for runs in transferred.values() for run in runs
    ]


def test_what_cannot_be_is_refused_before_anything_is_trained(
    task: Protocol, other_beats: Dataset, source: Initial, folder: Path, heartbeat: Protocol
) -> None:
    def refused(error: type[Exception], said: str, protocol: Protocol = task, **changed: Any) -> None:
        given: dict[str, Any] = {"folds": (0,), "budget": "gpu", "init": source, **changed}
        dataset = given.pop("dataset", other_beats)
        with pytest.raises(error, match=said):
            train_variants(protocol, dataset, folder, **given)
        assert not folder.exists()

    refused(SettingsError, "folds, each once, found 0, 0", folds=(0, 0))
    refused(SettingsError, "folds, each once, found none", folds=())
    refused(DatasetError, "a fold from 0 to 1, found 2", folds=(0, 2))
    refused(SettingsError, "two classes, found N, S, V, F, Q", heartbeat)
    refused(SettingsError, "no number of trained layers", variants_of(task)[0].protocol(task))
    rhythm = RECIPES["rhythm"].protocol()
    refused(SettingsError, "layers can learn alone, such as heartbeat-cnn, found rhythm", rhythm)
    wider = replace(task, network=replace(task.network, dense=(5, 3)))  # type: ignore[arg-type]
    refused(SettingsError, "of heartbeat-cnn, in its sizes.* for dense.0.weight", wider)
    seen = replace(other_beats, name="simulated")
    refused(RunError, "the initial weights, or what they come from, saw", dataset=seen)


def test_heartbeats_and_recordings_are_scored_over_all_folds(
    transferred: Runs, other_beats: Dataset, task: Protocol
) -> None:
    scores = [score_variant(variant, runs) for variant, runs in transferred.items()]
    # Of 256 to 2 outputs and one bias each; then 4 to 3, and all that the convolutions leave to 4.
    last = [3 * 2 + 2, 4 * 3 + 3, 4 * 2 * task.network.n_steps + 4]  # type: ignore[union-attr]
    assert [one.n_trained for one in scores[:3]] == np.cumsum(last).tolist()
    assert scores[3].n_trained == scores[4].n_trained == scores[0].n_weights > scores[2].n_trained
    for one, runs in zip(scores, transferred.values(), strict=True):
        assert one.recordings is not None
        assert (one.beats.n, one.recordings.n) == (len(other_beats), 16)
        assert one.beats.n_patients == one.recordings.n_patients == 8
        held_out = [run.scores().part("test") for run in runs]
        truth = np.concatenate([part.truth for part in held_out])
        logits = np.concatenate([part.logits for part in held_out])
        assert one.beats.accuracy.value == accuracy(truth, logits.argmax(1), 2)
        assert one.beats.auroc.value == pytest.approx(auroc(logits[:, 1] - logits[:, 0], truth == 1))
        assert one.beats.auroc.low <= one.beats.auroc.value <= one.beats.auroc.high
        assert one.beats.always == max(np.bincount(truth)) / len(truth)
        assert one.recordings.always == 0.5
        assert one.evaluation.table.resampled == "patients"


def test_a_recording_has_the_mean_probability_of_its_beats() -> None:
    probs = np.array([[0.9, 0.1], [0.2, 0.8], [0.3, 0.7], [0.6, 0.4]])
    scores = HeldOutScores(
        record_ids=("b@1", "a@5", "b@9", "b@20"),
        truth=np.array([0, 1, 0, 0]),
        logits=np.log(probs).astype(np.float32),
        parts=("test",) * 4,
        patients=("p",) * 4,
        folds=(0,) * 4,
        recordings=("b", "a", "b", "b"),
    )
    truth, means = by_recording(scores)
    assert truth.tolist() == [1, 0]
    np.testing.assert_allclose(means, [[0.2, 0.8], [0.6, 0.4]], atol=1e-6)


def test_where_a_recording_is_on_both_sides_it_has_no_scores(
    task: Protocol, other_beats: Dataset, source: Initial, folder: Path
) -> None:
    at_random = replace(task, split_by="beat", phases=(replace(task.phases[0], epochs=1, train_last=1),))
    run = train(at_random, other_beats, folder, fold=0, budget="gpu", init=source)
    found = score_variant(Variant("1", 1), [run])
    assert found.recordings is None
    assert found.evaluation.split_by == "beat"
    assert found.beats.n < len(other_beats)


def test_runs_of_more_classes_are_not_scored(trained_beats: Callable[..., Run]) -> None:
    with pytest.raises(RunError, match="expected a run of two classes, found N, S, V, F, Q"):
        score_variant(Variant("all"), [trained_beats("beat")])
