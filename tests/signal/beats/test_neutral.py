"""A beat made to come on time, or to look as usual, is what the cut makes of such a beat."""

import numpy as np
import pytest

from einthoven.signal.beats import AroundRPeaks
from einthoven.signal.beats.neutral import as_usual, on_time
from einthoven.signal.beats.rhythm import N_FEATURES
from einthoven.signal.simulated import simulate

CUT = AroundRPeaks()
N_BEATS, EARLY = 25, 12
FS = 125.0


def a_beat(t: np.ndarray, width_s: float) -> np.ndarray:
    return np.asarray(np.exp(-((t / width_s) ** 2)))


def rows_of(*, is_early: bool, is_wide: bool) -> np.ndarray:
    """25 beats a second apart; the one in the middle may be 0.3 s early, and may be wide."""
    times = 1.0 + np.arange(N_BEATS)
    times[EARLY] -= 0.3 * is_early
    t = np.arange(round((N_BEATS + 2) * FS)) / FS
    widths = [0.06 if is_wide and k == EARLY else 0.02 for k in range(N_BEATS)]
    signal = sum(a_beat(t - time, width) for time, width in zip(times, widths, strict=True))
    rpeaks = np.round(times * FS).astype(np.int64)
    found = CUT(np.asarray(signal, np.float32)[None], FS, rpeaks).rows
    return np.asarray(found[EARLY])


def test_on_time_a_beat_has_the_rhythm_of_an_even_one() -> None:
    early, even = (rows_of(is_early=is_early, is_wide=False) for is_early in (True, False))
    assert np.abs(early[2, :N_FEATURES] - even[2, :N_FEATURES]).max() > 0.3
    found = on_time(early)
    assert found[2, :N_FEATURES] == pytest.approx(even[2, :N_FEATURES], abs=1e-3)
    # The rest stays.
    assert found[:2].tolist() == early[:2].tolist()
    assert found[2, N_FEATURES:].tolist() == early[2, N_FEATURES:].tolist()


def test_as_usual_a_beat_is_the_usual_one_and_like_its_neighbours() -> None:
    wide, narrow = (rows_of(is_early=False, is_wide=is_wide) for is_wide in (True, False))
    shape = slice(N_FEATURES, CUT.n_features)
    found = as_usual(wide, CUT)
    assert found[0].tolist() == found[1].tolist() == wide[0].tolist()
    assert np.abs(wide[1] - wide[0]).max() > 0.5
    assert found[2, :N_FEATURES].tolist() == wide[2, :N_FEATURES].tolist()
    # A narrow beat among narrow ones is as usual already; of a wide one, the width of its own stays, and its
    # height counts from its own.
    kept = [0, 1, 3, 5, 6, 7, 8, *range(9, 17)]
    assert found[2, shape][kept] == pytest.approx(narrow[2, shape][kept], abs=0.05)
    assert np.abs(wide[2, shape][kept] - narrow[2, shape][kept]).max() > 0.5
    assert not found[2, CUT.n_features :].any()


def test_a_beat_at_the_end_has_no_neighbours_there() -> None:
    record = simulate(duration_s=10, fs=FS, leads=("II",), seed=1)
    first = CUT(record.signal, record.fs).rows[0]
    alike = slice(CUT.n_features - 8, CUT.n_features)
    assert as_usual(first, CUT)[2, alike].tolist() == [0, 0, 0, 0, 1, 1, 1, 1]
    assert as_usual(first, CUT).shape == on_time(first).shape == first.shape
