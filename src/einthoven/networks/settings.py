"""What a network is made of, declared without torch: a frozen dataclass each, defaults as published."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Self

from einthoven.errors import SettingsError
from einthoven.networks.checks import at_least, odd, one_of, probability, refuse
from einthoven.networks.heartbeat_settings import HeartbeatCNN, HeartbeatResNet
from einthoven.networks.twelve_lead_settings import CNNLSTM, Residual16, TwelveLeadCNN

N_SPECTROGRAM_BINS = 33
"""Frequency bins of a spectrogram of 64-sample windows."""


@dataclass(frozen=True, kw_only=True)
class SpectrogramSettings:
    """Settings that both spectrogram networks have.

    width : channels inside the first block, and channels that each block adds at its end
    n_blocks : convolution blocks; each halves time and frequency, rounding up
    n_layers : convolutions a block
    kernel : side of every convolution's square kernel (odd)
    dropout : probability after every layer, [0, 1)
    downsampling : how a block's last layer halves: `max-pool` (paper) or `stride` (code)
    n_bins : frequency bins of the input

    Raises SettingsError if a value is out of range.
    """

    width: int = 32
    n_blocks: int = 6
    n_layers: int = 4
    kernel: int = 5
    dropout: float = 0.15
    downsampling: str = "max-pool"
    n_bins: int = N_SPECTROGRAM_BINS

    presets: ClassVar[dict[str, dict[str, Any]]] = {}

    def __post_init__(self) -> None:
        at_least(1, self, "width", "n_blocks", "n_layers", "n_bins")
        odd(self, "kernel")
        probability(self, "dropout")
        one_of(("max-pool", "stride"), self, "downsampling")

    @classmethod
    def preset(cls, name: str, **changes: Any) -> Self:
        """Return a published variant: `paper`, or `code` as the authors' program differs from it.

        `changes` replace single values of the variant.

        >>> SpectrogramCRNN.preset("code", width=8).lstm_width
        100

        Raises SettingsError if there is no such variant or setting.
        """
        if name not in cls.presets:
            known = ", ".join(cls.presets)
            raise SettingsError(f"{cls.__name__}: expected a preset among {known}, found {name!r}")
        try:
            return cls(**cls.presets[name] | changes)
        except TypeError as error:
            raise SettingsError(f"{cls.__name__}: {error}") from error


@dataclass(frozen=True, kw_only=True)
class SpectrogramCNN(SpectrogramSettings):
    """Settings of the convolutional network of Zihlmann et al. (2017): 6 blocks of 4, mean over time."""

    name: ClassVar[str] = "spectrogram-cnn"
    presets: ClassVar[dict[str, dict[str, Any]]] = {"paper": {}, "code": {"downsampling": "stride"}}


@dataclass(frozen=True, kw_only=True)
class SpectrogramCRNN(SpectrogramSettings):
    """Settings of the convolutional recurrent network of Zihlmann et al. (2017): 4 blocks of 6, then LSTM.

    lstm_width : LSTM units a layer and direction
    lstm_layers : LSTM layers
    lstm_stacks : `joined`, where each layer sees both directions of the one below (paper), or `separate`, a
        forward and a backward stack that meet at the top (code)
    lstm_output : `last`, each direction's state once it has seen the whole recording (paper), or `mean`, over
        the valid steps (code)
    mean_dense : width of a ReLU layer between the mean over time and the classifier of phase 1; 0 for none
        (paper), 200 (code)
    head : what follows the convolutions when the network is built: `lstm`, or `mean` (phase 1)
    """

    n_blocks: int = 4
    n_layers: int = 6
    lstm_width: int = 200
    lstm_layers: int = 3
    lstm_stacks: str = "joined"
    lstm_output: str = "last"
    mean_dense: int = 0
    head: str = "lstm"

    name: ClassVar[str] = "spectrogram-crnn"
    presets: ClassVar[dict[str, dict[str, Any]]] = {
        "paper": {},
        "code": {
            "downsampling": "stride",
            "lstm_width": 100,
            "lstm_stacks": "separate",
            "lstm_output": "mean",
            "mean_dense": 200,
        },
    }

    def __post_init__(self) -> None:
        super().__post_init__()
        at_least(1, self, "lstm_width", "lstm_layers")
        at_least(0, self, "mean_dense")
        one_of(("joined", "separate"), self, "lstm_stacks")
        one_of(("last", "mean"), self, "lstm_output")
        one_of(("lstm", "mean"), self, "head")


@dataclass(frozen=True, kw_only=True)
class RhythmNet:
    """Settings of einthoven's own rhythm network: 1-D residual blocks at 100 Hz, then GRU.

    stem_width, stem_kernel : channels and kernel of the first convolution, which halves time
    widths : channels of each residual block
    strides : 2 where a block halves time before it starts, else 1; as many as `widths`
    kernel : kernel of the blocks' convolutions (odd)
    recurrent : GRU units a direction
    dropout : probability inside the last two blocks, [0, 1)
    head_dropout : probability before the classifier, [0, 1)

    Raises SettingsError if a value is out of range.
    """

    stem_width: int = 24
    stem_kernel: int = 11
    widths: tuple[int, ...] = (32, 64, 64, 96, 96, 160, 160)
    strides: tuple[int, ...] = (2, 2, 1, 2, 1, 2, 2)
    kernel: int = 5
    recurrent: int = 64
    dropout: float = 0.1
    head_dropout: float = 0.3

    name: ClassVar[str] = "rhythm"

    def __post_init__(self) -> None:
        # JSON has lists only; a setting read back must equal the one written.
        object.__setattr__(self, "widths", tuple(self.widths))
        object.__setattr__(self, "strides", tuple(self.strides))
        at_least(1, self, "stem_width", "recurrent")
        odd(self, "stem_kernel", "kernel")
        probability(self, "dropout", "head_dropout")
        _check_blocks(self)


@dataclass(frozen=True, kw_only=True)
class BeatNet:
    """Settings of einthoven's own heartbeat network: convolutions for the wave, dense layers for the rhythm.

    n_samples : length of every heartbeat's rows
    n_features : numbers that the third row begins with
    stem_width, stem_kernel : channels and kernel of the first convolution, which halves time
    widths : channels of each residual block
    strides : 2 where a block halves time before it starts, else 1; as many as `widths`
    kernel : kernel of the blocks' convolutions (odd)
    wave_dense, rhythm_dense, joint_dense : widths of the dense layers
    dropout : probability between the dense layers, [0, 1)

    Raises SettingsError if a value is out of range.
    """

    n_samples: int = 150
    n_features: int = 46
    stem_width: int = 24
    stem_kernel: int = 9
    widths: tuple[int, ...] = (24, 48, 48, 72)
    strides: tuple[int, ...] = (1, 2, 2, 2)
    kernel: int = 5
    wave_dense: int = 96
    rhythm_dense: int = 64
    joint_dense: int = 64
    dropout: float = 0.3

    name: ClassVar[str] = "beats"

    def __post_init__(self) -> None:
        object.__setattr__(self, "widths", tuple(self.widths))
        object.__setattr__(self, "strides", tuple(self.strides))
        at_least(1, self, "n_samples", "n_features", "stem_width")
        at_least(1, self, "wave_dense", "rhythm_dense", "joint_dense")
        odd(self, "stem_kernel", "kernel")
        probability(self, "dropout")
        _check_blocks(self)
        if self.n_features > self.n_samples:
            refuse(self, "n_features", f"at most n_samples, {self.n_samples}")


NetworkSettings = (
    SpectrogramCNN
    | SpectrogramCRNN
    | RhythmNet
    | HeartbeatCNN
    | HeartbeatResNet
    | BeatNet
    | CNNLSTM
    | TwelveLeadCNN
    | Residual16
)
"""The settings of any network."""


def _check_blocks(settings: RhythmNet | BeatNet) -> None:
    if not settings.widths or min(settings.widths) < 1:
        refuse(settings, "widths", "one or more numbers above 0")
    if len(settings.strides) != len(settings.widths) or not set(settings.strides) <= {1, 2}:
        refuse(settings, "strides", f"{len(settings.widths)} numbers, each 1 or 2")
