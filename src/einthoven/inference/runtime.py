"""Models that answer: a bundle, checked, with its networks running in ONNX Runtime."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from math import prod
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from einthoven.bundle import Bundle, encode_bundle, read_bundle
from einthoven.decisions import average, majority_vote, softmax
from einthoven.errors import BundleError, ECGError, RecordError, SettingsError
from einthoven.inference.buckets import bucket, stack
from einthoven.inference.graph import Graph
from einthoven.inference.prediction import Failure, Prediction
from einthoven.inference.preparation import Prepared, prepare
from einthoven.inference.shipped import open_model
from einthoven.pipeline import Pipeline
from einthoven.record import Record, Signal

GOLDEN_TOLERANCE = 1e-3
"""How far a probability of the golden pair may be off: other processors add up in another order."""
SIMULATED_WARNING = "this model learnt from simulated recordings only"


def load(model: str | Path, *, threads: int | None = None) -> Model:
    """Load a model and check that it still gives its golden output.

    Parameters
    ----------
    model : str or Path
        Name of a model of the package (`rhythm`), or the path of a bundle.
    threads : int, optional
        Threads that one call may use; as many as there are cores if not given.

    Returns
    -------
    Model

    Raises
    ------
    BundleError
        If there is no such model, or if it is damaged, newer than this package, or does not give its golden
        output.
    """
    return Model(open_model(model), threads=threads)


class Model:
    """A bundle that answers; it never changes, and any number of threads may ask it at once.

    Parameters
    ----------
    bundle : Bundle
        What was packed.
    threads : int, optional
        Threads that one call may use; as many as there are cores if not given.

    Raises
    ------
    BundleError
        If the pipeline or a network cannot be built, or does not give the golden output.
    """

    def __init__(self, bundle: Bundle, *, threads: int | None = None) -> None:
        if bundle.cut is not None:
            raise BundleError(f"model {bundle.name}: expected a model of whole recordings, found one of "
                              "heartbeats: einthoven beats, or load_beats, asks it")  # fmt: skip
        self.bundle = bundle
        self._threads = threads
        self._trained_s = _trained_span(bundle.provenance)
        self._warnings = (SIMULATED_WARNING,) if bundle.provenance.get("simulated") is True else ()
        try:
            self._pipeline = Pipeline.from_json(bundle.pipeline)
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
        return f"Model({self.name} {self.version}: {', '.join(self.labels)})"

    def __reduce__(self) -> tuple[Any, ...]:
        """Say how a copy is made, for pickle and copy: from the bundle, since a session cannot be pickled."""
        return _unpacked, (encode_bundle(self.bundle), self._threads)

    def predict(self, record: Record) -> Prediction:
        """Say what one recording shows.

        Parameters
        ----------
        record : Record
            As `read_record` returns it; every lead that the model does not use is ignored.

        Returns
        -------
        Prediction
            With `abstained` and a reason where the answer should not be relied on: the model is not sure, or
            the lead is flat, stuck or missing for more than 15 % of the time, has gaps that may hide beats,
            is mostly hum, is too high, or does not look like an ECG.

        Raises
        ------
        RecordError
            If it is no Record, is shorter, longer or more coarsely sampled than the model was made for, or if
            one of several leads that the model needs is not there.
        """
        return self._answer([self._prepare(record)])[0]

    def predict_many(
        self, records: Iterable[Record], progress: Callable[[int, int], None] | None = None
    ) -> list[Prediction | Failure]:
        """Say what many recordings show, in batches of similar length.

        Parameters
        ----------
        records : iterable of Record
            Any number; all their inputs are held in memory at once.
        progress : callable, optional
            Called with (recordings done, all of them) after each batch.

        Returns
        -------
        list of Prediction or Failure
            In the order of the records; a recording that `predict` would refuse gives a Failure.
        """
        results: dict[int, Prediction | Failure] = {}
        waiting: dict[int, Prepared] = {}
        for position, record in enumerate(records):
            try:
                waiting[position] = self._prepare(record)
            except ECGError as error:
                path, name = getattr(record, "path", ""), getattr(record, "name", "")
                results[position] = Failure.of(error, path=path, record=name)
        total = len(results) + len(waiting)
        for batch in _batches({position: item.signal for position, item in waiting.items()}):
            results.update(zip(batch, self._answer_each([waiting[i] for i in batch]), strict=True))
            if progress is not None:
                progress(len(results), total)
        return [results[position] for position in range(total)]

    def probs(self, signals: Sequence[Signal], fs: float) -> NDArray[np.float64]:
        """Return calibrated probabilities, without any check of quality or length.

        Parameters
        ----------
        signals : sequence of float32 (n_leads, n_samples), mV
            The model's leads, in its order.
        fs : float
            Sampling rate, Hz.

        Returns
        -------
        (n_signals, n_classes)
            Probabilities, averaged over the networks.

        Raises
        ------
        RecordError
            If a network cannot take a signal.
        """
        inputs = {i: self._pipeline(signal, fs)[0] for i, signal in enumerate(signals)}
        probs = np.empty((len(signals), len(self.labels)))
        for batch in _batches(inputs):
            probs[batch] = average(self._member_probs([inputs[i] for i in batch]))
        return probs

    def _prepare(self, record: Record) -> Prepared:
        if not isinstance(record, Record):
            raise RecordError(f"expected a Record, as einthoven.read_record(path) returns it, "
                              f"found {type(record).__name__}")  # fmt: skip
        return prepare(record, self.bundle.input, self._pipeline, self._trained_s)

    def _answer_each(self, items: Sequence[Prepared]) -> list[Prediction | Failure]:
        """Answer a batch; where that fails, one by one, so that one recording cannot spoil the others."""
        try:
            return list(self._answer(items))
        except RecordError as error:
            if len(items) == 1:
                return [Failure.of(error, path=items[0].path, record=items[0].record)]
            return [answer for item in items for answer in self._answer_each([item])]

    def _answer(self, items: Sequence[Prepared]) -> list[Prediction]:
        members = self._member_probs([item.signal for item in items])
        probs = average(members)
        first = majority_vote(members) if self.bundle.vote == "majority" else probs.argmax(axis=1)
        return [self._prediction(*answer) for answer in zip(items, probs, first.tolist(), strict=True)]

    def _prediction(self, item: Prepared, probs: NDArray[np.float64], first: int) -> Prediction:
        order = np.argsort(-probs, kind="stable").tolist()
        thresholds, abstention = self.bundle.thresholds, self.bundle.abstention
        chosen = [first] if thresholds is None else [i for i in order if probs[i] >= thresholds[i]]
        reason = item.obstacle
        if reason is None and abstention is not None and probs[first] < abstention.threshold:
            reason = (f"not sure: {self.labels[first]} has a probability of {probs[first]:.2f}, "
                      f"below {abstention.threshold:.2f}")  # fmt: skip
        return Prediction(
            record=item.record,
            path=item.path,
            model=self.name,
            model_version=self.version,
            leads_used=item.leads,
            labels=tuple(self.labels[i] for i in chosen),
            probs={name: round(float(p), 6) for name, p in zip(self.labels, probs, strict=True)},
            abstained=reason is not None,
            abstain_reason=reason,
            heart_rate=item.heart_rate,
            quality=item.quality,
            warnings=(*self._warnings, *self._outvoted(probs, first), *item.warnings),
        )

    def _outvoted(self, probs: NDArray[np.float64], first: int) -> tuple[str, ...]:
        """Say so if most networks named another class than the one whose mean probability is highest."""
        top = int(probs.argmax())
        if not self.bundle.single_label or probs[top] <= probs[first]:
            return ()
        return (f"most of the networks say {self.labels[first]}, "
                f"but {self.labels[top]} has the higher mean probability",)  # fmt: skip

    def _member_probs(self, inputs: Sequence[Signal]) -> NDArray[np.float64]:
        """Return (n_networks, n_inputs, n_classes)."""
        logits = np.stack([network(*stack(inputs)) for network in self._networks])
        if logits.shape[2:] != (len(self.labels),):
            raise RecordError(f"expected {len(self.labels)} outputs, found {logits.shape[2:]}")
        if self.bundle.single_label:
            return softmax(logits, self.bundle.temperature)
        return 1 / (1 + np.exp(-logits / self.bundle.temperature))

    def _check_golden(self) -> None:
        golden = self.bundle.golden
        found = self.probs([golden.signal], golden.fs)[0]
        worst = float(np.abs(found - golden.probs).max())
        # Written so that a NaN is refused too.
        if not worst <= GOLDEN_TOLERANCE:
            raise BundleError(f"model {self.name}: does not reproduce its golden output: expected "
                              f"{np.round(golden.probs, 4)}, found {np.round(found, 4)}")  # fmt: skip


def _unpacked(bundle: bytes, threads: int | None) -> Model:
    """Make a model of the content of a bundle, checked as ever."""
    return Model(read_bundle(bundle), threads=threads)


def _trained_span(provenance: Mapping[str, Any]) -> tuple[float, float] | None:
    """Return the shortest and the longest recording that trained a network, s, where a bundle states them.

    `trained_s` is the shortest, the median and the longest length: of all networks, or of each.
    """
    networks = provenance.get("networks")
    stated = [provenance, *(networks if isinstance(networks, list) else ())]
    spans = [item.get("trained_s") for item in stated if isinstance(item, Mapping)]
    ends = [(span[0], span[-1]) for span in spans if isinstance(span, list) and span]
    known = [
        (float(a), float(b)) for a, b in ends if isinstance(a, int | float) and isinstance(b, int | float)
    ]
    return (min(a for a, _ in known), max(b for _, b in known)) if known else None


def _batches(inputs: Mapping[int, Signal]) -> list[list[int]]:
    """Divide inputs of equal shape before the time axis into batches of similar length."""
    positions = list(inputs)
    values = max((prod(item.shape[:-1]) for item in inputs.values()), default=1)
    batches = bucket([inputs[i].shape[-1] for i in positions], values)
    return [[positions[i] for i in batch] for batch in batches]
