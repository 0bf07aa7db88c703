"""Explaining by occlusion: a model that can be worked out by hand, and the shipped one, which is faithful."""

import csv
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from several_labels import shifted, twelve_lead_bundle

from einthoven.errors import RecordError, SettingsError
from einthoven.formats import read_record
from einthoven.inference.explain import explain, score_of
from einthoven.inference.faithfulness import measure_faithfulness
from einthoven.inference.occlusion import Occlusion
from einthoven.inference.runtime import Model, load
from einthoven.record import Record
from einthoven.signal.simulated import simulate

EXAMPLES = Path(__file__).parents[2] / "examples"


@pytest.fixture(scope="module")
def model(tiny_model: Path) -> Model:
    return load(tiny_model, threads=1)


@pytest.fixture(scope="module")
def shipped() -> Model:
    return load("rhythm", threads=1)


@pytest.fixture
def loud() -> Record:
    """10 s of about 0.7 mV, and 3 mV in the sixth second; the tiny model calls loud signals A, O or ~."""
    t = np.arange(1000) / 100
    signal = np.sin(2 * np.pi * 5 * t + 0.1) * np.where((t >= 5) & (t < 6), 3.0, 0.7)
    return Record(signal.astype(np.float32)[None], 100.0, ("II",), name="loud", path="x/loud.hea")


def test_what_makes_a_recording_loud_speaks_for_the_loud_class(model: Model, loud: Record) -> None:
    found = explain(model, loud, "O")
    assert found.attribution.shape == (1000,)
    seconds = found.attribution.reshape(10, 100).mean(axis=1)
    assert seconds.argmax() == 5
    assert seconds[5] > 3 * np.delete(seconds, 5).max()
    # The quiet class is spoken against by the same samples.
    assert explain(model, loud, "N").attribution.reshape(10, 100).mean(axis=1).argmin() == 5


def test_it_says_what_was_explained(model: Model, loud: Record) -> None:
    answer = model.predict(loud)
    found = explain(model, loud)
    assert found.label == answer.labels[0]
    assert found.probs == answer.probs
    assert (found.record, found.path, found.leads, found.fs) == ("loud", "x/loud.hea", ("II",), 100.0)
    assert (found.method, found.window_s, found.step_s, found.fill) == ("occlusion", 0.1, 0.05, "line")
    assert found.model == "tiny 1.2"
    assert set(answer.warnings) <= set(found.warnings)


def test_a_part_is_explained_and_the_rest_stays(model: Model, loud: Record) -> None:
    whole, part = explain(model, loud, "O"), explain(model, loud, "O", start_s=4, duration_s=3)
    assert (part.start_s, part.end_s) == (4, 7)
    assert part.signal.shape == (1, 1000)
    assert part.attribution[10:-10] == pytest.approx(whole.attribution[410:690], abs=1e-6)


def test_progress_is_told(model: Model, loud: Record) -> None:
    told: list[tuple[int, int]] = []
    explain(model, loud, duration_s=2, progress=lambda *done: told.append(done))
    assert told == [(0, 39), (39, 39)]


def test_missing_samples_are_filled_first(model: Model, loud: Record) -> None:
    signal = np.array(loud.signal)
    signal[0, 100:105] = np.nan
    found = explain(model, replace(loud, signal=signal), duration_s=2)
    assert np.isfinite(found.signal).all()
    assert np.isfinite(found.attribution).all()


def test_what_should_not_be_believed_is_explained_with_the_reason(model: Model, loud: Record) -> None:
    signal = np.array(loud.signal)
    signal[0, :400] = 0
    found = explain(model, replace(loud, signal=signal), duration_s=2, start_s=5)
    assert (found.obstacle or "").startswith("flat line")
    assert found.unsure is None


