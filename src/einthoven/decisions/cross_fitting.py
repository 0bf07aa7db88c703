"""Each record decided by thresholds that it had no part in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from einthoven.decisions.probabilities import probability_matrix
from einthoven.decisions.rules import ThresholdRule
from einthoven.errors import DatasetError, SettingsError
from einthoven.truth import Flags, judged_labels


@dataclass(frozen=True, slots=True)
class CrossFitted:
    """Classes given to records by thresholds that others fitted, and the thresholds.

    outputs : (n_records, n_classes) bool
    parts : (n_parts,) the different parts, sorted
    thresholds_by_part : (n_parts, n_classes), what decided each part: fitted on all others
    thresholds : (n_classes,), fitted on all records; for records to come
    """

    outputs: Flags
    parts: NDArray[np.generic]
    thresholds_by_part: NDArray[np.float64]
    thresholds: NDArray[np.float64]


def cross_fitted_outputs(
    labels: ArrayLike,
    scores: ArrayLike,
    parts: ArrayLike,
    rule: ThresholdRule,
    *,
    classes: Sequence[str] | None = None,
) -> CrossFitted:
    """Decide each part by the thresholds that the other parts give, so that none is measured by its own.

    Parameters
    ----------
    labels : (n_records, n_classes), 1, 0, or NaN where nobody judged
    scores : (n_records, n_classes), probabilities of records that the network was not trained on
    parts : (n_records,), the fold of each record: whole numbers or names
    rule : how thresholds are fitted
    classes : the columns' codes or abbreviations; for the challenge metric

    Raises
    ------
    DatasetError if the three do not fit, there are less than two parts, or as `fit_thresholds` does.
    SettingsError if the rule is fitted on training scores, which no fold can be left out of.
    """
    if rule.fitted_on == "training":
        raise SettingsError("cross-fitting: expected a rule fitted on out-of-fold scores, or a fixed one, "
                            "found one fitted on training scores")  # fmt: skip
    p = probability_matrix(scores)
    truth, part = np.asarray(labels), np.asarray(parts)
    judged_labels(truth, p.shape)
    if part.shape != (len(p),):
        raise DatasetError(f"parts: expected one for each of {len(p)} records, found shape {part.shape}")
    names = np.unique(part)
    if len(names) < 2:
        raise DatasetError(f"parts: expected at least two, found {len(names)}")
    outputs, by_part = np.zeros(p.shape, np.bool_), np.empty((len(names), p.shape[1]))
    for i, name in enumerate(names):
        inside = part == name
        by_part[i] = rule.fit(truth[~inside], p[~inside], classes=classes)
        outputs[inside] = rule.decide(p[inside], by_part[i])
    return CrossFitted(outputs, names, by_part, rule.fit(truth, p, classes=classes))
