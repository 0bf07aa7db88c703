"""Metrics and decisions against scikit-learn and SciPy."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from einthoven import decisions, metrics
from einthoven.metrics.multilabel import areas_of_ranked, rank_class

sklearn_metrics = pytest.importorskip("sklearn.metrics")


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=1, max_size=60))
def test_counts_and_scores(pairs: list[tuple[int, int]]) -> None:
    truth, predicted = np.array(pairs).T
    every = list(range(4))
    np.testing.assert_array_equal(
        metrics.confusion_matrix(truth, predicted, 4),
        sklearn_metrics.confusion_matrix(truth, predicted, labels=every),
    )
    f1 = sklearn_metrics.f1_score(truth, predicted, labels=every, average=None, zero_division=np.nan)
    np.testing.assert_allclose(metrics.f1_scores(truth, predicted, 4), f1)
    recall = sklearn_metrics.recall_score(truth, predicted, labels=every, average=None, zero_division=np.nan)
    np.testing.assert_allclose(metrics.recall_scores(truth, predicted, 4), recall)
    assert metrics.accuracy(truth, predicted, 4) == pytest.approx(
        sklearn_metrics.accuracy_score(truth, predicted)
    )
    if not np.isnan(f1[:3]).all():
        assert metrics.f1_average(truth, predicted, 4) == pytest.approx(np.nanmean(f1[:3]))


@pytest.fixture
def scored() -> tuple[np.ndarray, np.ndarray]:
    """Overconfident logits of 500 records and 4 classes, and the truth."""
    rng = np.random.default_rng(11)
    truth = rng.choice(4, size=500, p=[0.6, 0.1, 0.25, 0.05])
    logits = rng.normal(size=(500, 4)) * 4
    logits[np.arange(500), truth] += 3
    return logits, truth


def test_brier_score(scored: tuple[np.ndarray, np.ndarray]) -> None:
    probs, truth = decisions.softmax(scored[0]), scored[1]
    expected = sklearn_metrics.brier_score_loss(truth, probs, labels=[0, 1, 2, 3], scale_by_half=False)
    assert metrics.brier_score(probs, truth) == pytest.approx(expected)


def test_reliability_curve_and_calibration_error(scored: tuple[np.ndarray, np.ndarray]) -> None:
    from sklearn.calibration import calibration_curve

    probs, truth = decisions.softmax(scored[0]), scored[1]
    top, correct = probs.max(axis=1), probs.argmax(axis=1) == truth
    accuracy, confidence = calibration_curve(correct, top, n_bins=15)
    curve = metrics.reliability_curve(probs, truth)
    filled = curve.counts > 0
    np.testing.assert_allclose(curve.accuracy[filled], accuracy)
    np.testing.assert_allclose(curve.confidence[filled], confidence)
    expected = np.sum(curve.counts[filled] * np.abs(accuracy - confidence)) / 500
    assert metrics.expected_calibration_error(probs, truth) == pytest.approx(expected)


def test_softmax(scored: tuple[np.ndarray, np.ndarray]) -> None:
    from scipy.special import softmax

    np.testing.assert_allclose(decisions.softmax(scored[0], 2.5), softmax(scored[0] / 2.5, axis=1))


def test_negative_log_likelihood(scored: tuple[np.ndarray, np.ndarray]) -> None:
    logits, truth = scored
    expected = sklearn_metrics.log_loss(truth, decisions.softmax(logits, 1.7), labels=[0, 1, 2, 3])
    assert decisions.negative_log_likelihood(logits, truth, 1.7) == pytest.approx(expected)


def test_temperature(scored: tuple[np.ndarray, np.ndarray]) -> None:
    from scipy.optimize import minimize_scalar

    logits, truth = scored
    found = minimize_scalar(
        lambda t: decisions.negative_log_likelihood(logits, truth, t),
        bounds=decisions.TEMPERATURES,
        method="bounded",
        options={"xatol": 1e-9},
    )
    assert decisions.fit_temperature(logits, truth) == pytest.approx(found.x, rel=1e-5)


def test_percentile_bootstrap() -> None:
    from scipy.stats import bootstrap

    values = np.random.default_rng(4).gamma(2.0, size=300)
    ours = metrics.bootstrap_interval(lambda drawn: float(drawn.mean()), values, n=2000)
    theirs = bootstrap(
        (values,), np.mean, n_resamples=2000, method="percentile", rng=np.random.default_rng(5)
    )
    interval = theirs.confidence_interval
    assert ours == pytest.approx((interval.low, interval.high), abs=0.02)


@pytest.mark.parametrize("n", [1, 13, 250])
def test_exact_interval_of_a_proportion_at_its_bound(n: int) -> None:
    from scipy.stats import binomtest

    for hits in (0, n):
        expected = binomtest(hits, n).proportion_ci(0.95, method="exact")
        assert metrics.extreme_interval(hits / n, n) == pytest.approx((expected.low, expected.high))


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.booleans(), st.integers(0, 5)), min_size=2, max_size=60))
def test_area_under_the_roc_curve(pairs: list[tuple[bool, int]]) -> None:
    positive, scores = np.array(pairs).T
    if len(set(positive.tolist())) == 2:
        expected = sklearn_metrics.roc_auc_score(positive, scores)
        assert metrics.auroc(scores, positive) == pytest.approx(expected)


@pytest.fixture
def multilabel() -> tuple[np.ndarray, np.ndarray]:
    """Labels of 400 records and 6 classes, and scores of which many are alike."""
    rng = np.random.default_rng(3)
    labels = rng.random((400, 6)) < np.linspace(0.02, 0.6, 6)
    return labels, np.round(rng.normal(size=(400, 6)) + 1.5 * labels, 1)


def test_outputs_of_several_labels(multilabel: tuple[np.ndarray, np.ndarray]) -> None:
    labels, outputs = multilabel[0], multilabel[1] > 1
    np.testing.assert_allclose(
        metrics.f1_by_class(labels, outputs), sklearn_metrics.f1_score(labels, outputs, average=None)
    )
    assert metrics.macro_f1(labels, outputs) == pytest.approx(
        sklearn_metrics.f1_score(labels, outputs, average="macro")
    )
    assert metrics.exact_match(labels, outputs) == pytest.approx(
        sklearn_metrics.accuracy_score(labels, outputs)
    )
    weights = 1 / np.maximum(labels.sum(axis=1), 1)
    expected = sklearn_metrics.fbeta_score(labels, outputs, beta=2, average=None, sample_weight=weights)
    np.testing.assert_allclose(metrics.f_beta_by_class(labels, outputs), expected)
    # With beta = 1, G is the Jaccard index.
    expected = sklearn_metrics.jaccard_score(labels, outputs, average=None, sample_weight=weights)
    np.testing.assert_allclose(metrics.g_beta_by_class(labels, outputs, 1.0), expected)


def test_table_of_several_labels(multilabel: tuple[np.ndarray, np.ndarray]) -> None:
    labels, outputs = multilabel[0], multilabel[1] > 1
    table = metrics.output_table(labels, outputs, "abcdef", n=20)
    precision, recall, f1, support = sklearn_metrics.precision_recall_fscore_support(labels, outputs)
    for ours, theirs in ((table.precision, precision), (table.recall, recall), (table.f1, f1)):
        np.testing.assert_allclose([score.value for score in ours], theirs)
    np.testing.assert_array_equal(table.support, support)


def test_areas_of_several_labels(multilabel: tuple[np.ndarray, np.ndarray]) -> None:
    labels, scores = multilabel
    np.testing.assert_allclose(
        metrics.auroc_by_class(labels, scores), sklearn_metrics.roc_auc_score(labels, scores, average=None)
    )
    np.testing.assert_allclose(
        metrics.auprc_by_class(labels, scores),
        sklearn_metrics.average_precision_score(labels, scores, average=None),
    )
    assert metrics.macro_auroc(labels, scores) == pytest.approx(
        sklearn_metrics.roc_auc_score(labels, scores, average="macro")
    )
    assert metrics.macro_auprc(labels, scores) == pytest.approx(
        sklearn_metrics.average_precision_score(labels, scores, average="macro")
    )


def test_areas_of_records_drawn_several_times(multilabel: tuple[np.ndarray, np.ndarray]) -> None:
    labels, scores = multilabel
    times = np.random.default_rng(1).poisson(1.0, size=(3, 400))
    for has, values in zip(labels.T, scores.T, strict=True):
        roc, pr = areas_of_ranked(rank_class(has, values), times)
        for area, theirs in (
            (roc, sklearn_metrics.roc_auc_score),
            (pr, sklearn_metrics.average_precision_score),
        ):
            np.testing.assert_allclose(area, [theirs(has, values, sample_weight=drawn) for drawn in times])


def test_f1_of_one_class_a_record() -> None:
    rng = np.random.default_rng(6)
    truth, predicted = rng.integers(9, size=(2, 300))
    assert metrics.cpsc2018_score(truth[:, None], predicted) == pytest.approx(
        sklearn_metrics.f1_score(truth, predicted, average="macro")
    )
