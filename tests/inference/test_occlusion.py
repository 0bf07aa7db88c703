"""Removal and its effect, on scores that anyone can work out by hand."""

import re
from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from einthoven.errors import SettingsError
from einthoven.inference.occlusion import (
    Occlusion,
    Removal,
    attribute,
    background_of,
    batch_of,
    occlude,
    spread,
    usual_beats,
    windows_of,
)
from einthoven.record import Signal
from einthoven.signal.rpeaks import find_rpeaks
from einthoven.signal.simulated import simulate


def of(*values: float) -> Signal:
    return np.array([values], np.float32)


def height_of(place: slice):
    """A score whose log-odds of the second class are the sum of the samples at a place."""

    def score(signals: Sequence[Signal]) -> NDArray[np.float64]:
        odds = np.array([float(signal[:, place].sum()) for signal in signals])
        p = 1 / (1 + np.exp(-odds))
        return np.stack([1 - p, p], axis=1)

    return score


def removal(signal: Signal) -> Removal:
    return Removal(signal, np.zeros_like(signal))


def test_what_is_removed_becomes_a_line_between_its_neighbours() -> None:
    signal = of(0, 1, 9, 9, 9, 5, 7)
    assert removal(signal).without([(2, 5)]).tolist() == of(0, 1, 2, 3, 4, 5, 7).tolist()
    assert removal(signal).without([(1, 2), (4, 5)]).tolist() == of(0, 4.5, 9, 9, 7, 5, 7).tolist()
    assert signal[0, 2] == 9


def test_at_an_end_of_the_recording_there_is_one_neighbour() -> None:
    signal = of(9, 9, 1, 2, 9)
    assert removal(signal).without([(0, 2)]).tolist() == of(1, 1, 1, 2, 9).tolist()
    assert removal(signal).without([(4, 5)]).tolist() == of(9, 9, 1, 2, 2).tolist()
    assert removal(signal).without([(0, 5)]).tolist() == of(0, 0, 0, 0, 0).tolist()


def test_each_lead_has_its_own_line() -> None:
    signal = np.array([[0, 9, 2], [4, 9, 0]], np.float32)
    assert removal(signal).without([(1, 2)])[:, 1].tolist() == [1, 2]


def test_a_background_is_bent_so_that_its_ends_meet_the_samples_beside_it() -> None:
    signal, background = of(0, 9, 9, 9, 4), of(1, 1, 3, 1, 1)
    found = Removal(signal, background).without([(1, 4)])
    assert found.tolist() == of(0, 1, 4, 3, 4).tolist()
    # What is the background already, but for a line, stays as it is.
    same = background + np.linspace(2, 5, 5, dtype=np.float32)
    assert Removal(same, background).without([(1, 4)]) == pytest.approx(same)


def test_windows_cover_every_sample() -> None:
    assert windows_of(10, 21, 4, 2) == [(10, 14), (12, 16), (14, 18), (16, 20), (17, 21)]
    assert windows_of(0, 5, 5, 5) == [(0, 5)]
    for width, step in ((6, 1), (3, 4), (2, 0)):
        with pytest.raises(SettingsError, match="expected windows of at most 5 samples"):
            windows_of(0, 5, width, step)


def test_a_drop_is_by_how_much_the_log_odds_fall() -> None:
    signal = of(0, 0, 2, 0, 0, 0)
    drops = occlude(height_of(slice(0, 6)), removal(signal), [(1, 2), (2, 3), (2, 4)], 1)
    # Removed, the 2 becomes 0; a 0 beside it becomes half of it.
    assert drops == pytest.approx([-1, 2, 2], abs=1e-5)
    assert occlude(height_of(slice(0, 6)), removal(signal), [(2, 3)], 0) == pytest.approx([-2], abs=1e-5)


def test_progress_is_told_and_batches_are_bounded() -> None:
    told, sizes = [], []

    def score(signals: Sequence[Signal]) -> NDArray[np.float64]:
        sizes.append(len(signals))
        return np.full((len(signals), 2), 0.5)

    occlude(score, removal(np.zeros((1, 200), np.float32)), windows_of(0, 200, 2, 1), 0,
            lambda *done: told.append(done))  # fmt: skip
    assert told == [(0, 199), (64, 199), (128, 199), (192, 199), (199, 199)]
    assert max(sizes) == 64
    assert batch_of(np.zeros((12, 2**19), np.float32)) == 1
    assert batch_of(np.zeros((1, 2**20), np.float32)) == 4


