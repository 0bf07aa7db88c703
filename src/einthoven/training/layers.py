"""What the layers of a network see: activations over time, and the kernels of the first convolution.

Read without torch as far as the values go; torch is imported when a network is asked.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from einthoven.errors import BundleError, MissingExtraError

if TYPE_CHECKING:
    from torch import Tensor, nn

N_FREQUENCIES = 128
"""Points of a frequency response, from 0 to half the sampling rate."""


@dataclass(frozen=True, eq=False)
class Layer:
    """What a layer makes of one input.

    name : its place in the network, as in `blocks.0`
    kind : what it is made of, as in `Conv1d + BatchNorm1d`
    values : (n_channels, n_steps) float32, or (n_channels,) of a layer without time axis. Of a spectrogram
        the mean over frequencies. Steps that the next layer sets to zero or cuts at zero are so here
    start_s, step_s : time of the first step's middle from the start of the input, and from step to step, s
    """

    name: str
    kind: str
    values: NDArray[np.float32]
    start_s: float
    step_s: float

    @property
    def has_time(self) -> bool:
        """Whether the values have a time axis."""
        return self.values.ndim == 2


@dataclass(frozen=True, eq=False)
class Kernels:
    """The kernels of a network's first convolution.

    name : the layer's
    values : (n, n_leads, width) float32, or (n, n_leads, height, width) where the input is a spectrogram
    fs : rate of the network's input, Hz
    """

    name: str
    values: NDArray[np.float32]
    fs: float

    @property
    def has_response(self) -> bool:
        """Whether the kernels read a signal over time, and so have a frequency response."""
        return self.values.ndim == 3

    @property
    def frequencies(self) -> NDArray[np.float64]:
        """Where the response is given, Hz: (N_FREQUENCIES,), from 0 to half the rate."""
        return np.linspace(0, self.fs / 2, N_FREQUENCIES)

    @property
    def response(self) -> NDArray[np.float64]:
        """Gain of each kernel for a sine of each frequency that is alike in all leads.

        Returns
        -------
        (n, N_FREQUENCIES), range from 0: the magnitude of the discrete-time Fourier transform.

        Raises
        ------
        BundleError
            If the kernels read a spectrogram.
        """
        if not self.has_response:
            raise BundleError(f"{self.name}: expected kernels over time, found them over frequency and time")
        kernel = self.values.sum(axis=1, dtype=np.float64)
        phases = np.outer(np.arange(kernel.shape[1]), 2 * np.pi * self.frequencies / self.fs)
        return np.asarray(np.abs(kernel @ np.exp(-1j * phases)))


def activations(network: nn.Module, x: Tensor, rate: float, start_s: float = 0.0) -> tuple[Layer, ...]:
    """Return what each layer makes of one input, in the order in which they work.

    Layers are the parts that a network is put together from: blocks and units as a whole, and single
    convolutions, recurrent and dense layers, with the norm, ReLU or dropout behind them, which keep the
    shape. What is no module (a mean over time, say) does not show.

    Parameters
    ----------
    network : in evaluation mode
    x : (1, n_leads, [n_bins,] n_steps)
    rate : of the input's last axis, Hz
    start_s : time of the middle of the input's first step, s

    Raises
    ------
    MissingExtraError
        If torch is not installed.
    """
    torch = _torch()
    seen: list[tuple[str, nn.Module, Any]] = []
    hooks = [
        # The names are those of this turn of the loop.
        module.register_forward_hook(lambda part, _, output, name=name: seen.append((name, part, output)))
        for name, module in _parts(network)
    ]
    try:
        with torch.no_grad():
            network(x, torch.full((1,), x.shape[-1]))
    finally:
        for hook in hooks:
            hook.remove()
    # Read only now: norms are masked and cut in place after their hooks, before the next layer reads them.
    return tuple(_layer(part, x.shape[-1], rate, start_s) for part in _joined(seen))


def first_kernels(network: nn.Module, rate: float) -> Kernels | None:
    """Return the kernels of a network's first convolution; None if it has none.

    rate : of the network's input, Hz
    """
    nn = _torch().nn
    for name, module in network.named_modules():
        if isinstance(module, nn.Conv1d | nn.Conv2d):
            return Kernels(name, module.weight.detach().cpu().float().numpy().copy(), rate)
    return None


def kernels_of_graph(graph: bytes, rate: float) -> Kernels | None:
    """Return the kernels of an ONNX graph's first convolution; None if it has none with constant kernels.

    Parameters
    ----------
    graph : as a bundle holds it
    rate : of the network's input, Hz

    Raises
    ------
    MissingExtraError
        If onnx is not installed.
    """
    try:
        import onnx
    except ModuleNotFoundError as error:
        raise MissingExtraError("reading a network's kernels needs onnx: "
                                "pip install 'einthoven[train]'") from error  # fmt: skip
    found = onnx.load_from_string(graph).graph
    weights = {item.name: item for item in found.initializer}
    for node in found.node:
        if node.op_type == "Conv" and node.input[1] in weights:
            values = onnx.numpy_helper.to_array(weights[node.input[1]]).astype(np.float32)
            return Kernels(node.input[1].removesuffix(".weight"), values, rate)
    return None


def _torch() -> Any:
    try:
        import torch
    except ModuleNotFoundError as error:
        raise MissingExtraError(
            "looking into a network needs torch: pip install 'einthoven[train]'"
        ) from error
    return torch


def _parts(network: nn.Module, prefix: str = "") -> Iterator[tuple[str, nn.Module]]:
    """Yield the parts that are shown: the outermost that do some work themselves, the network excepted."""
    for name, child in network.named_children():
        inner = list(child.children())
        if (inner and not any(_is_leaf(part) for part in inner)) or _is_list(child):
            yield from _parts(child, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", child


def _is_leaf(module: nn.Module) -> bool:
    return next(module.children(), None) is None


def _is_list(module: nn.Module) -> bool:
    nn = _torch().nn
    return isinstance(module, nn.Sequential | nn.ModuleList)


def _joined(seen: list[tuple[str, nn.Module, Any]]) -> list[tuple[str, str, nn.Module, Tensor]]:
    """Put norms, ReLUs and dropouts to the layer ahead of them, whose shape they keep."""
    modules = _torch().nn
    joined: list[tuple[str, str, nn.Module, Tensor]] = []
    for name, module, output in seen:
        values = output[0] if isinstance(output, tuple) else output
        kind = type(module).__name__
        is_same = bool(joined) and joined[-1][3].shape == values.shape
        keeps_shape = _is_leaf(module) and not isinstance(
            module, modules.modules.conv._ConvNd | modules.Linear
        )
        if is_same and keeps_shape and not isinstance(module, modules.RNNBase):
            first, kinds, layer, _ = joined.pop()
            # Dropout does nothing when a network answers.
            joined.append((first, kinds if "Dropout" in kind else f"{kinds} + {kind}", layer, values))
        elif "Dropout" not in kind:
            joined.append((name, kind, module, values))
    return joined


def _layer(part: tuple[str, str, nn.Module, Tensor], n_steps: int, rate: float, start_s: float) -> Layer:
    name, kind, module, output = part
    nn = _torch().nn
    values = output[0].cpu().float().numpy().copy()
    is_recurrent = any(isinstance(inner, nn.RNNBase) for inner in module.modules())
    if values.ndim == 3:
        values = values.mean(axis=1)
    elif values.ndim == 2 and (is_recurrent or isinstance(module, nn.Linear)):
        # These have time ahead of channels.
        values = values.T
    step_s = n_steps / values.shape[-1] / rate if values.ndim == 2 else 0.0
    # A layer that has fewer steps has longer ones, whose middles lie further in.
    return Layer(name, kind, values, start_s + max(step_s - 1 / rate, 0) / 2, step_s)
