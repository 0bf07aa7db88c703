"""Teachers: what they say is passed on, and nothing that would give the test away."""

import hashlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from einthoven.datasets.dataset import Dataset
from einthoven.decisions import softmax
from einthoven.errors import RunError
from einthoven.training.ancestry import Ancestry, seen_of
from einthoven.training.folds import split_dataset
from einthoven.training.protocol import Protocol
from einthoven.training.run import train
from einthoven.training.run_folder import Run
from einthoven.training.teacher import read_teacher, teach, teacher_ancestry, write_teacher

Trained = Callable[..., Run]


def test_a_teachers_logits_are_its_mean_probabilities(trained: Trained, dataset: Dataset, tmp_path: Path,
                                                      rhythm: Protocol) -> None:  # fmt: skip
    teach([trained(0)], dataset, tmp_path / "t.npz")
    _, split = split_dataset(rhythm, dataset, 0)
    logits = read_teacher(replace(rhythm, teacher=str(tmp_path / "t.npz")), dataset.record_ids, split)
    scores = trained(0).scores()
    rows = [dataset.record_ids.index(name) for name in scores.record_ids]
    assert np.allclose(softmax(logits[rows]), softmax(scores.logits), atol=1e-5)
    assert np.isfinite(logits).all()


def test_a_pupil_learns_from_a_teacher_of_its_own_fold_only(
    trained: Trained, dataset: Dataset, rhythm: Protocol, folder: Path, tmp_path: Path
) -> None:
    teach([trained(0)], dataset, tmp_path / "t.npz")
    protocol = replace(rhythm, teacher=str(tmp_path / "t.npz"))
    pupil = train(protocol, dataset, folder, fold=0, budget="cpu")
    assert pupil.log()[0]["train_loss"] != trained(0).log()[0]["train_loss"]
    with pytest.raises(RunError, match="trained on 6 of the recordings"):
        train(protocol, dataset, folder.with_name("leak"), fold=1, budget="cpu")


def test_recordings_that_the_teacher_does_not_know_have_no_logits(
    dataset: Dataset, rhythm: Protocol, tmp_path: Path
) -> None:
    path = tmp_path / "t.npz"
    known = dataset.record_ids[:3]
    write_teacher(path, rhythm.classes, known, np.ones((3, 4), np.float32), known)
    _, split = split_dataset(rhythm, dataset, None)
    logits = read_teacher(replace(rhythm, teacher=str(path)), dataset.record_ids, split)
    assert np.isfinite(logits).all(1).tolist() == [True] * 3 + [False] * 27
    assert np.isnan(read_teacher(rhythm, dataset.record_ids, split)).all()


def test_a_teacher_of_other_classes_or_data_is_refused(
    trained: Trained, dataset: Dataset, rhythm: Protocol, tmp_path: Path
) -> None:
    path = tmp_path / "t.npz"
    _, split = split_dataset(rhythm, dataset, 0)
    protocol = replace(rhythm, teacher=str(path))
    with pytest.raises(RunError, match="expected a teacher"):
        read_teacher(protocol, dataset.record_ids, split)
    write_teacher(path, ("A", "N"), (), np.ones((0, 2), np.float32), ())
    with pytest.raises(RunError, match="expected the classes"):
        read_teacher(protocol, dataset.record_ids, split)
    with pytest.raises(RunError, match="other data"):
        teach([trained(0)], dataset.subset(range(20)), path)


def taught_run(folder: Path, dataset: Dataset, protocol: Protocol, teachers: list[Run], fold: int = 0) -> Run:
    return train(protocol, dataset, folder, fold=fold, budget="cpu", teachers=teachers)


