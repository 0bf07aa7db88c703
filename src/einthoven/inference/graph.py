"""ONNX Runtime sessions: the only module that knows ONNX Runtime."""

from __future__ import annotations

from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from einthoven.errors import BundleError, RecordError
from einthoven.record import Signal

_FATAL = 4


class Graph:
    """One ONNX graph, ready to run; any number of threads may call it at once.

    Raises BundleError if the graph cannot be loaded, or does not take (input, lengths) and give one output.
    """

    def __init__(self, graph: bytes, *, threads: int | None = None) -> None:
        options = onnxruntime.SessionOptions()
        # What goes wrong is raised as an exception too; on stderr it would be said twice.
        options.log_severity_level = _FATAL
        if threads is not None:
            options.intra_op_num_threads = threads
        try:
            self._session = onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
        except Exception as error:
            raise BundleError(f"ONNX Runtime cannot load the network: {_first_line(error)}") from error
        taken, given = self._session.get_inputs(), self._session.get_outputs()
        if [item.type for item in taken] != ["tensor(float)", "tensor(int64)"] or len(given) != 1:
            raise BundleError(f"expected a network from (float input, int64 lengths) to one output, "
                              f"found {[item.type for item in taken]} to {len(given)}")  # fmt: skip
        self._names: tuple[str, str] = (taken[0].name, taken[1].name)

    def __call__(self, stacked: Signal, lengths: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return logits.

        Parameters
        ----------
        stacked : float32 (batch, n_leads, ..., time), zero-padded
        lengths : int64 (batch,), valid time steps

        Returns
        -------
        (batch, n_classes)

        Raises
        ------
        RecordError
            If the network refuses the input, or gives something that is not a number.
        """
        values: dict[str, Any] = dict(zip(self._names, (stacked, lengths), strict=True))
        try:
            (logits,) = self._session.run(None, values)
        except Exception as error:
            raise RecordError(f"the network cannot take an input of shape {stacked.shape}: "
                              f"{_first_line(error)}") from error  # fmt: skip
        if not np.isfinite(logits).all():
            raise RecordError("the network gave an output that is not a number")
        return np.asarray(logits, dtype=np.float64)


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
