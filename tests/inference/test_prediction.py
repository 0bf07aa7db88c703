"""An answer and a failure as JSON, against the schema in the package."""

import json
from dataclasses import replace
from importlib.resources import files
from typing import Any

import jsonschema
import numpy as np
import pytest
from several_labels import THRESHOLDS, shifted, twelve_lead_bundle

from einthoven.bundle import Bundle
from einthoven.errors import FormatError
from einthoven.inference.prediction import Failure, Prediction, nearest_class, none_reaches
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
    assert list(item) == [name for name in PREDICTION["properties"] if name not in ("thresholds", "truth")]
    quality = PREDICTION["properties"]["quality"]
    assert list(item["quality"]) == quality["required"] == list(quality["properties"])


def test_an_answer_of_several_classes_states_their_thresholds() -> None:
    item = Model(twelve_lead_bundle()).predict(shifted(2.0)).to_dict()
    check(item)
    assert list(item) == [name for name in PREDICTION["properties"] if name != "truth"]
    assert item["thresholds"] == THRESHOLDS
    assert item["labels"] == ["AF", "PAC"]
    with pytest.raises(jsonschema.ValidationError):
        check(item | {"thresholds": THRESHOLDS | {"AF": 1.5}})


@pytest.mark.parametrize(
    ("probs", "thresholds", "nearest"),
    [
        ({"a": 0.01, "b": 0.3, "c": 0.9}, {"a": 0.05, "b": 0.5}, "b"),
        ({"a": 0.04, "b": 0.3}, {"a": 0.05, "b": 0.5}, "a"),
        ({"a": 0.7, "b": 0.3}, {"a": 1.0, "b": 0.9}, "b"),
        ({"a": 0.0, "b": 0.0}, {"a": 0.5, "b": 0.4}, "b"),
        ({"a": 0.1, "b": 0.6}, {"a": 0.5, "b": 0.4}, "b"),
    ],
)
def test_the_nearest_class_misses_least(
    probs: dict[str, float], thresholds: dict[str, float], nearest: str
) -> None:
    assert nearest_class(probs, thresholds) == nearest


@pytest.mark.parametrize(
    ("prob", "threshold", "said"),
    [(0.31, 0.4, "0.31 (threshold 0.40)"), (0.399, 0.4, "0.399 (threshold 0.400)"),
     (0.39999, 0.4, "0.399990 (threshold 0.400000)")],
)  # fmt: skip
def test_a_near_miss_is_told_with_the_digits_it_needs(prob: float, threshold: float, said: str) -> None:
    reason = none_reaches({"AF": prob, "MI": 0.01}, {"AF": threshold, "MI": 0.9})
    assert reason == f"not sure: no class reaches its threshold; the nearest is AF with {said}"


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
    failure = Failure.of(FormatError("a/b.hea: no  samples"), path="a/b.hea")
    assert failure == Failure("b", "a/b.hea", "no samples")
    check(failure.to_dict())
    assert Failure.of(ValueError(), record="r").error == "ValueError"
