"""What a network reads of a heartbeat besides its wave, and how much that speaks for a class."""

from __future__ import annotations

import numpy as np

from einthoven.explanation import log_odds
from einthoven.inference.beats import BeatModel
from einthoven.record import Signal
from einthoven.signal.beats import AroundRPeaks
from einthoven.signal.beats.neutral import as_usual, on_time

RHYTHM, SHAPE = "the rhythm around it", "its shape against the usual beat"


def speaks_beside(model: BeatModel, rows: Signal, column: int) -> dict[str, float]:
    """Return by how much a class's log-odds fall when what is not the wave of a beat is made neutral.

    The rhythm becomes an even one at the pace that is usual here; the usual beat becomes this beat, so that
    its shape is nothing special. One at a time, the wave stays.

    Parameters
    ----------
    model : who answers
    rows : (n_rows, n_samples) of one beat, as its cut gives them
    column : of the class

    Returns
    -------
    Name -> log-odds; nothing where the cut has no such rows.
    """
    if not isinstance(model.cut, AroundRPeaks):
        return {}
    changed = np.stack([rows, on_time(rows), as_usual(rows, model.cut)])
    whole, *others = log_odds(model.probs_of(changed))[:, column].tolist()
    return {name: whole - other for name, other in zip((RHYTHM, SHAPE), others, strict=True)}
