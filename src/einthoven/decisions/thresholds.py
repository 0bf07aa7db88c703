"""Which probability gives a record a class, where it may have several: one threshold a class."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray

from einthoven.decisions.probabilities import probability_matrix
from einthoven.errors import SettingsError
from einthoven.truth import Flags, judged_labels

Objective = Literal["f1", "f2", "g2", "mean", "challenge"]
Method = Literal["nelder-mead", "coordinate"]

PAPER_START = 0.4
"""Where the search begins: public code of Singstad & Tronstad 2020."""


def fit_thresholds(
    labels: ArrayLike,
    scores: ArrayLike,
    *,
    objective: Objective = "mean",
    method: Method = "nelder-mead",
    start: ArrayLike = PAPER_START,
    min_positives: int = 1,
    classes: Sequence[str] | None = None,
) -> NDArray[np.float64]:
    """Choose a threshold for each class, so that the classes given are worth most.

    Source: Singstad & Tronstad, Classifying 12-Lead ECG Using Convolutional Recurrent Neural Network: the
    downhill simplex from 0.4 each. Differences: `coordinate` is not in the paper. For F2, G2 and their mean
    it finds the best thresholds there are, for the challenge metric some that no single change improves.

    Thresholds lie halfway between scores where they were searched by `coordinate`; of equally good ones the
    nearest to the start is taken. A class keeps its start if too few records have it. What `at_least_one`
    would add later is not looked at.

    Parameters
    ----------
    labels : (n_records, n_classes), 1 or true where a record has the class, 0 or false where not, NaN where
        nobody judged: such a class of a record counts neither for nor against. In the challenge metric the
        record has not the class, and cannot be given it.
    scores : (n_records, n_classes), probabilities from 0 to 1
    objective : macro F1, macro F2, macro G2, the mean of the latter two, or the challenge metric of 2020. A
        class without a positive has no part in a macro mean; a column that the challenge does not score keeps
        its start.
    method : "nelder-mead", all at once, at most 200 looks a class; or "coordinate", class by class
    start : one or (n_classes,), in (0, 1)
    min_positives : records that must have a class before its threshold is moved, at least 1
    classes : the columns' SNOMED CT codes or abbreviations; for the challenge metric

    Returns
    -------
    (n_classes,) in (0, 1); a score at its threshold or above it gives the class

    Raises
    ------
    DatasetError if labels and scores do not fit, there are no records, a score is no probability; for the
    challenge metric also if no class is scored, or one is there twice.
    SettingsError if a setting is unknown or out of range, or the challenge metric is asked without classes.
    MissingExtraError if the simplex is asked for and SciPy is not installed.

    >>> labels, scores = [[1], [1], [0], [0]], [[0.9], [0.5], [0.3], [0.1]]
    >>> fit_thresholds(labels, scores, objective="f2", method="coordinate", start=0.7).tolist()
    [0.4]
    """
    check_search(objective, method, min_positives)
    p = probability_matrix(scores)
    has, judged = judged_labels(labels, p.shape)
    thresholds = check_start(np.asarray(start, np.float64), (p.shape[1],))
    if objective == "challenge":
        return _fit_challenge(p, has, judged, thresholds, method, min_positives, classes)
    from einthoven.decisions import f_beta_thresholds as search

    moved = has.sum(axis=0) >= min_positives
    if moved.any():
        curves = search.class_curves(has, judged, p, objective, moved)
        find = search.simplex_thresholds if method == "nelder-mead" else search.exact_thresholds
        thresholds[moved] = find(curves, thresholds[moved])
    return thresholds


def apply_thresholds(scores: ArrayLike, thresholds: ArrayLike, *, at_least_one: bool = False) -> Flags:
    """Give records the classes whose scores reach their thresholds.

    With `at_least_one`, a record that reaches none gets the class that misses least, in log-odds:
    logit(score) less logit(threshold) says how much stronger the evidence would have had to be. A ratio of
    probabilities would say little where thresholds are high, and its choice would change with the
    temperature; this one stays, if scores and thresholds change alike. The first of equals is taken.

    Parameters
    ----------
    scores : (n_records, n_classes), probabilities from 0 to 1
    thresholds : (n_classes,), in (0, 1)
    at_least_one : whether each record must get a class

    Returns
    -------
    (n_records, n_classes) bool

    Raises
    ------
    DatasetError if the scores have another shape or are no probabilities.
    SettingsError if there is not a threshold for each class, or one is out of range.

    >>> apply_thresholds([[0.6, 0.2], [0.3, 0.2]], [0.5, 0.3]).tolist()
    [[True, False], [False, False]]
    >>> apply_thresholds([[0.6, 0.2], [0.3, 0.2]], [0.5, 0.3], at_least_one=True).tolist()
    [[True, False], [False, True]]
    """
    p, at = probability_matrix(scores), np.asarray(thresholds, np.float64)
    if at.shape != (p.shape[1],) or not ((at > 0) & (at < 1)).all():
        raise SettingsError(f"thresholds: expected {p.shape[1]} between 0 and 1, found {at.tolist()}")
    given = p >= at
    if at_least_one:
        none = np.flatnonzero(~given.any(axis=1))
        # A score of 0 stands infinitely far from every threshold: the smallest above it tells them apart.
        missed = np.maximum(p[none], np.finfo(np.float64).tiny)
        margin = np.log(missed) - np.log1p(-missed) - (np.log(at) - np.log1p(-at))
        given[none, margin.argmax(axis=1)] = True
    return given


def _fit_challenge(
    p: NDArray[np.float64],
    has: Flags,
    judged: Flags,
    thresholds: NDArray[np.float64],
    method: Method,
    min_positives: int,
    classes: Sequence[str] | None,
) -> NDArray[np.float64]:
    from einthoven.decisions import challenge_thresholds as search

    if classes is None:
        raise SettingsError("objective challenge: expected the classes of the columns, found none")
    columns = search.scored_columns(classes, p.shape[1])
    # No threshold is as low as 0: a class that was not judged is never given.
    scores = np.where(judged, p, 0.0)[:, columns]
    records = search.challenge_records(has[:, columns], scores, [classes[j] for j in columns])
    moved = has[:, columns].sum(axis=0) >= min_positives
    if moved.any():
        find = search.simplex_thresholds if method == "nelder-mead" else search.coordinate_thresholds
        thresholds[columns] = find(records, thresholds[columns], moved)
    return thresholds


def check_start(start: NDArray[np.float64], shape: tuple[int, ...] = ()) -> NDArray[np.float64]:
    """Return thresholds to start from, of a shape; raises SettingsError if they do not fit."""
    if start.shape not in ((), shape) or not ((start > 0) & (start < 1)).all():
        raise SettingsError(f"start: expected {f'one or {shape[0]}' if shape else 'one'} between 0 and 1, "
                            f"found {start.tolist()}")  # fmt: skip
    return np.array(np.broadcast_to(start, shape))


def check_search(objective: str | None, method: str | None, min_positives: int) -> None:
    """Raise SettingsError if a setting of the search is unknown or out of range."""
    check_choice("objective", objective, get_args(Objective))
    check_choice("method", method, get_args(Method))
    if min_positives < 1:
        raise SettingsError(f"min_positives: expected at least 1, found {min_positives}")


def check_choice(name: str, found: str | None, known: tuple[str, ...]) -> None:
    """Raise SettingsError if a name is none of those known."""
    if found not in known:
        raise SettingsError(f"{name}: expected one of {', '.join(known)}, found {found}")
