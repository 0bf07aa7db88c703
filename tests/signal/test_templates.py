"""Beats laid over each other."""

import numpy as np
import pytest

from einthoven.signal.rpeaks import find_rpeaks
from einthoven.signal.simulated import simulate
from einthoven.signal.templates import cut_around, downward_share, spread, template


def test_a_cut_is_aligned_at_the_r_peak_and_has_a_median_of_0() -> None:
    row = np.full(100, 7.0, np.float32)
    row[[30, 60]] = 9.0
    times, beats = cut_around(row, 10.0, np.array([30, 60]), 0.5, 1.0)
    assert times[[0, -1]].tolist() == [-0.5, 1.0]
    assert beats.shape == (2, 16)
    assert beats[:, times == 0].ravel().tolist() == [2, 2]
    assert np.median(beats, axis=1).tolist() == [0, 0]


def test_what_lies_outside_or_is_missing_is_nan() -> None:
    row = np.arange(20, dtype=np.float32)
    row[12] = np.nan
    _, beats = cut_around(row, 1.0, np.array([1, 11, 19]), 2, 2)
    assert np.isnan(beats).tolist() == [
        [True, False, False, False, False],
        [False, False, False, True, False],
        [False, False, False, True, True],
    ]
    _, none = cut_around(np.full(9, np.nan, np.float32), 1.0, np.array([4]), 2, 2)
    assert np.isnan(none).all()
    assert cut_around(row, 1.0, np.array([], np.int64), 2, 2)[1].shape == (0, 5)


def test_a_template_is_the_median_with_the_band_of_80_percent() -> None:
    beats = np.stack([np.arange(101.0), np.full(101, 5.0)], axis=1)
    found = template(beats)
    assert (found.low.tolist(), found.median.tolist(), found.high.tolist()) == ([10, 5], [50, 5], [90, 5])
    assert found.n_beats == 101


def test_a_template_takes_what_is_there() -> None:
    found = template(np.array([[1.0, np.nan, np.nan], [3.0, 4.0, np.nan]]))
    np.testing.assert_array_equal(found.median, [2, 4, np.nan])
    assert np.isnan(template(np.empty((0, 3))).median).all()


def test_beats_that_are_shown_are_spread_over_the_recording() -> None:
    assert spread(np.arange(7), 7).tolist() == list(range(7))
    chosen = spread(np.arange(1000), 5)
    assert np.diff(chosen).tolist() == [200] * 4
    assert chosen[0] == 999 - chosen[-1] + 1


@pytest.mark.parametrize(("sign", "share"), [(1, 0), (-1, 1)])
def test_the_direction_of_beats_is_told(sign: int, share: float) -> None:
    record = simulate("normal", duration_s=20, leads=("II",), seed=3)
    rpeaks = find_rpeaks(record.signal, record.fs)
    assert downward_share(sign * record.signal[0], record.fs, rpeaks) == pytest.approx(share, abs=0.1)
    assert downward_share(record.signal[0], record.fs, rpeaks[:0]) == 0
