"""Named ways to find thresholds."""

from typing import Any

import numpy as np
import pytest

from einthoven.decisions import THRESHOLD_RULES, ThresholdRule, apply_thresholds, fit_thresholds
from einthoven.errors import DatasetError, SettingsError

LABELS = np.array([[1, 0], [1, 0], [0, 1], [0, 1], [0, 0]], bool)
SCORES = np.array([[0.9, 0.1], [0.3, 0.2], [0.2, 0.8], [0.1, 0.35], [0.1, 0.1]])


def test_the_rules_are_these() -> None:
    expected = {
        "fixed": ThresholdRule(None, None, 0.5, False, "fixed"),
        "singstad2018": ThresholdRule("mean", "nelder-mead", 0.4, False, "training"),
        "out-of-fold": ThresholdRule("mean", "nelder-mead", 0.4, False, "out-of-fold"),
        "exact": ThresholdRule("mean", "coordinate", 0.4, False, "out-of-fold"),
        "f1": ThresholdRule("f1", "coordinate", 0.4, False, "out-of-fold", 10),
        "challenge": ThresholdRule("challenge", "coordinate", 0.4, True, "out-of-fold"),
    }
    assert expected == THRESHOLD_RULES


def test_fixed_thresholds_look_at_nothing() -> None:
    rule = THRESHOLD_RULES["fixed"]
    assert rule.fit(LABELS, SCORES).tolist() == [0.5, 0.5]
    with pytest.raises(DatasetError, match="labels: expected the shape of the scores"):
        rule.fit(LABELS[:2], SCORES)


def test_a_rule_fits_as_its_settings_say() -> None:
    rule = THRESHOLD_RULES["out-of-fold"]
    assert rule.fit(LABELS, SCORES).tolist() == fit_thresholds(LABELS, SCORES).tolist()
    rule = ThresholdRule("f2", "coordinate", 0.7, True, "out-of-fold", min_positives=2)
    expected = fit_thresholds(LABELS, SCORES, objective="f2", method="coordinate", start=0.7)
    assert rule.fit(LABELS, SCORES).tolist() == expected.tolist() != [0.7, 0.7]
    rare = ThresholdRule("f2", "coordinate", 0.7, True, "out-of-fold", min_positives=3)
    assert rare.fit(LABELS, SCORES).tolist() == [0.7, 0.7]
    challenge = THRESHOLD_RULES["challenge"].fit(LABELS, SCORES, classes=("NSR", "AF"))
    expected = fit_thresholds(
        LABELS, SCORES, objective="challenge", method="coordinate", classes=("NSR", "AF")
    )
    assert challenge.tolist() == expected.tolist()


@pytest.mark.parametrize(("name", "some"), [("out-of-fold", False), ("challenge", True)])
def test_a_rule_decides_as_its_settings_say(name: str, some: bool) -> None:
    given = THRESHOLD_RULES[name].decide(SCORES, [0.5, 0.5])
    assert given.any(axis=1).all() == some
    assert (given == apply_thresholds(SCORES, [0.5, 0.5], at_least_one=some)).all()


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (("f3", "coordinate", 0.4, False, "training"), "objective: expected one of .*, found f3"),
        (("f2", "guess", 0.4, False, "training"), "method: expected one of .*, found guess"),
        (("f2", None, 0.4, False, "training"), "method: expected one of .*, found None"),
        ((None, None, 0.4, False, "training"), "objective: expected one of .*, found None"),
        (
            ("f2", "coordinate", 0.4, False, "fixed"),
            "expected no objective and no method .* found f2 and coord",
        ),
        (("f2", "coordinate", 0.4, False, "test"), "fitted_on: expected one of .*, found test"),
        (("f2", "coordinate", 1.0, False, "training"), "start: expected one between 0 and 1, found 1.0"),
        (("f2", "coordinate", 0.4, False, "training", 0), "min_positives: expected at least 1"),
    ],
)
def test_refuses_impossible_rules(values: Any, message: str) -> None:
    with pytest.raises(SettingsError, match=message):
        ThresholdRule(*values)
