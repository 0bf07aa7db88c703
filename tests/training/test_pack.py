"""Packing: the bundle says what the runs say, and what they were judged by."""

import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from einthoven.beat_chain import BeatChain
from einthoven.bundle import read_bundle
from einthoven.datasets.dataset import Dataset
from einthoven.datasets.simulated import simulated_beats
from einthoven.decisions import apply_thresholds, sigmoid, softmax
from einthoven.errors import BundleError, RunError, SettingsError
from einthoven.inference.beats import BeatModel, load_beats
from einthoven.inference.runtime import Model, load
from einthoven.pipeline import FillMissing, Pipeline
from einthoven.recipes.cinc2017 import LABELS
from einthoven.recipes.twelve_leads import CHALLENGE_LABELS
from einthoven.signal.beats import AroundRPeaks, cut_json
from einthoven.training import judgement
from einthoven.training.ancestry import bundle_ancestry
from einthoven.training.calibration import calibrate
from einthoven.training.evaluate import evaluate_runs
from einthoven.training.heads import SVMSettings
from einthoven.training.label_evaluation import evaluate_labels
from einthoven.training.pack import Description, pack
from einthoven.training.protocol import Protocol
from einthoven.training.run import train
from einthoven.training.run_folder import Run
from einthoven.training.sealed_network import SealedNetwork, with_svm

Trained = Callable[..., Run]
TOY = Description("toy", "1")


@pytest.fixture(scope="module", autouse=True)
def exported_once() -> Iterator[None]:
    """Export each network once: nothing takes longer here."""
    graphs: dict[str, bytes] = {}

    def graph(network: SealedNetwork) -> bytes:
        if network.head is not None:
            return export(network)
        key = str(network.run.done()["weights_sha256"])
        if key not in graphs:
            graphs[key] = export(network)
        return graphs[key]

    export = SealedNetwork.graph
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(SealedNetwork, "graph", graph)
        yield


