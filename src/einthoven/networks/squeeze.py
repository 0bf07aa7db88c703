"""Squeeze and excitation: a gate a channel, which residual networks may carry."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

SQUEEZE = 4
"""Channels of a block over those of its squeeze layer (Hu et al. 2018 use 16, for far wider blocks)."""


class SqueezeExcitation(nn.Module):
    """Weigh channels by what the whole recording holds (Hu, Shen, Sun, CVPR 2018, arXiv:1709.01507)."""

    def __init__(self, width: int) -> None:
        super().__init__()
        squeezed = max(1, width // SQUEEZE)
        self.squeeze = nn.Linear(width, squeezed)
        self.excite = nn.Linear(squeezed, width)

    def forward(self, mean: Tensor) -> Tensor:
        """Return a gate in (0, 1) a channel from the means over time, both (n_batch, width)."""
        return torch.sigmoid(self.excite(F.relu(self.squeeze(mean))))
