import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.optimize import minimize
from sklearn.calibration import CalibratedClassifierCV
from sklearn.frozen import FrozenEstimator
from sklearn.svm import LinearSVC

from einthoven.training.heads import platt
from einthoven.training.heads.platt import fit_platt, prior_logit


def scores(n: int = 300, share: float = 0.2) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    rng = np.random.default_rng(0)
    positive = rng.random(n) < share
    return 3 + 0.5 * rng.standard_normal(n) + 0.6 * positive, positive


def log_loss(at: NDArray[np.float64], f: NDArray[np.float64], positive: NDArray[np.bool_]) -> float:
    """The loss of Platt 1999, section 2.2, written out."""
    n1, n0 = positive.sum(), (~positive).sum()
    t = np.where(positive, (n1 + 1) / (n1 + 2), 1 / (n0 + 2))
    z = at[0] * f + at[1]
    return float((np.logaddexp(0, z) - t * z).sum())


def test_the_two_numbers_give_the_least_smoothed_log_loss() -> None:
    f, positive = scores()
    found = np.array(fit_platt(f, positive))
    peer = minimize(log_loss, [0.0, 0.0], (f, positive), method="Nelder-Mead",
                    options={"xatol": 1e-9, "fatol": 1e-12, "maxiter": 4000})  # fmt: skip
    np.testing.assert_allclose(found, peer.x, rtol=1e-4)
    assert found[0] > 0


def test_probabilities_are_those_of_scikit_learn() -> None:
    f, positive = scores()
    x = f[:, None]
    machine = LinearSVC(dual=False).fit(x, positive)
    peer = CalibratedClassifierCV(FrozenEstimator(machine), method="sigmoid", ensemble=False, cv=3)
    peer.fit(x, positive)
    slope, offset = fit_platt(machine.decision_function(x), positive)
    probs = 1 / (1 + np.exp(-(slope * machine.decision_function(x) + offset)))
    np.testing.assert_allclose(probs, peer.predict_proba(x)[:, 1], atol=1e-4)


@pytest.mark.parametrize("scale", [1e-6, 1.0, 1e6])
def test_the_scale_of_the_decision_values_does_not_matter(scale: float) -> None:
    f, positive = scores()
    slope, offset = fit_platt(f * scale - 5 * scale, positive)
    expected_slope, expected_offset = fit_platt(f, positive)
    assert slope * scale == pytest.approx(expected_slope, rel=1e-6)
    assert offset == pytest.approx(expected_offset + 5 * expected_slope, rel=1e-6)


def test_values_that_separate_the_class_do_not_give_certainty() -> None:
    f = np.array([-2.0, -1.0, -1.5, 1.0, 2.0])
    positive = f > 0
    slope, offset = fit_platt(f, positive)
    probs = 1 / (1 + np.exp(-(slope * f + offset)))
    # Two targets of 3/4 and three of 1/5.
    assert probs.sum() == pytest.approx(2 * 3 / 4 + 3 * 1 / 5)
    assert 0.5 < probs[positive].min() < probs.max() < 0.85


def test_values_that_rank_the_wrong_way_have_a_slope_below_zero() -> None:
    f, positive = scores()
    assert fit_platt(-f, positive)[0] < 0


@pytest.mark.parametrize("value", [0.0, 0.1, -1e9])
def test_values_that_are_all_the_same_give_the_smoothed_share(value: float) -> None:
    positive = np.arange(10) < 3
    assert fit_platt(np.full(10, value), positive) == (0.0, pytest.approx(np.log(4 / 8)))


def test_a_single_positive_is_fitted() -> None:
    f, _ = scores()
    assert np.isfinite(fit_platt(f, f == f.max())).all()


def test_steps_too_long_are_shortened(monkeypatch: pytest.MonkeyPatch) -> None:
    f, positive = scores()
    expected = fit_platt(f, positive)
    original = np.linalg.solve
    monkeypatch.setattr(platt.np.linalg, "solve", lambda a, b: 12 * original(a, b))
    assert fit_platt(f, positive) == pytest.approx(expected, rel=1e-4)
    monkeypatch.setattr(platt.np.linalg, "solve", lambda a, b: -original(a, b))
    assert fit_platt(f, positive) == pytest.approx((0, prior_logit(positive)))


def test_a_class_without_records_is_even() -> None:
    assert prior_logit(np.zeros(0, bool)) == 0
