import numpy as np
import pytest

from einthoven.errors import FormatError
from einthoven.formats.scp.beats import Beats
from einthoven.formats.scp.residual import subtraction, thinning, thinning_factor
from einthoven.formats.scp.waveform import Waveform


def areas(*pairs: tuple[int, int]) -> np.ndarray:
    return np.array(pairs, np.int64).reshape(-1, 2)


def beats(*complexes: tuple[int, int, int, int], fiducial: int = 1) -> Beats:
    rows = np.array(complexes, np.int64).reshape(-1, 4)
    return Beats(10, fiducial, rows[:, 0], rows[:, 2], rows[:, [1, 3]], areas())


def waveform(interval: int, *, bimodal: bool = False) -> Waveform:
    return Waveform(1, interval, 0, bimodal, (), "x.scp: section 6")


@pytest.mark.parametrize(
    ("protected", "n_stored"),
    [
        (areas(), 5),
        (areas((1, 20)), 20),
        (areas((0, 0), (50, 60), (7, 3)), 5),
        (areas((5, 8)), 8),
        (areas((6, 8), (8, 9), (6, 6)), 4 + 1 + 1 + 2 + 3),
        (areas((0, 2**32 - 1)), 20),
    ],
)
def test_how_many_samples_are_stored(protected: np.ndarray, n_stored: int) -> None:
    assert thinning(1, 20, protected, 4).n_stored == n_stored


def test_samples_count_from_where_the_lead_begins() -> None:
    plan = thinning(101, 108, areas((105, 106)), 4)
    np.testing.assert_array_equal(plan.restore(np.array([5, 60, 70, 8, 9])), [5, 5, 5, 5, 60, 70, 8, 9])


@pytest.mark.parametrize(
    ("factor", "expected"),
    [
        (2, [10, 10, 15, 20, 25, 30]),
        (3, [10, 10, 10 + 10 / 3, 10 + 20 / 3, 20, 20]),
        (4, [10, 10, 10, 10, 20, 30]),
        (7, [10, 20, 30, 40, 50, 60]),
    ],
)
def test_factors(factor: int, expected: list[float]) -> None:
    plan = thinning(1, 6, areas(), factor)
    stored = np.arange(10, 10 + 10 * plan.n_stored, 10)
    np.testing.assert_allclose(plan.restore(stored), expected)


def test_the_factor_is_that_of_the_intervals() -> None:
    assert thinning_factor(waveform(8000, bimodal=True), waveform(2000), is_subtracted=False) == 4
    assert thinning_factor(waveform(4000), waveform(2000), is_subtracted=True) == 2
    assert thinning_factor(waveform(8000), waveform(2000), is_subtracted=False) == 1
    assert thinning_factor(waveform(8000, bimodal=True), None, is_subtracted=False) == 1


@pytest.mark.parametrize(
    ("interval", "of_beat"), [(5000, 2000), (1000, 2000), (18000, 2000), (0, 2000), (50, 0)]
)
def test_impossible_factors(interval: int, of_beat: int) -> None:
    with pytest.raises(FormatError) as caught:
        thinning_factor(waveform(interval), waveform(of_beat), is_subtracted=True)
    assert str(caught.value) == (
        f"x.scp: section 6: expected an interval of 1 to 8 times the reference beat's {of_beat} us, "
        f"found {interval} us"
    )


def test_subtraction_is_aligned_and_stays_inside() -> None:
    found = subtraction(beats((0, 1, 3, 5), (0, 9, 10, 14), (1, 6, 6, 6), fiducial=2), 2, 12, "x")
    assert found.samples.tolist() == [2, 3, 4, 5, 9, 10, 11, 12]
    assert found.sources.tolist() == [0, 1, 2, 3, 0, 1, 2, 3]
    added = found.add_back(np.zeros(11), 2, np.array([1.0, 2.0, 3.0]))
    assert added.tolist() == [1, 2, 3, 0, 0, 0, 0, 1, 2, 3, 0]


@pytest.mark.parametrize("zone", [(0, 0, 5, 9), (0, 9, 5, 8), (0, 50, 52, 60), (0, 2**32 - 1, 1, 2**32 - 1)])
def test_zones_that_hold_nothing(zone: tuple[int, int, int, int]) -> None:
    assert len(subtraction(beats(zone), 1, 12, "x").samples) == 0


def test_zones_that_lie_upon_each_other() -> None:
    with pytest.raises(FormatError) as caught:
        subtraction(beats(*[(0, 1, 1, 12)] * 5), 1, 12, "x")
    assert str(caught.value) == (
        "x: expected zones of subtraction apart from each other in 12 samples, found 60 samples in them"
    )
    assert len(subtraction(beats(*[(0, 1, 1, 12)] * 4), 1, 12, "x").samples) == 48
