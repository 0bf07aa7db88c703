"""The models in the package: they load, describe themselves, and answer the example recordings."""

from importlib.resources import files
from pathlib import Path

import pytest

from einthoven import load, read_record
from einthoven.formats import list_records
from einthoven.inference.prediction import Prediction
from einthoven.inference.shipped import SUFFIX, shipped_models

EXAMPLES = Path(__file__).parents[2] / "examples"
MAX_BYTES = 10 * 2**20


@pytest.fixture(scope="module")
def names() -> tuple[str, ...]:
    """Names of the models that are there."""
    found = shipped_models()
    if not found:
        pytest.skip("this checkout has no model in the zoo")
    return found


def test_each_has_its_name_a_card_and_a_bounded_size(names: tuple[str, ...]) -> None:
    for name in names:
        assert load(name).name == name
        assert (files("einthoven.zoo") / f"{name}.md").is_file(), f"{name} has no model card"
        assert len((files("einthoven.zoo") / f"{name}{SUFFIX}").read_bytes()) <= MAX_BYTES


def test_each_says_what_it_learnt_from_and_when_it_abstains(names: tuple[str, ...]) -> None:
    for name in names:
        bundle = load(name).bundle
        assert bundle.provenance["simulated"] is False
        assert bundle.provenance["held_out"]["table"]["f1_average"]["low"] > 0
        assert bundle.abstention is not None
        assert bundle.abstention.coverage >= 0.5


def test_each_answers_every_example(names: tuple[str, ...]) -> None:
    records = [read_record(path) for path in list_records(EXAMPLES)]
    assert records
    for name in names:
        answers = load(name).predict_many(records)
        assert all(isinstance(answer, Prediction) for answer in answers)
