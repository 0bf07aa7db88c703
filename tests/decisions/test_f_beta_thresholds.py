"""The best thresholds for F2 and G2 are the best there are."""

from itertools import product

import numpy as np
import pytest
from sklearn.metrics import f1_score

from einthoven.decisions import fit_thresholds
from einthoven.decisions.f_beta_thresholds import class_curves
from einthoven.metrics import macro_f_beta, macro_g_beta

OBJECTIVES = {
    "f2": macro_f_beta,
    "g2": macro_g_beta,
    "mean": lambda labels, outputs: (macro_f_beta(labels, outputs) + macro_g_beta(labels, outputs)) / 2,
}


def _records(seed: int, n: int = 9, n_classes: int = 3) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    labels = rng.random((n, n_classes)) < 0.4
    labels[0] = True
    # Rounded, so that some scores are equal.
    return labels, np.clip(rng.random(labels.shape) + 0.3 * labels, 0, 1).round(1)


def _brute_force(objective: str, labels: np.ndarray, scores: np.ndarray) -> float:
    grid = np.arange(0.05, 1, 0.1)
    every = product(grid, repeat=labels.shape[1])
    return max(OBJECTIVES[objective](labels, scores >= np.array(t)) for t in every)


@pytest.mark.parametrize("objective", OBJECTIVES)
@pytest.mark.parametrize("seed", range(4))
def test_class_by_class_is_as_good_as_all_combinations(objective: str, seed: int) -> None:
    labels, scores = _records(seed)
    found = fit_thresholds(labels, scores, objective=objective, method="coordinate")  # type: ignore[arg-type]
    worth = OBJECTIVES[objective](labels, scores >= found)
    assert worth == pytest.approx(_brute_force(objective, labels, scores))
    assert worth >= OBJECTIVES[objective](labels, scores >= 0.4)


@pytest.mark.parametrize("objective", OBJECTIVES)
@pytest.mark.parametrize("seed", range(4))
def test_the_simplex_lies_between_the_start_and_the_best(objective: str, seed: int) -> None:
    labels, scores = _records(seed, n=200)
    worth = {
        method: OBJECTIVES[objective](
            labels,
            scores >= fit_thresholds(labels, scores, objective=objective, method=method),  # type: ignore[arg-type]
        )
        for method in ("nelder-mead", "coordinate")
    }
    start = OBJECTIVES[objective](labels, scores >= 0.4)
    assert start - 1e-9 <= worth["nelder-mead"] <= worth["coordinate"] + 1e-9


def test_hand_worked_curve() -> None:
    # The second record has two classes and counts half.
    labels = np.array([[1, 0], [1, 1], [0, 0], [0, 1]], bool)
    scores = np.array([[0.9, 0.1], [0.3, 0.9], [0.6, 0.2], [0.1, 0.8]])
    asked = np.array([True, False])
    judged = np.ones_like(labels)
    (f,) = class_curves(labels, judged, scores, "f2", asked)
    # None; one hit of 1.5; a false alarm; both hits; two false alarms.
    expected_f = [0, 5 / (5 + 4 * 0.5), 5 / (5 + 1 + 4 * 0.5), 7.5 / (7.5 + 1), 7.5 / (7.5 + 2)]
    np.testing.assert_allclose(f.values, expected_f)
    (g,) = class_curves(labels, judged, scores, "g2", asked)
    np.testing.assert_allclose(g.values, [0, 1 / 2, 1 / 3, 1.5 / 2.5, 1.5 / 3.5])
    (mean,) = class_curves(labels, judged, scores, "mean", asked)
    np.testing.assert_allclose(mean.values, (f.values + g.values) / 2)
    assert f.cuts.thresholds[f.values.argmax()] == pytest.approx(0.2)
    found = fit_thresholds(labels, scores, objective="f2", method="coordinate")
    assert found == pytest.approx([0.2, 0.4])


def test_what_was_not_judged_counts_neither_way() -> None:
    labels, scores = _records(5, n=60)
    truth = labels.astype(float)
    rng = np.random.default_rng(5)
    truth[rng.random(truth.shape) < 0.3] = np.nan
    best = fit_thresholds(truth, scores, objective="f2", method="coordinate")
    other = np.where(np.isnan(truth), rng.random(truth.shape), scores)
    assert fit_thresholds(truth, other, objective="f2", method="coordinate").tolist() == best.tolist()
    # One class by itself: as if the records that were not judged for it were not there.
    known = ~np.isnan(truth[:, :1])
    alone = fit_thresholds(truth[:, :1][known][:, None], scores[:, :1][known][:, None],
                           objective="f2", method="coordinate")  # fmt: skip
    assert fit_thresholds(truth[:, :1], scores[:, :1], objective="f2", method="coordinate") == alone


def test_f1_counts_every_record_once() -> None:
    rng = np.random.default_rng(4)
    labels = rng.random((60, 3)) < (0.2, 0.4, 0.6)
    scores = np.clip(0.5 * labels + rng.random((60, 3)) * 0.6, 0, 1)
    found = fit_thresholds(labels, scores, objective="f1", method="coordinate")
    for k in range(3):
        cuts = np.unique(scores[:, k])
        best = max(f1_score(labels[:, k], scores[:, k] >= cut) for cut in cuts)
        assert f1_score(labels[:, k], scores[:, k] >= found[k]) == pytest.approx(best)
