"""The convolutional network for twelve leads after Shahid et al. (2020), their model 1."""

from __future__ import annotations

from itertools import pairwise

from torch import Tensor, nn
from torch.nn import functional as F

from einthoven.networks.masking import masked_relu, mean_over_time, strided, time_mask
from einthoven.networks.network import Network
from einthoven.networks.pooling import max_over_time
from einthoven.networks.twelve_lead_settings import TwelveLeadCNN


class ConvolutionLayer(nn.Module):
    """Convolution, batch norm, mask, ReLU, max-pool."""

    def __init__(self, n_inputs: int, width: int, kernel: int, pool: int) -> None:
        super().__init__()
        self.pool = pool
        self.convolution = nn.Conv1d(n_inputs, width, kernel, padding=kernel // 2, bias=False)
        self.norm = nn.BatchNorm1d(width)

    def forward(self, x: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
        """Return (n_batch, width, n_steps / pool, rounded up), zero in its padding, and its mask.

        x : (n_batch, n_inputs, n_steps), zero in its padding
        mask : (n_batch, 1, n_steps)
        """
        h = masked_relu(self.norm(self.convolution(x)), mask)
        # The padding is 0 and nothing is below 0: a window that is partly valid keeps its valid maximum.
        return max_over_time(h, self.pool, self.pool, rounds_up=True), strided(mask, self.pool)


class CNN(Network):
    """Classify a twelve-lead recording by five convolutions, a mean over time, and two dense layers.

    15,000 samples become 3750, 938, 235, 59 and at last 15 steps. 455,640 parameters with twelve leads and
    24 classes.

    Source: Shahid et al., "12-lead ECG Classification Using Deep Neural Networks", model 1: "1-D convolutions
    and max-pooling" with dense layers at the end.

    Differences from the paper: none that is known. It gives no numbers, and those of `TwelveLeadCNN`, batch
    norm, the mean over time and dropout were chosen here. Convolutions have no bias, as the batch norm after
    each would cancel it; pooling rounds up, so that a recording of any length leaves a step; the output is
    logits.

    Padding is set to zero after every layer. Batch norm in training counts these zeros in its statistics; in
    evaluation mode padding changes nothing.

    settings : see `TwelveLeadCNN`
    n_leads : input channels; the input is (n_batch, n_leads, n_samples)
    n_classes : outputs
    """

    def __init__(self, settings: TwelveLeadCNN, n_leads: int, n_classes: int) -> None:
        super().__init__()
        s = settings
        self.layers = nn.ModuleList(
            ConvolutionLayer(n, width, s.kernel, s.pool) for n, width in pairwise((n_leads, *s.widths))
        )
        self.n_features = s.widths[-1]
        self.dense = nn.Linear(self.n_features, s.dense)
        self.dropout = nn.Dropout(s.dropout)
        self.classifier = nn.Linear(s.dense, n_classes)

    def features(self, x: Tensor, lengths: Tensor) -> Tensor:
        """Return the mean of the last layer's channels over the valid steps: (n_batch, n_features)."""
        mask = time_mask(x, lengths)
        for layer in self.layers:
            x, mask = layer(x, mask)
        return mean_over_time(x, mask)

    def classify(self, features: Tensor) -> Tensor:
        """Return the logits (n_batch, n_classes) of pooled features (n_batch, n_features)."""
        logits: Tensor = self.classifier(self.dropout(F.relu(self.dense(features))))
        return logits
