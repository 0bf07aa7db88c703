"""Integrated gradients: exact where the network is linear, complete where it is not."""

import sys
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from einthoven.errors import MissingExtraError, RecordError, SettingsError
from einthoven.explanation import log_odds
from einthoven.inference.shipped import open_model
from einthoven.networks import SpectrogramCNN, build_network
from einthoven.pipeline import FillMissing, LogSpectrogram, Pipeline
from einthoven.recipes import RECIPES
from einthoven.record import Record
from einthoven.signal.simulated import simulate
from einthoven.training.attribution import BEAT_GRADIENTS, Gradients, explain_run, explain_run_beat
from einthoven.training.export import read_weights
from einthoven.training.run_folder import Run
from einthoven.training.trained import TrainedNetwork


class Linear(nn.Module):
    """Log-odds of the second of two classes: a weighted sum of all samples of all leads."""

    def __init__(self, weights: np.ndarray) -> None:
        super().__init__()
        self.weights = nn.Parameter(torch.tensor(weights, dtype=torch.float32), requires_grad=False)

    def forward(self, x: Tensor, lengths: Tensor) -> Tensor:
        del lengths
        odds = (x * self.weights).flatten(1).sum(1)
        return torch.stack([torch.zeros_like(odds), odds], 1)


@pytest.fixture
def linear() -> TrainedNetwork:
    """Two classes and two leads, 100 samples a second as they come, 5 s."""
    rng = np.random.default_rng(0)
    protocol = replace(RECIPES["rhythm"].protocol("cpu"), classes=("N", "A"), scored=(), leads=("I", "II"),
                       pipeline=Pipeline((FillMissing(),)), augmentations=(), augment_after=0)  # fmt: skip
    return TrainedNetwork("runs/linear", protocol, Linear(rng.normal(0, 0.02, (2, 500))))


@pytest.fixture
def record() -> Record:
    rng = np.random.default_rng(1)
    return Record(
        rng.standard_normal((2, 500)).astype(np.float32), 100.0, ("II", "I"), name="r", path="x/r.hea"
    )


SAMPLE = Gradients(window_s=0.01)


def odds_of_flat(trained: TrainedNetwork, signal: np.ndarray, fs: float) -> np.ndarray:
    """Log-odds of each class for lines at the medians of what the network reads."""
    x, _ = trained.input(signal, fs)
    flat = x.median(-1, keepdim=True).values.expand_as(x)
    return log_odds(trained.network(flat, torch.tensor([x.shape[-1]])).softmax(1)[0].double().numpy())


def added(weights: np.ndarray, signal: np.ndarray) -> np.ndarray:
    """What each sample adds to a weighted sum, beginning with a line at the median of each lead."""
    rests = signal - np.median(signal, axis=1, keepdims=True)
    return np.asarray((weights * rests).sum(axis=0))


def test_of_a_linear_network_a_sample_adds_its_weight_times_its_value(
    linear: TrainedNetwork, record: Record
) -> None:
    found = explain_run(linear, record, "A", gradients=SAMPLE)
    weights = linear.network.weights.numpy()  # type: ignore[union-attr]
    flat = float((weights * np.median(record.signal[::-1], axis=1, keepdims=True)).sum())
    # The leads come in the order of the protocol.
    assert found.attribution == pytest.approx(added(weights, record.signal[::-1]), abs=1e-5)
    assert found.attribution.sum() + flat == pytest.approx(float(log_odds(found.prob)), abs=1e-3)
    assert found.leads == ("I", "II")
    other = explain_run(linear, record, "N", gradients=SAMPLE)
    assert other.attribution == pytest.approx(-found.attribution, abs=1e-5)


def test_a_window_sums_what_is_around_a_sample(linear: TrainedNetwork, record: Record) -> None:
    single = explain_run(linear, record, "A", gradients=SAMPLE).attribution
    for n in (3, 4):
        summed = explain_run(linear, record, "A", gradients=Gradients(window_s=n / 100)).attribution
        ahead = (n - 1) // 2
        padded = np.concatenate([np.zeros(n - 1 - ahead), single, np.zeros(ahead)])
        expected = np.lib.stride_tricks.sliding_window_view(padded, n).sum(axis=1)
        assert summed == pytest.approx(expected, abs=1e-4)


