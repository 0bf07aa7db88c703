from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from torch import Tensor, nn

from einthoven.errors import BundleError
from einthoven.networks import (
    CNNLSTM,
    HeartbeatCNN,
    HeartbeatResNet,
    NetworkSettings,
    Residual16,
    RhythmNet,
    SpectrogramCNN,
    SpectrogramCRNN,
    TwelveLeadCNN,
    build_network,
)
from einthoven.networks.network import Network
from einthoven.training.export import export_onnx, read_weights

N_LEADS = 2
SMALL: dict[str, tuple[NetworkSettings, int | None]] = {
    "cnn-paper": (SpectrogramCNN(width=2, n_layers=1, n_blocks=2, n_bins=9), 9),
    "crnn-paper": (
        SpectrogramCRNN(width=2, n_layers=1, n_blocks=2, lstm_width=5, lstm_layers=2, n_bins=9),
        9,
    ),
    "crnn-code": (SpectrogramCRNN.preset("code", width=2, n_layers=1, n_blocks=2, lstm_width=5, n_bins=9), 9),
    "rhythm": (RhythmNet(stem_width=4, widths=(4, 8), strides=(2, 1), recurrent=5), None),
    "cnn-lstm": (CNNLSTM(width=6, n_blocks=1), None),
    "twelve-lead-cnn": (TwelveLeadCNN(widths=(4, 8), dense=5), None),
    "residual-16": (Residual16(width=3, n_blocks=5, squeeze_excitation=True), None),
}
RECURRENT_NODES = {
    "crnn-paper": {"LSTM": 4},
    "crnn-code": {"LSTM": 6},
    "rhythm": {"GRU": 2},
    "cnn-lstm": {"LSTM": 1},
}


@pytest.fixture(scope="module", params=SMALL)
def exported(request: pytest.FixtureRequest) -> tuple[str, Network, bytes]:
    """A network of each kind with the statistics of a trained one, and its graph."""
    torch.set_num_threads(1)
    torch.manual_seed(0)
    settings, n_bins = SMALL[request.param]
    network = build_network(settings, n_leads=N_LEADS, n_classes=4)
    for module in network.modules():
        if isinstance(module, nn.BatchNorm1d | nn.BatchNorm2d):
            nn.init.normal_(module.bias, std=0.5)
            module.momentum = 1.0
    with torch.no_grad():
        network.train()(*noise(request.param, (96,) * 8))
    return request.param, network.eval(), export_onnx(network, settings, N_LEADS, n_bins)


def noise(kind: str, lengths: tuple[int, ...]) -> tuple[Tensor, Tensor]:
    n_bins = SMALL[kind][1]
    x = torch.randn(len(lengths), N_LEADS, *([n_bins] if n_bins else []), max(lengths))
    for record, length in zip(x, lengths, strict=True):
        record[..., length:] = 0
    return x, torch.tensor(lengths)


def test_the_graph_agrees_with_torch_on_any_batch_and_length(exported: tuple[str, Network, bytes]) -> None:
    kind, network, graph = exported
    session = onnxruntime.InferenceSession(graph)
    for lengths in ((1,), (7,), (64, 63), (333, 1, 2, 200, 77), (96,) * 3):
        x, steps = noise(kind, lengths)
        (found,) = session.run(None, {"signal": x.numpy(), "lengths": steps.numpy()})
        with torch.inference_mode():
            np.testing.assert_allclose(found, network(x, steps).numpy(), atol=1e-5, rtol=0)


def test_inputs_outputs_and_free_axes_have_names(exported: tuple[str, Network, bytes]) -> None:
    kind, _, graph = exported
    model = onnx.load_from_string(graph)
    onnx.checker.check_model(model)
    shapes = {
        item.name: [d.dim_param or d.dim_value for d in item.type.tensor_type.shape.dim]
        for item in (*model.graph.input, *model.graph.output)
    }
    bins = [SMALL[kind][1]] if SMALL[kind][1] else []
    assert shapes == {
        "signal": ["batch", N_LEADS, *bins, "time"],
        "lengths": ["batch"],
        "logits": ["batch", 4],
    }


def test_recurrent_layers_are_single_operators(exported: tuple[str, Network, bytes]) -> None:
    kind, _, graph = exported
    operators = [node.op_type for node in onnx.load_from_string(graph).graph.node]
    found = {name: operators.count(name) for name in ("GRU", "LSTM") if name in operators}
    assert found == RECURRENT_NODES.get(kind, {})
    assert not {"Loop", "Scan", "If"} & set(operators)


def test_the_graph_does_not_tell_where_it_was_made(exported: tuple[str, Network, bytes]) -> None:
    _, _, graph = exported
    model = onnx.load_from_string(graph)
    parts = (
        model,
        model.graph,
        *model.graph.node,
        *model.graph.initializer,
        *model.graph.input,
        *model.graph.output,
    )
    assert not any(part.metadata_props or part.doc_string for part in parts)
    assert not model.functions
    for trace in (str(Path(torch.__file__).parent), str(Path(__file__).parents[2]), "site-packages", ".py"):
        assert trace.encode() not in graph


