"""No record is decided by thresholds that it helped to fit."""

from typing import Any

import numpy as np
import pytest

from einthoven.decisions import THRESHOLD_RULES, ThresholdRule, cross_fitted_outputs
from einthoven.errors import DatasetError, SettingsError

RULE = ThresholdRule("f2", "coordinate", 0.4, at_least_one=False, fitted_on="out-of-fold")


def _records() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    labels = rng.random((60, 3)) < 0.4
    scores = np.clip(rng.random(labels.shape) * 0.6 + 0.3 * labels, 0, 1)
    return labels, scores, rng.permutation(np.arange(60) % 3)


def test_each_part_is_decided_by_the_others() -> None:
    labels, scores, parts = _records()
    found = cross_fitted_outputs(labels, scores, parts, RULE)
    assert found.parts.tolist() == [0, 1, 2]
    for part, thresholds in zip(found.parts, found.thresholds_by_part, strict=True):
        others = parts != part
        assert thresholds.tolist() == RULE.fit(labels[others], scores[others]).tolist()
        assert (found.outputs[~others] == (scores[~others] >= thresholds)).all()
    assert found.thresholds.tolist() == RULE.fit(labels, scores).tolist()
    assert len({tuple(row) for row in found.thresholds_by_part.tolist()}) == 3


def test_labels_of_a_part_do_not_change_its_own_thresholds() -> None:
    labels, scores, parts = _records()
    found = cross_fitted_outputs(labels, scores, parts, RULE)
    changed = cross_fitted_outputs(np.where((parts == 1)[:, None], ~labels, labels), scores, parts, RULE)
    assert (changed.outputs[parts == 1] == found.outputs[parts == 1]).all()
    assert (changed.thresholds_by_part[1] == found.thresholds_by_part[1]).all()
    assert (changed.thresholds_by_part[0] != found.thresholds_by_part[0]).any()


def test_the_order_of_records_changes_nothing() -> None:
    labels, scores, parts = _records()
    turned = np.random.default_rng(1).permutation(60)
    found = cross_fitted_outputs(labels, scores, parts, RULE)
    other = cross_fitted_outputs(labels[turned], scores[turned], parts[turned], RULE)
    assert (other.outputs == found.outputs[turned]).all()
    np.testing.assert_allclose(other.thresholds_by_part, found.thresholds_by_part)


def test_parts_may_have_names_and_truth_gaps() -> None:
    labels, scores, parts = _records()
    truth = labels.astype(float)
    truth[::7, 1] = np.nan
    named = np.array(["c", "a", "b"])[parts]
    found = cross_fitted_outputs(truth, scores, named, RULE)
    assert found.parts.tolist() == ["a", "b", "c"]
    numbered = cross_fitted_outputs(truth, scores, parts, RULE)
    assert (found.outputs == numbered.outputs).all()


def test_rules_are_followed() -> None:
    labels, scores, parts = _records()
    fixed = cross_fitted_outputs(labels, scores, parts, THRESHOLD_RULES["fixed"])
    assert (fixed.outputs == (scores >= 0.5)).all()
    assert (fixed.thresholds_by_part == 0.5).all()
    names = ("NSR", "AF", "PVC")
    challenge = cross_fitted_outputs(labels, scores, parts, THRESHOLD_RULES["challenge"], classes=names)
    assert challenge.outputs.any(axis=1).all()


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        (np.zeros(59), r"parts: expected one for each of 60 records, found shape \(59,\)"),
        (np.zeros((60, 1)), r"parts: expected one for each of 60 records, found shape \(60, 1\)"),
        (np.zeros(60), "parts: expected at least two, found 1"),
    ],
)
def test_refuses_parts_that_do_not_fit(parts: Any, message: str) -> None:
    labels, scores, _ = _records()
    with pytest.raises(DatasetError, match=message):
        cross_fitted_outputs(labels, scores, parts, RULE)


def test_refuses_labels_that_do_not_fit() -> None:
    labels, scores, parts = _records()
    with pytest.raises(DatasetError, match="labels: expected the shape of the scores"):
        cross_fitted_outputs(labels[:30], scores, parts, RULE)


def test_refuses_training_scores() -> None:
    with pytest.raises(SettingsError, match="found one fitted on training scores"):
        cross_fitted_outputs(*_records(), THRESHOLD_RULES["singstad2018"])
