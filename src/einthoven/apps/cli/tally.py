"""What is said of many answers together: how many failed, and how many agree with the truth."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

import typer

from einthoven.apps.cli.answers import is_right, set_of
from einthoven.apps.text import counted

EXIT_SOME_FAILED = 1
LISTED = 10
"""So many failures are named at the end."""


class Tally:
    """Counts answers as they pass, and adds the truth to them.

    truth : path of a file -> its label, or labels, as `read_truth` gives them; None if none was given
    classes : of the models that may answer
    is_multi_label : whether all these models may give any number of classes: so a recording without an
        answer lacks each of its own
    has_rows : whether what failed is shown among the answers
    """

    def __init__(
        self,
        truth: Mapping[str, str] | None = None,
        classes: Collection[str] = (),
        *,
        is_multi_label: bool = False,
        has_rows: bool = True,
    ) -> None:
        self._truth, self._is_multi_label, self._has_rows = truth, is_multi_label, has_rows
        self._errors: list[str] = []
        self._n = self._n_failed = self._n_compared = self._n_right = 0
        self._sets = _SetScores(classes)
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
            if self._truth and item["path"] in self._truth:
                item["truth"] = self._truth[item["path"]]
                self._compare(item)
            yield item
        if self._n_compared:
            self.notes.append(f"{self._n_right} of {self._n_compared} answers agree with the truth")
        self.notes += self._sets.notes()
        if self._truth is not None and not self.notes:
            self.notes.append("the table of the truth names none of these recordings")

    def _compare(self, item: Mapping[str, Any]) -> None:
        if "thresholds" in item or ("error" in item and self._is_multi_label):
            self._sets.add(set_of(item["truth"]), set(item.get("labels", ())), is_failed="error" in item)
            return
        self._n_compared += 1
        self._n_right += is_right(item)

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


class _SetScores:
    """Compares the classes that recordings are given with those they have."""

    def __init__(self, classes: Collection[str]) -> None:
        self._classes = classes
        self._n = self._n_exact = 0
        self._hits: Counter[str] = Counter()
        self._extra: Counter[str] = Counter()
        self._missed: Counter[str] = Counter()

    def add(self, true: set[str], given: set[str], *, is_failed: bool) -> None:
        self._n += 1
        self._n_exact += true == given and not is_failed
        self._hits.update(true & given)
        self._extra.update(given - true)
        self._missed.update(true - given)

    def notes(self) -> list[str]:
        """Say what agrees, in lines; none if nothing was compared."""
        if not self._n:
            return []
        said = [f"exactly the classes of the truth: {self._n_exact} of {counted(self._n, 'recording')}"]
        n_hits, n_extra = self._hits.total(), self._extra.total()
        named = sorted({*self._hits, *self._missed})
        if named:
            n_true = n_hits + self._missed.total()
            n_named = "the only class" if len(named) == 1 else f"the mean of the {len(named)} classes"
            said.append(f"true classes found: {n_hits} of {n_true}, others given: {n_extra}; macro F1 "
                        f"{self._macro_f1(named):.3f}, {n_named} that the truth names")  # fmt: skip
        if unknown := [name for name in named if name not in self._classes]:
            said.append(f"the truth names what no class of the model is called: {', '.join(unknown)}")
        return said

    def _macro_f1(self, names: Iterable[str]) -> float:
        import numpy as np

        from einthoven.metrics.multilabel import f_beta_of_counts

        counts = [[of[name] for name in names] for of in (self._hits, self._extra, self._missed)]
        return float(f_beta_of_counts(np.array(counts, np.float64), 1.0).mean())
