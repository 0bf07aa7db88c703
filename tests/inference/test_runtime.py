"""The runtime on a model whose answers can be worked out by hand."""

import copy
import pickle
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from several_labels import shifted, twelve_lead_bundle

import einthoven
from einthoven.bundle import Bundle, Golden, InputSpec, Label, encode_bundle, write_bundle
from einthoven.decisions import softmax
from einthoven.errors import BundleError, RecordError
from einthoven.inference.prediction import Failure, Prediction
from einthoven.inference.runtime import Model, load
from einthoven.record import TWELVE_LEADS, Record
from einthoven.signal.simulated import simulate


def wave(mv: float, *, seconds: float = 10.0, fs: float = 100.0, name: str = "r") -> Record:
    """A sine with a narrow peak in each period of about a second; its mean absolute amplitude is `mv`."""
    t = np.arange(round(seconds * fs)) / fs
    phase = t + 0.1 * np.sin(0.7 * t)
    signal = np.sin(2 * np.pi * phase + 0.1) + 3 * np.exp(-(((phase % 1 - 0.5) / 0.02) ** 2))
    return Record((mv * signal / np.abs(signal).mean()).astype(np.float32)[None], fs, ("I",), name=name)


@pytest.fixture(scope="module")
def model(tiny_model: Path) -> Model:
    return load(tiny_model)


@pytest.mark.parametrize(("mv", "label"), [(0.1, "N"), (1.0, "A"), (2.0, "O"), (3.0, "~")])
def test_the_most_probable_label_is_named(model: Model, mv: float, label: str) -> None:
    prediction = model.predict(wave(mv))
    assert prediction.labels == (label,)
    assert max(prediction.probs, key=prediction.probs.__getitem__) == label
    assert sum(prediction.probs.values()) == pytest.approx(1, abs=1e-5)
    assert (prediction.model, prediction.model_version) == ("tiny", "1.2")


def test_probabilities_are_calibrated_by_the_temperature(model: Model) -> None:
    expected = softmax(np.array([0.0, 1.0, 0.0, -3.0]), 0.5)
    found = model.predict(wave(1.0)).probs
    assert list(found) == ["N", "A", "O", "~"]
    assert list(found.values()) == pytest.approx(expected.tolist(), abs=1e-4)


def test_it_abstains_below_the_threshold_and_keeps_the_label(model: Model) -> None:
    prediction = model.predict(wave(1.45))
    assert prediction.labels == ("A",)
    assert prediction.abstained
    assert prediction.abstain_reason is not None
    assert prediction.abstain_reason.startswith("not sure: A has a probability of 0.5")
    assert not model.predict(wave(1.0)).abstained


def test_a_batch_answers_as_one_by_one_does(model: Model) -> None:
    rng = np.random.default_rng(0)
    records = [
        wave(float(mv), seconds=float(seconds), name=str(i))
        for i, (mv, seconds) in enumerate(zip(rng.uniform(0, 3, 40), rng.integers(5, 60, 40), strict=True))
    ]
    for record, batched in zip(records, model.predict_many(records), strict=True):
        single = model.predict(record)
        assert isinstance(batched, Prediction)
        assert batched.record == record.name
        assert list(batched.probs.values()) == pytest.approx(list(single.probs.values()), abs=1e-5)


def test_one_bad_recording_stops_no_other(model: Model) -> None:
    records = [wave(1.0, name="good"), wave(1.0, seconds=1.0, name="short"), wave(2.0)]
    first, second, third = model.predict_many(records)
    assert isinstance(first, Prediction)
    assert second == Failure("short", "", "expected at least 5 s of signal, found 1 s")
    assert isinstance(third, Prediction)
    assert third.labels == ("O",)


def test_a_model_that_learnt_from_simulated_recordings_says_so(tiny_bundle: Bundle) -> None:
    simulated = replace(tiny_bundle, provenance={"simulated": True})
    single = Model(simulated).predict(wave(1.0))
    (batched,) = Model(simulated).predict_many([replace(wave(1.0), warnings=("the reader's",))])
    assert isinstance(batched, Prediction)
    assert single.warnings[0] == "this model learnt from simulated recordings only"
    assert batched.warnings[:2] == (single.warnings[0], "the reader's")
    measured = Model(replace(tiny_bundle, provenance={"simulated": False}))
    assert not any("simulated" in line for line in measured.predict(wave(1.0)).warnings)


