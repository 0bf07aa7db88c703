"""What a network would read of a beat if it came when it should, or looked as beats here usually do."""

from __future__ import annotations

import numpy as np

from einthoven.record import Signal
from einthoven.signal.beats.around import LARGEST_FEATURE, AroundRPeaks
from einthoven.signal.beats.rhythm import N_FEATURES, N_NEIGHBOURS, TYPICAL_S, rhythm_features
from einthoven.signal.beats.shape import N_SHAPE, shape_features


def on_time(rows: Signal) -> Signal:
    """Return a beat's rows with the rhythm of one in a row of even beats, at the pace that is usual here.

    The wave, the usual one and their comparison stay.

    rows : (3, n_samples), as `AroundRPeaks` cuts them
    """
    reference = rows[2, 2 * N_NEIGHBOURS]
    times_s = np.arange(2 * N_NEIGHBOURS + 1) * TYPICAL_S * np.exp(float(reference))
    changed = np.array(rows)
    changed[2, :N_FEATURES] = rhythm_features(times_s)[N_NEIGHBOURS]
    return changed


def as_usual(rows: Signal, cut: AroundRPeaks) -> Signal:
    """Return a beat's rows as if it were what is usual here, and like its neighbours.

    The wave and the rhythm stay; the usual wave becomes that of this beat, and what was measured between the
    two is measured anew.

    rows : (3, n_samples), as `cut` cuts them
    """
    changed = np.array(rows)
    beat = changed[:1]
    changed[1] = rows[0]
    first, end = N_FEATURES, N_FEATURES + N_SHAPE
    changed[2, first:end] = shape_features(beat, beat, cut.rpeak, cut.fs)[0]
    # Where there is no neighbour, 0 says so.
    alike = changed[2, end : cut.n_features]
    alike[alike != 0] = 1.0
    np.clip(changed[2], -LARGEST_FEATURE, LARGEST_FEATURE, out=changed[2])
    return changed
