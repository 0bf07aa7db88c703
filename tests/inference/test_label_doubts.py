"""Which labels are not to be relied on where they are given: the card names them, and answers say so."""

from dataclasses import replace
from typing import Any

import pytest
from several_labels import THRESHOLDS, shifted, twelve_lead_bundle

from einthoven.inference.label_doubts import (
    Doubt,
    answering_head,
    decided_of,
    doubtful_labels,
    doubtful_warning,
)
from einthoven.inference.runtime import Model
from einthoven.inference.shipped import open_model, shipped_models

CLASSES = tuple(THRESHOLDS)


def facts(
    precision: dict[str, float | None], support: dict[str, int] | None = None, **lows: float | None
) -> dict[str, Any]:
    """Return a provenance: precisions by the rule that decides, positives, and lower ends of AUROCs."""
    right = {
        rule: [{"value": precision.get(name, 0.9) if rule == "exact" else 0.1} for name in CLASSES]
        for rule in ("fixed", "exact")
    }
    decided = [
        {"rule": rule, "table": {"classes": list(CLASSES), "precision": column}}
        for rule, column in right.items()
    ]
    ranking = {
        "classes": list(CLASSES),
        "support": [(support or {}).get(name, 60) for name in CLASSES],
        "auroc": [{"value": 0.9, "low": lows.get(name, 0.8)} for name in CLASSES],
    }
    heads = [{"head": "linear", "decided": []}, {"head": "sigmoid", "ranking": ranking, "decided": decided}]
    return {"calibrated": {"head": "sigmoid", "rule": "exact"}, "held_out": {"heads": heads}}


def test_the_head_and_the_rule_of_the_bundle_decide() -> None:
    stated = facts({})
    head = answering_head(stated)
    assert (head["head"], decided_of(head, stated)["rule"]) == ("sigmoid", "exact")
    assert doubtful_labels(stated) == {}
    stated["calibrated"]["rule"] = "fixed"
    assert set(doubtful_labels(stated)) == set(CLASSES)
    stated["calibrated"]["head"] = "linear"
    assert doubtful_labels(stated) == {}


def test_each_label_has_the_first_reason_that_applies() -> None:
    found = doubtful_labels(facts({"AF": 0.49, "PAC": None, "NSR": 0.5, "MI": 0.9}))
    assert found == {"AF": Doubt("wrong", 0.49), "PAC": Doubt("untried")}
    unsure = facts({"AF": 0.2, "PAC": None}, {"PAC": 9, "NSR": 10}, AF=0.5, NSR=0.501, MI=None)
    assert doubtful_labels(unsure) == {"AF": Doubt("chance"), "PAC": Doubt("few", 9), "MI": Doubt("chance")}


@pytest.mark.parametrize(
    "provenance",
    [
        {},
        {"held_out": None, "calibrated": {"head": "sigmoid", "rule": "exact"}},
        {"held_out": {"heads": [{"head": "sigmoid"}]}, "calibrated": {"head": "sigmoid"}},
        {"held_out": {"heads": [{"head": None, "ranking": {"classes": ["AF"], "support": [1]}}]}},
        {"held_out": {"heads": [{"head": "a", "ranking": 3}]}, "calibrated": {"head": "a"}},
    ],
)
def test_what_states_nothing_speaks_against_nothing(provenance: dict[str, Any]) -> None:
    assert doubtful_labels(provenance) == {}


def test_a_warning_names_the_labels_given_and_why() -> None:
    doubts = {
        "AF": Doubt("wrong", 0.25),
        "PAC": Doubt("untried"),
        "NSR": Doubt("few", 7),
        "MI": Doubt("chance"),
    }
    assert doubtful_warning(("X",), doubts) == ()
    assert doubtful_warning(("AF", "X", "PAC"), doubts) == (
        "not to be relied on: AF (25 % of the held-out recordings given it have it), PAC (no held-out "
        "recording was given it)",
    )
    (warning,) = doubtful_warning(("NSR", "MI"), doubts)
    assert "NSR (only 7 of the held-out recordings had it)" in warning
    assert warning.endswith("MI (held-out recordings with it were not surely told from others)")


def test_an_answer_says_so_of_the_labels_that_it_gives() -> None:
    bundle = replace(twelve_lead_bundle(), provenance=facts({"PAC": 0.3, "NSR": 0.1}))
    answer = Model(bundle).predict(shifted(2.0))
    assert answer.labels == ("AF", "PAC")
    doubts = [warning for warning in answer.warnings if "relied on" in warning]
    assert doubts == ["not to be relied on: PAC (30 % of the held-out recordings given it have it)"]


def test_the_shipped_card_names_the_labels_of_which_answers_say_so() -> None:
    from einthoven.apps.card.label_facts import class_figures

    if "ecg12" not in shipped_models():
        pytest.skip("this checkout has no model ecg12 in the zoo")
    bundle = open_model("ecg12")
    doubts, rows = doubtful_labels(bundle.provenance), class_figures(bundle)
    assert {row.name for row in rows if not row.is_reliable} == set(doubts)
    assert {"AF", "MI"} < set(doubts) and not {"NORM", "HYP"} & set(doubts)
    named = doubtful_warning([row.name for row in rows], doubts)[0]
    assert all(f"{name} (" in named for name in doubts)
