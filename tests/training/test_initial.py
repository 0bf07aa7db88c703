"""Initial weights: those of a run or a bundle, and what they have seen."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from einthoven.bundle import Bundle
from einthoven.datasets.dataset import Dataset
from einthoven.errors import BundleError, RunError, SettingsError
from einthoven.training.initial import Initial, check_frozen, initial_weights
from einthoven.training.pack import Description, pack
from einthoven.training.protocol import Protocol
from einthoven.training.run import train
from einthoven.training.run_folder import Run

Trained = Callable[..., Run]


@pytest.fixture(scope="module")
def packed(trained: Trained, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a bundle of the network that kept a fold back."""
    path = tmp_path_factory.mktemp("bundles") / "one.einthoven"
    pack([trained(0)], path, Description("toy", "1"))
    return path


def test_training_goes_on_from_a_run_or_a_bundle(packed: Path, trained: Trained, dataset: Dataset) -> None:
    weights = trained(0).network().state_dict()
    for source in (packed, trained(0).folder):
        found = initial_weights(source)
        shared = [name for name in found.weights if name in weights]
        assert len(shared) > len(weights) / 2
        assert all(np.allclose(found.weights[name], weights[name], atol=1e-6) for name in shared)
        assert found.ancestry == trained(0).ancestry()
        assert found.network == trained(0).protocol.network.name
        assert len(found.ancestry.among(dataset)) == 24
    with pytest.raises(BundleError):
        initial_weights(packed.with_name("missing"))
    with pytest.raises(RunError):
        initial_weights(packed.parent)


def test_a_bundle_that_states_nothing_has_seen_nobody_knows_what(tiny_bundle: Bundle) -> None:
    found = initial_weights(replace(tiny_bundle, provenance={}))
    assert not found.ancestry.is_known
    assert found.network == ""


def test_layers_that_do_not_learn_must_be_given(
    heartbeat: Protocol, trained_beats: Trained, beats: Dataset, folder: Path
) -> None:
    last = replace(heartbeat, phases=(replace(heartbeat.phases[0], train_last=1),), split_by="patient")
    with pytest.raises(SettingsError, match=r"the last 1 of the 3 .* expected initial weights \(--init\)"):
        train(last, beats, folder, fold=0, budget="gpu")
    # The corrected command finds the folder free.
    assert not folder.exists()
    given = initial_weights(trained_beats("patient").folder)
    check_frozen(last, given, folder)
    check_frozen(heartbeat, None, folder)
    for name in ("dense.1.bias", "convolutions.1.running_var"):
        fewer = {key: value for key, value in given.weights.items() if key != name}
        with pytest.raises(
            SettingsError, match=f"initial weights of heartbeat-cnn, .* found none for {name}"
        ):
            check_frozen(last, Initial(fewer), folder)
    without_head = {key: value for key, value in given.weights.items() if not key.startswith("dense.2.")}
    check_frozen(last, Initial(without_head), folder)


def test_weights_of_another_network_give_no_layers(heartbeat: Protocol, trained_beats: Trained) -> None:
    last = replace(heartbeat, phases=(replace(heartbeat.phases[0], train_last=1),))
    given = initial_weights(trained_beats("patient").folder)
    said = "^here: expected initial weights of heartbeat-cnn, found those of heartbeat-resnet$"
    with pytest.raises(SettingsError, match=said):
        check_frozen(last, replace(given, network="heartbeat-resnet"), "here")
    # Where it is not stated whose they are, their names and sizes tell.
    check_frozen(last, replace(given, network=""), "here")
    # Where everything learns, whatever fits is taken.
    check_frozen(heartbeat, replace(given, network="heartbeat-resnet"), "here")
