"""The six limb leads: any two of I, II and III hold them all.

Source: Einthoven's law, III = II - I, and the augmented leads of E. Goldberger, 1942, American Heart Journal
23, 483: aVR = -(I + II) / 2, aVL = I - II / 2, aVF = II - I / 2. Differences: none.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from einthoven.errors import RecordError

LIMB_LEADS = ("I", "II", "III", "aVR", "aVL", "aVF")
"""In the usual order."""

OF_I_AND_II: Mapping[str, tuple[float, float]] = MappingProxyType(
    {
        "I": (1.0, 0.0),
        "II": (0.0, 1.0),
        "III": (-1.0, 1.0),
        "aVR": (-0.5, -0.5),
        "aVL": (1.0, -0.5),
        "aVF": (-0.5, 1.0),
    }
)
"""How much of I and of II each limb lead is."""

_PAIRS = (("I", "II"), ("I", "III"), ("II", "III"))


def pair_of(there: Collection[str]) -> tuple[str, str] | None:
    """Return the two of I, II and III that the other limb leads are computed from; None if only one is there.

    >>> pair_of(("III", "V1", "I"))
    ('I', 'III')
    """
    return next((pair for pair in _PAIRS if set(pair) <= set(there)), None)


def derive_limb_leads(given: Mapping[str, NDArray[np.float32]]) -> dict[str, NDArray[np.float32]]:
    """Compute the limb leads that are not given from two of I, II and III.

    Parameters
    ----------
    given : lead -> (n_samples,), mV, NaN where a sample is missing; other leads than those of the limbs are
        ignored

    Returns
    -------
    lead -> (n_samples,) float32, mV, in the usual order, of those not given; NaN where one of the two is.

    Raises
    ------
    RecordError if fewer than two of I, II and III are given.

    >>> row = np.ones(2, np.float32)
    >>> {name: float(found[0]) for name, found in derive_limb_leads({"I": row, "III": 2 * row}).items()}
    {'II': 3.0, 'aVR': -2.0, 'aVL': -0.5, 'aVF': 2.5}
    """
    pair = pair_of(given)
    if pair is None:
        raise RecordError(f"expected two of the leads I, II, III, found {', '.join(given) or 'none'}")
    weights = np.linalg.inv([OF_I_AND_II[name] for name in pair])
    found = {}
    for name in LIMB_LEADS:
        if name not in given:
            first, second = (np.asarray(OF_I_AND_II[name]) @ weights).round(9).tolist()
            found[name] = np.asarray(
                np.float32(first) * given[pair[0]] + np.float32(second) * given[pair[1]], dtype=np.float32
            )
    return found
