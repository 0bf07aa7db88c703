"""Calibration: what is measured on the held-out recordings is what a hand would count there."""

from collections.abc import Callable

import numpy as np
import pytest

from einthoven.decisions import softmax
from einthoven.metrics import f1_average
from einthoven.training.calibration import Calibration, calibrate
from einthoven.training.evaluate import Evaluation, evaluate_runs
from einthoven.training.run_folder import Run


@pytest.fixture(scope="module")
def evaluation(trained: Callable[..., Run]) -> Evaluation:
    """Return the scores of all five folds: 30 recordings."""
    return evaluate_runs([trained(fold) for fold in range(5)], n_resamples=20)


@pytest.fixture(scope="module")
def found(evaluation: Evaluation) -> Calibration:
    """Return the calibration at a coverage that is not among the usual ones."""
    return calibrate(evaluation, coverage=0.85)


def test_the_reliability_curve_is_of_the_calibrated_probabilities(
    found: Calibration, evaluation: Evaluation
) -> None:
    top = softmax(evaluation.scores.logits, found.temperature).max(axis=1)
    curve = found.to_dict()["reliability"]
    assert sum(curve["counts"]) == 30
    filled = [index for index, n in enumerate(curve["counts"]) if n]
    for index in filled:
        low, high = curve["edges"][index : index + 2]
        inside = top[(top > low) & (top <= high)]
        assert len(inside) == curve["counts"][index]
        assert inside.mean() == pytest.approx(curve["confidence"][index])
    gaps = [curve["counts"][i] * abs(curve["confidence"][i] - curve["accuracy"][i]) for i in filled]
    assert sum(gaps) / 30 == pytest.approx(found.calibration_error)


def test_each_coverage_scores_the_surest_recordings(found: Calibration, evaluation: Evaluation) -> None:
    scores = evaluation.scores
    probs = softmax(scores.logits, found.temperature)
    rows = found.to_dict()["coverages"]
    assert [row["target"] for row in rows] == [1.0, 0.95, 0.9, 0.85, 0.8, 0.7, 0.5]
    for row in rows:
        kept = probs.max(axis=1) >= row["threshold"]
        truth, answers = scores.truth[kept], probs[kept].argmax(axis=1)
        assert row["n_answered"] == kept.sum() >= row["target"] * 30 - 1e-9
        assert row["coverage"] == pytest.approx(kept.mean())
        assert row["accuracy"] == pytest.approx(np.mean(truth == answers))
        assert row["f1_average"] == pytest.approx(f1_average(truth, answers, 4), nan_ok=True)
    assert rows[3]["threshold"] == found.abstention.threshold
