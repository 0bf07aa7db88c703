"""The spectrogram networks of Zihlmann et al. (2017): convolutions, then a mean over time or an LSTM."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Self

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from einthoven.errors import SettingsError
from einthoven.networks.masking import (
    halved,
    last_valid,
    masked_relu,
    mean_of_steps,
    mean_over_time,
    time_mask,
    valid_steps,
)
from einthoven.networks.network import Network
from einthoven.networks.recurrent import Bidirectional
from einthoven.networks.settings import SpectrogramCNN, SpectrogramCRNN, SpectrogramSettings

HEADS = ("mean", "lstm")


class ConvolutionLayer(nn.Module):
    """Convolution, batch norm, mask, ReLU, perhaps max-pool, dropout."""

    def __init__(self, n_inputs: int, width: int, settings: SpectrogramSettings, halves: bool) -> None:
        super().__init__()
        s = settings
        self.strides = halves and s.downsampling == "stride"
        self.pools = halves and s.downsampling == "max-pool"
        stride = 2 if self.strides else 1
        self.convolution = nn.Conv2d(n_inputs, width, s.kernel, stride, padding=s.kernel // 2, bias=False)
        self.norm = nn.BatchNorm2d(width)
        self.dropout = s.dropout

    def forward(self, x: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
        """Return (n_batch, width, n_bins, n_steps), the last two halved if the layer halves, and its mask.

        x : (n_batch, n_inputs, n_bins, n_steps), zero in its padding
        mask : (n_batch, 1, 1, n_steps)
        """
        h = self.norm(self.convolution(x))
        if self.strides:
            mask = halved(mask)
        h = masked_relu(h, mask)
        if self.pools:
            # The padding is 0 and nothing is below 0: a half-valid window keeps its valid maximum.
            h, mask = F.max_pool2d(h, 2, ceil_mode=True), halved(mask)
        return F.dropout(h, self.dropout, self.training), mask


class Convolutions(nn.Module):
    """Blocks of convolutions; the last layer of a block halves time and frequency and adds `width` channels.

    `n_outputs` is the number of channels times the number of bins that are left.
    """

    def __init__(self, settings: SpectrogramSettings, n_leads: int) -> None:
        super().__init__()
        s = settings
        layers: list[ConvolutionLayer] = []
        n_inputs, n_bins = n_leads, s.n_bins
        for width in range(s.width, s.width * (s.n_blocks + 1), s.width):
            for _ in range(s.n_layers - 1):
                layers.append(ConvolutionLayer(n_inputs, width, s, halves=False))
                n_inputs = width
            layers.append(ConvolutionLayer(n_inputs, width + s.width, s, halves=True))
            n_inputs, n_bins = width + s.width, (n_bins + 1) // 2
        self.layers = nn.ModuleList(layers)
        self.n_outputs = n_inputs * n_bins
        # On a CPU channels last is 1.3 (width 32) to 1.8 (width 8) times faster; tensor cores read it too.
        self.to(memory_format=torch.channels_last)  # type: ignore[call-overload]

    def forward(self, x: Tensor, lengths: Tensor) -> tuple[Tensor, Tensor]:
        """Return features (n_batch, n_outputs, n_steps), zero in the padding, and their mask."""
        mask = time_mask(x, lengths)
        x = x.contiguous(memory_format=torch.channels_last)
        for layer in self.layers:
            x, mask = layer(x, mask)
        return x.flatten(1, 2), mask[:, 0]


class CNN(Network):
    """Classify a log-spectrogram by convolutions and a mean over time.

    Source: Zihlmann, Perekrestenko, Tschannen, "Convolutional Recurrent Neural Networks for Electrocardiogram
    Classification", CinC 2017, doi:10.22489/CinC.2017.070-060; the program of the same authors for the preset
    `code`.

    Differences from the paper: convolutions have no bias, as the batch norm after each would cancel it;
    several leads enter as channels of the first convolution (the paper has one lead); in a block's last
    layer, dropout follows the pooling (the paper names no order).

    Where n_blocks is so small that more than one frequency bin is left, the bins are flattened into the
    channels. Padding is set to zero after every layer. Batch norm in training counts these zeros in its
    statistics; in evaluation mode padding changes nothing.

    settings : see `SpectrogramCNN`
    n_leads : input channels; the input is (n_batch, n_leads, n_bins, n_steps)
    n_classes : outputs
    """

    def __init__(self, settings: SpectrogramCNN, n_leads: int, n_classes: int) -> None:
        super().__init__()
        self.convolutions = Convolutions(settings, n_leads)
        self.n_features = self.convolutions.n_outputs
        self.classifier = nn.Linear(self.n_features, n_classes)

    def features(self, x: Tensor, lengths: Tensor) -> Tensor:
        """Return the mean of the last block's channels over the valid steps: (n_batch, n_features)."""
        return mean_over_time(*self.convolutions(x, lengths))

    def classify(self, features: Tensor) -> Tensor:
        """Return the logits (n_batch, n_classes) of pooled features (n_batch, n_features)."""
        logits: Tensor = self.classifier(features)
        return logits


