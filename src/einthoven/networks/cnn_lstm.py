"""The convolutional recurrent network of Singstad and Tronstad for twelve leads."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from einthoven.networks.network import Network
from einthoven.networks.pooling import max_over_time
from einthoven.networks.recurrent import LastState
from einthoven.networks.twelve_lead_settings import (
    CNNLSTM,
    LSTM_KERNEL,
    LSTM_LAST_POOL,
    LSTM_POOL,
    LSTM_STRIDE,
)


class UnpaddedBlock(nn.Module):
    """Convolution, ReLU, max-pool and batch norm, none of which reads beyond its input.

    A window that is not full is left out. So the first steps of the output depend on a recording's own
    samples alone, however far its batch is padded, and no mask is needed.
    """

    def __init__(self, n_inputs: int, width: int, pool: int, stride: int) -> None:
        super().__init__()
        self.pool, self.stride = pool, stride
        self.convolution = nn.Conv1d(n_inputs, width, LSTM_KERNEL)
        self.norm = nn.BatchNorm1d(width)

    def forward(self, x: Tensor, lengths: Tensor) -> tuple[Tensor, Tensor]:
        """Return (n_batch, width, n_steps) of (n_batch, n_inputs, n_samples), and the valid steps in it."""
        # ReLU after the maximum is the maximum of ReLUs, of a third of the numbers.
        h = F.relu_(max_over_time(self.convolution(x), self.pool, self.stride))
        n_steps = (lengths - (LSTM_KERNEL - 1) - self.pool) // self.stride + 1
        return self.norm(h), n_steps


class ConvolutionsAndLSTM(Network):
    """Classify a twelve-lead recording by unpadded convolutions and the last state of an LSTM.

    10,000 samples become 3331, 1108, 367, 120, 38, 10 and at last 4 steps. 10,274,313 parameters with twelve
    leads and nine classes (166,089 with `width=64`); Keras, which keeps the statistics of batch norm among
    its parameters and one bias a gate where torch has two, counts 10,279,433.

    Source: Singstad, Tronstad, "Classifying 12-Lead ECG Using Convolutional Recurrent Neural Network", and
    the authors' program (Bsingstad/python-classifier-2020), which gives all numbers but those of LSTM and
    dense layers.

    Differences from the paper: logits, as the sigmoid is in the loss; leads and samples are transposed, where
    the program reshapes one into the other; the LSTM begins with PyTorch's weights instead of Keras's.

    A recording is read up to its own length, as if it were alone. One shorter than `settings.min_samples` is
    read with zeros up to there. The paper pads all recordings with zeros to 20 s and reads the zeros too:
    a pipeline that pads them to 10,000 samples, and calls these their length, does the same. Batch norm in
    training counts what the batch's padding becomes in its statistics; in evaluation mode padding changes
    nothing.

    settings : see `CNNLSTM`
    n_leads : input channels; the input is (n_batch, n_leads, n_samples)
    n_classes : outputs
    """

    def __init__(self, settings: CNNLSTM, n_leads: int, n_classes: int) -> None:
        super().__init__()
        s = settings
        self.min_samples = s.min_samples
        inputs = [n_leads] + [s.width] * (s.n_blocks - 1)
        blocks = [UnpaddedBlock(n, s.width, LSTM_POOL, LSTM_STRIDE) for n in inputs]
        self.blocks = nn.ModuleList([*blocks, UnpaddedBlock(s.width, s.width, LSTM_LAST_POOL, 1)])
        self.lstm = LastState(s.width, s.width)
        self.n_features = s.width
        self.dense = nn.Linear(s.width, s.width)
        self.dropout = nn.Dropout(s.dropout)
        self.classifier = nn.Linear(s.width, n_classes)

    def features(self, x: Tensor, lengths: Tensor) -> Tensor:
        """Return the LSTM's state after each recording's last step: (n_batch, width)."""
        # The exporter keeps a sym_max in the graph; max would be that of the example's time, a constant.
        n_samples = torch.sym_max(x.shape[-1], self.min_samples)  # type: ignore[no-untyped-call]
        x, lengths = F.pad(x, (0, n_samples - x.shape[-1])), lengths.clamp(min=self.min_samples)
        for block in self.blocks:
            x, lengths = block(x, lengths)
        state: Tensor = self.lstm(x.transpose(1, 2), lengths)
        return state

    def classify(self, features: Tensor) -> Tensor:
        """Return the logits (n_batch, n_classes) of what `features` gave."""
        logits: Tensor = self.classifier(self.dropout(F.relu(self.dense(features))))
        return logits