@pytest.fixture(scope="module")
def packed(trained: Trained, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a bundle of the network that trained on everything, calibrated by two folds."""
    torch.set_num_threads(1)
    path = tmp_path_factory.mktemp("bundles") / "one.einthoven"
    described = replace(TOY, labels=LABELS[:2])
    pack([trained(None)], path, described, judged_by=[trained(0), trained(1)])
    return path


def test_the_bundle_answers_as_the_network_does(packed: Path, trained: Trained, dataset: Dataset) -> None:
    model, run = load(packed), trained(None)
    record = dataset.read(3)
    x = torch.from_numpy(run.protocol.pipeline(record.signal, record.fs)[0])[None]
    with torch.no_grad():
        logits = run.network()(x, torch.tensor([x.shape[-1]])).numpy()
    expected = softmax(logits, model.bundle.temperature)[0]
    assert list(model.predict(record).probs.values()) == pytest.approx(expected, abs=1e-4)


def test_calibration_comes_from_the_held_out_recordings(packed: Path, trained: Trained) -> None:
    bundle = read_bundle(packed)
    found = calibrate(evaluate_runs([trained(0), trained(1)]), coverage=0.9)
    assert bundle.temperature == found.temperature
    assert bundle.abstention == found.abstention
    assert found.abstention.n_records == 12
    facts = bundle.provenance["calibrated"]
    assert facts["cross_fitted"] is True
    assert facts["measured_on"] == "single networks, one a fold"


def test_provenance_names_data_split_networks_and_scores(packed: Path, dataset: Dataset) -> None:
    bundle = read_bundle(packed)
    facts = bundle.provenance
    assert facts["dataset"]["fingerprint"] == dataset.fingerprint()
    assert facts["simulated"] is True
    assert facts["networks"][0]["fold"] is None
    assert facts["networks"][0]["n_train"] == 30
    assert facts["held_out"]["folds"] == [0, 1]
    assert set(facts["held_out"]["table"]["f1_average"]) == {"value", "low", "high"}
    assert facts["versions"]["torch"] == torch.__version__
    assert [label.snomed for label in bundle.labels] == ["426783006", "164889003", "", ""]
    assert [label.meaning for label in bundle.labels][2:] == ["O", "~"]
    assert (bundle.input.fs, bundle.input.leads) == (100.0, ("I",))
    assert str(packed.parent) not in str(facts)


def test_provenance_holds_what_a_card_needs(
    packed: Path, trained: Trained, rhythm: Protocol, dataset: Dataset
) -> None:
    facts = read_bundle(packed).provenance
    found = evaluate_runs([trained(0), trained(1)])
    assert facts["held_out"]["table"]["confusion"] == [list(row) for row in found.table.confusion]
    assert [item["fold"] for item in facts["judged_by"]] == [0, 1]
    assert all(item["is_origin_known"] for item in (*facts["networks"], *facts["judged_by"]))
    assert bundle_ancestry(facts).among(dataset) == set(dataset.record_ids)
    assert facts["judges_differ_in"] == []
    assert facts["split"]["by"] == "recording"
    (network,) = facts["networks"]
    assert network["n_parameters"] == sum(w.numel() for w in trained(None).network().parameters())
    low, middle, high = network["trained_s"]
    assert 6.0 <= low < middle < high <= 7.0
    assert facts["training"]["network"] == {**rhythm.to_json()["network"]}
    assert "teacher" not in facts["training"]
    assert (facts["limits"], facts["attribution"]) == ([], "")


def test_the_task_names_the_lead(packed: Path) -> None:
    assert read_bundle(packed).task == "one of N, A, O, ~ for a recording of lead I"


def test_heartbeats_that_were_held_out_are_counted_with_their_recordings(
    trained_beats: Trained, packed: Path, tmp_path: Path
) -> None:
    run = trained_beats("patient")
    held_out = pack([run], tmp_path / "beats.einthoven", TOY).provenance["held_out"]
    scores = run.scores().part("test")
    assert held_out["n_recordings"] == len(set(scores.recordings)) > 1
    assert held_out["n_patients"] == len(set(scores.patients))
    assert sum(held_out["table"]["support"]) == len(scores.record_ids) > held_out["n_recordings"]
    assert "n_recordings" not in read_bundle(packed).provenance["held_out"]


@pytest.fixture(scope="module")
def packed_own_beats(trained_own_beats: Run, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a bundle of the package's own heartbeat network."""
    torch.set_num_threads(1)
    path = tmp_path_factory.mktemp("bundles") / "own.einthoven"
    pack([trained_own_beats], path, TOY)
    return path


def test_a_model_of_heartbeats_answers_as_its_network_and_chain_do(
    packed_own_beats: Path, trained_own_beats: Run, own_beats: Protocol
) -> None:
    model, run = load_beats(packed_own_beats), trained_own_beats
    assert own_beats.cut is not None
    assert model.cut == own_beats.cut.served == AroundRPeaks()
    record = simulated_beats(n=8, duration_s=(8.0, 9.0)).read(3)
    assert record.annotations is not None
    rpeaks = record.annotations.samples
    # What serves is cut from one lead: the first rows of what trained.
    rows = own_beats.cut(record.signal, record.fs, rpeaks).rows[:, :3]
    assert np.array_equal(model.cut_beats(record, rpeaks).rows, rows)
    with torch.no_grad():
        logits = run.network()(torch.from_numpy(rows), torch.full((len(rows),), 150)).numpy()
    temperature = model.bundle.temperature
    assert model.probs_of(rows) == pytest.approx(softmax(logits, temperature), abs=1e-4)
    chain = BeatChain.from_json(run.done()["chain"])
    assert chain.strength == own_beats.chain_strength > 0
    expected = softmax(np.log(chain.smooth(softmax(logits))), temperature)
    assert model.classify(record, rpeaks).probs == pytest.approx(expected, abs=1e-4)


def test_a_bundle_of_heartbeats_says_what_it_takes(packed_own_beats: Path, own_beats: Protocol) -> None:
    bundle = read_bundle(packed_own_beats)
    assert bundle.task == "one of N, S, V, F, Q for each heartbeat of a lead"
    # What takes rows away was for training only; so were the other views.
    assert bundle.pipeline == () and dict(bundle.cut or {}) == cut_json(AroundRPeaks())
    assert (bundle.input.fs, bundle.input.leads) == (125.0, ("MLII",))
    assert bundle.input.max_duration_s >= 24 * 3600
    assert bundle.provenance["training"]["cut"] == cut_json(own_beats.cut or AroundRPeaks())
    assert bundle.abstention is not None


def test_a_bundle_of_heartbeats_is_checked_by_its_golden_output(packed_own_beats: Path) -> None:
    bundle = read_bundle(packed_own_beats)
    off = bundle.golden.probs + np.array([0.01, -0.01, 0, 0, 0], np.float32)
    with pytest.raises(BundleError, match="model toy: does not reproduce its golden output"):
        BeatModel(replace(bundle, golden=replace(bundle.golden, probs=off)))
    with pytest.raises(BundleError, match="expected a model of whole recordings"):
        load(packed_own_beats)


def test_a_bundle_of_found_beats_has_no_chain(trained_beats: Trained, tmp_path: Path) -> None:
    made = pack([trained_beats("beat")], tmp_path / "b", TOY)
    assert made.chain is None and made.cut is not None and made.cut["cut"] == "SevenSteps"
    assert load_beats(tmp_path / "b").labels == ("N", "S", "V", "F", "Q")


def test_runs_of_another_cut_or_chain_are_refused(trained_own_beats: Run, tmp_path: Path) -> None:
    for name, value in (
        ("chain_strength", 0.9),
        ("cut", cut_json(AroundRPeaks(training=True, reach_s=0.05))),
    ):
        with pytest.raises(RunError, match="expected pipeline, classes, leads and cut of"):
            pack([trained_own_beats, judge(trained_own_beats, **{name: value})], tmp_path / "b", TOY)


def test_what_is_public_is_stated_beside_what_was_at_hand(trained: Trained, tmp_path: Path) -> None:
    told = pack([trained(0)], tmp_path / "b", replace(TOY, n_published=8528)).provenance["dataset"]
    assert (told["n_records"], told["n_published"]) == (30, 8528)
    assert "n_published" not in pack([trained(0)], tmp_path / "b", TOY).provenance["dataset"]


def test_what_speaks_against_a_bundle_is_in_it(
    trained: Trained, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []

    def warnings(*arguments: Any) -> tuple[str, ...]:
        said.append(arguments[2])
        return ("it is of no use",)

    monkeypatch.setattr(judgement, "calibration_warnings", warnings)
    pack([trained(0)], tmp_path / "b", TOY, vote="majority")
    assert read_bundle(tmp_path / "b").provenance["warnings"] == ["it is of no use"]
    pack([trained(0), trained(1)], tmp_path / "b", TOY, vote="majority")
    # A single network has nobody to vote against.
    assert said == ["mean", "majority"]


def test_limits_and_attribution_are_the_callers(trained: Trained, tmp_path: Path) -> None:
    told = replace(TOY, limits=("one device",), attribution="somebody")
    made = pack([trained(0)], tmp_path / "b", told)
    assert (made.provenance["limits"], made.provenance["attribution"]) == (["one device"], "somebody")
    assert dict(read_bundle(tmp_path / "b").provenance) == made.provenance


def test_judges_of_another_kind_are_named(
    trained: Trained, dataset: Dataset, rhythm: Protocol, folder: Path, tmp_path: Path
) -> None:
    other = train(replace(rhythm, ema=0.5), dataset, folder, fold=0, budget="cpu")
    made = pack([trained(None)], tmp_path / "b", TOY, judged_by=[other])
    assert made.provenance["judges_differ_in"] == ["protocol.ema"]


def test_a_class_without_recordings_has_no_scores_but_is_packed(trained: Trained, tmp_path: Path) -> None:
    run = Run(shutil.copytree(trained(0).folder, tmp_path / "run"), trained(0).settings)
    with np.load(run.folder / "scores.npz") as found:
        arrays = dict(found)
    kept = (arrays["truth"] != 1) & (arrays["logits"].argmax(axis=1) != 1)
    judged = {name: array[kept] for name, array in arrays.items() if len(array) == len(kept)}
    np.savez(run.folder / "scores.npz", **arrays | judged)
    table = pack([run], tmp_path / "b", TOY).provenance["held_out"]["table"]
    assert table["support"][1] == 0
    assert table["f1"][1] == {"value": None, "low": None, "high": None}


def judge(run: Run, **changes: Any) -> Run:
    """The run with other settings, by their place in run.json."""
    settings = json.loads(json.dumps(dict(run.settings)))
    for key, value in changes.items():
        part = settings if key in settings else settings["dataset" if key == "fingerprint" else "protocol"]
        part[key] = value
    return replace(run, settings=settings)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"fingerprint": "0" * 64}, "data set"),
        ({"recipe": "other"}, "recipe"),
        ({"budget": "gpu"}, "budget"),
        ({"split_seed": 1}, "split_seed"),
    ],
)
def test_judges_of_other_data_or_another_split_are_refused(
    changed: dict[str, Any], said: str, trained: Trained, tmp_path: Path
) -> None:
    judges = [trained(0), judge(trained(1), **changed)]
    with pytest.raises(RunError, match=f"expected the {said} of"):
        pack([trained(None)], tmp_path / "b", TOY, judged_by=judges)
    assert not (tmp_path / "b").exists()


