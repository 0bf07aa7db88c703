"""What trains a network: processes, each on a GPU of its own if there are any, else on the CPU."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Any

import torch
from lightning.fabric import Fabric

from einthoven.errors import SettingsError
from einthoven.training.progress import QuietDDP

MOST_WORKERS = 8
"""Processes that read ahead for one GPU: more of them wait for it."""


@dataclass(frozen=True)
class Machine:
    """How much of this computer trains.

    devices : processes that train together
    n_workers : processes that read ahead for each of them. None: on a GPU as many as there are cores left, up
        to 8; on a CPU, whose cores are busy, none

    Raises SettingsError if there are not so many devices.
    """

    devices: int = 1
    n_workers: int | None = None

    def __post_init__(self) -> None:
        most = torch.cuda.device_count() if torch.cuda.is_available() else os.cpu_count() or 1
        if not 1 <= self.devices <= most:
            raise SettingsError(f"expected 1 to {most} devices, found {self.devices}")
        if self.n_workers is not None and not self.n_workers >= 0:
            raise SettingsError(f"expected a number of workers from 0, found {self.n_workers}")

    @property
    def accelerator(self) -> str:
        """What computes: "cuda" or "cpu"."""
        return "cuda" if torch.cuda.is_available() else "cpu"

    @property
    def workers(self) -> int:
        """Processes that read ahead for each one that trains."""
        if self.n_workers is not None:
            return self.n_workers
        if self.accelerator == "cpu":
            return 0
        return max(0, min(MOST_WORKERS, (os.cpu_count() or 1) // self.devices - 1))

    def to_json(self) -> dict[str, Any]:
        """Return what may change the last bits of the weights."""
        return {"devices": self.devices, "accelerator": self.accelerator, "precision": self._precision}

    def fabric(self) -> Fabric:
        """Return Lightning's name for all of this."""
        # Each process keeps the running statistics of what it has seen, until they are averaged.
        together = QuietDDP(start_method="spawn", forward_sync_buffers=False)
        return Fabric(
            accelerator=self.accelerator,
            devices=self.devices,
            strategy="auto" if self.devices == 1 else together,
            precision=self._precision,
        )

    @property
    def _precision(self) -> Any:
        return "bf16-mixed" if self.accelerator == "cuda" else "32-true"
