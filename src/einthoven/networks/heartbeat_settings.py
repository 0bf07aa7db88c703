"""What the networks that read one heartbeat are made of, declared without torch; defaults as published."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from einthoven.networks.checks import at_least, odd, probability, refuse

N_SAMPLES = 187
"""Samples of a heartbeat (Kachuee et al. 2018: 1.2 R-R intervals at 125 Hz, padded with zeros)."""
CNN_KERNELS = (5, 5, 3, 3)
"""Kernels of the four convolutions; the second and the fourth are followed by a pooling by `CNN_POOL`."""
CNN_POOL = 3
UNIT_POOL, UNIT_STRIDE = 5, 2
"""Window and stride of the max-pool after each residual unit."""


@dataclass(frozen=True, kw_only=True)
class HeartbeatCNN:
    """Settings of the convolutional network that is public beside Kachuee et al. (2018).

    n_samples : length of every heartbeat
    widths : channels of the four convolutions
    dense : widths of the fully connected layers ahead of the last one, which gives the classes
    dropout : probability ahead of each fully connected layer, [0, 1)

    Raises SettingsError if a value is out of range.
    """

    n_samples: int = N_SAMPLES
    widths: tuple[int, ...] = (32, 64, 128, 256)
    dense: tuple[int, ...] = (1024, 256, 32)
    dropout: float = 0.3

    name: ClassVar[str] = "heartbeat-cnn"

    def __post_init__(self) -> None:
        # JSON has lists only; a setting read back must equal the one written.
        object.__setattr__(self, "widths", tuple(self.widths))
        object.__setattr__(self, "dense", tuple(self.dense))
        if len(self.widths) != len(CNN_KERNELS) or min(self.widths) < 1:
            refuse(self, "widths", f"{len(CNN_KERNELS)} numbers above 0")
        _check_dense(self)
        probability(self, "dropout")
        _check_length(self)

    @property
    def n_dense(self) -> int:
        """Fully connected layers, the last one among them."""
        return len(self.dense) + 1

    @property
    def n_steps(self) -> int:
        """Steps that the convolutions leave; below 1 where the heartbeat is too short."""
        first, second, third, fourth = (kernel - 1 for kernel in CNN_KERNELS)
        halfway = (self.n_samples - first - second) // CNN_POOL
        return (halfway - third - fourth) // CNN_POOL


@dataclass(frozen=True, kw_only=True)
class HeartbeatResNet:
    """Settings of the residual network of Kachuee et al. (2018).

    n_samples : length of every heartbeat
    width, kernel : channels and kernel (odd) of every convolution
    n_units : residual units, each of two convolutions and a max-pool
    dense : widths of the fully connected layers ahead of the last one, which gives the classes

    Raises SettingsError if a value is out of range.
    """

    n_samples: int = N_SAMPLES
    width: int = 32
    kernel: int = 5
    n_units: int = 5
    dense: tuple[int, ...] = (32, 32)

    name: ClassVar[str] = "heartbeat-resnet"

    def __post_init__(self) -> None:
        object.__setattr__(self, "dense", tuple(self.dense))
        at_least(1, self, "width", "n_units")
        odd(self, "kernel")
        _check_dense(self)
        _check_length(self)

    @property
    def n_dense(self) -> int:
        """Fully connected layers, the last one among them."""
        return len(self.dense) + 1

    @property
    def n_steps(self) -> int:
        """Steps that the convolutions leave; below 1 where the heartbeat is too short."""
        n_steps = self.n_samples - self.kernel + 1
        for _ in range(self.n_units):
            n_steps = (n_steps - UNIT_POOL) // UNIT_STRIDE + 1
        return n_steps


def _check_dense(settings: HeartbeatCNN | HeartbeatResNet) -> None:
    if not all(width >= 1 for width in settings.dense):
        refuse(settings, "dense", "numbers above 0")


def _check_length(settings: HeartbeatCNN | HeartbeatResNet) -> None:
    if settings.n_steps < 1:
        refuse(settings, "n_samples", "enough for all convolutions and poolings")
