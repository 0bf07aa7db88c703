"""What the processes of a run share, and a network's answers to a part of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import cast

import numpy as np
import torch
from lightning.fabric import Fabric
from numpy.typing import NDArray
from torch import Tensor, nn

from einthoven.datasets.dataset import Dataset
from einthoven.networks.network import Network
from einthoven.training.ancestry import recording_of
from einthoven.training.batches import EpochSignals, length_batches, loader
from einthoven.training.checkpoint import Weights
from einthoven.training.folds import Split, split_dataset
from einthoven.training.objective import Objective, Targets, objective_of
from einthoven.training.prepared import CACHE, PreparedSignals, prepare_signals
from einthoven.training.protocol import Phase, Protocol


@dataclass(frozen=True)
class Job:
    """A protocol, and the data of one fold.

    record_ids, patients : names of the recordings, or beats, and of whom they are (empty where unknown)
    recordings : that each beat was cut from; the record ids again where each is a whole one
    targets : what the network is to say of each, see `Targets`
    teacher : (n_records, n_classes) logits to distil from, NaN where there are none
    init : weights to begin with, or None
    sources : of each recording, empty where unknown
    n_workers : processes that read ahead, for each process that trains
    """

    protocol: Protocol
    prepared: PreparedSignals
    record_ids: tuple[str, ...]
    patients: tuple[str, ...]
    recordings: tuple[str, ...]
    targets: Targets
    teacher: NDArray[np.float32]
    split: Split
    folder: Path
    init: Weights | None = None
    sources: tuple[str, ...] = ()
    n_workers: int = 0

    @property
    def n_classes(self) -> int:
        """Number of classes."""
        return len(self.protocol.classes)

    @property
    def trained_on(self) -> NDArray[np.int64]:
        """Recordings that train in one phase or another, ascending."""
        if not self.protocol.continue_on_union:
            return self.split.train
        return np.sort(np.concatenate([self.split.train, self.split.validation]))

    @property
    def held_out(self) -> NDArray[np.int64]:
        """Recordings that train in no phase: those of the validation part, then those of the test part."""
        if self.protocol.continue_on_union:
            return self.split.test
        return np.concatenate([self.split.validation, self.split.test])

    @cached_property
    def class_weights(self) -> NDArray[np.float64]:
        """Weight of each class in the loss, from the training part."""
        return self.objective.class_weights(self.targets[self.split.train])

    @property
    def objective(self) -> Objective:
        """What the network learns."""
        return objective_of(self.protocol)

    @cached_property
    def phases(self) -> tuple[Phase, ...]:
        """The protocol's phases, and the one on training and validation part together if it is asked for."""
        last = self.protocol.phases[-1]
        if not self.protocol.continue_on_union:
            return self.protocol.phases
        # Where the cycle ended there is no rate left to go on with.
        rate = last.learning_rate / 10 if last.schedule == "one-cycle" else last.learning_rate
        union = replace(last, name="union", epochs=self.protocol.continue_on_union, patience=None)
        return (*self.protocol.phases, replace(union, schedule="constant", learning_rate=rate))

    def signals(self, epoch: int | None) -> EpochSignals:
        """Return the network inputs of an epoch; None: without augmentation."""
        return EpochSignals(self.prepared, self.protocol, self.targets, self.teacher, epoch)


def open_job(
    protocol: Protocol,
    dataset: Dataset,
    folder: Path,
    fold: int | None,
    progress: Callable[[int, int], None] | None = None,
) -> Job:
    """Split a data set and prepare its signals for a run in `folder`; without teacher and initial weights.

    Raises DatasetError if the data set does not fit the protocol, RunError if a file cannot be written.
    """
    targets, split = split_dataset(protocol, dataset, fold)
    prepared = prepare_signals(dataset, protocol, folder.parent / CACHE, progress)
    patients = tuple(entry.patient or "" for entry in dataset.entries)
    recordings = tuple(map(recording_of, dataset.entries))
    teacher = np.full((len(targets), len(protocol.classes)), np.nan, np.float32)
    return Job(protocol, prepared, dataset.record_ids, patients, recordings, targets, teacher, split, folder,
               sources=tuple(entry.source or "" for entry in dataset.entries))  # fmt: skip


def mean_over_processes(fabric: Fabric, tensor: Tensor) -> Tensor:
    """Return the mean of a tensor over all processes, in each of them."""
    return cast(Tensor, fabric.all_reduce(tensor, reduce_op="mean"))


def predict(fabric: Fabric, network: nn.Module, job: Job, indices: NDArray[np.int64]) -> NDArray[np.float32]:
    """Return the logits of some recordings, not augmented: (n_indices, n_classes), in every process."""
    return _of_each(fabric, network, network, job.n_classes, job, indices)


def describe_signals(
    fabric: Fabric, network: Network, job: Job, indices: NDArray[np.int64]
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return what the classifier reads of some recordings, not augmented, and makes of it, in every process.

    Returns features (n_indices, n_features) and logits (n_indices, n_classes).
    """

    def compute(x: Tensor, lengths: Tensor) -> Tensor:
        features = network.features(x, lengths)
        return torch.cat([features, network.classify(features)], dim=1)

    found = _of_each(fabric, network, compute, network.n_features + job.n_classes, job, indices)
    return found[:, : network.n_features], found[:, network.n_features :]


@torch.no_grad()
def _of_each(
    fabric: Fabric,
    network: nn.Module,
    compute: Callable[[Tensor, Tensor], Tensor],
    width: int,
    job: Job,
    indices: NDArray[np.int64],
) -> NDArray[np.float32]:
    was_training = network.training
    network.eval()
    found = torch.zeros(len(job.targets), width, device=fabric.device)
    batches = length_batches(indices, job.prepared.lengths, 2 * job.protocol.batch_size)
    share = batches[fabric.global_rank :: fabric.world_size]
    for draws, batch in zip(share, loader(job.signals(None), share, job.n_workers), strict=True):
        x, lengths = fabric.to_device((batch.x, batch.lengths))
        found[[index for index, _ in draws]] = compute(x, lengths).float()
    network.train(was_training)
    if fabric.world_size > 1:
        found = cast(Tensor, fabric.all_reduce(found, reduce_op="sum"))
    return np.asarray(found.cpu().numpy()[indices], np.float32)


def weighted_loss(logits: NDArray[np.float32], job: Job, indices: NDArray[np.int64]) -> float:
    """Return the weighted mean loss of some recordings; NaN if none weighs."""
    return job.objective.mean_loss(job.targets[indices], logits, job.class_weights)
