import pytest
import torch
from torch import nn

from einthoven.errors import SettingsError
from einthoven.networks import SpectrogramCNN, SpectrogramCRNN, build_network
from einthoven.networks.masking import time_mask
from einthoven.networks.spectrogram import CRNN, Convolutions

PAPERS_TABLE = [(285, 17), (143, 9), (72, 5), (36, 3), (18, 2), (9, 1)]
"""Time and frequency after each block, for a recording of 61 s (Zihlmann et al. 2017)."""


def crnn(**changes: object) -> CRNN:
    network = build_network(
        SpectrogramCRNN(**{"width": 2, "n_layers": 2, "lstm_width": 3} | changes), n_leads=1, n_classes=4
    )
    assert isinstance(network, CRNN)
    return network


@pytest.mark.parametrize("preset", ["paper", "code"])
def test_blocks_shrink_as_the_papers_table_says(preset: str) -> None:
    settings = SpectrogramCNN.preset(preset, width=2)
    convolutions = Convolutions(settings, 1).eval()
    x = torch.randn(1, 1, 33, 570)
    mask, shapes = time_mask(x, torch.tensor([570])), []
    for position, layer in enumerate(convolutions.layers, start=1):
        x, mask = layer(x, mask)
        assert mask.shape[-1] == x.shape[-1]
        if position % settings.n_layers == 0:
            shapes.append((x.shape[3], x.shape[2], x.shape[1]))
    assert shapes == [(*size, 2 * (block + 2)) for block, size in enumerate(PAPERS_TABLE)]


def test_the_crnn_flattens_three_bins_into_480_features() -> None:
    assert Convolutions(SpectrogramCRNN(), 1).n_outputs == 480
    assert Convolutions(SpectrogramCNN(), 1).n_outputs == 224


@pytest.mark.parametrize("preset", ["paper", "code"])
def test_activations_stay_channels_last(preset: str) -> None:
    convolutions = Convolutions(SpectrogramCNN.preset(preset, width=4, n_layers=2), 2)
    x = torch.randn(2, 2, 33, 40)
    mask = time_mask(x, torch.tensor([40, 40]))
    for layer in convolutions.layers[:4]:
        x, mask = layer(x, mask)
        assert x.is_contiguous(memory_format=torch.channels_last)


def test_the_last_output_has_seen_the_whole_recording_both_ways() -> None:
    network = crnn().eval()
    x, mask = torch.randn(2, 9, network.convolutions.n_outputs, requires_grad=True), torch.ones(2, 1, 9)
    mask[0, 0, 5:] = 0
    pooled = network.lstm(x, mask)
    for half in pooled.chunk(2, -1):
        (gradient,) = torch.autograd.grad(half.sum(), x, retain_graph=True)
        assert gradient[0].any(1).tolist() == [True] * 5 + [False] * 4
        assert gradient[1].any(1).all()


def test_a_head_can_be_chosen_and_the_other_one_keeps_its_weights() -> None:
    network = crnn()
    x, lengths = torch.randn(2, 1, 33, 40), torch.tensor([40, 31])
    before = {name: value.clone() for name, value in network.state_dict().items()}
    for head, n_features in (("mean", 10 * 3), ("lstm", 2 * 3)):
        network.set_head(head)
        network.zero_grad()
        assert network.features(x, lengths).shape == (2, network.n_features) == (2, n_features)
        network(x, lengths).sum().backward()
        learning = {name.split(".")[0] for name, p in network.named_parameters() if p.requires_grad}
        reached = {name.split(".")[0] for name, p in network.named_parameters() if p.grad is not None}
        expected = {"convolutions", "mean_head"} if head == "mean" else {"convolutions", "lstm", "lstm_head"}
        assert learning == reached == expected
    parameters = dict(network.named_parameters())
    assert all(torch.equal(before[name], value) for name, value in parameters.items())
    with pytest.raises(SettingsError, match="mean or lstm, found 'svm'"):
        network.set_head("svm")


def test_frozen_convolutions_do_not_change_while_the_lstm_learns() -> None:
    network = crnn()
    network.freeze_convolutions()
    network.train()
    convolutions = {name: value.clone() for name, value in network.convolutions.state_dict().items()}
    lstm = network.lstm.layers[0].get_parameter("ahead.weight_ih_l0").clone()
    optimizer = torch.optim.Adam(p for p in network.parameters() if p.requires_grad)
    x, lengths = torch.randn(2, 1, 33, 40), torch.tensor([40, 31])
    network(x, lengths).square().sum().backward()
    optimizer.step()
    assert all(torch.equal(convolutions[name], v) for name, v in network.convolutions.state_dict().items())
    assert not torch.equal(lstm, network.lstm.layers[0].get_parameter("ahead.weight_ih_l0"))
    # Dropout stands still too: the LSTM learns on the features that it will be given.
    first, second = (network.convolutions(x, lengths)[0] for _ in range(2))
    assert torch.equal(first, second)


def test_convolutions_learn_again_after_freezing() -> None:
    network = crnn()
    network.freeze_convolutions()
    assert not any(p.requires_grad for p in network.convolution_parameters())
    assert network.training
    assert not network.convolutions.training
    network.freeze_convolutions(False)
    assert all(p.requires_grad for p in network.convolution_parameters())
    assert all(module.training for module in network.convolutions.modules())
    network.eval()
    network.freeze_convolutions(False)
    assert not network.convolutions.training


def test_dropout_is_in_every_layer() -> None:
    network = crnn(dropout=0.5)
    x = torch.ones(1, 1, 33, 64)
    mask = time_mask(x, torch.tensor([64]))
    for layer in network.convolutions.layers:
        layer.eval()
        still, _ = layer(x, mask)
        layer.train()
        nn.init.zeros_(layer.get_submodule("norm").weight)
        nn.init.ones_(layer.get_submodule("norm").bias)
        share = float((layer(x, mask)[0] == 0).float().mean())
        assert 0.35 < share < 0.65
        x, mask = still, layer(x, mask)[1]
