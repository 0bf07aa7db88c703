"""The heartbeat networks of Kachuee et al. (2018) and of the program that is public beside it."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Self

from torch import Tensor, nn
from torch.nn import functional as F

from einthoven.errors import SettingsError
from einthoven.networks.heartbeat_settings import (
    CNN_KERNELS,
    CNN_POOL,
    UNIT_POOL,
    UNIT_STRIDE,
    HeartbeatCNN,
    HeartbeatResNet,
)
from einthoven.networks.network import Network


class HeartbeatNetwork(Network):
    """Convolutions over one heartbeat, flattened, and fully connected layers with ReLU between them.

    All heartbeats have the same length, so `lengths` changes nothing. `features` is what the last fully
    connected layer reads.

    convolutions : (n_batch, n_leads, n_samples) to (n_batch, n_channels, n_steps)
    n_flat : n_channels x n_steps
    settings : gives the widths of the fully connected layers, and the length of a heartbeat
    n_classes : outputs
    dropout : probability ahead of each fully connected layer
    """

    def __init__(
        self,
        convolutions: nn.Sequential,
        n_flat: int,
        settings: HeartbeatCNN | HeartbeatResNet,
        n_classes: int,
        dropout: float = 0.0,
    ) -> None:
        super().__init__()
        widths = (n_flat, *settings.dense, n_classes)
        self.convolutions = convolutions
        self.dense = nn.ModuleList(nn.Linear(n, width) for n, width in pairwise(widths))
        self.dropouts = nn.ModuleList(nn.Dropout(dropout) for _ in self.dense)
        self.n_features = widths[-2]
        self.n_samples = settings.n_samples
        self.n_trained: int | None = None

    @property
    def n_dense(self) -> int:
        """Fully connected layers, the last one among them."""
        return len(self.dense)

    def convolution_parameters(self) -> Iterator[nn.Parameter]:
        """Return the parameters that come ahead of the fully connected layers."""
        return self.convolutions.parameters()

    def train_last(self, k: int | None) -> None:
        """Keep all but the last `k` fully connected layers from learning; None lets everything learn.

        While frozen, weights get no gradient, and the batch norms and the dropout of what is frozen stay in
        evaluation mode whatever `train` is told: nothing of it changes.

        Raises SettingsError if there are not so many layers.
        """
        if k is not None and not 1 <= k <= self.n_dense:
            raise SettingsError(f"expected to train the last 1 to {self.n_dense} layers, found {k}")
        self.n_trained = k
        self.requires_grad_(True)
        for part in self._frozen():
            part.requires_grad_(False)
        self.train(self.training)

    def train(self, mode: bool = True) -> Self:
        """Set training mode, except for what is frozen."""
        super().train(mode)
        for part in self._frozen():
            part.train(False)
        return self

    def features(self, x: Tensor, lengths: Tensor) -> Tensor:  # noqa: ARG002
        """Return what the last fully connected layer reads: (n_batch, n_features).

        x : (n_batch, n_leads, n_samples)
        lengths : not used

        Raises SettingsError if the heartbeats have another length than the network was built for.
        """
        if x.shape[-1] != self.n_samples:
            raise SettingsError(f"expected heartbeats of {self.n_samples} samples, found {x.shape[-1]}")
        h: Tensor = self.convolutions(x).flatten(1)
        for dropout, dense in zip(self.dropouts[:-1], self.dense[:-1], strict=True):
            h = F.relu(dense(dropout(h)))
        return h

    def classify(self, features: Tensor) -> Tensor:
        """Return the logits (n_batch, n_classes) of what `features` gave."""
        logits: Tensor = self.dense[-1](self.dropouts[-1](features))
        return logits

    def _frozen(self) -> tuple[nn.Module, ...]:
        if self.n_trained is None:
            return ()
        return (self.convolutions, *self.dense[: -self.n_trained], *self.dropouts[: -self.n_trained])


class CNN(HeartbeatNetwork):
    """Classify a heartbeat by four convolutions and four fully connected layers; 5,125,125 weights.

    Source: the program beside M. Kachuee, S. Fazeli, M. Sarrafzadeh, "ECG Heartbeat Classification: A Deep
    Transferable Representation", 2018, arXiv:1805.00794: gilad-altshuler/ECG-classification, notebook at
    4515403.

    Differences: several rows enter as channels of the first convolution (the program has one).

    settings : see `HeartbeatCNN`
    n_leads : rows of the input, which is (n_batch, n_leads, n_samples)
    n_classes : outputs
    """

    def __init__(self, settings: HeartbeatCNN, n_leads: int, n_classes: int) -> None:
        layers: list[nn.Module] = []
        pools = (None, nn.MaxPool1d(CNN_POOL), None, nn.AvgPool1d(CNN_POOL))
        widths = pairwise((n_leads, *settings.widths))
        for (n_inputs, width), kernel, pool in zip(widths, CNN_KERNELS, pools, strict=True):
            layers += [nn.Conv1d(n_inputs, width, kernel), nn.BatchNorm1d(width), nn.ReLU()]
            layers += [] if pool is None else [pool]
        n_flat = settings.widths[-1] * settings.n_steps
        super().__init__(nn.Sequential(*layers), n_flat, settings, n_classes, settings.dropout)


class ResidualUnit(nn.Module):
    """Two convolutions beside a shortcut, then a max-pool."""

    def __init__(self, width: int, kernel: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv1d(width, width, kernel, padding=kernel // 2)
        self.conv2 = nn.Conv1d(width, width, kernel, padding=kernel // 2)

    def forward(self, x: Tensor) -> Tensor:
        """Return (n_batch, width, about half the steps) of (n_batch, width, n_steps)."""
        h = F.relu(x + self.conv2(F.relu(self.conv1(x))))
        return F.max_pool1d(h, UNIT_POOL, UNIT_STRIDE)


class ResNet(HeartbeatNetwork):
    """Classify a heartbeat by five residual units and fully connected layers.

    Source: M. Kachuee, S. Fazeli, M. Sarrafzadeh, "ECG Heartbeat Classification: A Deep Transferable
    Representation", 2018, arXiv:1805.00794, section III-B.

    Differences: the paper does not say how convolutions are padded; here the first one is not, and those of
    the units keep the length, as their shortcuts need. It counts 13 layers with weights, which leaves out
    the one that gives the classes.

    settings : see `HeartbeatResNet`
    n_leads : rows of the input, which is (n_batch, n_leads, n_samples)
    n_classes : outputs
    """

    def __init__(self, settings: HeartbeatResNet, n_leads: int, n_classes: int) -> None:
        s = settings
        units = (ResidualUnit(s.width, s.kernel) for _ in range(s.n_units))
        layers = nn.Sequential(nn.Conv1d(n_leads, s.width, s.kernel), *units)
        super().__init__(layers, s.width * s.n_steps, s, n_classes)
