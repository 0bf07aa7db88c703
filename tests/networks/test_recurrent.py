import pytest
import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from einthoven.networks.recurrent import Bidirectional, LastState


@pytest.mark.parametrize("kind", [nn.GRU, nn.LSTM])
def test_one_layer_equals_a_bidirectional_one_on_packed_sequences(kind: type[nn.GRU] | type[nn.LSTM]) -> None:
    ours, oracle = Bidirectional(kind, 3, 4), kind(3, 4, batch_first=True, bidirectional=True)
    backward = {f"{name}_reverse": value for name, value in ours.back.state_dict().items()}
    oracle.load_state_dict(ours.ahead.state_dict() | backward)
    x, lengths = torch.randn(4, 9, 3), torch.tensor([9, 1, 4, 8])
    packed = pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)
    expected, _ = pad_packed_sequence(oracle(packed)[0], batch_first=True)
    found = ours(x, lengths)
    for states, truth, length in zip(found, expected, lengths, strict=True):
        torch.testing.assert_close(states[:length], truth[:length])


def test_separate_stacks_never_meet() -> None:
    layer = Bidirectional(nn.LSTM, 3, 4, n_layers=3)
    x, lengths = torch.randn(1, 7, 3, requires_grad=True), torch.tensor([7])
    ahead, back = layer(x, lengths)[0, 3].chunk(2)
    (past,) = torch.autograd.grad(ahead.sum(), x, retain_graph=True)
    (future,) = torch.autograd.grad(back.sum(), x)
    assert past[0].any(1).tolist() == [True] * 4 + [False] * 3
    assert future[0].any(1).tolist() == [False] * 3 + [True] * 4


@pytest.mark.parametrize("n_layers", [1, 2])
def test_the_last_state_is_that_of_packed_sequences(n_layers: int) -> None:
    layer = LastState(3, 4, n_layers)
    x, lengths = torch.randn(4, 9, 3), torch.tensor([9, 1, 4, 8])
    packed = pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)
    _, (states, _) = layer.ahead(packed)
    torch.testing.assert_close(layer(x, lengths), states[-1])
