"""An answer and a failure as JSON, against the schema in the package."""

import json
from dataclasses import replace
from importlib.resources import files
from typing import Any

import jsonschema
import numpy as np
import pytest

from einthoven.bundle import Bundle
from einthoven.errors import FormatError
from einthoven.inference.prediction import Failure, Prediction
from einthoven.inference.runtime import Model
from einthoven.record import Record
from einthoven.signal.simulated import simulate

SCHEMA = json.loads((files("einthoven.inference") / "classification.schema.json").read_text())
PREDICTION = SCHEMA["$defs"]["prediction"]


def check(item: dict[str, Any]) -> None:
    jsonschema.validate(json.loads(json.dumps(item)), SCHEMA, cls=jsonschema.Draft202012Validator)


@pytest.fixture(scope="module")
def answer(tiny_bundle: Bundle) -> Prediction:
    return Model(tiny_bundle).predict(simulate(duration_s=10.0, heart_rate=80.0, seed=1))


def test_an_answer_is_as_the_schema_says_and_in_its_order(answer: Prediction) -> None:
    item = answer.to_dict()
    check(item)
    assert list(item) == PREDICTION["required"]
    assert list(item) == [name for name in PREDICTION["properties"] if name != "truth"]
    quality = PREDICTION["properties"]["quality"]
    assert list(item["quality"]) == quality["required"] == list(quality["properties"])


def test_the_heart_rate_comes_before_the_quality(answer: Prediction) -> None:
    item = answer.to_dict()
    names = list(item)
    assert names.index("heart_rate") == names.index("quality") - 1
    assert item["heart_rate"] == answer.heart_rate == pytest.approx(80, abs=6)
    assert item["heart_rate"] == round(item["heart_rate"], 1)


def test_a_flat_line_has_no_heart_rate(tiny_bundle: Bundle) -> None:
    item = Model(tiny_bundle).predict(Record(np.ones((1, 3000), np.float32), 300.0, ("I",))).to_dict()
    check(item)
    assert item["heart_rate"] is None
    assert item["quality"]["noise"] == [0]


@pytest.mark.parametrize("rate", [0, -60, "72"])
def test_the_schema_refuses_an_impossible_heart_rate(answer: Prediction, rate: object) -> None:
    item = replace(answer, heart_rate=rate).to_dict()  # type: ignore[arg-type]
    with pytest.raises(jsonschema.ValidationError):
        check(item)


def test_the_schema_misses_what_is_left_out(answer: Prediction) -> None:
    for name in PREDICTION["required"]:
        with pytest.raises(jsonschema.ValidationError):
            check({key: value for key, value in answer.to_dict().items() if key != name})


def test_a_failure_is_as_the_schema_says() -> None:
    failure = Failure.of(FormatError("a/b.hea: no\nsamples"), path="a/b.hea")
    assert failure == Failure("b", "a/b.hea", "no samples")
    check(failure.to_dict())
    assert Failure.of(ValueError(), record="r").error == "ValueError"
