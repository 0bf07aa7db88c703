"""What the networks of twelve-lead recordings are made of, declared without torch; defaults as published."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from einthoven.networks.checks import at_least, odd, probability, refuse

LSTM_KERNEL = 5
"""Kernel of every convolution of Singstad and Tronstad."""
LSTM_POOL, LSTM_STRIDE = 5, 3
"""Window and stride of the max-pool of each block."""
LSTM_LAST_POOL = 3
"""Window of the max-pool after the last convolution; its stride is 1."""
GROWTH_BLOCKS = 4
"""Residual blocks after which the filters double (public configuration of Hannun et al. 2019)."""
STRIDE_BLOCKS = 2
"""Residual blocks after which time halves: the last of them has a stride of 2."""


@dataclass(frozen=True, kw_only=True)
class CNNLSTM:
    """Settings of the convolutional recurrent network of Singstad and Tronstad.

    width : channels of every convolution, units of the LSTM and of the dense layer; `cpu` budgets use 64
    n_blocks : blocks of convolution, max-pool and batch norm ahead of the last convolution; each divides time
        by three. Six are for 20 s at 500 Hz; at 100 Hz, four leave 15 steps of 20 s
    dropout : probability between the dense layers, [0, 1)

    Raises SettingsError if a value is out of range.
    """

    width: int = 512
    n_blocks: int = 6
    dropout: float = 0.5

    name: ClassVar[str] = "cnn-lstm"

    def __post_init__(self) -> None:
        at_least(1, self, "width", "n_blocks")
        probability(self, "dropout")

    @property
    def min_samples(self) -> int:
        """Samples that leave the LSTM one step; shorter recordings are read with zeros up to here.

        >>> CNNLSTM().min_samples, CNNLSTM(n_blocks=4).min_samples
        (7287, 807)
        """
        n_samples = LSTM_LAST_POOL + LSTM_KERNEL - 1
        for _ in range(self.n_blocks):
            n_samples = LSTM_STRIDE * (n_samples - 1) + LSTM_POOL + LSTM_KERNEL - 1
        return n_samples


@dataclass(frozen=True, kw_only=True)
class TwelveLeadCNN:
    """Settings of the convolutional network of Shahid et al. (2020), their model 1.

    widths : channels of each convolution
    kernel : kernel of every convolution (odd)
    pool : window and stride of the max-pool after each
    dense : width of the dense layer ahead of the classifier
    dropout : probability after the dense layer, [0, 1)

    The paper gives no numbers; all of these are ours.

    Raises SettingsError if a value is out of range.
    """

    widths: tuple[int, ...] = (32, 64, 128, 128, 256)
    kernel: int = 7
    pool: int = 4
    dense: int = 128
    dropout: float = 0.2

    name: ClassVar[str] = "twelve-lead-cnn"

    def __post_init__(self) -> None:
        # JSON has lists only; a setting read back must equal the one written.
        object.__setattr__(self, "widths", tuple(self.widths))
        if not self.widths or min(self.widths) < 1:
            refuse(self, "widths", "one or more numbers above 0")
        at_least(1, self, "pool", "dense")
        odd(self, "kernel")
        probability(self, "dropout")


@dataclass(frozen=True, kw_only=True)
class Residual16:
    """Settings of the residual network of Hannun et al. (2019), which is model 2 of Shahid et al. (2020).

    width : filters of the first blocks; they double every four blocks. `cpu` budgets use 8 or 16
    n_blocks : residual blocks of two convolutions; every second one halves time, rounding up
    kernel : kernel of every convolution
    dropout : probability between the two convolutions of a block, [0, 1)
    squeeze_excitation : whether a gate weighs the channels of each block (future work of Shahid et al.)

    Raises SettingsError if a value is out of range.
    """

    width: int = 32
    n_blocks: int = 16
    kernel: int = 16
    dropout: float = 0.2
    squeeze_excitation: bool = False

    name: ClassVar[str] = "residual-16"

    def __post_init__(self) -> None:
        at_least(1, self, "width", "n_blocks", "kernel")
        probability(self, "dropout")

    @property
    def widths(self) -> tuple[int, ...]:
        """Filters of each block."""
        return tuple(self.width * 2 ** (index // GROWTH_BLOCKS) for index in range(self.n_blocks))

    @property
    def strides(self) -> tuple[int, ...]:
        """2 where a block halves time, else 1."""
        return tuple(2 if index % STRIDE_BLOCKS == STRIDE_BLOCKS - 1 else 1 for index in range(self.n_blocks))