def test_a_teacher_is_known_by_what_it_says(
    trained: Trained, dataset: Dataset, rhythm: Protocol, folder: Path, tmp_path: Path
) -> None:
    first, moved = tmp_path / "t.npz", tmp_path / "moved.npz"
    teach([trained(0)], dataset, first)
    pupil = train(replace(rhythm, teacher=str(first)), dataset, folder, fold=0, budget="cpu")
    assert pupil.settings["teacher"] == hashlib.sha256(first.read_bytes()).hexdigest()
    first.rename(moved)
    again = train(replace(rhythm, teacher=str(moved)), dataset, folder, fold=0, budget="cpu")
    assert again.was_finished
    write_teacher(first, rhythm.classes, dataset.record_ids, np.ones((30, 4), np.float32), ())
    with pytest.raises(RunError, match=r"other settings \(teacher\)"):
        train(replace(rhythm, teacher=str(first)), dataset, folder, fold=0, budget="cpu")
    first.unlink()
    with pytest.raises(RunError, match="expected a teacher"):
        train(replace(rhythm, teacher=str(first)), dataset, folder, fold=0, budget="cpu")


def test_runs_teach_a_run_once(
    trained: Trained, dataset: Dataset, rhythm: Protocol, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pupil = taught_run(folder, dataset, rhythm, [trained(0)])
    assert pupil.protocol.teacher == str(folder / "teacher.npz")
    assert pupil.log()[0]["train_loss"] != trained(0).log()[0]["train_loss"]
    monkeypatch.setattr("einthoven.training.teacher.teach", lambda *_: pytest.fail("asked twice"))
    assert taught_run(folder, dataset, rhythm, [trained(0)]).was_finished


def test_the_teachers_of_a_run_stay(
    trained: Trained, dataset: Dataset, rhythm: Protocol, folder: Path
) -> None:
    taught_run(folder, dataset, rhythm, [trained(0)])
    before = (folder / "teacher.npz").read_bytes()
    other = train(replace(rhythm, seed=3), dataset, folder.with_name("other"), fold=0, budget="cpu")
    with pytest.raises(RunError, match="other teachers"):
        taught_run(folder, dataset, rhythm, [trained(0), other])
    with pytest.raises(RunError, match="teacher"):
        train(rhythm, dataset, folder, fold=0, budget="cpu")
    assert (folder / "teacher.npz").read_bytes() == before


def test_what_a_teachers_initial_weights_saw_is_what_it_saw(
    trained: Trained, dataset: Dataset, rhythm: Protocol, folder: Path
) -> None:
    own = trained(0)
    leaky = replace(own, settings={**own.settings, "ancestors": trained(None).ancestry().to_json()})
    with pytest.raises(RunError, match="trained on 6 of the recordings"):
        taught_run(folder, dataset, rhythm, [leaky])
    elsewhere = seen_of({"name": "cinc2017", "kind": "public", "fingerprint": "0"}, "trained", None)
    descended = Ancestry((elsewhere,), is_known=False)
    teacher = replace(own, settings={**own.settings, "ancestors": descended.to_json()})
    pupil = taught_run(folder, dataset, rhythm, [teacher])
    assert pupil.ancestors.among(dataset) == own.ancestry().among(dataset)
    assert elsewhere in pupil.ancestors.parts
    assert not pupil.ancestors.is_known


def test_a_teacher_that_saw_one_beat_has_seen_its_recording(
    beats: Dataset, heartbeat: Protocol, tmp_path: Path
) -> None:
    path, ids = tmp_path / "t.npz", beats.record_ids
    logits = np.ones((len(ids), 5), np.float32)
    write_teacher(path, heartbeat.classes, ids, logits, [ids[0], "another@1"], ancestry=Ancestry())
    found = teacher_ancestry(replace(heartbeat, teacher=str(path)), beats)
    first = [entry.record_id for entry in beats.entries if entry.recording == beats.entries[0].recording]
    assert len(first) > 1
    assert found.among(beats) == set(first)
    assert found.is_known


def test_teachers_that_saw_the_fold_are_refused_before_anything_is_asked(
    trained: Trained, dataset: Dataset, rhythm: Protocol, folder: Path
) -> None:
    with pytest.raises(RunError, match="trained on 6 of the recordings"):
        taught_run(folder, dataset, rhythm, [trained(0), trained(1)])
    with pytest.raises(RunError, match="trained on 6 of the recordings"):
        taught_run(folder, dataset, rhythm, [trained(None)])
    assert not (folder / "teacher.npz").exists()
    assert not (folder / "run.json").exists()
