"""Evaluation: folds pooled, runs that belong together, and what is refused."""

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from einthoven.datasets.dataset import Dataset
from einthoven.errors import RunError
from einthoven.metrics import f1_average
from einthoven.training.evaluate import differences, evaluate_runs, group_runs, pooled_scores
from einthoven.training.held_out_scores import HeldOutScores
from einthoven.training.protocol import Protocol
from einthoven.training.run import train
from einthoven.training.run_folder import Run, open_run

Trained = Callable[..., Run]


def test_folds_are_pooled_and_scored_as_one(trained: Trained) -> None:
    runs = [trained(fold) for fold in range(5)]
    found = evaluate_runs(runs, n_resamples=50)
    answers = np.concatenate([run.scores().logits.argmax(1) for run in runs])
    truth = np.concatenate([run.scores().truth for run in runs])
    assert found.table.f1_average.value == f1_average(truth, answers)
    assert found.table.n_records == 30
    assert (found.folds, found.n_folds, found.is_whole) == ((0, 1, 2, 3, 4), 5, True)
    assert found.epochs == (("joint", 2, 2),)
    assert (found.kind, found.is_simulated, found.seeds) == ("simulated", True, (0,))
    assert (found.has_init, found.has_teacher, found.is_origin_known) == (False, False, True)
    assert found.part == "test"
    assert not evaluate_runs(runs[:1], n_resamples=50).is_whole
    assert json.loads(json.dumps(found.to_dict()))["recipe"] == "rhythm"


def test_production_runs_are_judged_by_what_stopped_them(
    dataset: Dataset, rhythm: Protocol, folder: Path
) -> None:
    protocol = replace(rhythm, split="production", use_validation=True)
    run = train(protocol, dataset, folder, fold=0, budget="cpu")
    found = evaluate_runs([run], n_resamples=50)
    assert found.part == "validation"
    assert found.table.n_records == 6


def test_runs_are_grouped_by_what_they_do(
    trained: Trained, dataset: Dataset, rhythm: Protocol, folder: Path
) -> None:
    protocol = replace(rhythm, augmentations=(), seed=4)
    other = train(protocol, dataset, folder, fold=0, budget="cpu")
    assert group_runs([trained(0), other, trained(1)]) == [[trained(0), trained(1)], [other]]
    with pytest.raises(RunError, match=r"differ in protocol\.augmentations"):
        evaluate_runs([trained(0), other])


def test_two_seeds_of_one_fold_are_two_groups(trained: Trained) -> None:
    def seeded(fold: int, seed: int) -> Run:
        settings = dict(trained(fold).settings)
        return replace(trained(fold), settings=settings | {"protocol": settings["protocol"] | {"seed": seed}})

    runs = [seeded(0, 0), seeded(0, 1), seeded(1, 1), seeded(1, 0)]
    assert group_runs(runs) == [[runs[0], runs[3]], [runs[1], runs[2]]]
    assert [evaluate_runs(group, n_resamples=10).folds for group in group_runs(runs)] == [(0, 1), (0, 1)]
    # Where each fold has one run, their seeds may differ.
    assert len(group_runs([runs[0], runs[2]])) == 1


def test_machines_versions_and_ancestors_may_differ(trained: Trained) -> None:
    settings = dict(trained(1).settings)
    elsewhere = settings | {"machine": {"devices": 2, "accelerator": "cuda", "precision": "bf16-mixed"}}
    descended = settings | {"ancestors": {"is_known": False, "parts": []}}
    for other in (elsewhere, descended):
        assert differences(trained(0), replace(trained(1), settings=other)) == []


def test_distilled_runs_are_another_group(trained: Trained) -> None:
    def taught(fold: int, teacher: str) -> Run:
        settings = dict(trained(fold).settings)
        return replace(
            trained(fold), settings=settings | {"protocol": settings["protocol"] | {"teacher": teacher}}
        )

    one, two = taught(0, "0.npz"), taught(1, "1.npz")
    assert [len(group) for group in group_runs([trained(0), one, two, trained(1)])] == [2, 2]


def test_a_name_makes_nothing_simulated_and_one_unknown_origin_makes_it_unknown(trained: Trained) -> None:
    def changed(run: Run, **values: object) -> Run:
        return replace(run, settings=json.loads(json.dumps(dict(run.settings) | values)))

    dataset = dict(trained(0).settings["dataset"])
    own = changed(trained(0), dataset=dataset | {"name": "simulated", "kind": "own"})
    assert not evaluate_runs([own], n_resamples=10).is_simulated
    begun = [changed(trained(fold), init="a" * 64) for fold in (0, 1)]
    begun[1] = changed(begun[1], ancestors={"is_known": False, "parts": []})
    found = evaluate_runs(begun, n_resamples=10)
    assert (found.has_init, found.is_origin_known) == (True, False)


def test_heartbeats_are_scored_by_patient_and_say_how_they_were_split(
    trained_beats: Trained, beats: Dataset
) -> None:
    mixed, apart = (evaluate_runs([trained_beats(by)], n_resamples=50) for by in ("beat", "patient"))
    assert (mixed.split_by, apart.split_by) == ("beat", "patient")
    assert mixed.table.resampled == apart.table.resampled == "patients"
    assert 0.19 < mixed.table.n_records / len(beats) < 0.21
    assert len(apart.table.precision) == 5
    recalls = [score.value for score in apart.table.recall if not np.isnan(score.value)]
    assert apart.table.balanced_accuracy.value == pytest.approx(np.mean(recalls))


def test_recordings_stand_for_patients_that_are_not_known(trained_beats: Trained, tmp_path: Path) -> None:
    place = shutil.copytree(trained_beats("patient").folder, tmp_path / "run")
    with np.load(place / "scores.npz") as found:
        arrays = dict(found)
    np.savez(place / "scores.npz", **{**arrays, "patient": np.full(len(arrays["patient"]), "")})
    found = evaluate_runs([open_run(place)], n_resamples=50)
    assert (found.split_by, found.table.resampled) == ("recording", "recordings")
    known = evaluate_runs([trained_beats("patient")], n_resamples=50)
    # As text, in which the scores of classes that do not occur are equal.
    assert str(replace(found.table, resampled="patients")) == str(known.table)


def test_a_recording_counts_once(trained: Trained) -> None:
    with pytest.raises(RunError, match="same one in two"):
        evaluate_runs([trained(0), trained(0)])


def test_a_run_that_held_nothing_out_has_no_score(trained: Trained) -> None:
    with pytest.raises(RunError, match="held out, found none"):
        pooled_scores([trained(None)])
    with pytest.raises(RunError, match="at least one run"):
        pooled_scores([])


def test_patients_are_resampled_where_they_are_known() -> None:
    scores = HeldOutScores(
        record_ids=("a", "b", "c"),
        truth=np.zeros(3, np.int64),
        logits=np.zeros((3, 2), np.float32),
        parts=("test",) * 3,
        patients=("p", "", "p"),
        folds=(0, 0, 1),
    )
    groups = scores.groups()
    assert groups is not None
    assert groups[0] == groups[2] != groups[1]
    assert replace(scores, patients=("", "", "")).groups() is None


def test_runs_of_several_labels_are_pooled_with_their_columns(labelled_runs: tuple[Run, ...]) -> None:
    pooled = pooled_scores(labelled_runs)
    assert pooled.truth.shape == pooled.logits.shape == (60, 4)
    assert len(group_runs(labelled_runs)) == 1
    assert len(set(pooled.groups())) == 30  # type: ignore[arg-type]
    with pytest.raises(RunError, match="the same one in two of them"):
        pooled_scores([labelled_runs[0], labelled_runs[0]])