def test_a_sample_has_the_mean_of_the_windows_that_hold_it() -> None:
    windows = [(10, 12), (11, 13), (12, 14)]
    assert spread(np.array([1.0, 3.0, 5.0]), windows, 10, 14).tolist() == [1, 2, 4, 5]


def test_what_decides_is_found() -> None:
    rng = np.random.default_rng(0)
    signal = rng.normal(0, 0.001, (2, 500)).astype(np.float32)
    signal[:, 300:320] += 0.2
    found = attribute(height_of(slice(300, 320)), removal(signal), Occlusion(0.1, 0.05), 100.0, (100, 450), 1)
    assert found.shape == (350,)
    assert 200 <= found.argmax() < 220
    assert np.abs(found[:180]).max() < 0.01 * found.max()


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ((0, 0), "expected a window above 0 s and up to 10 s, found 0 s"),
        ((11, 1), "expected a window above 0 s and up to 10 s, found 11 s"),
        ((float("nan"), 0.1), "expected a window above 0 s and up to 10 s, found nan s"),
        ((0.1, 0.2), "expected a step above 0 s, up to the window of 0.1 s, found 0.2 s"),
        ((0.1, 0), "expected a step above 0 s, up to the window of 0.1 s, found 0 s"),
        ((0.1, float("nan")), "expected a step above 0 s, up to the window of 0.1 s, found nan s"),
    ],
)
def test_settings_out_of_range_are_refused(settings: tuple[float, float], message: str) -> None:
    with pytest.raises(SettingsError, match=f"^{re.escape(message)}$"):
        Occlusion(*settings)


def test_less_than_a_sample_and_more_than_the_part_are_refused() -> None:
    def asked(window_s: float, step_s: float) -> None:
        flat, settings = removal(np.zeros((1, 100), np.float32)), Occlusion(window_s, step_s)
        attribute(height_of(slice(0, 9)), flat, settings, 300.0, (0, 60), 1)

    asked(0.2, 0.00333)
    for settings, message in (
        ((0.001, 0.00001), "expected a window of at least 1 sample (0.00333 s), found 0.001 s"),
        ((0.1, 0.003), "expected a step of at least 1 sample (0.00333 s), found 0.003 s"),
        ((0.21, 0.1), "expected a window of at most 0.2 s, the part that is explained, found 0.21 s"),
    ):
        with pytest.raises(SettingsError, match=f"^{re.escape(message)}$"):
            asked(*settings)


def test_another_fill_is_refused() -> None:
    for make in (lambda: Occlusion(fill="noise"), lambda: background_of("noise", of(1, 2), 100.0)):
        with pytest.raises(SettingsError, match="expected a fill among line, usual, found noise"):
            make()


def test_the_usual_beat_takes_the_place_of_an_unusual_one_where_that_is() -> None:
    record = simulate("normal", duration_s=20, seed=3, noise_mv=0.005)
    signal = np.array(record.signal)
    peak = int(find_rpeaks(record.signal, record.fs)[8])
    around = slice(peak - 15, peak + 16)
    changed = signal.copy()
    changed[:, around] *= 2
    background, notes = background_of("usual", changed, record.fs)
    assert notes == ()
    restored = Removal(changed, background).without([(peak - 30, peak + 31)])
    assert np.abs(restored[:, around] - signal[:, around]).max() < 0.25 * np.abs(signal[:, around]).max()
    flat = Removal(changed, np.zeros_like(changed)).without([(peak - 30, peak + 31)])
    assert np.abs(flat[:, around] - signal[:, around]).max() > 0.5 * np.abs(signal[:, around]).max()
    # Between the beats there is nothing.
    assert (background == 0).mean() > 0.02


def test_of_too_few_beats_none_is_usual() -> None:
    signal = np.zeros((1, 1000), np.float32)
    assert usual_beats(signal, 100.0) is None
    background, notes = background_of("usual", signal, 100.0)
    assert not background.any()
    assert notes == ("too few beats for a usual one: what was removed became a line",)
    assert background_of("line", signal, 100.0)[1] == ()
