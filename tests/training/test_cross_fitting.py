"""No recording is decided by a temperature, a threshold or a machine that it helped to fit."""

import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from einthoven.decisions import THRESHOLD_RULES, fit_sigmoid_temperature
from einthoven.errors import DatasetError, RunError
from einthoven.training import cross_fitting
from einthoven.training.cross_fitting import decide_by_others, head_logits, parts_of, temperatures_of
from einthoven.training.heads import UNKNOWN_LOGIT, SVMSettings
from einthoven.training.held_out_scores import HeldOutScores
from einthoven.training.run_folder import Run, open_run

Runs = tuple[Run, ...]
SVM = SVMSettings(costs=(0.01,), n_inner=2)
RULES = [name for name, rule in THRESHOLD_RULES.items() if rule.fitted_on != "training"]
NAMES = ("NSR", "AF", "PVC")


def scores(n: int = 90, n_folds: int = 3, patients: tuple[str, ...] = ()) -> HeldOutScores:
    """Scores of three classes, some of the third unjudged."""
    rng = np.random.default_rng(5)
    truth = (rng.random((n, 3)) < (0.6, 0.3, 0.2)).astype(np.float32)
    logits = (2 * truth - 1 + 1.5 * rng.standard_normal((n, 3))).astype(np.float32)
    truth[::11, 2] = np.nan
    names = tuple(f"r{index}" for index in range(n))
    folds = tuple(index % n_folds for index in range(n))
    return HeldOutScores(names, truth, logits, ("test",) * n, patients or ("",) * n, folds)


def decide(found: HeldOutScores, rule: str) -> np.ndarray:
    parts, logits = parts_of(found), found.logits.astype(np.float64)
    temperatures = temperatures_of(logits, found.truth, parts)
    return decide_by_others(THRESHOLD_RULES[rule], logits, found.truth, parts, temperatures, NAMES)


def relabelled(found: HeldOutScores, rows: Any) -> HeldOutScores:
    """The same scores with the labels of some recordings turned over."""
    truth = found.truth.copy()
    truth[rows] = 1 - truth[rows]
    return replace(found, truth=truth)


@pytest.mark.parametrize("rule", RULES)
def test_what_a_recording_is_given_does_not_depend_on_its_own_label_or_its_folds(rule: str) -> None:
    found = scores()
    before = decide(found, rule)
    for row in range(0, 90, 7):
        assert np.array_equal(decide(relabelled(found, row), rule)[row], before[row])
    for fold in range(3):
        inside = np.array(found.folds) == fold
        changed = decide(relabelled(found, inside), rule)
        assert np.array_equal(changed[inside], before[inside])
        # The labels do teach the others.
        assert rule == "fixed" or not np.array_equal(changed[~inside], before[~inside])


def test_a_temperature_is_that_of_the_other_parts() -> None:
    found = scores()
    parts, logits = parts_of(found), found.logits.astype(np.float64)
    for part, temperature in enumerate(temperatures_of(logits, found.truth, parts)):
        assert temperature == fit_sigmoid_temperature(logits[parts != part], found.truth[parts != part])


def test_one_fold_is_divided_by_patients_and_classes() -> None:
    patients = tuple(f"p{index // 3}" for index in range(90))
    found = scores(n_folds=1, patients=patients)
    parts = parts_of(found)
    assert np.unique(parts).tolist() == [0, 1, 2, 3, 4]
    assert all(len(set(parts[k : k + 3])) == 1 for k in range(0, 90, 3))
    two = tuple("ab"[index % 2] for index in range(90))
    assert np.unique(parts_of(replace(found, patients=two))).tolist() == [0, 1]
    assert set(parts_of(replace(found, patients=("a",) * 90)).tolist()) == {0}
    assert np.array_equal(parts_of(scores()), np.arange(90) % 3)


