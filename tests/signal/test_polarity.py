"""To which side waves point: simulated beats, whose waves are known."""

import numpy as np
import pytest

from einthoven.signal.polarity import Polarity, polarities
from einthoven.signal.rpeaks import find_rpeaks
from einthoven.signal.simulated import simulate


def beats(
    p: float, q: float, r: float, t: float, bpm: float = 70.0, fs: float = 250.0, n_s: float = 20.0
) -> tuple[np.ndarray, np.ndarray]:
    """One lead of Gaussian waves of these heights, mV, and its R peaks."""
    time = np.arange(round(n_s * fs)) / fs
    rr = 60 / bpm
    phase = (time + rr / 2) % rr - rr / 2
    waves = (
        (p, -min(0.16, 0.28 * rr), 0.01),
        (q, -0.025, 0.01),
        (r, 0.0, 0.012),
        (t, min(0.28, 0.5 * rr), 0.02),
    )
    lead = sum(height * np.exp(-(((phase - at) / width) ** 2) / 2) for height, at, width in waves)
    rpeaks = np.round(np.arange(1, int(n_s / rr)) * rr * fs).astype(np.int64)
    return np.asarray(lead, np.float32)[None], rpeaks


@pytest.mark.parametrize(
    ("waves", "expected"),
    [
        ((0.1, 0.0, 1.0, 0.3), Polarity(1, 1, 1)),
        ((-0.1, 0.0, -1.0, 0.3), Polarity(-1, -1, 1)),
        ((0.0, 0.0, 1.0, -0.3), Polarity(0, 1, -1)),
        ((0.005, -0.95, 1.0, 0.02), Polarity(0, 0, 0)),
        ((0.0, 0.0, 0.0, 0.0), Polarity(0, 0, 0)),
    ],
)
def test_waves_point_to_their_side(waves: tuple[float, ...], expected: Polarity) -> None:
    lead, rpeaks = beats(*waves)
    assert polarities(lead, 250.0, rpeaks) == (expected,)
    assert polarities(-lead, 250.0, rpeaks) == (-expected,)


def test_at_a_fast_rate_the_next_beat_is_no_wave_of_this_one() -> None:
    lead, rpeaks = beats(0.1, 0.0, 1.0, -0.2, bpm=180)
    assert polarities(lead, 250.0, rpeaks) == (Polarity(1, 1, -1),)


def test_offset_jolts_and_gaps_do_not_matter() -> None:
    lead, rpeaks = beats(0.1, 0.0, 1.0, 0.3)
    lead[0, 1000:1100] -= 20
    lead[0, 3000:3050] = np.nan
    assert polarities(lead + 5, 250.0, rpeaks) == (Polarity(1, 1, 1),)


def test_fewer_than_three_whole_beats_tell_nothing() -> None:
    lead, rpeaks = beats(0.1, 0.0, 1.0, 0.3)
    assert polarities(lead, 250.0, rpeaks[:2]) is None
    assert polarities(lead, 250.0, np.array([10, 20, 500, 4990])) is None
    assert polarities(lead[:, :20], 250.0, rpeaks[:0]) is None


def test_of_a_long_recording_some_beats_are_enough() -> None:
    record = simulate(leads=("I", "aVR"), duration_s=600)
    found = polarities(record.signal, record.fs, find_rpeaks(record.signal, record.fs))
    assert found is not None
    assert (found[0].qrs, found[1].qrs) == (1, -1)
