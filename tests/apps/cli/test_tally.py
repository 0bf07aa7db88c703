"""What is said of many answers together."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
import typer
from several_labels import twelve_lead_bundle

from einthoven.apps.cli.agreement import Truth
from einthoven.apps.cli.tally import Tally
from einthoven.bundle import Bundle
from einthoven.bundle.outline import Outline

TRUTH = {"a": "AF + PAC", "b": "AF", "c": "", "d": "XYZ", "e": "N"}
TWELVE = Outline.of(twelve_lead_bundle())
"""Of AF, PAC, NSR and MI."""


@pytest.fixture(scope="module")
def single(tiny_bundle: Bundle) -> Outline:
    """Return a model of N, A, O and ~."""
    return Outline.of(tiny_bundle)


def given(path: str, *labels: str, model: str = "tiny12") -> dict[str, Any]:
    return {"path": path, "labels": list(labels), "model": model}


def failed(path: str) -> dict[str, Any]:
    return {"path": path, "error": "no such file"}


def notes(
    classes: str,
    *items: dict[str, Any],
    models: Sequence[Outline] = (TWELVE,),
    others: Sequence[Outline] = (),
) -> list[str]:
    """Return what is said of answers beside a table that names these classes."""
    tally = Tally(Truth(TRUTH, tuple(classes.split())), models, others=lambda: others)
    assert list(tally.count(items)) == list(items)
    return tally.notes


def test_classes_are_counted_as_sets() -> None:
    assert notes("AF MI NSR PAC", given("a", "PAC", "AF"), given("b", "AF", "MI"), given("c")) == [
        "exactly the classes of the truth: 2 of 3 recordings",
        "true classes found: 3 of 3, others given: 1; macro F1 1.000, the mean of the 2 classes that these "
        "recordings have",
    ]


def test_false_alarms_and_misses_lower_the_score() -> None:
    # AF: one hit, one false alarm: 2 / 3. PAC: missed: 0.
    said = notes("AF PAC", given("a", "AF"), given("c", "AF"))
    assert "true classes found: 1 of 2, others given: 1; macro F1 0.333, the mean of the 2 classes" in said[1]


def test_what_the_table_names_nowhere_is_left_out_and_told() -> None:
    said = notes("AF", given("b", "AF", "NSR"), given("c", "NSR"), given("c", "MI", "AF"))
    assert said == [
        "exactly the classes of the truth, over the 1 of tiny12's 4 that the table names (AF): 2 of 3 "
        "recordings",
        "true classes found: 1 of 1, others given: 1; macro F1 0.667, the only class that these recordings "
        "have",
        "labels left out, as nobody judged these classes, which the table names nowhere: MI (1), NSR (2)",
    ]
    # A class that the table names of other recordings only was judged in these.
    assert "others given: 3" in notes("AF NSR", given("b", "AF", "NSR"), given("c", "NSR", "AF"))[1]


def test_a_failure_lacks_its_classes() -> None:
    said = notes("AF PAC", given("b", "AF"), failed("a"), failed("c"))
    assert said[0].endswith(": 1 of 3 recordings")
    # AF: a hit and a miss: 2 / 3. PAC: 0.
    assert said[1].startswith("true classes found: 1 of 3, others given: 0; macro F1 0.333")


def test_a_failure_counts_with_the_model_that_could_have_answered(single: Outline) -> None:
    both = (TWELVE, single)
    assert notes("N AF", failed("e"), models=both) == ["0 of 1 answers agree with the truth"]
    (said, found) = notes("N AF", failed("b"), models=both)
    assert said.endswith("(AF): 0 of 1 recording") and "found: 0 of 1" in found
    # Of what no model could have said, nothing is said.
    assert notes("XYZ", failed("d"), models=both) == []


def test_what_the_model_has_no_class_for_is_named_and_left_out() -> None:
    said = notes("AF XYZ", given("d", "AF"), given("b", "AF"))
    assert said[0].endswith("(AF): 1 of 1 recording")
    assert any("1 answer of tiny12 not compared (?)" in line for line in said)
    assert "the truth says AF, XYZ" in said[-1]


def test_without_any_class_there_is_no_score() -> None:
    assert notes("AF", given("c")) == [
        "exactly the classes of the truth, over the 1 of tiny12's 4 that the table names (AF): 1 of 1 "
        "recording"
    ]


def test_single_answers_and_sets_are_counted_apart(single: Outline) -> None:
    items = given("e", "N", model="tiny"), given("c")
    said = notes("N AF", *items, models=(single, TWELVE))
    assert said[0] == "1 of 1 answers agree with the truth"
    assert said[1].endswith("(AF): 1 of 1 recording")
    assert notes("N AF", given("x", "AF")) == ["the table of the truth names none of these recordings"]
    tally = Tally(None, (TWELVE,))
    list(tally.count(items))
    assert tally.notes == []


def test_sets_of_two_models_are_told_apart() -> None:
    other = replace(TWELVE, name="other", labels=TWELVE.labels[:1])
    items = given("b", "AF"), given("b", "PAC"), given("b", "AF", model="other")
    said = notes("AF", *items, models=(TWELVE, other))
    assert [line.partition(":")[0] for line in said] == ["tiny12", "tiny12", "tiny12", "other", "other"]
    assert said[3] == "other: exactly the classes of the truth: 1 of 1 recording"


def test_where_nothing_is_common_both_vocabularies_and_a_way_out_are_named(single: Outline) -> None:
    (said,) = notes("A N", given("e", "AF"), given("c", "NSR"), others=(TWELVE, single))
    assert said == (
        "2 answers of tiny12 not compared (?): the truth says A, N, the model's classes are AF, PAC, NSR, "
        "MI; --model tiny has A, N"
    )
    (said,) = notes("XYZ", given("d", "AF"), others=(TWELVE, single))
    assert said.endswith("MI; name the classes in the table as the model does")
    assert "the truth says none, " in notes("", given("c"))[0]


def test_of_one_class_a_recording_only_those_are_compared_whose_truth_is_a_class(single: Outline) -> None:
    items = [given(path, "N", model="tiny") for path in "abcde"]
    said = notes("AF N PAC XYZ", *items, models=(single,), others=(TWELVE, single))
    assert said == [
        "1 of 1 answers agree with the truth",
        "4 answers of tiny not compared (?): the truth says AF, AF + PAC, XYZ, none, the model's classes are "
        "N, A, O, ~; --model tiny12 has AF, AF + PAC",
    ]
    # Several classes are more than a model of one can say.
    (said,) = notes("AF", given("a", "AF", model="other"), models=(replace(single, name="other"),),
                    others=(replace(TWELVE, thresholds=None),))  # fmt: skip
    assert said.endswith("name the classes in the table as the model does")


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