def test_of_a_part_only_the_part_is_followed(linear: TrainedNetwork, record: Record) -> None:
    whole = explain_run(linear, record, "A", gradients=SAMPLE)
    weights = linear.network.weights.numpy()[:, 100:300]  # type: ignore[union-attr]
    part = explain_run(linear, record, "A", start_s=1, duration_s=2, gradients=SAMPLE)
    assert (part.start_s, part.end_s, part.probs) == (1, 3, whole.probs)
    assert part.attribution == pytest.approx(added(weights, record.signal[::-1, 100:300]), abs=1e-5)


def test_it_says_what_was_explained(linear: TrainedNetwork, record: Record) -> None:
    found = explain_run(linear, record)
    assert found.label == found.answer
    assert (found.record, found.path, found.model) == ("r", "x/r.hea", "runs/linear")
    assert (found.method, found.step_s, found.window_s) == ("integrated gradients", None, 0.2)
    assert found.warnings == ("probabilities of a run are not calibrated: pack it into a bundle for that",)


def test_of_a_spectrogram_the_time_is_that_of_its_windows() -> None:
    class Loudness(nn.Module):
        def forward(self, x: Tensor, lengths: Tensor) -> Tensor:
            del lengths
            odds = x.flatten(1).mean(1)
            return torch.stack([-odds, odds], 1)

    pipeline = Pipeline((FillMissing(), LogSpectrogram(window=20, overlap=10)))
    protocol = replace(RECIPES["rhythm"].protocol("cpu"), classes=("N", "A"), scored=(), pipeline=pipeline,
                       augmentations=(), augment_after=0)  # fmt: skip
    rng = np.random.default_rng(0)
    signal = rng.normal(0, 0.01, (1, 1000)).astype(np.float32)
    signal[0, 600:650] *= 100
    found = explain_run(TrainedNetwork("run", protocol, Loudness()), Record(signal, 100.0, ("I",)), "A")
    peak = found.attribution.argmax()
    assert 600 <= peak < 650
    # What is quiet is where the way begins, so that it adds next to nothing.
    quiet = np.concatenate([found.attribution[:560], found.attribution[690:]])
    assert np.abs(quiet).mean() < 0.3 * found.attribution[peak]


def test_what_gradients_miss_is_told() -> None:
    class Jump(nn.Module):
        def forward(self, x: Tensor, lengths: Tensor) -> Tensor:
            del lengths
            odds = torch.sigmoid(200 * (x.flatten(1).mean(1) - 0.31)) * 10 + 0 * x.flatten(1).sum(1)
            return torch.stack([-odds, odds], 1)

    protocol = replace(RECIPES["rhythm"].protocol("cpu"), classes=("N", "A"), scored=(), augmentations=(),
                       pipeline=Pipeline(()), augment_after=0)  # fmt: skip
    signal = np.zeros((1, 300), np.float32)
    signal[0, :120] = 2.5
    record = Record(signal, 100.0, ("I",))
    few = explain_run(TrainedNetwork("run", protocol, Jump()), record, "A", gradients=Gradients(n_steps=2))
    assert "the gradients add up to" in few.warnings[-1]
    many = explain_run(TrainedNetwork("run", protocol, Jump()), record, "A", gradients=Gradients(n_steps=400))
    assert len(many.warnings) == 1


def test_the_shipped_network_is_explained_completely() -> None:
    bundle = open_model("rhythm")
    protocol = RECIPES["rhythm"].protocol(bundle.provenance["budget"])
    network = build_network(protocol.network, n_leads=1, n_classes=4)
    network.load_state_dict(read_weights(bundle.networks[0]))
    trained = TrainedNetwork("rhythm", protocol, network.eval().requires_grad_(False))
    record = simulate("ectopy", duration_s=8, seed=2, fs=100.0)
    # At the rate of the network each sample is one step, and the sum is that of all gradients.
    found = explain_run(trained, record, "O", gradients=Gradients(n_steps=100, window_s=0.01))
    flat = odds_of_flat(trained, record.signal, record.fs)[2]
    assert found.attribution.sum() == pytest.approx(float(log_odds(found.prob)) - flat, abs=0.3)
    assert found.answer == "O"


def test_a_run_is_explained(trained: Callable[..., Run]) -> None:
    network = TrainedNetwork.of(trained(0))
    record = simulate("af", duration_s=6, seed=1)
    found = explain_run(network, record)
    assert found.attribution.shape == (record.n_samples,)
    assert np.isfinite(found.attribution).all()
    assert found.attribution.any()
    assert list(found.probs) == list(network.protocol.classes)