def test_an_answer_that_is_not_sure_has_no_obstacle(
    model: Model, loud: Record, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = model.predict(loud)
    unsure = replace(
        answer, abstained=True, abstain_reason="not sure: O has a probability of 0.40, below 0.50"
    )
    monkeypatch.setattr(model, "predict", lambda _: unsure)
    found = explain(model, loud, duration_s=2)
    assert found.obstacle is None
    assert found.unsure == "not sure: O has a probability of 0.40, below 0.50"
    # Said once.
    assert not any("not sure" in line for line in found.warnings)
    monkeypatch.setattr(model, "predict", lambda _: replace(answer, abstained=False, abstain_reason=None))
    found = explain(model, loud, duration_s=2)
    assert (found.obstacle, found.unsure) == (None, None)


def test_where_no_class_is_given_the_nearest_is_explained() -> None:
    bundle = replace(twelve_lead_bundle(), thresholds=(0.9, 0.4, 0.9, 0.3))
    model = Model(bundle)
    found = explain(model, shifted(1.2), duration_s=1)
    assert (found.unsure or "").startswith("not sure: no class reaches its threshold; the nearest is PAC")
    # AF is more probable, but farther from its threshold.
    assert max(found.probs, key=found.probs.__getitem__) == "AF"
    assert found.label == "PAC"


def test_without_beats_there_is_no_usual_one(model: Model) -> None:
    record = simulate("normal", duration_s=6, seed=1)
    quiet = replace(record, signal=np.array(record.signal) * 0 + np.linspace(0, 1, 1800, dtype=np.float32))
    found = explain(model, quiet, "N", occlusion=Occlusion(fill="usual"), duration_s=1)
    assert found.fill == "line"
    assert found.warnings[-1].startswith("too few beats for a usual one")
    assert explain(model, record, "N", occlusion=Occlusion(fill="usual"), duration_s=1).fill == "usual"


def test_what_cannot_be_explained_is_refused(model: Model, loud: Record) -> None:
    with pytest.raises(SettingsError, match="model tiny: expected a label among N, A, O, ~, found X"):
        explain(model, loud, "X")
    with pytest.raises(
        RecordError, match=r"loud\.hea: expected a signal that moves, found a flat line in lead II"
    ):
        explain(model, replace(loud, signal=np.ones((1, 1000), np.float32)))
    with pytest.raises(RecordError, match="expected at least 5 s of signal, found 2 s"):
        explain(model, replace(loud, signal=loud.signal[:, :200]))
    with pytest.raises(SettingsError, match=r"expected a window of at most 0\.05 s, the part that"):
        explain(model, loud, duration_s=0.05)


@pytest.mark.parametrize("fill", ["line", "usual"])
def test_the_shipped_model_is_explained_faithfully(shipped: Model, fill: str) -> None:
    names = ("noise-1", "normal-12-leads", "atrial-fibrillation-12-leads")
    records = [simulate(rhythm, duration_s=10, seed=2) for rhythm in ("normal", "af", "ectopy")]
    records += [read_record(EXAMPLES / f"{name}.hea") for name in names]
    margins, inverted = [], []
    for record in records:
        found = explain(shipped, record, duration_s=10, occlusion=Occlusion(fill=fill))
        score = score_of(shipped, found.fs)
        faithful = measure_faithfulness(score, found)
        # What it says turned upside down must not pass the same test.
        turned = measure_faithfulness(score, replace(found, attribution=-found.attribution))
        assert faithful is not None
        assert faithful.is_faithful, record.name
        margins.append(faithful.beaten)
        inverted.append(0.0 if turned is None else turned.drop - turned.random_mean)
    assert np.mean(margins) > 0.85
    assert np.mean(np.array(inverted) < 0) >= 0.7
    assert np.mean(inverted) < 0


@pytest.mark.realdata
def test_on_real_recordings_too(shipped: Model, data_folder: Path) -> None:
    (table,) = sorted((data_folder / "challenge-2017").rglob("REFERENCE-v3.csv"))[-1:]
    with table.open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    chosen = [[name for name, label in rows if label == wanted][:3] for wanted in "NAO~"]
    margins = []
    for name in (name for names in chosen for name in names):
        found = explain(shipped, read_record(table.parent / f"{name}.hea"), duration_s=15)
        faithful = measure_faithfulness(score_of(shipped, found.fs), found)
        margins.append(-1.0 if faithful is None else faithful.drop - faithful.random_mean)
    assert np.mean(np.array(margins) > 0) >= 0.8
