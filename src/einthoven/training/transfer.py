"""Transfer: a trained network's last fully connected layers learn another task, one more at a time.

Beside these runs stand one in which all of the network learns on, and one that begins from scratch.

Source: the program beside M. Kachuee, S. Fazeli and M. Sarrafzadeh, 2018, arXiv:1805.00794
(gilad-altshuler/ECG-classification, notebook at 4515403). Differences: intervals, and scores by recording.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from einthoven.datasets.dataset import Dataset
from einthoven.decisions import softmax
from einthoven.errors import RunError, SettingsError
from einthoven.metrics import Score, auroc_score, score_table
from einthoven.training.ancestry import check_unseen
from einthoven.training.evaluate import Evaluation, evaluate_runs
from einthoven.training.folds import split_dataset
from einthoven.training.held_out_scores import HeldOutScores
from einthoven.training.initial import Initial, check_frozen
from einthoven.training.machine import Machine
from einthoven.training.progress import Display
from einthoven.training.protocol import Protocol
from einthoven.training.run import train
from einthoven.training.run_folder import Run

POSITIVE = 1
"""Of two classes, the one that is looked for."""
SCRATCH = "scratch"

Started = Callable[[str, int, int, int], None]
"""Called with a run's variant and fold, its number from 1, and how many there are."""


@dataclass(frozen=True, slots=True)
class Variant:
    """How much of a network learns the new task.

    name : the number of fully connected layers, "all", or "scratch"
    train_last : that number; None: everything learns
    """

    name: str
    train_last: int | None = None

    @property
    def is_transferred(self) -> bool:
        """Whether it begins with the given weights."""
        return self.name != SCRATCH

    def protocol(self, protocol: Protocol) -> Protocol:
        """Return a protocol in which so much learns, in every phase."""
        phases = tuple(replace(phase, train_last=self.train_last) for phase in protocol.phases)
        return replace(protocol, phases=phases)


@dataclass(frozen=True, slots=True)
class Measured:
    """What answers of one kind are worth.

    n, n_patients : heartbeats, or recordings, that tested, and of how many patients they are; 0 if unknown
    accuracy, balanced_accuracy : with 95 % intervals, by patient where patients are known
    f1, auroc : of the class that is looked for
    always : accuracy of who always answers the most frequent class
    """

    n: int
    n_patients: int
    accuracy: Score
    balanced_accuracy: Score
    f1: Score
    auroc: Score
    always: float


@dataclass(frozen=True)
class VariantScores:
    """What a variant ends with, over all its folds.

    n_trained, n_weights : numbers that learn, of all in the network
    evaluation : of its heartbeats
    beats, recordings : of each heartbeat, and of each recording by the mean probability of its beats; the
        latter is None where beats of one recording are on both sides
    """

    variant: Variant
    n_trained: int
    n_weights: int
    evaluation: Evaluation
    beats: Measured
    recordings: Measured | None


def variants_of(protocol: Protocol) -> tuple[Variant, ...]:
    """Return each number of fully connected layers, from the last one on, then all and scratch.

    Raises SettingsError if the network has no layers that can learn alone, or there are not two classes.
    """
    n_dense = getattr(protocol.network, "n_dense", 0)
    if not n_dense:
        raise SettingsError(f"expected a network whose last layers can learn alone, such as heartbeat-cnn, "
                            f"found {protocol.network.name}")  # fmt: skip
    if len(protocol.classes) != 2:
        raise SettingsError(f"expected two classes, found {', '.join(protocol.classes)}")
    if any(phase.train_last is not None for phase in protocol.phases):
        raise SettingsError("expected no number of trained layers, as each is tried, found one")
    return (*(Variant(str(k), k) for k in range(1, n_dense + 1)), Variant("all"), Variant(SCRATCH))


def check_source(protocol: Protocol, init: Initial, where: object) -> None:
    """Check, before any data is read, that what is transferred fits the network that is to learn.

    Parameters
    ----------
    protocol : of the new task
    init : the trained network's weights
    where : they come from, for the message

    Raises SettingsError as `variants_of`, or if the weights do not fit.
    """
    check_frozen(variants_of(protocol)[0].protocol(protocol), init, where)