def test_a_beat_of_a_run_is_explained(trained_beats: Callable[..., Run]) -> None:
    network = TrainedNetwork.of(trained_beats("beat"))
    record = simulate(duration_s=10, leads=("II",), seed=1)
    found = explain_run_beat(network, record, number=3)
    rows = network.rows_of(record)
    assert network.protocol.cut is not None
    rpeaks = network.protocol.cut(record.signal, record.fs).rpeaks
    assert (found.beat, found.unit, found.fs) == (3, "scaled", 125.0)
    assert found.signal.tolist() == rows[2, :1].tolist()
    assert (found.origin_s, found.rpeak_s) == pytest.approx((rpeaks[2] / record.fs,) * 2)
    assert found.beside == {}
    # What fills a beat up is not explained.
    assert len(found.attribution) == np.flatnonzero(rows[2, 0])[-1] + 1
    assert found.window_s == BEAT_GRADIENTS.window_s
    again = explain_run_beat(network, record, beat_class=found.answer)
    assert again.answer == found.answer
    assert again.choice.endswith(found.answer)
    with pytest.raises(RecordError, match=f"expected a beat from 1 to {len(rows)}, found 99"):
        explain_run_beat(network, record, number=99)


def test_of_a_beat_in_several_rows_it_is_told_what_each_adds() -> None:
    protocol = RECIPES["beats"].protocol()
    torch.manual_seed(0)
    n_classes = len(protocol.classes)
    network = build_network(protocol.network, n_leads=protocol.n_leads, n_classes=n_classes).eval()
    trained = TrainedNetwork("run", protocol, network.requires_grad_(False))
    record = simulate(duration_s=10, leads=("II",), seed=1)
    found = explain_run_beat(trained, record, "V", number=4)
    rows = trained.rows_of(record)
    assert rows.shape[1] == protocol.n_leads == 3
    assert found.signal.tolist() == rows[3, :1].tolist()
    assert found.start_s == pytest.approx(trained.beats_of(record).rpeaks[3] / record.fs - 0.6)
    assert tuple(found.beside) == trained.cut.rows[1:]
    # Summed over single samples, the picture has what the first row adds.
    single = explain_run_beat(trained, record, "V", number=4, gradients=Gradients(window_s=0.008))
    assert single.beside == pytest.approx(found.beside)
    flat = odds_of_flat(trained, rows[3], 125.0)[protocol.classes.index("V")]
    whole = single.attribution.sum() + sum(found.beside.values())
    assert whole == pytest.approx(float(log_odds(found.prob)) - flat, abs=0.1)


def test_what_cannot_be_explained_is_refused(linear: TrainedNetwork, record: Record) -> None:
    with pytest.raises(SettingsError, match="model runs/linear: expected a label among N, A, found X"):
        explain_run(linear, record, "X")
    with pytest.raises(RecordError, match=r"r\.hea: expected at least 1 s of signal, found 0\.5 s"):
        explain_run(linear, replace(record, signal=record.signal[:, :50]))
    with pytest.raises(RecordError, match="found a flat line in lead I, lead II"):
        explain_run(linear, replace(record, signal=np.ones((2, 500), np.float32)))
    with pytest.raises(SettingsError, match="expected a run that learnt from heartbeats"):
        explain_run_beat(linear, record)
    with pytest.raises(SettingsError, match=r"^expected at least one step, found 0$"):
        Gradients(n_steps=0)
    for window_s in (0, float("nan"), 100):
        with pytest.raises(SettingsError, match=r"^expected a window above 0 s and up to 10 s, found "):
            Gradients(window_s=window_s)
    with pytest.raises(
        SettingsError, match=r"expected a window of at least 1 sample \(0\.01 s\), found 0\.001"
    ):
        explain_run(linear, record, gradients=Gradients(window_s=0.001))


def test_captum_is_named_where_it_is_not_installed(
    linear: TrainedNetwork, record: Record, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "captum.attr", None)
    with pytest.raises(MissingExtraError, match=r"gradients need captum: pip install 'einthoven\[train\]'"):
        explain_run(linear, record)


def test_spectrogram_networks_are_explained() -> None:
    protocol = RECIPES["zihlmann2017-cnn"].protocol()
    settings = SpectrogramCNN(width=2, n_layers=1, n_blocks=2)
    torch.manual_seed(0)
    network = build_network(settings, n_leads=1, n_classes=len(protocol.classes)).eval().requires_grad_(False)
    found = explain_run(
        TrainedNetwork("run", protocol, network), simulate(duration_s=6), start_s=2, duration_s=0.1
    )
    assert found.attribution.shape == (30,)
    assert np.isfinite(found.attribution).all()
