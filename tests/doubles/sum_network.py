"""An ONNX graph whose answer anyone can work out by hand: a weighted sum of the input, a line a class."""

import numpy as np
from numpy.typing import ArrayLike


def sum_network(weights: ArrayLike, slope: ArrayLike, offset: ArrayLike = 0.0) -> bytes:
    """Return a graph whose logits are `slope * sum(weights * x) + offset`.

    Parameters
    ----------
    weights : (n_rows, n_samples), of the input
    slope, offset : (n_classes,)
    """
    from onnx import TensorProto, checker, helper

    factors = np.asarray(weights, np.float32)
    slopes = np.atleast_2d(np.asarray(slope, np.float32))
    offsets = np.broadcast_to(np.asarray(offset, np.float32), slopes.shape)
    constants = {
        "weights": (TensorProto.FLOAT, (1, *factors.shape), factors.ravel()),
        "axes": (TensorProto.INT64, [2], [1, 2]),
        "last": (TensorProto.INT64, [1], [1]),
        "zero": (TensorProto.FLOAT, [1], [0.0]),
        "slope": (TensorProto.FLOAT, slopes.shape, slopes.ravel()),
        "offset": (TensorProto.FLOAT, slopes.shape, offsets.ravel()),
    }
    nodes = [
        helper.make_node("Mul", ["x", "weights"], ["weighted"]),
        helper.make_node("ReduceSum", ["weighted", "axes"], ["total"], keepdims=0),
        # The lengths take part, so that they are an input of the graph.
        helper.make_node("Cast", ["lengths"], ["steps"], to=TensorProto.FLOAT),
        helper.make_node("Mul", ["steps", "zero"], ["nothing"]),
        helper.make_node("Add", ["total", "nothing"], ["sum"]),
        helper.make_node("Unsqueeze", ["sum", "last"], ["column"]),
        helper.make_node("Mul", ["column", "slope"], ["scaled"]),
        helper.make_node("Add", ["scaled", "offset"], ["logits"]),
    ]
    graph = helper.make_graph(
        nodes,
        "sum",
        [
            helper.make_tensor_value_info("x", TensorProto.FLOAT, ["batch", len(factors), "time"]),
            helper.make_tensor_value_info("lengths", TensorProto.INT64, ["batch"]),
        ],
        [helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["batch", slopes.size])],
        [helper.make_tensor(name, *value) for name, value in constants.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    checker.check_model(model)
    return bytes(model.SerializeToString())
