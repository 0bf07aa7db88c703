"""einthoven's own rhythm network: a 1-D squeeze-and-excitation residual network with a small GRU."""

from __future__ import annotations

from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from einthoven.networks.masking import (
    halved,
    masked_relu,
    mean_over_time,
    pool_over_time,
    time_mask,
    valid_steps,
)
from einthoven.networks.network import Network
from einthoven.networks.recurrent import Bidirectional
from einthoven.networks.settings import RhythmNet
from einthoven.networks.squeeze import SqueezeExcitation

N_DROPOUT_BLOCKS = 2
"""Blocks, counted from the end, that use dropout: the wide ones, where there is something to overfit."""


class ResidualBlock(nn.Module):
    """Two convolutions and a gate beside a shortcut; a stride of 2 is a max-pool ahead of both.

    The input is zero in its padding and not negative, and so is the output: the max-pool needs no mask.
    """

    def __init__(self, n_inputs: int, width: int, stride: int, kernel: int, dropout: float) -> None:
        super().__init__()
        self.stride = stride
        self.dropout = dropout
        self.conv1 = nn.Conv1d(n_inputs, width, kernel, padding=kernel // 2, bias=False)
        self.norm1 = nn.BatchNorm1d(width)
        self.conv2 = nn.Conv1d(width, width, kernel, padding=kernel // 2, bias=False)
        self.norm2 = nn.BatchNorm1d(width)
        self.gate = SqueezeExcitation(width)
        self.shortcut = nn.Conv1d(n_inputs, width, 1, bias=False) if n_inputs != width else nn.Identity()

    def forward(self, x: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
        """Return the block's output (n_batch, width, n_steps or half of it) and its mask."""
        if self.stride == 2:
            x, mask = F.max_pool1d(x, 2, ceil_mode=True), halved(mask)
        h = masked_relu(self.norm1(self.conv1(x)), mask)
        if self.dropout:
            h = F.dropout(h, self.dropout, self.training)
        h = self.norm2(self.conv2(h)).mul_(mask)
        gate = self.gate(mean_over_time(h, mask))[..., None]
        return torch.addcmul(self.shortcut(x), h, gate).relu_(), mask


class SEResidualGRU(Network):
    """Classify the rhythm of a recording at 100 Hz.

    A convolution, residual blocks with squeeze-and-excitation down to about 1.6 steps a second, a
    bidirectional GRU over the whole recording, and three ways of pooling (attention, mean, maximum) ahead of
    a linear classifier. About 0.87 M parameters.

    Source: none; composed here from residual networks (He et al., CVPR 2016, arXiv:1512.03385),
    squeeze-and-excitation (Hu et al., CVPR 2018, arXiv:1709.01507) and gated recurrent units (Cho et al.,
    EMNLP 2014, arXiv:1406.1078).

    Padding is set to zero after every convolution that another one reads. Batch norm in training counts these
    zeros in its statistics: with batches of similar length they are few, and leaving them out would cost a
    pass over memory a layer. In evaluation mode the statistics are fixed, and padding changes nothing.

    settings : see `RhythmNet`
    n_leads : input channels
    n_classes : outputs
    """

    def __init__(self, settings: RhythmNet, n_leads: int, n_classes: int) -> None:
        super().__init__()
        s = settings
        padding = s.stem_kernel // 2
        self.stem = nn.Conv1d(n_leads, s.stem_width, s.stem_kernel, stride=2, padding=padding, bias=False)
        self.norm = nn.BatchNorm1d(s.stem_width)
        n_blocks = len(s.widths)
        dropouts = ([0.0] * n_blocks + [s.dropout] * N_DROPOUT_BLOCKS)[-n_blocks:]
        widths = pairwise((s.stem_width, *s.widths))
        self.blocks = nn.ModuleList(
            ResidualBlock(n_inputs, width, stride, s.kernel, dropout)
            for (n_inputs, width), stride, dropout in zip(widths, s.strides, dropouts, strict=True)
        )
        self.recurrent = Bidirectional(nn.GRU, s.widths[-1], s.recurrent)
        self.attention = nn.Linear(2 * s.recurrent, 1)
        self.n_features = 3 * 2 * s.recurrent
        self.dropout = nn.Dropout(s.head_dropout)
        self.classifier = nn.Linear(self.n_features, n_classes)

    def features(self, x: Tensor, lengths: Tensor) -> Tensor:
        """Return attention-weighted mean, mean and maximum of the GRU's states: (n_batch, 6 recurrent)."""
        mask = halved(time_mask(x, lengths))
        h = masked_relu(self.norm(self.stem(x)), mask)
        for block in self.blocks:
            h, mask = block(h, mask)
        h = self.recurrent(h.transpose(1, 2), valid_steps(mask))
        return pool_over_time(h, mask.transpose(1, 2) > 0, self.attention(h))

    def classify(self, features: Tensor) -> Tensor:
        """Return the logits (n_batch, n_classes) of pooled features (n_batch, n_features)."""
        logits: Tensor = self.classifier(self.dropout(features))
        return logits
