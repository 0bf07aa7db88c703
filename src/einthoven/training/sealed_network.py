"""One network as a bundle will hold it: that of a run, with its own classifier or another head."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch
from numpy.typing import NDArray

from einthoven.errors import RunError
from einthoven.networks.network import Network
from einthoven.record import Signal
from einthoven.training.ancestry import Ancestry, seen_of
from einthoven.training.export import export_onnx
from einthoven.training.heads import SVMHead, SVMSettings, fit_head, with_head
from einthoven.training.run_folder import Run


@dataclass(frozen=True, eq=False)
class SealedNetwork:
    """The network of a finished run, and what answers in place of its classifier, if anything does.

    head : support vector machines on its features; None: the network's own classifier
    taught_head : recordings that the head was fitted to
    """

    run: Run
    head: SVMHead | None = None
    taught_head: tuple[str, ...] = ()

    @cached_property
    def network(self) -> Network:
        """The trained network, in evaluation mode. Raises RunError if the run is not finished."""
        return self.run.network()

    def logits(self, inputs: Signal) -> NDArray[np.float32]:
        """Return the logits (n_inputs, n_classes) of whole inputs (n_inputs, n_leads, ..., time)."""
        # A copy: what a pipeline passes through unchanged cannot be written to, of which torch warns.
        x = torch.from_numpy(np.array(inputs, np.float32))
        lengths = torch.full((len(x),), x.shape[-1])
        with torch.no_grad():
            if self.head is None:
                return np.asarray(self.network(x, lengths).numpy(), np.float32)
            return self.head.logits(self.network.features(x, lengths).numpy()).astype(np.float32)

    def ancestry(self) -> Ancestry:
        """Return what it has seen: the recordings that its head was fitted to trained it too."""
        if self.head is None:
            return self.run.ancestry()
        return self.run.ancestry() | Ancestry(
            (seen_of(self.run.settings["dataset"], "trained", self.taught_head),)
        )

    def graph(self) -> bytes:
        """Return the ONNX graph. Raises BundleError if it does not give these logits."""
        protocol = self.run.protocol
        settings = protocol.network_of(protocol.phases[-1])
        n_bins = getattr(settings, "n_bins", None)
        if self.head is None:
            return export_onnx(self.network, settings, protocol.n_leads, n_bins)
        features = export_onnx(self.network, settings, protocol.n_leads, n_bins, output="features")
        return with_head(features, self.head)


def with_svm(run: Run, settings: SVMSettings) -> SealedNetwork:
    """Fit support vector machines to all that they are to learn from, and put them behind a run's network.

    Raises RunError if the run is not finished, or held nothing out.
    """
    parts = ("train",) if settings.learns_from == "training" else ("validation", "test")
    features = run.features().part(*parts)
    if not features.record_ids:
        raise RunError(f"{run.folder}: expected recordings that the network did not learn from, to fit "
                       "support vector machines to, found none")  # fmt: skip
    head = fit_head(features.features, features.targets, features.groups(), settings)
    return SealedNetwork(run, head, features.record_ids)
