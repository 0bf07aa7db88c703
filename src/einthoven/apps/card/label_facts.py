"""What a provenance states of a model of several labels: the head that answers, and figures of each class."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from einthoven.apps.card.facts import score
from einthoven.bundle.facts import is_number, listed, objects, stated
from einthoven.inference import label_doubts
from einthoven.inference.known_limits import MOST
from einthoven.inference.label_doubts import Doubt

if TYPE_CHECKING:
    from einthoven.bundle import Bundle

UNDEFINED = "–"
"""A cell of a score that no recording defines."""


@dataclass(frozen=True, slots=True)
class ClassFigures:
    """What is stated of one class; whatever it is, a score as JSON or nothing.

    doubt : why it is not to be relied on where it is given; an answer says the same
    n_positive, n_judged : held-out recordings with the class, and those of which somebody said whether
    """

    name: str
    doubt: Doubt | None
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
    def is_reliable(self) -> bool:
        """Whether nothing speaks against it where it is given."""
        return self.doubt is None

    @property
    def is_missed(self) -> bool:
        """Whether most that have it are not given it, as far as that is known."""
        value = stated(self.recall, "value")
        return is_number(value) and value < MOST


def heads_of(bundle: Bundle) -> list[Mapping[str, Any]]:
    """Return what is stated of every head that was measured."""
    return objects(bundle.provenance, "held_out", "heads")


def answering_head(bundle: Bundle) -> Mapping[str, Any]:
    """Return what is stated of the head that the bundle holds; nothing if that is not known."""
    return label_doubts.answering_head(bundle.provenance)


def decided_of(head: Mapping[str, Any], bundle: Bundle) -> Mapping[str, Any]:
    """Return what is stated of a head by the rule that the bundle's thresholds are found by."""
    return label_doubts.decided_of(head, bundle.provenance)


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
    doubts = label_doubts.doubtful_labels(bundle.provenance)
    return [
        ClassFigures(name, doubts.get(name), *(_at(column, row) for column in columns))
        for row, name in enumerate(names)
    ]


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
