"""What a run keeps of every recording: all of them once, in their parts, as the network sees them."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch

from einthoven.datasets.dataset import Dataset
from einthoven.training.features import Features
from einthoven.training.run_folder import Run

Runs = tuple[Run, ...]


def some() -> Features:
    """Four recordings of two known patients, two features and three classes."""
    targets = np.array([[1, 0, np.nan], [0, 1, 0], [0, 0, 1], [1, 1, 0]], np.float32)
    return Features(
        ("a", "b", "c", "d"),
        ("x", "", "x", ""),
        ("train", "test", "validation", "test"),
        targets,
        np.arange(8, dtype=np.float32).reshape(4, 2),
        targets * 2,
    )


def test_every_recording_is_there_with_its_part_and_target(labelled_runs: Runs, noise: Dataset) -> None:
    for run in labelled_runs:
        features, scores, done = run.features(), run.scores(), run.done()
        assert features.record_ids == noise.record_ids
        assert features.patients == tuple(entry.patient for entry in noise.entries)
        counts = {part: features.parts.count(part) for part in ("train", "validation", "test")}
        assert counts == {part: done[f"n_{part}"] for part in counts}
        assert np.array_equal(features.targets, noise.label_matrix(), equal_nan=True)
        for part in ("validation", "test"):
            assert features.part(part).record_ids == tuple(sorted(scores.part(part).record_ids))


def test_features_and_logits_are_the_networks_and_the_scores_are_among_them(
    labelled_runs: Runs, noise: Dataset
) -> None:
    run = labelled_runs[0]
    features, network = run.features(), run.network()
    assert features.features.shape == (len(noise), network.n_features)
    for row in (0, 17, 59):
        x = torch.from_numpy(noise.signal(row).copy())[None]
        with torch.no_grad():
            seen = network.features(x, torch.tensor([x.shape[-1]]))
        np.testing.assert_allclose(features.features[row], seen[0], atol=1e-5)
        np.testing.assert_allclose(features.logits[row], network.classify(seen)[0].detach(), atol=1e-5)
    scores = run.scores()
    rows = [features.record_ids.index(name) for name in scores.record_ids]
    assert np.array_equal(features.logits[rows], scores.logits)


def test_a_part_keeps_order_and_all_columns() -> None:
    part = some().part("test", "validation")
    assert (part.record_ids, part.patients) == (("b", "c", "d"), ("", "x", ""))
    assert part.parts == ("test", "validation", "test")
    assert part.features.tolist() == [[2, 3], [4, 5], [6, 7]]
    assert part.targets.shape == part.logits.shape == (3, 3)
    assert some().part("nothing").record_ids == ()


def test_recordings_of_unknown_patients_are_groups_of_their_own() -> None:
    a, b, c, d = some().groups().tolist()
    assert a == c and len({a, b, d}) == 3
    # A patient may be called as a recording is.
    assert len(set(replace(some(), patients=("record b", "", "x", "")).groups().tolist())) == 4


def test_the_same_features_are_the_same_bytes() -> None:
    assert some().to_bytes() == some().to_bytes()


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"parts": np.array(["train"])}, "different lengths"),
        ({"features": np.zeros((3, 2))}, "different lengths"),
        ({"features": np.zeros(4)}, "3 classes"),
        ({"logits": np.zeros((4, 2))}, "3 classes"),
        ({"targets": np.zeros((4, 4)), "logits": np.zeros((4, 4))}, "3 classes"),
        ({"targets": np.array([["x"] * 3] * 4)}, "could not convert"),
    ],
)
def test_arrays_that_do_not_fit_are_refused(changed: dict[str, Any], said: str) -> None:
    one = some()
    arrays = {name: np.array(getattr(one, name), str) for name in ("record_ids", "patients", "parts")}
    arrays |= {name: getattr(one, name) for name in ("targets", "features", "logits")}
    assert Features.from_arrays(arrays, 3).patients == one.patients
    with pytest.raises(ValueError, match=said):
        Features.from_arrays(arrays | changed, 3)
