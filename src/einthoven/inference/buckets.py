"""Batches of inputs of similar length, so that little is computed on padding."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from einthoven.record import Signal

MAX_BATCH = 32
MAX_PADDING = 0.25
"""Padded steps in a batch, as a share of the valid ones."""
MAX_VALUES = 2**20
"""Values in a batch, unless a single recording has more: bounds the memory of the network's layers."""


def bucket(sizes: Sequence[int], values_a_step: int = 1) -> list[list[int]]:
    """Divide inputs into batches of similar length.

    Parameters
    ----------
    sizes : time steps of each input, at least 1
    values_a_step : values (leads times bins) that each step holds

    Returns
    -------
    Positions of the inputs, batch by batch, longest first; every input once.

    >>> bucket([100, 5, 98, 6])
    [[0, 2], [3, 1]]
    """
    batches: list[list[int]] = []
    valid = 0
    for position in sorted(range(len(sizes)), key=lambda i: (-sizes[i], i)):
        batch = batches[-1] if batches else []
        padded = sizes[batch[0]] * (len(batch) + 1) if batch else 0
        fits = (
            0 < len(batch) < MAX_BATCH
            and padded <= (1 + MAX_PADDING) * (valid + sizes[position])
            and padded * values_a_step <= MAX_VALUES
        )
        if fits:
            batch.append(position)
            valid += sizes[position]
        else:
            batches.append([position])
            valid = sizes[position]
    return batches


def stack(inputs: Sequence[Signal]) -> tuple[Signal, NDArray[np.int64]]:
    """Stack inputs (n_leads, ..., time) into one zero-padded array and the number of valid steps of each.

    Returns
    -------
    float32 (batch, n_leads, ..., longest), int64 (batch,)
    """
    lengths = np.array([item.shape[-1] for item in inputs], dtype=np.int64)
    stacked = np.zeros((len(inputs), *inputs[0].shape[:-1], int(lengths.max())), dtype=np.float32)
    for row, item in zip(stacked, inputs, strict=True):
        row[..., : item.shape[-1]] = item
    return stacked, lengths
