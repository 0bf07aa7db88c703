"""Matching R peaks, against brute force and worked examples."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from einthoven.errors import DatasetError
from einthoven.metrics.bootstrap import bootstrap_interval
from einthoven.metrics.peaks import (
    TOLERANCE_S,
    PeakCounts,
    average,
    count_peaks,
    gross,
    gross_scores,
    match_peaks,
)

PLACES = st.lists(st.integers(0, 40), max_size=6).map(sorted)


def best_by_brute_force(truth, found, tolerance):
    """Most pairs, then least distance, over all ways to pair in order of time."""
    best = (0, 0)
    for n in range(1, min(len(truth), len(found)) + 1):
        for rows in combinations(truth, n):
            for columns in combinations(found, n):
                gaps = [abs(a - b) for a, b in zip(rows, columns, strict=True)]
                if max(gaps) <= tolerance:
                    best = max(best, (n, -sum(gaps)))
    return best


@settings(max_examples=300, deadline=None)
@given(truth=PLACES, found=PLACES, tolerance=st.integers(0, 12))
def test_no_pairing_is_better(truth, found, tolerance):
    rows, columns = match_peaks(truth, found, tolerance)
    assert len(set(rows.tolist())) == len(rows) == len(set(columns.tolist())) == len(columns)
    assert (np.diff(rows) > 0).all() and (np.diff(columns) > 0).all()
    gaps = np.abs(np.array(truth, int)[rows] - np.array(found, int)[columns])
    assert (gaps <= tolerance).all()
    assert (len(rows), -int(gaps.sum())) == best_by_brute_force(truth, found, tolerance)


def test_the_nearer_of_two_is_the_pair():
    rows, columns = match_peaks([100], [60, 101, 140], 50)
    assert (rows.tolist(), columns.tolist()) == ([0], [1])


def test_one_found_peak_serves_one_annotated():
    assert count_peaks([100, 110], [105], 100) == PeakCounts(1, 1, 0, 0.05)


def test_a_pair_may_be_exactly_the_tolerance_apart():
    assert count_peaks([100], [115], 100, 0.15).matched == 1
    assert count_peaks([100], [116], 100, 0.15).matched == 0
    assert TOLERANCE_S == 0.15


def test_segments_left_out_hold_neither_misses_nor_extras():
    truth, found = [100, 500, 550, 900], [101, 520, 560, 580, 880]
    assert count_peaks(truth, found, 100, 0.1) == PeakCounts(2, 2, 3, pytest.approx(0.11))
    assert count_peaks(truth, found, 100, 0.1, [(490, 600)]) == PeakCounts(1, 1, 1, pytest.approx(0.01))


def test_a_peak_at_the_edge_of_a_segment_still_pairs_with_the_beat_outside():
    assert count_peaks([489], [492], 100, 0.1, [(490, 600)]) == PeakCounts(1, 0, 0, 0.03)


def test_shares():
    counts = PeakCounts(matched=90, missed=10, extra=30, distance_s=0.9)
    assert counts.sensitivity == 0.9
    assert counts.positive_predictivity == 0.75
    assert counts.localisation_error_s == pytest.approx(0.01)


def test_gross_weighs_beats_and_average_recordings():
    counts = [PeakCounts(90, 10, 0, 0.9), PeakCounts(10, 0, 10, 0.3)]
    pooled = gross(counts)
    assert (pooled.sensitivity, pooled.positive_predictivity) == (100 / 110, 100 / 110)
    assert pooled.localisation_error_s == pytest.approx(0.012)
    assert average(counts) == pytest.approx((0.95, 0.75))


def test_gross_scores_draw_patients():
    counts = [PeakCounts(90, 10, 0, 0.9), PeakCounts(10, 0, 10, 0.3), PeakCounts(50, 5, 1, 0.1)]
    one, other = gross_scores(counts, ["a", "b", "a"], n=4000)
    pooled = gross(counts)
    assert (one.value, other.value) == (pooled.sensitivity, pooled.positive_predictivity)
    # Two patients: all of one, or of the other, are a quarter of the resamples each.
    assert (one.low, one.high) == pytest.approx((140 / 155, 1.0))
    assert (other.low, other.high) == pytest.approx((0.5, 140 / 141))


def test_the_interval_is_that_of_the_bootstrap_of_whole_patients():
    rng = np.random.default_rng(3)
    rows = rng.integers((500, 0, 0), (3000, 60, 90), (40, 3)).tolist()
    counts = [PeakCounts(*row, distance_s=0.0) for row in rows]
    patients = [str(number // 2) for number in range(40)]
    found = gross_scores(counts, patients, n=20_000)
    for score, name in zip(found, ("sensitivity", "positive_predictivity"), strict=True):

        def pooled(*rows, name=name):
            return getattr(gross([PeakCounts(*map(int, row), 0.0) for row in zip(*rows, strict=True)]), name)

        columns = np.array([(c.matched, c.missed, c.extra) for c in counts]).T
        expected = bootstrap_interval(pooled, *columns, groups=patients, n=3000, seed=1)
        assert (score.low, score.high) == pytest.approx(expected, abs=4e-4)


def test_where_nothing_is_missed_the_interval_is_exact():
    perfect = [PeakCounts(100, 0, 0, 0.0)] * 13
    one, other = gross_scores(perfect, [str(number) for number in range(13)])
    assert one == other
    assert (one.value, one.low, one.high) == pytest.approx((1.0, 0.7529, 1.0), abs=1e-4)
    # A patient without beats says nothing of sensitivity.
    one, other = gross_scores([*perfect, PeakCounts(0, 0, 0, 0.0)], [str(number) for number in range(14)])
    assert one.low == pytest.approx(0.7529, abs=1e-4)


@pytest.mark.parametrize(("n", "patients"), [(0, []), (2, ["a"])])
def test_scores_need_a_patient_for_each_recording(n, patients):
    with pytest.raises(DatasetError, match=f"found {len(patients)} for {n} recordings"):
        gross_scores([PeakCounts(1, 1, 1, 0.0)] * n, patients)


def test_nothing_is_no_score():
    nothing = count_peaks([], [], 100)
    assert np.isnan([nothing.sensitivity, nothing.positive_predictivity, nothing.localisation_error_s]).all()
    assert np.isnan(average([nothing])).all()
    assert average([nothing, PeakCounts(1, 1, 0, 0.0)]) == (0.5, 1.0)
    assert gross([]) == PeakCounts(0, 0, 0, 0.0)


@pytest.mark.parametrize(
    ("truth", "message"),
    [([[1, 2]], "in one row"), ([1.5], "in one row, found float64"), ([5, 3], "in order of time")],
)
def test_what_is_no_row_of_positions_is_refused(truth, message):
    with pytest.raises(DatasetError, match=message):
        match_peaks(truth, [1], 5)
