"""What every model that answers from a bundle does: run its networks, and prove that they are unharmed."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from einthoven.bundle import Bundle, encode_bundle, read_bundle
from einthoven.errors import BundleError, RecordError, SettingsError
from einthoven.inference.graph import Graph
from einthoven.record import Record, Signal

GOLDEN_TOLERANCE = 1e-3
"""How far a probability of the golden pair may be off: other processors add up in another order."""
SIMULATED_WARNING = "this model learnt from simulated recordings only"


class SealedModel(ABC):
    """A bundle that answers; it never changes, and any number of threads may ask it at once.

    Parameters
    ----------
    bundle : what was packed
    threads : that one call may use; as many as there are cores if not given

    Raises
    ------
    BundleError if what comes before the networks, or a network, cannot be built, or does not give the golden
    output.
    """

    def __init__(self, bundle: Bundle, *, threads: int | None = None) -> None:
        self.bundle = bundle
        self._threads = threads
        self._warnings: tuple[str, ...] = (
            (SIMULATED_WARNING,) if bundle.provenance.get("simulated") is True else ()
        )
        try:
            self._read_preparation()
            self._networks = [Graph(graph, threads=threads) for graph in bundle.networks]
            self._check_golden()
        except (RecordError, SettingsError) as error:
            raise BundleError(f"model {bundle.name}: {error}") from error

    @property
    def name(self) -> str:
        """The model's name."""
        return self.bundle.name

    @property
    def version(self) -> str:
        """The model's edition."""
        return self.bundle.version

    @property
    def labels(self) -> tuple[str, ...]:
        """Names of the classes, in the order of the columns of `probs`."""
        return tuple(label.name for label in self.bundle.labels)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.name} {self.version}: {', '.join(self.labels)})"

    def __reduce__(self) -> tuple[Any, ...]:
        """Say how a copy is made, for pickle and copy: from the bundle, since a session cannot be pickled."""
        return _unpacked, (type(self), encode_bundle(self.bundle), self._threads)

    @abstractmethod
    def _read_preparation(self) -> None:
        """Build what makes the networks' input. Raises SettingsError if that cannot be."""

    @abstractmethod
    def _golden_probs(self, signal: Signal, fs: float) -> NDArray[np.floating]:
        """Return the (n_classes,) probabilities that the golden pair's signal gives."""

    def _logits(self, inputs: Signal, lengths: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return (n_networks, n_inputs, n_classes). Raises RecordError if a network gives anything else."""
        logits = np.stack([network(inputs, lengths) for network in self._networks])
        if logits.shape[2:] != (len(self.labels),):
            raise RecordError(f"expected {len(self.labels)} outputs, found {logits.shape[2:]}")
        return logits

    def _check_golden(self) -> None:
        golden = self.bundle.golden
        found = self._golden_probs(golden.signal, golden.fs)
        worst = float(np.abs(found - golden.probs).max())
        # Written so that a NaN is refused too.
        if not worst <= GOLDEN_TOLERANCE:
            raise BundleError(f"model {self.name}: does not reproduce its golden output: expected "
                              f"{np.round(golden.probs, 4)}, found {np.round(found, 4)}")  # fmt: skip


def check_record(record: object) -> None:
    """Raise RecordError if a model is given anything but a Record."""
    if not isinstance(record, Record):
        raise RecordError(f"expected a Record, as einthoven.read_record(path) returns it, "
                          f"found {type(record).__name__}")  # fmt: skip


def _unpacked(kind: type[SealedModel], bundle: bytes, threads: int | None) -> SealedModel:
    """Make a model of the content of a bundle, checked as ever."""
    return kind(read_bundle(bundle), threads=threads)
