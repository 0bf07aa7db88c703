"""Thresholds, whatever finds them, and the classes that they give."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from einthoven.decisions import apply_thresholds, fit_thresholds, sigmoid
from einthoven.errors import DatasetError, SettingsError

WAYS = [
    {"objective": objective, "method": method}
    for objective in ("f2", "g2", "mean", "challenge")
    for method in ("nelder-mead", "coordinate")
]
CLASSES = ("NSR", "AF", "PVC")


def _fit(labels: Any, scores: Any, **settings: Any) -> np.ndarray:
    return fit_thresholds(labels, scores, classes=CLASSES, **settings)


def _records(seed: int = 0, n: int = 50) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    labels = rng.random((n, 3)) < 0.4
    return labels, np.clip(rng.random(labels.shape) * 0.7 + 0.3 * labels, 0, 1).round(2)


@pytest.mark.parametrize("way", [way for way in WAYS if way["method"] == "coordinate"])
def test_a_gap_between_the_classes_is_found(way: dict[str, str]) -> None:
    rng = np.random.default_rng(3)
    # One class a record, so that nothing is gained by giving two.
    labels = np.eye(3, dtype=bool)[rng.integers(3, size=120)]
    gaps = np.array([0.1, 0.5, 0.85])
    scores = np.where(
        labels, gaps + 0.05 * (1 + rng.random(labels.shape)), gaps * 0.9 * rng.random(labels.shape)
    )
    found = _fit(labels, scores, **way)
    assert (apply_thresholds(scores, found) == labels).all()


@pytest.mark.parametrize("way", WAYS)
def test_the_order_of_records_changes_nothing(way: dict[str, str]) -> None:
    labels, scores = _records()
    turned = np.random.default_rng(1).permutation(len(labels))
    found = _fit(labels, scores, **way)
    np.testing.assert_allclose(_fit(labels[turned], scores[turned], **way), found, rtol=0, atol=1e-12)
    assert ((found > 0) & (found < 1)).all()
    assert _fit(labels, scores, **way).tolist() == found.tolist()


@pytest.mark.parametrize("way", WAYS)
def test_a_class_without_positives_keeps_its_start(way: dict[str, str]) -> None:
    labels, scores = _records()
    labels[:, 1] = False
    assert _fit(labels, scores, start=0.37, **way)[1] == 0.37
    assert _fit(np.zeros_like(labels), scores, start=[0.2, 0.3, 0.4], **way).tolist() == [0.2, 0.3, 0.4]


@pytest.mark.parametrize("way", [way for way in WAYS if way["objective"] != "challenge"])
def test_a_class_that_nobody_judged_keeps_its_start(way: dict[str, str]) -> None:
    labels, scores = _records()
    truth = labels.astype(float)
    truth[:, 2] = np.nan
    found = _fit(truth, scores, **way)
    assert found[2] == 0.4
    assert found[:2].tolist() == pytest.approx(_fit(truth[:, :2], scores[:, :2], **way)[:2].tolist(), abs=0.2)


@pytest.mark.parametrize("way", WAYS)
def test_a_rare_class_keeps_its_start(way: dict[str, str]) -> None:
    labels, scores = _records()
    labels[:, 0] = False
    # One positive, at a score that the start would miss.
    labels[4, 0], scores[4, 0] = True, 0.39
    assert _fit(labels, scores, min_positives=2, **way)[0] == 0.4
    if way["method"] == "coordinate":
        assert _fit(labels, scores, min_positives=1, **way)[0] != 0.4


@pytest.mark.parametrize("way", WAYS)
def test_constant_scores(way: dict[str, str]) -> None:
    labels = np.eye(3, dtype=bool)
    # All above the start: given to all is better than to none, and that is so already.
    assert (_fit(labels, np.full((3, 3), 0.6), **way) <= 0.6).all()
    if way["method"] == "coordinate":
        assert (_fit(labels, np.full((3, 3), 0.2), **way) == 0.1).any()


@pytest.mark.parametrize(
    ("labels", "scores", "message"),
    [
        (
            [[1, 0]],
            [[0.5, 0.5], [0.5, 0.5]],
            r"labels: expected the shape of the scores, \(2, 2\), found \(1, 2\)",
        ),
        ([1, 0], [0.5, 0.5], r"scores: expected shape \(n_records, n_classes\), found \(2,\)"),
        (np.empty((0, 2)), np.empty((0, 2)), r"labels: expected shape .*, found \(0, 2\)"),
        (
            [[1, 0]],
            [[0.5, 1.5]],
            "scores: expected probabilities from 0 to 1, found 1.5 of record 0, class 1",
        ),
        ([[1, 0]], [[float("nan"), 0.5]], "scores: expected probabilities from 0 to 1, found nan"),
        ([[2, 0]], [[0.5, 0.5]], "labels: expected 1, 0 or NaN"),
        ([["x", "y"]], [[0.5, 0.5]], "labels: expected numbers of shape"),
    ],
)
def test_refuses_what_does_not_fit(labels: Any, scores: Any, message: str) -> None:
    with pytest.raises(DatasetError, match=message):
        fit_thresholds(labels, scores)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"objective": "f3"}, "objective: expected one of f1, f2, g2, mean, challenge, found f3"),
        ({"method": "grid"}, "method: expected one of nelder-mead, coordinate, found grid"),
        ({"start": 0.0}, "start: expected one or 3 between 0 and 1, found 0.0"),
        ({"start": [0.4, 0.4]}, r"start: expected one or 3 between 0 and 1, found \[0.4, 0.4\]"),
        ({"start": float("nan")}, "start: expected one or 3"),
        ({"min_positives": 0}, "min_positives: expected at least 1, found 0"),
    ],
)
def test_refuses_impossible_settings(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(SettingsError, match=message):
        fit_thresholds(*_records(), **settings)


def test_a_score_at_its_threshold_gives_the_class() -> None:
    given = apply_thresholds([[0.5, 0.2], [0.49, 0.21]], [0.5, 0.21])
    assert given.tolist() == [[True, False], [False, True]]
    assert given.dtype == np.bool_


def test_at_least_one_is_the_class_that_misses_least() -> None:
    thresholds = [0.5, 0.2, 0.95]
    scores = [
        [0.6, 0.3, 0.1],  # two reach theirs: nothing is added
        [0.3, 0.15, 0.1],  # odds of 0.43 for 1, 0.18 for 0.25: the second
        [0.4, 0.05, 0.9],  # odds of 0.67 for 1, 9 for 19: the first; the ratio 0.9 / 0.95 would say the third
        [0.0, 0.0, 0.0],  # nothing to go by: the lowest threshold
    ]
    given = apply_thresholds(scores, thresholds, at_least_one=True)
    assert [row.nonzero()[0].tolist() for row in given] == [[0, 1], [1], [0], [1]]
    assert not apply_thresholds(scores, thresholds)[1:].any()


@settings(deadline=None)
@given(hnp.arrays(np.float64, (5, 3), elements=st.floats(-8, 8)), st.floats(0.3, 3))
def test_no_temperature_changes_which_class_misses_least(logits: np.ndarray, temperature: float) -> None:
    at = np.array([-0.3, 1.0, 2.5])
    # Not where two miss by the same, or one just reaches its threshold.
    margins = np.sort(logits - at, axis=1)
    logits = logits[(np.diff(margins, axis=1) > 1e-6).all(axis=1) & (np.abs(margins) > 1e-6).all(axis=1)]
    one = apply_thresholds(sigmoid(logits), sigmoid(at), at_least_one=True)
    other = apply_thresholds(sigmoid(logits, temperature), sigmoid(at, temperature), at_least_one=True)
    assert (one == other).all()
    assert one.any(axis=1).all()


def test_no_records_get_no_class() -> None:
    assert apply_thresholds(np.empty((0, 2)), [0.5, 0.5], at_least_one=True).shape == (0, 2)


@pytest.mark.parametrize(
    "thresholds", [[0.5], [0.5, 0.5, 0.5], [0.0, 0.5], [0.5, 1.0], [0.5, float("nan")], 0.5]
)
def test_refuses_other_thresholds(thresholds: Any) -> None:
    with pytest.raises(SettingsError, match="thresholds: expected 2 between 0 and 1"):
        apply_thresholds([[0.5, 0.5]], thresholds)


def test_refuses_other_scores() -> None:
    with pytest.raises(
        DatasetError, match=r"expected probabilities from 0 to 1, found -0\.5 of record 0, class 1"
    ):
        apply_thresholds([[0.5, -0.5]], [0.5, 0.5])
