"""Weights to begin a run with, and what they have seen before it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from einthoven.bundle import Bundle, read_bundle
from einthoven.training.ancestry import UNKNOWN, Ancestry, bundle_ancestry
from einthoven.training.checkpoint import Weights, decode
from einthoven.training.export import read_weights
from einthoven.training.run_folder import WEIGHTS, open_run


@dataclass(frozen=True)
class Initial:
    """Weights to begin a run with; those whose name or shape does not fit the network are left out.

    weights : tensors by their names in the network
    ancestry : what they, and the weights that they come from, have seen
    """

    weights: Weights
    ancestry: Ancestry = UNKNOWN


def initial_weights(source: str | Path | Bundle) -> Initial:
    """Return weights to begin a run with: those of a finished run, or of the first network of a bundle.

    Parameters
    ----------
    source : folder of a run, path of a bundle, or a bundle

    Raises RunError if a run is not finished, BundleError if a bundle is damaged.
    """
    if isinstance(source, Bundle):
        return Initial(read_weights(source.networks[0]), bundle_ancestry(source.provenance))
    place = Path(source)
    if not place.is_dir():
        return initial_weights(read_bundle(place))
    run = open_run(place)
    run.done()
    return Initial(decode(place / WEIGHTS), run.ancestry())
