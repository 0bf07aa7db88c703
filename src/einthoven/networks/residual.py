"""The residual network of Hannun et al. (2019), which Shahid et al. (2020) use for twelve leads."""

from __future__ import annotations

from itertools import pairwise

from torch import Tensor, nn
from torch.nn import functional as F

from einthoven.networks.masking import halved, masked_relu, max_pool_halved, mean_over_time, time_mask
from einthoven.networks.network import Network
from einthoven.networks.squeeze import SqueezeExcitation
from einthoven.networks.twelve_lead_settings import Residual16


class Convolution(nn.Conv1d):
    """A convolution that keeps time, or halves it and rounds up, and begins with He's weights.

    An even kernel reads one step more of what follows than of what came before, as in Keras.

    Source of the weights: He et al., ICCV 2015, arXiv:1502.01852.
    """

    def __init__(self, n_inputs: int, width: int, kernel: int, stride: int = 1) -> None:
        super().__init__(n_inputs, width, kernel, stride, bias=False)
        nn.init.kaiming_normal_(self.weight, nonlinearity="relu")
        self.around = ((kernel - 1) // 2, kernel // 2)

    def forward(self, input: Tensor) -> Tensor:
        """Return (n_batch, width, ceil(n_steps / stride)) of (n_batch, n_inputs, n_steps)."""
        return super().forward(F.pad(input, self.around))


class PreActivationBlock(nn.Module):
    """Two convolutions, each after batch norm and ReLU, beside a shortcut without weights.

    Where the block halves time, the shortcut is a max-pool; where it has more filters than its input, the
    shortcut's other channels are zero. The first block of a network reads what has just been through batch
    norm and ReLU, and leaves its own first ones out.

    settings : kernel, dropout and gate are read
    """

    def __init__(
        self, n_inputs: int, width: int, stride: int, settings: Residual16, *, is_first: bool = False
    ) -> None:
        super().__init__()
        self.stride = stride
        self.n_new = width - n_inputs
        self.dropout = settings.dropout
        self.norm1 = None if is_first else nn.BatchNorm1d(n_inputs)
        self.conv1 = Convolution(n_inputs, width, settings.kernel, stride)
        self.norm2 = nn.BatchNorm1d(width)
        self.conv2 = Convolution(width, width, settings.kernel)
        self.gate = SqueezeExcitation(width) if settings.squeeze_excitation else None

    def forward(self, x: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
        """Return (n_batch, width, n_steps or half of it), anything in its padding, and its mask.

        x : (n_batch, n_inputs, n_steps), anything in its padding, or zero there for the first block
        mask : (n_batch, 1, n_steps)
        """
        h = x if self.norm1 is None else masked_relu(self.norm1(x), mask)
        if self.stride == 2:
            x, mask = max_pool_halved(x, mask), halved(mask)
        if self.n_new:
            x = F.pad(x, (0, 0, 0, self.n_new))
        h = masked_relu(self.norm2(self.conv1(h)), mask)
        h = self.conv2(F.dropout(h, self.dropout, self.training))
        if self.gate is not None:
            h = h * self.gate(mean_over_time(h * mask, mask))[..., None]
        return x + h, mask


class PreActivationResNet(Network):
    """Classify a twelve-lead recording by sixteen residual blocks and a mean over time.

    33 convolutions and a linear layer; 15,000 samples of twelve leads become 59 steps of 256 channels.
    10,473,048 parameters with twelve leads and 24 classes.

    Source: Hannun et al., "Cardiologist-level arrhythmia detection and classification in ambulatory
    electrocardiograms using a deep neural network", Nature Medicine 2019, doi:10.1038/s41591-018-0268-3, with
    the numbers of the program public beside it (awni/ecg); model 2 of Shahid et al., "12-lead ECG
    Classification Using Deep Neural Networks". The gate: Hu, Shen, Sun, CVPR 2018, arXiv:1709.01507.

    Differences from Hannun et al.: one output a recording, from the mean over time, where theirs is one a
    step; sigmoids, in the loss, instead of a softmax; no biases in the convolutions, as batch norm would
    cancel them; He's weights are not cut off at two standard deviations; of an odd number of steps the last
    one counts, where theirs takes lengths of a multiple of 256 only. Squeeze and excitation, an option, is
    no part of theirs.

    Padding is set to zero ahead of every convolution, and left out of every maximum and mean. Batch norm in
    training counts the padding in its statistics; in evaluation mode padding changes nothing.

    settings : see `Residual16`
    n_leads : input channels; the input is (n_batch, n_leads, n_samples)
    n_classes : outputs
    """

    def __init__(self, settings: Residual16, n_leads: int, n_classes: int) -> None:
        super().__init__()
        s = settings
        self.stem = Convolution(n_leads, s.width, s.kernel)
        self.stem_norm = nn.BatchNorm1d(s.width)
        widths = pairwise((s.width, *s.widths))
        self.blocks = nn.ModuleList(
            PreActivationBlock(n, width, stride, s, is_first=index == 0)
            for index, ((n, width), stride) in enumerate(zip(widths, s.strides, strict=True))
        )
        self.n_features = s.widths[-1]
        self.norm = nn.BatchNorm1d(self.n_features)
        self.classifier = nn.Linear(self.n_features, n_classes)

    def features(self, x: Tensor, lengths: Tensor) -> Tensor:
        """Return the mean over the valid steps, after the last batch norm and ReLU: (n_batch, n_features)."""
        mask = time_mask(x, lengths)
        h = masked_relu(self.stem_norm(self.stem(x)), mask)
        for block in self.blocks:
            h, mask = block(h, mask)
        return mean_over_time(masked_relu(self.norm(h), mask), mask)

    def classify(self, features: Tensor) -> Tensor:
        """Return the logits (n_batch, n_classes) of pooled features (n_batch, n_features)."""
        logits: Tensor = self.classifier(features)
        return logits
