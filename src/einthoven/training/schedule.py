"""Learning rates as a function of the step alone, and the optimisers that follow them."""

from __future__ import annotations

import math
from collections.abc import Iterable

import torch
from torch import nn

from einthoven.training.protocol import Phase

START, END = 1 / 25, 1 / 25e4
"""One-cycle: first and last learning rate over the largest (PyTorch's defaults)."""
BETA1 = (0.95, 0.85)
"""One-cycle: Adam's first moment decay at the ends and at the largest learning rate (PyTorch's defaults)."""


def one_cycle(step: int, n_steps: int, pct_start: float) -> tuple[float, float]:
    """Return the learning rate over its largest value, and Adam's beta1, at one step of a cycle.

    Source: Smith and Topin 2019, arXiv:1708.07120, with cosine annealing in two parts.

    >>> [round(one_cycle(step, 10, 0.3)[0], 3) for step in (0, 2, 9)]
    [0.04, 1.0, 0.0]
    """
    peak, last = max(pct_start * n_steps - 1, 1e-9), n_steps - 1
    if step <= peak:
        return _cosine(START, 1.0, step / peak), _cosine(*BETA1, step / peak)
    share = (step - peak) / max(last - peak, 1e-9)
    return _cosine(1.0, END, share), _cosine(*BETA1[::-1], share)


def learning_rate(phase: Phase, epoch: int, step: int, n_steps: int) -> float:
    """Return the learning rate of a phase at an epoch and step (both counted from 0) of `n_steps` in all.

    With a plateau schedule it is constant: what halves it are validation losses, not steps, see `State`.
    """
    if phase.schedule == "one-cycle":
        return phase.learning_rate * one_cycle(step, n_steps, phase.pct_start)[0]
    if phase.schedule == "step":
        return float(phase.learning_rate * 0.1 ** (epoch // phase.step_epochs))
    return phase.learning_rate


def build_optimizer(phase: Phase, parameters: Iterable[nn.Parameter]) -> torch.optim.Optimizer:
    """Return the phase's optimiser over those parameters that are not frozen."""
    trained = [parameter for parameter in parameters if parameter.requires_grad]
    if phase.optimizer == "rmsprop":
        return torch.optim.RMSprop(trained, lr=phase.learning_rate, weight_decay=phase.weight_decay)
    if phase.optimizer == "sgd":
        return torch.optim.SGD(trained, lr=phase.learning_rate, weight_decay=phase.weight_decay)
    kind = torch.optim.AdamW if phase.optimizer == "adamw" else torch.optim.Adam
    return kind(trained, lr=phase.learning_rate, weight_decay=phase.weight_decay, fused=True)


def set_step(optimizer: torch.optim.Optimizer, phase: Phase, epoch: int, step: int, n_steps: int) -> None:
    """Give an optimiser the learning rate, and with one-cycle Adam's beta1, of one step."""
    for group in optimizer.param_groups:
        group["lr"] = learning_rate(phase, epoch, step, n_steps)
        if phase.schedule == "one-cycle" and "betas" in group:
            group["betas"] = (one_cycle(step, n_steps, phase.pct_start)[1], group["betas"][1])


def _cosine(start: float, end: float, share: float) -> float:
    return end + (start - end) / 2 * (1 + math.cos(math.pi * share))
