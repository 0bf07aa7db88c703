"""Weights to begin a run with, and what they have seen before it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from einthoven.bundle import Bundle, read_bundle
from einthoven.bundle.facts import stated
from einthoven.datasets.dataset import first_few
from einthoven.errors import SettingsError
from einthoven.networks import build_network
from einthoven.training.ancestry import UNKNOWN, Ancestry, bundle_ancestry
from einthoven.training.checkpoint import Weights, decode
from einthoven.training.export import read_weights
from einthoven.training.protocol import Protocol
from einthoven.training.run_folder import WEIGHTS, open_run


@dataclass(frozen=True)
class Initial:
    """Weights to begin a run with; those whose name or shape does not fit the network are left out.

    weights : tensors by their names in the network
    ancestry : what they, and the weights that they come from, have seen
    network : name of the network that they are of; empty where that is not stated
    """

    weights: Weights
    ancestry: Ancestry = UNKNOWN
    network: str = ""


def initial_weights(source: str | Path | Bundle) -> Initial:
    """Return weights to begin a run with: those of a finished run, or of the first network of a bundle.

    Parameters
    ----------
    source : folder of a run, path of a bundle, or a bundle

    Raises RunError if a run is not finished, BundleError if a bundle is damaged.
    """
    if isinstance(source, Bundle):
        facts = source.provenance
        network = stated(facts, "training", "network", "network")
        return Initial(read_weights(source.networks[0]), bundle_ancestry(facts), str(network or ""))
    place = Path(source)
    if not place.is_dir():
        return initial_weights(read_bundle(place))
    run = open_run(place)
    run.done()
    return Initial(decode(place / WEIGHTS), run.ancestry(), run.protocol.network.name)


def check_frozen(protocol: Protocol, init: Initial | None, where: object) -> None:
    """Raise SettingsError if layers that a run's first phase keeps from learning are not all given.

    They would stay random for good. Weights that are known to be another network's give none of them.

    Parameters
    ----------
    protocol : of the run
    init : weights to begin with, or None
    where : the run, for the message
    """
    phase = protocol.phases[0]
    if phase.train_last is None:
        return
    settings = protocol.network_of(phase)
    if init is not None and init.network not in ("", settings.name):
        raise SettingsError(
            f"{where}: expected initial weights of {settings.name}, found those of {init.network}"
        )
    network: Any = build_network(settings, n_leads=protocol.n_leads, n_classes=len(protocol.classes))
    network.train_last(phase.train_last)
    learning = {name for name, parameter in network.named_parameters() if parameter.requires_grad}
    kept = {name: of for name, of in network.state_dict().items()
            if name not in learning and of.dtype.is_floating_point}  # fmt: skip
    given = {} if init is None else init.weights
    lacking = [name for name, of in kept.items() if name not in given or given[name].shape != of.shape]
    if not lacking:
        return
    layers = f"{where}: phase {phase.name} trains the last {phase.train_last} of the {network.n_dense} fully "
    layers += "connected layers only"
    if init is None:
        raise SettingsError(f"{layers}: expected initial weights (--init) for the layers before them, "
                            "found none")  # fmt: skip
    raise SettingsError(f"{layers}: expected initial weights of {settings.name}, in its sizes, for the "
                        f"layers before them, found none for {first_few(lacking)}")  # fmt: skip
