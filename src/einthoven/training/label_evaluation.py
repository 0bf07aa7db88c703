"""How good runs are of which a recording may have any number of classes: the heads that answer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from einthoven.decisions import THRESHOLD_RULES
from einthoven.errors import RunError
from einthoven.metrics.cinc2020 import is_scored
from einthoven.training.cross_fitting import head_logits, parts_of
from einthoven.training.evaluate import HeldOut, held_out
from einthoven.training.head_scores import SIGMOID, HeadScores, Judges, score_head
from einthoven.training.heads import SVMSettings
from einthoven.training.run_folder import Run


@dataclass(frozen=True)
class LabelEvaluation(HeldOut):
    """How good runs are of which each recording may have any number of classes.

    heads : the network's own classifier first
    source : that was left out and is judged, or None
    """

    heads: tuple[HeadScores, ...]
    source: str | None = None

    @property
    def judged(self) -> tuple[int, ...]:
        """Of each class, the recordings of which somebody said whether they have it."""
        return tuple(np.isfinite(self.scores.truth).sum(axis=0).tolist())

    def to_dict(self) -> dict[str, Any]:
        """Return all but protocol and single recordings as JSON values."""
        patients = self.scores.patients
        sizes = {
            "judged": list(self.judged),
            "n_patients": len({patient for patient in patients if patient}),
            "n_of_unknown_patients": patients.count(""),
        }
        plain = {name: value for name, value in self.__dict__.items()
                 if name not in ("protocol", "scores", "heads")}  # fmt: skip
        heads = [head.to_dict() for head in self.heads]
        return {"recipe": self.protocol.recipe, **plain, **sizes, "heads": heads}


def evaluate_labels(
    runs: Sequence[Run],
    *,
    svm: SVMSettings | None = None,
    rules: Sequence[str] = tuple(THRESHOLD_RULES),
    measured: Run | None = None,
    n_resamples: int = 1000,
    progress: Callable[[int, int], None] | None = None,
) -> LabelEvaluation:
    """Score the held-out recordings of runs that differ in fold and seed only, as one.

    Parameters
    ----------
    runs : finished runs, each of another fold
    svm : also score support vector machines on the networks' features; None: the networks' own heads only.
        They are fitted on recordings that their network did not learn from, each fold's by cross-fitting
    rules : names among `THRESHOLD_RULES`; the challenge's counts only where the classes are the challenge's
    measured : the one of the runs whose recordings are scored, those of the others only giving thresholds and
        temperature, such as the run that left a source out; None: all are scored
    n_resamples : of the bootstrap; patients are drawn where they are known, else recordings
    progress : called with (steps done, all)

    Raises
    ------
    RunError if a run is not finished, has one class a recording, two of them differ in more or hold out the
    same recording, none held out any, or these are too few, or of too few patients, to measure one by others.
    DatasetError if the machines cannot be fitted.
    """
    found = held_out(runs)
    if not found.protocol.is_multi_label:
        raise RunError(f"{runs[0].folder}: expected a run of several labels, found one of a single label")
    parts = parts_of(found.scores)
    if len(np.unique(parts)) < 2:
        raise RunError(f"{runs[0].folder}: expected held-out recordings of two patients or more, to decide "
                       f"one by what others teach, found {len(parts)} of one")  # fmt: skip
    logits = {SIGMOID: np.asarray(found.scores.logits, np.float64)}
    if svm is not None:
        logits[svm.kernel] = head_logits(runs, found.part, svm, progress)
    usable = [name for name in rules if name != "challenge" or is_scored(found.protocol.classes)]
    judges = Judges(runs, found.scores, parts, usable, _rows_of(found, measured), n_resamples)
    heads = tuple(score_head(name, values, judges) for name, values in logits.items())
    if measured is None:
        return LabelEvaluation(**found.__dict__, heads=heads)
    alone = held_out([measured])
    return LabelEvaluation(**alone.__dict__, heads=heads, source=measured.done().get("source"))


def _rows_of(found: HeldOut, measured: Run | None) -> NDArray[np.int64]:
    """Return which of the pooled recordings are scored."""
    folds = found.scores.folds
    own = [measured is None or fold == measured.fold for fold in folds]
    return np.flatnonzero(own).astype(np.int64)
