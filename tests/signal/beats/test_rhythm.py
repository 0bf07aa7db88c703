"""Features of the rhythm: by hand, against NumPy's percentiles, and within their bounds."""

import numpy as np
import pytest

from einthoven.signal.beats import rhythm
from einthoven.signal.beats.rhythm import N_FEATURES, intervals_before, rhythm_features

RNG = np.random.default_rng(1)
LN2 = np.log(2)


def test_a_small_bigeminy_by_hand() -> None:
    """Intervals 0.6, 1.2, 0.6, 1.2, 0.6 s; the first beat takes that of the second.

    So 0.6 ends with four beats and 1.2 with two: of the logarithms, the 10th, 25th and 50th percentile are
    ln 0.6, the 75th lies three quarters of the way to ln 1.2, and the 90th is ln 1.2.
    """
    found = rhythm_features(np.array([0.0, 0.6, 1.8, 2.4, 3.6, 4.2]))
    assert found.shape == (6, N_FEATURES) and found.dtype == np.float32
    short, long = -0.75 * LN2, 0.25 * LN2
    of_the_third = [
        *[0] * 6, short, long,
        short, long, short, *[0] * 5,
        np.log(0.6 / 0.8) + 0.75 * LN2, np.log(1.2 / 0.8),
        LN2, LN2, LN2, long, 0,
        LN2, long,
        LN2, LN2, LN2, short,
    ]  # fmt: skip
    assert found[2] == pytest.approx(of_the_third, abs=1e-6)
    of_the_first = [
        *[0] * 8,
        short, long, short, long, short, *[0] * 3,
        np.log(0.6 / 0.8) + 0.75 * LN2, np.log(0.6 / 0.8),
        0, 0, 0, short, -LN2,
        0, short,
        LN2, LN2, LN2, short,
    ]  # fmt: skip
    assert found[0] == pytest.approx(of_the_first, abs=1e-6)


def test_an_even_rhythm_has_nothing_but_its_rate() -> None:
    found = rhythm_features(0.5 * np.arange(300))
    rate = [16, 17]
    assert found[:, rate] == pytest.approx(np.log(0.5 / 0.8))
    assert np.delete(found, rate, axis=1) == pytest.approx(0, abs=1e-6)


def test_only_two_features_tell_the_rate() -> None:
    times = np.cumsum(RNG.uniform(0.6, 0.9, 150))
    slow, fast = rhythm_features(1.2 * times), rhythm_features(times + 77)
    difference = np.zeros(N_FEATURES)
    difference[[16, 17]] = np.log(1.2)
    assert slow - fast == pytest.approx(np.broadcast_to(difference, slow.shape), abs=1e-5)


def test_a_beat_knows_eight_intervals_to_either_side() -> None:
    times = np.cumsum(RNG.uniform(0.6, 0.9, 40))
    logs = np.log(np.diff(times))
    reference = [np.percentile(np.append(logs[:1], logs), 75)]
    assert rhythm_features(times)[20, :16] == pytest.approx(logs[12:28] - reference, abs=1e-6)
    assert rhythm_features(times)[37, 8:16] == pytest.approx([*(logs[37:] - reference), *[0] * 6], abs=1e-6)


@pytest.mark.parametrize("n", [0, 1])
def test_without_an_interval_there_are_zeros(n: int) -> None:
    found = rhythm_features(np.full(n, 3.0))
    assert found.shape == (n, N_FEATURES) and not found.any()


def test_two_beats_have_one_interval() -> None:
    first, second = rhythm_features(np.array([1.0, 2.2]))
    assert np.flatnonzero(first).tolist() == np.flatnonzero(second).tolist() == [16, 17]
    assert first[16] == pytest.approx(np.log(1.5)) == first[17]


@pytest.mark.parametrize(
    "times",
    [
        np.cumsum(RNG.lognormal(-0.3, 2, 500)),
        np.zeros(20),
        np.array([0.0, 1e-9, 1000.0, 1000.0, 1e6]),
        np.cumsum(np.tile([0.01, 30.0], 150)),
    ],
)
def test_every_feature_is_finite_and_bounded(times: np.ndarray) -> None:
    found = rhythm_features(times)
    assert np.isfinite(found).all() and np.abs(found).max() <= 2


@pytest.mark.parametrize("shares", [(0.0, 1.0), (0.1, 0.25, 0.5, 0.75, 0.9), (0.333,)])
def test_row_percentiles_are_those_of_numpy(shares: tuple[float, ...]) -> None:
    rows = RNG.standard_normal((60, 21))
    rows[RNG.random(rows.shape) < 0.4] = np.nan
    rows[:, 7] = np.arange(60)
    rows[5, :7] = rows[5, 8:] = np.nan
    expected = np.nanpercentile(rows, 100 * np.array(shares), axis=1).T
    assert rhythm._row_percentiles(rows, np.array(shares)) == pytest.approx(expected)


def test_pieces_of_a_long_recording_are_the_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    times = np.cumsum(RNG.uniform(0.4, 1.2, 500))
    whole = rhythm_features(times)
    monkeypatch.setattr(rhythm, "_AT_ONCE", 64)
    assert np.array_equal(rhythm_features(times), whole)


def test_a_beat_knows_nothing_beyond_a_hundred_beats() -> None:
    times = np.cumsum(RNG.uniform(0.4, 1.2, 400))
    later = times.copy()
    later[302:] += 5
    changed = (rhythm_features(times) != rhythm_features(later)).any(axis=1)
    # Beat 302 ends another interval; the change up to it is seen one beat earlier.
    assert np.flatnonzero(changed)[0] == 201 and not changed[:201].any() and changed[202:].any()


def test_the_interval_before_the_first_beat_is_that_of_the_second() -> None:
    assert intervals_before(np.array([1.0, 1.5, 2.5])).tolist() == [0.5, 0.5, 1.0]
    assert intervals_before(np.array([7.0])).tolist() == [0.8]
    assert intervals_before(np.empty(0)).shape == (0,)
