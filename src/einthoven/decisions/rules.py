"""Named ways to find thresholds: the paper's, and better ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray

from einthoven.decisions.probabilities import probability_matrix
from einthoven.decisions.thresholds import (
    PAPER_START,
    Method,
    Objective,
    apply_thresholds,
    check_choice,
    check_search,
    check_start,
    fit_thresholds,
)
from einthoven.errors import SettingsError
from einthoven.truth import Flags, judged_labels

FittedOn = Literal["out-of-fold", "training", "fixed"]


@dataclass(frozen=True, slots=True)
class ThresholdRule:
    """How thresholds are found, and what becomes of a record that reaches none.

    objective, method : as in `fit_thresholds`; None if the thresholds are fixed
    start : every threshold before the search, and that of a class that cannot be fitted, in (0, 1)
    at_least_one : a record that reaches no threshold gets a class all the same: see `apply_thresholds`
    fitted_on : scores of records that the network was not trained on, of those that it was, or of none
    min_positives : a class that fewer records have keeps its start

    Raises SettingsError if a value is unknown or out of range, or a fixed rule has something to fit.
    """

    objective: Objective | None
    method: Method | None
    start: float
    at_least_one: bool
    fitted_on: FittedOn
    min_positives: int = 1

    def __post_init__(self) -> None:
        check_choice("fitted_on", self.fitted_on, get_args(FittedOn))
        check_start(np.asarray(self.start))
        if self.fitted_on != "fixed":
            check_search(self.objective, self.method, self.min_positives)
        elif self.objective is not None or self.method is not None:
            raise SettingsError("threshold rule: expected no objective and no method of a fixed one, found "
                                f"{self.objective} and {self.method}")  # fmt: skip

    def fit(
        self, labels: ArrayLike, scores: ArrayLike, *, classes: Sequence[str] | None = None
    ) -> NDArray[np.float64]:
        """Find the thresholds, (n_classes,), from scores of the kind that the rule is fitted on.

        Parameters, raises: as `fit_thresholds`.
        """
        if self.objective is None or self.method is None:
            shape = probability_matrix(scores).shape
            judged_labels(labels, shape)
            return np.full(shape[1], self.start)
        return fit_thresholds(
            labels,
            scores,
            objective=self.objective,
            method=self.method,
            start=self.start,
            min_positives=self.min_positives,
            classes=classes,
        )

    def decide(self, scores: ArrayLike, thresholds: ArrayLike) -> Flags:
        """Give records their classes: see `apply_thresholds`."""
        return apply_thresholds(scores, thresholds, at_least_one=self.at_least_one)


THRESHOLD_RULES: dict[str, ThresholdRule] = {
    "fixed": ThresholdRule(None, None, 0.5, at_least_one=False, fitted_on="fixed"),
    # The paper's way, which flatters its own result.
    "singstad2018": ThresholdRule(
        "mean", "nelder-mead", PAPER_START, at_least_one=False, fitted_on="training"
    ),
    "out-of-fold": ThresholdRule(
        "mean", "nelder-mead", PAPER_START, at_least_one=False, fitted_on="out-of-fold"
    ),
    # The simplex often stops near its start; this finds the best thresholds there are.
    "exact": ThresholdRule("mean", "coordinate", PAPER_START, at_least_one=False, fitted_on="out-of-fold"),
    # A miss costs as much as a false alarm; of fewer than ten positives nothing is learnt.
    "f1": ThresholdRule(
        "f1", "coordinate", PAPER_START, at_least_one=False, fitted_on="out-of-fold", min_positives=10
    ),
    # No class at all earns nothing in that metric, and any class something.
    "challenge": ThresholdRule(
        "challenge", "coordinate", PAPER_START, at_least_one=True, fitted_on="out-of-fold"
    ),
}
