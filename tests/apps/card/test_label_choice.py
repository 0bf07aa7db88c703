"""Which head and which thresholds a bundle of several labels holds, and what was measured beside them."""

from dataclasses import replace
from typing import Any

import pytest

from einthoven.apps.card.label_choice import _RULES, choice_section
from einthoven.bundle import Bundle
from einthoven.decisions import THRESHOLD_RULES


def told(bundle: Bundle, facts: dict[str, Any], **calibrated: Any) -> str:
    changed = {**facts, "calibrated": {**facts["calibrated"], **calibrated}}
    return choice_section(replace(bundle, provenance=changed))


def row(text: str, start: str) -> list[str]:
    line = next(line for line in text.splitlines() if line.startswith(f"| {start} |"))
    return [cell.strip() for cell in line.split("|")[1:-1]]


def test_both_heads_stand_side_by_side_and_the_answering_one_is_marked(
    several: Bundle, label_facts: dict[str, Any]
) -> None:
    text = choice_section(several)
    assert "Support vector machines (`linear`) answer in place of the networks' own classifier" in text
    own = row(text, "support vector machines, `linear`, **in this model**")
    assert own[1:] == ["0.850 (0.800 to 0.900)", "0.530 (0.480 to 0.580)", "0.600 (0.550 to 0.650)",
                       "0.550 (0.500 to 0.600)", "0.310 (0.210 to 0.410)", "0.040", "0.080"]  # fmt: skip
    assert row(text, "sigmoid")[-1] == "0.090"
    text = told(several, label_facts, head="sigmoid")
    assert "The networks' own classifier answers, a sigmoid for each class." in text
    assert row(text, "sigmoid, **in this model**")
    label_facts["held_out"]["heads"].pop()
    assert "No other head was measured." in told(several, label_facts, head="sigmoid")


def test_how_thresholds_were_found_and_measured_is_said(several: Bundle, label_facts: dict[str, Any]) -> None:
    text = choice_section(several)
    assert (
        "Thresholds by the rule `out-of-fold`: on all held-out recordings they give a mean of macro F2 and "
        "macro G2 as high as a downhill simplex finds it, from 0.4 on. The figures that stand on thresholds "
        "are cross-fitted: each fold is decided by a temperature and thresholds fitted on the others"
    ) in text
    assert "1 of 4 are still where the search began, at 0.4" in text
    moved = replace(several, thresholds=(0.1, 0.2, 0.3, 0.5))
    assert "still where" not in choice_section(moved)
    label_facts["held_out"]["folds"] = [0]
    assert "each fifth of the fold is decided" in told(several, label_facts)


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ("fixed", "Thresholds are 0.5 for every class (rule `fixed`); none was fitted."),
        ("singstad2018", "on the recordings that trained the selected network. The figures by"),
        ("exact", "as a search class by class finds it"),
        ("challenge", "a challenge metric as high as a search class by class"),
        ("another", "Thresholds by the rule `another`."),
    ],
)
def test_every_rule_is_put_in_words(
    several: Bundle, label_facts: dict[str, Any], rule: str, said: str
) -> None:
    assert said in told(several, label_facts, rule=rule)


def test_the_papers_thresholds_are_said_to_have_seen_what_they_are_scored_on(
    several: Bundle, label_facts: dict[str, Any]
) -> None:
    said = (
        "The figures by `singstad2018` are not cross-fitted: its thresholds saw the labels of most "
        "recordings that they are scored on, those of the other 2 folds that trained the selected network"
    )
    assert "not cross-fitted" not in choice_section(several)
    decided = label_facts["held_out"]["heads"][1]["decided"]
    decided.append({**decided[0], "rule": "singstad2018"})
    assert said in told(several, label_facts).splitlines()[-1]
    assert told(several, label_facts, rule="singstad2018").count(said) == 2
    # One fold alone was not seen by the network whose training scores gave them.
    label_facts["held_out"]["folds"] = [0]
    assert "not cross-fitted" not in told(several, label_facts, rule="singstad2018")


def test_what_other_rules_would_do_is_told(several: Bundle, label_facts: dict[str, Any]) -> None:
    assert set(_RULES) == set(THRESHOLD_RULES)
    text = choice_section(several)
    assert row(text, "`out-of-fold`, **in this model**")[1:3] == [
        "F2 and G2, downhill simplex",
        "0.600 (0.550 to 0.650)",
    ]
    other = row(text, "`fixed`")
    assert other[1:3] == ["0.5 for every class", "0.500 (0.450 to 0.550)"]
    assert other[-2:] == ["0.320 (0.270 to 0.370)", "30"]
    assert "flatters what is chosen" in text
    decided = label_facts["held_out"]["heads"][1]["decided"]
    decided[1]["n_unanswered"] = None
    assert row(told(several, label_facts), "`fixed`")[-1] == "–"
    decided.pop()
    assert told(several, label_facts).endswith("Other thresholds: not measured.")
