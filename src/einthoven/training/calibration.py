"""What held-out recordings teach: a temperature, a threshold, and how far both can be trusted."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from einthoven.decisions import (
    COVERAGES,
    Abstention,
    coverage_table,
    fit_abstention,
    fit_temperature,
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
    """What the held-out recordings taught.

    temperature : the logits are divided by it
    abstention : when to say nothing
    calibration_error, brier, reliability : after the division
    coverages : scores among the recordings answered, from all of them down to the surest half
    """

    temperature: float
    abstention: Abstention
    calibration_error: float
    brier: float
    reliability: ReliabilityCurve
    coverages: tuple[Coverage, ...]

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
        }


def calibrate(evaluation: Evaluation, coverage: float) -> Calibration:
    """Fit temperature and abstention to held-out recordings, and measure both there.

    coverage : share of recordings that are to be answered, at least
    """
    scores, table = evaluation.scores, evaluation.table
    temperature = fit_temperature(scores.logits, scores.truth)
    probs = softmax(scores.logits, temperature)
    averaged = [table.classes.index(name) for name in table.averaged]
    return Calibration(
        temperature,
        fit_abstention(probs, scores.truth, coverage),
        expected_calibration_error(probs, scores.truth),
        brier_score(probs, scores.truth),
        reliability_curve(probs, scores.truth),
        _coverages(probs, scores.truth, averaged, coverage),
    )


def _coverages(
    probs: NDArray[np.float64], truth: NDArray[np.int64], averaged: list[int], coverage: float
) -> tuple[Coverage, ...]:
    targets = sorted({*COVERAGES, coverage}, reverse=True)
    rows = []
    for row in coverage_table(probs, truth, targets):
        kept = ~row.abstains(probs)
        answers = probs[kept].argmax(axis=1)
        f1 = f1_average(truth[kept], answers, probs.shape[1], averaged)
        rows.append(Coverage(row, int(kept.sum()), f1))
    return tuple(rows)
