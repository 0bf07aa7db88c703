"""The Lightning module: a network, its weighted loss, and the moving average of its weights."""

from __future__ import annotations

import copy

import lightning
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F

from einthoven.errors import DatasetError
from einthoven.training.batches import Batch
from einthoven.training.protocol import Protocol


def class_weights(labels: NDArray[np.int64], n_classes: int, weighting: str) -> NDArray[np.float64]:
    """Return the weight of each class in the loss.

    Parameters
    ----------
    labels : (n_records,) class indices of the training part
    n_classes : number of classes
    weighting : "inverse" (frequency; mean 1 over the training part), "power:P" (the same to the power P),
        "code" (0.8 + 0.2 x 100 / percent, as in the program of Zihlmann et al. 2017) or "none"

    Returns
    -------
    (n_classes,); a class without recordings weighs 0.

    Raises
    ------
    DatasetError if there is no label.
    """
    if not len(labels):
        raise DatasetError("expected at least one recording to train on, found none")
    shares = np.bincount(labels, minlength=n_classes) / len(labels)
    inverse = np.divide(1.0, shares, out=np.zeros(n_classes), where=shares > 0)
    if weighting == "code":
        return np.asarray(np.where(shares > 0, 0.8 + 0.2 * inverse, 0.0))
    name, _, power = weighting.partition(":")
    exponent = {"none": 0.0, "inverse": 1.0}[name] if name != "power" else float(power)
    weights = np.where(shares > 0, inverse**exponent, 0.0)
    return np.asarray(weights / (weights * shares).sum())


class Classifier(lightning.LightningModule):
    """A network with the loss that trains it.

    network : takes (x, lengths), gives logits
    weights : (n_classes,) class weights
    protocol : gives label smoothing and distillation
    """

    weights: Tensor

    def __init__(self, network: nn.Module, weights: NDArray[np.float64], protocol: Protocol) -> None:
        super().__init__()
        self.network = network
        self.register_buffer("weights", torch.tensor(weights, dtype=torch.float32), persistent=False)
        self.label_smoothing = protocol.label_smoothing
        self.teacher_weight = protocol.teacher_weight if protocol.teacher else 0.0
        self.temperature = protocol.teacher_temperature

    def forward(self, x: Tensor, lengths: Tensor) -> Tensor:
        """Return logits (n_batch, n_classes)."""
        logits: Tensor = self.network(x, lengths)
        return logits

    def training_step(self, batch: Batch, weight_total: float) -> Tensor:
        """Return the batch's loss: the sum of weight x cross-entropy over recordings, over `weight_total`.

        With several processes, `weight_total` is that of the whole batch divided by their number: the mean
        of the processes' gradients is then the gradient that one process would have computed.
        """
        logits = self(batch.x, batch.lengths).float()
        hard = F.cross_entropy(
            logits, batch.labels, self.weights, reduction="none", label_smoothing=self.label_smoothing
        )
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
        soft = self.weights[batch.labels] * self.temperature**2 * divergence
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
