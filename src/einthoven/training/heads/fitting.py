"""Fit one support vector machine a class to a network's features."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from einthoven.datasets.dealing import deal_labels
from einthoven.errors import DatasetError
from einthoven.metrics import auroc
from einthoven.training.heads.head import UNKNOWN_LOGIT, Matrix, SVMHead, checked_features
from einthoven.training.heads.machine import Design, Flags, Plane, Rows, prepare_design
from einthoven.training.heads.platt import fit_platt, prior_logit
from einthoven.training.heads.settings import SVMSettings

MIN_POSITIVES = 5
"""Records with and without a class from which on C is chosen; below, it is the middle one."""
PATIENCE = 2
"""Values of C in a row that do not rank better, after which no larger one is tried."""
SMALLEST_SPREAD = 1e-6
"""Standard deviation over mean up to which a feature counts as constant: float32 rounds not much finer."""

Groups = Sequence[Hashable] | NDArray[np.int64] | None
Progress = Callable[[int, int], None]
"""Called with the number of classes that are done, and of all."""


def fit_head(
    features: ArrayLike,
    targets: ArrayLike,
    groups: Groups = None,
    settings: SVMSettings | None = None,
    progress: Progress | None = None,
) -> SVMHead:
    """Fit a machine to each class: it against all others, balanced, C and Platt's numbers by inner folds.

    Source: Shahid et al., 12-lead ECG classification using deep neural networks, phase 2. Differences: C by
    cross-validation, Platt scores, LinearSVC and Nystroem beside SVC. LinearSVC has the squared hinge loss.

    Fit on features that the network did not train on, or its certainty there is taken for knowledge. The
    scaler and the kernel's records are chosen once for all inner folds; neither sees a label. The order of
    the recordings does not matter.

    Parameters
    ----------
    features : (n_records, n_features)
    targets : (n_records, n_classes) 1 or 0; NaN where nobody judged, which leaves a recording out of a class
    groups : n_records patients, who are kept on one side of every inner fold; None: each recording its own
    settings : the default is linear machines
    progress : told of every class

    Returns
    -------
    The head. A class that only one side, or only one patient, can teach answers with its smoothed share, as
    does one that ranks no better than chance out of fold; `notes` says so.

    Raises
    ------
    DatasetError
        If the three differ in length, there is no recording, a feature is not finite, or a target is
        something else.
    """
    settings = settings or SVMSettings()
    table, truth, patients = _checked(features, targets, groups)
    # An order of their own, by their features: however they came, the inner folds are the same.
    order = np.lexsort(np.column_stack([np.nan_to_num(truth, nan=-1), table]).T)
    table, truth, patients = table[order], truth[order], patients[order]
    mean, scale = _scaler(table)
    design = prepare_design((table - mean) * scale, settings)
    fitted = []
    for index, column in enumerate(truth.T):
        records = np.flatnonzero(~np.isnan(column))
        positive = column[records] == 1
        if scale.any():
            fitted.append(_fit_class(design, records, positive, patients[records], settings))
        else:
            fitted.append(_constant(positive, "every feature is constant"))
        if progress is not None:
            progress(index + 1, truth.shape[1])
    return _head(mean, scale, design, fitted)


def cross_fitted_head_logits(
    features: ArrayLike,
    targets: ArrayLike,
    groups: Groups,
    parts: ArrayLike,
    settings: SVMSettings | None = None,
) -> Matrix:
    """Return logits (n_records, n_classes), those of each part by a head fitted on the other parts.

    This judges the machines on recordings that neither they nor, if features are out of fold, the network
    saw. Where a class has no machine, the logit is `UNKNOWN_LOGIT`; so it is in all parts, if one of them has
    fewer patients to teach either side of it than there are inner folds.

    Parameters
    ----------
    features, targets, groups, settings : as in `fit_head`
    parts : (n_records,) number of each recording's part, two or more different ones

    Raises
    ------
    DatasetError
        As `fit_head`, and if there is only one part, or one patient is in two.
    """
    table, truth, patients = _checked(features, targets, groups)
    numbers = np.asarray(parts)
    if numbers.shape != (len(table),) or len(np.unique(numbers)) < 2:
        raise DatasetError(f"SVM head: expected two or more parts of {len(table)} records, "
                           f"found {len(np.unique(numbers))} of {numbers.size}")  # fmt: skip
    pairs = np.unique(np.column_stack([patients, np.unique(numbers, return_inverse=True)[1]]), axis=0)
    if n_torn := len(pairs) - len(np.unique(patients)):
        raise DatasetError(f"SVM head: expected each patient in one part, found {n_torn} in another one too")
    logits = np.empty(truth.shape)
    # Where some parts can be taught a class and others cannot, the part would tell of the labels in it.
    is_taught = np.ones(truth.shape[1], np.bool_)
    for part in np.unique(numbers):
        inside = numbers == part
        head = fit_head(table[~inside], truth[~inside], patients[~inside], settings)
        logits[inside] = head.judged_logits(table[inside])
        is_taught &= _n_teachers(truth[~inside], patients[~inside]) >= (settings or SVMSettings()).n_inner
    return np.where(is_taught, logits, UNKNOWN_LOGIT)


def _n_teachers(truth: Matrix, patients: Rows) -> Rows:
    """Return how many patients have each class, or have it not, whichever are fewer: (n_classes,)."""
    sides = [[len(np.unique(patients[column == side])) for side in (0, 1)] for column in truth.T]
    fewer: Rows = np.array(sides, np.int64).min(axis=1)
    return fewer


@dataclass(frozen=True, eq=False)
class _Fitted:
    """One class: a machine and Platt's numbers, or a constant, without a machine, and why."""

    plane: Plane | None
    slope: float
    offset: float
    cost: float
    note: str


