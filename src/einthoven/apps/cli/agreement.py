"""Whether an answer is what the truth says: over the classes that both know, and where there are such."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from einthoven.bundle.outline import Outline

BETWEEN = " + "
"""Between the classes of a recording that has several."""


@dataclass(frozen=True, slots=True)
class Truth:
    """What a table of labels says of recordings.

    labels : path of a file, as given -> its label, several joined by " + ", empty where it has none
    classes : all labels that the table names, of whatever recording, sorted

    A class that is named nowhere in the table was not looked for, as far as anybody can know: what a model
    says of it is neither right nor wrong.
    """

    labels: Mapping[str, str]
    classes: tuple[str, ...]

    def compared(self, outline: Outline) -> tuple[str, ...]:
        """Return the classes of a model that the table names, in the model's order."""
        return tuple(label.name for label in outline.labels if label.name in self.classes)


def agrees(item: Mapping[str, Any], compared: Collection[str], *, is_multi_label: bool) -> bool | None:
    """Tell whether an answer is the one that its truth is; of a multi-label model, just the same classes.

    Parameters
    ----------
    item : the answer, or the failure, which is never right, with its `truth`
    compared : classes of the model that the table of the truth names; others count nothing
    is_multi_label : whether the model may give any number of classes

    Returns
    -------
    None if the two cannot be compared: none of the model's classes is named, or none of
    the recording's own labels is one of them.
    """
    if not (compared if is_multi_label else item["truth"] in compared):
        return None
    own = set_of(item["truth"])
    # A recording that has labels, but none that the model knows, was judged in other words.
    if is_multi_label and own and own.isdisjoint(compared):
        return None
    if "error" in item:
        return False
    if is_multi_label:
        return own.intersection(compared) == set(item["labels"]).intersection(compared)
    return bool(item["labels"][:1] == [item["truth"]])


def set_of(truth: str) -> set[str]:
    """Return the classes that a truth consists of.

    >>> sorted(set_of("LAD + AF")), set_of("")
    (['AF', 'LAD'], set())
    """
    return set(truth.split(BETWEEN)) if truth else set()
