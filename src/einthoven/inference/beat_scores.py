"""How good a model of heartbeats is: its answers beside annotated beats, recording by recording.

Source: ANSI/AAMI EC57, section 4.3 (beat-by-beat comparison within 150 ms; ventricular flutter and
fibrillation are left out).
Differences: EC57's learning period, the first 5 minutes, is not left out. Beside EC57's comparison stands
that of most papers, where the model is given the annotated R peaks. The beats that a model finds all count,
those in noise and without signal too, which `BeatModel.classify` otherwise leaves out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from einthoven.aami import CLASSES, beats_of, flutter_of
from einthoven.datasets.dataset import Dataset, Entry
from einthoven.errors import BundleError, DatasetError, ECGError
from einthoven.inference.annotated_beats import pair_beats
from einthoven.inference.beats import BeatModel
from einthoven.inference.heartbeats import Heartbeats
from einthoven.metrics import brier_score, expected_calibration_error
from einthoven.metrics.beat_table import BeatTable, beat_table
from einthoven.metrics.beats import EC57_IGNORED
from einthoven.metrics.peaks import TOLERANCE_S
from einthoven.record import Record

Way = Literal["annotated", "found"]
"""Whose R peaks the model names: the annotated ones, or those that it finds."""

_Indices = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Answers:
    """What a model says of annotated beats.

    confusion : (6, 6) counts by annotated (row) and found (column) class; the last of each is "none"
    truth : (n,) classes of the annotated beats that it named, as indices into `CLASSES`
    probs : (n, 5) what it gave them
    sure : (n,) bool, whether it was sure
    """

    confusion: _Indices
    truth: _Indices
    probs: NDArray[np.float64]
    sure: NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class ScoredRecording:
    """The answers of one recording.

    record_id, patient : whose it is
    answers : by way
    obstacle : why the model says that its answers should not be believed, or None; they count all the same
    """

    record_id: str
    patient: str
    answers: Mapping[Way, Answers]
    obstacle: str | None


@dataclass(frozen=True, slots=True, eq=False)
class BeatEvaluation:
    """The answers of all recordings.

    ways : that the model can go
    recordings : that could be used, at least one
    failed : recordings that could not, and why
    """

    ways: tuple[Way, ...]
    recordings: tuple[ScoredRecording, ...]
    failed: Mapping[str, str]

    @property
    def obstacles(self) -> dict[str, str]:
        """Recordings whose answers the model itself calls not to be believed, and why."""
        return {one.record_id: one.obstacle for one in self.recordings if one.obstacle is not None}

    def table(self, way: Way, *, is_ec57: bool) -> BeatTable:
        """Return scores with 95 % intervals by patient; with or without what EC57 ignores."""
        patients = sorted({one.patient for one in self.recordings})
        own = np.zeros((len(patients), len(CLASSES) + 1, len(CLASSES) + 1), np.int64)
        for one in self.recordings:
            own[patients.index(one.patient)] += one.answers[way].confusion
        return beat_table(own, ignored=EC57_IGNORED if is_ec57 else None)

    def answers(self, way: Way) -> Answers:
        """Return the answers of all recordings as those of one.

        Raises DatasetError if no annotated beat was named.
        """
        parts = [one.answers[way] for one in self.recordings]
        truth = np.concatenate([part.truth for part in parts])
        if not len(truth):
            raise DatasetError(f"expected annotated beats among the {way} R peaks, found none")
        return Answers(
            np.sum([part.confusion for part in parts], axis=0),
            truth,
            np.concatenate([part.probs for part in parts]),
            np.concatenate([part.sure for part in parts]),
        )


@dataclass(frozen=True, slots=True)
class Confidence:
    """How far a model's probabilities can be believed, by the annotated beats that it named.

    coverage : share that it was sure of
    sure_accuracy : share of right ones among these; NaN if there is none
    calibration_error, brier : of its probabilities
    """

    coverage: float
    sure_accuracy: float
    calibration_error: float
    brier: float


def measure_confidence(answers: Answers) -> Confidence:
    """Measure how far the probabilities of answers can be believed."""
    is_right = answers.probs.argmax(axis=1) == answers.truth
    return Confidence(
        float(answers.sure.mean()),
        float(is_right[answers.sure].mean()) if answers.sure.any() else float("nan"),
        expected_calibration_error(answers.probs, answers.truth),
        brier_score(answers.probs, answers.truth),
    )


def score_beats(
    model: BeatModel, dataset: Dataset, progress: Callable[[int, int, int], None] | None = None
) -> BeatEvaluation:
    """Have a model name the beats of annotated recordings.

    At the annotated R peaks all of them are named. So are all R peaks that are found, also in noise and where
    there is no signal: a detector that finds beats there is charged with them. Beats within 150 ms are the
    same. A model that finds R peaks in its own way takes none: only the second way is open to it.

    Parameters
    ----------
    model : whose classes are among `CLASSES`
    dataset : recordings with annotated beats
    progress : called with (recordings done, all, failed)

    Raises
    ------
    BundleError if the model has other classes.
    DatasetError if the recordings have labels in place of annotated beats, or none could be used.
    """
    if not set(model.labels) <= set(CLASSES):
        raise BundleError(f"model {model.name}: expected AAMI classes of beats ({', '.join(CLASSES)}), "
                          f"found {', '.join(model.labels)}")  # fmt: skip
    _check_annotated(dataset)
    ways: tuple[Way, ...] = ("found",) if model.cut.finds_rpeaks else ("annotated", "found")
    scored: list[ScoredRecording] = []
    failed: dict[str, str] = {}
    for number, entry in enumerate(dataset.entries):
        try:
            scored.append(_score(model, entry, dataset.read(number), ways))
        except (ECGError, OSError) as error:
            failed[entry.record_id] = str(error)
        if progress is not None:
            progress(number + 1, len(dataset), len(failed))
    if not scored:
        name, reason = next(iter(failed.items()), ("", "there is none"))
        raise DatasetError(f"{dataset.name}: no recording could be used: {f'{name}: ' * bool(name)}{reason}")
    return BeatEvaluation(ways, tuple(scored), MappingProxyType(failed))


def _check_annotated(dataset: Dataset) -> None:
    labelled = [entry.record_id for entry in dataset.entries if entry.labels]
    if labelled:
        raise DatasetError(f"{dataset.name}: expected recordings whose beats are annotated, as in mitdb, "
                           f"found {labelled[0]} with a label of its own")  # fmt: skip


def _score(model: BeatModel, entry: Entry, record: Record, ways: Sequence[Way]) -> ScoredRecording:
    if record.annotations is None:
        raise DatasetError("expected annotated beats, found no annotations")
    samples, classes = beats_of(record.annotations)
    # Two annotations of one sample are one beat: the first counts.
    rpeaks, first = np.unique(samples, return_index=True)
    if not len(rpeaks):
        raise DatasetError("expected annotated beats, found none among the annotations")
    flutter = flutter_of(record.annotations, record.n_samples)
    truth = (rpeaks, classes[first])
    said = {
        way: model.classify(record, rpeaks if way == "annotated" else None, leave_out=False) for way in ways
    }
    return ScoredRecording(
        entry.record_id,
        entry.record_id if entry.patient is None else entry.patient,
        MappingProxyType(
            {
                way: _compare(truth, beats, flutter, 0.0 if way == "annotated" else TOLERANCE_S * record.fs)
                for way, beats in said.items()
            }
        ),
        said["found"].obstacle,
    )


def _compare(
    truth: tuple[_Indices, _Indices],
    beats: Heartbeats,
    flutter: Sequence[tuple[int, int]],
    tolerance: float,
) -> Answers:
    pairs = pair_beats(truth, beats, flutter, tolerance)
    places = [CLASSES.index(name) for name in beats.classes]
    probs = np.zeros((len(pairs.found), len(CLASSES)))
    probs[:, places] = beats.probs[pairs.found]
    probs /= probs.sum(axis=1, keepdims=True)
    return Answers(pairs.confusion, pairs.truth, probs, beats.sure[pairs.found])
