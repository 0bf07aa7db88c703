"""The golden pair: a simulated recording in the leads of the model, and the mean over networks and beats."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
import torch

from einthoven.decisions import sigmoid, softmax
from einthoven.errors import RunError
from einthoven.signal.beats import AroundRPeaks
from einthoven.signal.simulated import simulate
from einthoven.training import golden as golden_module
from einthoven.training.golden import GOLDEN_FS, GOLDEN_S, GOLDEN_SEED, golden
from einthoven.training.protocol import Protocol
from einthoven.training.run_folder import Run
from einthoven.training.sealed_network import SealedNetwork

Trained = Callable[..., Run]


def logits_of(run: Run, x: np.ndarray) -> np.ndarray:
    lengths = torch.full((len(x),), x.shape[-1])
    with torch.no_grad():
        return run.network()(torch.from_numpy(np.ascontiguousarray(x)), lengths).numpy()


def test_of_recordings_it_is_the_mean_over_the_networks(trained: Trained) -> None:
    runs = [trained(0), trained(1)]
    found = golden([SealedNetwork(run) for run in runs], 1.7)
    assert found.signal.shape == (1, round(GOLDEN_S * GOLDEN_FS)) and found.fs == GOLDEN_FS
    expected = simulate("normal", duration_s=GOLDEN_S, fs=GOLDEN_FS, leads=("I",), seed=GOLDEN_SEED).signal
    assert np.array_equal(found.signal, expected)
    x, _ = runs[0].protocol.pipeline(found.signal, GOLDEN_FS)
    probs = [softmax(logits_of(run, x[None]), 1.7)[0] for run in runs]
    assert found.probs == pytest.approx(np.mean(probs, axis=0), abs=1e-6)
    assert found.probs.dtype == np.float32 and found.probs.sum() == pytest.approx(1)


def test_of_heartbeats_it_is_the_mean_over_the_beats_of_the_served_cut(trained_own_beats: Run) -> None:
    found = golden([SealedNetwork(trained_own_beats)], 0.8)
    # The simulator knows no MLII: another lead stands for it.
    assert found.signal.shape == (1, round(GOLDEN_S * GOLDEN_FS))
    rows = AroundRPeaks()(found.signal, GOLDEN_FS).rows
    assert rows.shape[1:] == (3, 150) and len(rows) > 8
    assert found.probs == pytest.approx(softmax(logits_of(trained_own_beats, rows), 0.8).mean(0), abs=1e-6)


def test_leads_that_the_simulator_lacks_are_made_up_and_the_others_are_themselves() -> None:
    found = golden_module._simulated(("V2", "MLII", "X", "I"))
    one, other = simulate("normal", duration_s=12, fs=300, leads=("V2", "I"), seed=GOLDEN_SEED).signal
    for row, expected in zip(found, (one, other, other, other), strict=True):
        assert np.array_equal(row, expected)


def test_a_cut_that_finds_no_beat_cannot_be_checked(
    trained_beats: Trained, heartbeat: Protocol, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = trained_beats("beat")
    assert heartbeat.cut is not None
    blind = replace(heartbeat, cut=replace(heartbeat.cut, rpeaks="found", window_s=0.02))  # type: ignore[call-overload]
    monkeypatch.setattr(Run, "protocol", blind)
    with pytest.raises(
        RunError, match=f"{run.folder}: expected heartbeats in a simulated recording.*found none"
    ):
        golden([SealedNetwork(run)], 1.0)


def test_of_several_labels_it_is_the_mean_of_sigmoids_in_twelve_leads(labelled_runs: tuple[Run, ...]) -> None:
    runs = labelled_runs[:2]
    found = golden([SealedNetwork(run) for run in runs], 0.6)
    assert found.signal.shape == (12, round(GOLDEN_S * GOLDEN_FS))
    probs = [sigmoid(logits_of(run, found.signal[None]), 0.6)[0] for run in runs]
    assert found.probs == pytest.approx(np.mean(probs, axis=0), abs=1e-6)
    assert found.probs.sum() != pytest.approx(1, abs=1e-3)
