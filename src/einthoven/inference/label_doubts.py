"""Which labels of a model are not to be relied on where it gives them: one rule for card and answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from einthoven.bundle.facts import is_number, listed, objects, stated
from einthoven.truth import MIN_POSITIVES

CHANCE = 0.5
"""The AUROC of a class that is guessed."""
RIGHT = 0.5
"""A label of lower precision is more often wrong than right."""


@dataclass(frozen=True, slots=True)
class Doubt:
    """Why a label that is given is not to be relied on, as held-out recordings showed it.

    kind : "few", hardly any of them have it; "chance", they are not surely ranked better than by chance;
        "wrong", most that were given it do not have it; "untried", none was given it. The first that applies
    value : how many have it, or the precision; None where there is none
    """

    kind: Literal["few", "chance", "wrong", "untried"]
    value: float | None = None

    @property
    def words(self) -> str:
        """Say so."""
        if self.kind == "few":
            return f"only {self.value:.0f} of the held-out recordings had it"
        if self.kind == "wrong":
            return f"{100 * (self.value or 0):.0f} % of the held-out recordings given it have it"
        if self.kind == "untried":
            return "no held-out recording was given it"
        return "held-out recordings with it were not surely told from others"


def answering_head(provenance: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return what is stated of the head that a bundle holds; nothing if that is not known."""
    name = stated(provenance, "calibrated", "head")
    heads = objects(provenance, "held_out", "heads")
    return next((head for head in heads if name is not None and head.get("head") == name), {})


def decided_of(head: Mapping[str, Any], provenance: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return what is stated of a head by the rule that the bundle's thresholds are found by."""
    rule = stated(provenance, "calibrated", "rule")
    return next((one for one in objects(head, "decided") if rule is not None and one.get("rule") == rule), {})


def doubtful_labels(provenance: Mapping[str, Any]) -> dict[str, Doubt]:
    """Return which labels of a model of several are not to be relied on where it gives them, and why.

    They were judged by held-out recordings, decided by the rule that found the bundle's thresholds. What a
    bundle does not state speaks against no label.

    Parameters
    ----------
    provenance : of a bundle; what is nothing like one is passed over
    """
    head = answering_head(provenance)
    ranking, table = stated(head, "ranking"), stated(decided_of(head, provenance), "table")
    support, areas = _by_class(ranking, "support"), _by_class(ranking, "auroc")
    precision = _by_class(table, "precision")
    found: dict[str, Doubt] = {}
    for name in dict.fromkeys((*support, *areas, *precision)):
        n, low = stated(support, name), stated(areas, name, "low")
        right = stated(precision, name, "value")
        if is_number(n) and n < MIN_POSITIVES:
            found[name] = Doubt("few", n)
        elif name in areas and not (is_number(low) and low > CHANCE):
            found[name] = Doubt("chance")
        elif is_number(right) and right < RIGHT:
            found[name] = Doubt("wrong", right)
        elif name in precision and not is_number(right):
            found[name] = Doubt("untried")
    return found


def doubtful_warning(given: Sequence[str], doubts: Mapping[str, Doubt]) -> tuple[str, ...]:
    """Say which of the labels given are not to be relied on.

    >>> doubtful_warning(("NORM", "MI"), {"MI": Doubt("wrong", 0.466)})
    ('not to be relied on: MI (47 % of the held-out recordings given it have it)',)
    """
    words = [f"{name} ({doubts[name].words})" for name in given if name in doubts]
    return (f"not to be relied on: {', '.join(words)}",) if words else ()


def _by_class(table: Any, column: str) -> dict[str, Any]:
    return dict(zip(map(str, listed(table, "classes")), listed(table, column), strict=False))
