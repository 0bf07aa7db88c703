"""Calibration: what is measured on the held-out recordings is what a hand would count there."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from einthoven.decisions import fit_abstention, fit_temperature, softmax
from einthoven.metrics import brier_score, expected_calibration_error, f1_average, score_table
from einthoven.training.calibration import Calibration, calibrate, calibration_warnings
from einthoven.training.evaluate import Evaluation, evaluate_runs
from einthoven.training.held_out_scores import HeldOutScores
from einthoven.training.run_folder import Run


@pytest.fixture(scope="module")
def evaluation(trained: Callable[..., Run]) -> Evaluation:
    """Return the scores of all five folds: 30 recordings."""
    return evaluate_runs([trained(fold) for fold in range(5)], n_resamples=20)


@pytest.fixture(scope="module")
def found(evaluation: Evaluation) -> Calibration:
    """Return the calibration at a coverage that is not among the usual ones."""
    return calibrate(evaluation, coverage=0.85)


@pytest.fixture(scope="module")
def crossed(evaluation: Evaluation) -> NDArray[np.float64]:
    """Return probabilities of each fold at the temperature that the other folds give."""
    scores = evaluation.scores
    folds = np.array(scores.folds)
    probs = np.empty(scores.logits.shape)
    for fold in range(5):
        inside = folds == fold
        temperature = fit_temperature(scores.logits[~inside], scores.truth[~inside])
        probs[inside] = softmax(scores.logits[inside], temperature)
    return probs


def test_what_is_shipped_is_fitted_on_all_recordings(found: Calibration, evaluation: Evaluation) -> None:
    scores = evaluation.scores
    assert found.temperature == fit_temperature(scores.logits, scores.truth)
    fitted = fit_abstention(softmax(scores.logits, found.temperature), scores.truth, 0.85)
    assert found.abstention.threshold == fitted.threshold
    assert (found.abstention.target, found.abstention.n_records) == (0.85, 30)


def test_the_reliability_curve_is_of_probabilities_that_others_calibrated(
    found: Calibration, evaluation: Evaluation, crossed: NDArray[np.float64]
) -> None:
    top = crossed.max(axis=1)
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
    truth = np.eye(4)[evaluation.scores.truth]
    assert found.brier == pytest.approx(((crossed - truth) ** 2).sum(axis=1).mean())
    assert found.is_cross_fitted


def test_each_coverage_scores_what_thresholds_of_other_folds_keep(
    found: Calibration, evaluation: Evaluation, crossed: NDArray[np.float64]
) -> None:
    scores = evaluation.scores
    folds, answers = np.array(scores.folds), scores.logits.argmax(axis=1)
    rows = found.to_dict()["coverages"]
    assert [row["target"] for row in rows] == [1.0, 0.95, 0.9, 0.85, 0.8, 0.7, 0.5]
    for row in rows:
        kept = np.zeros(30, bool)
        for fold in range(5):
            inside = folds == fold
            temperature = fit_temperature(scores.logits[~inside], scores.truth[~inside])
            others = softmax(scores.logits[~inside], temperature)
            at = fit_abstention(others, scores.truth[~inside], row["target"])
            kept[inside] = crossed[inside].max(axis=1) >= at.threshold
        assert row["n_answered"] == kept.sum()
        assert row["coverage"] == pytest.approx(kept.mean())
        assert row["accuracy"] == pytest.approx(np.mean((scores.truth == answers)[kept]))
        assert row["f1_average"] == pytest.approx(
            f1_average(scores.truth[kept], answers[kept], 4), nan_ok=True
        )
    assert (rows[3]["coverage"], rows[3]["accuracy"]) == (
        found.abstention.coverage,
        found.abstention.kept_accuracy,
    )


def test_a_single_fold_is_measured_in_parts(evaluation: Evaluation) -> None:
    rng = np.random.default_rng(0)
    truth = rng.integers(0, 4, 400)
    # Five times too sure: the temperature has something to do.
    logits = (5 * (np.eye(4)[truth] + 0.8 * rng.standard_normal((400, 4)))).astype(np.float32)
    scores = HeldOutScores(
        tuple(map(str, range(400))), truth, logits, ("test",) * 400, ("",) * 400, (2,) * 400
    )
    found = calibrate(replace(evaluation, scores=scores), 0.9)
    assert found.is_cross_fitted
    in_sample = softmax(logits, fit_temperature(logits, truth))
    assert found.calibration_error == pytest.approx(expected_calibration_error(in_sample, truth), abs=0.05)
    assert found.brier != brier_score(in_sample, truth)
    assert found.abstention.coverage == pytest.approx(0.9, abs=0.03)


def test_a_single_recording_can_only_judge_itself(evaluation: Evaluation) -> None:
    scores = HeldOutScores(
        ("a",), np.zeros(1, np.int64), np.eye(4, dtype=np.float32)[:1], ("test",), ("",), (0,)
    )
    assert not calibrate(replace(evaluation, scores=scores), 0.9).is_cross_fitted


def judged(evaluation: Evaluation, logits: NDArray[np.float64], truth: NDArray[np.int64]) -> Evaluation:
    """The evaluation, with the recordings of one fold exchanged for others."""
    n = len(truth)
    scores = HeldOutScores(
        tuple(map(str, range(n))), truth, logits.astype(np.float32), ("test",) * n, ("",) * n, (0,) * n
    )
    table = score_table(truth, logits.argmax(axis=1), ("N", "A", "O", "~"), n=20)
    return replace(evaluation, scores=scores, table=table)


def warned(evaluation: Evaluation, coverage: float = 0.9, vote: str = "mean") -> tuple[str, ...]:
    return calibration_warnings(evaluation, calibrate(evaluation, coverage), vote)


def test_nothing_is_said_of_a_sound_calibration(evaluation: Evaluation) -> None:
    rng = np.random.default_rng(0)
    truth = rng.integers(0, 4, 200)
    logits = 2 * np.eye(4)[truth] + rng.standard_normal((200, 4))
    assert warned(judged(evaluation, logits, truth)) == ()


def test_a_network_that_always_gives_one_answer_is_no_better_than_that(evaluation: Evaluation) -> None:
    rng = np.random.default_rng(1)
    truth = np.array([0] * 30 + [1] * 10 + [2] * 10)
    logits = np.array([3.0, 0, 0, 0]) + 0.1 * rng.standard_normal((50, 4))
    (said,) = warned(judged(evaluation, logits, truth))
    assert said == (
        "accuracy 0.600 on 50 held-out recordings is not above 0.600, which always answering N would get"
    )


def test_a_temperature_at_its_bound_is_called_so(evaluation: Evaluation) -> None:
    truth = np.arange(40) % 4
    rng = np.random.default_rng(2)
    told_apart = 5 * np.eye(4)[truth] + 0.1 * rng.standard_normal((40, 4))
    said, never_unsure = warned(judged(evaluation, told_apart, truth))
    assert said.startswith("the temperature is at its bound of 0.05: the held-out recordings are told apart")
    # All probabilities are 1: there is nothing to be less sure of.
    assert never_unsure.startswith("it never says that it is not sure: the threshold of 0.000")
    wrong = warned(judged(evaluation, np.roll(told_apart, 1, axis=1), truth))
    assert wrong[0].startswith("accuracy 0.000 on 40 held-out recordings is not above 0.250")
    assert wrong[1].startswith("the temperature is at its bound of 20: what the network gives has nothing")


def test_a_threshold_that_never_fires_is_called_so(evaluation: Evaluation) -> None:
    rng = np.random.default_rng(0)
    truth = rng.integers(0, 4, 200)
    found = judged(evaluation, 2 * np.eye(4)[truth] + rng.standard_normal((200, 4)), truth)
    (said,) = warned(found, coverage=1.0)
    assert said.startswith("it never says that it is not sure: the threshold of 0.000 is at most 1/4")
    # What it tests is the probability of the class that won, which may be below 1/4.
    assert warned(found, coverage=1.0, vote="majority") == ()
