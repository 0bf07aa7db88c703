"""The network of a run answers as the run's own evaluation does."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
import torch

from einthoven.datasets.dataset import Dataset
from einthoven.decisions import softmax
from einthoven.errors import SettingsError
from einthoven.pipeline import LogSpectrogram, Pipeline, Resample
from einthoven.signal.beats.told import cut_told
from einthoven.signal.simulated import simulate
from einthoven.training.run_folder import Run
from einthoven.training.trained import TrainedNetwork


@pytest.fixture
def network(trained: Callable[..., Run]) -> TrainedNetwork:
    return TrainedNetwork.of(trained(0))


def test_probabilities_are_those_of_the_scores(
    network: TrainedNetwork, trained: Callable[..., Run], dataset: Dataset
) -> None:
    scores = trained(0).scores()
    names = [entry.record_id for entry in dataset.entries]
    for row in range(3):
        record = dataset.read(names.index(scores.record_ids[row])).for_model(network.protocol.leads)
        found = network.probs([record.signal], record.fs)[0]
        assert found == pytest.approx(softmax(scores.logits[row]), abs=1e-4)


def test_a_batch_answers_as_one_by_one_does(network: TrainedNetwork) -> None:
    signals = [simulate(duration_s=6, seed=seed).signal for seed in (1, 2)]
    both = network.probs(signals, 300.0)
    assert both == pytest.approx(
        np.concatenate([network.probs([signal], 300.0) for signal in signals]), abs=1e-6
    )
    assert both.sum(axis=1) == pytest.approx(1)


def test_it_keeps_no_gradients(network: TrainedNetwork) -> None:
    assert not any(parameter.requires_grad for parameter in network.network.parameters())
    assert not network.network.training


def test_the_first_step_lies_in_the_middle_of_what_it_sees(network: TrainedNetwork) -> None:
    x, rate = network.input(simulate(duration_s=6).signal, 300.0)
    assert (x.shape, rate) == ((1, 1, 600), 100.0)
    assert network.start_s(rate) == 0.005
    spectrogram = Pipeline((Resample(300.0), LogSpectrogram(window=60, overlap=30)))
    protocol = replace(network.protocol, pipeline=spectrogram, augmentations=(), augment_after=0)
    other = replace(network, protocol=protocol)
    x, rate = other.input(np.zeros((1, 600), np.float32), 300.0)
    assert rate == 10
    # The first window is from 0 to 0.2 s.
    assert other.start_s(rate) == pytest.approx(0.1)


def test_runs_of_beats_and_of_recordings_are_told_apart(
    network: TrainedNetwork, trained_beats: Callable[..., Run]
) -> None:
    beats = TrainedNetwork.of(trained_beats("beat"))
    network.check_beats(are_wanted=False)
    beats.check_beats(are_wanted=True)
    with pytest.raises(
        SettingsError, match="expected a run that learnt from heartbeats, found one of whole rec"
    ):
        network.check_beats(are_wanted=True)
    with pytest.raises(
        SettingsError, match="expected a run that learnt from whole recordings, found one of heart"
    ):
        beats.check_beats(are_wanted=False)


def test_beats_are_cut_and_answered(trained_beats: Callable[..., Run]) -> None:
    beats = TrainedNetwork.of(trained_beats("beat"))
    rows = beats.rows_of(simulate(duration_s=10, leads=("II",), seed=1))
    probs = beats.probs_of_rows(rows)
    assert probs.shape == (len(rows), len(beats.protocol.classes))
    assert probs.sum(axis=1) == pytest.approx(1)
    with torch.no_grad():
        logits = beats.network(torch.from_numpy(rows), torch.full((len(rows),), rows.shape[-1])).numpy()
    assert probs == pytest.approx(softmax(logits), abs=1e-5)
    assert beats.probs_of_rows(rows[:0]).shape == (0, probs.shape[1])


def test_beats_are_those_that_a_model_names(trained_beats: Callable[..., Run]) -> None:
    beats = TrainedNetwork.of(trained_beats("beat"))
    record = simulate(duration_s=60, leads=("II",), seed=1)
    signal = record.signal.copy()
    signal[:, 9000:] = 0.2 * np.random.default_rng(0).standard_normal(9000)
    found = beats.beats_of(replace(record, signal=signal))
    assert found.rpeaks.tolist() == cut_told(beats.cut, signal, record.fs).inputs.rpeaks.tolist()
    # The last window of good signal ends at 30 s, half a window of noise may be in it.
    assert 0 < found.rpeaks.max() < 40 * record.fs
    assert len(beats.rows_of(replace(record, signal=signal))) == len(found.rpeaks)
