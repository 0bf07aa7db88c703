"""What held-out recordings teach: a temperature, a threshold, and how far both can be trusted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from einthoven.datasets.dealing import deal_classes
from einthoven.decisions import (
    COVERAGES,
    Abstention,
    coverage_table,
    fit_temperature,
    is_at_bound,
    softmax,
)
from einthoven.metrics import (
    ReliabilityCurve,
    brier_score,
    expected_calibration_error,
    f1_average,
    reliability_curve,
)
from einthoven.training.evaluate import Evaluation
from einthoven.training.held_out_scores import HeldOutScores

MEASURED_ON = "single networks, one a fold"
"""Whose probabilities are calibrated. Those of an ensemble are means, mostly less sure of themselves."""
N_PARTS = 5
"""Parts of a single fold of which each is measured by what the others fitted."""


@dataclass(frozen=True)
class Coverage:
    """What a classifier is worth that answers only the share of recordings it is surest of.

    abstention : threshold, share answered, accuracy
    n_answered : recordings answered
    f1_average : F1avg among these; NaN if none of its classes is left
    """

    abstention: Abstention
    n_answered: int
    f1_average: float

    def to_dict(self) -> dict[str, Any]:
        """Return target, threshold, coverage, and the scores among the recordings answered."""
        at = self.abstention
        return {
            "target": at.target,
            "threshold": at.threshold,
            "coverage": at.coverage,
            "n_answered": self.n_answered,
            "accuracy": at.kept_accuracy,
            "f1_average": self.f1_average,
        }


@dataclass(frozen=True)
class Calibration:
    """What the held-out recordings taught, and how far it can be trusted.

    temperature : the logits are divided by it; fitted on all of them
    abstention : when to say nothing; the threshold is fitted on all of them, the shares are measured
    calibration_error, brier, reliability : after the division
    coverages : scores among the recordings answered, from all of them down to the surest half
    is_cross_fitted : whether each recording was measured by what was fitted on others
    """

    temperature: float
    abstention: Abstention
    calibration_error: float
    brier: float
    reliability: ReliabilityCurve
    coverages: tuple[Coverage, ...]
    is_cross_fitted: bool

    def to_dict(self) -> dict[str, Any]:
        """Return everything as plain numbers, lists and dicts; empty bins and absent classes are NaN."""
        curve = self.reliability
        return {
            "temperature": self.temperature,
            "calibration_error": self.calibration_error,
            "brier": self.brier,
            "abstention": asdict(self.abstention),
            "reliability": {name: getattr(curve, name).tolist() for name in ReliabilityCurve.__slots__},
            "coverages": [row.to_dict() for row in self.coverages],
            "measured_on": MEASURED_ON,
            "cross_fitted": self.is_cross_fitted,
        }


@dataclass(frozen=True)
class _Measured:
    """Recordings as a calibration shows them that others fitted.

    probs : (n_records, n_classes)
    kept : coverage -> (n_records,), which recordings get an answer
    """

    probs: NDArray[np.float64]
    kept: dict[float, NDArray[np.bool_]]


def calibrate(evaluation: Evaluation, coverage: float) -> Calibration:
    """Fit temperature and abstention to all held-out recordings, and measure both by cross-fitting.

    That is, each fold is measured by the temperature and the thresholds that the other folds give; where one
    fold alone was run, each of five stratified parts of it.

    coverage : share of recordings that are to be answered
    """
    scores, table = evaluation.scores, evaluation.table
    targets = sorted({*COVERAGES, coverage}, reverse=True)
    parts = _parts(scores)
    measured = _cross_fitted(scores, parts, targets)
    temperature = fit_temperature(scores.logits, scores.truth)
    fitted = coverage_table(softmax(scores.logits, temperature), scores.truth, targets)
    averaged = [table.classes.index(name) for name in table.averaged]
    rows = [_coverage(at, scores, measured.kept[at.target], averaged) for at in fitted]
    return Calibration(
        temperature,
        next(row.abstention for row in rows if row.abstention.target == coverage),
        expected_calibration_error(measured.probs, scores.truth),
        brier_score(measured.probs, scores.truth),
        reliability_curve(measured.probs, scores.truth),
        tuple(rows),
        is_cross_fitted=bool(parts.any()),
    )


def calibration_warnings(evaluation: Evaluation, calibration: Calibration, vote: str) -> tuple[str, ...]:
    """Return what is wrong with a calibration, in words for its users: one line each, none if all is well.

    vote : of the bundle, "mean" or "majority"
    """
    table, n_classes = evaluation.table, len(evaluation.table.classes)
    found = []
    most = max(table.support)
    if table.accuracy.value <= most / table.n_records:
        name = table.classes[table.support.index(most)]
        found.append(
            f"accuracy {table.accuracy.value:.3f} on {table.n_records} held-out recordings is not above "
            f"{most / table.n_records:.3f}, which always answering {name} would get"
        )
    if is_at_bound(calibration.temperature):
        why = (
            "what the network gives has nothing to do with the truth"
            if calibration.temperature > 1
            else "the held-out recordings are told apart without a doubt, too few or too easy to calibrate by"
        )
        found.append(
            f"the temperature is at its bound of {calibration.temperature:.3g}: {why}; "
            "the probabilities are not to be believed"
        )
    # What a majority's threshold tests is not the highest probability: it may lie below 1/n.
    if vote == "mean" and not calibration.abstention.can_abstain(n_classes):
        threshold = calibration.abstention.threshold
        found.append(
            f"it never says that it is not sure: the threshold of {threshold:.3f} is at most 1/{n_classes}, "
            f"which the highest of {n_classes} probabilities always reaches"
        )
    return tuple(found)


def _parts(scores: HeldOutScores) -> NDArray[np.int64]:
    """Return the part of each recording, from 0: its fold, or where there is one fold a fifth of it."""
    folds = np.unique([str(fold) for fold in scores.folds], return_inverse=True)[1].astype(np.int64)
    if folds.any() or len(folds) < 2:
        return folds
    patients = [patient or None for patient in scores.patients]
    return deal_classes(scores.truth, patients, min(N_PARTS, len(folds)), seed=0)


def _cross_fitted(scores: HeldOutScores, parts: NDArray[np.int64], targets: Sequence[float]) -> _Measured:
    probs = np.empty(scores.logits.shape)
    kept = {target: np.empty(len(parts), bool) for target in targets}
    for part in np.unique(parts):
        inside = parts == part
        # A single part has none beside it.
        others = parts != part if parts.any() else inside
        temperature = fit_temperature(scores.logits[others], scores.truth[others])
        probs[inside] = softmax(scores.logits[inside], temperature)
        fitted_on = softmax(scores.logits[others], temperature)
        for at in coverage_table(fitted_on, scores.truth[others], targets):
            kept[at.target][inside] = ~at.abstains(probs[inside])
    return _Measured(probs, kept)


def _coverage(
    at: Abstention, scores: HeldOutScores, kept: NDArray[np.bool_], averaged: Sequence[int]
) -> Coverage:
    # No temperature changes an answer.
    answers, n_classes = scores.logits.argmax(axis=1), scores.logits.shape[1]
    correct = answers[kept] == scores.truth[kept]
    measured = replace(
        at, coverage=float(kept.mean()), kept_accuracy=float(correct.mean()) if kept.any() else 0.0
    )
    f1 = f1_average(scores.truth[kept], answers[kept], n_classes, averaged)
    return Coverage(measured, int(kept.sum()), f1)
