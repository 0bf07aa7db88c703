"""Thresholds for F1, F2 and G2: no class's threshold changes what another's is worth.

What a record counts depends on its true classes alone, so that each class has a curve of its own: its worth
at every cut of its scores. The best cuts of all classes are the best thresholds, exactly.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from einthoven.decisions.cuts import Cuts, cuts_of
from einthoven.decisions.simplex import highest_by_simplex
from einthoven.metrics.multilabel import f_beta_of_counts, g_beta_of_counts, label_weights
from einthoven.truth import Flags

BETA = 2.0


@dataclass(frozen=True, slots=True)
class ClassCurve:
    """What one class is worth at every cut of its scores.

    cuts : of the records that were judged
    values : (n_cuts,), range [0, 1]
    """

    cuts: Cuts
    values: NDArray[np.float64]


def class_curves(
    has: Flags, judged: Flags, scores: NDArray[np.float64], objective: str, moved: Flags
) -> tuple[ClassCurve, ...]:
    """Compute the curves of some classes, which must have a positive each.

    Parameters
    ----------
    has, judged : (n_records, n_classes)
    scores : (n_records, n_classes)
    objective : "f1", in which every record counts 1; "f2", "g2", or "mean" of the two
    moved : (n_classes,), which classes are asked about
    """
    weights = np.ones(len(has)) if objective == "f1" else label_weights(has)
    columns = ((k, judged[:, k]) for k in np.flatnonzero(moved).tolist())
    return tuple(_curve(has[known, k], scores[known, k], weights[known], objective) for k, known in columns)


def exact_thresholds(curves: tuple[ClassCurve, ...], start: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the best threshold of each class; of equals the nearest to its start: (n_classes,)."""
    return np.array(
        [curve.cuts.best(curve.values, at) for curve, at in zip(curves, start.tolist(), strict=True)]
    )


def simplex_thresholds(curves: tuple[ClassCurve, ...], start: NDArray[np.float64]) -> NDArray[np.float64]:
    """Search the thresholds of all classes at once by `highest_by_simplex`: (n_classes,)."""

    def mean_worth(thresholds: NDArray[np.float64]) -> float:
        pairs = zip(curves, thresholds.tolist(), strict=True)
        return float(np.mean([curve.values[curve.cuts.place(at)] for curve, at in pairs]))

    return highest_by_simplex(mean_worth, start)


def _curve(
    has: Flags, scores: NDArray[np.float64], weights: NDArray[np.float64], objective: str
) -> ClassCurve:
    cuts = cuts_of(scores)
    hits, extra = cuts.totals(weights * has), cuts.totals(weights * ~has)
    counts = np.stack([hits, extra, (weights * has).sum() - hits])
    if objective == "f1":
        return ClassCurve(cuts, np.round(f_beta_of_counts(counts, 1.0), 12))
    f, g = f_beta_of_counts(counts, BETA), g_beta_of_counts(counts, BETA)
    # Rounded, as the order of records must not look like a difference.
    return ClassCurve(cuts, np.round({"f2": f, "g2": g, "mean": (f + g) / 2}[objective], 12))
