"""Windows around R peaks, and the usual beat, on numbers written out."""

import numpy as np
import pytest

from einthoven.signal.beats.windows import aligned, usual_beats, windows

RNG = np.random.default_rng(0)


def test_windows_are_what_a_loop_cuts() -> None:
    lead = RNG.standard_normal(50).astype(np.float32)
    rpeaks = np.array([0, 3, 25, 49])
    found = windows(lead, rpeaks, 7, 9)
    for row, rpeak in zip(found, rpeaks, strict=True):
        expected = [lead[min(max(at, 0), 49)] for at in range(rpeak - 7, rpeak + 9)]
        assert row.tolist() == expected
    assert found.dtype == np.float32
    assert windows(lead, np.empty(0, np.int64), 7, 9).shape == (0, 16)


def test_windows_of_a_lead_shorter_than_one() -> None:
    assert windows(np.array([2.0, 5.0], np.float32), np.array([1]), 3, 3).tolist() == [[2, 2, 2, 5, 5, 5]]


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize("offset", [0, 40])
def test_rpeaks_move_to_the_largest_deflection_from_wherever_they_stood(sign: int, offset: float) -> None:
    lead = np.zeros(100, np.float32)
    lead[48:53] = 1, 3, 9, 3, 1
    lead = sign * lead + offset
    places = np.arange(43, 58)
    assert set(aligned(lead, places, 8).tolist()) == {50}
    assert aligned(lead, np.array([20, 50]), 8).tolist() == [12, 50]  # There is nothing to find around 20.


def test_the_largest_deflection_is_measured_from_the_ends_of_the_stretch() -> None:
    # On a step from 0 to 10, that is from 5: the dip to -3 deflects by 8, the rise to 11 by 6.
    lead = np.array([0, 0, -3, 10, 11, 10, 10], np.float32)
    assert aligned(lead, np.array([3]), 3).tolist() == [2]


def test_rpeaks_stay_within_the_lead() -> None:
    lead = np.zeros(10, np.float32)
    assert aligned(lead, np.array([0, 5, 9]), 4).tolist() == [0, 1, 5]
    lead[[1, 8]] = 5
    assert aligned(lead, np.array([0, 2, 8, 9]), 4).tolist() == [1, 1, 8, 8]
    assert aligned(lead, np.array([4]), 0).tolist() == [4]


SINUS, ECTOPIC = np.array([0, 1, 0, 0.5], np.float32), np.array([0.5, -3, 2, 0], np.float32)


def rhythm(kinds: str, long: float, short: float) -> tuple[np.ndarray, np.ndarray]:
    """Beats, and the interval before each: short before an ectopic one, long after it, else the mean."""
    beats = np.stack([ECTOPIC if kind == "V" else SINUS for kind in kinds])
    before = [
        short if kind == "V" else long if ahead == "V" else 0.9
        for ahead, kind in zip(" " + kinds[:-1], kinds, strict=True)
    ]
    return beats, np.array(before)


@pytest.mark.parametrize("kinds", ["NV" * 60, "VN" * 60, "NNV" * 40, "NNNV" * 30, "N" * 50 + "NV" * 30])
def test_the_usual_beat_is_the_sinus_beat_wherever_ectopic_beats_come_early(kinds: str) -> None:
    usual = usual_beats(*rhythm(kinds, 1.2, 0.6), 100, 20)
    assert (usual == SINUS).all() and usual.shape == (len(kinds), 4) and usual.dtype == np.float32


def test_the_usual_beat_is_not_that_after_a_pause() -> None:
    beats, before = rhythm("N" * 40, 0.9, 0.9)
    beats[[10, 20]], before[[10, 20]] = ECTOPIC, 2.5
    before += np.linspace(0, 0.1, 40)
    assert (usual_beats(beats, before, 100, 20) == SINUS).all()


def test_so_many_neighbours_share_a_usual_beat_of_those_around_their_middle() -> None:
    beats = np.arange(50, dtype=np.float32)[:, None]
    usual = usual_beats(beats, np.ones(50), 5, 10)[:, 0]
    # Middles 5, 15, ...: medians of 11 beats, of the first and the last 11 at the ends.
    assert usual.tolist() == [5] * 10 + [15] * 10 + [25] * 10 + [35] * 10 + [44] * 10


@pytest.mark.parametrize("n", [1, 2, 3, 4])
def test_of_few_beats_there_is_a_usual_one_too(n: int) -> None:
    beats = RNG.standard_normal((n, 4)).astype(np.float32)
    before = np.array([0.5, 0.5, 1.0, 1.5])[:n]
    usual = usual_beats(beats, before, 100, 20)
    assert np.isfinite(usual).all() and (usual == usual[0]).all()
    if n < 4:  # Of four, one or two lie between the percentiles.
        assert usual[0].tolist() == np.median(beats, axis=0).tolist()