def test_one_simulated_run_makes_a_simulated_bundle(trained: Trained, tmp_path: Path) -> None:
    def named(run: Run) -> Run:
        return judge(run, dataset=dict(run.settings["dataset"]) | {"name": "cinc2017", "kind": "public"})

    real, judges = named(trained(None)), [named(trained(0))]
    assert pack([real], tmp_path / "b", TOY, judged_by=judges).provenance["simulated"] is False
    for runs, by in (([trained(None)], judges), ([real], [trained(0)])):
        assert pack(runs, tmp_path / "b", TOY, judged_by=by).provenance["simulated"] is True


def test_packing_reports_its_steps(trained: Trained, tmp_path: Path) -> None:
    steps: list[tuple[int, int]] = []
    pack([trained(0), trained(1)], tmp_path / "b", TOY, progress=lambda done, n: steps.append((done, n)))
    assert steps == [(1, 4), (2, 4), (3, 4), (4, 4)]


def test_a_majority_abstains_by_the_mean_probability_of_the_class_that_won(
    trained: Trained, dataset: Dataset, tmp_path: Path
) -> None:
    bundle = pack([trained(fold) for fold in range(3)], tmp_path / "b", TOY, vote="majority")
    record = dataset.read(3)
    assert bundle.abstention is not None
    answer = Model(bundle).predict(record)
    won = answer.probs[answer.labels[0]]
    for threshold, is_sure in ((won - 1e-4, True), (won + 1e-4, False)):
        at = replace(bundle.abstention, threshold=threshold)
        assert ("not sure" in str(Model(replace(bundle, abstention=at)).predict(record))) is not is_sure


