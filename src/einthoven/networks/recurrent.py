"""Recurrent layers over recordings of different lengths, run from their beginning or from both ends."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from einthoven.networks.masking import last_valid, reverse

ONNX_GATES = {nn.GRU: ("GRU", (1, 0, 2)), nn.LSTM: ("LSTM", (0, 3, 1, 2))}
"""ONNX operator, and the gates in its order, as numbered by torch (onnx.ai/onnx/operators: GRU, LSTM)."""


class Bidirectional(nn.Module):
    """A recurrent layer, or a stack of them, run from both ends of each recording.

    Two one-directional stacks and an explicit reversal equal a bidirectional layer on packed sequences;
    unlike packed sequences they can be exported. In an ONNX graph each layer and direction is one GRU or LSTM
    operator.

    kind : `nn.GRU` or `nn.LSTM`
    n_inputs : channels of the input
    width : units a direction
    n_layers : layers of each direction's own stack, which never sees the other direction
    dropout : probability between those layers
    """

    def __init__(
        self,
        kind: type[nn.GRU] | type[nn.LSTM],
        n_inputs: int,
        width: int,
        n_layers: int = 1,
        dropout: float = 0.0,
    ) -> None:
        super().__init__()
        between = dropout if n_layers > 1 else 0.0
        self.ahead = kind(n_inputs, width, n_layers, batch_first=True, dropout=between)
        self.back = kind(n_inputs, width, n_layers, batch_first=True, dropout=between)

    def forward(self, x: Tensor, lengths: Tensor) -> Tensor:
        """Return the states after each step, those of the forward direction first.

        x : (n_batch, n_steps, n_inputs), anything in its padding
        lengths : (n_batch,)

        Returns (n_batch, n_steps, 2 width); its padding means nothing.
        """
        if torch.onnx.is_in_onnx_export():
            return torch.cat(
                [_onnx(self.ahead, "forward", x, lengths), _onnx(self.back, "reverse", x, lengths)], -1
            )
        ahead: Tensor = self.ahead(x)[0]
        back: Tensor = self.back(reverse(x, lengths))[0]
        return torch.cat([ahead, reverse(back, lengths)], -1)


class LastState(nn.Module):
    """An LSTM, or a stack of them, read where each recording ends.

    It never looks ahead, so that what follows a recording's last step cannot reach its state. In an ONNX
    graph each layer is one LSTM operator.

    n_inputs : channels of the input
    width : units a layer
    n_layers : layers
    """

    def __init__(self, n_inputs: int, width: int, n_layers: int = 1) -> None:
        super().__init__()
        self.ahead = nn.LSTM(n_inputs, width, n_layers, batch_first=True)

    def forward(self, x: Tensor, lengths: Tensor) -> Tensor:
        """Return the state after each recording's last step, (n_batch, width).

        x : (n_batch, n_steps, n_inputs), anything finite in its padding
        lengths : (n_batch,), at least 1
        """
        if torch.onnx.is_in_onnx_export():
            return last_valid(_onnx(self.ahead, "forward", x, lengths), lengths)
        states: Tensor = self.ahead(x)[0]
        return last_valid(states, lengths)


def _onnx(stack: nn.RNNBase, direction: str, x: Tensor, lengths: Tensor) -> Tensor:
    """Write a stack of recurrent layers into the graph as ONNX operators, which know lengths and direction.

    Left alone, the exporter would unroll a GRU over time, or fail where time is dynamic.
    """
    operator, gates = ONNX_GATES[type(stack)]
    attributes: dict[str, Any] = {"direction": direction, "hidden_size": stack.hidden_size}
    if operator == "GRU":
        attributes["linear_before_reset"] = 1
    steps = x.transpose(0, 1)
    for layer in range(stack.num_layers):
        weights, recurrences, *biases = (_reordered(p, gates)[None] for p in stack.all_weights[layer])
        bias = torch.cat(biases, -1)
        shape = (steps.shape[0], 1, steps.shape[1], stack.hidden_size)
        inputs = (steps, weights, recurrences, bias, lengths.to(torch.int32))
        states = torch.onnx.ops.symbolic(operator, inputs, attributes, dtype=x.dtype, shape=shape)
        steps = states.squeeze(1)
    return steps.transpose(0, 1)


def _reordered(parameter: Tensor, gates: tuple[int, ...]) -> Tensor:
    """Return a weight or bias, (n_gates x width, ...), with its gates in another order."""
    width = parameter.shape[0] // len(gates)
    return torch.cat([parameter[gate * width : (gate + 1) * width] for gate in gates])
