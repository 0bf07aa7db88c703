"""What its neighbours say of a heartbeat: ectopic beats come alone, in pairs or in runs, not anyhow.

Source: forward-backward algorithm, L. R. Rabiner, 1989, DOI 10.1109/5.18626, section III.
Differences: a classifier's probabilities over the share of each class stand for the likelihood of a beat
(N. Morgan and H. Bourlard, 1990, DOI 10.1109/ICASSP.1990.115720); these and the transitions count with an
exponent, as a classifier that reads the rhythm has seen part of the neighbours itself.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from einthoven.errors import SettingsError

_Array = NDArray[np.float64]

LEAST_SHARE = 0.01
"""A class that is rarer is not helped more."""
UNKNOWN_SHARE = 1e-3
"""A class that is rarer still is not helped at all: hardly any such beat taught anything."""
PRIOR_COUNT = 2.0
"""So many transitions of each kind are taken to have been seen."""


@dataclass(frozen=True)
class BeatChain:
    """A Markov chain over the classes of successive heartbeats.

    counts : counts[i][j], how often a beat of class i was followed by one of class j
    strength : how much neighbours count, from 0 (nothing) to 1

    Raises SettingsError if the counts are no square of numbers from 0, or the strength is out of range.
    """

    counts: tuple[tuple[float, ...], ...]
    strength: float

    def __post_init__(self) -> None:
        counts = tuple(tuple(float(count) for count in row) for row in self.counts)
        object.__setattr__(self, "counts", counts)
        n = len(counts)
        # Written so that NaN is refused too.
        if n < 2 or any(len(row) != n or not all(0 <= count < np.inf for count in row) for row in counts):
            raise SettingsError("expected transitions as a square of numbers from 0")
        if not 0 <= self.strength <= 1:
            raise SettingsError(f"expected a strength of the chain from 0 to 1, found {self.strength}")

    def smooth(self, probs: ArrayLike) -> _Array:
        """Return the probabilities of successive beats, given those of all beats around them.

        Parameters
        ----------
        probs : (n_beats, n_classes), of beats in order of time in one recording

        Returns
        -------
        (n_beats, n_classes), each row adding up to 1.

        Raises
        ------
        SettingsError if there are not as many classes as the chain has.

        >>> chain = BeatChain(((98, 2), (2, 98)), strength=1.0)
        >>> chain.smooth([[0.9, 0.1], [0.45, 0.55], [0.9, 0.1]]).argmax(1).tolist()
        [0, 0, 0]
        """
        seen = np.asarray(probs, np.float64)
        if seen.ndim != 2 or seen.shape[1] != len(self.counts):
            raise SettingsError(f"expected probabilities of {len(self.counts)} classes, "
                                f"found shape {seen.shape}")  # fmt: skip
        if len(seen) == 0:
            return seen
        transitions, shares = self._estimates()
        evidence = _normalised(seen / shares + np.finfo(np.float64).tiny)
        forward, backward = np.empty_like(evidence), np.ones_like(evidence)
        forward[0] = evidence[0] * shares
        forward[0] /= forward[0].sum()
        for beat in range(1, len(seen)):
            step = (forward[beat - 1] @ transitions) * evidence[beat]
            forward[beat] = step / step.sum()
        for beat in range(len(seen) - 2, -1, -1):
            step = transitions @ (evidence[beat + 1] * backward[beat + 1])
            backward[beat] = step / step.sum()
        return _normalised(forward * backward)

    def log_probs(self, probs: ArrayLike) -> _Array:
        """Return the logarithms of what `smooth` returns, none of them minus infinity."""
        # The least that a float32 holds: whoever keeps them in less than float64 loses none.
        logs: _Array = np.log(np.maximum(self.smooth(probs), np.finfo(np.float32).tiny))
        return logs

    def to_json(self) -> dict[str, Any]:
        """Return JSON values; `from_json` reads them back."""
        return {"counts": [list(row) for row in self.counts], "strength": self.strength}

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> BeatChain:
        """Build what `to_json` wrote. Raises SettingsError if it is nothing like it."""
        try:
            counts = tuple(tuple(float(count) for count in row) for row in values["counts"])
            strength = float(values["strength"])
        except (KeyError, TypeError, ValueError) as error:
            raise SettingsError(f"expected transitions and a strength, found {values!r:.80}") from error
        return cls(counts, strength)

    def _estimates(self) -> tuple[_Array, _Array]:
        """Return transitions and shares, each to the power of the strength."""
        counts = np.array(self.counts)
        shares = (counts.sum(axis=1) + 1e-9) / (counts.sum() + 1e-9 * len(counts))
        known = np.where(shares < UNKNOWN_SHARE, 1.0, np.maximum(shares, LEAST_SHARE))
        transitions = _normalised(counts + PRIOR_COUNT) ** self.strength
        return _normalised(transitions), known**self.strength


def count_transitions(sequences: Sequence[NDArray[np.int64]], n_classes: int) -> _Array:
    """Count which class follows which.

    Parameters
    ----------
    sequences : class indices of the beats of each recording, in order of time
    n_classes : number of classes

    Returns
    -------
    (n_classes, n_classes): counts of the next class (column) after each (row).

    >>> count_transitions([np.array([0, 0, 1, 0])], 2).tolist()
    [[1.0, 1.0], [1.0, 0.0]]
    """
    counts = np.zeros((n_classes, n_classes))
    for classes in sequences:
        np.add.at(counts, (classes[:-1], classes[1:]), 1)
    return counts


def _normalised(rows: _Array) -> _Array:
    total: _Array = rows / rows.sum(axis=1, keepdims=True)
    return total
