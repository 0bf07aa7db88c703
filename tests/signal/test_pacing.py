"""Pacing spikes and wide QRS complexes: put into simulated recordings, and in real ones."""

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from einthoven.aami import beats_of
from einthoven.formats import read_record
from einthoven.record import Signal
from einthoven.signal import pacing
from einthoven.signal.pacing import MOST_BEATS, spike_share, usual_qrs_ms
from einthoven.signal.rpeaks import find_rpeaks
from einthoven.signal.simulated import simulate
from einthoven.signal.templates import spread

Lead = tuple[Signal, NDArray[np.int64]]


def sinus(fs: float = 360.0, duration_s: float = 30, noise_mv: float = 0.01, rhythm: str = "normal") -> Lead:
    record = simulate(rhythm, duration_s=duration_s, fs=fs, leads=("II",), seed=4, noise_mv=noise_mv)
    assert record.annotations is not None
    inside = record.annotations.samples
    inside = inside[(inside > 0.4 * fs) & (inside < len(record.signal[0]) - 0.4 * fs)]
    return record.signal[0].copy(), inside


def with_spikes(lead: Signal, places: NDArray[np.int64], fs: float, height: float = 1.0) -> Signal:
    """Add spikes that last 2 ms, at least a sample, as a recorder of a limited bandwidth would show them."""
    spiked = lead.copy()
    for step in range(max(1, round(0.002 * fs))):
        spiked[places + step] += np.float32(height)
    return spiked


def wide(fs: float, n: int = 30) -> Lead:
    """Beats one a second, each a slow wave of 0.16 s that begins at its place."""
    places = np.round(np.arange(1, n + 1) * fs).astype(np.int64)
    t = np.arange(round((n + 2) * fs)) / fs
    lead = np.zeros(len(t))
    for at in places / fs:
        lead -= np.exp(-(((t - at - 0.08) / 0.035) ** 2))
    noise = np.random.default_rng(0).normal(0, 0.005, len(t))
    return (lead + noise).astype(np.float32), places


@pytest.mark.parametrize("fs", [200.0, 250.0, 360.0, 500.0, 1000.0])
def test_spikes_ahead_of_the_r_peak_are_seen_at_any_rate(fs: float) -> None:
    lead, rpeaks = sinus(fs)
    assert spike_share(lead, fs, rpeaks) == 0
    ahead = rpeaks - round(0.1 * fs)
    for height in (1.5, -1.5):
        assert spike_share(with_spikes(lead, ahead, fs, height), fs, rpeaks) == 1


@pytest.mark.parametrize("fs", [250.0, 360.0, 500.0])
def test_spikes_at_the_r_peak_are_seen_where_something_wide_follows(fs: float) -> None:
    lead, places = wide(fs)
    assert spike_share(lead, fs, places) == 0
    assert spike_share(with_spikes(lead, places, fs, 0.8), fs, places) == 1


def test_a_spike_far_higher_than_the_rest_is_seen_wherever_it_stands() -> None:
    lead, rpeaks = sinus()
    assert spike_share(with_spikes(lead, rpeaks, 360.0, 12.0), 360.0, rpeaks) == 1


def test_the_share_is_that_of_the_beats_with_a_spike() -> None:
    lead, rpeaks = sinus(duration_s=90)
    paced = rpeaks[::4]
    spiked = with_spikes(lead, paced - 36, 360.0, 1.5)
    assert spike_share(spiked, 360.0, rpeaks) == pytest.approx(len(paced) / len(rpeaks))


@pytest.mark.parametrize("place_s", [-0.3, 0.1, 0.3])
def test_a_spike_elsewhere_is_none_of_this_beat(place_s: float) -> None:
    lead, rpeaks = sinus()
    assert spike_share(with_spikes(lead, rpeaks + round(place_s * 360), 360.0, 1.5), 360.0, rpeaks) == 0


