"""Models that answer: a bundle, checked, with its networks running in ONNX Runtime."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from math import prod
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from einthoven.bundle import Bundle, InputSpec
from einthoven.decisions import average, majority_vote, sigmoid, softmax
from einthoven.errors import BundleError, ECGError, RecordError
from einthoven.inference.buckets import bucket, stack
from einthoven.inference.contradictions import contradiction
from einthoven.inference.known_limits import trained_span
from einthoven.inference.label_doubts import doubtful_labels, doubtful_warning
from einthoven.inference.prediction import UNSURE, Failure, Prediction, nearest_class, none_reaches
from einthoven.inference.preparation import Prepared, prepare
from einthoven.inference.sealed_model import SealedModel, check_record
from einthoven.inference.shipped import open_model
from einthoven.inference.unexplained_rhythm import contradicted, unexplained_warning
from einthoven.inference.usable_leads import look, usable_names
from einthoven.pipeline import Pipeline
from einthoven.record import Record, Signal


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


class Model(SealedModel):
    """A bundle that says what whole recordings show.

    Parameters
    ----------
    bundle : Bundle
        What was packed.
    threads : int, optional
        Threads that one call may use; as many as there are cores if not given.

    Raises
    ------
    BundleError
        If it is of heartbeats, or the pipeline or a network cannot be built, or does not give the golden
        output.
    """

    def __init__(self, bundle: Bundle, *, threads: int | None = None) -> None:
        if bundle.cut is not None:
            raise BundleError(f"model {bundle.name}: expected a model of whole recordings, found one of "
                              "heartbeats: einthoven beats, or load_beats, asks it")  # fmt: skip
        super().__init__(bundle, threads=threads)
        self._trained_s = trained_span(bundle.provenance)
        self._doubtful = doubtful_labels(bundle.provenance)

    @property
    def inputs(self) -> tuple[InputSpec, ...]:
        """What it expects of a recording."""
        return (self.bundle.input,)

    def predict(self, record: Record) -> Prediction:
        """Say what one recording shows.

        Parameters
        ----------
        record : Record
            As `read_record` returns it; every lead that the model does not use is ignored.

        Returns
        -------
        Prediction
            With `abstained` and a reason where the answer should not be relied on: the model is not sure, of
            a multi-label model no class reaches its threshold, classes contradict each other or an irregular
            rhythm is called normal, or the lead is flat, stuck or missing for more than 15 % of the time, has
            gaps that may hide beats, is mostly hum, is too high, or does not look like an ECG, or of several
            leads none has reliable heartbeats.

        Raises
        ------
        RecordError
            If it is no Record, is shorter, longer, more coarsely or otherwise sampled than the model was made
            for, or if one of several leads that the model needs is not there.
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

    def obstacle(self, record: Record) -> str | None:
        """Return why no answer to a recording should be believed, or None, without asking the networks.

        Raises RecordError as `predict` does.
        """
        return self._prepare(record).obstacle

    def usable_leads(self, record: Record) -> tuple[str, ...]:
        """Return which of this model's leads are there and can be used, however few.

        Raises RecordError if none of them is there.
        """
        wanted = self.bundle.input.leads
        chosen = record.for_model(wanted, may_lack=True)
        return usable_names(chosen, look(chosen, record.lacks(wanted)))

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
        check_record(record)
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
        thresholds = self.bundle.thresholds
        chosen = [first] if thresholds is None else [i for i in order if probs[i] >= thresholds[i]]
        doubt = self._doubt(probs, chosen)
        if thresholds is not None and not chosen and self.bundle.at_least_one:
            chosen = [self.labels.index(nearest_class(*self._by_label(probs, thresholds)))]
        labels = tuple(self.labels[i] for i in chosen)
        reason, misfits = self._misfits(chosen, item.obstacle or doubt, item.rr_change)
        return Prediction(
            record=item.record,
            path=item.path,
            model=self.name,
            model_version=self.version,
            leads_used=item.leads,
            labels=labels,
            probs={name: round(float(p), 6) for name, p in zip(self.labels, probs, strict=True)},
            abstained=reason is not None,
            abstain_reason=reason,
            heart_rate=item.heart_rate,
            quality=item.quality,
            warnings=(
                *self._warnings,
                *self._outvoted(probs, first),
                *misfits,
                *doubtful_warning(labels, self._doubtful),
                *item.warnings,
            ),
            thresholds=None if thresholds is None else self._by_label(thresholds)[0],
        )

    def _doubt(self, probs: NDArray[np.float64], chosen: Sequence[int]) -> str | None:
        """Say why the classes given are doubtful by their probabilities; None if they are not."""
        thresholds, abstention = self.bundle.thresholds, self.bundle.abstention
        if thresholds is not None and not chosen:
            return none_reaches(*self._by_label(probs, thresholds))
        if abstention is not None and probs[chosen[0]] < abstention.threshold:
            return (f"not sure: {self.labels[chosen[0]]} has a probability of {probs[chosen[0]]:.2f}, "
                    f"below {abstention.threshold:.2f}")  # fmt: skip
        return None

    def _misfits(
        self, chosen: Sequence[int], reason: str | None, rr_change: float | None
    ) -> tuple[str | None, tuple[str, ...]]:
        """Find what in an answer does not fit together, or does not fit the rhythm.

        reason : why the answer is doubtful for another reason, or None

        Returns the reason, which is one of these if there was none, and the others as warnings.
        """
        given = [self.bundle.labels[i] for i in chosen]
        labels = [label.name for label in given]
        between = contradiction(given)
        unexplained = unexplained_warning(rr_change, labels, self.labels)
        if reason is None and between is not None:
            return f"{UNSURE}{between}", unexplained
        if reason is None and (reason := contradicted(rr_change, labels, self.labels)) is not None:
            unexplained = ()
        return reason, (*([] if between is None else [between]), *unexplained)

    def _by_label(self, *values: Iterable[float]) -> list[dict[str, float]]:
        return [dict(zip(self.labels, map(float, of_labels), strict=True)) for of_labels in values]

    def _outvoted(self, probs: NDArray[np.float64], first: int) -> tuple[str, ...]:
        """Say so if most networks named another class than the one whose mean probability is highest."""
        top = int(probs.argmax())
        if not self.bundle.single_label or probs[top] <= probs[first]:
            return ()
        return (f"most of the networks say {self.labels[first]}, "
                f"but {self.labels[top]} has the higher mean probability",)  # fmt: skip

    def _member_probs(self, inputs: Sequence[Signal]) -> NDArray[np.float64]:
        """Return (n_networks, n_inputs, n_classes)."""
        logits = self._logits(*stack(inputs))
        if self.bundle.single_label:
            return softmax(logits, self.bundle.temperature)
        return sigmoid(logits, self.bundle.temperature)

    def _read_preparation(self) -> None:
        self._pipeline = Pipeline.from_json(self.bundle.pipeline)

    def _golden_probs(self, signal: Signal, fs: float) -> NDArray[np.float64]:
        golden: NDArray[np.float64] = self.probs([signal], fs)[0]
        return golden


def _batches(inputs: Mapping[int, Signal]) -> list[list[int]]:
    """Divide inputs of equal shape before the time axis into batches of similar length."""
    positions = list(inputs)
    values = max((prod(item.shape[:-1]) for item in inputs.values()), default=1)
    batches = bucket([inputs[i].shape[-1] for i in positions], values)
    return [[positions[i] for i in batch] for batch in batches]
