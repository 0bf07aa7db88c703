"""R-R intervals: which count as normal-to-normal, and statistics worked out by hand."""

import numpy as np
import pytest

from einthoven.errors import RecordError
from einthoven.signal.rr_intervals import (
    HeartRate,
    RRIntervals,
    joined_parts,
    measure_rate,
    measure_variability,
    rr_intervals,
)

FS = 1000.0


def intervals(*ms: int, labels: str = "", gaps: tuple[tuple[int, int], ...] = ()) -> RRIntervals:
    """Beats that lie so many ms apart, the first at 1 s; all normal if no labels are given."""
    labels = labels or "N" * (len(ms) + 1)
    peaks = 1000 + np.cumsum([0, *ms])
    return rr_intervals(peaks, FS, [label == "N" for label in labels], gaps)


def test_an_interval_is_in_ms_whatever_the_rate() -> None:
    assert rr_intervals([0, 180, 630], 360, [True] * 3).ms.tolist() == [500, 1250]


def test_only_intervals_between_two_normal_beats_are_nn() -> None:
    found = intervals(800, 500, 1100, 800, labels="NNVNN")
    assert found.is_normal.tolist() == [True, False, False, True]
    assert found.is_joined.all()


def test_intervals_across_a_gap_are_not_joined() -> None:
    # Beats at 1.0, 1.8, 2.6, 3.4 and 4.2 s.
    found = intervals(800, 800, 800, 800, gaps=((1900, 2000), (3000, 3500)))
    assert found.is_joined.tolist() == [True, False, False, False]
    assert not found.is_pause.any()
    # What ends at a beat, or begins there, or lies before or behind all, breaks nothing.
    for gap in ((1810, 2600), (2600, 2610)):
        assert intervals(800, 800, 800, gaps=(gap,)).is_joined.sum() == 2
    assert intervals(800, 800, gaps=((0, 1000), (2600, 9000))).is_joined.all()


def test_a_pause_is_longer_than_3_seconds_and_has_signal() -> None:
    found = intervals(3000, 3001, 3001, gaps=((8000, 8300),))
    assert found.is_pause.tolist() == [False, True, False]
    assert found.is_joined.tolist() == [True, False, False]
    assert measure_variability(found).n_nn == 1


def test_statistics_by_hand() -> None:
    # NN 800, 860 | V | 800, 850, 900: pairs (800, 860), (800, 850), (850, 900).
    found = measure_variability(intervals(800, 860, 500, 1200, 800, 850, 900, labels="NNNVNNNN"))
    assert (found.n_nn, found.n_pairs) == (5, 3)
    assert found.mean_nn_ms == pytest.approx(842)
    assert found.sdnn_ms == pytest.approx(np.sqrt((42**2 + 18**2 + 42**2 + 8**2 + 58**2) / 4))
    assert found.rmssd_ms == pytest.approx(np.sqrt((60**2 + 50**2 + 50**2) / 3))
    # A difference of exactly 50 ms is not more than 50 ms.
    assert found.pnn50 == pytest.approx(100 / 3)


def test_sd1_and_sd2_are_the_spread_across_and_along_the_diagonal() -> None:
    rng = np.random.default_rng(1)
    found = intervals(*rng.integers(700, 900, 400).tolist())
    first, second = found.adjacent_nn
    measured = measure_variability(found)
    turned = np.array([[1, -1], [1, 1]]) @ np.stack([first, second]) / np.sqrt(2)
    assert (measured.sd1_ms, measured.sd2_ms) == pytest.approx(tuple(turned.std(axis=1, ddof=1)))
    # Brennan et al., equation 12: the two together are the spread of the intervals.
    assert measured.sdnn_ms == pytest.approx(np.sqrt((measured.sd1_ms**2 + measured.sd2_ms**2) / 2), rel=0.01)


@pytest.mark.parametrize(
    ("ms", "known"),
    [
        ((), set()),
        ((800,), {"mean_nn_ms"}),
        ((800, 810), {"mean_nn_ms", "sdnn_ms", "rmssd_ms", "pnn50"}),
        ((800, 810, 800), {"mean_nn_ms", "sdnn_ms", "rmssd_ms", "pnn50", "sd1_ms", "sd2_ms"}),
    ],
)
def test_what_too_few_intervals_do_not_tell_is_none(ms: tuple[int, ...], known: set[str]) -> None:
    found = measure_variability(intervals(*ms))
    names = ("mean_nn_ms", "sdnn_ms", "rmssd_ms", "pnn50", "sd1_ms", "sd2_ms")
    assert {name for name in names if getattr(found, name) is not None} == known
    assert found.n_nn == len(ms)


def test_no_beat_has_no_interval() -> None:
    found = rr_intervals([], FS, [])
    assert len(found.ms) == 0
    assert measure_rate(found) == HeartRate(None, None, None)
    assert measure_variability(found).n_pairs == 0


def test_the_rate_counts_all_beats_and_its_extremes_are_means_over_8_intervals() -> None:
    ms = [1000] * 10 + [500] * 8 + [1000] * 2
    found = measure_rate(intervals(*ms, labels="NV" * 10 + "N"))
    assert found.mean == pytest.approx(60_000 * 20 / sum(ms))
    assert (found.lowest, found.highest) == pytest.approx((60, 120))
    assert measure_rate(intervals(*[1000] * 7)) == HeartRate(60, None, None)


def test_no_mean_goes_across_a_gap_or_a_pause() -> None:
    ms = [1000] * 7 + [5000] + [1000] * 7
    assert measure_rate(intervals(*ms)) == HeartRate(60, None, None)
    found = measure_rate(intervals(*ms, *[500] * 8))
    # The slowest 8 in a row: seven of 1 s and one of 0.5 s.
    assert (found.lowest, found.highest) == pytest.approx((64, 120))


def test_beats_out_of_order_and_missing_labels_are_refused() -> None:
    with pytest.raises(RecordError, match="expected R peaks in order of time, found 5 after 5"):
        rr_intervals([1, 5, 5], FS, [True] * 3)
    with pytest.raises(RecordError, match="expected as many R peaks as labels"):
        rr_intervals([1, 5], FS, [True])


def test_beats_without_a_break_form_parts() -> None:
    assert joined_parts([]) == [(0, 1)]
    assert joined_parts([False, True]) == [(0, 1), (1, 3)]
