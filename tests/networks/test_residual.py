"""The residual network of Hannun et al.: its size, its steps, its shortcut, its weights at the beginning."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from einthoven.networks import Residual16, build_network
from einthoven.networks.masking import time_mask
from einthoven.networks.residual import Convolution, PreActivationBlock, PreActivationResNet

SMALL = Residual16(width=3, n_blocks=6)


def built(settings: Residual16 = SMALL, n_leads: int = 2, n_classes: int = 24) -> PreActivationResNet:
    network = build_network(settings, n_leads=n_leads, n_classes=n_classes)
    assert isinstance(network, PreActivationResNet)
    return network.eval()


def n_parameters(width: int) -> int:
    """Count by the published configuration: 33 kernels of 16, a batch norm after each, a linear layer."""
    total, n_inputs = 16 * 12 * width + 2 * width, width
    for block in range(16):
        n = width * 2 ** (block // 4)
        total += 16 * n_inputs * n + 16 * n * n + 2 * n + 2 * n
        n_inputs = n
    # Of the two batch norms of each block, the first reads its inputs: at each doubling half as many.
    total -= sum(2 * width * 2**step for step in range(3))
    # The first block begins with a convolution; the last batch norm comes after all blocks.
    return total - 2 * width + 2 * 8 * width + (8 * width + 1) * 24


@pytest.mark.parametrize(("width", "n"), [(32, 10_473_048), (16, 2_623_288), (8, 658_344)])
def test_the_network_has_the_papers_parameters(width: int, n: int) -> None:
    with torch.device("meta"):
        network = build_network(Residual16(width=width), n_leads=12, n_classes=24)
    assert sum(p.numel() for p in network.parameters()) == n_parameters(width) == n
    if width == 32:
        assert n == pytest.approx(10.5e6, rel=0.01)
        assert network.n_features == 256


def test_there_are_33_convolutions_of_16() -> None:
    network = built(Residual16(width=2))
    kernels = [m.kernel_size for m in network.modules() if isinstance(m, nn.Conv1d)]
    assert kernels == [(16,)] * 33
    settings = Residual16()
    assert settings.widths == (32,) * 4 + (64,) * 4 + (128,) * 4 + (256,) * 4
    assert settings.strides == (1, 2) * 8
    assert [(b.conv1.out_channels, b.stride) for b in network.blocks] == [
        (width // 16, stride) for width, stride in zip(settings.widths, settings.strides, strict=True)
    ]


def test_thirty_seconds_become_59_steps() -> None:
    network, steps = built(Residual16(width=1), n_leads=12), []
    for block in network.blocks:
        block.register_forward_hook(lambda _, __, found: steps.append(found[0].shape[2]))
    with torch.inference_mode():
        network(torch.randn(1, 12, 15_000), torch.tensor([15_000]))
    assert steps[1::2] == [7500, 3750, 1875, 938, 469, 235, 118, 59]
    assert steps[::2] == [15_000, *steps[1:-1:2]]


@pytest.mark.parametrize("kernel", [1, 2, 3, 16])
@pytest.mark.parametrize("stride", [1, 2])
@pytest.mark.parametrize("n_steps", [1, 7, 8])
def test_a_convolution_reads_as_much_of_what_follows_as_of_what_came_before(
    kernel: int, stride: int, n_steps: int
) -> None:
    convolution = Convolution(1, 1, kernel, stride)
    x = torch.randn(1, 1, n_steps)
    found = convolution(x)[0, 0]
    before = (kernel - 1) // 2
    padded = np.concatenate([np.zeros(before), x[0, 0].numpy(), np.zeros(kernel)])
    weight = convolution.weight[0, 0].detach().numpy()
    expected = [padded[start : start + kernel] @ weight for start in range(0, n_steps, stride)]
    np.testing.assert_allclose(found.detach().numpy(), expected, atol=1e-5)


def test_weights_begin_as_he_says() -> None:
    network = built(Residual16(width=32, n_blocks=2))
    for module in network.modules():
        if isinstance(module, nn.Conv1d):
            assert module.bias is None
            n = module.in_channels * 16
            assert float(module.weight.detach().std()) == pytest.approx((2 / n) ** 0.5, rel=0.1)


@torch.inference_mode()
@pytest.mark.parametrize(("stride", "n_new"), [(1, 0), (2, 0), (1, 3), (2, 3)])
def test_the_shortcut_is_a_maximum_beside_zero_channels(stride: int, n_new: int) -> None:
    block = PreActivationBlock(3, 3 + n_new, stride, SMALL).eval()
    nn.init.zeros_(block.conv2.weight)
    # All of it below zero, and an odd number of steps: neither padding nor rounding may count as a zero.
    x, lengths = -1 - torch.rand(2, 3, 9), torch.tensor([9, 5])
    x[1, :, 5:] = 7
    found, mask = block(x, time_mask(x, lengths))
    for row, n in enumerate((9, 5)):
        windows = [x[row, :, i : min(i + stride, n)].amax(1) for i in range(0, n, stride)]
        torch.testing.assert_close(found[row, :3, : len(windows)], torch.stack(windows, 1))
        assert mask[row].sum() == len(windows)
    assert found.shape == (2, 3 + n_new, mask.shape[2])
    assert not found[:, 3:].any()


@torch.inference_mode()
def test_a_block_is_twice_batch_norm_relu_and_convolution() -> None:
    first, later = (
        PreActivationBlock(3, 3, 1, SMALL, is_first=is_first).eval() for is_first in (True, False)
    )
    x, mask = torch.randn(2, 3, 9), torch.ones(2, 1, 9)
    assert first.norm1 is None
    assert later.norm1 is not None
    for block, read in ((first, x), (later, torch.relu(later.norm1(x)))):
        nn.init.normal_(block.norm2.bias)
        expected = x + block.conv2(torch.relu(block.norm2(block.conv1(read))))
        torch.testing.assert_close(block(x, mask)[0], expected)
    assert [block.norm1 is None for block in built().blocks] == [True] + [False] * 5


def test_dropout_is_between_the_two_convolutions() -> None:
    block = PreActivationBlock(3, 3, 1, replace(SMALL, dropout=0.5)).train()
    given: dict[str, Tensor] = {}
    for name in ("conv1", "conv2"):
        block.get_submodule(name).register_forward_hook(lambda _, x, __, n=name: given.update({n: x[0]}))
    assert block.norm1 is not None
    nn.init.constant_(block.norm1.bias, 9.0)
    nn.init.constant_(block.norm2.bias, 9.0)
    block(torch.randn(4, 3, 50), torch.ones(4, 1, 50))
    assert (given["conv1"] > 0).all()
    assert 0.4 < float((given["conv2"] == 0).float().mean()) < 0.6


@torch.inference_mode()
def test_a_gate_weighs_what_is_beside_the_shortcut() -> None:
    assert all(block.gate is None for block in built().blocks)
    plain = PreActivationBlock(3, 3, 1, SMALL).eval()
    gated = PreActivationBlock(3, 3, 1, replace(SMALL, squeeze_excitation=True)).eval()
    assert gated.load_state_dict(plain.state_dict(), strict=False).unexpected_keys == []
    assert gated.gate is not None
    x, lengths = torch.randn(2, 3, 9), torch.tensor([9, 4])
    x[1, :, 4:] = 0
    mask = time_mask(x, lengths)
    beside = (plain(x, mask)[0] - x) * mask
    weights = gated.gate(torch.stack([beside[0].mean(1), beside[1, :, :4].mean(1)]))
    found = gated(x, mask)[0] * mask
    torch.testing.assert_close(found, x + beside * weights[..., None])


@torch.inference_mode()
def test_the_features_are_the_mean_after_the_last_batch_norm_and_relu() -> None:
    network, outputs = built(), []
    nn.init.normal_(network.norm.bias)
    network.blocks[-1].register_forward_hook(lambda _, __, found: outputs.append(found[0]))
    features = network.features(torch.randn(3, 2, 100), torch.full((3,), 100))
    torch.testing.assert_close(features, torch.relu(network.norm(outputs[0])).mean(2))
    torch.testing.assert_close(network.classify(features), network.classifier(features))
