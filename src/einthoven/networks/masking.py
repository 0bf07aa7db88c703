"""Work on sequences of different lengths in one zero-padded batch.

A mask is 1 where a step belongs to its recording and 0 in the padding; it follows its tensor through every
stride, so that lengths need not be worked out again. Time is the last axis of what convolutions read,
(n_batch, n_channels, [n_bins,] n_steps), and the middle axis of what recurrent layers read,
(n_batch, n_steps, n_channels). Every length is at least 1.
"""

from __future__ import annotations

import torch
from torch import Tensor

from einthoven.networks.pooling import max_over_time


def time_mask(x: Tensor, lengths: Tensor) -> Tensor:
    """Return the mask of `x` (time last), shaped and typed to multiply it: (n_batch, 1, [1,] n_steps)."""
    mask = (torch.arange(x.shape[-1], device=x.device) < lengths[:, None]).to(x.dtype)
    return mask[:, None] if x.ndim == 3 else mask[:, None, None]


def masked_relu(x: Tensor, mask: Tensor) -> Tensor:
    """Set the padding of `x` and whatever is below 0 to zero, in place, and return it.

    In place, and the mask ahead of the ReLU: batch norm, whose output `x` is, keeps its input for the
    backward pass, and the ReLU its output, so neither loses anything, and two tensors a layer are never
    written.
    """
    return x.mul_(mask).relu_()


def halved(mask: Tensor) -> Tensor:
    """Return the mask after a stride of 2 that keeps a last window of one step."""
    return strided(mask, 2)


def strided(mask: Tensor, stride: int) -> Tensor:
    """Return the mask after a stride that keeps a last window of one step or more."""
    return mask[..., ::stride].contiguous()


def max_pool_halved(x: Tensor, mask: Tensor) -> Tensor:
    """Return the maximum of each two steps, whatever its sign, and zero in the padding.

    A last window of one valid step keeps that step. Where nothing is below 0, the plain maximum of an `x`
    that is zero in its padding does the same for less.

    x : (n_batch, n_channels, n_steps), anything in its padding
    mask : (n_batch, 1, n_steps)

    Returns (n_batch, n_channels, ceil(n_steps / 2)).
    """
    pooled = max_over_time(torch.where(mask > 0, x, -torch.inf), 2, 2, rounds_up=True)
    return torch.where(halved(mask) > 0, pooled, 0.0)


def valid_steps(mask: Tensor) -> Tensor:
    """Return the lengths (n_batch,) int64 that a mask (n_batch, 1, n_steps) stands for."""
    return mask.sum((1, 2)).to(torch.int64)


def mean_over_time(x: Tensor, mask: Tensor) -> Tensor:
    """Return the mean over the valid steps of `x` (n_batch, n_channels, n_steps), zero in its padding."""
    return x.sum(-1) / mask.sum(-1)


def mean_of_steps(x: Tensor, valid: Tensor) -> Tensor:
    """Return the mean over the valid steps of a sequence.

    x : (n_batch, n_steps, n_channels), anything in its padding
    valid : (n_batch, n_steps, 1) bool

    Returns (n_batch, n_channels).
    """
    return torch.where(valid, x, 0.0).sum(1) / valid.sum(1)


def pool_over_time(x: Tensor, valid: Tensor, scores: Tensor) -> Tensor:
    """Return three views of a sequence side by side: attention-weighted mean, mean, and maximum.

    x : (n_batch, n_steps, n_channels), finite in its padding
    valid : (n_batch, n_steps, 1) bool
    scores : (n_batch, n_steps, 1), how much attention a step asks for; softmax over the valid steps follows

    Returns (n_batch, 3 n_channels).
    """
    attention = torch.where(valid, scores, -torch.inf).softmax(1)
    maximum = torch.where(valid, x, -torch.inf).amax(1)
    return torch.cat([(attention * x).sum(1), mean_of_steps(x, valid), maximum], -1)


def reverse(x: Tensor, lengths: Tensor) -> Tensor:
    """Reverse the valid steps of `x` (n_batch, n_steps, n_channels) and leave the padding where it is."""
    step = torch.arange(x.shape[1], device=x.device)
    source = torch.where(step < lengths[:, None], lengths[:, None] - 1 - step, step)
    return x.gather(1, source[..., None].expand(-1, -1, x.shape[2]))


def last_valid(x: Tensor, lengths: Tensor) -> Tensor:
    """Return the last valid step of `x` (n_batch, n_steps, n_channels): (n_batch, n_channels)."""
    return x.gather(1, (lengths - 1)[:, None, None].expand(-1, 1, x.shape[2])).squeeze(1)