@pytest.mark.parametrize(
    ("provenance", "said"),
    [
        ({"trained_s": [9.0, 30.0, 61.0]}, " learnt from (up to 61 s): one answer"),
        ({"networks": [{"trained_s": [9, 30, 60]}, {"trained_s": [9, 30, 90]}]}, "(up to 90 s)"),
        ({"trained_s": None, "networks": [7, {"trained_s": []}, {"trained_s": ["x"]}]}, " learnt from: one"),
        ({"networks": {}}, " learnt from: one"),
    ],
)
def test_a_long_recording_is_compared_with_those_learnt_from(
    tiny_bundle: Bundle, provenance: dict[str, object], said: str
) -> None:
    model = Model(replace(tiny_bundle, provenance=provenance))
    assert any(said in line for line in model.predict(wave(1.0, seconds=600.0)).warnings)
    assert not any("far longer" in line for line in model.predict(wave(1.0, seconds=60.0)).warnings)


@pytest.mark.parametrize(
    "provenance",
    [
        {"trained_s": [9.0, 30.0, 61.0]},
        {"networks": [{"trained_s": [12, 30, 60]}, {"trained_s": [9, 30, 60]}]},
    ],
)
def test_a_short_recording_is_compared_with_those_learnt_from(
    tiny_bundle: Bundle, provenance: dict[str, object]
) -> None:
    model = Model(replace(tiny_bundle, provenance=provenance))
    said = "8 s is shorter than any recording this model learnt from (from 9 s)"
    assert any(line.startswith(said) for line in model.predict(wave(1.0, seconds=8.0)).warnings)
    assert not any("shorter" in line for line in model.predict(wave(1.0, seconds=9.0)).warnings)


def test_nothing_gives_nothing(model: Model) -> None:
    assert model.predict_many([]) == []
    assert model.probs([], 100.0).shape == (0, 4)


def test_progress_reaches_the_end(model: Model) -> None:
    seen: list[tuple[int, int]] = []
    model.predict_many([wave(1.0)] * 40, progress=lambda done, total: seen.append((done, total)))
    assert seen == [(32, 40), (40, 40)]


def test_threads_share_a_model(model: Model) -> None:
    records = [wave(0.1 * i, seconds=5 + i) for i in range(30)]
    expected = [model.predict(record).probs for record in records]
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda record: model.predict(record).probs, records * 4))
    for one, other in zip(found, expected * 4, strict=True):
        assert list(one.values()) == pytest.approx(list(other.values()), abs=1e-5)


def test_an_ensemble_averages(tiny_bundle: Bundle, amplitude_network: Callable[[float], bytes]) -> None:
    record = wave(1.2)
    members = [softmax(s * np.array([0.0, 1.4, 0.8, -1.8]), 0.5) for s in (0.2, 1.0, 3.0)]
    bundle = replace(tiny_bundle, networks=tuple(amplitude_network(s) for s in (0.2, 1.0, 3.0)))
    model = Model(_regolden(bundle))
    assert list(model.predict(record).probs.values()) == pytest.approx(np.mean(members, 0).tolist(), abs=1e-4)


def test_a_majority_wins_over_the_mean(
    tiny_bundle: Bundle, amplitude_network: Callable[[float], bytes]
) -> None:
    # Two networks weakly for A, one with a negative sharpness strongly for ~.
    networks = tuple(amplitude_network(s) for s in (0.1, 0.1, -5.0))
    bundle = replace(tiny_bundle, networks=networks, abstention=None)
    record = wave(1.0)
    assert Model(_regolden(bundle)).predict(record).labels == ("~",)
    prediction = Model(_regolden(replace(bundle, vote="majority"))).predict(record)
    assert prediction.labels == ("A",)
    said = "most of the networks say A, but ~ has the higher mean probability"
    assert said in prediction.warnings
    assert said not in Model(_regolden(bundle)).predict(record).warnings


def _regolden(bundle: Bundle) -> Bundle:
    """The bundle with the golden output that its own networks give."""
    loose = replace(bundle.golden, probs=np.zeros(4, np.float32))
    try:
        Model(replace(bundle, golden=loose))
    except BundleError as error:
        numbers = str(error).rsplit("found [", 1)[1].rstrip("]").split()
        return replace(bundle, golden=replace(loose, probs=np.array(numbers, np.float32)))
    raise AssertionError("expected the golden output to be refused")


