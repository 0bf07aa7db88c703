"""What R-R intervals alone warn of."""

import numpy as np
import pytest

from einthoven.inference.rhythm_doubts import (
    fast_seconds,
    fast_warning,
    irregular_warning,
    irregularity,
)
from einthoven.signal.rr_intervals import RRIntervals, rr_intervals


def intervals_of(steps, labels: str = "", gaps=()) -> RRIntervals:
    """Intervals of these lengths, ms."""
    peaks = np.cumsum([100, *steps])
    labels = labels or "N" * len(peaks)
    return rr_intervals(peaks, 1000.0, np.array(list(labels)) == "N", gaps)


def test_irregularity_is_the_median_change_over_the_median_interval() -> None:
    found = intervals_of([800, 900] * 10)
    assert irregularity(found) == pytest.approx(100 / 850)
    (line,) = irregular_warning(found)
    assert line.startswith(
        "irregular rhythm (from one NN interval to the next the median change is 12 %): NN"
    )


@pytest.mark.parametrize("steps", [[800] * 20, [800, 850] * 10, [800] * 18 + [400, 1200], [500, 900] * 5])
def test_even_slightly_uneven_few_and_rarely_uneven_intervals_are_not_irregular(steps: list[int]) -> None:
    assert irregular_warning(intervals_of(steps)) == ()


def test_ectopic_beats_are_no_irregular_rhythm() -> None:
    # Trigeminy: early V beats, each with a pause; the N beats between come evenly.
    steps = [800, 800, 800, 500, 1100] * 8
    assert irregularity(intervals_of(steps, "N" + "NNNVN" * 8)) == 0
    assert irregularity(intervals_of([800, 500] * 10, "NV" * 10 + "N")) is None


def test_fast_stretches_are_told_with_their_length() -> None:
    found = intervals_of([800] * 5 + [250] * 20 + [800] * 5)
    assert fast_seconds(found) == pytest.approx(5.0)
    assert fast_warning(found)[0].endswith(
        "flutter or fibrillation is not told apart; classes there mean little"
    )
    # A wave that was missed within does not end it.
    assert fast_seconds(intervals_of([250] * 10 + [500] + [250] * 10)) == pytest.approx(5.5)


@pytest.mark.parametrize("steps", [[], [250] * 5, [340] * 60, [800] * 9 + [200] * 8 + [800] * 9])
def test_slower_rhythms_and_short_runs_are_not_fast(steps: list[int]) -> None:
    assert fast_warning(intervals_of(steps)) == ()


def test_what_is_left_out_is_not_fast() -> None:
    fast = intervals_of([250] * 8)
    assert fast_seconds(fast) == 0
    assert fast_seconds(intervals_of([250] * 20, gaps=((2500, 2600),))) == 0
