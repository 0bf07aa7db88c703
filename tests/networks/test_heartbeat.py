"""The heartbeat networks: the published sizes, one length, and layers that can be kept from learning."""

from dataclasses import replace

import pytest
import torch
from torch import nn

from einthoven.errors import SettingsError
from einthoven.networks import HeartbeatCNN, HeartbeatResNet, build_network
from einthoven.networks.heartbeat import HeartbeatNetwork

SMALL = {
    "cnn": HeartbeatCNN(widths=(4, 4, 4, 4), dense=(8, 6, 5)),
    "resnet": HeartbeatResNet(width=4, dense=(6, 5)),
}
LENGTHS = torch.full((4,), 187)


@pytest.fixture(params=SMALL)
def settings(request: pytest.FixtureRequest) -> HeartbeatCNN | HeartbeatResNet:
    return SMALL[request.param]


def built(settings: HeartbeatCNN | HeartbeatResNet, n_leads: int = 1, n_classes: int = 5) -> HeartbeatNetwork:
    network = build_network(settings, n_leads=n_leads, n_classes=n_classes)
    assert isinstance(network, HeartbeatNetwork)
    return network


def beats(n_leads: int = 1, n_samples: int = 187) -> torch.Tensor:
    return torch.rand(4, n_leads, n_samples)


def n_parameters(module: nn.Module) -> int:
    return sum(p.numel() for p in module.parameters())


def test_the_cnn_has_the_programs_5_125_125_weights() -> None:
    network = built(HeartbeatCNN())
    shapes = ((1, 32, 5), (32, 64, 5), (64, 128, 3), (128, 256, 3))
    # A bias each, and two numbers a channel of batch norm.
    convolutions = sum(n_inputs * n * kernel + n + 2 * n for n_inputs, n, kernel in shapes)
    dense = sum(n * width + width for n, width in ((4608, 1024), (1024, 256), (256, 32), (32, 5)))
    assert n_parameters(network) == convolutions + dense == 5_125_125
    assert n_parameters(built(HeartbeatCNN(), n_classes=2)) == 5_125_125 - 3 * 33


def test_the_cnns_layers_have_the_shapes_of_the_table() -> None:
    found: list[tuple[int, ...]] = []
    network = built(HeartbeatCNN())
    for layer in network.convolutions:
        if isinstance(layer, nn.Conv1d | nn.MaxPool1d | nn.AvgPool1d):
            layer.register_forward_hook(lambda _m, _i, out: found.append(tuple(out.shape[1:])))
    network.eval()(beats(), LENGTHS)
    assert found == [(32, 183), (64, 179), (64, 59), (128, 57), (256, 55), (256, 18)]
    assert [type(layer) for layer in network.convolutions if "Pool" in type(layer).__name__] == [
        nn.MaxPool1d,
        nn.AvgPool1d,
    ]
    assert [dropout.p for dropout in network.dropouts] == [0.3] * 4


def test_the_resnet_is_the_papers() -> None:
    network = built(HeartbeatResNet())
    convolutions = [m for m in network.modules() if isinstance(m, nn.Conv1d)]
    assert len(convolutions) == 11
    assert {(m.out_channels, m.kernel_size) for m in convolutions} == {(32, (5,))}
    assert [(m.in_features, m.out_features) for m in network.dense] == [(64, 32), (32, 32), (32, 5)]
    assert (
        n_parameters(network) == (5 * 32 + 32) + 10 * (5 * 32 * 32 + 32) + (64 * 32 + 32) + 33 * 32 + 33 * 5
    )


@pytest.mark.parametrize("n_leads", [1, 3])
def test_rows_go_in_and_classes_come_out(settings: HeartbeatCNN | HeartbeatResNet, n_leads: int) -> None:
    network = built(settings, n_leads, n_classes=3).eval()
    x = beats(n_leads)
    features = network.features(x, LENGTHS)
    assert features.shape == (4, network.n_features) == (4, 5)
    torch.testing.assert_close(network(x, LENGTHS), network.classify(features))
    assert network(x, LENGTHS).shape == (4, 3)
    torch.testing.assert_close(network(x, torch.ones(4)), network(x, LENGTHS))
    for row in range(n_leads):
        without = x.clone()
        without[:, row] = 0
        assert (network(x, LENGTHS) - network(without, LENGTHS)).abs().max() > 1e-5


def test_the_gradient_reaches_every_parameter_and_the_samples(
    settings: HeartbeatCNN | HeartbeatResNet,
) -> None:
    network = built(settings)
    x = torch.randn(16, 1, 187, requires_grad=True)
    network.eval()(x, LENGTHS).square().sum().backward()
    assert x.grad is not None
    assert x.grad.any()
    assert [name for name, p in network.named_parameters() if p.grad is None or not p.grad.any()] == []


