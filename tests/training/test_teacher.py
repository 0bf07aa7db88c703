"""Teachers: what they say is passed on, and nothing that would give the test away."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from einthoven.datasets.dataset import Dataset
from einthoven.decisions import softmax
from einthoven.errors import RunError
from einthoven.training.folds import split_dataset
from einthoven.training.protocol import Protocol
from einthoven.training.run import Run, train
from einthoven.training.teacher import read_teacher, teach, write_teacher

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
    pupil = train(protocol, dataset, folder, fold=0, budget="cpu", progress=False)
    assert pupil.log()[0]["train_loss"] != trained(0).log()[0]["train_loss"]
    with pytest.raises(RunError, match="trained on 6 of the recordings"):
        train(protocol, dataset, folder.with_name("leak"), fold=1, budget="cpu", progress=False)


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