class LSTMStack(nn.Module):
    """Layers of LSTM run from both ends of a recording, and one vector of what they saw.

    `n_outputs` is the length of that vector: twice the width.
    """

    def __init__(self, n_inputs: int, settings: SpectrogramCRNN) -> None:
        super().__init__()
        s = settings
        self.n_outputs = 2 * s.lstm_width
        self.output = s.lstm_output
        self.dropout = s.dropout
        if s.lstm_stacks == "separate":
            stack = [Bidirectional(nn.LSTM, n_inputs, s.lstm_width, s.lstm_layers, s.dropout)]
        else:
            inputs = [n_inputs] + [self.n_outputs] * (s.lstm_layers - 1)
            stack = [Bidirectional(nn.LSTM, n, s.lstm_width) for n in inputs]
        self.layers = nn.ModuleList(stack)

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        """Return (n_batch, n_outputs).

        x : (n_batch, n_steps, n_inputs)
        mask : (n_batch, 1, n_steps)
        """
        lengths = valid_steps(mask)
        for position, layer in enumerate(self.layers):
            x = layer(F.dropout(x, self.dropout, self.training and position > 0), lengths)
        if self.output == "mean":
            return mean_of_steps(x, mask.transpose(1, 2) > 0)
        ahead, back = x.chunk(2, -1)
        return torch.cat([last_valid(ahead, lengths), back[:, 0]], -1)


class CRNN(Network):
    """Classify a log-spectrogram by convolutions and an LSTM.

    Source: as for `CNN`.

    Differences from the paper: those of `CNN`; "200 neurons a layer" is read as 200 a direction, that is 400
    features (`lstm_width=100` is the other reading, and what the authors' program has); "temporally last
    output" as the forward state at the last valid step beside the backward state at the first one, each
    having seen the whole recording; dropout follows each LSTM layer too.

    Training in the paper: (1) `set_head("mean")`, everything; (2) `set_head("lstm")` and
    `freeze_convolutions()`, the LSTM only; (3) `freeze_convolutions(False)`, everything. Both heads stay in
    the network and in its weights; the one that is not in use needs no gradient.

    settings : see `SpectrogramCRNN`
    n_leads : input channels; the input is (n_batch, n_leads, n_bins, n_steps)
    n_classes : outputs
    """

    def __init__(self, settings: SpectrogramCRNN, n_leads: int, n_classes: int) -> None:
        super().__init__()
        s = settings
        self.convolutions = Convolutions(s, n_leads)
        n_outputs = self.convolutions.n_outputs
        dense = [nn.Linear(n_outputs, s.mean_dense), nn.ReLU(), nn.Dropout(s.dropout)] if s.mean_dense else []
        self.mean_head = nn.Sequential(*dense, nn.Linear(s.mean_dense or n_outputs, n_classes))
        self.lstm = LSTMStack(n_outputs, s)
        self.lstm_head = nn.Sequential(nn.Dropout(s.dropout), nn.Linear(self.lstm.n_outputs, n_classes))
        self.is_frozen = False
        self.set_head(s.head)

    def set_head(self, head: str) -> None:
        """Choose what follows the convolutions: `mean` (over time, linear) or `lstm`.

        Raises SettingsError if it is neither.
        """
        if head not in HEADS:
            raise SettingsError(f"expected a head of {' or '.join(HEADS)}, found {head!r}")
        self.head = head
        self.mean_head.requires_grad_(head == "mean")
        self.lstm.requires_grad_(head == "lstm")
        self.lstm_head.requires_grad_(head == "lstm")
        self.n_features = self.convolutions.n_outputs if head == "mean" else self.lstm.n_outputs

    def convolution_parameters(self) -> Iterator[nn.Parameter]:
        """Return the parameters that come ahead of either head."""
        return self.convolutions.parameters()

    def freeze_convolutions(self, frozen: bool = True) -> None:
        """Keep the convolutions from learning, or let them again.

        While frozen their weights get no gradient, and their batch norms and dropout stay in evaluation mode
        whatever `train` is told.
        """
        self.is_frozen = frozen
        self.convolutions.requires_grad_(not frozen)
        self.train(self.training)

    def train(self, mode: bool = True) -> Self:
        """Set training mode, except for frozen convolutions."""
        super().train(mode)
        self.convolutions.train(mode and not self.is_frozen)
        return self

    def features(self, x: Tensor, lengths: Tensor) -> Tensor:
        """Return what the head in use has pooled: (n_batch, n_features)."""
        h, mask = self.convolutions(x, lengths)
        if self.head == "mean":
            return mean_over_time(h, mask)
        pooled: Tensor = self.lstm(h.transpose(1, 2), mask)
        return pooled

    def classify(self, features: Tensor) -> Tensor:
        """Return the logits (n_batch, n_classes) of pooled features (n_batch, n_features)."""
        head = self.mean_head if self.head == "mean" else self.lstm_head
        logits: Tensor = head(features)
        return logits
