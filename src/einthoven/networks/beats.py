"""einthoven's own heartbeat network: the wave beside the usual wave, and the rhythm around it."""

from __future__ import annotations

from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from einthoven.errors import SettingsError
from einthoven.networks.network import Network
from einthoven.networks.settings import BeatNet

N_ROWS = 3
"""Beat, usual beat, and the row of features: see `einthoven.signal.beats.around`."""


class WaveBlock(nn.Module):
    """Two convolutions beside a shortcut; a stride of 2 is a max-pool ahead of both."""

    def __init__(self, n_inputs: int, width: int, stride: int, kernel: int) -> None:
        super().__init__()
        self.stride = stride
        self.conv1 = nn.Conv1d(n_inputs, width, kernel, padding=kernel // 2, bias=False)
        self.norm1 = nn.BatchNorm1d(width)
        self.conv2 = nn.Conv1d(width, width, kernel, padding=kernel // 2, bias=False)
        self.norm2 = nn.BatchNorm1d(width)
        self.shortcut = nn.Conv1d(n_inputs, width, 1, bias=False) if n_inputs != width else nn.Identity()

    def forward(self, x: Tensor) -> Tensor:
        """Return (n_batch, width, n_steps or half of it) of (n_batch, n_inputs, n_steps)."""
        if self.stride == 2:
            x = F.max_pool1d(x, 2, ceil_mode=True)
        h = self.norm2(self.conv2(F.relu(self.norm1(self.conv1(x)))))
        return F.relu(self.shortcut(x) + h)


class WaveAndRhythm(Network):
    """Classify a heartbeat that `AroundRPeaks` cut.

    Residual convolutions read beat and usual beat, two small dense layers the features of rhythm and shape;
    what both found is classified together. 182,241 parameters with five classes.

    Source: none; composed here from residual networks (He et al., CVPR 2016, arXiv:1512.03385).

    All beats have the same length, so `lengths` changes nothing. What follows the features in the third row,
    and any row after it, is not read.

    settings : see `BeatNet`
    n_classes : outputs

    Its input is (n_batch, 3, n_samples); SettingsError is raised of beats of other samples than the settings
    say.
    """

    def __init__(self, settings: BeatNet, n_classes: int) -> None:
        super().__init__()
        s = settings
        self.n_samples, self.n_described = s.n_samples, s.n_features
        widths = [s.stem_width, *s.widths]
        self.stem = nn.Conv1d(
            2, s.stem_width, s.stem_kernel, stride=2, padding=s.stem_kernel // 2, bias=False
        )
        self.norm = nn.BatchNorm1d(s.stem_width)
        self.blocks = nn.Sequential(
            *(WaveBlock(n, width, stride, s.kernel)
              for (n, width), stride in zip(pairwise(widths), s.strides, strict=True))
        )  # fmt: skip
        n_steps = (s.n_samples + 1) // 2
        for stride in s.strides:
            n_steps = (n_steps + stride - 1) // stride
        self.wave = nn.Linear(s.widths[-1] * n_steps, s.wave_dense)
        self.described = nn.BatchNorm1d(s.n_features)
        self.rhythm = nn.Sequential(
            nn.Linear(s.n_features, s.rhythm_dense),
            nn.ReLU(),
            nn.Dropout(s.dropout),
            nn.Linear(s.rhythm_dense, s.rhythm_dense),
            nn.ReLU(),
        )
        self.joint = nn.Sequential(
            nn.Dropout(s.dropout),
            nn.Linear(s.wave_dense + s.rhythm_dense, s.joint_dense),
            nn.ReLU(),
            nn.Dropout(s.dropout),
        )
        self.n_features = s.joint_dense
        self.classifier = nn.Linear(s.joint_dense, n_classes)

    def features(self, x: Tensor, lengths: Tensor) -> Tensor:  # noqa: ARG002
        """Return what the classifier reads, (n_batch, n_features), of (n_batch, 3, n_samples)."""
        if x.shape[-1] != self.n_samples:
            raise SettingsError(f"expected heartbeats of {self.n_samples} samples, found {x.shape[-1]}")
        h = F.relu(self.norm(self.stem(x[:, :2])))
        wave = F.relu(self.wave(self.blocks(h).flatten(1)))
        rhythm = self.rhythm(self.described(x[:, 2, : self.n_described]))
        joint: Tensor = self.joint(torch.cat([wave, rhythm], 1))
        return joint

    def classify(self, features: Tensor) -> Tensor:
        """Return the logits (n_batch, n_classes) of what `features` gave."""
        logits: Tensor = self.classifier(features)
        return logits
