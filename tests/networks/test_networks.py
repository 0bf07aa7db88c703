"""What every network must do, whatever it is made of."""

from dataclasses import replace

import pytest
import torch
from torch import Tensor, nn

from einthoven.networks import NetworkSettings, RhythmNet, SpectrogramCNN, SpectrogramCRNN, build_network
from einthoven.networks.network import Network

LENGTHS = (1, 2, 3, 16, 37, 64, 101)
"""Steps, odd and even, down to a single one; the longest fills the batch."""


def trained(settings: NetworkSettings, n_leads: int = 1, n_classes: int = 4) -> Network:
    """Return a network whose batch norms have seen data: signals pass through, and zeros do not stay zero."""
    network = build_network(settings, n_leads=n_leads, n_classes=n_classes)
    for module in network.modules():
        if isinstance(module, nn.BatchNorm1d | nn.BatchNorm2d):
            nn.init.normal_(module.bias, std=0.5)
            module.momentum = 1.0
    with torch.no_grad():
        network.train()(*batch(settings, n_leads, (96,) * 8))
    return network.eval()


def batch(
    settings: NetworkSettings, n_leads: int = 1, lengths: tuple[int, ...] = LENGTHS
) -> tuple[Tensor, Tensor]:
    """Return noise of several lengths, zero-padded to the longest."""
    n_bins = getattr(settings, "n_bins", None)
    channels = (n_leads,) if n_bins is None else (n_leads, n_bins)
    x = torch.randn(len(lengths), *channels, max(lengths))
    for record, length in zip(x, lengths, strict=True):
        record[..., length:] = 0
    return x, torch.tensor(lengths)


@pytest.mark.parametrize("n_leads", [1, 2, 12])
def test_leads_go_in_and_classes_come_out(settings: NetworkSettings, n_leads: int) -> None:
    network = trained(settings, n_leads, n_classes=3)
    x, lengths = batch(settings, n_leads, (37, 64))
    features = network.features(x, lengths)
    assert features.shape == (2, network.n_features)
    assert network(x, lengths).shape == (2, 3)
    torch.testing.assert_close(network(x, lengths), network.classify(features))


def test_every_lead_matters(settings: NetworkSettings) -> None:
    network = trained(settings, n_leads=2)
    x, lengths = batch(settings, 2, (64, 64))
    without = x.clone()
    without[:, 1] = 0
    assert (network(x, lengths) - network(without, lengths)).abs().max() > 1e-4


@torch.inference_mode()
def test_padding_changes_nothing(settings: NetworkSettings) -> None:
    network = trained(settings)
    x, lengths = batch(settings)
    together = network(x, lengths)
    for extra in (1, 2, 30):
        padded = nn.functional.pad(x, (0, extra))
        torch.testing.assert_close(network(padded, lengths), together, atol=1e-5, rtol=0)
    for position, length in enumerate(LENGTHS):
        alone = network(x[position : position + 1, ..., :length], lengths[position : position + 1])
        torch.testing.assert_close(alone[0], together[position], atol=1e-5, rtol=0)


def test_what_one_recording_holds_changes_no_other(settings: NetworkSettings) -> None:
    network = trained(settings)
    x, lengths = batch(settings, lengths=(64, 37))
    before = network(x, lengths)[1]
    x[0] *= 3
    torch.testing.assert_close(network(x, lengths)[1], before, atol=1e-5, rtol=0)


def test_the_gradient_reaches_every_valid_sample_and_every_parameter(settings: NetworkSettings) -> None:
    network = build_network(replace(settings, dropout=0.0), n_leads=1, n_classes=4)
    # Unpadded convolutions and poolings leave out what does not fill their last window: of 63 steps, nothing.
    x, lengths = batch(settings, lengths=(63,) * 8)
    x.requires_grad_(True)
    network(x, lengths).square().sum().backward()
    assert x.grad is not None
    reached = x.grad.abs().sum((0, 1)) > 0
    assert reached.all()
    learning = {name: p for name, p in network.named_parameters() if p.requires_grad}
    assert [name for name, p in learning.items() if p.grad is None or not p.grad.any()] == []


def test_padding_gets_no_gradient(settings: NetworkSettings) -> None:
    network = trained(settings)
    x, lengths = batch(settings, lengths=(37, 64))
    x.requires_grad_(True)
    network(x, lengths)[0].square().sum().backward()
    assert x.grad is not None
    assert x.grad[0, ..., :37].any()
    assert not x.grad[1].any()


def test_training_is_random_and_evaluation_is_not(settings: NetworkSettings) -> None:
    network = trained(settings)
    x, lengths = batch(settings, lengths=(64, 64))
    assert torch.equal(network(x, lengths), network(x, lengths))
    network.train()
    assert not torch.equal(network(x, lengths), network(x, lengths))


def test_shorter_floating_point_types_work(settings: NetworkSettings) -> None:
    network = trained(settings).train()
    x, lengths = batch(settings, lengths=(64, 37))
    with torch.autocast("cpu", torch.bfloat16):
        logits = network(x, lengths)
    logits.float().square().sum().backward()
    learning = [p for p in network.parameters() if p.requires_grad]
    assert torch.isfinite(logits).all()
    assert all(p.grad is not None and torch.isfinite(p.grad).all() for p in learning)


def n_parameters(module: nn.Module) -> int:
    return sum(p.numel() for p in module.parameters())


def convolution_parameters(n_blocks: int, n_layers: int, width: int = 32, n_leads: int = 1) -> int:
    """Count by the table of the paper: 5x5 kernels without a bias, two numbers a channel of batch norm."""
    total, n_inputs = 0, n_leads
    for block in range(1, n_blocks + 1):
        outputs = [width * block] * (n_layers - 1) + [width * (block + 1)]
        for n_outputs in outputs:
            total += 25 * n_inputs * n_outputs + 2 * n_outputs
            n_inputs = n_outputs
    return total


def test_the_cnn_has_the_papers_parameters() -> None:
    network = build_network(SpectrogramCNN(), n_leads=1, n_classes=4)
    assert n_parameters(network) == convolution_parameters(6, 4) + 224 * 4 + 4 == 9_837_860


def test_the_crnn_has_the_papers_parameters() -> None:
    network = build_network(SpectrogramCRNN(), n_leads=1, n_classes=4)
    convolutions = n_parameters(network.get_submodule("convolutions"))
    assert convolutions == convolution_parameters(4, 6) == 4_843_296
    # Four gates, two directions, two bias vectors a gate in torch; 480 features a step, then 2 x 200.
    lstm = sum(2 * 4 * 200 * (n_inputs + 200 + 2) for n_inputs in (480, 400, 400))
    heads = (480 * 4 + 4) + (400 * 4 + 4)
    assert n_parameters(network) == convolutions + lstm + heads


def test_the_codes_crnn_keeps_its_directions_apart() -> None:
    network = build_network(SpectrogramCRNN.preset("code"), n_leads=1, n_classes=4)
    lstm = sum(2 * 4 * 100 * (n_inputs + 100 + 2) for n_inputs in (480, 100, 100))
    assert n_parameters(network.get_submodule("lstm")) == lstm
    assert n_parameters(network.get_submodule("mean_head")) == 480 * 200 + 200 + 200 * 4 + 4


def test_the_rhythm_network_is_small() -> None:
    network = build_network(RhythmNet(), n_leads=1, n_classes=4)
    assert n_parameters(network) == 866_437
    assert network.n_features == 3 * 2 * 64
