"""Phases of training one after the other, from checkpoint to checkpoint.

A step depends on nothing but its number, the seed, the weights before it and, with a plateau schedule, the
validation losses before it, which the checkpoint has: no random state, no position in a loader. So a run that
was killed goes on from its last checkpoint as if nothing had happened.
"""

from __future__ import annotations

import logging
import math
import time
from dataclasses import replace
from typing import Any

import numpy as np
import torch
from lightning.fabric import Fabric
from torch import Tensor, nn

from einthoven.errors import RunError
from einthoven.networks import build_network
from einthoven.networks.network import Network
from einthoven.training.batches import Draw, epoch_batches, is_lent, loader, share_of
from einthoven.training.checkpoint import Weights, carry_over, snapshot, summary
from einthoven.training.job import Job, mean_over_processes, predict, weighted_loss
from einthoven.training.module import Classifier, WeightAverage
from einthoven.training.progress import Report
from einthoven.training.schedule import build_optimizer, set_step
from einthoven.training.state import State, load_state, save_state

LOGGER = logging.getLogger(__name__)
LOSS_CHECK_STEPS = 25
"""Steps between looks at the loss: each look waits for the GPU."""
PLATEAU_THRESHOLD = 1e-4
"""On a plateau a loss is better if it is lower by this share, as in PyTorch's scheduler."""


def train_phases(fabric: Fabric, job: Job, report: Report) -> tuple[Network, State]:
    """Run all phases, from the last checkpoint if there is one.

    Parameters
    ----------
    fabric : the device, or devices
    job : what to train on what
    report : told how far it is

    Returns
    -------
    The trained network on its device, and where the run stands.

    Raises
    ------
    RunError if the loss is not finite or a checkpoint cannot be written or read.
    """
    state, saved = load_state(job.folder) or (State(carried=job.init), None)
    while True:
        phase = PhaseTraining(fabric, job, state, report)
        if saved is not None:
            phase.restore(saved)
        weights = phase.run()
        if state.phase + 1 == len(job.phases):
            phase.network.load_state_dict(weights)
            return phase.network, state
        state, saved = state.next_phase(weights), None


def seed_step(seed: int, step: int, stream: int = 0) -> None:
    """Set torch's random state for one step, and one of several independent streams."""
    torch.manual_seed(int(np.random.SeedSequence([seed, step, stream]).generate_state(1, np.uint64)[0] >> 1))


