"""Model 1 of Shahid et al.: its size, its steps, and its mean over time."""

from itertools import pairwise

import pytest
import torch
from torch import Tensor

from einthoven.networks import TwelveLeadCNN, build_network
from einthoven.networks.masking import time_mask
from einthoven.networks.twelve_lead_cnn import CNN, ConvolutionLayer


def built(settings: TwelveLeadCNN, n_leads: int = 12) -> CNN:
    network = build_network(settings, n_leads=n_leads, n_classes=24)
    assert isinstance(network, CNN)
    return network.eval()


def test_the_network_has_455_640_parameters() -> None:
    network = built(TwelveLeadCNN())
    widths = (12, 32, 64, 128, 128, 256)
    layers = sum(7 * n * m + 2 * m for n, m in pairwise(widths))
    expected = layers + 257 * 128 + 129 * 24
    assert sum(p.numel() for p in network.parameters()) == expected == 455_640
    assert network.n_features == 256


@pytest.mark.parametrize(
    ("n_samples", "steps"), [(15_000, [3750, 938, 235, 59, 15]), (1000, [250, 63, 16, 4, 1])]
)
def test_each_pooling_divides_time_by_four_and_rounds_up(n_samples: int, steps: list[int]) -> None:
    network, found = built(TwelveLeadCNN(widths=(2,) * 5)), []
    for layer in network.layers:
        layer.register_forward_hook(lambda _, __, output: found.append(output[0].shape[2]))
    with torch.inference_mode():
        network(torch.randn(1, 12, n_samples), torch.tensor([n_samples]))
    assert found == steps


@torch.inference_mode()
def test_a_layer_is_convolution_batch_norm_relu_and_maximum() -> None:
    layer = ConvolutionLayer(2, 3, 7, 4).eval()
    torch.nn.init.normal_(layer.norm.bias)
    x, lengths = torch.randn(2, 2, 18), torch.tensor([18, 6])
    x[1, :, 6:] = 0
    found, mask = layer(x, time_mask(x, lengths))
    for row, (n, n_steps) in enumerate([(18, 5), (6, 2)]):
        h = torch.relu(layer.norm(layer.convolution(x[row : row + 1, :, :n])))
        windows = [h[0, :, start : start + 4].amax(1) for start in range(0, n, 4)]
        torch.testing.assert_close(found[row, :, :n_steps], torch.stack(windows, 1))
        assert not found[row, :, n_steps:].any()
        assert mask[row].sum() == n_steps


@torch.inference_mode()
def test_the_features_are_the_mean_ahead_of_the_dense_layers() -> None:
    network = built(TwelveLeadCNN(widths=(3, 5), dense=4), n_leads=1)
    outputs: list[Tensor] = []
    network.layers[-1].register_forward_hook(lambda _, __, found: outputs.append(found[0]))
    x = torch.randn(3, 1, 99)
    features = network.features(x, torch.full((3,), 99))
    torch.testing.assert_close(features, outputs[0].mean(2))
    expected = network.classifier(torch.relu(network.dense(features)))
    torch.testing.assert_close(network.classify(features), expected)
