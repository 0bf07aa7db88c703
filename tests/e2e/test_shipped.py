"""The models in the package: they load, describe themselves, and answer the example recordings."""

import csv
import re
from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest

from einthoven import load, read_record
from einthoven.apps.card import draw_reliability, model_card
from einthoven.apps.card.reliability import reliability_bins
from einthoven.formats import list_records
from einthoven.inference.prediction import Prediction
from einthoven.inference.shipped import SUFFIX, shipped_models
from einthoven.recipes import RECIPES

EXAMPLES = Path(__file__).parents[2] / "examples"
MAX_BYTES = 10 * 2**20


@pytest.fixture(scope="module")
def names() -> tuple[str, ...]:
    """Names of the models that are there."""
    found = shipped_models()
    assert "rhythm" in found
    return found


def test_each_has_its_name_and_a_bounded_size(names: tuple[str, ...]) -> None:
    for name in names:
        assert load(name).name == name
        assert len((files("einthoven.zoo") / f"{name}{SUFFIX}").read_bytes()) <= MAX_BYTES


def test_each_says_what_it_learnt_from_and_when_it_abstains(names: tuple[str, ...]) -> None:
    for name in names:
        bundle = load(name).bundle
        assert bundle.provenance["simulated"] is False
        held_out = bundle.provenance["held_out"]
        assert (held_out["part"], held_out["folds"]) == ("test", list(range(held_out["n_folds"])))
        assert held_out["table"]["f1_average"]["value"] >= 0.82
        assert bundle.abstention is not None
        assert bundle.abstention.coverage >= 0.5


def test_each_says_of_its_data_what_its_recipe_says(names: tuple[str, ...]) -> None:
    for name in names:
        facts = load(name).bundle.provenance
        recipe = RECIPES[facts["recipe"]]
        assert facts["limits"] == list(recipe.limits)
        assert facts["attribution"] == recipe.attribution
        assert facts["dataset"]["n_published"] == recipe.n_published


def test_each_names_what_every_example_shows(names: tuple[str, ...]) -> None:
    records = [read_record(path) for path in list_records(EXAMPLES)]
    with (EXAMPLES / "labels.csv").open(encoding="utf-8", newline="") as file:
        expected = {row["record"]: (row["label"],) for row in csv.DictReader(file)}
    assert len(expected) == 13
    for name in names:
        answers = load(name).predict_many(records)
        assert {a.record: a.labels for a in answers if isinstance(a, Prediction)} == expected
        assert not any(a.abstained for a in answers if isinstance(a, Prediction))


def numbers(picture: str) -> np.ndarray:
    """The points of the curve in a reliability diagram."""
    found = re.search(r'<g id="reliability">\s*<path d="([^"]*)"', picture)
    return np.array(re.findall(r"-?\d+\.?\d*", found[1] if found else ""), np.float64)


def test_each_card_is_the_one_that_its_bundle_makes(names: tuple[str, ...], tmp_path: Path) -> None:
    for name in names:
        bundle, zoo = load(name).bundle, files("einthoven.zoo")
        hint = f"stale: einthoven models {name} --card src/einthoven/zoo"
        assert (zoo / f"{name}.md").read_text(encoding="utf-8") == model_card(bundle), hint
        # The outlines of letters may differ between releases of matplotlib, what is drawn may not.
        draw_reliability(bundle, tmp_path / "made.svg")
        shipped = (zoo / f"{name}-reliability.svg").read_text(encoding="utf-8")
        assert len(numbers(shipped)) == 2 * len(reliability_bins(bundle)), hint
        assert numbers(shipped) == pytest.approx(numbers((tmp_path / "made.svg").read_text()), abs=0.01), hint