def test_multi_label_models_name_what_passes_its_threshold(tiny_bundle: Bundle) -> None:
    bundle = replace(
        tiny_bundle, single_label=False, thresholds=(0.6, 0.6, 0.6, 0.9), abstention=None, temperature=1.0
    )
    model = Model(_regolden(bundle))
    prediction = model.predict(wave(1.6))
    # Logits 0, 2.2, 2.4, 0.6.
    assert prediction.labels == ("O", "A")
    assert prediction.probs["O"] == pytest.approx(1 / (1 + np.exp(-2.4)), abs=1e-3)
    none = model.predict(wave(0.1))
    assert (none.labels, none.abstained) == ((), True)
    # Logits 0, -0.8, -3.6, -8.4.
    reason = "not sure: no class reaches its threshold; the nearest is N with 0.50 (threshold 0.60)"
    assert none.abstain_reason == reason
    always = Model(replace(model.bundle, at_least_one=True)).predict(wave(0.1))
    assert (always.labels, always.abstain_reason) == (("N",), reason)
    assert not prediction.abstained
    assert prediction.thresholds == {"N": 0.6, "A": 0.6, "O": 0.6, "~": 0.9}


def test_an_obstacle_withholds_the_classes_of_a_multi_label_model() -> None:
    model = Model(twelve_lead_bundle())
    flat = model.predict(Record(np.zeros((12, 1000), np.float32), 100.0, TWELVE_LEADS))
    assert flat.labels == ("NSR",)
    assert flat.abstain_reason is not None
    assert "flat line" in flat.abstain_reason
    none = model.predict(Record(np.full((12, 1000), 0.75, np.float32), 100.0, TWELVE_LEADS))
    assert none.labels == ()
    assert none.abstain_reason == flat.abstain_reason


def irregular(mv: float) -> Record:
    """Ten seconds of twelve leads in atrial fibrillation, whose mean is this, mV."""
    made = simulate("af", duration_s=10, fs=100, leads=TWELVE_LEADS, seed=3)
    signal = made.signal - made.signal.mean(axis=1, keepdims=True) + np.float32(mv)
    return replace(made, signal=signal)


def test_an_irregular_rhythm_that_is_called_normal_is_not_sure() -> None:
    model = Model(twelve_lead_bundle())
    answer = model.predict(irregular(0.0))
    assert answer.labels == ("NSR",)
    assert answer.abstained and answer.abstain_reason is not None
    assert answer.abstain_reason.startswith("not sure: the R-R intervals change by ")
    # Said once.
    assert not any("R-R intervals" in line for line in answer.warnings)
    explained = model.predict(irregular(1.15))
    assert (explained.labels, explained.abstained) == (("AF",), False)
    assert not any("R-R intervals" in line for line in explained.warnings)
    regular = model.predict(shifted(0.0))
    assert (regular.labels, regular.abstained) == (("NSR",), False)


def test_an_irregular_rhythm_that_nothing_names_is_pointed_out() -> None:
    none = Model(twelve_lead_bundle()).predict(irregular(0.75))
    assert none.labels == ()
    assert none.abstain_reason is not None and "no class reaches its threshold" in none.abstain_reason
    assert any(line.startswith("the R-R intervals change by ") for line in none.warnings)


CONTRADICTION = "AF and PAC contradict each other: "


def test_classes_that_contradict_each_other_are_not_sure_and_all_given() -> None:
    model = Model(twelve_lead_bundle())
    answer = model.predict(shifted(2.0))
    assert answer.labels == ("AF", "PAC")
    assert answer.abstained and answer.abstain_reason is not None
    assert answer.abstain_reason.startswith(f"not sure: {CONTRADICTION}atria fibrillate")
    # Said once, and nothing else is changed.
    assert not any("contradict" in line for line in answer.warnings)
    assert answer.probs == pytest.approx(dict(zip(model.labels, model.probs([shifted(2.0).signal], 100.0)[0],
                                                  strict=True)), abs=1e-6)  # fmt: skip
    assert answer.thresholds is not None
    assert answer.labels == tuple(name for name, limit in answer.thresholds.items()
                                  if answer.probs[name] >= limit)  # fmt: skip
    (one,) = model.predict_many([shifted(2.0)])
    assert one == answer
    alone = model.predict(shifted(1.15))
    assert (alone.labels, alone.abstained) == (("AF",), False)


