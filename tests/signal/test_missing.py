import numpy as np

from einthoven.signal.missing import fill_missing

NAN = np.nan


def test_gaps_become_lines_and_ends_the_nearest_sample():
    signal = np.array([[NAN, 2, NAN, NAN, 5, NAN], [1, 2, 3, 4, 5, 6]], np.float32)
    np.testing.assert_array_equal(fill_missing(signal), [[2, 2, 3, 4, 5, 5], [1, 2, 3, 4, 5, 6]])


def test_an_empty_lead_becomes_zero_and_the_input_stays():
    signal = np.array([[NAN, NAN], [NAN, 7]], np.float32)
    filled = fill_missing(signal)
    np.testing.assert_array_equal(filled, [[0, 0], [7, 7]])
    assert filled.dtype == np.float32
    assert np.isnan(signal[0]).all()


def test_a_complete_signal_is_returned_as_it_is():
    signal = np.ones((1, 4), np.float32)
    assert fill_missing(signal) is signal
