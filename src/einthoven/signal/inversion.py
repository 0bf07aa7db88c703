"""Whether a whole recording is upside down."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from einthoven.leads import derive_limb_leads
from einthoven.record import Signal
from einthoven.signal.polarity import Polarity, polarities
from einthoven.signal.rpeaks import MIN_FS, find_rpeaks

NEEDED = ("I", "II", "V6")
"""aVR, where it is not there, follows from I and II."""
MIN_VOTES = 2
"""So many more votes must say that it is upside down than say the opposite, of QRS, and of P and T waves."""


@dataclass(frozen=True, slots=True)
class Inversion:
    """Whether a recording is upside down, and what each lead says.

    is_inverted : whether the evidence is strong that all of it is multiplied by -1
    votes : lead -> to which side its waves point, I, II, V6 and aVR; of aVR, which is normally the mirror of
        the others, turned over. So 1 is as usual and -1 upside down
    """

    is_inverted: bool
    votes: Mapping[str, Polarity]


def find_inversion(signal: Signal, leads: Sequence[str], fs: float) -> Inversion | None:
    """Decide whether a recording is upside down.

    Normally the QRS complex, the P wave and the T wave point up in leads I, II and V6 and down in aVR. The
    recording is upside down if at least two more of the four QRS complexes say so than say the opposite, and
    at least two more of their P and T waves too: a deviated axis or a ventricular beat turns the QRS complex
    over but not the P wave, ischaemia the T wave but not the QRS complex. What points nowhere has no vote.
    If the QRS complex of V6 does not say so it is not: then limb electrodes may be exchanged, see
    `einthoven.signal.limb_leads`.

    Source: Shahid et al., where inverted recordings are turned over. Differences: how is not said there.

    Parameters
    ----------
    signal : (n_leads, n_samples), mV, NaN where a sample is missing
    leads : names of the rows
    fs : sampling rate, Hz

    Returns
    -------
    Inversion; None where it cannot be told: I, II or V6 is not there or does not move, there are fewer than
    three beats, or the sampling rate is below 40 Hz.

    >>> from einthoven.signal.simulated import simulate
    >>> record = simulate(leads=("I", "II", "V6"))
    >>> find_inversion(-record.signal, record.leads, record.fs).is_inverted
    True
    """
    if fs < MIN_FS or not set(NEEDED) <= set(leads):
        return None
    rows = {name: signal[list(leads).index(name)] for name in (*NEEDED, "aVR") if name in leads}
    if not all(_moves(rows[name]) for name in NEEDED):
        return None
    if "aVR" not in rows or not _moves(rows["aVR"]):
        rows["aVR"] = derive_limb_leads({name: rows[name] for name in ("I", "II")})["aVR"]
    chosen = np.stack(list(rows.values()))
    found = polarities(chosen, fs, find_rpeaks(chosen, fs, warn=False))
    if found is None:
        return None
    votes = {name: -one if name == "aVR" else one for name, one in zip(rows, found, strict=True)}
    of_qrs = sum(one.qrs for one in votes.values())
    of_others = sum(one.p + one.t for one in votes.values())
    is_agreed = of_qrs <= -MIN_VOTES and of_others <= -MIN_VOTES
    return Inversion(is_agreed and votes["V6"].qrs < 0, votes)


def _moves(row: Signal) -> bool:
    return bool(np.fmax.reduce(row) > np.fmin.reduce(row))