def test_of_what_should_not_be_believed_a_contradiction_is_a_warning() -> None:
    flat = Record(np.full((12, 1000), 2.0, np.float32), 100.0, TWELVE_LEADS)
    answer = Model(twelve_lead_bundle()).predict(flat)
    assert answer.labels == ("AF", "PAC")
    assert answer.abstain_reason is not None and "flat line" in answer.abstain_reason
    assert sum(line.startswith(CONTRADICTION) for line in answer.warnings) == 1


def test_other_classes_contradict_nothing() -> None:
    bundle = twelve_lead_bundle()
    labels = tuple(Label(name, name) for name in ("A", "P", "N", "M"))
    answer = Model(replace(bundle, labels=labels)).predict(shifted(2.0))
    assert (answer.labels, answer.abstained) == (("A", "P"), False)


def test_what_speaks_against_an_answer_is_found_without_asking_the_networks(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    model = Model(twelve_lead_bundle())
    flat = Record(np.zeros((12, 1000), np.float32), 100.0, TWELVE_LEADS)
    reason = model.predict(flat).abstain_reason
    monkeypatch.setattr(model, "_networks", [])
    assert model.obstacle(flat) == reason
    assert reason is not None and "flat line" in reason
    # What the model alone would not be sure of is none.
    assert model.obstacle(shifted(2.0)) is None
    with pytest.raises(RecordError, match="expected at least 5 s"):
        model.obstacle(replace(flat, signal=flat.signal[:, :100]))


def test_a_golden_output_that_does_not_come_out_is_refused(tiny_bundle: Bundle) -> None:
    probs = tiny_bundle.golden.probs + np.float32(2e-3)
    with pytest.raises(BundleError, match="does not reproduce its golden output"):
        Model(replace(tiny_bundle, golden=replace(tiny_bundle.golden, probs=probs)))


def test_a_golden_nan_is_refused(tiny_bundle: Bundle) -> None:
    probs = np.full(4, np.nan, np.float32)
    with pytest.raises(BundleError, match="golden"):
        Model(replace(tiny_bundle, golden=replace(tiny_bundle.golden, probs=probs)))


def test_a_graph_that_is_none_is_refused(tiny_bundle: Bundle, tmp_path: Path) -> None:
    write_bundle(replace(tiny_bundle, networks=(b"no graph",)), tmp_path / "x.einthoven")
    with pytest.raises(BundleError, match="ONNX Runtime cannot load"):
        load(tmp_path / "x.einthoven")


def test_an_unknown_pipeline_step_is_refused(tiny_bundle: Bundle) -> None:
    with pytest.raises(BundleError, match="model tiny: pipeline step 0: expected one of"):
        Model(replace(tiny_bundle, pipeline=({"step": "Exec"},)))


def test_a_network_of_other_leads_is_refused(tiny_bundle: Bundle) -> None:
    wide = InputSpec(fs=100.0, leads=("I", "II"), min_duration_s=5.0, max_duration_s=60.0)
    golden = Golden(np.ones((2, 1000), np.float32), 100.0, tiny_bundle.golden.probs)
    with pytest.raises(BundleError, match="cannot take an input of shape"):
        Model(replace(tiny_bundle, input=wide, golden=golden))


def test_a_network_of_other_classes_is_refused(tiny_bundle: Bundle) -> None:
    golden = replace(tiny_bundle.golden, probs=np.full(3, 1 / 3, np.float32))
    with pytest.raises(BundleError, match=r"expected 3 outputs, found \(4,\)"):
        Model(replace(tiny_bundle, labels=tiny_bundle.labels[:3], golden=golden))


def test_a_name_that_is_no_model_is_refused_with_those_that_are() -> None:
    with pytest.raises(BundleError, match="expected a model of the package"):
        load("no-such-model")


def test_an_unreadable_bundle_names_its_path(tiny_bundle: Bundle, tmp_path: Path) -> None:
    path = tmp_path / "cut.einthoven"
    path.write_bytes(encode_bundle(tiny_bundle)[:-100])
    with pytest.raises(BundleError, match=r"cut\.einthoven: truncated"):
        load(path)


def test_a_network_output_that_is_no_number_spoils_one_recording_only(
    model: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    network = model._networks[0]

    class Spoilt:
        def __call__(self, stacked: np.ndarray, lengths: np.ndarray) -> np.ndarray:
            if (np.abs(stacked).mean(axis=(1, 2)) > 2.5).any():
                raise RecordError("the network gave an output that is not a number")
            return network(stacked, lengths)

    monkeypatch.setattr(model, "_networks", [Spoilt()])
    answers = model.predict_many([wave(mv, name=str(mv)) for mv in (1.0, 3.0, 2.0)])
    assert [isinstance(answer, Prediction) for answer in answers] == [True, False, True]


def test_the_package_offers_it(tiny_model: Path) -> None:
    assert einthoven.load is load
    assert repr(einthoven.load(tiny_model)) == "Model(tiny 1.2: N, A, O, ~)"
    assert dir(einthoven) == sorted(einthoven.__all__)
    with pytest.raises(AttributeError, match="no attribute 'loda'"):
        einthoven.loda  # noqa: B018


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda item: pickle.loads(pickle.dumps(item))])
def test_a_copy_of_a_model_answers_the_same(tiny_model: Path, copied: Callable[[Model], Model]) -> None:
    model = load(tiny_model, threads=1)
    made = copied(model)
    assert made is not model
    assert repr(made) == repr(model)
    assert made.predict(wave(1.0)) == model.predict(wave(1.0))
    assert pickle.dumps(made) == pickle.dumps(model)


