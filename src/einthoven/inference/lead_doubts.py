"""What speaks against the leads of a recording: wrong labels, exchanged electrodes, all of it upside down."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
from numpy.typing import NDArray

from einthoven.record import Record, lead_words
from einthoven.signal.inversion import Inversion
from einthoven.signal.limb_leads import MAX_DEVIATION, exchanged_electrodes, find_labels, limb_deviations

_ELECTRODES = {"RA": "the right arm", "LA": "the left arm", "LL": "the left leg"}


def lead_doubts(
    record: Record, computed: Collection[str], rpeaks: NDArray[np.int64], inversion: Inversion | None,
    *, is_turned_over: bool,
) -> tuple[str, ...]:  # fmt: skip
    """Say what is odd about the leads.

    Parameters
    ----------
    record : with the leads that the model looks at
    computed : which of them were computed from others, and so cannot contradict them
    rpeaks : (n_beats,) sample indices of the R peaks
    inversion : what was found of the recording as a whole, or None
    is_turned_over : whether the model turns a recording over that is upside down
    """
    own = [name for name in record.leads if name not in computed]
    notes = _contradiction(record.select(own)) if own else ()
    exchanged = exchanged_electrodes(record.signal, record.leads, record.fs, rpeaks)
    if exchanged is not None:
        lead = "I" if "LA" in exchanged else "II"
        notes += (f"the electrodes of {' and '.join(_ELECTRODES[name] for name in exchanged)} seem to be "
                  f"exchanged: lead {lead} is upside down and the chest leads are not",)  # fmt: skip
    if inversion is not None and inversion.is_inverted:
        what = "so it was turned over" if is_turned_over else "and this model does not turn it over"
        witnesses = ", ".join(name for name, vote in inversion.votes.items() if vote.qrs < 0)
        notes += (f"the whole recording seems to be upside down, {what} (seen in {witnesses})",)
    return notes


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
