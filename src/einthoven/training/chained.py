"""Held-out heartbeats, named with what their neighbours say: see `einthoven.beat_chain`."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from einthoven.beat_chain import BeatChain, count_transitions
from einthoven.decisions import softmax
from einthoven.training.job import Job


def chain_of(job: Job) -> BeatChain | None:
    """Return the chain that the training part of a run teaches; None if its protocol has none."""
    if not job.protocol.chain_strength:
        return None
    recordings = [job.recordings[index] for index in job.trained_on]
    labels = job.targets[job.trained_on]
    sequences = [labels[beats] for beats in successive(recordings)]
    counts = count_transitions(sequences, job.n_classes)
    return BeatChain(tuple(map(tuple, counts.tolist())), job.protocol.chain_strength)


def chained(chain: BeatChain, logits: NDArray[np.float32], recordings: Sequence[str]) -> NDArray[np.float32]:
    """Return log-probabilities after the chain, (n_beats, n_classes).

    Parameters
    ----------
    chain : of the classes
    logits : (n_beats, n_classes), the beats of each recording in order of time
    recordings : n_beats names
    """
    logs = softmax(logits)
    for beats in successive(recordings):
        logs[beats] = chain.log_probs(logs[beats])
    return logs.astype(np.float32)


def successive(recordings: Sequence[str]) -> list[NDArray[np.int64]]:
    """Return the positions of the beats of each recording, in their order.

    >>> [beats.tolist() for beats in successive(["100", "100", "101", "100"])]
    [[0, 1, 3], [2]]
    """
    positions: dict[str, list[int]] = {}
    for position, name in enumerate(recordings):
        positions.setdefault(name, []).append(position)
    return [np.array(found, np.int64) for found in positions.values()]
