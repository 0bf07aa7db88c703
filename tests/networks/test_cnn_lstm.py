"""The network of Singstad and Tronstad: its size, its steps, and recordings around its shortest one."""

import pytest
import torch
from torch import Tensor

from einthoven.networks import CNNLSTM, build_network
from einthoven.networks.cnn_lstm import ConvolutionsAndLSTM, UnpaddedBlock

SMALL = CNNLSTM(width=8, n_blocks=2)


def built(settings: CNNLSTM = SMALL, n_leads: int = 2, n_classes: int = 9) -> ConvolutionsAndLSTM:
    network = build_network(settings, n_leads=n_leads, n_classes=n_classes)
    assert isinstance(network, ConvolutionsAndLSTM)
    return network.eval()


def steps_of_layers(network: ConvolutionsAndLSTM, n_samples: int, n_leads: int = 2) -> list[int]:
    steps: list[int] = []
    for block in network.blocks:
        block.register_forward_hook(lambda _, __, found: steps.append(found[0].shape[2]))
    with torch.inference_mode():
        network(torch.randn(1, n_leads, n_samples), torch.tensor([n_samples]))
    return steps


def n_parameters(width: int) -> int:
    """Count by the table: seven convolutions with batch norm, an LSTM of four gates, two dense layers."""
    convolutions = (5 * 12 + 1) * width + 6 * (5 * width + 1) * width + 7 * 2 * width
    # PyTorch has two biases a gate.
    lstm = 4 * width * (width + width + 2)
    return convolutions + lstm + (width + 1) * width + (width + 1) * 9


@pytest.mark.parametrize(("width", "n"), [(512, 10_274_313), (64, 166_089)])
def test_the_network_has_the_papers_parameters(width: int, n: int) -> None:
    with torch.device("meta"):
        network = build_network(CNNLSTM(width=width), n_leads=12, n_classes=9)
    assert sum(p.numel() for p in network.parameters()) == n_parameters(width) == n
    # As Keras counts: with the two statistics of each batch norm, and one bias a gate.
    keras = n + 7 * 2 * width - 4 * width
    if width == 512:
        assert keras == 10_279_433
        assert max(n, keras) == pytest.approx(10.28e6, rel=0.005)
        assert min(n, keras) == pytest.approx(10.28e6, rel=0.005)


def test_twenty_seconds_become_the_papers_steps() -> None:
    network = built(CNNLSTM(width=2), n_leads=12)
    assert steps_of_layers(network, 10_000, 12) == [3331, 1108, 367, 120, 38, 10, 4]
    assert network.n_features == 2


@pytest.mark.parametrize("n_blocks", [1, 2, 3, 4, 6])
def test_the_shortest_recording_leaves_one_step(n_blocks: int) -> None:
    network = built(CNNLSTM(width=1, n_blocks=n_blocks))
    shortest = network.min_samples
    assert shortest == 10 * 3**n_blocks - 3
    assert steps_of_layers(network, shortest)[-1] == 1
    assert steps_of_layers(built(CNNLSTM(width=1, n_blocks=n_blocks)), shortest + 3**n_blocks)[-1] == 2
    assert steps_of_layers(built(CNNLSTM(width=1, n_blocks=n_blocks)), 1)[-1] == 1


@torch.inference_mode()
def test_a_recording_in_a_longer_batch_is_read_as_if_it_were_alone() -> None:
    network = built()
    lengths = torch.arange(80, 130)
    x = torch.randn(len(lengths), 2, 140)
    for record, length in zip(x, lengths, strict=True):
        record[:, length:] = 0
    together = network(x, lengths)
    for position, n in enumerate(lengths):
        alone = network(x[position : position + 1, :, :n], n[None])
        torch.testing.assert_close(alone[0], together[position], atol=1e-6, rtol=0)


@torch.inference_mode()
def test_a_short_recording_is_read_with_zeros_after_it() -> None:
    network = built()
    x = torch.randn(1, 2, 50)
    filled = torch.nn.functional.pad(x, (0, network.min_samples - 50))
    expected = network(filled, torch.tensor([network.min_samples]))
    torch.testing.assert_close(network(x, torch.tensor([50])), expected)
    # What a batch holds beyond the shortest recording is not read, zeros or not.
    longer = torch.cat([filled, torch.randn(1, 2, 8)], -1)
    torch.testing.assert_close(network(longer, torch.tensor([50])), expected)


@torch.inference_mode()
def test_the_features_are_the_lstms_last_state() -> None:
    network = built(CNNLSTM(width=8, n_blocks=1))
    given: list[Tensor] = []
    network.lstm.register_forward_hook(lambda _, inputs, __: given.append(inputs[0]))
    x, lengths = torch.randn(2, 2, 90), torch.tensor([90, 63])
    x[1, :, 63:] = 0
    features = network.features(x, lengths)
    for row, n_steps in enumerate((22, 13)):
        _, (state, _) = network.lstm.ahead(given[0][row : row + 1, :n_steps])
        torch.testing.assert_close(features[row], state[0, 0])
    expected = network.classifier(torch.relu(network.dense(features)))
    torch.testing.assert_close(network.classify(features), expected)


@pytest.mark.parametrize(("pool", "stride"), [(5, 3), (3, 1)])
def test_a_block_is_convolution_relu_maximum_and_batch_norm(pool: int, stride: int) -> None:
    block = UnpaddedBlock(2, 3, pool, stride).train()
    x = torch.randn(4, 2, 40)
    found, n_steps = block(x, torch.tensor([40, 9, 30, 31]))
    pooled = torch.nn.functional.max_pool1d(torch.relu(block.convolution(x)), pool, stride)
    mean, std = pooled.mean((0, 2), keepdim=True), pooled.var((0, 2), unbiased=False, keepdim=True)
    torch.testing.assert_close(found, (pooled - mean) / (std + block.norm.eps).sqrt())
    expected = [block.eval()(x[:1, :, :n], torch.tensor([n]))[0].shape[2] for n in (40, 9, 30, 31)]
    assert n_steps.tolist() == expected
