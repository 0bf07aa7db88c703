"""A small data set, a small protocol, and a folder of runs that share their prepared signals."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from noisy_leads import noisy_dataset, noisy_protocol

from einthoven.datasets.dataset import Dataset
from einthoven.datasets.heartbeats import cut_beats
from einthoven.datasets.simulated import simulated_beats, simulated_dataset
from einthoven.networks import BeatNet, HeartbeatCNN, NetworkSettings, RhythmNet, SpectrogramCRNN
from einthoven.recipes import RECIPES
from einthoven.training.protocol import Phase, Protocol
from einthoven.training.run import train
from einthoven.training.run_folder import Run


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    """Keep torch to one thread: the machine is shared, and small networks gain nothing from more."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def small(recipe: str, budget: str, network: NetworkSettings, epochs: int, batch_size: int) -> Protocol:
    """Return the protocol of a recipe with another network, in the first phase for so many epochs."""
    protocol = RECIPES[recipe].protocol(budget)
    phases = (replace(protocol.phases[0], epochs=epochs),)
    return replace(protocol, network=network, batch_size=batch_size, phases=phases)


def beats_of(protocol: Protocol) -> Dataset:
    """Return the heartbeats that a protocol cuts from 8 simulated recordings of 8 to 9 s."""
    assert protocol.cut is not None
    return cut_beats(simulated_beats(n=8, duration_s=(8.0, 9.0)), protocol.cut)


@pytest.fixture(scope="session")
def dataset() -> Dataset:
    """Return 30 simulated recordings of 6 to 7 s, of four classes."""
    return simulated_dataset(n=30, duration_s=(6.0, 7.0))


@pytest.fixture(scope="session")
def rhythm() -> Protocol:
    """Return the rhythm recipe with a network of a few hundred weights."""
    network = RhythmNet(stem_width=4, widths=(4, 4), strides=(2, 2), recurrent=2)
    return small("rhythm", "cpu", network, epochs=2, batch_size=8)


@pytest.fixture(scope="session")
def phased() -> Protocol:
    """Return the CRNN recipe, small, with everything a checkpoint has to remember."""
    network = SpectrogramCRNN(width=2, n_blocks=2, n_layers=1, lstm_width=2, lstm_layers=2)
    phases = (
        Phase("convolutions", epochs=2, head="mean", schedule="one-cycle", patience=5),
        Phase("lstm", epochs=2, head="lstm", freeze_convolutions=True),
        Phase("joint", epochs=2, head="lstm", schedule="step", step_epochs=1, optimizer="adamw"),
    )
    protocol = RECIPES["zihlmann2017-crnn"].protocol("cpu")
    return replace(protocol, network=network, phases=phases, batch_size=8, ema=0.5, continue_on_union=2)


@pytest.fixture(scope="session")
def heartbeat() -> Protocol:
    """Return the heartbeat recipe with a network of a few hundred weights; beats are split at random."""
    network = HeartbeatCNN(widths=(2, 2, 2, 2), dense=(4, 3))
    return replace(small("heartbeat", "gpu", network, epochs=2, batch_size=16), split_by="beat")


@pytest.fixture(scope="session")
def beats(heartbeat: Protocol) -> Dataset:
    """Return the heartbeats of 8 simulated recordings of 8 to 9 s."""
    return beats_of(heartbeat)


@pytest.fixture(scope="session")
def own_beats() -> Protocol:
    """Return the recipe of the package's own heartbeat network, with a few hundred weights and one epoch."""
    network = BeatNet(stem_width=3, widths=(3,), strides=(2,), wave_dense=3, rhythm_dense=4, joint_dense=4)
    return small("beats", "cpu", network, epochs=1, batch_size=16)


@pytest.fixture(scope="session")
def beats_in_views(own_beats: Protocol) -> Dataset:
    """Return the heartbeats of 8 simulated recordings of 8 to 9 s, in all views."""
    return beats_of(own_beats)


@pytest.fixture(scope="session")
def trained_own_beats(runs_folder: Path, beats_in_views: Dataset, own_beats: Protocol) -> Run:
    """Train the package's own heartbeat network, small, on a fold by recording."""
    torch.set_num_threads(1)
    return train(own_beats, beats_in_views, runs_folder / "own-beats", fold=0, budget="cpu")


@pytest.fixture(scope="session")
def runs_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder that all runs of these tests lie in."""
    return tmp_path_factory.mktemp("runs")


@pytest.fixture(scope="session")
def trained_beats(runs_folder: Path, beats: Dataset, heartbeat: Protocol) -> Callable[..., Run]:
    """Train the small heartbeat network on a fold, split "beat" or "patient", once for all tests."""
    done: dict[Any, Run] = {}

    def run(split_by: Any, fold: int | None = 0) -> Run:
        if (split_by, fold) not in done:
            torch.set_num_threads(1)
            place = runs_folder / f"beats-{split_by}-{fold}"
            protocol = replace(heartbeat, split_by=split_by)
            done[split_by, fold] = train(protocol, beats, place, fold=fold, budget="gpu")
        return done[split_by, fold]

    return run


@pytest.fixture
def folder(runs_folder: Path, request: pytest.FixtureRequest) -> Path:
    """Return a folder for the run of one test."""
    return runs_folder / "".join(c if c.isalnum() else "-" for c in request.node.name)


@pytest.fixture(scope="session")
def trained(runs_folder: Path, dataset: Dataset, rhythm: Protocol) -> Callable[..., Run]:
    """Train the small rhythm network on a fold, once for all tests."""
    done: dict[Any, Run] = {}

    def run(fold: int | None) -> Run:
        if fold not in done:
            torch.set_num_threads(1)
            place = runs_folder / f"trained-{fold}"
            done[fold] = train(rhythm, dataset, place, fold=fold, budget="cpu")
        return done[fold]

    return run


@pytest.fixture(scope="session")
def noise() -> Dataset:
    """Return 60 recordings of twelve leads of noise, each with any number of labels."""
    return noisy_dataset()


@pytest.fixture(scope="session")
def labelled_runs(runs_folder: Path, noise: Dataset) -> tuple[Run, ...]:
    """Train a small network of several labels on each of three folds."""
    torch.set_num_threads(1)
    protocol = noisy_protocol()
    return tuple(
        train(protocol, noise, runs_folder / f"labels-{fold}", fold=fold, budget="cpu") for fold in range(3)
    )
