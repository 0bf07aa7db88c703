"""The scored classes and the metric of the PhysioNet/CinC Challenge 2020.

Source: Perez Alday et al. 2020, Physiological Measurement 41(12), 124003, doi:10.1088/1361-6579/abc960: a
wrong class earns the more, the more its treatment or outcome resembles that of the true one. The classes, and
which codes are scored as one, are those of the challenge's table of scored diagnoses.
Differences: the reward matrix is computed. A class has a place on a line; two classes earn 0.5 less the
distance of their places, a class for itself 1. This gives the published matrix digit by digit. The challenge
of 2021 has other classes and another matrix.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.typing import ArrayLike, NDArray

from einthoven.errors import DatasetError
from einthoven.metrics.bootstrap import N_RESAMPLES, extreme_interval, percentile_interval, resample_sums
from einthoven.metrics.confusion import Scores, divide
from einthoven.metrics.multilabel import label_matrix, labels_and_outputs, score_matrix
from einthoven.metrics.score import Score
from einthoven.truth import Flags

_STEPS = 80
"""Places are whole numbers of 1/80, which is no binary fraction: so the rewards are exactly as published."""


@dataclass(frozen=True, slots=True)
class ScoredClass:
    """A diagnosis that the challenge scores.

    name : in words
    abbreviations, codes : those that stand for it, of SNOMED CT; the first are used for the class
    place : on the line of rewards, in 1/80
    """

    name: str
    abbreviations: tuple[str, ...]
    codes: tuple[str, ...]
    place: int


SCORED_CLASSES = (
    ScoredClass("first-degree atrioventricular block", ("IAVB",), ("270492004",), 4),
    ScoredClass("atrial fibrillation", ("AF",), ("164889003",), 20),
    ScoredClass("atrial flutter", ("AFL",), ("164890007",), 20),
    ScoredClass("bradycardia", ("Brady",), ("426627000",), 4),
    ScoredClass("right bundle branch block", ("RBBB", "CRBBB"), ("59118001", "713427006"), 12),
    ScoredClass("incomplete right bundle branch block", ("IRBBB",), ("713426002",), 4),
    ScoredClass("left anterior fascicular block", ("LAnFB",), ("445118002",), 8),
    ScoredClass("left axis deviation", ("LAD",), ("39732003",), 8),
    ScoredClass("left bundle branch block", ("LBBB",), ("164909002",), 18),
    ScoredClass("low QRS voltages", ("LQRSV",), ("251146004",), 14),
    ScoredClass("nonspecific intraventricular conduction disorder", ("NSIVCB",), ("698252002",), 8),
    ScoredClass("pacing rhythm", ("PR",), ("10370003",), 10),
    ScoredClass("premature atrial contraction", ("PAC", "SVPB"), ("284470004", "63593006"), 7),
    ScoredClass("premature ventricular contraction", ("PVC", "VPB"), ("427172004", "17338001"), 10),
    ScoredClass("prolonged PR interval", ("LPR",), ("164947007",), 4),
    ScoredClass("prolonged QT interval", ("LQT",), ("111975006",), 16),
    ScoredClass("abnormal Q wave", ("QAb",), ("164917005",), 28),
    ScoredClass("right axis deviation", ("RAD",), ("47665007",), 8),
    ScoredClass("sinus arrhythmia", ("SA",), ("427393009",), 4),
    ScoredClass("sinus bradycardia", ("SB",), ("426177001",), 4),
    ScoredClass("normal sinus rhythm", ("NSR",), ("426783006",), 0),
    ScoredClass("sinus tachycardia", ("STach",), ("427084000",), 10),
    ScoredClass("abnormal T wave", ("TAb",), ("164934002",), 20),
    ScoredClass("T wave inversion", ("TInv",), ("59931005",), 20),
)
"""The 24 classes, of 27 codes, in the order of the challenge's table."""

CLASSES = tuple(scored.abbreviations[0] for scored in SCORED_CLASSES)
"""Their abbreviations, the order of all merged columns."""

SYNONYMS: Mapping[str, str] = MappingProxyType({"164884008": "PVC", "733534002": "LBBB"})
"""Codes that mean a scored class and are not scored in 2020: ventricular ectopics, as CPSC 2018 and PTB-XL
have it; complete left bundle branch block, which 2021 scores as LBBB."""

SINUS = CLASSES.index("NSR")
"""The class that an inactive classifier always gives."""


