"""einthoven's own heartbeat network: its size, what of the rows it reads, and that ONNX agrees."""

from dataclasses import replace

import numpy as np
import onnxruntime
import pytest
import torch
from torch import nn

from einthoven.errors import SettingsError
from einthoven.networks import BeatNet, build_network
from einthoven.networks.beats import N_ROWS, WaveAndRhythm, WaveBlock
from einthoven.signal.beats import AroundRPeaks
from einthoven.training.export import export_onnx, read_weights

SMALL = BeatNet(stem_width=4, widths=(4, 6), strides=(1, 2), wave_dense=7, rhythm_dense=6, joint_dense=5)
LENGTHS = torch.full((8,), 150)


def built(settings: BeatNet = SMALL, n_classes: int = 5) -> WaveAndRhythm:
    network = build_network(settings, n_leads=N_ROWS, n_classes=n_classes)
    assert isinstance(network, WaveAndRhythm)
    return network


def beats(n_samples: int = 150) -> torch.Tensor:
    return torch.randn(8, 3, n_samples)


def test_the_network_has_182_241_weights() -> None:
    settings, network = BeatNet(), built(BeatNet())
    found = sum(p.numel() for p in network.parameters())
    blocks = 0
    for n, width in zip((24, 24, 48, 48), settings.widths, strict=True):
        # Two convolutions of 5 without bias, two numbers a channel of batch norm each, and a shortcut.
        blocks += 5 * n * width + 5 * width * width + 4 * width + (n * width if n != width else 0)
    wave = 2 * 24 * 9 + 2 * 24 + blocks + (72 * 10 + 1) * 96
    rhythm = 2 * 46 + 47 * 64 + 65 * 64
    assert found == wave + rhythm + (96 + 64 + 1) * 64 + 65 * 5 == 182_241


def test_its_defaults_are_what_the_cut_gives() -> None:
    assert (BeatNet().n_samples, BeatNet().n_features) == (AroundRPeaks().n_samples, AroundRPeaks.n_features)
    assert len(AroundRPeaks().rows) == N_ROWS


def test_rows_go_in_and_classes_come_out() -> None:
    network, x = built(n_classes=3).eval(), beats()
    features = network.features(x, LENGTHS)
    assert features.shape == (8, network.n_features) == (8, 5)
    torch.testing.assert_close(network(x, LENGTHS), network.classify(features))
    assert network(x, LENGTHS).shape == (8, 3)
    assert torch.equal(network(x, torch.ones(8)), network(x, LENGTHS))


def test_every_sample_of_the_waves_and_every_feature_counts_and_nothing_else() -> None:
    network = built().eval()
    x = torch.cat([beats(), beats()], dim=1).requires_grad_()
    network(x, LENGTHS).square().sum().backward()
    assert x.grad is not None
    reached = x.grad.abs().sum(0) > 0
    assert reached[:2].all() and reached[2, :46].all()
    assert not reached[2, 46:].any() and not reached[3:].any()


def test_the_gradient_reaches_every_parameter() -> None:
    network = built().eval()
    network(beats(), LENGTHS).square().sum().backward()
    assert [name for name, p in network.named_parameters() if p.grad is None or not p.grad.any()] == []


def test_training_is_random_and_evaluation_is_not() -> None:
    network, x = built(), beats()
    assert not torch.equal(network.train()(x, LENGTHS), network(x, LENGTHS))
    assert torch.equal(network.eval()(x, LENGTHS), network(x, LENGTHS))
    # Each beat by itself.
    torch.testing.assert_close(network(x[:1], LENGTHS[:1]), network(x, LENGTHS)[:1])


@pytest.mark.parametrize(("stride", "n_steps"), [(1, 9), (2, 5)])
def test_a_block_halves_time_and_rounds_up(stride: int, n_steps: int) -> None:
    block = WaveBlock(4, 4, stride, 5).eval()
    nn.init.zeros_(block.conv2.weight)
    x = torch.randn(2, 4, 9)
    found = block(
        x,
    )
    assert found.shape == (2, 4, n_steps)
    pooled = torch.stack([x[..., 2 * i : 2 * i + 2].amax(-1) for i in range(5)], -1) if stride == 2 else x
    torch.testing.assert_close(found, pooled.relu())
    assert WaveBlock(4, 6, stride, 5)(x).shape == (2, 6, n_steps)


@pytest.mark.parametrize("n_samples", [46, 47, 149, 151, 300])
def test_heartbeats_of_any_one_length(n_samples: int) -> None:
    for strides in ((1, 2), (2, 2)):
        network = built(replace(SMALL, n_samples=n_samples, strides=strides))
        assert network(beats(n_samples), LENGTHS).shape == (8, 5)


def test_another_length_and_other_rows_are_refused() -> None:
    with pytest.raises(SettingsError, match="expected heartbeats of 150 samples, found 151"):
        built()(beats(151), LENGTHS)
    with pytest.raises(SettingsError, match="expected 3 rows a heartbeat, found 1"):
        build_network(SMALL, n_leads=1, n_classes=5)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"n_features": 151}, "BeatNet: expected n_features to be at most n_samples, 150, found 151"),
        ({"n_features": 0}, "n_features to be 1 or more"),
        ({"stem_kernel": 8}, "stem_kernel to be an odd number"),
        ({"kernel": 4}, "kernel to be an odd number"),
        ({"widths": ()}, "widths to be one or more numbers above 0"),
        ({"strides": (1, 3)}, "strides to be 2 numbers, each 1 or 2"),
        ({"wave_dense": 0}, "wave_dense to be 1 or more"),
        ({"dropout": 1.0}, "dropout to be a probability below 1"),
    ],
)
def test_settings_out_of_range_are_refused(change: dict[str, object], said: str) -> None:
    with pytest.raises(SettingsError, match=said):
        replace(SMALL, **change)  # type: ignore[arg-type]


def test_the_graph_agrees_with_torch_and_gives_its_weights_back() -> None:
    network = built()
    for module in network.modules():
        if isinstance(module, nn.BatchNorm1d):
            nn.init.normal_(module.bias, std=0.5)
            module.momentum = 1.0
    with torch.no_grad():
        network.train()(beats(), LENGTHS)
    network.eval()
    graph = export_onnx(network, SMALL, N_ROWS)
    session = onnxruntime.InferenceSession(graph, providers=["CPUExecutionProvider"])
    for n in (1, 5):
        x, lengths = beats()[:n], LENGTHS[:n]
        (found,) = session.run(None, {"signal": x.numpy(), "lengths": lengths.numpy()})
        with torch.inference_mode():
            np.testing.assert_allclose(found, network(x, lengths).numpy(), atol=1e-5, rtol=0)
    fresh = built().eval()
    assert fresh.load_state_dict(read_weights(graph), strict=False).unexpected_keys == []
    assert torch.equal(fresh(x, lengths), network(x, lengths))