class PhaseTraining:
    """One phase: its network, optimiser and moving average, and the loop over its epochs."""

    def __init__(self, fabric: Fabric, job: Job, state: State, report: Report) -> None:
        self.fabric, self.job, self.state, self.report = fabric, job, state, report
        self.phase = job.phases[state.phase]
        self.is_union = state.phase == len(job.protocol.phases)
        self.network = self._build_network()
        self.optimizer = build_optimizer(self.phase, self.network.parameters())
        classifier = Classifier(self.network, job.objective, job.class_weights, job.protocol)
        self.model, self.stepper = fabric.setup(classifier, self.optimizer)
        ema = job.protocol.ema
        self.average = None if ema is None else WeightAverage(self.network, ema)
        self.indices = job.trained_on if self.is_union else job.split.train

    @property
    def evaluated(self) -> nn.Module:
        """The network that is validated and kept: the moving average if there is one."""
        return self.network if self.average is None else self.average.network

    def run(self) -> Weights:
        """Train until the phase is over; return the weights it ends with."""
        if self.is_union and self.state.target_loss is None:
            train = self.job.split.train
            logits = predict(self.fabric, self.evaluated, self.job, train)
            self.state.target_loss = weighted_loss(logits, self.job, train)
        while not self.state.over:
            started = time.perf_counter()
            loss = self._train_epoch()
            scores = self._validate()
            self._log(loss, scores, time.perf_counter() - started)
            self.save()
        best = self.state.best
        return snapshot(self.evaluated.state_dict()) if best is None else best

    def restore(self, saved: dict[str, Any]) -> None:
        """Continue where a checkpoint stopped."""
        self.network.load_state_dict(saved["network"])
        self.optimizer.load_state_dict(saved["optimizer"])
        if self.average is not None:
            self.average.network.load_state_dict(saved["average"])

    def save(self) -> None:
        """Write the checkpoint that `restore` reads."""
        if self.fabric.global_rank == 0:
            average = {} if self.average is None else self.average.network.state_dict()
            modules = {"network": self.network.state_dict(), "optimizer": self.optimizer.state_dict()}
            save_state(self.job.folder, self.state, {**modules, "average": average})
        self.fabric.barrier()

    def _build_network(self) -> Network:
        job, state = self.job, self.state
        settings = job.protocol.network_of(self.phase)
        seed_step(job.protocol.seed, state.phase, stream=1)
        network: Any = build_network(settings, n_leads=job.protocol.n_leads, n_classes=job.n_classes)
        if state.carried is not None:
            taken, left_out = carry_over(state.carried, network)
            if not taken:
                raise RunError(f"{job.folder}: none of the initial weights fits the network {settings.name}")
            if left_out and state.phase == 0 and self.fabric.global_rank == 0:
                LOGGER.warning("initial weights: %d of %d tensors taken, left out: %s",
                               taken, taken + len(left_out), summary(left_out, network))  # fmt: skip
        if self.phase.freeze_convolutions:
            network.freeze_convolutions()
        if self.phase.train_last is not None:
            network.train_last(self.phase.train_last)
        built: Network = network
        return built

    def _train_epoch(self) -> float:
        job, state, fabric = self.job, self.state, self.fabric
        batches = epoch_batches(
            self.indices, job.targets, job.prepared.lengths, job.protocol, state.total_epochs
        )
        shares = [share_of(batch, fabric.global_rank, fabric.world_size) for batch in batches]
        self.model.train()
        total = torch.zeros((), device=fabric.device)
        phase = replace(
            self.phase, learning_rate=self.phase.learning_rate * self.phase.plateau_factor**state.falls
        )
        read = loader(job.signals(state.total_epochs), shares, job.n_workers)
        for position, batch in enumerate(read):
            done = state.epoch * len(batches) + position
            set_step(self.optimizer, phase, state.epoch, done, len(batches) * phase.epochs)
            seed_step(job.protocol.seed, state.step, stream=2 + fabric.global_rank)
            loss = self.model.training_step(fabric.to_device(batch), self._weight_total(batches[position]))
            self._step(loss)
            total += loss.detach()
            if (position + 1) % LOSS_CHECK_STEPS == 0 or position + 1 == len(batches):
                mean = self._finite(float(total) / (position + 1))
                self.report(self._title(), position + 1, len(batches), mean)
        self._agree_on_buffers()
        mean = self._finite(float(mean_over_processes(fabric, total / len(batches))))
        state.epoch += 1
        state.total_epochs += 1
        return mean

    def _weight_total(self, batch: list[Draw]) -> float:
        """Return what the sum of the losses is divided by: infinity where they must not count."""
        targets = self.job.targets[[index for index, _ in batch]]
        weights = self.job.objective.record_weights(targets, self.job.class_weights)
        total = float(weights.sum()) / self.fabric.world_size
        # Classes that the training part lacks weigh 0: a batch may hold no other in the union of the parts.
        return math.inf if total == 0 or is_lent(batch, self.fabric.global_rank) else total

    def _step(self, loss: Tensor) -> None:
        self.stepper.zero_grad()
        self.fabric.backward(loss)
        if self.job.protocol.gradient_clip is not None:
            nn.utils.clip_grad_norm_(self.network.parameters(), self.job.protocol.gradient_clip)
        self.stepper.step()
        if self.average is not None:
            self.average.update(self.network, self.state.step)
        self.state.step += 1

    def _agree_on_buffers(self) -> None:
        """Average the running statistics over processes: each has seen other records."""
        if self.fabric.world_size == 1:
            return
        networks = [self.network] if self.average is None else [self.network, self.average.network]
        for buffer in (buffer for network in networks for buffer in network.buffers()):
            if buffer.dtype.is_floating_point:
                buffer.copy_(mean_over_processes(self.fabric, buffer))

    def _validate(self) -> tuple[float | None, float | None]:
        """Decide whether the phase is over; return validation loss and F1avg if it was time to score them.

        On the union there is no F1avg: these recordings train.
        """
        state, phase, job = self.state, self.phase, self.job
        state.over = state.epoch >= phase.epochs
        indices = job.split.validation
        due = state.over or state.epoch % phase.check_every == 0
        if not (job.protocol.use_validation and len(indices) and due):
            return None, None
        self.report(f"{phase.name}, epoch {state.epoch}/{phase.epochs}, validation", 0, 1, math.nan)
        logits = predict(self.fabric, self.evaluated, job, indices)
        loss = weighted_loss(logits, job, indices)
        if self.is_union:
            state.over |= state.target_loss is not None and loss <= state.target_loss
            return loss, None
        score = job.objective.score(job.targets[indices], logits)
        self._keep_best(-loss if phase.monitor == "loss" else score)
        if phase.schedule == "plateau":
            self._follow_plateau(loss)
        return loss, score

    def _follow_plateau(self, loss: float) -> None:
        """Lower the learning rate after more epochs than the patience without a better loss.

        Source: `torch.optim.lr_scheduler.ReduceLROnPlateau` with its defaults, so that a patience means what
        it means in programs that use it. Differences: epochs are counted, not validations, of which there are
        fewer where `check_every` is above 1.
        """
        state = self.state
        if loss < state.lowest_loss * (1 - PLATEAU_THRESHOLD):
            state.lowest_loss, state.plateau_since = loss, state.epoch
        elif state.epoch - state.plateau_since > self.phase.plateau_patience:
            state.plateau_since = state.epoch
            state.falls += 1

    def _keep_best(self, score: float) -> None:
        """Keep the weights if the score is the phase's highest so far; stop if that was too long ago."""
        state, phase = self.state, self.phase
        if state.best is None or score > state.best_score:
            state.best, state.best_score = snapshot(self.evaluated.state_dict()), score
            state.best_epoch = state.epoch
        elif phase.patience is not None and state.epoch >= phase.not_before:
            state.over |= state.epoch - state.best_epoch >= phase.patience

    def _log(self, loss: float, scores: tuple[float | None, float | None], seconds: float) -> None:
        row = {
            "phase": self.phase.name,
            "epoch": self.state.epoch,
            "train_loss": loss,
            "validation_loss": scores[0],
            "validation_f1": scores[1],
            "learning_rate": self.optimizer.param_groups[0]["lr"],
            "seconds": round(seconds, 2),
        }
        self.state.rows.append(row)

    def _title(self) -> str:
        return f"{self.phase.name}, epoch {self.state.epoch + 1}/{self.phase.epochs}"

    def _finite(self, loss: float) -> float:
        if not math.isfinite(loss):
            raise RunError(f"{self.job.folder}: loss {loss} in {self._title()}: a smaller learning_rate "
                           "or a gradient_clip may help; the checkpoint before it is intact")  # fmt: skip
        return loss
