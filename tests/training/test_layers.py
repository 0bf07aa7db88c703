"""What layers make of an input, and their first kernels: on networks that anyone can work out by hand."""

import math
import sys
from pathlib import Path

import numpy as np
import onnx
import pytest
import torch
from torch import Tensor, nn

from einthoven.errors import BundleError, MissingExtraError
from einthoven.inference.shipped import open_model
from einthoven.networks import HeartbeatCNN, RhythmNet, SpectrogramCNN, SpectrogramCRNN, build_network
from einthoven.training.export import export_onnx
from einthoven.training.layers import Kernels, activations, first_kernels, kernels_of_graph


class Toy(nn.Module):
    """A convolution that adds two neighbours, a ReLU, a pool, and a dense layer."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Sequential(nn.Conv1d(1, 1, 2, bias=False), nn.ReLU(), nn.MaxPool1d(2))
        self.dropout = nn.Dropout(0.5)
        self.dense = nn.Linear(1, 2)
        nn.init.ones_(self.stem[0].weight)
        nn.init.ones_(self.dense.weight)
        nn.init.zeros_(self.dense.bias)

    def forward(self, x: Tensor, lengths: Tensor) -> Tensor:
        del lengths
        found: Tensor = self.dense(self.dropout(self.stem(x).amax(-1)))
        return found


def test_each_layer_is_told_with_its_values_and_times() -> None:
    x = torch.tensor([[[1.0, 2.0, -9.0, 3.0, 1.0]]])
    layers = activations(Toy().eval(), x, rate=10.0, start_s=0.05)
    assert [(layer.name, layer.kind) for layer in layers] == [
        ("stem.0", "Conv1d + ReLU"), ("stem.2", "MaxPool1d"), ("dense", "Linear")]  # fmt: skip
    first, pooled, dense = layers
    assert first.values.tolist() == [[3, 0, 0, 4]]
    assert pooled.values.tolist() == [[3, 4]]
    assert dense.values.tolist() == [4, 4]
    # Five steps of 0.1 s became two of 0.25 s, whose middles are at 0.125 and 0.375 s.
    assert (pooled.start_s, pooled.step_s) == pytest.approx((0.125, 0.25))
    assert first.has_time
    assert not dense.has_time


NETWORKS = {
    "rhythm": (RhythmNet(stem_width=4, widths=(6, 8), strides=(2, 1), recurrent=5), (1, 1, 400)),
    "cnn": (SpectrogramCNN(width=2, n_layers=2, n_blocks=2, n_bins=9), (1, 1, 9, 40)),
    "crnn": (
        SpectrogramCRNN(width=2, n_layers=1, n_blocks=2, lstm_width=5, lstm_layers=2, n_bins=9),
        (1, 1, 9, 40),
    ),
    "heartbeat": (HeartbeatCNN(widths=(2, 3, 4, 5), dense=(4, 3)), (1, 1, 187)),
}
NAMES = {
    "rhythm": ["stem", "blocks.0", "blocks.1", "recurrent", "attention", "classifier"],
    "cnn": [*(f"convolutions.layers.{k}" for k in range(4)), "classifier"],
    "crnn": [*(f"{part}.layers.{k}" for part in ("convolutions", "lstm") for k in range(2)), "lstm_head.1"],
    "heartbeat": ["convolutions.0", "convolutions.3", "convolutions.6", "convolutions.7", "convolutions.10",
                  "convolutions.13", "dense.0", "dense.1", "dense.2"],
}  # fmt: skip


@pytest.mark.parametrize("name", NETWORKS)
def test_every_network_shows_its_layers_on_the_time_of_its_input(name: str) -> None:
    settings, shape = NETWORKS[name]
    torch.manual_seed(0)
    network = build_network(settings, n_leads=1, n_classes=3).eval()
    before = {key: value.clone() for key, value in network.state_dict().items()}
    layers = activations(network, torch.randn(shape), rate=100.0)
    assert [layer.name for layer in layers] == NAMES[name]
    assert layers[-1].values.shape == (3,)
    for layer in layers[:-1]:
        if layer.has_time:
            n_steps = layer.values.shape[1]
            assert layer.step_s * n_steps == pytest.approx(shape[-1] / 100)
            # Time is the second axis: the layers halve it, and have few channels.
            assert n_steps >= shape[-1] / 2**4 / 1.5 or name == "heartbeat"
    assert all(torch.equal(value, before[key]) for key, value in network.state_dict().items())
    assert not any(module._forward_hooks for module in network.modules())


def test_activations_are_those_that_the_next_layer_reads() -> None:
    torch.manual_seed(0)
    network = build_network(NETWORKS["rhythm"][0], n_leads=1, n_classes=3).eval()
    x = torch.randn(1, 1, 400)
    stem = activations(network, x, rate=100.0)[0]
    with torch.no_grad():
        expected = torch.relu(network.norm(network.stem(x)))[0].numpy()
    assert stem.values == pytest.approx(expected, abs=1e-6)
    assert stem.values.shape == (4, 200)


def test_hooks_go_away_even_if_the_network_fails() -> None:
    network = Toy().eval()
    with pytest.raises(RuntimeError):
        activations(network, torch.zeros(1, 3, 5), rate=10.0)
    assert not any(module._forward_hooks for module in network.modules())


def test_the_response_is_the_gain_of_each_frequency() -> None:
    # A mean of two samples lets 0 Hz through and stops the highest frequency; a difference does the opposite.
    kernels = Kernels("stem", np.array([[[0.5, 0.5]], [[0.5, -0.5]]], np.float32), 100.0)
    assert kernels.frequencies[[0, -1]].tolist() == [0, 50]
    mean, difference = kernels.response
    expected = np.abs(np.cos(np.pi * kernels.frequencies / 100))
    assert mean == pytest.approx(expected)
    assert difference == pytest.approx(np.sqrt(1 - expected**2), abs=1e-7)


def test_the_response_is_that_to_a_sine() -> None:
    rng = np.random.default_rng(0)
    kernels = Kernels("stem", rng.standard_normal((1, 2, 9)).astype(np.float32), 100.0)
    f = kernels.frequencies[40]
    sine = np.exp(2j * math.pi * f * np.arange(100) / 100)
    out = np.convolve(sine, kernels.values[0].sum(axis=0), mode="valid")
    assert np.abs(out) == pytest.approx(np.full(92, kernels.response[0, 40]))


def test_kernels_of_a_spectrogram_have_no_frequency_response() -> None:
    network = build_network(NETWORKS["cnn"][0], n_leads=1, n_classes=3)
    kernels = first_kernels(network, 9.4)
    assert kernels is not None
    assert kernels.name == "convolutions.layers.0.convolution"
    assert not kernels.has_response
    with pytest.raises(BundleError, match="expected kernels over time"):
        _ = kernels.response


def test_kernels_are_the_same_in_network_and_graph() -> None:
    settings = NETWORKS["rhythm"][0]
    torch.manual_seed(0)
    network = build_network(settings, n_leads=1, n_classes=3).eval()
    graph = kernels_of_graph(export_onnx(network, settings, 1), 100.0)
    found = first_kernels(network, 100.0)
    assert graph is not None
    assert found is not None
    assert (graph.name, found.name) == ("stem", "stem")
    assert graph.values == pytest.approx(found.values)
    assert kernels_of_graph(open_model("rhythm").networks[0], 100.0).values.shape == (24, 1, 11)  # type: ignore[union-attr]


def test_what_has_no_convolution_has_no_kernels(amplitude_network) -> None:
    assert first_kernels(nn.Linear(2, 2), 1.0) is None
    assert kernels_of_graph(amplitude_network(1.0), 1.0) is None


def test_what_is_not_installed_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    graph = onnx.ModelProto().SerializeToString()
    monkeypatch.setitem(sys.modules, "onnx", None)
    with pytest.raises(MissingExtraError, match=r"needs onnx: pip install 'einthoven\[train\]'"):
        kernels_of_graph(graph, 1.0)
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(MissingExtraError, match=r"needs torch: pip install 'einthoven\[train\]'"):
        first_kernels(nn.Linear(2, 2), 1.0)


def test_the_values_are_read_without_torch() -> None:
    source = Path(sys.modules[Kernels.__module__].__file__ or "").read_text()
    assert "\nimport torch" not in source
