"""What held-out recordings decide of a bundle of several labels."""

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from einthoven.decisions import THRESHOLD_RULES, sigmoid
from einthoven.errors import RunError, SettingsError
from einthoven.metrics.calibration import sigmoid_calibration
from einthoven.training.head_scores import by_rule
from einthoven.training.heads import SVMSettings
from einthoven.training.judgement import DEFAULT_RULE, check_rule, judge_labels
from einthoven.training.run_folder import Run, open_run

Runs = tuple[Run, ...]
SVM = SVMSettings(costs=(0.01,), n_inner=2)


def test_a_bundle_takes_temperature_and_thresholds_of_its_head_and_rule(labelled_runs: Runs) -> None:
    for svm, place in ((None, 0), (SVM, 1)):
        found = judge_labels(labelled_runs, svm, "challenge")
        head = found.evaluation.heads[place]  # type: ignore[union-attr]
        assert (found.temperature, found.thresholds) == (
            head.temperature,
            by_rule(head)["challenge"].thresholds,
        )
        assert (found.at_least_one, found.abstention) == (True, None)
        assert (found.calibrated["head"], found.calibrated["rule"]) == (head.head, "challenge")
        assert found.calibrated["calibration_error"] == head.calibration_error
    assert not judge_labels(labelled_runs, None, DEFAULT_RULE).at_least_one


def test_the_papers_thresholds_are_of_probabilities_without_temperature(labelled_runs: Runs) -> None:
    found = judge_labels(labelled_runs, None, "singstad2018")
    scores = found.evaluation.scores
    assert found.temperature == 1.0
    expected = sigmoid_calibration(sigmoid(scores.logits), scores.truth)
    assert (found.calibrated["calibration_error"], found.calibrated["brier"]) == expected


@pytest.mark.parametrize("rule", THRESHOLD_RULES)
def test_only_the_papers_rule_is_not_cross_fitted(labelled_runs: Runs, rule: str) -> None:
    found = judge_labels(labelled_runs, None, rule)
    assert found.calibrated["cross_fitted"] is (rule != "singstad2018")


def test_what_nothing_is_known_of_is_said(labelled_runs: Runs, tmp_path: Path) -> None:
    said = judge_labels(labelled_runs, None, "fixed").warnings
    assert said[0] == "no held-out recording has LBBB: how good the model is for it is not known"
    run = open_run(shutil.copytree(labelled_runs[0].folder, tmp_path / "run"))

    def change(**arrays: Any) -> None:
        with np.load(run.folder / "scores.npz") as found:
            np.savez(run.folder / "scores.npz", **{**found, **arrays})

    truth = run.scores().truth
    change(truth=np.column_stack([truth[:, :2], np.zeros((len(truth), 2), np.float32)]))
    assert "PVC, LBBB: how good the model is for them" in judge_labels([run], None, "fixed").warnings[0]
    # Logits that are right and tiny ask for a temperature of nearly 0.
    change(truth=np.nan_to_num(truth), logits=(np.nan_to_num(truth) - 0.5) * 1e-3)
    assert "the temperature is at its bound of 0.05" in judge_labels([run], None, "fixed").warnings[-1]


def test_what_ranks_no_better_than_chance_is_said(labelled_runs: Runs, tmp_path: Path) -> None:
    run = open_run(shutil.copytree(labelled_runs[0].folder, tmp_path / "run"))
    with np.load(run.folder / "scores.npz") as found:
        arrays = dict(found)
    truth = np.nan_to_num(arrays["truth"])
    for sign, is_said in ((-1, True), (1, False)):
        np.savez(run.folder / "scores.npz", **{**arrays, "truth": truth, "logits": sign * (truth - 0.5)})
        said = judge_labels([run], None, "fixed").warnings
        assert any("may rank recordings no better than chance" in warning for warning in said) is is_said


def test_a_rule_that_there_is_not_is_refused() -> None:
    with pytest.raises(SettingsError, match=r"by a rule of fixed, singstad2018, .*, found best"):
        check_rule("best", None)
    with pytest.raises(SettingsError, match="of support vector machines by a rule of fixed, out-of-fold"):
        check_rule("singstad2018", SVM)
    for name in THRESHOLD_RULES:
        check_rule(name, None)


def test_a_rule_that_does_not_fit_the_classes_is_refused(
    labelled_runs: Runs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("einthoven.training.label_evaluation.is_scored", lambda _: False)
    with pytest.raises(RunError, match="by a rule of fixed, singstad2018, out-of-fold, exact, f1 for these"):
        judge_labels(labelled_runs, None, "challenge")