def test_several_runs_become_an_ensemble(trained: Trained, dataset: Dataset, tmp_path: Path) -> None:
    bundle = pack([trained(0), trained(1)], tmp_path / "b", TOY, vote="majority")
    assert len(bundle.networks) == 2
    alone = pack([trained(0)], tmp_path / "b", TOY)
    seen = [bundle_ancestry(made.provenance).among(dataset) for made in (bundle, alone)]
    assert list(map(len, seen)) == [30, 24]
    assert bundle.vote == "majority"


def test_what_was_not_judged_is_not_packed(trained: Trained, tmp_path: Path) -> None:
    with pytest.raises(RunError, match="held out, found none"):
        pack([trained(None)], tmp_path / "b", TOY)
    with pytest.raises(RunError, match="at least one run"):
        pack([], tmp_path / "b", TOY)


def test_runs_that_do_not_belong_together_are_not_packed(
    trained: Trained, dataset: Dataset, rhythm: Protocol, folder: Path, tmp_path: Path
) -> None:
    plain = replace(rhythm, pipeline=Pipeline((FillMissing(),)), augment_after=1)
    wider = replace(rhythm, network=replace(rhythm.network, recurrent=3))
    one, two = (
        train(protocol, dataset, folder.with_name(f"{folder.name}-{i}"), fold=0, budget="cpu")
        for i, protocol in enumerate((plain, wider))
    )
    with pytest.raises(RunError, match="pipeline, classes, leads and cut"):
        pack([trained(0), one], tmp_path / "b", TOY)
    with pytest.raises(RunError, match="network"):
        pack([trained(None)], tmp_path / "b", TOY, judged_by=[two])
    alone = pack([one], tmp_path / "b", TOY)
    assert alone.input.fs == 300.0


SVM = SVMSettings(costs=(0.01,), n_inner=2)