def test_what_is_no_path_is_refused() -> None:
    with pytest.raises(
        BundleError, match="expected the name of a model or the path of a bundle, found NoneType"
    ):
        load(None)  # type: ignore[arg-type]
    with pytest.raises(RecordError, match=r"^expected a path, found NoneType$"):
        einthoven.read_record(None)  # type: ignore[arg-type]


def test_a_folder_and_an_empty_file_are_no_bundles(tmp_path: Path) -> None:
    with pytest.raises(BundleError, match="expected a bundle file, found a folder"):
        load(tmp_path)
    (tmp_path / "run.json").touch()
    with pytest.raises(
        BundleError, match=r"found a folder, of a run: einthoven pack .* makes a bundle of it"
    ):
        load(tmp_path)
    (tmp_path / "empty").touch()
    with pytest.raises(BundleError, match="expected a bundle file, found an empty file"):
        load(tmp_path / "empty")


def test_threads_can_be_bounded(tiny_model: Path, model: Model) -> None:
    assert load(tiny_model, threads=1).predict(wave(1.0)).probs == model.predict(wave(1.0)).probs


def _graph(*inputs: str, infinite: bool = False) -> bytes:
    """A graph that gives the third of its first input; infinity if asked for."""
    from onnx import TensorProto, helper

    kinds = {"float": TensorProto.FLOAT, "int64": TensorProto.INT64}
    shapes = {"float": ["b", 1, "t"], "int64": ["b"]}
    values = [helper.make_tensor_value_info(f"in{i}", kinds[of], shapes[of]) for i, of in enumerate(inputs)]
    divisor = helper.make_tensor("divisor", TensorProto.FLOAT, [1, 4], [0.0 if infinite else 3.0] * 4)
    axes = helper.make_tensor("axes", TensorProto.INT64, [1], [2])
    nodes = [helper.make_node("ReduceMax", ["in0"], ["top"], axes=[2], keepdims=0),
             helper.make_node("Div", ["top", "divisor"], ["logits"])]  # fmt: skip
    out = helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["b", 4])
    graph = helper.make_graph(nodes, "g", values, [out], [divisor, axes])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    return bytes(model.SerializeToString())


def test_a_network_of_other_inputs_is_refused(tiny_bundle: Bundle) -> None:
    with pytest.raises(BundleError, match="expected a network from"):
        Model(replace(tiny_bundle, networks=(_graph("float"),)))


def test_infinite_outputs_are_refused(tiny_bundle: Bundle) -> None:
    with pytest.raises(BundleError, match="not a number"):
        Model(replace(tiny_bundle, networks=(_graph("float", "int64", infinite=True),)))


@pytest.mark.parametrize("item", ["recording.hea", Path("recording.hea"), np.zeros((1, 3000))])
def test_what_is_no_record_is_refused_with_what_makes_one(model: Model, item: object) -> None:
    with pytest.raises(RecordError, match=r"expected a Record, as einthoven.read_record\(path\) returns it"):
        model.predict(item)  # type: ignore[arg-type]
    answers = model.predict_many([wave(1.0), item])  # type: ignore[list-item]
    assert [type(answer) for answer in answers] == [Prediction, Failure]
