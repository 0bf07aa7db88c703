"""What is said of many answers together: how many failed, and how many agree with the truth."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import typer

from einthoven.apps.cli.agreement import Truth, agrees, set_of
from einthoven.apps.text import counted

if TYPE_CHECKING:
    from einthoven.bundle.outline import Outline

EXIT_SOME_FAILED = 1
LISTED = 10
"""So many failures are named at the end."""


class Tally:
    """Counts answers as they pass, and adds the truth to them.

    truth : None if none was given
    outlines : of the models that may answer
    others : gives those that could be asked instead, where the truth fits none of the model's classes
    has_rows : whether what failed is shown among the answers
    """

    def __init__(
        self,
        truth: Truth | None = None,
        outlines: Sequence[Outline] = (),
        *,
        others: Callable[[], Sequence[Outline]] = lambda: (),
        has_rows: bool = True,
    ) -> None:
        self._truth, self._others, self._has_rows = truth, others, has_rows
        # What got no answer counts with the first model that can be compared, one of a single label before.
        self._outlines = {one.name: one for one in sorted(outlines, key=lambda one: one.is_multi_label)}
        self._errors: list[str] = []
        self._n = self._n_failed = self._n_known = self._n_compared = self._n_right = 0
        self._sets: dict[str, SetScores] = {}
        self._strange: dict[str, list[str]] = {}
        self.notes: list[str] = []

    def count(self, items: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
        """Pass answers on; when all have passed, `notes` says how many agree with the truth."""
        for item in items:
            self._n += 1
            if "error" in item:
                self._n_failed += 1
                # Of a million only those that will be named are kept.
                if self._n_failed <= LISTED:
                    self._errors.append(f"{item['path']}: {item['error']}")
            if self._truth and item["path"] in self._truth.labels:
                item["truth"] = self._truth.labels[item["path"]]
                self._compare(item, self._truth)
            yield item
        if self._truth is not None:
            self.notes += self._said(self._truth)

    def _compare(self, item: Mapping[str, Any], truth: Truth) -> None:
        """Count an answer whose truth is known, or a failure."""
        self._n_known += 1
        asked = self._outlines.values() if "error" in item else [self._outlines[item["model"]]]
        for outline in asked:
            compared = truth.compared(outline)
            is_so = agrees(item, compared, is_multi_label=outline.is_multi_label)
            if is_so is None:
                if "error" not in item:
                    self._strange.setdefault(outline.name, []).append(item["truth"])
                continue
            if outline.is_multi_label:
                scores = self._sets.setdefault(outline.name, SetScores(compared, len(outline.labels)))
                scores.add(set_of(item["truth"]), set(item.get("labels", ())), is_exact=is_so)
            else:
                self._n_compared += 1
                self._n_right += is_so
            return

    def _said(self, truth: Truth) -> list[str]:
        notes = []
        if self._n_compared:
            notes.append(f"{self._n_right} of {self._n_compared} answers agree with the truth")
        for name, scores in self._sets.items():
            before = f"{name}: " if len(self._sets) > 1 else ""
            notes += [f"{before}{note}" for note in scores.notes(name)]
        for name, strange in self._strange.items():
            notes.append(self._not_compared(self._outlines[name], strange, truth))
        return notes if self._n_known else ["the table of the truth names none of these recordings"]

    def _not_compared(self, outline: Outline, strange: Sequence[str], truth: Truth) -> str:
        """Say that what a model answers and what the truth says have no class in common, and what to do."""
        names = truth.classes if outline.is_multi_label else sorted({name or "none" for name in strange})
        known = [
            f"--model {other.name} has {', '.join(shared)}"
            for other in self._others()
            if other.name != outline.name and (shared := [name for name in names if _can_be(name, other)])
        ]
        advice = " or ".join(known) or "name the classes in the table as the model does"
        return (f"{counted(len(strange), 'answer')} of {outline.name} not compared (?): the truth says "
                f"{', '.join(names) or 'none'}, the model's classes are {', '.join(labels_of(outline))}; "
                f"{advice}")  # fmt: skip

    def finish(self) -> None:
        """End with the exit code that fits, and say on stderr what failed."""
        from einthoven.apps.cli import EXIT_FAILED, say_error

        if not self._n_failed:
            return
        n_more = self._n_failed - len(self._errors)
        more = [f"and {n_more} more{'; see the rows marked failed' if self._has_rows else ''}"]
        is_all = self._n == self._n_failed
        share = f"all {self._n}" if is_all else f"{self._n_failed} of {self._n}"
        if self._n == 1:
            say_error(self._errors[0])
        elif self._n_failed == 1:
            say_error(f"{share} recordings failed: {self._errors[0]}")
        else:
            say_error(f"{share} recordings failed:", *self._errors, *(more if n_more else []))
        raise typer.Exit(EXIT_FAILED if is_all else EXIT_SOME_FAILED)


class SetScores:
    """Compares the classes that recordings are given with those they have.

    compared : classes of the model that the table of the truth names
    n_classes : all that the model has
    """

    def __init__(self, compared: Sequence[str], n_classes: int) -> None:
        self._compared, self._n_classes = compared, n_classes
        self._n = self._n_exact = 0
        self._hits: Counter[str] = Counter()
        self._extra: Counter[str] = Counter()
        self._missed: Counter[str] = Counter()

    def add(self, true: set[str], given: set[str], *, is_exact: bool) -> None:
        """Count a recording.

        is_exact : whether it got an answer, and that of the truth, as far as classes are compared
        """
        self._n += 1
        self._n_exact += is_exact
        self._hits.update(true & given)
        self._extra.update(given - true)
        self._missed.update(true - given)

    def notes(self, model: str) -> list[str]:
        """Say what agrees, over which classes, and what is left out."""
        exact = f"{self._n_exact} of {counted(self._n, 'recording')}"
        over = ""
        if len(self._compared) < self._n_classes:
            over = f", over the {len(self._compared)} of {model}'s {self._n_classes} that the table names "
            over += f"({', '.join(self._compared)})"
        said = [f"exactly the classes of the truth{over}: {exact}"]
        if named := [name for name in self._compared if self._hits[name] or self._missed[name]]:
            said.append(self._found(named))
        if unjudged := [name for name in self._extra if name not in self._compared]:
            often = (f"{name} ({self._extra[name]})" for name in sorted(unjudged))
            said.append("labels left out, as nobody judged these classes, which the table names nowhere: "
                        f"{', '.join(often)}")  # fmt: skip
        if unknown := sorted(name for name in self._missed if name not in self._compared):
            said.append(f"left out of the truth, as no class of {model} is called so: {', '.join(unknown)}")
        return said

    def _found(self, named: Sequence[str]) -> str:
        """Say how many of the true classes were found."""
        n_hits, n_missed, n_extra = (
            sum(of[name] for name in self._compared) for of in (self._hits, self._missed, self._extra)
        )
        n_named = "the only class" if len(named) == 1 else f"the mean of the {len(named)} classes"
        return (f"true classes found: {n_hits} of {n_hits + n_missed}, others given: {n_extra}; macro F1 "
                f"{self._macro_f1(named):.3f}, {n_named} that these recordings have")  # fmt: skip

    def _macro_f1(self, names: Iterable[str]) -> float:
        import numpy as np

        from einthoven.metrics.multilabel import f_beta_of_counts

        counts = [[of[name] for name in names] for of in (self._hits, self._extra, self._missed)]
        return float(f_beta_of_counts(np.array(counts, np.float64), 1.0).mean())


def _can_be(truth: str, outline: Outline) -> bool:
    """Tell whether a model could give a truth, of one class or of several."""
    names = set_of(truth)
    return bool(names) and names.issubset(labels_of(outline)) and (len(names) == 1 or outline.is_multi_label)


def labels_of(outline: Outline) -> list[str]:
    """Return the names of a model's classes."""
    return [label.name for label in outline.labels]
