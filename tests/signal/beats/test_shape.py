"""Features of the shape: on triangles whose heights, slopes and widths are known."""

import numpy as np
import pytest

from einthoven.signal.beats.shape import correlation, likeness, middle_width, qrs_of, shape_features

FS, RPEAK, N = 125.0, 75, 150
RNG = np.random.default_rng(2)
(
    QRS_CORRELATION,
    P_CORRELATION,
    HEIGHT,
    P_DIFFERENCE,
    WIDTH,
    WIDER,
    STEEPNESS,
    QRS_DIFFERENCE,
    T_DIFFERENCE,
) = range(9)


def triangle(at: int, height: float, half_width: int, n: int = N) -> np.ndarray:
    """A wave that rises to `height` at a sample and falls again, `half_width` samples each."""
    wave = height * np.clip(1 - np.abs(np.arange(n) - at) / half_width, 0, None)
    return wave.astype(np.float32)


NORMAL = triangle(RPEAK, 2, 5) + triangle(RPEAK - 22, 0.3, 8) + triangle(RPEAK + 40, 0.5, 15)


def features(beat: np.ndarray, usual: np.ndarray = NORMAL) -> np.ndarray:
    found = shape_features(beat[None], usual[None], RPEAK, FS)
    assert found.shape == (1, 9) and found.dtype == np.float32
    return found[0]


def test_the_usual_beat_does_not_differ_from_itself() -> None:
    found = features(NORMAL)
    assert found[[QRS_CORRELATION, P_CORRELATION]] == pytest.approx(1)
    assert found[[HEIGHT, WIDER]] == pytest.approx(0, abs=1e-3)
    assert found[STEEPNESS] == pytest.approx(np.log(0.4 / 0.401 + 0.01), abs=1e-6)
    assert found[[P_DIFFERENCE, QRS_DIFFERENCE, T_DIFFERENCE]] == pytest.approx(np.log(0.01))


def test_height_and_slope_are_those_of_the_qrs_complex() -> None:
    found = features(2 * NORMAL)
    assert found[HEIGHT] == pytest.approx(np.log(2 + 1e-3))
    assert found[STEEPNESS] == pytest.approx(np.log(0.8 / 0.401 + 0.01))
    assert found[QRS_CORRELATION] == pytest.approx(1)
    # The area of the triangle over the 31 samples of the complex, and what little of the P wave lies there.
    part = NORMAL[qrs_of(RPEAK, FS)].mean()
    assert part == pytest.approx((2 * 5) / 31, rel=0.1)
    assert found[QRS_DIFFERENCE] == pytest.approx(np.log(part + 0.01))


def test_a_beat_turned_over_is_unlike() -> None:
    assert features(-NORMAL)[QRS_CORRELATION] == pytest.approx(-1)
    assert features(-NORMAL)[HEIGHT] == pytest.approx(features(NORMAL)[HEIGHT])


def test_a_beat_without_a_p_wave_differs_there_only() -> None:
    found, same = features(NORMAL - triangle(RPEAK - 22, 0.3, 8)), features(NORMAL)
    assert found[P_CORRELATION] == pytest.approx(0, abs=1e-6)
    # 26 samples from 0.28 to 0.08 s before the R peak hold the whole of it.
    assert found[P_DIFFERENCE] == pytest.approx(np.log(0.3 * 8 / 26 + 0.01), rel=1e-3)
    unchanged = [HEIGHT, STEEPNESS, QRS_DIFFERENCE, T_DIFFERENCE]
    assert found[unchanged] == pytest.approx(same[unchanged], abs=0.15)


def test_a_t_wave_turned_over_differs_there_only() -> None:
    found = features(NORMAL - 2 * triangle(RPEAK + 40, 0.5, 15))
    assert found[T_DIFFERENCE] > -1.5 and found[[QRS_DIFFERENCE, P_DIFFERENCE]].max() < -4
    assert found[P_CORRELATION] == pytest.approx(1)


@pytest.mark.parametrize("half_width", [4, 8, 12, 20])
def test_a_triangle_has_an_even_slope_of_which_the_middle_is_four_fifths(half_width: int) -> None:
    wave = triangle(RPEAK, 2, half_width)
    found = features(wave)
    # In tenths of a second; counted in whole samples.
    assert found[WIDTH] == pytest.approx(0.8 * 2 * half_width / FS * 10, abs=10.1 / FS)
    assert found[WIDER] == pytest.approx(found[WIDTH] - features(NORMAL)[WIDTH], abs=1e-5)
    assert features(-2.5 * wave)[WIDTH] == pytest.approx(found[WIDTH], abs=10.1 / FS)


def test_the_middle_of_a_weight_leaves_a_tenth_on_either_side() -> None:
    weight = np.zeros((3, 100))
    weight[0, 20:70] = 0.2  # 50 samples alike: 5 of them on either side.
    weight[1, 40:42] = 7, 3  # Nine tenths are only reached at the second sample, a tenth with the first.
    found = middle_width(weight, 50.0)
    assert found == pytest.approx([40 / 50 * 10, 1 / 50 * 10, 0])
    assert middle_width(9 * weight, 100.0) == pytest.approx(found / 2)


@pytest.mark.parametrize("beat", [np.zeros(N), np.full(N, 6.0), NORMAL, RNG.uniform(-6, 6, N)])
@pytest.mark.parametrize("usual", [np.zeros(N), NORMAL])
def test_every_feature_is_finite(beat: np.ndarray, usual: np.ndarray) -> None:
    found = features(beat.astype(np.float32), usual.astype(np.float32))
    assert np.isfinite(found).all() and np.abs(found).max() < 10


def test_correlation_is_pearsons() -> None:
    one, other = RNG.standard_normal((2, 6, 30))
    expected = [np.corrcoef(a, b)[0, 1] for a, b in zip(one, other, strict=True)]
    assert correlation(one, other) == pytest.approx(expected)
    assert correlation(5 * one - 3, -0.1 * other) == pytest.approx(-np.array(expected))
    assert correlation(np.full((1, 9), 0.1), RNG.standard_normal((1, 9))).tolist() == [0.0]


def test_likeness_is_the_correlation_with_each_neighbour() -> None:
    beats = RNG.standard_normal((7, 31)).astype(np.float32)
    found = likeness(beats, 3)
    assert found.shape == (7, 6)
    for beat in range(7):
        for away in (1, 2, 3):
            for neighbour, column in ((beat - away, away - 1), (beat + away, away + 2)):
                there = 0 <= neighbour < 7
                expected = np.corrcoef(beats[beat], beats[neighbour])[0, 1] if there else 0.0
                assert found[beat, column] == pytest.approx(expected, abs=1e-5)


@pytest.mark.parametrize("n", [0, 1, 2, 3])
def test_likeness_of_fewer_beats_than_neighbours(n: int) -> None:
    found = likeness(np.tile(triangle(15, 1, 4, 31), (n, 1)), 4)
    expected = np.zeros((n, 8))
    for beat in range(n):
        expected[beat, :beat], expected[beat, 4 : 4 + n - 1 - beat] = 1, 1
    assert found.shape == (n, 8) and found == pytest.approx(expected, abs=1e-6)
