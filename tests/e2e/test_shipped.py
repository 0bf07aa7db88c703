"""The models in the package: they load, describe themselves, and answer the example recordings."""

import csv
import re
from dataclasses import replace
from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest

from einthoven import load, read_record
from einthoven.apps.card import draw_reliability, model_card
from einthoven.apps.card.reliability import reliability_bins
from einthoven.datasets import open_data
from einthoven.datasets.mitdb import DS1, DS2, PACED
from einthoven.formats import list_records
from einthoven.inference.beats import load_beats
from einthoven.inference.prediction import Prediction
from einthoven.inference.runtime import Model
from einthoven.inference.shipped import SUFFIX, open_model, shipped_models
from einthoven.recipes import RECIPES
from einthoven.record import TWELVE_LEADS, Record
from einthoven.signal.resample import resample
from einthoven.signal.simulated import simulate
from einthoven.training.ancestry import bundle_ancestry, digest

EXAMPLES = Path(__file__).parents[2] / "examples"
MAX_BYTES = {"recordings": 10 * 2**20, "heartbeats": 5 * 2**20}
LEAST_F1 = {"rhythm": {"F1avg": 0.82}, "beats": {"V": 0.75}}
"""Held-out F1 that each model of one class has at least: F1avg, or that of a class."""
LEAST_AUROC = {"ecg12": {"ptbxl-superclasses": 0.85}}
"""Held-out macro AUROC that each model of several labels has at least, over a group of its classes."""


@pytest.fixture(scope="module")
def names() -> tuple[str, ...]:
    """Names of the models that are there."""
    found = shipped_models()
    assert {"rhythm", "beats", "ecg12"} <= set(found)
    return found


@pytest.fixture(scope="module")
def of_recordings(names: tuple[str, ...]) -> tuple[str, ...]:
    """Names of those that answer for a whole recording."""
    return tuple(name for name in names if open_model(name).cut is None)


@pytest.fixture(scope="module")
def of_beats(names: tuple[str, ...]) -> tuple[str, ...]:
    """Names of those that answer for each heartbeat."""
    return tuple(name for name in names if open_model(name).cut is not None)


def test_each_has_its_name_and_a_bounded_size(names: tuple[str, ...]) -> None:
    for name in names:
        bundle = open_model(name)
        limit = MAX_BYTES["recordings" if bundle.cut is None else "heartbeats"]
        assert (load if bundle.cut is None else load_beats)(name).name == name
        assert len((files("einthoven.zoo") / f"{name}{SUFFIX}").read_bytes()) <= limit


def test_each_says_what_it_learnt_from_and_how_good_it_is(names: tuple[str, ...]) -> None:
    for name in names:
        provenance = open_model(name).provenance
        assert provenance["simulated"] is False
        held_out = provenance["held_out"]
        assert (held_out["part"], held_out["folds"]) == ("test", list(range(held_out["n_folds"])))
        assert name in {**LEAST_F1, **LEAST_AUROC}


@pytest.mark.parametrize("name", LEAST_F1)
def test_models_of_one_class_abstain_and_are_as_good_as_that(name: str) -> None:
    bundle = open_model(name)
    table = bundle.provenance["held_out"]["table"]
    found = dict(zip(table["classes"], table["f1"], strict=True)) | {"F1avg": table["f1_average"]}
    for of, least in LEAST_F1[name].items():
        assert found[of]["value"] >= least
    assert bundle.abstention is not None
    assert bundle.abstention.coverage >= 0.5


@pytest.mark.parametrize("name", LEAST_AUROC)
def test_models_of_several_labels_are_as_good_as_that(name: str) -> None:
    bundle = open_model(name)
    assert not bundle.single_label
    assert bundle.thresholds is not None
    own = next(head for head in bundle.provenance["held_out"]["heads"] if head["head"] == "sigmoid")
    found = {group["name"]: group["means"]["AUROC"]["value"] for group in own["groups"]}
    for group, least in LEAST_AUROC[name].items():
        assert found[group] >= least


def test_the_model_of_twelve_leads_has_seen_no_copies_of_unknown_patients() -> None:
    facts = open_model("ecg12").provenance
    assert bundle_ancestry(facts).is_known
    # `ptb-xl` is the challenge's copy of PTB-XL.
    assert "ptb-xl" not in facts["dataset"]["sources"]
    assert sum(facts["dataset"]["sources"].values()) == facts["dataset"]["n_records"]
    assert {network["n_train"] for network in facts["networks"]} == {facts["dataset"]["n_records"]}


@pytest.fixture(scope="module")
def ecg12() -> Model:
    """The model of twelve leads."""
    return load("ecg12", threads=1)


@pytest.mark.parametrize("kind", ["white", "brown"])
def test_noise_on_twelve_leads_is_not_believed(ecg12: Model, kind: str) -> None:
    for mv in (0.02, 0.1, 1.0):
        signal = np.random.default_rng(1).standard_normal((12, 2500))
        if kind == "brown":
            signal = np.cumsum(signal, axis=1)
        signal *= mv / signal.std(axis=1, keepdims=True)
        answer = ecg12.predict(Record(signal.astype(np.float32), 250.0, TWELVE_LEADS))
        assert answer.abstained
        assert answer.heart_rate is None
        assert not (answer.abstain_reason or "not sure").startswith("not sure")


def test_fibrillation_that_is_called_normal_is_not_sure(ecg12: Model) -> None:
    answer = ecg12.predict(read_record(EXAMPLES / "atrial-fibrillation-12-leads.hea"))
    assert answer.abstained != ("AF" in answer.labels)
    normal = ecg12.predict(read_record(EXAMPLES / "normal-12-leads.hea"))
    assert not normal.abstained and "NORM" in normal.labels


