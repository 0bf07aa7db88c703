"""The files of a run, which are whole or not there, and weights in them."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from einthoven import atomic
from einthoven.errors import RunError

Weights = dict[str, Tensor]


def write_atomically(path: Path, content: bytes) -> None:
    """Write a file of a run as `einthoven.atomic` does.

    Raises RunError if there is no room, or the folder cannot be written; the old file is then untouched.
    """
    try:
        atomic.write_atomically(path, content)
    except OSError as error:
        raise RunError(f"{path}: cannot be written: {error.strerror or error}; "
                       "what was written before it is intact") from error  # fmt: skip


def encode(values: Any) -> bytes:
    """Return tensors in plain containers as bytes, the same for the same values."""
    buffer = io.BytesIO()
    torch.save(values, buffer)
    return buffer.getvalue()


def decode(path: Path) -> Any:
    """Read what `encode` gave: tensors and plain containers, never code.

    Raises RunError if the file is missing or damaged.
    """
    try:
        return torch.load(path, map_location="cpu", weights_only=True)
    # Whatever the bytes are, torch finds another exception for them.
    except Exception as error:
        raise RunError(f"{path}: expected a checkpoint or weights, found: {error}".splitlines()[0]) from error


def snapshot(weights: dict[str, Any]) -> Weights:
    """Return copies of the tensors of a state dict, on the CPU, each in its own memory."""
    return {name: tensor.detach().to("cpu", copy=True).contiguous() for name, tensor in weights.items()}


def carry_over(source: Weights, target: nn.Module) -> tuple[int, tuple[str, ...]]:
    """Load those weights whose name and shape a network has; the others stay as they are.

    Returns how many of the network's tensors were taken, and the names of those left out. Counts of batches
    are taken too, but are no weights: neither number counts them.
    """
    wanted = target.state_dict()
    fitting = {k: v for k, v in source.items() if k in wanted and wanted[k].shape == v.shape}
    target.load_state_dict(wanted | fitting)
    weights = [name for name, tensor in wanted.items() if tensor.dtype.is_floating_point]
    left_out = tuple(name for name in weights if name not in fitting)
    return len(weights) - len(left_out), left_out


def summary(names: Sequence[str], network: nn.Module) -> str:
    """Name some tensors of a network in a few words: `part.*` stands for all of a part's.

    >>> summary(["0.weight", "1.weight", "1.bias"], nn.Sequential(nn.Linear(1, 1), nn.Linear(1, 1)))
    '0.weight, 1.*'
    """
    weights = [name for name, tensor in network.state_dict().items() if tensor.dtype.is_floating_point]
    said: dict[str, None] = {}
    for name in names:
        parts = [name[:end] for end, letter in enumerate(name) if letter == "."]
        whole = (p for p in parts if all(w in names for w in weights if w.startswith(f"{p}.")))
        said[next((f"{part}.*" for part in whole), name)] = None
    return ", ".join(said)