def test_weights_come_back_and_give_the_same_network(exported: tuple[str, Network, bytes]) -> None:
    kind, network, graph = exported
    settings, _ = SMALL[kind]
    weights = read_weights(graph)
    fresh = build_network(settings, n_leads=N_LEADS, n_classes=4).eval()
    missing, unexpected = fresh.load_state_dict(weights, strict=False)
    assert unexpected == []
    assert all("num_batches_tracked" in name or name.startswith("mean_head") for name in missing)
    x, lengths = noise(kind, (64, 31))
    assert torch.equal(fresh(x, lengths), network(x, lengths))


def test_the_features_alone_are_exported_without_the_classifier(exported: tuple[str, Network, bytes]) -> None:
    kind, network, whole = exported
    settings, n_bins = SMALL[kind]
    graph = export_onnx(network, settings, N_LEADS, n_bins, output="features")
    model = onnx.load_from_string(graph)
    (output,) = model.graph.output
    shape = [d.dim_param or d.dim_value for d in output.type.tensor_type.shape.dim]
    assert (output.name, shape) == ("features", ["batch", network.n_features])
    kept, every = read_weights(graph), read_weights(whole)
    assert kept.keys() < every.keys()
    assert all(torch.equal(kept[name], every[name]) for name in kept)
    x, lengths = noise(kind, (64, 31))
    (found,) = onnxruntime.InferenceSession(graph).run(
        None, {"signal": x.numpy(), "lengths": lengths.numpy()}
    )
    with torch.inference_mode():
        np.testing.assert_allclose(found, network.features(x, lengths).numpy(), atol=1e-5, rtol=0)
        assert network(x, lengths).shape == (2, 4), "the network itself is as it was"


@pytest.mark.parametrize(
    "settings",
    [HeartbeatCNN(widths=(2, 3, 4, 5), dense=(7, 6), n_samples=50), HeartbeatResNet(width=3, dense=())],
)
def test_networks_of_one_length_have_a_time_axis_of_that_length(
    settings: HeartbeatCNN | HeartbeatResNet,
) -> None:
    torch.manual_seed(0)
    network = build_network(settings, n_leads=N_LEADS, n_classes=5)
    n = settings.n_samples
    with torch.no_grad():
        network.train()(torch.randn(32, N_LEADS, n), torch.full((32,), n))
    graph = export_onnx(network.eval(), settings, N_LEADS)
    model = onnx.load_from_string(graph)
    onnx.checker.check_model(model)
    shapes = [
        [d.dim_param or d.dim_value for d in item.type.tensor_type.shape.dim]
        for item in (*model.graph.input, *model.graph.output)
    ]
    assert shapes == [["batch", N_LEADS, n], ["batch"], ["batch", 5]]
    session = onnxruntime.InferenceSession(graph)
    for n_batch in (1, 5):
        x, lengths = torch.randn(n_batch, N_LEADS, n), torch.full((n_batch,), n)
        (found,) = session.run(None, {"signal": x.numpy(), "lengths": lengths.numpy()})
        with torch.inference_mode():
            np.testing.assert_allclose(found, network(x, lengths).numpy(), atol=1e-5, rtol=0)
    fresh = build_network(settings, n_leads=N_LEADS, n_classes=5).eval()
    missing, unexpected = fresh.load_state_dict(read_weights(graph), strict=False)
    assert unexpected == []
    assert all("num_batches_tracked" in name for name in missing)
    assert torch.equal(fresh(x, lengths), network(x, lengths))


class _Forgetful(Network):
    """A network that computes something else when it is exported."""

    def __init__(self) -> None:
        super().__init__()
        self.classifier = nn.Linear(N_LEADS, 4)

    def features(self, x: Tensor, lengths: Tensor) -> Tensor:
        return x.sum(-1) / lengths[:, None] + (1e-2 if torch.onnx.is_in_onnx_export() else 0)

    def classify(self, features: Tensor) -> Tensor:
        logits: Tensor = self.classifier(features)
        return logits


class _Fixed(_Forgetful):
    """A network that takes a batch of two only."""

    def features(self, x: Tensor, lengths: Tensor) -> Tensor:
        return (x.sum(-1) / lengths[:, None]).reshape(2, N_LEADS)


def test_a_graph_that_disagrees_with_torch_is_refused() -> None:
    with pytest.raises(BundleError, match=r"logits within 0\.0001"):
        export_onnx(_Forgetful(), RhythmNet(), N_LEADS)


def test_a_graph_that_disagrees_at_its_one_length_is_refused() -> None:
    with pytest.raises(BundleError, match=r"at \d x 187 steps"):
        export_onnx(_Forgetful(), HeartbeatCNN(), N_LEADS)


def test_features_that_disagree_with_torch_are_refused() -> None:
    with pytest.raises(BundleError, match=r"torch's features within 0\.0001"):
        export_onnx(_Forgetful(), RhythmNet(), N_LEADS, output="features")


class _Loud(_Forgetful):
    """A network of large outputs, which float32 holds to so many digits and no more."""

    def features(self, x: Tensor, lengths: Tensor) -> Tensor:
        return 1e4 + x.sum(-1) / lengths[:, None] + (1e-2 if torch.onnx.is_in_onnx_export() else 0)


def test_large_outputs_may_differ_by_as_much_more() -> None:
    assert export_onnx(_Loud(), RhythmNet(), N_LEADS, output="features")


def test_a_graph_of_fixed_size_is_refused() -> None:
    with pytest.raises(BundleError, match="any batch and time"):
        export_onnx(_Fixed(), RhythmNet(), N_LEADS)
