"""Scores of classified heartbeats with 95 % intervals; patients are drawn, never beats.

Source: `einthoven.metrics.beats` for the scores, `einthoven.metrics.bootstrap` for the intervals.
Differences: none. A patient's beats resemble each other, so the confusion matrix of each is drawn whole. A
score of exactly 0 or 1 has the exact binomial interval of the patients that it stands on, as in
`einthoven.metrics.cinc2017`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from einthoven.errors import DatasetError
from einthoven.metrics.beats import BeatScores, beat_scores
from einthoven.metrics.bootstrap import N_RESAMPLES, extreme_interval
from einthoven.metrics.score import Score, f1_limits, f1_score, mean_score, proportion_score

_Array = NDArray[np.float64]
_Counts = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class BeatTable:
    """Scores a class, in the order of the classes, and overall; what nothing decides is NaN.

    support : annotated beats of each class
    sensitivity, positive_predictivity, false_positive_rate, f1 : of each class
    accuracy, macro_f1, balanced_accuracy : as `BeatScores` defines them
    confusion : annotated (rows) by found (columns) class; the last of each is "none"
    n_patients : that the intervals drew
    """

    support: tuple[int, ...]
    sensitivity: tuple[Score, ...]
    positive_predictivity: tuple[Score, ...]
    false_positive_rate: tuple[Score, ...]
    f1: tuple[Score, ...]
    accuracy: Score
    macro_f1: Score
    balanced_accuracy: Score
    confusion: tuple[tuple[int, ...], ...]
    n_patients: int


def beat_table(
    confusions: ArrayLike,
    *,
    ignored: Mapping[int, Sequence[int]] | None = None,
    n: int = N_RESAMPLES,
    seed: int = 0,
) -> BeatTable:
    """Score the confusion matrices of patients, pooled (EC57's gross statistics), with 95 % intervals.

    Parameters
    ----------
    confusions : (n_patients, n_classes + 1, n_classes + 1) counts as `beat_confusion` gives them
    ignored : as in `beat_scores`
    n : number of resamples
    seed : of the resampling

    Raises
    ------
    DatasetError if there is no patient, or the counts have another shape.

    >>> patients = [[[9, 1, 0], [0, 2, 0], [0, 0, 0]], [[8, 0, 0], [1, 1, 0], [0, 0, 0]]]
    >>> str(beat_table(patients).sensitivity[1])
    '0.750 (0.500 to 1.000)'
    """
    own = np.asarray(confusions, np.int64)
    if own.ndim != 3 or len(own) == 0:
        raise DatasetError(f"expected a confusion matrix of each patient, found shape {own.shape}")
    n_classes = own.shape[-1] - 1
    times = np.random.default_rng(seed).multinomial(len(own), np.full(len(own), 1 / len(own)), size=n)
    matrices = [own.sum(axis=0), *np.tensordot(times, own, axes=1)]
    drawn = [beat_scores(matrix, n_classes, ignored) for matrix in matrices]
    units = _units(own, n_classes, ignored or {})

    def of_classes(
        name: str, score: Callable[[_Array, int], Score], n_units: Sequence[int]
    ) -> tuple[Score, ...]:
        return tuple(map(score, _column(drawn, name).T, n_units))

    occurring = [count for count in units.true if count]
    matrix = matrices[0]
    return BeatTable(
        support=tuple(matrix[:-1].sum(axis=1).tolist()),
        sensitivity=of_classes("sensitivity", proportion_score, units.true),
        positive_predictivity=of_classes("positive_predictivity", proportion_score, units.given),
        false_positive_rate=of_classes("false_positive_rate", proportion_score, units.others),
        f1=of_classes("f1", f1_score, units.concerned),
        accuracy=proportion_score(_column(drawn, "accuracy"), len(own)),
        macro_f1=mean_score(_column(drawn, "macro_f1"), occurring, len(own), f1_limits),
        balanced_accuracy=mean_score(
            _column(drawn, "balanced_accuracy"), occurring, len(own), extreme_interval
        ),
        confusion=tuple(map(tuple, matrix.tolist())),
        n_patients=len(own),
    )


@dataclass(frozen=True, slots=True)
class _Units:
    """How many patients a score of each class stands on.

    true : with annotated beats of the class
    given : with beats that are called so, as far as these count
    others : with beats that are not of the class, as far as these count
    concerned : with either of the first two
    """

    true: tuple[int, ...]
    given: tuple[int, ...]
    others: tuple[int, ...]
    concerned: tuple[int, ...]


def _units(own: _Counts, n_classes: int, ignored: Mapping[int, Sequence[int]]) -> _Units:
    found: list[tuple[int, ...]] = []
    for name in range(n_classes):
        counted = np.delete(own, list(ignored.get(name, ())), axis=1)
        without = np.delete(own, [name, *ignored.get(name, ())], axis=1)
        true, given = own[:, name].sum(axis=1) > 0, counted[:, :, name].sum(axis=1) > 0
        others = without.sum(axis=(1, 2)) > 0
        found.append(tuple(int(some.sum()) for some in (true, given, others, true | given)))
    return _Units(*zip(*found, strict=True))


def _column(drawn: Sequence[BeatScores], name: str) -> _Array:
    """Return one score of all resamples, the first of all patients: (1 + n,) or (1 + n, n_classes)."""
    return np.array([getattr(scores, name) for scores in drawn], np.float64)