def train_variants(
    protocol: Protocol,
    dataset: Dataset,
    folder: str | Path,
    *,
    folds: Sequence[int],
    budget: str,
    init: Initial,
    machine: Machine | None = None,
    progress: Display | None = None,
    started: Started | None = None,
) -> dict[Variant, list[Run]]:
    """Train every variant on every fold, or go on where that was interrupted.

    Parameters
    ----------
    protocol : of the new task, with everything learning
    dataset : of the new task, cut into heartbeats
    folder : of the runs: `1-fold-0`, `all-fold-0` and so on; runs that are finished there stay as they are
    folds : which of them test, from 0
    budget : name of the budget that the protocol was made for
    init : the trained network's weights
    machine, progress : as in `train`
    started : told which run begins

    Returns
    -------
    The finished runs of each variant, in the order of the folds.

    Raises
    ------
    SettingsError as `variants_of`, or if the weights do not fit; before anything is trained.
    DatasetError if the data set does not fit the protocol, or there is no such fold; before that, too.
    RunError as `train`.
    """
    variants, place = variants_of(protocol), Path(folder)
    if not folds or len(set(folds)) < len(folds):
        raise SettingsError(f"expected folds, each once, found {', '.join(map(str, folds)) or 'none'}")
    for fold in folds:
        check_unseen(init.ancestry, dataset, split_dataset(protocol, dataset, fold)[1], place)
    check_source(protocol, init, place)
    runs: dict[Variant, list[Run]] = {variant: [] for variant in variants}
    todo = [(variant, fold) for fold in folds for variant in variants]
    for number, (variant, fold) in enumerate(todo, 1):
        if started is not None:
            started(variant.name, fold, number, len(todo))
        run = train(
            variant.protocol(protocol), dataset, place / f"{variant.name}-fold-{fold}", fold=fold,
            budget=budget, init=init if variant.is_transferred else None, machine=machine, progress=progress,
        )  # fmt: skip
        runs[variant].append(run)
    return runs


def score_variant(variant: Variant, runs: Sequence[Run]) -> VariantScores:
    """Score a variant on what its runs held out, heartbeat by heartbeat and recording by recording.

    Raises RunError as `evaluate_runs` does, or if the runs are not of two classes.
    """
    evaluation = evaluate_runs(runs)
    if len(evaluation.protocol.classes) != 2:
        raise RunError(f"{runs[0].folder}: expected a run of two classes, "
                       f"found {', '.join(evaluation.protocol.classes)}")  # fmt: skip
    scores = evaluation.scores
    beats = _measured(scores.truth, softmax(scores.logits), evaluation.protocol.classes, scores.groups())
    recordings = None
    if scores.recordings and evaluation.split_by != "beat":
        recordings = _measured(*by_recording(scores), evaluation.protocol.classes, _groups_of(scores))
    n_trained, n_weights = _count_weights(runs[0])
    return VariantScores(variant, n_trained, n_weights, evaluation, beats, recordings)


def by_recording(scores: HeldOutScores) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Return the class of each recording, and the mean of its beats' probabilities.

    Returns
    -------
    (n_recordings,) and (n_recordings, n_classes), in the order of their names.
    """
    first, of = _recordings(scores)
    sums = np.zeros((len(first), scores.logits.shape[1]))
    np.add.at(sums, of, softmax(scores.logits))
    return scores.truth[first], sums / np.bincount(of)[:, None]


def _recordings(scores: HeldOutScores) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the first beat of each recording, and the recording of each beat."""
    _, first, of = np.unique(np.array(scores.recordings), return_index=True, return_inverse=True)
    return first, of


def _groups_of(scores: HeldOutScores) -> NDArray[np.str_] | None:
    groups = scores.groups()
    return None if groups is None else groups[_recordings(scores)[0]]


def _measured(
    truth: NDArray[np.int64],
    probs: NDArray[np.float64],
    classes: tuple[str, ...],
    groups: NDArray[np.str_] | None,
) -> Measured:
    table = score_table(truth, probs.argmax(1), classes, groups=groups)
    return Measured(
        n=len(truth),
        n_patients=0 if groups is None else len(np.unique(groups)),
        accuracy=table.accuracy,
        balanced_accuracy=table.balanced_accuracy,
        f1=table.f1[POSITIVE],
        auroc=auroc_score(probs[:, POSITIVE], truth == POSITIVE, groups=groups),
        always=max(table.support) / table.n_records,
    )


def _count_weights(run: Run) -> tuple[int, int]:
    network, train_last = run.network(), run.protocol.phases[-1].train_last
    if train_last is not None:
        network.train_last(train_last)  # type: ignore[operator]
    counts = [(parameter.numel(), parameter.requires_grad) for parameter in network.parameters()]
    return sum(n for n, learns in counts if learns), sum(n for n, _ in counts)