def class_places(classes: Sequence[str]) -> tuple[int, ...]:
    """Return where each class stands in `CLASSES`, by SNOMED CT code or abbreviation.

    Raises DatasetError if one is not scored.

    >>> class_places(("AF", "426783006")), class_places(("PAC", "63593006", "SVPB"))
    ((1, 20), (12, 12, 12))
    """
    return tuple(k for k, _ in _codes(classes))


def _codes(classes: Sequence[str]) -> list[tuple[int, int]]:
    """Return each class's place in `CLASSES`, and which of the class's codes it is."""
    known = {
        name: (k, i)
        for k, scored in enumerate(SCORED_CLASSES)
        for names in (scored.abbreviations, scored.codes)
        for i, name in enumerate(names)
    }
    if unknown := [str(name) for name in classes if name not in known]:
        raise DatasetError("classes: expected codes or abbreviations that the challenge of 2020 scores, "
                           f"found {', '.join(unknown)}")  # fmt: skip
    return [known[name] for name in classes]


def reward_matrix(classes: Sequence[str] = CLASSES) -> NDArray[np.float64]:
    """Return what a class given (column) earns for a true class (row): (n_classes, n_classes), [0.15, 1].

    Codes that are scored as one earn 1 for each other.

    Raises DatasetError if a class is not scored.

    >>> reward_matrix(("NSR", "SB", "AF")).tolist()
    [[1.0, 0.45, 0.25], [0.45, 1.0, 0.3], [0.25, 0.3, 1.0]]
    """
    which = np.array(class_places(classes), np.int64)
    places = np.array([scored.place for scored in SCORED_CLASSES])[which]
    apart = np.abs(places[:, None] - places)
    return np.where(which[:, None] == which, 1.0, (_STEPS // 2 - apart) / _STEPS)


def merge_outputs(outputs: ArrayLike, classes: Sequence[str]) -> Flags:
    """Merge classes that are scored as one: a record has a class if it has any of its codes.

    Parameters
    ----------
    outputs : (n_records, n_columns) bool, classes given, or true ones
    classes : the columns' SNOMED CT codes or abbreviations

    Returns
    -------
    (n_records, 24) bool in the order of `CLASSES`; a class without a column is false

    Raises
    ------
    DatasetError if a class is not scored or there twice, or the columns are not as many.

    >>> merged = merge_outputs([[True, False, False], [False, False, True]], ("PAC", "AF", "SVPB"))
    >>> [[CLASSES[k] for k in row.nonzero()[0]] for row in merged]
    [['PAC'], ['PAC']]
    """
    flags = label_matrix(outputs, "outputs")
    merged = np.zeros((len(flags), len(CLASSES)), np.bool_)
    for k, columns in _columns(classes, flags.shape[1]).items():
        merged[:, k] = flags[:, columns].any(axis=1)
    return merged


def merge_scores(scores: ArrayLike, classes: Sequence[str]) -> Scores:
    """Merge the scores of classes that are scored as one: their mean.

    Parameters
    ----------
    scores : (n_records, n_columns)
    classes : the columns' SNOMED CT codes or abbreviations

    Returns
    -------
    (n_records, 24) float64 in the order of `CLASSES`; a class without a column has 0 everywhere

    Raises
    ------
    DatasetError if a score is NaN, a class is not scored or there twice, or the columns are not as many.
    """
    values = score_matrix(scores)
    merged = np.zeros((len(values), len(CLASSES)))
    for k, columns in _columns(classes, values.shape[1]).items():
        merged[:, k] = values[:, columns].mean(axis=1)
    return merged


def _columns(classes: Sequence[str], n_columns: int) -> dict[int, list[int]]:
    """Return the columns of each class that has some."""
    if len(classes) != n_columns:
        raise DatasetError(f"classes: expected a name for each of {n_columns} columns, found {len(classes)}")
    codes = _codes(classes)
    if twice := sorted(
        {str(name) for name, code in zip(classes, codes, strict=True) if codes.count(code) > 1}
    ):
        raise DatasetError(f"classes: expected each code once, found more of {', '.join(twice)}")
    found: dict[int, list[int]] = {}
    for column, (k, _) in enumerate(codes):
        found.setdefault(k, []).append(column)
    return found


def challenge_metric(labels: ArrayLike, outputs: ArrayLike, classes: Sequence[str] = CLASSES) -> float:
    """Compute the challenge metric: 1 of the right classes, 0 of sinus rhythm everywhere.

    Per record, every class given earns its rewards for every true class, divided by the number of classes
    that are either. The sum over records is scaled so that sinus rhythm everywhere has 0. No class at all is
    worse than that.

    Parameters
    ----------
    labels, outputs : (n_records, n_classes) bool, the classes that records have, and are given
    classes : the columns' SNOMED CT codes or abbreviations; those scored as one are merged

    Returns
    -------
    1 if all is right, and less otherwise, unless a record has more than 16 true classes; NaN if sinus rhythm
    everywhere is right, or there are no records

    Raises
    ------
    DatasetError if the two differ in shape, hold something else than true and false, or a class is not
    scored or there twice.

    >>> labels = [[True, False], [False, True], [False, True]]
    >>> round(challenge_metric(labels, [[True, False], [True, False], [False, True]], ("NSR", "AF")), 3)
    0.5
    """
    gain, possible, _ = _contributions(labels, outputs, classes).sum(axis=0)
    return float(divide(gain, possible))


def challenge_score(
    labels: ArrayLike,
    outputs: ArrayLike,
    classes: Sequence[str] = CLASSES,
    *,
    groups: ArrayLike | None = None,
    n: int = N_RESAMPLES,
    seed: int = 0,
) -> Score:
    """Compute the challenge metric with its 95 % bootstrap interval.

    It is made of sums over records, so that no resample touches them again. Where all resamples are 1 or 0,
    as many records, or patients, may be otherwise as Clopper & Pearson leave room for: at worst given no
    class, at best right. Any other value without width may be anything between these.

    Parameters
    ----------
    labels, outputs, classes : as in `challenge_metric`
    groups : (n_records,) patients, drawn whole; None: records are drawn one by one
    n : number of resamples
    seed : of the resampling

    Raises
    ------
    DatasetError as `challenge_metric` does, or if there are no records.
    """
    own = _contributions(labels, outputs, classes)
    sums = resample_sums(own, groups=groups, n=n, seed=seed)
    _, possible, inactive = own.sum(axis=0)
    # Rounded, as the order of a sum must not look like a difference.
    values = np.round(divide(sums[:, 0], sums[:, 1]), 12)
    value, (low, high) = float(values[0]), percentile_interval(values[1:])
    if low < high or np.isnan(value):
        return Score(value, low, high)
    worst = -float(inactive / possible)
    if value not in (0, 1):
        return Score(value, worst, 1.0)
    n_units = len(own) if groups is None else len(np.unique(np.asarray(groups)))
    doubt = 1 - extreme_interval(1.0, n_units)[0]
    return Score(value, value - doubt * (value - worst), value + doubt * (1 - value))


def is_scored(classes: Sequence[str]) -> bool:
    """Tell whether there is a challenge metric of some of these names: two of `CLASSES`, "NSR" among them."""
    return len(set(classes) & set(CLASSES)) > 1 and CLASSES[SINUS] in classes


def judged_challenge_score(
    truth: ArrayLike,
    outputs: ArrayLike,
    classes: Sequence[str],
    *,
    groups: ArrayLike | None = None,
    n: int = N_RESAMPLES,
) -> Score | None:
    """Compute `challenge_score` over the columns of `CLASSES`; what nobody judged is absent and not given.

    Parameters
    ----------
    truth : (n_records, n_classes) 1, 0, NaN where nobody judged
    outputs : (n_records, n_classes) bool, the classes given
    classes : the columns' names, others than `CLASSES` among them
    groups, n : as in `challenge_score`

    Returns
    -------
    None if the classes are not `is_scored`
    """
    if not is_scored(classes):
        return None
    columns = [column for column, name in enumerate(classes) if name in CLASSES]
    own = np.asarray(truth)[:, columns]
    given = label_matrix(outputs, "outputs")[:, columns] & np.isfinite(own)
    return challenge_score(own == 1, given, [classes[column] for column in columns], groups=groups, n=n)


def _contributions(labels: ArrayLike, outputs: ArrayLike, classes: Sequence[str]) -> Scores:
    """Return what each record adds: earned, and at most, above sinus rhythm; and with sinus rhythm.

    Shape (n_records, 3). Differences are taken within records, where equal ones leave exactly 0.
    """
    has, given = (merge_outputs(flags, classes) for flags in labels_and_outputs(labels, outputs))
    sinus = np.zeros_like(has)
    sinus[:, SINUS] = True
    for_labels = has.astype(np.float64) @ reward_matrix()
    earned, right, inactive = (_earned(for_labels, has, flags) for flags in (given, has, sinus))
    return np.stack([earned - inactive, right - inactive, inactive], axis=1)


def _earned(for_labels: Scores, has: Flags, given: Flags) -> Scores:
    either = np.maximum((has | given).sum(axis=1), 1)
    earned: Scores = np.einsum("ij,ij->i", for_labels, given.astype(np.float64)) / either
    return earned
