from dataclasses import replace
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest
import torch

from einthoven.errors import BundleError
from einthoven.inference.graph import Graph
from einthoven.networks import HeartbeatCNN, RhythmNet, build_network
from einthoven.networks.network import Network
from einthoven.training.export import export_onnx, read_weights
from einthoven.training.heads import SVMHead, SVMSettings, fit_head, graph, with_head

N_LEADS, N_CLASSES = 2, 4
SETTINGS = RhythmNet(stem_width=4, widths=(4, 8), strides=(2, 1), recurrent=5)
KERNELS = ("linear", "rbf", "nystroem")


@pytest.fixture(scope="module")
def network() -> Network:
    torch.set_num_threads(1)
    torch.manual_seed(0)
    return build_network(SETTINGS, n_leads=N_LEADS, n_classes=N_CLASSES).eval()


@pytest.fixture(scope="module")
def extractor(network: Network) -> bytes:
    return export_onnx(network, SETTINGS, N_LEADS, output="features")


@pytest.fixture(scope="module", params=KERNELS)
def head(request: pytest.FixtureRequest, network: Network) -> SVMHead:
    return fitted(network, request.param)


def fitted(network: Network, kernel: Any) -> SVMHead:
    x = torch.randn(80, N_LEADS, 64, generator=torch.Generator().manual_seed(1))
    x *= torch.linspace(0.2, 3, 80)[:, None, None]
    with torch.inference_mode():
        features = network.features(x, torch.full((80,), 64)).numpy()
    loud = x.std((1, 2)).numpy()[:, None] > [0.5, 1.0, 2.0, 9.0]
    return fit_head(features, loud.astype(np.float32), settings=SVMSettings(kernel=kernel, n_components=20))


def test_the_graph_gives_the_logits_of_the_head(network: Network, extractor: bytes, head: SVMHead) -> None:
    joined = with_head(extractor, head)
    session = onnxruntime.InferenceSession(joined)
    seen = []
    for lengths in ((64,), (31, 64, 1), (200, 199)):
        x = torch.randn(len(lengths), N_LEADS, max(lengths))
        steps = torch.tensor(lengths)
        for record, length in zip(x, lengths, strict=True):
            record[:, length:] = 0
        with torch.inference_mode():
            expected = head.logits(network.features(x, steps).numpy())
        (found,) = session.run(None, {"signal": x.numpy(), "lengths": steps.numpy()})
        np.testing.assert_allclose(found, expected, atol=1e-4)
        seen.append(found)
    assert np.concatenate(seen)[:, :3].std(0).min() > 0.01, "the head makes a difference between recordings"
    np.testing.assert_allclose(np.concatenate(seen)[:, 3], np.log(1 / 81), rtol=1e-5)


def test_the_graph_serves_as_any_network_does(extractor: bytes, head: SVMHead) -> None:
    joined = with_head(extractor, head)
    model = onnx.load_from_string(joined)
    onnx.checker.check_model(model)
    shapes = {
        item.name: [d.dim_param or d.dim_value for d in item.type.tensor_type.shape.dim]
        for item in (*model.graph.input, *model.graph.output)
    }
    assert shapes == {
        "signal": ["batch", N_LEADS, "time"],
        "lengths": ["batch"],
        "logits": ["batch", N_CLASSES],
    }
    served = Graph(joined)(np.ones((2, N_LEADS, 50), np.float32), np.array([50, 20]))
    assert served.shape == (2, N_CLASSES)


def test_the_weights_of_the_network_are_found_and_the_heads_are_not(
    network: Network, extractor: bytes, head: SVMHead
) -> None:
    weights = read_weights(with_head(extractor, head))
    assert weights.keys() == read_weights(extractor).keys()
    _, unexpected = network.load_state_dict(weights, strict=False)
    assert unexpected == []


def test_nothing_tells_where_it_was_made(extractor: bytes, head: SVMHead) -> None:
    model = onnx.load_from_string(with_head(extractor, head))
    parts = (model, model.graph, *model.graph.node, *model.graph.initializer, *model.graph.output)
    assert not any(part.metadata_props or part.doc_string for part in parts)


def test_the_head_adds_little_more_than_its_numbers(extractor: bytes, head: SVMHead) -> None:
    d, m = head.n_features, len(head.vectors)
    numbers = 2 * d + N_CLASSES * (1 + (m or d)) + (m * d + m + d if m else 0)
    added = len(with_head(extractor, head)) - len(extractor)
    assert 4 * numbers < added < 4 * numbers + 1500


def test_a_network_of_one_length_keeps_it() -> None:
    settings = HeartbeatCNN(widths=(2, 3, 4, 5), dense=(7, 6), n_samples=50)
    torch.manual_seed(0)
    network = build_network(settings, n_leads=1, n_classes=2).eval()
    with torch.inference_mode():
        features = network.features(torch.randn(40, 1, 50), torch.full((40,), 50)).numpy()
    head = fit_head(features, (features[:, :1] > np.median(features[:, 0])).astype(np.float32))
    joined = with_head(export_onnx(network, settings, 1, output="features"), head)
    (found,) = onnxruntime.InferenceSession(joined).run(
        None, {"signal": np.ones((3, 1, 50), np.float32), "lengths": np.full(3, 50)}
    )
    assert found.shape == (3, 1)


def test_a_graph_of_logits_is_refused(network: Network, head: SVMHead) -> None:
    whole = export_onnx(network, SETTINGS, N_LEADS)
    with pytest.raises(BundleError, match="expected a graph with the output features, found logits"):
        with_head(whole, head)


def test_a_head_of_another_network_is_refused(extractor: bytes, head: SVMHead) -> None:
    smaller = replace(head, mean=head.mean[1:], scale=head.scale[1:])
    with pytest.raises(BundleError, match="expected a graph of 29 features, found 30"):
        with_head(extractor, smaller)


def test_a_head_that_float32_cannot_hold_is_refused(extractor: bytes, network: Network) -> None:
    head = fitted(network, "nystroem")
    signs = np.where(np.arange(len(head.vectors)) % 2, 1, -1)[:, None]
    beyond = replace(head, weights=(1e7 * signs * np.ones_like(head.weights)).astype(np.float32))
    near = replace(beyond, vectors=(head.vectors[:1] + 1e-3 * head.vectors).astype(np.float32))
    with pytest.raises(BundleError, match=r"logits within 0\.0001, found them .* apart at features like"):
        with_head(extractor, near)


def test_a_graph_that_disagrees_with_the_head_is_refused(
    extractor: bytes, network: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    head = fitted(network, "linear")

    def forget_bias(model: onnx.ModelProto, _: SVMHead) -> None:
        model.graph.initializer[-1].raw_data = bytes(4 * N_CLASSES)

    monkeypatch.setattr(graph, "_check_head", forget_bias)
    with pytest.raises(BundleError, match=r"apart at an input of shape \(3, 2, 77\)"):
        with_head(extractor, head)