@dataclass(frozen=True, eq=False)
class _Candidate:
    """One C, and what machines with it make of records that they did not see: (len(records),)."""

    cost: float
    decisions: Matrix
    n_fits: int
    n_stopped: int
    is_determined: bool


def _fit_class(
    design: Design, records: Rows, positive: Flags, patients: Rows, settings: SVMSettings
) -> _Fitted:
    folds = _inner_folds(positive, patients, settings)
    if isinstance(folds, str):
        return _constant(positive, folds)
    costs = settings.costs_for(len(design.rows))
    if min(positive.sum(), (~positive).sum()) < MIN_POSITIVES:
        costs = costs[len(costs) // 2 :][:1]
    best = _search(design, records, positive, folds, costs)
    slope, offset = fit_platt(best.decisions, positive)
    if slope <= 0:
        return _constant(positive, "no better than chance out of fold")
    plane = design.fit(records, positive, best.cost)
    return _Fitted(plane, slope, offset, best.cost, _note(best, plane))


def _note(best: _Candidate, plane: Plane) -> str:
    if n_stopped := best.n_stopped + (not plane.is_converged):
        return f"{n_stopped} of {best.n_fits + 1} fits with C = {best.cost:g} did not converge"
    if not (best.is_determined and plane.is_determined):
        return f"C = {best.cost:g} is so small that no support vector is free: its probabilities may be off"
    return ""


def _constant(positive: Flags, note: str) -> _Fitted:
    return _Fitted(None, 0.0, prior_logit(positive), np.nan, f"{note}: it always answers with its share")


def _inner_folds(positive: Flags, patients: Rows, settings: SVMSettings) -> Rows | str:
    """Return the fold of each record, or why there are none: each must leave both sides to learn from."""
    if not positive.any() or positive.all():
        return f"{int(positive.sum())} of {len(positive)} records have it"
    n_patients = [len(np.unique(patients[side])) for side in (positive, ~positive)]
    n_folds = min(settings.n_inner, *n_patients)
    if n_folds < 2:
        return f"{n_patients[0]} patients with it and {n_patients[1]} without"
    sides = np.column_stack([positive, ~positive])
    folds = deal_labels(sides, [str(patient) for patient in patients], n_folds, settings.seed)
    if any(len(np.unique(positive[folds != fold])) < 2 for fold in range(n_folds)):
        return f"too few patients with it, or without, for {n_folds} inner folds"
    return folds


def _search(
    design: Design, records: Rows, positive: Flags, folds: Rows, costs: tuple[float, ...]
) -> _Candidate:
    """Return the C that ranks best out of fold, of equals the smallest, which is the simplest machine.

    The larger C, the longer a fit takes: the search ends where larger ones do not help. A C whose machines'
    constants are not determined is taken only where there is no other: Platt's offset would not fit.
    """
    best, highest, n_worse = None, -np.inf, 0
    for cost in costs:
        candidate = _out_of_fold(design, records, positive, folds, cost)
        if not candidate.is_determined:
            last = candidate
            continue
        area = auroc(candidate.decisions, positive)
        if area > highest:
            best, highest, n_worse = candidate, area, 0
        else:
            n_worse += 1
        if n_worse == PATIENCE:
            break
    return best or last


def _out_of_fold(design: Design, records: Rows, positive: Flags, folds: Rows, cost: float) -> _Candidate:
    decisions, planes = np.empty(len(records)), []
    for part in np.unique(folds):
        seen, held_out = records[folds != part], records[folds == part]
        # C weighs the sum of the losses. Fewer records need a larger one, or their decision values are closer
        # to 0 than those of the machine that learns from all, whose Platt's numbers these are to give.
        plane = design.fit(seen, positive[folds != part], cost * len(records) / len(seen))
        decisions[folds == part] = design.decisions(held_out, plane)
        planes.append(plane)
    n_stopped = sum(not plane.is_converged for plane in planes)
    return _Candidate(cost, decisions, len(planes), n_stopped, all(plane.is_determined for plane in planes))


def _scaler(table: Matrix) -> tuple[Matrix, Matrix]:
    """Return mean and factor of each feature; the factor of a constant one is 0."""
    mean, spread = table.mean(axis=0), table.std(axis=0)
    varies = spread > np.maximum(SMALLEST_SPREAD * np.abs(mean), np.finfo(np.float32).tiny)
    # What the graph holds is float32; the machines are fitted with the very same numbers.
    mean = mean.astype(np.float32).astype(np.float64)
    scale = np.where(varies, 1 / np.where(varies, spread, 1), 0).astype(np.float32)
    return mean, scale.astype(np.float64)


def _head(mean: Matrix, scale: Matrix, design: Design, fitted: list[_Fitted]) -> SVMHead:
    nothing = np.zeros(design.rows.shape[1])
    weights = [nothing if one.plane is None else one.plane.weights for one in fitted]
    vectors, shared = design.shared(np.stack(weights, axis=1))
    notes = [f"class {index}: {one.note}" for index, one in enumerate(fitted) if one.note]

    def row(values: Sequence[float]) -> NDArray[np.float32]:
        return np.array(values, np.float32)

    return SVMHead(
        mean=mean.astype(np.float32),
        scale=scale.astype(np.float32),
        vectors=vectors.astype(np.float32),
        weights=shared.astype(np.float32),
        bias=row([0.0 if one.plane is None else one.plane.bias for one in fitted]),
        slope=row([one.slope for one in fitted]),
        offset=row([one.offset for one in fitted]),
        gamma=np.array(design.gamma, np.float32),
        costs=row([one.cost for one in fitted]),
        notes=np.array(notes, np.str_),
    )


def _checked(features: ArrayLike, targets: ArrayLike, groups: Groups) -> tuple[Matrix, Matrix, Rows]:
    """Return features, targets, and the number of each record's patient; None is one of its own."""
    table, truth = checked_features(features), np.asarray(targets, np.float64)
    if len(table) == 0 or truth.ndim != 2 or len(truth) != len(table):
        raise DatasetError(f"SVM head: expected targets (n_records, n_classes) of {len(table)} records, one "
                           f"or more, found shape {truth.shape}")  # fmt: skip
    if n_bad := int((~(np.isnan(truth) | (truth == 0) | (truth == 1))).sum()):
        raise DatasetError(f"SVM head: expected targets 0, 1 or NaN, found {n_bad} others")
    if groups is None:
        return table, truth, np.arange(len(table))
    if len(groups) != len(table):
        raise DatasetError(f"SVM head: expected patients of {len(table)} records, found {len(groups)}")
    known: dict[Hashable, int] = {}
    keys = [("alone", i) if group is None else group for i, group in enumerate(groups)]
    return table, truth, np.array([known.setdefault(key, len(known)) for key in keys], np.int64)
