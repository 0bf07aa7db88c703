"""The limb leads that SCP-ECG does not store, as they follow from leads I and II.

Source: EN 1064:2005+A1:2007, 5.6; `einthoven.leads`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from einthoven.leads import LIMB_LEADS, OF_I_AND_II

PAIR = ("I", "II")
"""The leads that the others are computed from."""


def limbs_of(names: Sequence[str], signal: NDArray[np.float64]) -> dict[str, NDArray[np.float64]]:
    """Return the rows of leads I and II, as far as they are there.

    signal : (n_leads, n_samples)
    """
    return {name: row for name, row in zip(names, signal, strict=True) if name in PAIR}


def with_limb_leads(
    names: Sequence[str], signal: NDArray[np.float32], limbs: Mapping[str, NDArray[np.float64]]
) -> tuple[tuple[str, ...], NDArray[np.float32]]:
    """Add the limb leads that are not there, and put all limb leads before the others.

    Parameters
    ----------
    names : of the leads that are there
    signal : (n_leads, n_samples) mV
    limbs : leads I and II in doubles, so that what follows from them is rounded once

    Returns
    -------
    Names and rows; as they came if lead I or II is missing, or if they were not recorded at the same time.
    """
    if not set(PAIR) <= set(limbs):
        return tuple(names), signal
    rows = dict(zip(names, signal, strict=True))
    first, second = (limbs[name] for name in PAIR)
    if np.isnan(first + second).all():
        return tuple(names), signal
    for name in LIMB_LEADS:
        if name not in rows:
            of_first, of_second = OF_I_AND_II[name]
            rows[name] = (of_first * first + of_second * second).astype(np.float32)
    all_names = (*LIMB_LEADS, *(name for name in names if name not in LIMB_LEADS))
    return all_names, np.stack([rows[name] for name in all_names])
