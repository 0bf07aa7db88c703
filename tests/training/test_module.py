"""The loss, its weights, distillation, and the moving average."""

import math
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from einthoven.training.batches import Batch
from einthoven.training.module import Classifier, WeightAverage
from einthoven.training.objective import objective_of
from einthoven.training.protocol import Protocol

WEIGHTS = np.array([0.5, 2.0, 1.0, 4.0])


class Line(nn.Module):
    """Logits that are a linear function of the first four samples."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.layer = nn.Linear(4, 4)

    def forward(self, x: Tensor, _lengths: Tensor) -> Tensor:
        result: Tensor = self.layer(x[:, 0, :4])
        return result


def make_batch(n: int = 6) -> Batch:
    rng = torch.Generator().manual_seed(1)
    return Batch(
        torch.randn(n, 1, 4, generator=rng),
        torch.full((n,), 4),
        torch.arange(n) % 4,
        torch.full((n, 4), torch.nan),
    )


def classifier(protocol: Protocol) -> Classifier:
    return Classifier(Line(), objective_of(protocol), WEIGHTS, protocol)


def total(batch: Batch) -> float:
    return float(WEIGHTS[batch.targets.numpy()].sum())


@pytest.mark.parametrize("smoothing", [0.0, 0.1])
def test_the_loss_is_pytorchs_weighted_cross_entropy(rhythm: Protocol, smoothing: float) -> None:
    module = classifier(replace(rhythm, label_smoothing=smoothing))
    batch = make_batch()
    expected = F.cross_entropy(
        module(batch.x, batch.lengths),
        batch.targets,
        torch.tensor(WEIGHTS).float(),
        label_smoothing=smoothing,
    )
    assert module.training_step(batch, total(batch)).item() == pytest.approx(expected.item(), rel=1e-5)


def test_gradients_of_two_shares_average_to_that_of_the_whole_batch(rhythm: Protocol) -> None:
    module, batch = classifier(rhythm), make_batch()
    parameters = list(module.parameters())
    whole = torch.autograd.grad(module.training_step(batch, total(batch)), parameters)
    shares = [Batch(*(part[rank::2] for part in batch)) for rank in (0, 1)]
    halves = [torch.autograd.grad(module.training_step(s, total(batch) / 2), parameters) for s in shares]
    for expected, one, other in zip(whole, *halves, strict=True):
        assert torch.allclose(expected, (one + other) / 2, atol=1e-6)


def test_a_borrowed_batch_has_no_gradient(rhythm: Protocol) -> None:
    module, batch = classifier(rhythm), make_batch()
    gradients = torch.autograd.grad(module.training_step(batch, math.inf), list(module.parameters()))
    assert all(not gradient.any() for gradient in gradients)


def test_a_teacher_that_agrees_adds_nothing_and_one_that_is_silent_changes_nothing(rhythm: Protocol) -> None:
    taught = replace(rhythm, teacher="t.npz", teacher_weight=1.0, teacher_temperature=3.0)
    module, batch = classifier(taught), make_batch()
    agreeing = batch._replace(teacher=module(batch.x, batch.lengths).detach())
    assert module.training_step(agreeing, total(batch)).item() == pytest.approx(0, abs=1e-6)
    plain = classifier(rhythm)
    silent = module.training_step(batch, total(batch)).item()
    assert silent == pytest.approx(plain.training_step(batch, total(batch)).item())


def test_distillation_mixes_labels_and_teacher_by_weight(rhythm: Protocol) -> None:
    batch = make_batch()._replace(teacher=torch.randn(6, 4, generator=torch.Generator().manual_seed(2)))
    losses = []
    for weight in (0.0, 0.25, 1.0):
        protocol = replace(rhythm, teacher="t.npz", teacher_weight=weight)
        losses.append(classifier(protocol).training_step(batch, total(batch)).item())
    assert losses[1] == pytest.approx(0.75 * losses[0] + 0.25 * losses[2], rel=1e-5)
    assert losses[2] > 0


def test_the_moving_average_follows_its_formula_and_counts_batches() -> None:
    network = nn.Sequential(nn.Linear(1, 1, bias=False), nn.BatchNorm1d(1))
    nn.init.constant_(network[0].weight, 0.0)
    average = WeightAverage(network, decay=0.5)
    nn.init.constant_(network[0].weight, 1.0)
    network[1].num_batches_tracked += 3
    average.update(network, step=0)
    weights = average.network.state_dict()
    assert weights["0.weight"].item() == pytest.approx(0.9)
    assert weights["1.num_batches_tracked"].item() == 3
    average.update(network, step=1000)
    assert average.network.state_dict()["0.weight"].item() == pytest.approx(0.95)
    assert not average.network.training
    assert not any(parameter.requires_grad for parameter in average.network.parameters())