@pytest.mark.parametrize("rhythm", ["normal", "af", "ectopy", "noise"])
@pytest.mark.parametrize("fs", [250.0, 500.0])
def test_recordings_without_a_pacemaker_have_hardly_any(rhythm: str, fs: float) -> None:
    for noise_mv in (0.01, 0.1):
        lead, rpeaks = sinus(fs, 60, noise_mv, rhythm)
        share = spike_share(lead, fs, rpeaks)
        assert share is not None and share < 0.1


@pytest.mark.parametrize(("factor", "offset"), [(2, 0), (-1, 0), (0.1, 3)])
def test_gain_polarity_and_offset_change_nothing(factor: float, offset: float) -> None:
    lead, rpeaks = sinus(duration_s=60)
    spiked = with_spikes(lead, rpeaks[::2] - 36, 360.0, 1.5)
    changed = (factor * spiked + offset).astype(np.float32)
    assert (
        spike_share(changed, 360.0, rpeaks)
        == spike_share(spiked, 360.0, rpeaks)
        == pytest.approx(0.5, abs=0.02)
    )
    assert usual_qrs_ms(changed, 360.0, rpeaks) == usual_qrs_ms(spiked, 360.0, rpeaks)


def test_so_many_beats_are_looked_at_spread_over_the_recording() -> None:
    lead, rpeaks = sinus(duration_s=60)
    lead, rpeaks = np.tile(lead, 10), np.concatenate([rpeaks + i * len(lead) for i in range(10)])
    assert len(rpeaks) > 2 * MOST_BEATS
    some = with_spikes(lead, spread(rpeaks, MOST_BEATS) - 36, 360.0, 1.5)
    others = with_spikes(lead, np.setdiff1d(rpeaks, spread(rpeaks, MOST_BEATS)) - 36, 360.0, 1.5)
    assert (spike_share(some, 360.0, rpeaks), spike_share(others, 360.0, rpeaks)) == (1, 0)


def test_beats_with_missing_samples_are_left_out() -> None:
    lead, rpeaks = sinus()
    spiked = with_spikes(lead, rpeaks[:10] - 36, 360.0, 1.5)
    spiked[rpeaks[10] - 100 :] = np.nan
    assert spike_share(spiked, 360.0, rpeaks) == 1
    spiked[rpeaks[2] - 100 :] = np.nan
    assert spike_share(spiked, 360.0, rpeaks) is None
    assert spike_share(np.full_like(lead, np.nan), 360.0, rpeaks) is None


def test_nothing_is_said_of_few_beats_or_a_low_rate() -> None:
    lead, rpeaks = sinus()
    spiked = with_spikes(lead, rpeaks - 36, 360.0, 1.5)
    assert spike_share(spiked, 360.0, rpeaks[:3]) == 1
    assert spike_share(spiked, 360.0, rpeaks[:2]) is None and usual_qrs_ms(spiked, 360.0, rpeaks[:2]) is None
    assert spike_share(spiked, 199.0, rpeaks) is None
    assert usual_qrs_ms(spiked, 360.0, rpeaks[:0]) is None


@pytest.mark.parametrize("level", [0.0, 5.0])
def test_a_constant_lead_has_neither(level: float) -> None:
    flat = np.full(7200, level, np.float32)
    places = np.arange(0, 7200, 300)
    assert spike_share(flat, 360.0, places) == 0 and usual_qrs_ms(flat, 360.0, places) == 0


def test_beats_at_the_edges_and_a_short_recording() -> None:
    lead, _ = sinus()
    edges = np.array([0, 1, 2, len(lead) - 2, len(lead) - 1])
    assert spike_share(lead, 360.0, edges) is not None and usual_qrs_ms(lead, 360.0, edges) is not None
    assert spike_share(lead[:40], 360.0, np.array([3, 20, 39])) is not None
    assert usual_qrs_ms(lead[:40], 360.0, np.array([3, 20, 39])) is not None


