"""The golden pair of a bundle: a simulated recording, and what torch says of it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from einthoven.bundle import Golden
from einthoven.decisions import sigmoid, softmax
from einthoven.errors import RunError
from einthoven.record import Signal
from einthoven.signal.simulated import LEADS, simulate
from einthoven.training.protocol import Protocol
from einthoven.training.sealed_network import SealedNetwork

GOLDEN_S, GOLDEN_FS, GOLDEN_SEED = 12.0, 300.0, 2017
"""Length (s), rate (Hz) and seed of the recording."""


def golden(networks: Sequence[SealedNetwork], temperature: float) -> Golden:
    """Return a simulated recording, and the mean probabilities that the networks of some runs give it.

    Of a model of heartbeats these are the means over the heartbeats that its cut finds, each by itself,
    without a chain.

    Parameters
    ----------
    networks : of finished runs with one pipeline, cut and set of classes
    temperature : that logits are divided by

    Returns
    -------
    The recording, 12 s at 300 Hz, its leads those that the runs take; and (n_classes,) probabilities.

    Raises
    ------
    RunError if a run is not finished, or its cut finds no heartbeat in the recording.
    """
    protocol = networks[0].run.protocol
    signal = _simulated(protocol.leads if protocol.cut is None else protocol.cut.leads)
    if not len(inputs := _inputs(protocol, signal)):
        raise RunError(f"{networks[0].run.folder}: expected heartbeats in a simulated recording, to check "
                       f"the model by, found none by the cut {protocol.cut}")  # fmt: skip
    logits = np.stack([network.logits(inputs) for network in networks])
    to_probs = sigmoid if protocol.is_multi_label else softmax
    probs: NDArray[np.float32] = to_probs(logits, temperature).mean((0, 1)).astype(np.float32)
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
