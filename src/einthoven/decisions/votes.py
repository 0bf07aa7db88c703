"""What the members of an ensemble say together."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from einthoven.errors import SettingsError


def average(probs: ArrayLike) -> NDArray[np.float64]:
    """Average the members of an ensemble: (n_members, n_records, n_classes) -> (n_records, n_classes).

    Raises SettingsError if the shape is another or there are no members.
    """
    mean: NDArray[np.float64] = _members(probs).mean(axis=0)
    return mean


def majority_vote(probs: ArrayLike) -> NDArray[np.int64]:
    """Let the members of an ensemble vote for a class.

    Source: Zihlmann et al. 2017 (CinC), production model. Differences: none; the paper leaves ties open, here
    the tied class with the highest mean probability wins.

    Parameters
    ----------
    probs : (n_members, n_records, n_classes)

    Returns
    -------
    (n_records,) class indices

    Raises
    ------
    SettingsError if the shape is another or there are no members.

    >>> majority_vote([[[0.9, 0.1, 0.0]], [[0.0, 0.6, 0.4]], [[0.1, 0.5, 0.4]]]).tolist()
    [1]
    """
    p = _members(probs)
    votes = (p.argmax(axis=-1)[..., None] == np.arange(p.shape[-1])).sum(axis=0)
    tied = votes == votes.max(axis=-1, keepdims=True)
    winners: NDArray[np.int64] = np.where(tied, p.mean(axis=0), -np.inf).argmax(axis=-1)
    return winners


def _members(probs: ArrayLike) -> NDArray[np.float64]:
    values = np.asarray(probs, np.float64)
    if values.ndim != 3 or not len(values) or not values.shape[-1]:
        raise SettingsError(f"expected probabilities (n_members, n_records, n_classes), found {values.shape}")
    return values
