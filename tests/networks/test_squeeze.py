import torch
from torch import nn

from einthoven.networks.squeeze import SQUEEZE, SqueezeExcitation


def test_a_gate_weighs_channels_between_nothing_and_all() -> None:
    gate = SqueezeExcitation(8)
    assert gate.squeeze.out_features == 8 // SQUEEZE
    weights = gate(torch.randn(50, 8) * 9)
    assert weights.shape == (50, 8)
    assert ((weights > 0) & (weights < 1)).all()
    nn.init.zeros_(gate.excite.weight)
    nn.init.zeros_(gate.excite.bias)
    assert torch.equal(gate(torch.randn(2, 8)), torch.full((2, 8), 0.5))
    # Of few channels there is still something to squeeze.
    assert SqueezeExcitation(2).squeeze.out_features == 1
