"""Explaining heartbeats by occlusion, with models whose answer is the height of a part of the beat."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from sum_network import sum_network

from einthoven.bundle import Bundle, Golden, InputSpec, Label
from einthoven.decisions import softmax
from einthoven.errors import RecordError, SettingsError
from einthoven.formats import read_record
from einthoven.inference.beats import BeatModel, load_beats
from einthoven.inference.explain_beats import explain_beat, n_filled, score_of_beat
from einthoven.inference.faithfulness import measure_faithfulness
from einthoven.inference.occlusion import Occlusion
from einthoven.record import Record
from einthoven.signal.beats import AroundRPeaks, Cut, SevenSteps, cut_json
from einthoven.signal.simulated import simulate

EXAMPLES = Path(__file__).parents[2] / "examples"
WEIGHT = 0.5


def graph_of(cut: Cut, place: slice) -> bytes:
    """A network whose logit of the second class is half the sum of some samples of the first row."""
    weights = np.zeros((len(cut.rows), cut.n_samples))
    weights[0, place] = WEIGHT
    return sum_network(weights, [0.0, 1.0])


def model_of(cut: Cut, place: slice) -> BeatModel:
    record = simulate(duration_s=10, fs=125.0, leads=("II",), seed=9)
    rows = cut(record.signal, record.fs).rows
    odds = WEIGHT * rows[:, 0, place].sum(axis=1)
    probs = softmax(np.stack([np.zeros_like(odds), odds], axis=1)).mean(axis=0)
    return BeatModel(
        Bundle(
            name="height",
            version="1",
            task="heartbeats",
            labels=(Label("N", "low"), Label("V", "high")),
            pipeline=(),
            input=InputSpec(fs=125.0, leads=("MLII",), min_duration_s=1.0, max_duration_s=3600.0),
            networks=(graph_of(cut, place),),
            golden=Golden(record.signal, record.fs, probs.astype(np.float32)),
            cut=cut_json(cut),
        ),
        threads=1,
    )


@pytest.fixture(scope="module")
def seven() -> BeatModel:
    """It looks at samples 20 to 29 of the beat, which begins with its R peak."""
    return model_of(SevenSteps(), slice(20, 30))


@pytest.fixture(scope="module")
def around() -> BeatModel:
    """It looks at the R peak, in the middle of the beat."""
    return model_of(AroundRPeaks(), slice(70, 80))


@pytest.fixture
def record() -> Record:
    return simulate(duration_s=12, leads=("II",), seed=4)


def test_what_the_network_looks_at_is_found(seven: BeatModel, record: Record) -> None:
    found = explain_beat(seven, record, "V", number=3)
    rows = seven.cut_beats(record).rows
    assert found.signal.tolist() == rows[2].tolist()
    assert (found.beat, found.unit, found.fs, found.leads) == (3, "scaled", 125.0, ("II",))
    inside = np.abs(found.attribution[18:32]).mean()
    assert inside > 10 * np.abs(np.delete(found.attribution, np.s_[15:35])).mean()
    assert found.prob == pytest.approx(float(seven.classify(record).probs[2, 1]), abs=1e-6)


def test_the_time_is_that_of_the_recording(seven: BeatModel, around: BeatModel, record: Record) -> None:
    peaks = seven.cut_beats(record).rpeaks / record.fs
    found = explain_beat(seven, record, number=2)
    assert (found.start_s, found.rpeak_s) == pytest.approx((peaks[1], peaks[1]))
    peaks = around.cut_beats(record).rpeaks / record.fs
    found = explain_beat(around, record, number=2)
    assert (found.start_s, found.rpeak_s) == pytest.approx((peaks[1] - 0.6, peaks[1]))
    # There it is drawn: at the highest sample of the QRS complex.
    assert abs(found.signal[0, 75]) == np.abs(found.signal[0, 60:90]).max()


def test_a_beat_is_named_by_its_class_and_explained_for_it(seven: BeatModel, record: Record) -> None:
    labels = seven.classify(record).labels
    assert explain_beat(seven, record).beat == 1
    found = explain_beat(seven, record, beat_class=labels[-1])
    assert found.beat == labels.index(labels[-1]) + 1
    assert found.label == labels[-1]
    assert found.choice.endswith(f" {labels[-1]}")
    assert explain_beat(seven, record, number=1).choice == ""


def test_of_a_class_the_first_is_explained_that_is_sure_alone_too(
    around: BeatModel, record: Record, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = around.classify(record)
    n = len(found.labels)
    sure = np.ones(n, bool)
    sure[0] = False
    named = replace(found, labels=("V",) * n, sure=sure)
    inputs = around.cut_beats(record)
    monkeypatch.setattr(around, "classify_cut", lambda _: (named, inputs))
    alone = np.tile(np.float32([0.2, 0.8]), (n, 1))
    # Of the second beat the network says N by itself: its neighbours made it V.
    alone[1] = 0.6, 0.4
    real = around.probs_of
    monkeypatch.setattr(around, "probs_of", lambda rows: alone if len(rows) == n else real(rows))
    shown = explain_beat(around, record, beat_class="V")
    assert (shown.beat, shown.choice) == (3, f"the first of {n - 2} sure V, of {n} V")
    named = replace(named, sure=np.zeros(n, bool))
    shown = explain_beat(around, record, beat_class="V")
    assert (shown.beat, shown.choice) == (1, f"the first of {n} V, none of them sure")


def test_what_fills_a_beat_up_is_not_explained(seven: BeatModel, record: Record) -> None:
    found = explain_beat(seven, record)
    assert len(found.attribution) == n_filled(found.signal) < found.signal.shape[1]
    assert found.signal[0, len(found.attribution) - 1] != 0


def test_its_faithfulness_is_measured_like_any_other(around: BeatModel, record: Record) -> None:
    found = explain_beat(around, record, "V")
    others = around.cut_beats(record).rows[0, 1:]
    faithful = measure_faithfulness(score_of_beat(around, others), found)
    assert faithful is not None
    assert faithful.is_faithful


def test_other_rows_stay_as_they_are(around: BeatModel, record: Record) -> None:
    seen: list[NDArray[np.float32]] = []
    real: Callable[..., NDArray[np.float32]] = around.probs_of

    class Watched:
        def probs_of(self, rows: NDArray[np.float32]) -> NDArray[np.float32]:
            seen.append(rows)
            return real(rows)

    rows = around.cut_beats(record).rows[0]
    score_of_beat(Watched(), rows[1:])([np.zeros_like(rows[:1]), rows[:1]])  # type: ignore[arg-type]
    assert seen[0].shape == (2, 3, rows.shape[1])
    assert (seen[0][:, 1:] == rows[1:]).all()
    assert not seen[0][0, 0].any()


def test_a_beat_can_become_the_usual_one(around: BeatModel, seven: BeatModel, record: Record) -> None:
    found = explain_beat(around, record, "V", occlusion=Occlusion(0.04, 0.008, "usual"))
    assert found.background.tolist() == around.cut_beats(record).rows[0, 1:2].tolist()
    line = explain_beat(around, record, "V")
    assert np.abs(found.attribution).max() < np.abs(line.attribution).max()
    with pytest.raises(SettingsError, match="expected a model whose beats come with the usual one"):
        explain_beat(seven, record, occlusion=Occlusion(0.04, 0.008, "usual"))


def test_doubts_are_told(around: BeatModel, record: Record, monkeypatch: pytest.MonkeyPatch) -> None:
    found = around.classify(record)
    usual = explain_beat(around, record)
    assert usual.unsure is None
    assert not any("alone" in line for line in usual.warnings)
    other = replace(found, probs=1 - found.probs, sure=~found.sure, obstacle="flat line")
    inputs = around.cut_beats(record)
    monkeypatch.setattr(around, "classify_cut", lambda _: (other, inputs))
    shown = explain_beat(around, record)
    assert shown.obstacle == "flat line"
    assert shown.unsure == f"not sure: {other.labels[0]} has a probability of {other.probs[0].max():.2f}"
    assert shown.warnings[0].startswith(
        "what is explained is what the network says of this beat alone; with its neighbours"
    )


def test_what_is_not_there_is_refused(seven: BeatModel, record: Record) -> None:
    n = len(seven.classify(record).labels)
    with pytest.raises(RecordError, match=f"expected a beat from 1 to {n}, found {n + 1}"):
        explain_beat(seven, record, number=n + 1)
    with pytest.raises(SettingsError, match="model height: expected a label among N, V, found X"):
        explain_beat(seven, record, "X")


@pytest.fixture(scope="module")
def shipped() -> BeatModel:
    return load_beats("beats", threads=1)


def test_the_shipped_model_is_explained_faithfully(shipped: BeatModel) -> None:
    """What is marked matters more than chance, and what is marked upside down does not."""
    names = ("ectopic-beats-1", "ectopic-beats-2", "ectopic-beats-3", "normal-1", "normal-2")
    right, turned = [], []
    for name in names:
        record = read_record(EXAMPLES / f"{name}.hea")
        rows, labels = shipped.cut_beats(record).rows, shipped.classify(record).labels
        ectopic = [number for number, label in enumerate(labels, 1) if label != "N"]
        normal = [number for number, label in enumerate(labels, 1) if label == "N"]
        for number in ectopic + normal[2::12]:
            found = explain_beat(shipped, record, number=number)
            score = score_of_beat(shipped, rows[number - 1, 1:])
            for outcomes, sign in ((right, 1), (turned, -1)):
                faithful = measure_faithfulness(score, replace(found, attribution=sign * found.attribution))
                outcomes.append(faithful is not None and faithful.is_faithful)
    assert len(right) > 20
    assert np.mean(right) >= 0.8
    assert np.mean(turned) <= 0.5


def test_where_no_beat_is_found_the_reason_is_told(shipped: BeatModel) -> None:
    noise = 0.2 * np.random.default_rng(0).standard_normal((1, 7500)).astype(np.float32)
    with pytest.raises(RecordError, match=r"expected heartbeats, found none: .*noise"):
        explain_beat(shipped, Record(noise, 250.0, ("MLII",)))
