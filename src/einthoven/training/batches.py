"""Batches of recordings of similar length, the same ones for the same seed and epoch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.utils.data import DataLoader
from torch.utils.data import Dataset as TorchDataset

from einthoven.record import Signal
from einthoven.training.prepared import PreparedSignals
from einthoven.training.protocol import Protocol

POOL = 16
"""Batches that are sorted by length together: enough for little padding, few enough to stay random."""

Draw = tuple[int, int]
"""A recording's index, and how often it was drawn in this epoch before."""
Item = tuple[Signal, NDArray[Any], NDArray[np.float32]]
"""A recording's network input, its target, and the teacher's logits."""


class Batch(NamedTuple):
    """What one step reads.

    x : (n_batch, n_leads, [n_bins,] n_steps) float32, zero beyond each length
    lengths : (n_batch,) int64
    targets : (n_batch,) int64, or (n_batch, n_classes) float32, see `einthoven.training.objective`
    teacher : (n_batch, n_classes) float32 logits to distil from; NaN where there are none
    """

    x: Tensor
    lengths: Tensor
    targets: Tensor
    teacher: Tensor


def epoch_batches(
    indices: NDArray[np.int64],
    targets: NDArray[Any],
    lengths: NDArray[np.int64],
    protocol: Protocol,
    epoch: int,
) -> list[list[Draw]]:
    """Deal one epoch's recordings to batches of nearly equal size and similar length, in random order.

    Parameters
    ----------
    indices : recordings to draw from
    targets, lengths : of all recordings
    protocol : gives batch size, seed, and whether rare classes are drawn as often as the most frequent one
    epoch : counted over all phases

    Returns
    -------
    Batches of draws. Without oversampling, every recording is drawn once.
    """
    rng = np.random.default_rng([protocol.seed, epoch])
    draws = _draws(indices, targets, rng) if protocol.oversample else [(int(i), 0) for i in indices]
    order = rng.permutation(len(draws))
    batches = np.array_split(order, n_batches(len(draws), protocol.batch_size))
    drawn_lengths = np.array([lengths[index] for index, _ in draws])
    result: list[list[Draw]] = []
    for start in range(0, len(batches), POOL):
        pool = batches[start : start + POOL]
        together = np.concatenate(pool)
        by_length = together[np.argsort(drawn_lengths[together], kind="stable")]
        cuts = np.cumsum([len(batch) for batch in pool])[:-1]
        result.extend([draws[i] for i in batch] for batch in np.split(by_length, cuts))
    return [result[i] for i in rng.permutation(len(result))]


def n_batches(n_draws: int, batch_size: int) -> int:
    """Return the number of batches of about `batch_size`, none of them much larger or smaller."""
    return max(1, round(n_draws / batch_size))


def _draws(indices: NDArray[np.int64], labels: NDArray[np.int64], rng: np.random.Generator) -> list[Draw]:
    """Draw from every class as often as the most frequent one has recordings, spread over its recordings."""
    most = int(np.bincount(labels[indices]).max())
    draws: list[Draw] = []
    for label in np.unique(labels[indices]):
        members = indices[labels[indices] == label]
        times, left = divmod(most, len(members))
        draws.extend((int(index), copy) for copy in range(times) for index in members)
        draws.extend((int(index), times) for index in rng.choice(members, left, replace=False))
    return draws


def share_of(batch: list[Draw], rank: int, n_processes: int) -> list[Draw]:
    """Return the draws of a batch that one of several processes reads; never none.

    A batch smaller than the number of processes lends its first draw to those that would have none: all
    processes must take every step together. Its loss counts once; see `is_lent`.
    """
    return batch[rank::n_processes] or batch[:1]


def is_lent(batch: list[Draw], rank: int) -> bool:
    """Tell whether the share of a process is lent, and its loss must not count."""
    return rank >= len(batch)


def length_batches(
    indices: NDArray[np.int64], lengths: NDArray[np.int64], batch_size: int
) -> list[list[Draw]]:
    """Sort recordings by length and cut them into batches, for evaluation."""
    order = indices[np.argsort(lengths[indices], kind="stable")]
    return [[(int(i), 0) for i in order[s : s + batch_size]] for s in range(0, len(order), batch_size)]


@dataclass(frozen=True)
class EpochSignals(TorchDataset[Item]):
    """Network inputs of one epoch, with their targets and the teacher's logits (NaN without one).

    epoch : decides the augmentation of each draw; None augments nothing
    """

    prepared: PreparedSignals
    protocol: Protocol
    targets: NDArray[Any]
    teacher: NDArray[np.float32]
    epoch: int | None = None

    def __getitem__(self, draw: Draw) -> Item:
        index, copy = draw
        signal, fs = self.prepared[index], self.prepared.fs
        # A generator takes longer than a heartbeat: none is made for nothing.
        if self.epoch is not None and self.protocol.augmentations:
            rng = np.random.default_rng([self.protocol.seed, self.epoch, index, copy])
            names = self._classes_of(index)
            for augmentation in self.protocol.augmentations:
                if names.isdisjoint(augmentation.spared):
                    signal = augmentation(signal, fs, rng)
        signal, _ = self.protocol.epoch_pipeline(signal, fs)
        return signal, self.targets[index], self.teacher[index]

    def _classes_of(self, index: int) -> set[str]:
        target, classes = self.targets[index], self.protocol.classes
        places = [int(target)] if self.targets.ndim == 1 else np.flatnonzero(target == 1).tolist()
        return {classes[place] for place in places}


def collate(items: Sequence[Item]) -> Batch:
    """Pad signals with zeros at their end to the longest, and stack them."""
    lengths = [signal.shape[-1] for signal, _, _ in items]
    x = np.zeros((len(items), *items[0][0].shape[:-1], max(lengths)), np.float32)
    for row, (signal, _, _) in zip(x, items, strict=True):
        row[..., : signal.shape[-1]] = signal
    targets = torch.from_numpy(np.stack([target for _, target, _ in items]))
    teacher = torch.from_numpy(np.stack([logits for _, _, logits in items]))
    return Batch(torch.from_numpy(x), torch.tensor(lengths), targets, teacher)


def loader(signals: EpochSignals, batches: list[list[Draw]], n_workers: int) -> DataLoader[Batch]:
    """Read batches in their order, ahead of their use if there are worker processes."""
    return DataLoader(signals, batch_sampler=batches, collate_fn=collate, num_workers=n_workers)  # type: ignore[arg-type]
