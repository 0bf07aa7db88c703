"""Classified heartbeats against annotated ones, as AAMI EC57 counts them.

Source: ANSI/AAMI EC57, beat-by-beat comparison; which beats neither help nor harm: P. de Chazal,
M. O'Dwyer and R. B. Reilly, 2004, DOI 10.1109/TBME.2004.827359, section II-F.
Differences: none known; matching is that of `einthoven.metrics.peaks`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.typing import ArrayLike, NDArray

from einthoven.errors import DatasetError
from einthoven.metrics.confusion import divide
from einthoven.metrics.peaks import match_peaks
from einthoven.truth import class_array

_Array = NDArray[np.float64]

N, S, V, F, Q = range(5)
"""Places of the five AAMI classes."""

EC57_IGNORED: Mapping[int, tuple[int, ...]] = MappingProxyType({S: (Q,), V: (F, Q)})
"""Calling a fusion or an unclassifiable beat V, or an unclassifiable one S, is neither right nor wrong."""


@dataclass(frozen=True, slots=True, eq=False)
class BeatScores:
    """Scores of a beat classifier; what nothing decides is NaN.

    sensitivity, positive_predictivity, false_positive_rate, f1 : (n_classes,)
    accuracy : share of the beats, annotated or found, that are called what they are
    macro_f1, balanced_accuracy : means of f1 and of sensitivity over the classes that occur
    """

    sensitivity: _Array
    positive_predictivity: _Array
    false_positive_rate: _Array
    f1: _Array
    accuracy: float
    macro_f1: float
    balanced_accuracy: float


def beat_confusion(
    truth: tuple[ArrayLike, ArrayLike],
    found: tuple[ArrayLike, ArrayLike],
    tolerance: float,
    n_classes: int = 5,
) -> NDArray[np.int64]:
    """Count beats by annotated class (row) and found class (column); the last of each is "none".

    Parameters
    ----------
    truth, found : sample indices, not decreasing, and class indices of the annotated and the found beats
    tolerance : largest distance of beats that are the same, samples
    n_classes : number of classes

    Returns
    -------
    (n_classes + 1, n_classes + 1) int64: the last row counts found beats that are not annotated, the last
    column annotated beats that were not found.

    Raises
    ------
    DatasetError if samples are not in order, classes out of range, or their numbers differ.

    >>> found = ([11, 52, 70], [0, 0, 1])
    >>> beat_confusion(([10, 50, 90], [0, 1, 0]), found, tolerance=5, n_classes=2).tolist()
    [[1, 0, 1], [1, 0, 0], [0, 1, 0]]
    """
    true, true_class = _beats(*truth, n_classes, "truth")
    guess, guess_class = _beats(*found, n_classes, "found")
    rows, columns = match_peaks(true, guess, tolerance)
    confusion = np.zeros((n_classes + 1, n_classes + 1), np.int64)
    np.add.at(confusion, (true_class[rows], guess_class[columns]), 1)
    confusion[:-1, -1] = np.bincount(np.delete(true_class, rows), minlength=n_classes)
    confusion[-1, :-1] = np.bincount(np.delete(guess_class, columns), minlength=n_classes)
    return confusion


def beat_scores(
    confusion: ArrayLike, n_classes: int = 5, ignored: Mapping[int, Sequence[int]] | None = None
) -> BeatScores:
    """Score a confusion matrix of beats.

    Parameters
    ----------
    confusion : counts by annotated (row) and found (column) class, (n_classes, n_classes), or with the row
        and column "none" of `beat_confusion`. Sum those of several recordings for EC57's gross scores.
    n_classes : number of classes
    ignored : of a class, the annotated classes that may be called so without harm: `EC57_IGNORED` for the
        five AAMI classes; None: every confusion counts

    Raises
    ------
    DatasetError if the matrix has another shape or a negative count.

    >>> scores = beat_scores([[8, 2], [1, 9]], n_classes=2)
    >>> scores.sensitivity.tolist(), scores.accuracy
    ([0.8, 0.9], 0.85)
    """
    counts = np.asarray(confusion, np.float64)
    if counts.shape not in ((n_classes, n_classes), (n_classes + 1, n_classes + 1)) or (counts < 0).any():
        raise DatasetError(
            f"expected counts of {n_classes} classes, with or without none, found shape {counts.shape}"
            + (" and a negative count" if counts.size and (counts < 0).any() else "")
        )
    hits = np.diagonal(counts)[:n_classes]
    positives = counts[:n_classes].sum(axis=1)
    wrong, others = np.empty(n_classes), np.empty(n_classes)
    for name in range(n_classes):
        # Without the class itself and what is ignored for it; the row "none" stays.
        rows = np.delete(counts, [name, *(ignored or {}).get(name, ())], axis=0)
        wrong[name], others[name] = rows[:, name].sum(), rows.sum()
    sensitivity, predictivity = divide(hits, positives), divide(hits, hits + wrong)
    f1 = divide(2 * hits, positives + hits + wrong)
    occurs = positives > 0
    return BeatScores(
        sensitivity=sensitivity,
        positive_predictivity=predictivity,
        false_positive_rate=divide(wrong, others),
        f1=f1,
        accuracy=float(divide(hits.sum(), counts.sum())),
        macro_f1=float(divide(f1[occurs].sum(), occurs.sum())),
        balanced_accuracy=float(divide(sensitivity[occurs].sum(), occurs.sum())),
    )


def average_beat_scores(scores: Sequence[BeatScores]) -> BeatScores:
    """Average over recordings: each weighs the same (EC57's average statistics).

    Recordings in which a score is undefined are left out of its mean.

    Raises DatasetError if there are no recordings.
    """
    if not scores:
        raise DatasetError("expected scores of recordings to average, found none")

    def mean(name: str) -> _Array:
        values = np.array([getattr(score, name) for score in scores], np.float64)
        defined = ~np.isnan(values)
        return divide(np.where(defined, values, 0.0).sum(axis=0), defined.sum(axis=0))

    return BeatScores(
        sensitivity=mean("sensitivity"),
        positive_predictivity=mean("positive_predictivity"),
        false_positive_rate=mean("false_positive_rate"),
        f1=mean("f1"),
        accuracy=float(mean("accuracy")),
        macro_f1=float(mean("macro_f1")),
        balanced_accuracy=float(mean("balanced_accuracy")),
    )


def _beats(
    samples: ArrayLike, classes: ArrayLike, n_classes: int, name: str
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    places, kinds = np.asarray(samples), class_array(classes, n_classes, name)
    if len(places) != len(kinds):
        raise DatasetError(
            f"{name}: expected one class a beat, found {len(places)} beats and {len(kinds)} classes"
        )
    return places, kinds
