"""What a provenance states of a model of several labels: the head that answers, and figures of each class."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from einthoven.apps.card.facts import score
from einthoven.bundle.facts import is_number, listed, objects, stated
from einthoven.training.class_groups import MIN_POSITIVES

if TYPE_CHECKING:
    from einthoven.bundle import Bundle

UNDEFINED = "–"
"""A cell of a score that no recording defines."""
MIN_F1 = 0.5
"""A class of which F1 is lower, or not defined, is not to be relied on."""
CHANCE = 0.5
"""The AUROC of a class that is guessed."""


@dataclass(frozen=True, slots=True)
class ClassFigures:
    """What is stated of one class; whatever it is, a score as JSON or nothing.

    n_positive, n_judged : held-out recordings with the class, and those of which somebody said whether
    """

    name: str
    n_positive: Any
    n_judged: Any
    threshold: Any
    auroc: Any
    auprc: Any
    recall: Any
    specificity: Any
    precision: Any
    f1: Any

    @property
    def is_few(self) -> bool:
        """Whether too few held-out recordings have it to say how good the model is."""
        return not is_number(self.n_positive) or self.n_positive < MIN_POSITIVES

    @property
    def is_chance(self) -> bool:
        """Whether it may be ranked no better than by chance."""
        low = stated(self.auroc, "low")
        return not is_number(low) or low <= CHANCE

    @property
    def is_poor(self) -> bool:
        """Whether F1 is low or unknown."""
        value = stated(self.f1, "value")
        return not is_number(value) or value < MIN_F1

    @property
    def is_reliable(self) -> bool:
        """Whether nothing of these speaks against it."""
        return not (self.is_few or self.is_chance or self.is_poor)


def heads_of(bundle: Bundle) -> list[Mapping[str, Any]]:
    """Return what is stated of every head that was measured."""
    return objects(bundle.provenance, "held_out", "heads")


def answering_head(bundle: Bundle) -> Mapping[str, Any]:
    """Return what is stated of the head that the bundle holds; nothing if that is not known."""
    name = stated(bundle.provenance, "calibrated", "head")
    return next((head for head in heads_of(bundle) if name is not None and head.get("head") == name), {})


def decided_of(head: Mapping[str, Any], bundle: Bundle) -> Mapping[str, Any]:
    """Return what is stated of a head by the rule that the bundle's thresholds are found by."""
    rule = stated(bundle.provenance, "calibrated", "rule")
    return next((one for one in objects(head, "decided") if rule is not None and one.get("rule") == rule), {})


def n_held_out(facts: Mapping[str, Any]) -> Any:
    """Return how many recordings were held out, None if that is not stated."""
    heads = objects(facts, "held_out", "heads")
    return stated(heads[0], "ranking", "n_records") if heads else None


def class_figures(bundle: Bundle) -> list[ClassFigures]:
    """Return what is stated of each class, in the bundle's order; nothing if its head is not known."""
    head = answering_head(bundle)
    decided = decided_of(head, bundle)
    columns = [
        listed(head, "ranking", "support"),
        listed(bundle.provenance, "held_out", "judged"),
        list(bundle.thresholds or ()),
        *(listed(head, "ranking", name) for name in ("auroc", "auprc")),
        listed(decided, "table", "recall"),
        listed(decided, "specificity"),
        *(listed(decided, "table", name) for name in ("precision", "f1")),
    ]
    names = [str(name) for name in listed(head, "ranking", "classes")]
    if names != [label.name for label in bundle.labels]:
        return []
    return [ClassFigures(name, *(_at(column, row) for column in columns)) for row, name in enumerate(names)]


def _at(column: Sequence[Any], row: int) -> Any:
    return column[row] if row < len(column) else None


def cell(value: Any) -> str:
    """Return a score with its interval, or a dash.

    >>> cell({"value": 0.8, "low": 0.7, "high": 0.9}), cell({"value": None})
    ('0.800 (0.700 to 0.900)', '–')
    """
    return score(value) if is_number(stated(value, "value")) else UNDEFINED


def challenge_metric(decided: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Return the metric of the CinC Challenge 2020 as a score, None if it was not measured."""
    values = listed(decided, "challenge")
    return dict(zip(("value", "low", "high"), values, strict=True)) if len(values) == 3 else None
