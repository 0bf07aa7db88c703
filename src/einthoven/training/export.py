"""From a trained network to the ONNX graph that a bundle holds, and back to its weights."""

from __future__ import annotations

import copy
import logging
import warnings
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from einthoven.errors import BundleError
from einthoven.networks import NetworkSettings

if TYPE_CHECKING:
    import onnx

TOLERANCE = 1e-4
"""Largest difference of an output between torch and ONNX Runtime, over the largest where that is above 1."""
EXAMPLE_STEPS = 4096
"""Time of the recordings that the graph is traced with.

So many leave several steps at every depth: torch.export takes an axis of one step for one that is always so.
"""
CHECKED_SHAPES = ((1, 77), (3, 161), (2, 1201))
"""Batch and time of the recordings that the graph is checked with: other than those it was traced with.

A fixed time takes the place of these; a network that fills short recordings up is checked with a longer one
too."""
EXPORTER_WARNINGS = (
    "_check_is_size will be removed",
    r"`isinstance\(treespec, LeafSpec\)` is deprecated",
    r"The tensor attributes .*_flat_weights",
)
"""What torch's exporter warns of in its own code."""

Arrays = tuple[NDArray[np.float32], NDArray[np.int64]]


def export_onnx(
    network: nn.Module,
    settings: NetworkSettings,
    n_leads: int,
    n_bins: int | None = None,
    *,
    output: Literal["logits", "features"] = "logits",
) -> bytes:
    """Write a network as an ONNX graph that takes any batch and any length, or the one length it reads.

    The graph computes in float32 and evaluation mode, from `signal` (batch, n_leads, [n_bins,] time) float32
    and `lengths` (batch,) int64 to `logits` (batch, n_classes) float32. Its weights keep their names, so that
    `read_weights` finds them; nothing in it tells where it was made. Settings with `n_samples`, those of
    heartbeats, fix the time axis.

    Parameters
    ----------
    network : what `build_network` built; it stays as it is
    settings : what it was built from
    n_leads : input channels
    n_bins : frequency bins of the input, or None where the input has no such axis
    output : `features` gives those (batch, n_features) in place of logits, for a head of another kind; the
        classifier is left out

    Returns
    -------
    The serialised graph.

    Raises
    ------
    BundleError
        If torch cannot export the network with any batch and time, or ONNX Runtime gives another output.
    """
    plain = copy.deepcopy(network).cpu().float().eval()
    if output == "features":
        # In place, and not in a module around it, which would change the names of the weights.
        plain.forward = plain.features  # type: ignore[assignment]
    channels = (n_leads,) if n_bins is None else (n_leads, n_bins)
    fixed: int | None = getattr(settings, "n_samples", None)
    example = _example(channels, 2, fixed or max(EXAMPLE_STEPS, 2 * _min_samples(settings)))
    model = _trace(plain, example, output, is_fixed=fixed is not None)
    _anonymise(model)
    model.graph.name = settings.name
    _name_dimensions(model, fixed)
    graph: bytes = model.SerializeToString()
    _check_outputs(graph, plain, channels, _checked_shapes(settings))
    return graph


def read_weights(graph: bytes) -> dict[str, Tensor]:
    """Return the weights in a graph of `export_onnx`, by their names in the network, to begin training with.

    What is not in the graph, such as a head that was not in use, is left out.
    """
    import onnx

    model = onnx.load_from_string(graph)
    arrays = {item.name: onnx.numpy_helper.to_array(item) for item in model.graph.initializer}
    return {name: torch.from_numpy(array.copy()) for name, array in arrays.items() if "." in name}


def _example(channels: tuple[int, ...], n_batch: int, n_steps: int) -> Arrays:
    """Return noise of different lengths, the first of them whole, the last of them a single step."""
    lengths = np.linspace(n_steps, 1, n_batch).astype(np.int64)
    x = np.random.default_rng(n_steps).standard_normal((n_batch, *channels, n_steps), dtype=np.float32)
    for record, length in zip(x, lengths, strict=True):
        record[..., length:] = 0
    return x, lengths


