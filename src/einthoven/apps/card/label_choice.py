"""Which head answers, and by which thresholds: what there was to choose from, and how it was measured."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from einthoven.apps.card.facts import count, share
from einthoven.apps.card.label_facts import (
    UNDEFINED,
    answering_head,
    cell,
    challenge_metric,
    decided_of,
    heads_of,
)
from einthoven.apps.card.markdown import code, table
from einthoven.bundle.facts import is_number, listed, objects, stated
from einthoven.decisions.rules import THRESHOLD_RULES

if TYPE_CHECKING:
    from einthoven.bundle import Bundle

_OWN = "sigmoid"
_OBJECTIVES = {
    "f1": "macro F1",
    "f2": "macro F2",
    "g2": "macro G2",
    "mean": "mean of macro F2 and macro G2",
    "challenge": "challenge metric",
}
_METHODS = {"nelder-mead": "a downhill simplex", "coordinate": "a search class by class"}
_RULES = {
    "fixed": "0.5 for every class",
    "singstad2018": "F2 and G2 of what trained the network, downhill simplex",
    "out-of-fold": "F2 and G2, downhill simplex",
    "exact": "F2 and G2, class by class",
    "f1": "F1, class by class, where there are ten positives or more",
    "challenge": "challenge metric, class by class; each recording gets a class",
}
"""What each of `THRESHOLD_RULES` seeks."""


def choice_section(bundle: Bundle) -> str:
    """Return which head and which thresholds the bundle holds, and the others beside them."""
    parts = ["### Head and thresholds", _head(bundle), _heads(bundle), _thresholds(bundle), _rules(bundle)]
    return "\n\n".join(filter(None, parts))


def parts_of(bundle: Bundle) -> str:
    """Return what was measured by what the others fitted: a "fold", or a "fifth of the fold"."""
    return "fold" if len(listed(bundle.provenance, "held_out", "folds")) > 1 else "fifth of the fold"


def rule_of(bundle: Bundle) -> Any:
    """Return the name of the rule that gave the thresholds, None if it is not stated."""
    return stated(bundle.provenance, "calibrated", "rule")


def _head(bundle: Bundle) -> str:
    name = stated(bundle.provenance, "calibrated", "head")
    if name == _OWN:
        return "The networks' own classifier answers, a sigmoid for each class."
    return (
        f"Support vector machines ({code(name)}) answer in place of the networks' own classifier, one for "
        "each class, on the networks' features. The shipped ones were fitted to the recordings that their "
        "network did not learn from; those measured here to four fifths of these, so that none answers a "
        "recording that it learnt from."
    )


def _heads(bundle: Bundle) -> str:
    """Return the heads that were measured, each by the rule of the bundle."""
    heads, own = heads_of(bundle), answering_head(bundle)
    if len(heads) < 2:
        return "No other head was measured."
    rows = [
        (
            _name(head, is_own=head is own),
            *(cell(stated(head, "ranking", f"macro_{measure}")) for measure in ("auroc", "auprc")),
            *(cell(stated(decided_of(head, bundle), "table", f"macro_{name}")) for name in ("f1", "f_beta")),
            cell(challenge_metric(decided_of(head, bundle))),
            share(head.get("calibration_error")),
            share(head.get("brier")),
        )
        for head in heads
    ]
    headings = ("head", "AUROC", "AUPRC", "F1", "F2", "challenge metric", "calibration error", "Brier score")
    return f"Means over all classes:\n\n{table(headings, rows)}"


def _name(head: Mapping[str, Any], *, is_own: bool) -> str:
    name = head.get("head")
    words = "sigmoid" if name == _OWN else f"support vector machines, {code(name)}"
    return f"{words}, **in this model**" if is_own else words


def _thresholds(bundle: Bundle) -> str:
    """Say how the thresholds were found, and what the figures are of."""
    name = rule_of(bundle)
    rule = THRESHOLD_RULES.get(str(name))
    if rule is None:
        return f"Thresholds by the rule {code(name)}."
    if rule.fitted_on == "fixed":
        return f"Thresholds are {rule.start:g} for every class (rule {code(name)}); none was fitted."
    sought = f"a {_OBJECTIVES[str(rule.objective)]} as high as {_METHODS[str(rule.method)]} finds it"
    kept = sum(at == rule.start for at in bundle.thresholds or ())
    begun = (
        f"{kept} of {len(bundle.labels)} are still where the search began, at {rule.start:g}: for these "
        "classes nothing better was found, or there was too little to find it by."
        if kept
        else ""
    )
    if rule.fitted_on == "training":
        return (
            f"Thresholds by the rule {code(name)}: they give {sought}, from {rule.start:g} on, on the "
            f"recordings that trained the selected network.{_seen(bundle, name)} {begun}"
        ).rstrip()
    return (
        f"Thresholds by the rule {code(name)}: on all held-out recordings they give {sought}, from "
        f"{rule.start:g} on. The figures that stand on thresholds are cross-fitted: each {parts_of(bundle)} "
        "is decided by a temperature and thresholds fitted on the others, not by those in the table above. "
        f"{begun}"
    ).rstrip()


def _seen(bundle: Bundle, name: Any) -> str:
    """Say that a rule fitted on training scores is not cross-fitted, where there are several folds."""
    n = len(listed(bundle.provenance, "held_out", "folds"))
    if n < 2:
        return ""
    return (
        f" The figures by {code(name)} are not cross-fitted: its thresholds saw the labels of most "
        f"recordings that they are scored on, those of the other {count(n - 1)} folds that trained the "
        "selected network, which flatters what stands on them."
    )


def _rules(bundle: Bundle) -> str:
    """Return what other thresholds would do, with the same head."""
    own = decided_of(answering_head(bundle), bundle)
    rows = []
    for decided in objects(answering_head(bundle), "decided"):
        name = code(decided.get("rule"))
        rows.append(
            (
                f"{name}, **in this model**" if decided is own else name,
                _RULES.get(str(decided.get("rule")), UNDEFINED),
                *(cell(stated(decided, "table", f"macro_{of}")) for of in ("f1", "f_beta", "g_beta")),
                cell(challenge_metric(decided)),
                cell(stated(decided, "table", "exact_match")),
                count(decided["n_unanswered"]) if is_number(decided.get("n_unanswered")) else UNDEFINED,
            )
        )
    if len(rows) < 2:
        return "Other thresholds: not measured."
    rules = [decided.get("rule") for decided in objects(answering_head(bundle), "decided")]
    seen = "".join(_seen(bundle, name) for name in rules if _is_fitted_on_training(name))
    headings = ("rule", "seeks", "F1", "F2", "G2", "challenge metric", "exactly right", "given no class")
    return (
        f"What other rules would do, as means over all classes:\n\n{table(headings, rows)}\n\n"
        f"Who chooses among heads and rules by these figures flatters what is chosen.{seen}"
    )


def _is_fitted_on_training(name: Any) -> bool:
    rule = THRESHOLD_RULES.get(str(name))
    return rule is not None and rule.fitted_on == "training"
