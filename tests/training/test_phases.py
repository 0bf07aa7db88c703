"""Phases: when they stop, which weights they hand on, what they freeze, and the union of both parts."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch

from einthoven.datasets.dataset import Dataset
from einthoven.training import phases
from einthoven.training.folds import Split
from einthoven.training.job import open_job
from einthoven.training.machine import Machine
from einthoven.training.objective import OneClass
from einthoven.training.protocol import Phase, Protocol
from einthoven.training.run import train
from einthoven.training.run_folder import Run
from einthoven.training.state import State

Train = Callable[..., Run]


@pytest.fixture
def train_small(dataset: Dataset, rhythm: Protocol, folder: Path) -> Train:
    """Return a function that trains one phase with validation, without moving average."""
    count = iter(range(100))

    def run(phase: Phase, **changes: Any) -> Run:
        protocol = replace(rhythm, phases=(phase,), use_validation=True, ema=None, **changes)
        place = folder.with_name(f"{folder.name}-{next(count)}")
        return train(protocol, dataset, place, fold=0, budget="cpu")

    return run


def script(monkeypatch: pytest.MonkeyPatch, name: str, values: list[float]) -> Iterator[float]:
    """Let a function of the phases give these values, one a call."""
    left = iter(values)
    monkeypatch.setattr(phases, name, lambda *_: next(left))
    return left


def script_scores(monkeypatch: pytest.MonkeyPatch, values: list[float]) -> None:
    """Let validations have these F1 scores, one each; whatever is scored afterwards has 0."""
    left = iter(values)
    monkeypatch.setattr(OneClass, "score", lambda *_: next(left, 0.0))


@pytest.mark.parametrize(
    ("phase", "n_epochs", "best_epoch"),
    [
        (Phase(epochs=8, patience=2), 4, 2),
        (Phase(epochs=8, patience=3), 5, 2),
        (Phase(epochs=8, patience=2, not_before=7), 7, 2),
        (Phase(epochs=8, patience=2, check_every=3), 6, 3),
        (Phase(epochs=3, patience=5), 3, 2),
        (Phase(epochs=4), 4, 2),
    ],
)
def test_a_phase_stops_when_nothing_has_been_better_for_long_enough(
    phase: Phase, n_epochs: int, best_epoch: int, train_small: Train, monkeypatch: pytest.MonkeyPatch
) -> None:
    scores = {1: 0.1, 2: 0.6, 3: 0.5}
    monkeypatch.setattr(
        phases.PhaseTraining,
        "_keep_best",
        lambda self, _: keep_best(self, scores.get(self.state.epoch, 0.2)),
    )
    run = train_small(phase)
    assert run.done()["epochs"] == [["joint", n_epochs]]
    assert run.done()["best_epoch"] == best_epoch


keep_best = phases.PhaseTraining._keep_best


def test_the_best_epochs_weights_are_kept(train_small: Train, monkeypatch: pytest.MonkeyPatch) -> None:
    script_scores(monkeypatch, [0.2, 0.7, 0.3, 0.4])
    best_of_four = train_small(Phase(epochs=4))
    script_scores(monkeypatch, [0.2, 0.7])
    two = train_small(Phase(epochs=2))
    assert (best_of_four.folder / "weights.pt").read_bytes() == (two.folder / "weights.pt").read_bytes()


@pytest.fixture
def train_beats(beats: Dataset, heartbeat: Protocol, folder: Path) -> Train:
    """Return a function that trains the heartbeat network in some phases."""
    count = iter(range(100))

    def run(*these: Phase, place: Path | None = None, **changes: Any) -> Run:
        protocol = replace(heartbeat, phases=these, **changes)
        place = place or folder.with_name(f"{folder.name}-{next(count)}")
        return train(protocol, beats, place, fold=0, budget="gpu")

    return run


PLATEAU = Phase(epochs=9, schedule="plateau", plateau_patience=2, learning_rate=1.0, monitor="loss")
LOSSES = [5.0, 4.0, 4.0, 4.5, 4.2, 3.99999, 4.1, 4.0, 3.0]
# Halved after three epochs without a loss below 4 (by a ten-thousandth of it at least), and after three more.
RATES = [1.0, 1.0, 1.0, 1.0, 1.0, 0.5, 0.5, 0.5, 0.25]


@pytest.mark.parametrize("patience", [1, 2, 5])
@pytest.mark.parametrize("seed", range(10))
def test_a_plateau_is_what_it_is_to_pytorch(patience: int, seed: int) -> None:
    steps = np.random.default_rng(seed).choice(
        [-1e-2, -2e-4, -5e-5, 0, 1e-4], size=60, p=[0.05, *[0.2375] * 4]
    )
    losses = (2 * np.cumprod(1 + steps)).tolist()
    theirs_of = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=1.0)
    theirs = torch.optim.lr_scheduler.ReduceLROnPlateau(theirs_of, factor=0.5, patience=patience)
    ours: Any = SimpleNamespace(state=State(), phase=replace(PLATEAU, plateau_patience=patience))
    for loss in losses:
        theirs.step(loss)
        ours.state.epoch += 1
        phases.PhaseTraining._follow_plateau(ours, loss)
        assert 0.5**ours.state.falls == theirs_of.param_groups[0]["lr"]
    assert ours.state.falls > 0


def test_a_plateau_of_the_loss_halves_the_rate(train_beats: Train, monkeypatch: pytest.MonkeyPatch) -> None:
    left = script(monkeypatch, "weighted_loss", list(LOSSES))
    run = train_beats(replace(PLATEAU, learning_rate=1e-3))
    assert list(left) == []
    assert [float(row["learning_rate"]) for row in run.log()] == [1e-3 * rate for rate in RATES]
    assert run.done()["best_epoch"] == 9


def test_a_plateau_is_remembered_by_whoever_goes_on(
    train_beats: Train, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        pass

    def save_and_die(place: Path, state: State, modules: dict[str, Any]) -> None:
        save(place, state, modules)
        raise Killed

    phase = replace(PLATEAU, learning_rate=1e-2, optimizer="rmsprop", patience=20)
    script(monkeypatch, "weighted_loss", list(LOSSES))
    whole = train_beats(phase)
    save = phases.save_state
    monkeypatch.setattr(phases, "save_state", save_and_die)
    script(monkeypatch, "weighted_loss", list(LOSSES))
    place = folder.with_name(f"{folder.name}-killed")
    for _ in LOSSES:
        with pytest.raises(Killed):
            train_beats(phase, place=place)
    run = train_beats(phase, place=place)
    assert [row["learning_rate"] for row in run.log()] == [row["learning_rate"] for row in whole.log()]
    assert (run.folder / "weights.pt").read_bytes() == (whole.folder / "weights.pt").read_bytes()


@pytest.mark.parametrize(("monitor", "best"), [("loss", 1), ("f1", 2)])
def test_what_is_monitored_chooses_the_best_epoch(
    monitor: Any, best: int, train_beats: Train, monkeypatch: pytest.MonkeyPatch
) -> None:
    script(monkeypatch, "weighted_loss", [1.0, 2.0, 3.0])
    script_scores(monkeypatch, [0.5, 0.7, 0.6])
    run = (
        train_beats(Phase(epochs=9, monitor=monitor, patience=2))
        if monitor == "loss"
        else train_beats(Phase(epochs=3, monitor=monitor))
    )
    assert run.done()["best_epoch"] == best
    assert run.done()["epochs"] == [["joint", 3]]


def test_a_phase_of_the_last_layers_changes_nothing_else_by_one_bit(train_beats: Train) -> None:
    first = Phase("all", epochs=1, learning_rate=1e-2)
    last = Phase("last", epochs=2, learning_rate=1e-2, train_last=1, optimizer="rmsprop", weight_decay=0.1)
    one, both = (train_beats(*these, ema=0.5).network().state_dict() for these in ((first,), (first, last)))
    assert any("running_var" in name for name in one)
    changed = {name for name in one if not torch.equal(one[name], both[name])}
    assert changed == {"dense.2.weight", "dense.2.bias"}


def test_a_validation_runs_only_when_it_is_due(train_small: Train) -> None:
    run = train_small(Phase(epochs=5, check_every=2))
    assert [bool(row["validation_f1"]) for row in run.log()] == [False, True, False, True, True]


def test_frozen_convolutions_stay_as_they_were_and_the_rest_learns(
    dataset: Dataset, phased: Protocol, folder: Path
) -> None:
    runs = []
    for n_phases in (1, 2):
        protocol = replace(phased, phases=phased.phases[:n_phases], continue_on_union=0)
        place = folder.with_name(f"{folder.name}-{n_phases}")
        runs.append(train(protocol, dataset, place, fold=0, budget="cpu"))
    first, second = (run.network().state_dict() for run in runs)
    frozen = [name for name in first if name.startswith("convolutions.")]
    assert any("running_mean" in name for name in frozen)
    assert all(torch.equal(first[name], second[name]) for name in frozen)
    learnt = [name for name in first if name.startswith("lstm")]
    assert not any(torch.equal(first[name], second[name]) for name in learnt)


def test_the_union_is_trained_until_its_loss_is_that_of_the_early_stop(
    train_small: Train, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn = []

    def batches(indices: Any, *rest: Any) -> Any:
        drawn.append(len(indices))
        return epoch_batches(indices, *rest)

    epoch_batches = phases.epoch_batches
    monkeypatch.setattr(phases, "epoch_batches", batches)
    # Validation of the only epoch, training loss at the early stop, then one validation an epoch.
    left = script(monkeypatch, "weighted_loss", [3.0, 1.0, 1.5, 1.0])
    run = train_small(Phase(epochs=1), continue_on_union=9)
    assert list(left) == []
    assert run.done()["epochs"] == [["joint", 1], ["union", 2]]
    n_both, n_validation = run.done()["n_train"], run.done()["n_validation"]
    assert drawn == [n_both - n_validation, n_both, n_both]
    assert n_validation > 0


def test_the_union_ends_at_its_limit(train_small: Train, monkeypatch: pytest.MonkeyPatch) -> None:
    script(monkeypatch, "weighted_loss", [3.0, 1.0, 2.0, 2.0])
    run = train_small(Phase(epochs=1), continue_on_union=2)
    assert run.done()["epochs"] == [["joint", 1], ["union", 2]]


def test_a_batch_of_a_class_that_never_trained_counts_nothing(
    dataset: Dataset, rhythm: Protocol, folder: Path
) -> None:
    protocol = replace(
        rhythm, phases=(Phase(epochs=1),), use_validation=True, continue_on_union=1, batch_size=1
    )
    job = open_job(protocol, dataset, folder, None)
    rare = job.targets == 3
    split = Split(np.flatnonzero(~rare), np.flatnonzero(rare), np.array([], np.int64), 5)
    (folder / "checkpoints").mkdir(parents=True)
    network, state = phases.train_phases(Machine().fabric(), replace(job, split=split), lambda *_: None)
    assert [row["phase"] for row in state.rows] == ["joint", "union"]
    assert all(np.isfinite(row["train_loss"]) for row in state.rows)
    assert all(torch.isfinite(weight).all() for weight in network.parameters())


def test_random_states_of_steps_and_streams_differ_and_come_back() -> None:
    draws = {}
    for step in (0, 1):
        for stream in (1, 2):
            phases.seed_step(5, step, stream)
            draws[step, stream] = float(torch.rand(()))
    assert len(set(draws.values())) == 4
    phases.seed_step(5, 1, 2)
    assert float(torch.rand(())) == draws[1, 2]
    assert np.isfinite(list(draws.values())).all()
