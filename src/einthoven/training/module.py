"""The Lightning module: a network, its weighted loss, and the moving average of its weights."""

from __future__ import annotations

import copy

import lightning
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F

from einthoven.training.batches import Batch
from einthoven.training.objective import Objective
from einthoven.training.protocol import Protocol


class Classifier(lightning.LightningModule):
    """A network with the loss that trains it.

    network : takes (x, lengths), gives logits
    objective : gives the loss
    weights : (n_classes,) class weights
    protocol : gives distillation
    """

    weights: Tensor

    def __init__(
        self, network: nn.Module, objective: Objective, weights: NDArray[np.float64], protocol: Protocol
    ) -> None:
        super().__init__()
        self.network = network
        self.objective = objective
        self.register_buffer("weights", torch.tensor(weights, dtype=torch.float32), persistent=False)
        self.teacher_weight = protocol.teacher_weight if protocol.teacher else 0.0
        self.temperature = protocol.teacher_temperature

    def forward(self, x: Tensor, lengths: Tensor) -> Tensor:
        """Return logits (n_batch, n_classes)."""
        logits: Tensor = self.network(x, lengths)
        return logits

    def training_step(self, batch: Batch, weight_total: float) -> Tensor:
        """Return the batch's loss: the sum of the recordings' weighted losses, over `weight_total`.

        With several processes, `weight_total` is that of the whole batch divided by their number: the mean
        of the processes' gradients is then the gradient that one process would have computed.
        """
        logits = self(batch.x, batch.lengths).float()
        hard = self.objective.losses(logits, batch.targets, self.weights)
        if self.teacher_weight:
            hard = self._distil(hard, logits, batch)
        return hard.sum() / weight_total

    def _distil(self, hard: Tensor, logits: Tensor, batch: Batch) -> Tensor:
        """Mix in the divergence from the teacher, where it spoke (Hinton et al. 2015, arXiv:1503.02531)."""
        taught = torch.isfinite(batch.teacher).all(-1)
        target = torch.where(taught[:, None], batch.teacher, 0.0) / self.temperature
        divergence = F.kl_div(
            F.log_softmax(logits / self.temperature, -1),
            F.log_softmax(target, -1),
            reduction="none",
            log_target=True,
        ).sum(-1)
        soft = self.weights[batch.targets] * self.temperature**2 * divergence
        share = self.teacher_weight * taught
        return (1 - share) * hard + share * soft


class WeightAverage:
    """Exponential moving average of a network's weights and running statistics, itself a network.

    decay : share of the old average that each step keeps, less in the first steps: (step + 1) / (step + 10)
    """

    def __init__(self, network: nn.Module, decay: float) -> None:
        self.network = copy.deepcopy(network).requires_grad_(False).eval()
        self.decay = decay

    @torch.no_grad()
    def update(self, network: nn.Module, step: int) -> None:
        """Move the average towards the network after `step` steps."""
        decay = min(self.decay, (step + 1) / (step + 10))
        for kept, new in zip(self.network.state_dict().values(), network.state_dict().values(), strict=True):
            if kept.dtype.is_floating_point:
                kept.lerp_(new, 1 - decay)
            else:
                kept.copy_(new)
