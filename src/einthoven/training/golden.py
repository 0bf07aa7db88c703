"""The golden pair of a bundle: a simulated recording, and what torch says of it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray

from einthoven.bundle import Golden
from einthoven.decisions import softmax
from einthoven.errors import RunError
from einthoven.record import Signal
from einthoven.signal.simulated import LEADS, simulate
from einthoven.training.protocol import Protocol
from einthoven.training.run_folder import Run

GOLDEN_S, GOLDEN_FS, GOLDEN_SEED = 12.0, 300.0, 2017
"""Length (s), rate (Hz) and seed of the recording."""


def golden(runs: Sequence[Run], temperature: float) -> Golden:
    """Return a simulated recording, and the mean probabilities that the networks of some runs give it.

    Of a model of heartbeats these are the means over the heartbeats that its cut finds, each by itself,
    without a chain.

    Parameters
    ----------
    runs : finished runs with one pipeline, cut and set of classes
    temperature : that logits are divided by

    Returns
    -------
    The recording, 12 s at 300 Hz, its leads those that the runs take; and (n_classes,) probabilities.

    Raises
    ------
    RunError if a run is not finished, or its cut finds no heartbeat in the recording.
    """
    protocol = runs[0].protocol
    signal = _simulated(protocol.leads if protocol.cut is None else protocol.cut.leads)
    if not len(inputs := _inputs(protocol, signal)):
        raise RunError(f"{runs[0].folder}: expected heartbeats in a simulated recording, to check the model "
                       f"by, found none by the cut {protocol.cut}")  # fmt: skip
    x = torch.from_numpy(np.ascontiguousarray(inputs))
    lengths = torch.full((len(x),), x.shape[-1])
    with torch.no_grad():
        logits = np.stack([run.network()(x, lengths).numpy() for run in runs])
    probs: NDArray[np.float32] = softmax(logits, temperature).mean((0, 1)).astype(np.float32)
    return Golden(signal, GOLDEN_FS, probs)


def _simulated(wanted: Sequence[str]) -> Signal:
    # The simulator knows the twelve leads only; to check a bundle by, any signal will do.
    leads = [name if name in LEADS else "I" for name in wanted]
    names = list(dict.fromkeys(leads))
    found = simulate("normal", duration_s=GOLDEN_S, fs=GOLDEN_FS, leads=names, seed=GOLDEN_SEED)
    signal: Signal = found.signal[[names.index(name) for name in leads]]
    return signal


def _inputs(protocol: Protocol, signal: Signal) -> Signal:
    """Return what the network reads: (1, n_leads, ..., time), or (n_beats, n_rows, n_samples)."""
    if protocol.cut is not None:
        return protocol.cut.served(signal, GOLDEN_FS).rows
    return protocol.pipeline(signal, GOLDEN_FS)[0][None]