def copies(runs: Runs, place: Path) -> list[Run]:
    return [open_run(shutil.copytree(run.folder, place / run.folder.name)) for run in runs]


def change(run: Run, name: str, **arrays: Any) -> None:
    path = run.folder / name
    with np.load(path) as found:
        kept = dict(found)
    np.savez(path, **{key: arrays[key](value) if key in arrays else value for key, value in kept.items()})


def test_a_machine_answers_nothing_that_it_learnt_from(
    labelled_runs: Runs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Parts are stratified by labels; here they are to stay what they are, whatever the labels.
    def deal(_: Any, groups: list[str], n_parts: int, __: int) -> np.ndarray:
        return np.array([int(group) % n_parts for group in groups])

    monkeypatch.setattr(cross_fitting, "deal_labels", deal)
    before = head_logits(labelled_runs[:1], "test", SVM)
    run = labelled_runs[0]
    tested, names = run.scores().part("test").record_ids, run.features().record_ids
    for place in (0, 9):
        row = names.index(tested[place])

        def turned(targets: np.ndarray, row: int = row) -> np.ndarray:
            targets = targets.copy()
            targets[row, :2] = 1 - targets[row, :2]
            return targets

        (other,) = copies(labelled_runs[:1], tmp_path / str(place))
        change(other, "features.npz", targets=turned)
        after = head_logits([other], "test", SVM)
        assert np.array_equal(after[place], before[place])
        assert not np.array_equal(after, before)


def test_machines_answer_in_the_order_of_the_scores(labelled_runs: Runs, tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    found = head_logits(labelled_runs, "test", SVM, lambda done, n: told.append((done, n)))
    assert told == [(1, 3), (2, 3), (3, 3)]
    turned = copies(labelled_runs, tmp_path)
    names = ("record_ids", "truth", "logits", "part", "patient")
    for run in turned:
        change(run, "scores.npz", **{name: lambda array: array[::-1] for name in names})
    sizes = [len(run.scores().part("test").record_ids) for run in labelled_runs]
    expected = [part[::-1] for part in np.split(found, np.cumsum(sizes)[:-1])]
    assert np.array_equal(head_logits(turned, "test", SVM), np.concatenate(expected))


def test_features_of_other_recordings_are_refused(labelled_runs: Runs, tmp_path: Path) -> None:
    (run,) = copies(labelled_runs[:1], tmp_path)
    change(run, "features.npz", parts=lambda parts: np.where(parts == "test", "train", parts))
    with pytest.raises(RunError, match=r"features\.npz: expected the recordings of scores\.npz among"):
        head_logits([run], "test", SVM)


def test_features_of_one_patient_are_refused(labelled_runs: Runs, tmp_path: Path) -> None:
    (run,) = copies(labelled_runs[:1], tmp_path)
    change(run, "features.npz", patients=lambda patients: np.full(len(patients), "one"))
    with pytest.raises(DatasetError, match="two or more parts"):
        head_logits([run], "test", SVM)


def test_constant_features_and_a_class_without_hits_have_one_logit_in_every_fold(
    labelled_runs: Runs, tmp_path: Path
) -> None:
    (run,) = copies(labelled_runs[:1], tmp_path)
    change(run, "features.npz", features=lambda features: np.full_like(features, 3.0))
    logits = head_logits([run, *labelled_runs[1:]], "test", SVM)
    n_first = len(run.scores().part("test").record_ids)
    assert set(logits[:n_first].ravel()) == {UNKNOWN_LOGIT}
    assert set(logits[:, 3]) == {UNKNOWN_LOGIT}
    assert len(np.unique(logits[n_first:, 0])) > 10


def test_machines_that_the_training_part_taught_have_it_too(labelled_runs: Runs) -> None:
    logits = head_logits(labelled_runs, "test", replace(SVM, learns_from="training"))
    assert set(logits[:, 3]) == {UNKNOWN_LOGIT}
    assert len(np.unique(logits[:, 0])) > 10
