"""Models of heartbeats: what they refuse, what they say of a beat, and what they doubt."""

import copy
import pickle
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sum_network import sum_network

from einthoven.aami import beats_of
from einthoven.beat_chain import BeatChain
from einthoven.bundle import Abstention, Bundle, Golden, InputSpec, Label, write_bundle
from einthoven.decisions import softmax
from einthoven.errors import BundleError, ECGError, RecordError, SettingsError
from einthoven.formats import read_record
from einthoven.inference import beats as beats_module
from einthoven.inference.beat_report import report
from einthoven.inference.beats import BeatModel, load_beats
from einthoven.inference.heartbeats import Heartbeats
from einthoven.inference.obstacles import (
    MAX_PACED,
    WIDE_QRS_MS,
    implausible_rate,
    pacing_reason,
    silent_lead,
    width_warning,
)
from einthoven.inference.runtime import Model
from einthoven.record import Record
from einthoven.signal.beats import AroundRPeaks, Cut, SevenSteps, cut_json
from einthoven.signal.rpeaks import find_rpeaks
from einthoven.signal.simulated import simulate

WEIGHT = 0.2
CUT = AroundRPeaks()
RECORD = simulate("ectopy", duration_s=30, fs=250.0, leads=("II",), seed=2)
GOLDEN = simulate(duration_s=8, fs=125.0, leads=("II",), seed=9)


def odds_of(rows: np.ndarray) -> np.ndarray:
    """The model's second logit: the sum of the first row's QRS complex, over five; the first is 0."""
    return np.asarray(WEIGHT * rows[:, 0, 65:86].sum(axis=1), np.float32)


def probs_of(rows: np.ndarray, temperature: float = 1.0) -> np.ndarray:
    odds = odds_of(rows)
    return softmax(np.stack([np.zeros_like(odds), odds], axis=1), temperature)


def graph_of(cut: Cut, n_classes: int = 2) -> bytes:
    weights = np.zeros((len(cut.rows), cut.n_samples))
    weights[0, 65:86] = WEIGHT
    return sum_network(weights, [0.0, 1.0, *[0.0] * (n_classes - 2)])


def bundle_of(cut: Cut = CUT, **changes: Any) -> Bundle:
    rows = cut(GOLDEN.signal, GOLDEN.fs).rows
    temperature = changes.get("temperature", 1.0)
    bundle = Bundle(
        name="height",
        version="3",
        task="heartbeats",
        labels=(Label("N", "low"), Label("V", "high")),
        pipeline=(),
        input=InputSpec(fs=125.0, leads=("MLII",), min_duration_s=1.0, max_duration_s=3600.0),
        networks=(graph_of(cut),),
        golden=Golden(GOLDEN.signal, GOLDEN.fs, probs_of(rows, temperature).mean(0).astype(np.float32)),
        cut=cut_json(cut),
    )
    return replace(bundle, **changes)


def model_of(cut: Cut = CUT, **changes: Any) -> BeatModel:
    return BeatModel(bundle_of(cut, **changes), threads=1)


@pytest.fixture(scope="module")
def model() -> BeatModel:
    return model_of()


def test_found_beats_are_named_by_what_the_network_reads(model: BeatModel) -> None:
    found = model.classify(replace(RECORD, name="r", path="r.hea"))
    cut = CUT(RECORD.signal, RECORD.fs)
    assert found.rpeaks.tolist() == cut.rpeaks.tolist() == find_rpeaks(RECORD.signal, RECORD.fs).tolist()
    expected = probs_of(cut.rows)
    assert found.probs == pytest.approx(expected, abs=1e-5) and found.probs.dtype == np.float32
    assert found.labels == tuple("NV"[i] for i in expected.argmax(axis=1)) and set(found.labels) == {"N", "V"}
    assert (found.record, found.path, found.fs, found.n_samples) == ("r", "r.hea", 250.0, 7500)
    assert found.duration_s == 30 and found.lead == "II" and found.classes == ("N", "V")
    assert (found.model, found.model_version) == (model.name, model.version) == ("height", "3")
    assert found.sure.all() and found.obstacle is None
    assert repr(model) == "BeatModel(height 3: N, V)"


