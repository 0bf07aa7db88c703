"""What is said of many answers together."""

from collections.abc import Mapping
from typing import Any

import pytest
import typer

from einthoven.apps.cli.tally import Tally

TRUTH = {"a": "AF + LAD", "b": "AF", "c": "", "d": "XYZ"}


def given(path: str, *labels: str) -> dict[str, Any]:
    return {"path": path, "labels": list(labels), "thresholds": {}}


def failed(path: str) -> dict[str, Any]:
    return {"path": path, "error": "no such file"}


def notes(truth: Mapping[str, str] | None, *items: dict[str, Any], **options: bool) -> list[str]:
    tally = Tally(truth, ("AF", "LAD", "MI"), **options)
    assert list(tally.count(items)) == list(items)
    return tally.notes


def test_classes_are_counted_as_sets() -> None:
    assert notes(TRUTH, given("a", "LAD", "AF"), given("b", "AF", "MI"), given("c")) == [
        "exactly the classes of the truth: 2 of 3 recordings",
        "true classes found: 3 of 3, others given: 1; macro F1 1.000, the mean of the 2 classes that the "
        "truth names",
    ]


def test_false_alarms_and_misses_lower_the_score() -> None:
    # AF: one hit, one false alarm: 2 / 3. LAD: missed: 0.
    said = notes(TRUTH, given("a", "AF"), given("c", "AF"))
    assert "true classes found: 1 of 2, others given: 1; macro F1 0.333, the mean of the 2 classes" in said[1]


def test_a_failure_lacks_its_classes() -> None:
    said = notes(TRUTH, given("b", "AF"), failed("a"), failed("c"), is_multi_label=True)
    assert said[0] == "exactly the classes of the truth: 1 of 3 recordings"
    # AF: a hit and a miss: 2 / 3. LAD: 0.
    assert said[1].startswith("true classes found: 1 of 3, others given: 0; macro F1 0.333")
    assert notes(TRUTH, failed("a")) == ["0 of 1 answers agree with the truth"]


def test_what_the_model_has_no_class_for_is_named() -> None:
    said = notes(TRUTH, given("d", "AF"))
    assert said[1].endswith("macro F1 0.000, the only class that the truth names")
    assert said[2] == "the truth names what no class of the model is called: XYZ"


def test_without_any_class_there_is_no_score() -> None:
    assert notes(TRUTH, given("c")) == ["exactly the classes of the truth: 1 of 1 recording"]


def test_single_answers_and_sets_are_counted_apart() -> None:
    single = {"path": "b", "labels": ["AF"]}
    assert notes(TRUTH, single, given("c")) == [
        "1 of 1 answers agree with the truth",
        "exactly the classes of the truth: 1 of 1 recording",
    ]
    assert notes({"x": "AF"}, single) == ["the table of the truth names none of these recordings"]
    assert notes(None, single) == []


@pytest.mark.parametrize(
    ("has_rows", "end"), [(True, "and 2 more; see the rows marked failed"), (False, "and 2 more")]
)
def test_who_failed_is_told(capsys: pytest.CaptureFixture[str], has_rows: bool, end: str) -> None:
    tally = Tally(has_rows=has_rows)
    list(tally.count([failed(str(k)) for k in range(12)]))
    with pytest.raises(typer.Exit) as ended:
        tally.finish()
    assert ended.value.exit_code == 2
    assert capsys.readouterr().err.splitlines()[-1].strip() == end
