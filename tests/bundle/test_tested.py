"""What is written into a bundle after it was packed: scores, each with how often it was looked at."""

from dataclasses import replace

import pytest

from einthoven.bundle import Bundle, encode_bundle, read_bundle
from einthoven.bundle.tested import is_same_model, stated_tests, with_test

DS2 = {"dataset": "mitdb", "kind": "public", "part": "ds2"}


def test_a_bundle_states_what_was_measured_and_nothing_else_changes(tiny_beats: Bundle) -> None:
    before = replace(tiny_beats, provenance={"recipe": "beats"})
    after = with_test(before, [{**DS2, "way": "annotated", "brier": 0.1}, {**DS2, "way": "found"}])
    assert after.provenance["recipe"] == "beats"
    assert [(item["way"], item["looks"]) for item in stated_tests(after)] == [("annotated", 1), ("found", 1)]
    assert stated_tests(after)[0]["brier"] == 0.1
    assert is_same_model(before, after)
    assert "tested" not in before.provenance
    again = read_bundle(encode_bundle(after))
    assert stated_tests(again) == stated_tests(after)


def test_a_second_look_takes_the_place_of_the_first_and_is_counted(tiny_beats: Bundle) -> None:
    once = with_test(tiny_beats, [{**DS2, "way": "found", "brier": 0.1}])
    twice = with_test(once, [{**DS2, "way": "found", "brier": 0.2}, {**DS2, "part": "ds1", "way": "found"}])
    assert [(item["part"], item["looks"]) for item in stated_tests(twice)] == [("ds2", 2), ("ds1", 1)]
    assert stated_tests(twice)[0]["brier"] == 0.2


@pytest.mark.parametrize("nonsense", ["text", 3, None, [], {}, ["a", None]])
def test_nonsense_in_its_place_is_no_test(tiny_beats: Bundle, nonsense: object) -> None:
    odd = replace(tiny_beats, provenance={"tested": nonsense})
    assert stated_tests(odd) == []
    (found,) = stated_tests(with_test(odd, [{**DS2, "way": "found"}]))
    assert found["looks"] == 1
    many = replace(tiny_beats, provenance={"tested": [{**DS2, "way": "found", "looks": "x"}]})
    assert stated_tests(with_test(many, [{**DS2, "way": "found"}]))[0]["looks"] == 1


def test_another_weight_or_setting_is_another_model(tiny_beats: Bundle, tiny_bundle: Bundle) -> None:
    assert not is_same_model(tiny_beats, tiny_bundle)
    assert not is_same_model(tiny_beats, replace(tiny_beats, temperature=2.0))
    assert not is_same_model(tiny_beats, replace(tiny_beats, networks=tiny_beats.networks * 2))