def test_given_beats_are_named_where_they_are(model: BeatModel) -> None:
    assert RECORD.annotations is not None
    given = RECORD.annotations.samples[3:9]
    found = model.classify(RECORD, given.tolist())
    assert found.rpeaks.tolist() == given.tolist()
    assert found.probs == pytest.approx(probs_of(CUT(RECORD.signal, 250.0, given).rows), abs=1e-5)
    assert np.array_equal(model.cut_beats(RECORD, given).rows, CUT(RECORD.signal, 250.0, given).rows)
    none = model.classify(RECORD, [])
    assert none.labels == () and none.probs.shape == (0, 2) and none.sure.shape == (0,)


def noisy(record: Record = RECORD) -> Record:
    """A minute, the second half of it noise; at its end a second without signal."""
    long = simulate("ectopy", duration_s=60, fs=250.0, leads=("II",), seed=2).signal.copy()
    long[:, 7500:] = 0.2 * np.random.default_rng(0).standard_normal(7500)
    long[:, -250:] = 0
    return replace(record, signal=long, annotations=None)


def test_what_is_found_in_noise_is_dropped_before_beats_are_named_and_that_is_told(model: BeatModel) -> None:
    record = noisy()
    rpeaks = find_rpeaks(record.signal, 250.0)
    found = model.classify(record)
    assert {stretch.reason for stretch in found.left_out} == {"noise", "no signal"}
    assert not found.are_given
    assert 0 < found.n_dropped == len(rpeaks) - len(found.rpeaks)
    rows = CUT(record.signal, 250.0, found.rpeaks).rows
    assert np.array_equal(model.cut_beats(record).rows, rows)
    assert found.probs == pytest.approx(probs_of(rows), abs=1e-5)
    whole = model.classify(record, leave_out=False)
    assert whole.rpeaks.tolist() == rpeaks.tolist()
    assert (whole.left_out, whole.n_dropped) == ((), 0)
    assert whole.probs == pytest.approx(probs_of(CUT(record.signal, 250.0).rows), abs=1e-5)


def test_beats_that_are_given_are_named_in_noise_too(model: BeatModel) -> None:
    record = noisy()
    given = np.arange(100, 15000, 200)
    found = model.classify(record, given)
    assert found.are_given
    assert found.rpeaks.tolist() == given.tolist()
    assert [stretch.reason for stretch in found.left_out] == ["no signal"]
    assert found.n_dropped == 0
    assert found.obstacle is None


