"""What every network is: features of a whole recording, then a classifier."""

from __future__ import annotations

from torch import Tensor, nn


class Network(nn.Module):
    """A network that reads recordings of different lengths, padded with zeros to one.

    In evaluation mode a recording's output does not depend on how far its batch padded it.
    `n_features` is the length of the vector that `features` gives.
    """

    n_features: int

    def features(self, x: Tensor, lengths: Tensor) -> Tensor:
        """Return one vector a recording, before the classifier.

        x : (n_batch, n_leads, [n_bins,] n_steps), zero beyond each recording's length
        lengths : (n_batch,) int64, valid steps, at least 1

        Returns (n_batch, n_features).
        """
        raise NotImplementedError

    def classify(self, features: Tensor) -> Tensor:
        """Return the logits (n_batch, n_classes) of pooled features (n_batch, n_features)."""
        raise NotImplementedError

    def forward(self, x: Tensor, lengths: Tensor) -> Tensor:
        """Return logits (n_batch, n_classes); the parameters are those of `features`."""
        return self.classify(self.features(x, lengths))