@pytest.mark.parametrize("fs", [257.0, 1000.0])
def test_the_sampling_rate_does_not_matter_to_twelve_leads(ecg12: Model, fs: float) -> None:
    made = simulate("normal", duration_s=10, fs=1000, leads=TWELVE_LEADS, seed=2)
    usual = ecg12.predict(replace(made, signal=resample(made.signal, 1000.0, 100.0), fs=100.0))
    answer = ecg12.predict(replace(made, signal=resample(made.signal, 1000.0, fs), fs=fs))
    assert (answer.labels, answer.abstained) == (usual.labels, False)
    assert answer.heart_rate == pytest.approx(usual.heart_rate, abs=1)
    assert answer.probs == pytest.approx(usual.probs, abs=0.05)


def test_half_an_hour_of_twelve_leads_is_answered_with_a_word_of_its_length(ecg12: Model) -> None:
    made = simulate("normal", duration_s=60, fs=100, leads=TWELVE_LEADS, seed=2)
    limit = ecg12.bundle.input.max_duration_s
    long = replace(made, signal=np.tile(made.signal, 30), annotations=None)
    assert long.duration_s == 1800 <= limit
    answer = ecg12.predict(long)
    assert answer.heart_rate == pytest.approx(70, abs=15)
    assert answer.warnings[-1].startswith("30 min is far longer than the recordings this model learnt from")
    assert set(answer.labels) & {"NORM", "NSR"}


@pytest.mark.realdata
def test_the_model_of_twelve_leads_learnt_from_the_recordings_it_names(data_folder: Path) -> None:
    dataset = open_data(data_folder, "twelve-leads")
    facts = open_model("ecg12").provenance["dataset"]
    assert dataset.fingerprint() == facts["fingerprint"]
    assert not any(entry.record_id.startswith("HR") or entry.fold == 10 for entry in dataset.entries)


def test_each_says_of_its_data_what_its_recipe_says(names: tuple[str, ...]) -> None:
    for name in names:
        facts = open_model(name).provenance
        recipe = RECIPES[facts["recipe"]]
        assert facts["limits"] == list(recipe.limits), "pack it again: its recipe says something else"
        assert facts["attribution"] == recipe.attribution
        assert facts["dataset"].get("n_published") == recipe.n_published


def test_models_of_heartbeats_have_seen_nothing_of_ds2(of_beats: tuple[str, ...]) -> None:
    for name in of_beats:
        ancestry = bundle_ancestry(open_model(name).provenance)
        assert ancestry.is_known
        for part in ancestry.parts:
            assert part.dataset == "mitdb"
            assert part.records is not None
            # 201 is of the patient of 202.
            assert part.records.isdisjoint(map(digest, (*DS2, *PACED, "201")))
            assert part.records <= set(map(digest, DS1))


@pytest.mark.parametrize(("seed", "ectopic"), [(0, "V"), (1, "A")])
def test_models_of_heartbeats_tell_ectopic_beats(of_beats: tuple[str, ...], seed: int, ectopic: str) -> None:
    record = replace(simulate("ectopy", duration_s=60, leads=("II",), seed=seed), leads=("MLII",))
    assert record.annotations is not None
    truth = record.annotations.symbols
    assert set(truth) == {"N", ectopic}
    for name in of_beats:
        found = load_beats(name).classify(record, record.annotations.samples)
        assert found.obstacle is None
        expected = [symbol.replace("A", "S") for symbol in truth]
        n_wrong = sum(one != other for one, other in zip(found.labels, expected, strict=True))
        assert n_wrong <= truth.count(ectopic) / 4


def test_each_names_what_every_example_shows(of_recordings: tuple[str, ...]) -> None:
    records = [read_record(path) for path in list_records(EXAMPLES)]
    with (EXAMPLES / "labels.csv").open(encoding="utf-8", newline="") as file:
        expected = {row["record"]: (row["label"],) for row in csv.DictReader(file)}
    assert len(expected) == 13
    for name in of_recordings:
        if not open_model(name).single_label:
            continue
        answers = load(name).predict_many(records)
        assert {a.record: a.labels for a in answers if isinstance(a, Prediction)} == expected
        assert not any(a.abstained for a in answers if isinstance(a, Prediction))


def numbers(picture: str) -> np.ndarray:
    """The points of the curve in a reliability diagram."""
    found = re.search(r'<g id="reliability">\s*<path d="([^"]*)"', picture)
    return np.array(re.findall(r"-?\d+\.?\d*", found[1] if found else ""), np.float64)


def test_each_card_is_the_one_that_its_bundle_makes(names: tuple[str, ...], tmp_path: Path) -> None:
    for name in names:
        bundle, zoo = open_model(name), files("einthoven.zoo")
        hint = f"stale: einthoven models {name} --card src/einthoven/zoo"
        assert (zoo / f"{name}.md").read_text(encoding="utf-8") == model_card(bundle), hint
        # The outlines of letters may differ between releases of matplotlib, what is drawn may not.
        draw_reliability(bundle, tmp_path / "made.svg")
        shipped = (zoo / f"{name}-reliability.svg").read_text(encoding="utf-8")
        assert len(numbers(shipped)) == 2 * len(reliability_bins(bundle)), hint
        assert numbers(shipped) == pytest.approx(numbers((tmp_path / "made.svg").read_text()), abs=0.01), hint
