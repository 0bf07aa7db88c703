import numpy as np
import pytest

from einthoven.signal.rate import heart_rate


def test_the_rate_is_that_of_most_beats():
    steady = np.arange(0, 30 * 250, 200)
    assert heart_rate(steady, 250.0) == pytest.approx(75)
    paused = np.concatenate([steady, steady + steady[-1] + 1000])
    assert heart_rate(paused, 250.0) == pytest.approx(75)


@pytest.mark.parametrize("n_beats", [0, 1, 2])
def test_fewer_than_three_beats_have_no_rate(n_beats):
    assert heart_rate(np.arange(n_beats) * 300, 300.0) is None
    assert heart_rate(np.arange(3) * 300, 300.0) == 60
