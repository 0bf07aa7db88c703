"""What speaks against the leads of a recording: wrong labels, exchanged electrodes, all of it upside down."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
from numpy.typing import NDArray

from einthoven.inference.obstacles import Obstacle
from einthoven.leads import LIMB_LEADS
from einthoven.record import Record, lead_words
from einthoven.signal.inversion import Inversion, find_inversion
from einthoven.signal.limb_leads import MAX_DEVIATION, exchanged_electrodes, find_labels, limb_deviations
from einthoven.signal.missing import fill_missing
from einthoven.signal.rpeaks import MIN_FS, find_rpeaks

_ELECTRODES = {"RA": "the right arm", "LA": "the left arm", "LL": "the left leg"}


def lead_doubts(
    record: Record, computed: Collection[str], rpeaks: NDArray[np.int64], inversion: Inversion | None
) -> tuple[str, ...]:
    """Say what is odd about the leads.

    Parameters
    ----------
    record : with the leads that the model looks at
    computed : which of them were computed from others, and so cannot contradict them
    rpeaks : (n_beats,) sample indices of the R peaks
    inversion : what was found of the recording as a whole, which the model turned over if need be, or None
    """
    own = [name for name in record.leads if name not in computed]
    notes = _contradiction(record.select(own)) if own else ()
    exchanged = exchanged_electrodes(record.signal, record.leads, record.fs, rpeaks)
    if exchanged is not None:
        lead = "I" if "LA" in exchanged else "II"
        notes += (f"the electrodes of {' and '.join(_ELECTRODES[name] for name in exchanged)} seem to be "
                  f"exchanged: lead {lead} is upside down and the chest leads are not",)  # fmt: skip
    if inversion is not None and inversion.is_inverted:
        notes += (f"{_upside_down(inversion)}, so it was turned over: the answer is for it turned over",)
    return notes


def record_lead_doubts(record: Record) -> tuple[str, ...]:
    """Say what is odd about the leads of a recording as it was read, whatever model may be asked."""
    if record.fs < MIN_FS or not set(LIMB_LEADS[:2]) <= set(record.leads):
        return ()
    signal = fill_missing(record.signal)
    rpeaks = find_rpeaks(signal, record.fs, warn=False)
    notes = lead_doubts(record, (), rpeaks, None)
    inversion = find_inversion(signal, record.leads, record.fs)
    if inversion is None or not inversion.is_inverted:
        return notes
    return (*notes, _upside_down(inversion))


def inversion_obstacle(inversion: Inversion | None) -> Obstacle | None:
    """Return that a recording is upside down, of a model that does not turn it over; None if it is not."""
    if inversion is None or not inversion.is_inverted:
        return None
    return Obstacle(f"{_upside_down(inversion)}, and this model does not turn it over", (), "inversion")


def _upside_down(inversion: Inversion) -> str:
    witnesses = ", ".join(name for name, vote in inversion.votes.items() if vote.qrs < 0)
    return f"the whole recording seems to be upside down (seen in {witnesses})"


def _contradiction(record: Record) -> tuple[str, ...]:
    """Say which limb leads are not what I and II give, and why, if that can be told."""
    deviations = limb_deviations(record.signal, record.leads, record.fs)
    wrong = [name for name, share in deviations.items() if share > MAX_DEVIATION]
    if not wrong:
        return ()
    what = f"the limb leads contradict each other: {', '.join(wrong)} cannot be computed from I and II"
    labels = find_labels(record.signal, record.leads, record.fs)
    return (f"{what}, as they should be{_cause(labels) if labels else ''}",)


def _cause(labels: dict[str, str]) -> str:
    if len(labels) == 1:
        return f"; {lead_words(next(iter(labels)))} seems to be upside down"
    if len(labels) == 2:
        return f"; the labels {' and '.join(labels)} seem to be exchanged"
    shown = ", ".join(f"{label} shows {name}" for label, name in labels.items())
    return f"; labels seem to be exchanged: {shown}"
