"""A network as a bundle holds it: with its own classifier, or machines behind its features."""

from collections.abc import Callable

import numpy as np
import pytest
import torch

from einthoven.datasets.dataset import Dataset
from einthoven.errors import RunError
from einthoven.training.heads import SVMSettings, fit_head
from einthoven.training.run_folder import Run
from einthoven.training.sealed_network import SealedNetwork, with_svm

Runs = tuple[Run, ...]
SVM = SVMSettings(costs=(0.01,), n_inner=2)


def inputs(noise: Dataset) -> np.ndarray:
    return np.stack([noise.signal(row) for row in (1, 4, 9)])


def test_without_head_it_answers_as_its_run(labelled_runs: Runs, noise: Dataset) -> None:
    sealed, x = SealedNetwork(labelled_runs[0]), inputs(noise)
    with torch.no_grad():
        expected = labelled_runs[0].network()(torch.from_numpy(x), torch.full((3,), x.shape[-1]))
    np.testing.assert_allclose(sealed.logits(x), expected, atol=1e-6)
    assert sealed.ancestry() == labelled_runs[0].ancestry()


def test_machines_learn_from_what_the_network_did_not(labelled_runs: Runs, noise: Dataset) -> None:
    run, x = labelled_runs[1], inputs(noise)
    sealed = with_svm(run, SVM)
    held_out = run.features().part("validation", "test")
    expected = fit_head(held_out.features, held_out.targets, held_out.groups(), SVM)
    assert sealed.taught_head == held_out.record_ids
    rows = [noise.record_ids.index(name) for name in ("r001", "r004", "r009")]
    np.testing.assert_allclose(sealed.logits(x), expected.logits(run.features().features[rows]), atol=1e-4)
    # Nothing is unseen by network and head together.
    assert sealed.ancestry().among(noise, "trained") == set(noise.record_ids)
    assert run.ancestry().among(noise) < set(noise.record_ids)


def test_a_network_that_learnt_from_everything_leaves_nothing_to_machines(
    labelled_runs: Runs, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = labelled_runs[0]
    everything = run.features().part("train")
    monkeypatch.setattr(Run, "features", lambda _: everything)
    with pytest.raises(RunError, match=r"that the network did not learn from, .* found none"):
        with_svm(run, SVM)


def test_a_run_of_one_class_has_no_features(trained: Callable[..., Run]) -> None:
    with pytest.raises(RunError, match=r"found no features\.npz"):
        with_svm(trained(0), SVM)
