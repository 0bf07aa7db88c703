"""What a network learns to say: one class of several, or each class by itself."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

from einthoven.errors import DatasetError
from einthoven.metrics.cinc2017 import f1_average
from einthoven.metrics.confusion import mean_of_defined
from einthoven.metrics.multilabel import f_beta_of_counts, outcome_counts
from einthoven.training.protocol import Protocol

Targets = NDArray[Any]
"""(n_records,) int64 class indices, or (n_records, n_classes) float32: 1, 0, NaN where nobody judged."""


@dataclass(frozen=True)
class Objective(ABC):
    """What is to be learnt, and how far it is.

    n_classes : outputs of the network
    weighting : `Protocol.class_weights`
    label_smoothing : share of the target that is spread over all classes
    scored : positions of the classes whose F1 scores are averaged
    """

    n_classes: int
    weighting: str
    label_smoothing: float
    scored: tuple[int, ...]

    @abstractmethod
    def class_weights(self, targets: Targets) -> NDArray[np.float64]:
        """Return the weight of each class in the loss, from the targets of the training part.

        Raises DatasetError if there is no recording.
        """

    @abstractmethod
    def record_weights(self, targets: Targets, weights: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return what each recording counts in the mean loss, (n_records,)."""

    @abstractmethod
    def losses(self, logits: Tensor, targets: Tensor, weights: Tensor) -> Tensor:
        """Return the loss of each recording times its weight, (n_batch,)."""

    @abstractmethod
    def score(self, targets: Targets, logits: NDArray[np.float32]) -> float:
        """Return the mean F1 of the scored classes, each given where it is likely; 0 if none is defined."""

    def mean_loss(self, targets: Targets, logits: NDArray[np.float32], weights: NDArray[np.float64]) -> float:
        """Return the weighted mean loss of some recordings, without smoothing; NaN if none weighs."""
        plain = type(self)(self.n_classes, self.weighting, 0.0, self.scored)
        tensors = (torch.from_numpy(logits), torch.from_numpy(targets), torch.tensor(weights).float())
        total = float(self.record_weights(targets, weights).sum())
        return float(plain.losses(*tensors).sum()) / total if total else float("nan")


def objective_of(protocol: Protocol) -> Objective:
    """Return what a protocol's network learns."""
    kinds: dict[str, type[Objective]] = {
        "cross-entropy": OneClass,
        "binary-cross-entropy": EachClass,
        "categorical-on-sigmoid": SharesOfSigmoids,
    }
    return kinds[protocol.loss](
        len(protocol.classes), protocol.class_weights, protocol.label_smoothing, protocol.scored_indices
    )


class OneClass(Objective):
    """Exactly one class holds: softmax and cross-entropy."""

    def class_weights(self, targets: Targets) -> NDArray[np.float64]:
        """Return the weight of each class: see `Protocol.class_weights`; one without recordings weighs 0.

        The weights of "inverse" and "power" are 1 in the mean over the training part.
        """
        _check_any(targets)
        shares = np.bincount(targets, minlength=self.n_classes) / len(targets)
        inverse = np.divide(1.0, shares, out=np.zeros(self.n_classes), where=shares > 0)
        if self.weighting == "code":
            # 0.8 + 0.2 x 100 / percent, as in the program of Zihlmann et al. 2017.
            return np.asarray(np.where(shares > 0, 0.8 + 0.2 * inverse, 0.0))
        weights = np.where(shares > 0, inverse ** _exponent(self.weighting), 0.0)
        return np.asarray(weights / (weights * shares).sum())

    def record_weights(self, targets: Targets, weights: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the weight of each recording's class."""
        return weights[targets]

    def losses(self, logits: Tensor, targets: Tensor, weights: Tensor) -> Tensor:
        """Return the weighted cross-entropy of each recording."""
        return F.cross_entropy(
            logits, targets, weights, reduction="none", label_smoothing=self.label_smoothing
        )

    def score(self, targets: Targets, logits: NDArray[np.float32]) -> float:
        """Return F1avg of the likeliest classes."""
        return f1_average(targets, logits.argmax(1), self.n_classes, self.scored)


class EachClass(Objective):
    """Any number of classes hold: sigmoids and binary cross-entropy, over the classes that were judged."""

    def class_weights(self, targets: Targets) -> NDArray[np.float64]:
        """Return the weight of a hit of each class over that of its absence; 1 where it has no recording.

        "inverse" is absences over hits, "power:P" that to the power P.
        """
        _check_any(targets)
        hits = np.nansum(targets, axis=0, dtype=np.float64)
        absences = np.isfinite(targets).sum(axis=0) - hits
        odds = np.divide(absences, hits, out=np.ones(self.n_classes), where=(hits > 0) & (absences > 0))
        return np.asarray(odds ** _exponent(self.weighting))

    def record_weights(self, targets: Targets, weights: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return 1 each: what a recording counts does not depend on its classes."""
        return np.ones(len(targets), weights.dtype)

    def losses(self, logits: Tensor, targets: Tensor, weights: Tensor) -> Tensor:
        """Return the mean binary cross-entropy over all classes; those not judged count nothing."""
        judged = torch.isfinite(targets)
        hits = torch.where(judged, targets, 0.0)
        smooth = hits * (1 - self.label_smoothing) + self.label_smoothing / 2
        each = F.binary_cross_entropy_with_logits(logits, smooth, pos_weight=weights, reduction="none")
        return (each * judged).mean(1)

    def score(self, targets: Targets, logits: NDArray[np.float32]) -> float:
        """Return the macro F1 at a probability of 0.5, over the classes that occur or are given."""
        judged = np.isfinite(targets)
        has, given = judged & (targets > 0.5), judged & (logits > 0)
        f1 = f_beta_of_counts(outcome_counts(has, given), 1.0)[list(self.scored)]
        return float(np.nan_to_num(mean_of_defined(f1)))


class SharesOfSigmoids(EachClass):
    """Categorical cross-entropy on sigmoid outputs, divided by their sum.

    Source: Singstad & Tronstad name the loss and the activation; that Keras divides such outputs by their sum
    is in its documentation. A recording without any class teaches nothing; the loss of a true class is
    multiplied by the class's weight.
    """

    def losses(self, logits: Tensor, targets: Tensor, weights: Tensor) -> Tensor:
        """Return minus the sum over true classes of the logarithm of their share."""
        judged = torch.isfinite(targets)
        hits = torch.where(judged, targets, 0.0)
        smooth = hits * (1 - self.label_smoothing) + self.label_smoothing / logits.shape[1] * judged
        log_probs = F.logsigmoid(logits)
        # Ones that were not judged have no share.
        total = torch.where(judged, log_probs, -torch.inf).logsumexp(1, keepdim=True)
        return -(weights * smooth * torch.where(judged, log_probs - total, 0.0)).sum(1)


def _exponent(weighting: str) -> float:
    name, _, power = weighting.partition(":")
    return {"none": 0.0, "inverse": 1.0}[name] if name != "power" else float(power)


def _check_any(targets: Targets) -> None:
    if not len(targets):
        raise DatasetError("expected at least one recording to train on, found none")
