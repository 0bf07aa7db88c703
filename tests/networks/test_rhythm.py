"""What makes einthoven's own network: gates, blocks that halve time, three ways of pooling."""

from dataclasses import replace

import pytest
import torch
from torch import nn

from einthoven.networks import RhythmNet, build_network
from einthoven.networks.masking import time_mask
from einthoven.networks.rhythm import ResidualBlock, SEResidualGRU

SMALL = RhythmNet(stem_width=4, widths=(4, 8, 8, 8), strides=(2, 2, 1, 2), recurrent=5)


def built(settings: RhythmNet = SMALL) -> SEResidualGRU:
    network = build_network(settings, n_leads=1, n_classes=4)
    assert isinstance(network, SEResidualGRU)
    return network.eval()


@pytest.mark.parametrize(("stride", "n_steps"), [(1, 7), (2, 4)])
def test_a_block_halves_time_and_keeps_padding_zero(stride: int, n_steps: int) -> None:
    block = ResidualBlock(3, 6, stride, 5, 0.0).eval()
    x, lengths = torch.rand(2, 3, 7), torch.tensor([7, 3])
    x[1, :, 3:] = 0
    found, mask = block(x, time_mask(x, lengths))
    assert found.shape == (2, 6, n_steps)
    assert mask.sum((1, 2)).tolist() == [n_steps, -(-3 // stride)]
    assert not (found * (1 - mask)).any()
    assert (found >= 0).all()


def test_a_closed_gate_leaves_the_shortcut() -> None:
    block = ResidualBlock(4, 4, 1, 5, 0.0).eval()
    nn.init.zeros_(block.gate.excite.weight)
    nn.init.constant_(block.gate.excite.bias, -1e4)
    x = torch.rand(2, 4, 9)
    assert isinstance(block.shortcut, nn.Identity)
    torch.testing.assert_close(block(x, torch.ones(2, 1, 9))[0], x)
    nn.init.constant_(block.gate.excite.bias, 1e4)
    assert (block(x, torch.ones(2, 1, 9))[0] - x).abs().max() > 1e-3


def test_only_the_last_two_blocks_drop_anything() -> None:
    network = built(replace(SMALL, dropout=0.2))
    assert [block.dropout for block in network.blocks] == [0, 0, 0.2, 0.2]
    assert [block.stride for block in network.blocks] == [2, 2, 1, 2]
    one = built(replace(SMALL, widths=(4,), strides=(1,), dropout=0.2))
    assert [block.dropout for block in one.blocks] == [0.2]


def test_the_network_as_shipped_looks_1_6_times_a_second() -> None:
    network = built(RhythmNet())
    steps: list[int] = []
    network.recurrent.register_forward_hook(lambda _, given, __: steps.append(given[0].shape[1]))
    with torch.inference_mode():
        network(torch.randn(1, 1, 3000), torch.tensor([3000]))
    # 30 s at 100 Hz, halved six times, rounded up.
    assert steps == [47]


@torch.inference_mode()
def test_features_are_attention_mean_and_maximum() -> None:
    network = built()
    states: list[torch.Tensor] = []
    network.recurrent.register_forward_hook(lambda _, __, found: states.append(found))
    x, lengths = torch.randn(1, 1, 160), torch.tensor([160])
    attended, mean, maximum = network.features(x, lengths).chunk(3, 1)
    torch.testing.assert_close(mean, states[0].mean(1))
    torch.testing.assert_close(maximum, states[0].amax(1))
    weights = network.attention(states[0]).softmax(1)
    torch.testing.assert_close(attended, (weights * states[0]).sum(1))
