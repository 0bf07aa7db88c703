"""Binary support vector machines on rows that are prepared once for all classes."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from einthoven.training.heads.head import CHUNK, Matrix, rbf
from einthoven.training.heads.settings import Kernel, SVMSettings

Rows = NDArray[np.int64]
Flags = NDArray[np.bool_]

LINEAR_TOLERANCE = 1e-3
"""Of the gradient that liblinear stops at, relative to the first; 1e-4 takes twice as long, ranks alike."""
MAX_LINEAR_STEPS = 1_000
MAX_RBF_STEPS = 1_000_000
SMALLEST_EIGENVALUE = 1e-5
"""Of the components' kernel matrix, over its largest. What is below would be multiplied by so much that
float32 loses it."""


@dataclass(frozen=True, eq=False)
class Plane:
    """What separates two classes: rows @ weights + bias.

    weights : (n_columns,) of the design's rows
    bias : the constant
    is_converged : whether the solver ended by itself
    is_determined : whether there is one best constant. Where every support vector of an RBF machine is at its
        bound C, any constant between two extremes is as good, and that of other records says nothing of it
    """

    weights: Matrix
    bias: float
    is_converged: bool
    is_determined: bool = True


@dataclass(frozen=True, eq=False)
class Design:
    """Records as the machines see them.

    rows : (n_records, n_columns) standardised features, coordinates of the Nystroem approximation, or the
        kernel's values at all records
    vectors : (n_vectors, n_features) records that the kernel is computed with; none for a linear machine
    back : (n_vectors, n_columns) from weights of the rows to weights of the kernel's values; None: the same
    gamma : of the kernel, 0 where there is none
    is_kernel : whether rows are the kernel's values, a square
    """

    rows: NDArray[Any]
    vectors: Matrix
    back: Matrix | None = None
    gamma: float = 0.0
    is_kernel: bool = False

    def fit(self, records: Rows, positive: Flags, cost: float) -> Plane:
        """Fit a machine with balanced classes.

        Parameters
        ----------
        records : positions of the records to learn from
        positive : (len(records),) which of them have the class; some, but not all
        cost : C
        """
        if not self.is_kernel:
            return _linear(self.rows[records], positive, cost)
        from sklearn.svm import SVC

        machine = SVC(C=cost, kernel="precomputed", class_weight="balanced", max_iter=MAX_RBF_STEPS)
        _fit_quietly(machine, self.rows[np.ix_(records, records)], positive)
        weights = np.zeros(len(self.rows))
        weights[records[machine.support_]] = machine.dual_coef_[0]
        bounds = cost * machine.class_weight_[positive[machine.support_].astype(np.int64)]
        is_free = np.abs(machine.dual_coef_[0]) < bounds * (1 - 1e-6)
        return Plane(weights, float(machine.intercept_[0]), machine.fit_status_ == 0, bool(is_free.any()))

    def decisions(self, records: Rows, plane: Plane) -> Matrix:
        """Return the decision values of some records, (len(records),)."""
        decisions: Matrix = self.rows[records] @ plane.weights + plane.bias
        return decisions

    def shared(self, weights: Matrix) -> tuple[Matrix, Matrix]:
        """Return the vectors that weights of rows (n_columns, n_classes) need, and the weights of these."""
        if self.back is not None:
            return self.vectors, self.back @ weights
        if not self.is_kernel:
            return self.vectors, weights
        used: Flags = np.any(weights, axis=1)
        # No class may have a machine; a head without any vector would be a linear one.
        used[0] |= not used.any()
        return self.vectors[used], weights[used]


def prepare_design(rows: Matrix, settings: SVMSettings) -> Design:
    """Return the design of standardised records (n_records, n_features) for the settings' kernel."""
    kernel: Kernel = settings.kernel_for(len(rows))
    if kernel == "linear":
        return Design(rows, rows[:0])
    gamma = settings.gamma or 1 / max(1, int(rows.any(axis=0).sum()))
    if kernel == "rbf":
        return Design(_kernel(rows, rows, gamma), rows, gamma=gamma, is_kernel=True)
    n_components = min(settings.n_components, len(rows))
    chosen = np.random.default_rng(settings.seed).choice(len(rows), n_components, replace=False)
    vectors = rows[np.sort(chosen)]
    # Williams & Seeger 2001: coordinates whose products are the kernel of the chosen records.
    values, axes = np.linalg.eigh(rbf(vectors, vectors, gamma))
    kept = values > SMALLEST_EIGENVALUE * values[-1]
    back = axes[:, kept] / np.sqrt(values[kept])
    coordinates = [rbf(rows[i : i + CHUNK], vectors, gamma) @ back for i in range(0, len(rows), CHUNK)]
    return Design(np.concatenate(coordinates), vectors, back, gamma)


def _kernel(rows: Matrix, vectors: Matrix, gamma: float) -> NDArray[np.float32]:
    """Return the kernel in half the memory: of 10,000 records it takes 400 MB."""
    values = np.empty((len(rows), len(vectors)), np.float32)
    for start in range(0, len(rows), CHUNK):
        values[start : start + CHUNK] = rbf(rows[start : start + CHUNK], vectors, gamma)
    return values


def _linear(rows: NDArray[Any], positive: Flags, cost: float) -> Plane:
    from sklearn.svm import LinearSVC

    # The primal problem needs no random order, and no more steps for strange scales.
    machine = LinearSVC(
        C=cost, dual=False, tol=LINEAR_TOLERANCE, class_weight="balanced", max_iter=MAX_LINEAR_STEPS
    )
    _fit_quietly(machine, rows, positive)
    is_converged = int(machine.n_iter_) < MAX_LINEAR_STEPS
    return Plane(machine.coef_[0], float(machine.intercept_[0]), is_converged)


def _fit_quietly(machine: Any, rows: NDArray[Any], positive: Flags) -> None:
    """Fit without the warning of a solver that did not end: the plane says so."""
    from sklearn.exceptions import ConvergenceWarning

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        machine.fit(rows, positive)
