"""An SVM head as operators and arrays of an ONNX graph."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from einthoven.errors import BundleError
from einthoven.training.heads.head import SVMHead

if TYPE_CHECKING:
    import onnx

TOLERANCE = 1e-4
"""Largest difference of a logit between ONNX Runtime and NumPy, over the largest where that is above 1."""
N_CHECKED = 64
EXAMPLE_STEPS = 77


def with_head(graph: bytes, head: SVMHead, features_output: str = "features") -> bytes:
    """Put a head behind a network's features.

    Parameters
    ----------
    graph : of `export_onnx(..., output="features")`
    head : fitted on these features
    features_output : the graph's output that holds them

    Returns
    -------
    The serialised graph, from the same inputs to `logits` (batch, n_classes), whose sigmoid is Platt's
    probability. Names of the head's arrays have no dots, so that `read_weights` passes them over.

    Raises
    ------
    BundleError
        If the graph has no such output, it has not the head's number of features, or ONNX Runtime gives
        other logits than the head.
    """
    import onnx

    model = onnx.load_from_string(graph)
    found = {item.name: item for item in model.graph.output}
    if features_output not in found:
        raise BundleError(f"expected a graph with the output {features_output}, found {', '.join(found)}")
    width = found[features_output].type.tensor_type.shape.dim[-1].dim_value
    if width != head.n_features:
        raise BundleError(f"expected a graph of {head.n_features} features, found {width}")
    batch = found[features_output].type.tensor_type.shape.dim[0].dim_param or "batch"
    _append(model.graph, head, features_output, batch)
    _check_head(model, head)
    joined: bytes = model.SerializeToString()
    _check_joined(graph, joined, head, features_output)
    return joined


def _append(graph: onnx.GraphProto, head: SVMHead, features: str, batch: str) -> None:
    """Add the head's nodes and arrays, and make `logits` the only output."""
    from onnx import TensorProto, helper, numpy_helper

    # Platt's numbers go into the last layer.
    arrays = {"mean": head.mean, "scale": head.scale}
    arrays["weights"] = head.weights * head.slope
    arrays["bias"] = head.bias * head.slope + head.offset
    steps = [("Sub", [features, "head_mean"], "head_centred")]
    steps.append(("Mul", ["head_centred", "head_scale"], "head_rows"))
    last = "head_rows"
    if len(head.vectors):
        # -gamma |x - v|^2 = 2 gamma x v - gamma |v|^2 - gamma |x|^2
        arrays["vectors"] = 2 * head.gamma * head.vectors.T
        arrays["norms"] = -head.gamma * (head.vectors.astype(np.float64) ** 2).sum(axis=1)
        arrays["gamma"] = np.full((head.n_features, 1), -head.gamma)
        steps.append(("Mul", ["head_rows", "head_rows"], "head_squares"))
        steps.append(("MatMul", ["head_squares", "head_gamma"], "head_length"))
        steps.append(("Gemm", ["head_rows", "head_vectors", "head_norms"], "head_products"))
        steps.append(("Add", ["head_products", "head_length"], "head_exponents"))
        steps.append(("Exp", ["head_exponents"], "head_kernel"))
        last = "head_kernel"
    steps.append(("Gemm", [last, "head_weights", "head_bias"], "logits"))
    graph.node.extend(helper.make_node(kind, inputs, [output]) for kind, inputs, output in steps)
    graph.initializer.extend(
        numpy_helper.from_array(np.ascontiguousarray(array, np.float32), f"head_{name}")
        for name, array in arrays.items()
    )
    del graph.output[:]
    shape = (batch, head.n_classes)
    graph.output.append(helper.make_tensor_value_info("logits", TensorProto.FLOAT, shape))


def _check_head(model: onnx.ModelProto, head: SVMHead) -> None:
    """Check the operators on features such as the head was fitted on; noise may lie far from all of them."""
    import onnx

    alone = onnx.ModelProto()
    alone.ir_version = model.ir_version
    alone.opset_import.extend(model.opset_import)
    alone.graph.name = "head"
    shape = ("batch", head.n_features)
    item = onnx.helper.make_tensor_value_info("features", onnx.TensorProto.FLOAT, shape)
    alone.graph.input.append(item)
    _append(alone.graph, head, "features", "batch")
    noise = np.random.default_rng(0).standard_normal((N_CHECKED, head.n_features))
    rows = np.concatenate([noise, head.vectors[:N_CHECKED]])
    features = (rows / np.where(head.scale > 0, head.scale, 1) + head.mean).astype(np.float32)
    (found,) = _run(alone.SerializeToString(), ["logits"], {"features": features})
    _compare(found, head.logits(features), "features like those it was fitted on")


def _check_joined(graph: bytes, joined: bytes, head: SVMHead, features_output: str) -> None:
    """Check that the head reads the network's features."""
    import onnx

    signal, lengths = onnx.load_from_string(graph).graph.input
    sizes = [dim.dim_value or EXAMPLE_STEPS for dim in signal.type.tensor_type.shape.dim]
    x = np.random.default_rng(0).standard_normal((3, *sizes[1:]), dtype=np.float32)
    inputs: dict[str, NDArray[Any]] = {signal.name: x, lengths.name: np.full(3, x.shape[-1], np.int64)}
    (features,) = _run(graph, [features_output], inputs)
    (found,) = _run(joined, ["logits"], inputs)
    _compare(found, head.logits(features), f"an input of shape {x.shape}")


def _run(graph: bytes, outputs: list[str], inputs: dict[str, NDArray[Any]]) -> list[NDArray[np.float32]]:
    import onnxruntime

    session = onnxruntime.InferenceSession(graph, providers=["CPUExecutionProvider"])
    results: list[NDArray[np.float32]] = session.run(outputs, inputs)
    return results


def _compare(found: NDArray[np.float32], expected: NDArray[np.float64], where: str) -> None:
    difference = float(np.abs(found - expected).max() / max(1, np.abs(expected).max()))
    if not difference <= TOLERANCE:
        raise BundleError(f"expected ONNX Runtime to give the SVM head's logits within {TOLERANCE}, "
                          f"found them {difference:.2g} apart at {where}")  # fmt: skip