def test_batches_change_nothing(model: BeatModel, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = model.classify(RECORD).probs
    monkeypatch.setattr(beats_module, "BATCH", 7)
    assert model.classify(RECORD).probs == pytest.approx(whole, abs=1e-6)


def test_a_beat_is_sure_from_the_threshold_of_the_bundle_on() -> None:
    sureness = model_of().classify(RECORD).probs.max(axis=1)
    threshold = float(np.median(sureness))
    abstention = Abstention(threshold, target=0.9, coverage=0.9, accuracy=0.8, kept_accuracy=0.9, n_records=9)
    found = model_of(abstention=abstention).classify(RECORD)
    assert np.array_equal(found.sure, sureness >= threshold)
    assert 0 < found.sure.sum() < len(found.sure)


def test_temperature_and_several_networks() -> None:
    found = model_of(temperature=2.0, networks=(graph_of(CUT),) * 2).classify(RECORD)
    assert found.probs == pytest.approx(probs_of(CUT(RECORD.signal, 250.0).rows, 2.0), abs=1e-5)


CHAIN = BeatChain(((90.0, 10.0), (10.0, 20.0)), strength=0.6)


def test_a_chain_reads_the_whole_row_of_beats_and_the_temperature_comes_after_it() -> None:
    chained = model_of(chain=CHAIN.to_json(), temperature=1.5)
    rows = chained.cut_beats(RECORD).rows
    logs = np.log(CHAIN.smooth(probs_of(rows)))
    assert chained.classify(RECORD).probs == pytest.approx(softmax(logs, 1.5), abs=1e-5)
    # Each by itself, as explanations ask for it, and as the golden output is.
    assert chained.probs_of(rows) == pytest.approx(probs_of(rows, 1.5), abs=1e-5)
    assert chained.classify(RECORD, []).probs.shape == (0, 2)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"golden": Golden(GOLDEN.signal, 125.0, np.array([0.3, 0.7], np.float32))},
            "does not reproduce its golden",
        ),
        ({"golden": Golden(0 * GOLDEN.signal, 125.0, np.array([0.3, 0.7], np.float32))}, "golden output"),
        ({"golden": Golden(GOLDEN.signal, 125.0, np.array([np.nan, 0.7], np.float32))}, "golden output"),
        ({"cut": {"cut": "Around"}}, "model height: expected a cut among SevenSteps, AroundRPeaks"),
        ({"cut": cut_json(CUT) | {"fs": -1}}, "expected fs to be a number above 0, found -1"),
        ({"cut": cut_json(CUT) | {"low_hz": 8.0}}, "does not reproduce its golden output"),
        ({"chain": {"counts": [[1, 2]], "strength": 0.5}}, "model height: expected transitions"),
        ({"chain": {"counts": [[1, 2, 3]] * 3, "strength": 0.5}}, "expected a chain of 2 classes, found 3"),
        ({"networks": (graph_of(CUT, 3),)}, "expected 2 outputs, found"),
        ({"networks": (b"no graph",)}, "cannot load the network"),
    ],
)
def test_a_damaged_bundle_is_refused_when_it_is_loaded(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(BundleError, match=message):
        BeatModel(replace(bundle_of(), **changes))


def test_a_bundle_of_the_other_kind_is_refused(tiny_model: Path, tmp_path: Path) -> None:
    with pytest.raises(BundleError, match=r"model tiny: expected a model of heartbeats.*einthoven classify"):
        load_beats(tiny_model)
    with pytest.raises(
        BundleError, match=r"model height: expected a model of whole recordings.*einthoven beats"
    ):
        Model(bundle_of())
    path = tmp_path / "height.einthoven"
    write_bundle(bundle_of(chain=CHAIN.to_json()), path)
    loaded = load_beats(path, threads=1)
    assert np.array_equal(
        loaded.classify(RECORD).probs, model_of(chain=CHAIN.to_json()).classify(RECORD).probs
    )
    with pytest.raises(BundleError, match="expected a model of the package"):
        load_beats(tmp_path / "none.einthoven")


def test_a_model_can_be_copied(model: BeatModel) -> None:
    for other in (pickle.loads(pickle.dumps(model)), copy.deepcopy(model)):
        assert np.array_equal(other.classify(RECORD).probs, model.classify(RECORD).probs)


@pytest.mark.parametrize(
    ("rpeaks", "message"),
    [
        ([100, 400, 300], "r.hea: expected increasing R peaks, found 300 after 400"),
        ([100, 100], "r.hea: expected increasing R peaks, found 100 after 100"),
        ([-1, 400], "r.hea: expected R peaks within 7500 samples, found one at -1"),
        ([100, 7500], "r.hea: expected R peaks within 7500 samples, found one at 7500"),
        ([100.0, 400.0], "r.hea: expected R peaks as whole sample indices in one row, found float64"),
        ([[100, 400]], r"found int64 of shape \(1, 2\)"),
        ("100", "found <U3"),
    ],
)
def test_rpeaks_that_are_none_are_refused_with_one_line(model: BeatModel, rpeaks: Any, message: str) -> None:
    for ask in (model.classify, model.cut_beats):
        with pytest.raises(RecordError, match=message) as caught:
            ask(replace(RECORD, path="r.hea"), rpeaks)
        assert "\n" not in str(caught.value)


def test_below_80_hz_nothing_is_said(model: BeatModel) -> None:
    slow = simulate(duration_s=20, fs=79.0, leads=("II",), seed=1)
    with pytest.raises(RecordError, match="x: expected at least 80 Hz, found 79 Hz"):
        model.classify(replace(slow, name="x"))
    just = simulate(duration_s=20, fs=80.0, leads=("II",), seed=1)
    assert len(model.classify(just).labels) > 15


def test_what_is_shorter_than_the_bundle_demands_is_refused(model: BeatModel) -> None:
    for n, said in ((1, r"0.004 s \(1 sample\)"), (249, r"0.996 s \(249 samples\)")):
        with pytest.raises(RecordError, match=f"x: expected at least 1 s, found {said}"):
            model.classify(Record(RECORD.signal[:, :n], 250.0, ("II",), name="x"))
    assert len(model.classify(Record(RECORD.signal[:, :250], 250.0, ("II",))).labels) <= 2


def test_a_short_recording_is_said_to_be_short(model: BeatModel) -> None:
    signal = np.zeros((1, 500), np.float32)
    signal[:, 200:450] = RECORD.signal[:, 200:450]
    short = Record(signal, 250.0, ("II",))
    # Who gives R peaks knows how many there are.
    for rpeaks, n_told in ((None, 1), ([300], 0)):
        told = [line for line in model.classify(short, rpeaks).warnings if "too short" in line]
        assert len(told) == n_told
    assert "check the sampling rate" in implausible_rate(None, 250.0, 5.0)[0]
    assert "too short" in implausible_rate(None, 250.0, 4.9)[0]


def test_of_what_was_all_dropped_no_sampling_rate_is_blamed(model: BeatModel) -> None:
    low = model.classify(Record(RECORD.signal / 1000, 250.0, ("MLII",)))
    assert low.labels == () and low.n_dropped > 9
    assert not any("sampling rate" in warning for warning in low.warnings)


def test_missed_classes_are_told_where_there_are_beats() -> None:
    table = {"classes": ["N", "V"], "support": [9, 9], "recall": [{"value": 0.9}, {"value": 0.2}]}
    told = model_of(provenance={"held_out": {"table": table}})
    found = told.classify(RECORD)
    assert found.missed == ("V",) and "missed most V beats" in found.warnings[0]
    none = told.classify(Record(np.zeros((1, 2500)), 250.0, ("MLII",)))
    assert not any("missed" in warning for warning in none.warnings)


def test_only_a_cut_that_turns_beats_ignores_polarity(model: BeatModel) -> None:
    turned = model.classify(replace(RECORD, signal=-RECORD.signal))
    assert turned.ignores_polarity and turned.labels == model.classify(RECORD).labels
    assert not model_of(SevenSteps()).classify(RECORD).ignores_polarity


def test_what_is_no_record_is_refused(model: BeatModel) -> None:
    with pytest.raises(RecordError, match=r"expected a Record, .* found str"):
        model.classify("recording.hea")  # type: ignore[arg-type]


def test_a_model_that_finds_rpeaks_in_its_own_way_takes_none() -> None:
    own = model_of(SevenSteps())
    found = own.classify(RECORD)
    assert found.rpeaks.tolist() == SevenSteps()(RECORD.signal, 250.0).rpeaks.tolist()
    with pytest.raises(SettingsError, match="expected no R peaks"):
        own.classify(RECORD, [100, 400])
    short = Record(RECORD.signal[:, :500], 250.0, ("II",))
    assert (
        "1 windows with fewer than two candidates" in own.classify(short).warnings
        or own.classify(short).labels
    )


def test_the_lead_that_was_read_is_told(model: BeatModel) -> None:
    two = Record(np.concatenate([0.1 * RECORD.signal[::-1], RECORD.signal]), 250.0, ("V1", "MLII"))
    found = model.classify(two)
    assert found.lead == "MLII" and "of 2 leads only lead MLII was looked at" in found.warnings
    other = model.classify(replace(two, leads=("V1", "II")))
    assert other.lead == "II" and "lead MLII is not there: of 2 leads only II was looked at" in other.warnings
    assert np.array_equal(found.probs, other.probs)


def test_warnings_of_the_record_and_of_a_model_of_simulated_beats_are_passed_on() -> None:
    found = model_of(provenance={"simulated": True}).classify(replace(RECORD, warnings=("odd header",)))
    assert found.warnings[:2] == ("this model learnt from simulated recordings only", "odd header")


@pytest.mark.parametrize("level", [0.0, 3.0, np.nan])
def test_without_a_beat_there_are_none(model: BeatModel, level: float) -> None:
    found = model.classify(Record(np.full((1, 2500), level), 250.0, ("MLII",)))
    assert found.labels == () and found.probs.shape == (0, 2) and found.rpeaks.shape == (0,)


def test_what_cannot_be_an_ecg_is_an_obstacle_and_the_beats_are_named_all_the_same(model: BeatModel) -> None:
    high = model.classify(Record(100 * RECORD.signal, 250.0, ("MLII",)))
    assert high.obstacle is not None and high.obstacle.startswith("amplitude: ")
    assert not high.are_beats and not high.have_rhythm
    assert len(high.labels) == len(model.classify(RECORD).labels)
    t = np.arange(7500) / 250
    hum = model.classify(Record(RECORD.signal + 3 * np.sin(2 * np.pi * 50 * t), 250.0, ("MLII",)))
    assert hum.obstacle is not None and "mains noise" in hum.obstacle


def test_hum_that_is_left_out_is_no_obstacle_to_the_rest(model: BeatModel) -> None:
    record = simulate("ectopy", duration_s=180, fs=250.0, leads=("II",), seed=2)
    signal = record.signal.copy()
    signal[:, 20000:27500] += 10 * np.sin(2 * np.pi * 50 * np.arange(7500) / 250).astype(np.float32)
    found = model.classify(replace(record, signal=signal))
    assert {stretch.reason for stretch in found.left_out} == {"mains hum"}
    assert found.obstacle is None and not any("hum" in warning for warning in found.warnings)
    whole = model.classify(replace(record, signal=signal), leave_out=False)
    assert whole.obstacle is not None and "mains noise" in whole.obstacle


@pytest.mark.parametrize("level", [0.0, np.nan])
def test_where_the_lead_is_flat_another_that_moves_is_named(model: BeatModel, level: float) -> None:
    flat = np.full_like(RECORD.signal, level)
    record = Record(np.concatenate([flat, flat, RECORD.signal]), 250.0, ("MLII", "V1", "V5"))
    said = model.classify(record).warnings
    assert "lead MLII is flat: --lead V5 carries a signal" in said
    for other in (replace(record, leads=("MLII", "V1", "RESP")), record.select(["MLII", "V1"])):
        said = model.classify(other).warnings
        assert not any("--lead" in line or "sampling rate" in line for line in said)
    assert silent_lead(record, "V5") is None


def test_a_lead_that_is_partly_off_is_no_obstacle_but_a_warning(model: BeatModel) -> None:
    signal = RECORD.signal.copy()
    signal[:, 2500:5000] = 0
    found = model.classify(Record(signal, 250.0, ("MLII",)))
    assert found.obstacle is None and any("flat" in warning for warning in found.warnings)


def spiked(record: Record, every: int = 1) -> Record:
    """Put pacing spikes 0.1 s ahead of R peaks."""
    signal = record.signal.copy()
    ahead = find_rpeaks(record.signal, record.fs)[1::every] - round(0.1 * record.fs)
    signal[0, ahead] += 2
    return replace(record, signal=signal)


def wide(record: Record) -> Record:
    """Make slow waves of the beats: more than 0.1 s long."""
    t = np.arange(record.n_samples) / record.fs
    peaks = find_rpeaks(record.signal, record.fs) / record.fs
    lead = sum(np.exp(-(((t - at) / 0.055) ** 2)) for at in peaks)
    return replace(record, signal=np.asarray(lead, np.float32)[None])


def test_pacing_spikes_are_an_obstacle_for_a_model_that_knows_none(model: BeatModel) -> None:
    given = find_rpeaks(RECORD.signal, 250.0)
    found = model.classify(spiked(RECORD), given)
    assert found.obstacle is not None
    assert found.obstacle.startswith("pacing spikes: 9") or found.obstacle.startswith("pacing spikes: 100")
    assert "lead II have one, and this model has learnt no paced beats: none of the classes" in found.obstacle
    assert found.are_beats and found.have_rhythm
    assert not model.classify(spiked(RECORD, every=6), given).are_beats
    assert model.classify(spiked(RECORD, every=6), given).obstacle is None
    assert model.classify(RECORD, given).obstacle is None


def test_wide_complexes_are_a_warning_for_a_model_that_knows_no_paced_beats(model: BeatModel) -> None:
    found = model.classify(wide(RECORD))
    assert found.obstacle is None
    (said,) = [warning for warning in found.warnings if warning.startswith("wide QRS complexes")]
    assert "in lead II (more than 1" in said and "may call them normal" in said
    assert not any(warning.startswith("wide") for warning in model.classify(RECORD).warnings)


def judged_by(*support: Any, classes: Any = ("N", "S", "V", "F", "Q")) -> dict[str, Any]:
    return {"held_out": {"table": {"classes": list(classes), "support": list(support)}}}


def test_a_model_that_was_judged_by_paced_beats_says_nothing_of_spikes_and_width() -> None:
    given = find_rpeaks(RECORD.signal, 250.0)
    for provenance, is_known in ((judged_by(900, 0, 90, 0, 10), True), (judged_by(901, 0, 90, 0, 9), False)):
        found = model_of(provenance=provenance)
        assert (found.classify(spiked(RECORD), given).obstacle is None) is is_known
        warned = any("wide QRS" in warning for warning in found.classify(wide(RECORD)).warnings)
        assert warned is not is_known


@pytest.mark.parametrize(
    "provenance",
    [
        {},
        {"held_out": None},
        {"held_out": {"table": [1]}},
        {"held_out": {"table": {"classes": "NQ", "support": None}}},
        {"held_out": {"table": {"classes": ["Q"]}}},
        judged_by(),
        judged_by("many", None, classes=("N", "Q")),
        judged_by(0, 0, classes=("N", "Q")),
        judged_by(50, 50, classes=("N", "P")),
    ],
)
def test_where_no_paced_beat_is_stated_none_is_known(provenance: dict[str, Any]) -> None:
    assert (
        model_of(provenance=provenance).classify(spiked(RECORD), find_rpeaks(RECORD.signal, 250.0)).obstacle
    )


def test_another_obstacle_goes_before_pacing(model: BeatModel) -> None:
    high = replace(spiked(RECORD), signal=100 * spiked(RECORD).signal)
    found = model.classify(high, find_rpeaks(RECORD.signal, 250.0))
    assert found.obstacle is not None and found.obstacle.startswith("amplitude")


def test_limits_of_spikes_and_width() -> None:
    assert pacing_reason(None, "II") is None and pacing_reason(MAX_PACED - 0.01, "II") is None
    assert pacing_reason(MAX_PACED, "lead 1") is not None
    assert pacing_reason(0.5, "lead 1") == pacing_reason(0.5, "lead 1") != pacing_reason(0.5, "II")
    assert width_warning(None, "II") == width_warning(WIDE_QRS_MS - 1, "II") == ()
    assert len(width_warning(WIDE_QRS_MS, "II")) == 1


def test_every_refusal_is_an_error_of_the_package(model: BeatModel) -> None:
    calls: tuple[Callable[[], Heartbeats], ...] = (
        lambda: model.classify(RECORD, [9, 3]),
        lambda: model.classify(replace(RECORD, fs=50.0)),
    )
    for call in calls:
        with pytest.raises(ECGError):
            call()


@pytest.mark.realdata
@pytest.mark.parametrize("name", ["102", "104", "107", "217"])
def test_paced_recordings_are_an_obstacle(data_folder: Path, model: BeatModel, name: str) -> None:
    record = read_record(data_folder / f"mitdb/1.0.0/{name}.hea")
    found = model.classify(record)
    assert found.obstacle is not None and found.obstacle.startswith("pacing spikes: ")
    rate = report(found, record).rate.mean
    assert record.annotations is not None and rate is not None
    truth = beats_of(record.annotations)[0]
    assert rate == pytest.approx(60 * 360 * (len(truth) - 1) / (truth[-1] - truth[0]), rel=0.02)


@pytest.mark.realdata
def test_an_unpaced_recording_is_none(data_folder: Path, model: BeatModel) -> None:
    found = model.classify(read_record(data_folder / "mitdb/1.0.0/101.hea"))
    assert found.obstacle is None and found.warnings == ("of 2 leads only lead MLII was looked at",)