@pytest.mark.parametrize("width_s", [0.015, 0.03, 0.045])
def test_the_width_holds_the_middle_of_the_squared_slope(width_s: float) -> None:
    """Of a Gaussian exp(-t^2 / 2 s^2), 80 % of the squared slope lie within 1.523 s of its middle.

    As the distribution of 2 t^2 / s^2 is chi-squared with three degrees of freedom, 80 % below 4.642.
    """
    places = np.arange(1, 31) * 500
    t = np.arange(32 * 500) / 500
    lead = sum(np.exp(-(((t - at / 500) / width_s) ** 2) / 2) for at in places)
    found = usual_qrs_ms(np.asarray(lead, np.float32), 500.0, places)
    # Counted in whole samples of 8 ms.
    assert found == pytest.approx(2 * 1.523 * width_s * 1000, abs=8)


@pytest.mark.parametrize("fs", [100.0, 250.0, 1000.0])
def test_sinus_rhythm_is_narrow_and_a_slow_wave_is_wide_at_any_rate(fs: float) -> None:
    narrow, slow = usual_qrs_ms(*_given(sinus(fs), fs)), usual_qrs_ms(*_given(wide(fs), fs))
    assert narrow is not None and slow is not None
    assert narrow <= 60 and slow == pytest.approx(75, abs=12)


def _given(lead: Lead, fs: float) -> tuple[Signal, float, NDArray[np.int64]]:
    return lead[0], fs, lead[1]


def test_ectopic_beats_are_not_the_usual_ones() -> None:
    lead, rpeaks = sinus(rhythm="ectopy", duration_s=60)
    usual, every = usual_qrs_ms(lead, 360.0, rpeaks), usual_qrs_ms(*_given(sinus(duration_s=60), 360.0))
    assert usual == pytest.approx(every, abs=8)


def test_the_usual_width_is_that_of_most_stretches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pacing, "_BEATS_EACH", 10)
    monkeypatch.setattr(pacing, "_STRETCHES", 3)
    narrow, slow = sinus(duration_s=40), wide(360.0, 12)
    lead = np.concatenate([narrow[0], slow[0], narrow[0]])
    shift = len(narrow[0]) + len(slow[0])
    rpeaks = np.concatenate([narrow[1], len(narrow[0]) + slow[1], shift + narrow[1]])
    assert usual_qrs_ms(lead, 360.0, rpeaks) == usual_qrs_ms(narrow[0], 360.0, narrow[1])


def measured(record_path: Path) -> list[tuple[float, float]]:
    """What is measured at the found and at the annotated R peaks."""
    record = read_record(record_path)
    assert record.annotations is not None
    lead = record.for_model(("MLII",)).signal
    peaks = find_rpeaks(lead, record.fs), np.unique(beats_of(record.annotations)[0])
    found = [(spike_share(lead[0], 360.0, at), usual_qrs_ms(lead[0], 360.0, at)) for at in peaks]
    return [(share, width) for share, width in found if share is not None and width is not None]


@pytest.mark.realdata
@pytest.mark.parametrize(
    ("name", "least", "narrowest"),
    [("102", 0.9, 80), ("104", 0.45, 90), ("107", 0.3, 120), ("217", 0.45, 120)],
)
def test_paced_recordings(data_folder: Path, name: str, least: float, narrowest: float) -> None:
    found = measured(data_folder / f"mitdb/1.0.0/{name}.hea")
    assert len(found) == 2
    assert all(share > least and width >= narrowest for share, width in found)


@pytest.mark.realdata
@pytest.mark.parametrize(("name", "widest"), [("101", 30), ("109", 80), ("118", 84), ("207", 80)])
def test_recordings_that_are_not_paced(data_folder: Path, name: str, widest: float) -> None:
    """101 is of normal rhythm, the others of bundle branch block."""
    found = measured(data_folder / f"mitdb/1.0.0/{name}.hea")
    assert len(found) == 2
    assert all(share < 0.02 and width <= widest for share, width in found)