@pytest.fixture(scope="module")
def of_labels(labelled_runs: tuple[Run, ...], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a bundle of several labels whose machines answer, judged by all folds."""
    torch.set_num_threads(1)
    path = tmp_path_factory.mktemp("bundles") / "labels.einthoven"
    runs, told = labelled_runs, replace(TOY, labels=CHALLENGE_LABELS)
    pack(runs[:1], path, told, judged_by=runs, svm=SVM, thresholds="challenge")
    return path


def test_a_bundle_of_several_labels_answers_as_network_and_machines_do(
    of_labels: Path, labelled_runs: tuple[Run, ...], noise: Dataset
) -> None:
    model, run = load(of_labels), labelled_runs[0]
    sealed = with_svm(run, SVM)
    bundle = model.bundle
    assert bundle.thresholds is not None
    for row in (0, 3, 7):
        record = noise.read(row)
        x = run.protocol.pipeline(record.signal, record.fs)[0][None]
        expected = sigmoid(sealed.logits(x), bundle.temperature)
        answer = model.predict(record)
        assert list(answer.probs.values()) == pytest.approx(expected[0], abs=1e-4)
        given = apply_thresholds(expected, bundle.thresholds, at_least_one=True)[0]
        assert set(answer.labels) == {name for name, has in zip(model.labels, given, strict=True) if has}


def test_a_bundle_of_several_labels_says_what_decides(
    of_labels: Path, labelled_runs: tuple[Run, ...], noise: Dataset
) -> None:
    bundle = read_bundle(of_labels)
    head = evaluate_labels(labelled_runs, svm=SVM, n_resamples=2).heads[1]
    decided = next(one for one in head.decided if one.rule == "challenge")
    assert (bundle.single_label, bundle.at_least_one, bundle.abstention) == (False, True, None)
    assert (bundle.temperature, bundle.thresholds) == (head.temperature, decided.thresholds)
    assert (
        bundle.task
        == f"any of NSR, AF, PVC, LBBB for a recording of the leads {', '.join(bundle.input.leads)}"
    )
    assert [label.snomed for label in bundle.labels][:2] == ["426783006", "164889003"]
    assert (bundle.input.fs, bundle.input.may_lack_leads) == (100.0, False)
    facts = bundle.provenance
    assert (facts["calibrated"]["rule"], facts["calibrated"]["head"]) == ("challenge", "linear")
    (network,) = facts["networks"]
    assert (network["head"], network["n_head_train"]) == ("SVM", 60 - labelled_runs[0].done()["n_train"])
    assert [head["head"] for head in facts["held_out"]["heads"]] == ["sigmoid", "linear"]
    assert facts["warnings"][0].startswith("no held-out recording has LBBB")
    # What taught the machines is no longer unseen.
    assert bundle_ancestry(facts).among(noise, "trained") == set(noise.record_ids)


def test_leads_that_a_network_may_lack_the_bundle_may_lack(
    labelled_runs: tuple[Run, ...], tmp_path: Path
) -> None:
    lacking = judge(labelled_runs[0], may_lack_leads=True)
    bundle = pack([lacking], tmp_path / "b", TOY, thresholds="fixed")
    assert bundle.input.may_lack_leads and read_bundle(tmp_path / "b").input.may_lack_leads
    assert bundle.thresholds == (0.5,) * 4 and not bundle.at_least_one
    with pytest.raises(RunError, match="pipeline, classes, leads and cut"):
        pack([labelled_runs[0], lacking], tmp_path / "c", TOY)


def test_machines_and_rules_that_do_not_fit_are_refused_before_any_work(
    trained: Trained, labelled_runs: tuple[Run, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(*_: object) -> None:
        raise AssertionError("expected to be refused before")

    monkeypatch.setattr("einthoven.training.pack.with_svm", never)
    monkeypatch.setattr("einthoven.training.pack.judge_labels", never)
    with pytest.raises(RunError, match="expected a run of several labels for support vector machines"):
        pack([trained(0)], tmp_path / "b", TOY, svm=SVM)
    for svm, rule in ((None, "best"), (SVM, "singstad2018")):
        with pytest.raises(SettingsError, match="expected thresholds"):
            pack(labelled_runs, tmp_path / "b", TOY, svm=svm, thresholds=rule)
    with pytest.raises(RunError, match="pipeline, classes, leads and cut"):
        pack([labelled_runs[0], trained(0)], tmp_path / "b", TOY)
    assert not (tmp_path / "b").exists()
