"""Whose figures a card shows: its own networks', or those of fold networks of the same kind."""

from dataclasses import replace
from typing import Any

import pytest

from einthoven.apps.card.origin import data_section, whose_figures
from einthoven.bundle import Bundle


@pytest.fixture
def stating(tiny_bundle: Bundle, facts: dict[str, Any]) -> Any:
    """Makes the tiny model with some facts changed."""
    return lambda **changes: replace(tiny_bundle, provenance={**facts, **changes})


def test_a_network_of_everything_is_judged_by_fold_networks(stating: Any) -> None:
    assert whose_figures(stating()) == (
        "The shipped network learnt from all 1,200 recordings; the figures are those of the 3 fold networks "
        "of the same kind, each on recordings it had not seen."
    )


def test_fold_networks_of_another_kind_are_called_so(stating: Any) -> None:
    text = whose_figures(stating(judges_differ_in=["protocol.teacher"]))
    assert "the 3 fold networks that differ from it in `protocol.teacher`, each on" in text
    assert "same kind" not in text


def test_a_network_that_kept_a_fold_back_judges_itself(stating: Any, facts: dict[str, Any]) -> None:
    own = facts["judged_by"][:1]
    held_out = {**facts["held_out"], "folds": [0]}
    for judged_by in (own, []):
        bundle = stating(networks=own, judged_by=judged_by, held_out=held_out)
        assert whose_figures(bundle) == (
            "The shipped network learnt from 800 of 1,200 recordings; the figures are its own, on recordings "
            "it had not seen."
        )
        assert "the test part of fold 0 of 3 (not all were run)" in data_section(bundle)


def test_an_ensemble_was_not_measured_as_one(stating: Any, facts: dict[str, Any]) -> None:
    text = whose_figures(stating(networks=facts["judged_by"]))
    assert text.startswith("Each of the 3 shipped networks learnt from 800 of 1,200 recordings")
    assert text.endswith("what they answer together was not measured.")


def test_the_split_is_by_patient_or_says_why_not(stating: Any, facts: dict[str, Any]) -> None:
    assert "3 stratified folds (cross-validation), seed 7, by recording: the data set names no patients" in (
        data_section(stating())
    )
    assert "by patient: all" in data_section(stating(split={**facts["split"], "by": "patient"}))
    assert "by beat: one patient's beats are on both sides, which flatters the figures" in data_section(
        stating(split={**facts["split"], "by": "beat"})
    )
    older = {key: value for key, value in facts["split"].items() if key != "by"}
    assert "by patient or by recording: not stated" in data_section(stating(split=older))


def test_the_data_is_described(stating: Any, facts: dict[str, Any]) -> None:
    text = data_section(stating())
    assert "cinc2017, 1,200 recordings, fingerprint `ffffffffffff`" in text
    assert "recordings of 9 to 61 s (median 30 s)" in text
    assert "1,200 recordings, the test part of all 3 folds" in text
    stopped = data_section(stating(held_out={**facts["held_out"], "part": "validation", "folds": [None]}))
    assert "1,200 recordings, the validation part; they also decided when to stop" in stopped


def test_recordings_that_were_not_at_hand_are_counted(stating: Any, facts: dict[str, Any]) -> None:
    fewer = stating(dataset={**facts["dataset"], "n_published": 8528})
    said = "cinc2017: 1,200 of the 8,528 public recordings were at hand, fingerprint `ffffffffffff`"
    assert said in data_section(fewer)
    assert "at hand" not in data_section(stating(dataset={**facts["dataset"], "n_published": 1200}))
    own = {**facts["dataset"], "n_published": 8528, "kind": "own"}
    assert "public" not in data_section(stating(dataset=own))


def test_what_initial_weights_had_seen_is_known_or_said_not_to_be(
    stating: Any, facts: dict[str, Any]
) -> None:
    judges = facts["judged_by"]
    for changes in ({"is_origin_known": True, "init": "a" * 64}, {}):
        text = whose_figures(stating(judged_by=[*judges[:2], {**judges[2], **changes}]))
        assert text.endswith("each on recordings it had not seen.")
    for changes in ({"is_origin_known": False}, {"init": "a" * 64}, {"distilled": True}):
        text = whose_figures(stating(judged_by=[*judges[:2], {**judges[2], **changes}]))
        assert "had not seen" not in text
        assert "what its initial weights or its teacher had seen is not known" in text


def test_simulated_data_is_called_so(stating: Any) -> None:
    assert "SIMULATED" not in data_section(stating())
    assert data_section(stating(simulated=True)).startswith("**SIMULATED recordings")


def test_sources_patients_and_labels_of_several_are_told(
    several: Bundle, label_facts: dict[str, Any]
) -> None:
    text = data_section(several)
    assert "| sources | ptbxl 200, georgia 100 |" in text
    assert "| held out | 300 recordings, the test part of all 3 folds |" in text
    assert (
        "| patients | 150 of 200 recordings; of the other 100 recordings the patient is not known |" in text
    )
    assert "| classes | 4; whether a recording has one was judged in 140 to 300 of them," in text
    label_facts["held_out"] |= {"n_of_unknown_patients": 0, "judged": [300] * 4}
    text = data_section(replace(several, provenance=label_facts))
    assert "| patients | 150 of 300 recordings |" in text
    assert "was judged in 300 of them" in text
    label_facts["held_out"] |= {"n_of_unknown_patients": 300, "n_patients": 0, "judged": []}
    text = data_section(replace(several, provenance=label_facts))
    assert "| patients | not known: two recordings of one patient may lie on both sides" in text
    assert "| classes |" not in text


def test_sources_that_are_left_out_are_a_split(several: Bundle, label_facts: dict[str, Any]) -> None:
    label_facts["split"]["by"] = "source"
    assert "by source: each source that is large enough" in data_section(
        replace(several, provenance=label_facts)
    )
    label_facts["dataset"]["sources"] = ["a"]
    assert "| sources |" not in data_section(replace(several, provenance=label_facts))