def test_training_is_random_where_there_is_dropout(settings: HeartbeatCNN | HeartbeatResNet) -> None:
    network, x = built(settings).train(), beats()
    same = torch.equal(network(x, LENGTHS), network(x, LENGTHS))
    assert same is (settings.name == "heartbeat-resnet")


def test_another_length_is_refused_and_another_setting_takes_it(
    settings: HeartbeatCNN | HeartbeatResNet,
) -> None:
    with pytest.raises(SettingsError, match="expected heartbeats of 187 samples, found 250"):
        built(settings)(beats(n_samples=250), LENGTHS)
    network = built(replace(settings, n_samples=250))
    assert network(beats(n_samples=250), LENGTHS).shape == (4, 5)


@pytest.mark.parametrize(
    ("kind", "values", "said"),
    [
        (HeartbeatCNN, {"n_samples": 28}, "n_samples to be enough for all convolutions .*, found 28"),
        (HeartbeatResNet, {"n_samples": 128}, "n_samples to be enough"),
        (HeartbeatCNN, {"widths": (1, 2, 3)}, "widths to be 4 numbers above 0"),
        (HeartbeatCNN, {"widths": (1, 2, 3, 0)}, "widths to be 4 numbers above 0"),
        (HeartbeatCNN, {"dense": (3, 0)}, "dense to be numbers above 0"),
        (HeartbeatCNN, {"dropout": 1.0}, "dropout to be a probability below 1"),
        (HeartbeatResNet, {"kernel": 4}, "kernel to be an odd number"),
        (HeartbeatResNet, {"width": 0}, "width to be 1 or more"),
        (HeartbeatResNet, {"n_units": 0}, "n_units to be 1 or more"),
        (HeartbeatResNet, {"dense": (0,)}, "dense to be numbers above 0"),
    ],
)
def test_settings_out_of_range_are_refused(kind, values, said: str) -> None:
    with pytest.raises(SettingsError, match=said):
        kind(**values)


def test_the_shortest_heartbeat_leaves_one_step() -> None:
    assert [HeartbeatCNN(n_samples=n).n_steps for n in (29, 37, 38)] == [1, 1, 2]
    assert [HeartbeatResNet(n_samples=n).n_steps for n in (129, 160, 161)] == [1, 1, 2]
    for settings in (HeartbeatCNN(n_samples=29), HeartbeatCNN(n_samples=60), HeartbeatResNet(n_samples=129)):
        shape = built(settings).convolutions(torch.zeros(2, 1, settings.n_samples)).shape
        assert shape[2] == settings.n_steps


@pytest.mark.parametrize("k", [1, 2, 3])
def test_only_the_last_layers_learn_and_nothing_else_changes_by_one_bit(
    settings: HeartbeatCNN | HeartbeatResNet, k: int
) -> None:
    network = built(settings).train()
    network.train_last(k)
    before = {name: value.clone() for name, value in network.state_dict().items()}
    # Weight decay would change whatever the optimiser was given.
    trained = [p for p in network.parameters() if p.requires_grad]
    optimizer = torch.optim.AdamW(trained, lr=0.1, weight_decay=0.5)
    for _ in range(3):
        optimizer.zero_grad()
        network(torch.randn(16, 1, 187), LENGTHS).square().sum().backward()
        optimizer.step()
        network.train()
    changed = {
        name.rpartition(".")[0] for name, v in network.state_dict().items() if not v.equal(before[name])
    }
    first = network.n_dense - k
    assert changed == {f"dense.{index}" for index in range(first, network.n_dense)}


def test_what_is_frozen_is_in_evaluation_mode_and_wakes_up_again(
    settings: HeartbeatCNN | HeartbeatResNet,
) -> None:
    network = built(settings)
    assert network.n_dense == settings.n_dense
    network.train_last(1)
    assert not any(module.training for module in network.convolutions.modules())
    assert [dropout.training for dropout in network.dropouts] == [False] * (network.n_dense - 1) + [True]
    network.train_last(network.n_dense)
    assert all(dropout.training for dropout in network.dropouts)
    assert not any(p.requires_grad for p in network.convolution_parameters())
    network.train_last(None)
    assert all(module.training for module in network.modules())
    assert all(p.requires_grad for p in network.parameters())
    network.eval()
    network.train_last(1)
    assert not any(module.training for module in network.modules())


@pytest.mark.parametrize("k", [0, 5])
def test_layers_that_are_not_there_cannot_be_trained(k: int) -> None:
    with pytest.raises(SettingsError, match="the last 1 to 4 layers, found"):
        built(SMALL["cnn"]).train_last(k)
