"""What an SVM head is fitted with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from einthoven.errors import SettingsError

Kernel = Literal["auto", "linear", "rbf", "nystroem"]
LearnsFrom = Literal["held-out", "training"]

LINEAR_COSTS = (1e-5, 1e-4, 1e-3, 1e-2, 1e-1)
"""C of linear machines on features. Above, thousands of recordings only cost time, and rank worse."""
NYSTROEM_COSTS = (0.001, 0.01, 0.1, 1.0)
"""C of linear machines on the Nystroem approximation, whose rows are short: none is longer than 1."""
RBF_COSTS = (0.01, 0.1, 1.0, 10.0)
"""C of the RBF machine, whose coefficients it bounds."""
N_RBF = 10_000
"""Recordings up to which `auto` is an exact RBF machine, whose kernel matrix has their number squared."""


@dataclass(frozen=True, kw_only=True)
class SVMSettings:
    """Settings of one-vs-rest support vector machines.

    kernel : `linear`, `rbf`, `nystroem` (a linear machine on an approximation of the RBF kernel), or `auto`:
        `rbf` up to 10,000 recordings, else `nystroem`
    costs : values of C to choose from, ascending, tried up to where larger ones do not help; None: those
        that suit the kernel
    n_inner : folds of the inner cross-validation that chooses C and fits Platt's numbers
    gamma : of the RBF kernel exp(-gamma |x - y|^2), on standardised features; None: one over the number of
        features that vary, which is scikit-learn's `scale`
    n_components : recordings that the Nystroem approximation is spanned by
    learns_from : recordings that the network did not learn from, "held-out"; or those that it did,
        "training", whose features tell their classes better than others' will
    seed : of the inner folds and of the choice of these recordings

    Raises SettingsError if a value is out of range.
    """

    kernel: Kernel = "linear"
    costs: tuple[float, ...] | None = None
    n_inner: int = 3
    gamma: float | None = None
    n_components: int = 500
    learns_from: LearnsFrom = "held-out"
    seed: int = 0

    def __post_init__(self) -> None:
        if self.kernel not in get_args(Kernel):
            self._refuse("kernel", " or ".join(get_args(Kernel)))
        if self.learns_from not in get_args(LearnsFrom):
            self._refuse("learns_from", " or ".join(get_args(LearnsFrom)))
        if self.costs is not None:
            # JSON has lists only; a setting read back must equal the one written.
            object.__setattr__(self, "costs", tuple(self.costs))
            if not self.costs or self.costs[0] <= 0 or list(self.costs) != sorted(set(self.costs)):
                self._refuse("costs", "one or more ascending numbers above 0")
        if self.n_inner < 2:
            self._refuse("n_inner", "2 or more")
        if self.gamma is not None and not self.gamma > 0:
            self._refuse("gamma", "a number above 0")
        if self.n_components < 1:
            self._refuse("n_components", "1 or more")

    def kernel_for(self, n_records: int) -> Kernel:
        """Return the kernel for so many recordings, which is never `auto`.

        >>> SVMSettings(kernel="auto").kernel_for(43_000)
        'nystroem'
        """
        if self.kernel == "auto":
            return "rbf" if n_records <= N_RBF else "nystroem"
        return self.kernel

    def costs_for(self, n_records: int) -> tuple[float, ...]:
        """Return the values of C to choose from."""
        if self.costs is not None:
            return self.costs
        by_kernel = {"linear": LINEAR_COSTS, "nystroem": NYSTROEM_COSTS, "rbf": RBF_COSTS}
        return by_kernel[self.kernel_for(n_records)]

    def _refuse(self, name: str, expected: str) -> None:
        raise SettingsError(f"SVMSettings: expected {name} to be {expected}, found {getattr(self, name)!r}")
