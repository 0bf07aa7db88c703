"""Several labels a recording: heads and rules measured honestly, and what cannot be measured refused."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from einthoven.decisions import THRESHOLD_RULES, sigmoid
from einthoven.errors import RunError
from einthoven.metrics import macro_auroc
from einthoven.training import head_scores
from einthoven.training.cross_fitting import decide_by_others, parts_of
from einthoven.training.head_scores import by_rule, scored_columns, selected_run
from einthoven.training.heads import SVMSettings
from einthoven.training.label_evaluation import LabelEvaluation, evaluate_labels
from einthoven.training.run_folder import Run, open_run

Runs = tuple[Run, ...]
SVM = SVMSettings(costs=(0.01,), n_inner=2)


@pytest.fixture(scope="module")
def evaluation(labelled_runs: Runs) -> LabelEvaluation:
    return evaluate_labels(labelled_runs, svm=SVM, n_resamples=20)


def copy(run: Run, place: Path) -> Run:
    return open_run(shutil.copytree(run.folder, place / run.folder.name))


def change(run: Run, name: str, **arrays: Any) -> None:
    path = run.folder / name
    with np.load(path) as found:
        kept = dict(found)
    np.savez(path, **{key: arrays[key](value) if key in arrays else value for key, value in kept.items()})


def test_both_heads_and_all_rules_stand_side_by_side(evaluation: LabelEvaluation) -> None:
    assert [head.head for head in evaluation.heads] == ["sigmoid", "linear"]
    own, machines = evaluation.heads
    assert list(by_rule(own)) == list(THRESHOLD_RULES)
    # The paper's thresholds are of the network's own training scores.
    assert list(by_rule(machines)) == [name for name in THRESHOLD_RULES if name != "singstad2018"]
    for head in evaluation.heads:
        assert head.temperature > 0 and 0 <= head.calibration_error <= 1 and 0 <= head.brier <= 1
        assert head.ranking.n_records == 60 and head.ranking.resampled == "patients"
        assert head.ranking.support == (36, 24, 17, 0)
        for decided in head.decided:
            assert len(decided.thresholds) == 4 and decided.challenge is not None
            assert all(0 < at < 1 for at in decided.thresholds)
    assert (evaluation.folds, evaluation.is_whole, evaluation.part) == ((0, 1, 2), True, "test")
    facts = json.loads(json.dumps(evaluation.to_dict()))
    assert [head["head"] for head in facts["heads"]] == ["sigmoid", "linear"]
    assert "scores" not in facts and "protocol" not in facts


def test_no_temperature_has_a_part_in_the_areas(evaluation: LabelEvaluation) -> None:
    scores, ranking = evaluation.scores, evaluation.heads[0].ranking
    judged = np.isfinite(scores.truth[:, :2]).all(axis=1)
    expected = macro_auroc(scores.truth[judged, :2], scores.logits[judged, :2])
    assert np.mean([score.value for score in ranking.auroc[:2]]) == pytest.approx(expected, abs=1e-9)
    assert np.isnan(ranking.auroc[3].value)


def test_labels_of_a_fold_do_not_change_what_the_fold_is_given(
    labelled_runs: Runs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: list[np.ndarray] = []

    def decide(*args: Any) -> np.ndarray:
        given.append(decide_by_others(*args))
        return given[-1]

    monkeypatch.setattr(head_scores, "decide_by_others", decide)
    rules = [name for name in THRESHOLD_RULES if name != "singstad2018"]
    evaluate_labels(labelled_runs, rules=rules, n_resamples=2)
    before = given.copy()
    given.clear()
    runs = [copy(run, tmp_path) for run in labelled_runs]
    change(runs[1], "scores.npz", truth=lambda truth: np.where(np.isnan(truth), truth, 1 - truth))
    found = evaluate_labels(runs, rules=rules, n_resamples=2)
    inside = np.array(found.scores.folds) == 1
    for name, old, new in zip(rules, before, given, strict=True):
        assert np.array_equal(old[inside], new[inside]), name
    assert any(not np.array_equal(old, new) for old, new in zip(before, given, strict=True))


def test_the_papers_rule_knows_the_training_part_of_the_selected_run_alone(
    labelled_runs: Runs, tmp_path: Path
) -> None:
    runs = [copy(run, tmp_path) for run in labelled_runs]
    chosen = selected_run(runs)

    def thresholds(these: list[Run]) -> tuple[float, ...]:
        return by_rule(evaluate_labels(these, rules=["singstad2018"], n_resamples=2).heads[0])[
            "singstad2018"
        ].thresholds

    before = thresholds(runs)
    trained = chosen.features().part("train")
    rule = THRESHOLD_RULES["singstad2018"]
    assert before == tuple(rule.fit(trained.targets, sigmoid(trained.logits)).tolist())
    # What other runs saw, and what it did not train on, may be anything.
    for run in runs:
        if run.folder != chosen.folder:
            change(run, "features.npz", logits=lambda logits: -logits)
    is_train = np.array(chosen.features().parts) == "train"
    change(chosen, "features.npz", logits=lambda logits: np.where(is_train[:, None], logits, -logits))
    change(chosen, "scores.npz", truth=lambda truth: 1 - truth)
    assert thresholds(runs) == before
    hits = chosen.features().targets == 1
    change(chosen, "features.npz", logits=lambda _: np.where(hits, -0.45, -2.0))
    assert thresholds(runs) != before


def test_the_selected_run_is_the_one_whose_weights_have_the_lowest_validation_loss(
    labelled_runs: Runs, tmp_path: Path
) -> None:
    runs = [copy(run, tmp_path) for run in labelled_runs]

    def told(*losses: str, best: int | None = 1) -> Path:
        for run, loss in zip(runs, losses, strict=True):
            rows = ["phase,epoch,validation_loss", f"joint,1,{loss}", "joint,2,0.001"]
            (run.folder / "log.csv").write_text("\n".join(rows) + "\n")
            done = json.loads((run.folder / "done.json").read_text())
            (run.folder / "done.json").write_text(json.dumps(done | {"best_epoch": best}))
        return selected_run(runs).folder

    assert told("0.5", "0.3", "0.4") == runs[1].folder
    # Epoch 2 has a lower loss, but is not what was kept.
    assert told("0.5", "0.3", "0.2") == runs[2].folder
    assert told("0.5", "nan", "0.4") == runs[2].folder
    assert told("", "", "0.9") == runs[2].folder
    assert told("0.5", "0.3", "0.4", best=None) == runs[0].folder
    runs[0].folder.joinpath("log.csv").unlink()
    assert selected_run(runs).folder == runs[0].folder


def test_one_fold_is_measured_by_its_own_parts(labelled_runs: Runs) -> None:
    found = evaluate_labels(labelled_runs[:1], n_resamples=5)
    assert found.folds == (0,) and len(np.unique(parts_of(found.scores))) == 5
    assert [head.head for head in found.heads] == ["sigmoid"]


def test_a_run_of_one_class_a_recording_is_refused(trained: Callable[..., Run]) -> None:
    with pytest.raises(RunError, match="expected a run of several labels, found one of a single label"):
        evaluate_labels([trained(0)])


def test_recordings_of_one_patient_cannot_measure_each_other(labelled_runs: Runs, tmp_path: Path) -> None:
    run = copy(labelled_runs[0], tmp_path)
    change(run, "scores.npz", patient=lambda patient: np.full(len(patient), "one"))
    with pytest.raises(RunError, match=r"held-out recordings of two patients or more.*found 20 of one"):
        evaluate_labels([run])
    only_one = {
        name: (lambda array: array[-1:]) for name in ("record_ids", "truth", "logits", "part", "patient")
    }
    change(run, "scores.npz", **only_one)
    with pytest.raises(RunError, match="found 1 of one"):
        evaluate_labels([run])


def test_the_challenge_metric_takes_what_was_not_judged_for_absent(
    labelled_runs: Runs, tmp_path: Path
) -> None:
    runs = [copy(run, tmp_path) for run in labelled_runs]

    def unjudged(truth: np.ndarray) -> np.ndarray:
        truth = truth.copy()
        truth[:, 2] = np.nan
        return truth

    for run in runs:
        change(run, "scores.npz", truth=unjudged)
    (head,) = evaluate_labels(runs, n_resamples=2).heads
    assert {"challenge", "exact"} <= set(by_rule(head))
    assert head.ranking.support[2] == 0
    # Nothing can be learnt of it: its threshold stays where it was.
    assert by_rule(head)["challenge"].thresholds[2] == THRESHOLD_RULES["challenge"].start


def test_one_source_is_measured_by_what_the_others_teach(labelled_runs: Runs) -> None:
    one = labelled_runs[1]
    alone = evaluate_labels(labelled_runs, measured=one, n_resamples=5)
    every = evaluate_labels(labelled_runs, n_resamples=5)
    assert alone.folds == (one.fold,) and alone.source is None
    test = one.scores().part("test")
    assert alone.heads[0].ranking.n_records == len(test.record_ids) < every.heads[0].ranking.n_records
    own = by_rule(alone.heads[0])["exact"]
    assert own.thresholds == by_rule(every.heads[0])["exact"].thresholds
    assert own.table.support == tuple(np.nansum(test.truth, axis=0).astype(int).tolist())


def test_the_challenge_scores_classes_with_sinus_rhythm_among_them() -> None:
    assert scored_columns(("NSR", "AF", "NORM")) == ("NSR", "AF", "NORM")
    assert scored_columns(("AF", "PVC")) is None
    assert scored_columns(("NORM", "MI")) is None
