"""The largest value of each window of time, in a form that can be exported for any time."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F


def max_over_time(x: Tensor, window: int, stride: int, *, rounds_up: bool = False) -> Tensor:
    """Return the maximum of each window of `x` (n_batch, n_channels, n_steps).

    That of `F.max_pool1d`, which torch.export would fix to the time of its example; the form that it exports
    takes twice the time when no gradient is asked for.

    window, stride : steps
    rounds_up : whether a last window that is not full counts
    """
    if not torch.onnx.is_in_onnx_export():
        return F.max_pool1d(x, window, stride, ceil_mode=rounds_up)
    return F.max_pool2d(x[:, :, None], (1, window), (1, stride), ceil_mode=rounds_up)[:, :, 0]