def _trace(network: nn.Module, example: Arrays, output: str, *, is_fixed: bool) -> onnx.ModelProto:
    """Return the graph with constants folded, except where a weight would lose its name."""
    from onnxscript import optimizer

    weights = set(network.state_dict())

    def keep_weights(node: Any) -> bool | None:
        return False if any(value is not None and value.name in weights for value in node.inputs) else None

    with _quiet():
        x, lengths = (torch.from_numpy(array) for array in example)
        program = _program(network, (x, lengths), output, is_fixed)
        optimizer.fold_constants(program.model, should_fold=keep_weights)
        optimizer.remove_unused_nodes(program.model)
    return program.model_proto


def _program(
    network: nn.Module, example: tuple[Tensor, ...], output: str, is_fixed: bool
) -> torch.onnx.ONNXProgram:
    free = torch.export.Dim.DYNAMIC
    time = {} if is_fixed else {example[0].ndim - 1: free}
    try:
        program = torch.onnx.export(
            network,
            example,
            dynamo=True,
            optimize=False,
            verbose=False,
            input_names=["signal", "lengths"],
            output_names=[output],
            dynamic_shapes=({0: free, **time}, {0: free}),
        )
    except torch.onnx.errors.OnnxExporterError as error:
        cause = str(error.__cause__ or error).splitlines()[0]
        raise BundleError(
            f"expected a network of any batch and time that torch can export: {cause}"
        ) from error
    assert program is not None
    return program


@contextmanager
def _quiet() -> Iterator[None]:
    """Silence what the exporter says about its own parts and about packages that nothing here needs."""
    loggers = [logging.getLogger(name) for name in ("torch.onnx", "onnxscript")]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            for message in EXPORTER_WARNINGS:
                warnings.filterwarnings("ignore", message)
            yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)


def _anonymise(model: onnx.ModelProto) -> None:
    """Delete stack traces and paths, and the shapes in between, which ONNX Runtime works out itself."""
    graph = model.graph
    del graph.value_info[:]
    for part in (model, graph, *graph.node, *graph.input, *graph.output, *graph.initializer):
        del part.metadata_props[:]
        part.doc_string = ""


def _name_dimensions(model: onnx.ModelProto, fixed: int | None) -> None:
    """Call the free dimensions batch and time; raise BundleError where one of them is not free.

    fixed : length of the time axis, where that is not free
    """
    items = (*model.graph.input, *model.graph.output)
    signal, lengths, logits = (item.type.tensor_type.shape.dim for item in items)
    free = [(signal[0], "batch"), (lengths[0], "batch"), (logits[0], "batch")]
    if fixed is None:
        free.append((signal[-1], "time"))
    elif signal[-1].dim_value != fixed:
        raise BundleError(
            f"expected a graph of {fixed} samples, found {signal[-1].dim_value or 'any number'}"
        )
    for dimension, name in free:
        if not dimension.dim_param:
            raise BundleError(f"expected a graph of any {name}, found it fixed at {dimension.dim_value}")
        dimension.dim_param = name


def _min_samples(settings: NetworkSettings) -> int:
    """Return what the network fills shorter recordings up to, by its settings; 1 where it does not."""
    return getattr(settings, "min_samples", 1)


def _checked_shapes(settings: NetworkSettings) -> Iterator[tuple[int, int]]:
    """Give batch and time of each check."""
    fixed: int | None = getattr(settings, "n_samples", None)
    for n_batch, n_steps in CHECKED_SHAPES:
        yield n_batch, fixed or n_steps
    if _min_samples(settings) > 1:
        yield n_batch, _min_samples(settings) + n_steps


def _check_outputs(
    graph: bytes, network: nn.Module, channels: tuple[int, ...], shapes: Iterable[tuple[int, int]]
) -> None:
    import onnxruntime

    session = onnxruntime.InferenceSession(graph, providers=["CPUExecutionProvider"])
    (output,) = (item.name for item in session.get_outputs())
    for n_batch, n_steps in shapes:
        x, lengths = _example(channels, n_batch, n_steps)
        (found,) = session.run(None, {"signal": x, "lengths": lengths})
        with torch.inference_mode():
            expected = network(torch.from_numpy(x), torch.from_numpy(lengths)).numpy()
        difference = float(np.abs(found - expected).max() / max(1, np.abs(expected).max()))
        if not difference <= TOLERANCE:
            raise BundleError(f"expected ONNX Runtime to give torch's {output} within {TOLERANCE}, found "
                              f"them {difference:.2g} apart at {n_batch} x {n_steps} steps")  # fmt: skip
