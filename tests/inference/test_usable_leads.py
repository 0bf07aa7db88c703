"""Leads that are left out, and how many may be."""

from dataclasses import replace

import numpy as np
import pytest

from einthoven.inference.usable_leads import Looked, look, usable
from einthoven.record import TWELVE_LEADS, Record
from einthoven.signal.simulated import simulate

HEART = simulate(leads=TWELVE_LEADS, duration_s=10.0, fs=500.0, seed=1)


def spoilt(silent: int = 0, flat: int = 0, hum: int = 0, mv: float = 0.01) -> Record:
    """The last leads show noise, the first nothing, those in the middle hum."""
    signal, rng = HEART.signal.copy(), np.random.default_rng(0)
    n = signal.shape[1]
    signal[12 - silent :] = mv * rng.standard_normal((silent, n))
    signal[:flat] = 0.0
    signal[6 - hum : 6] = mv * np.sin(2 * np.pi * 50 * np.arange(n) / HEART.fs)
    return replace(HEART, signal=signal)


def looked_at(record: Record) -> tuple[Looked, list[str]]:
    found, left_out = usable(record, look(record, ()))
    return found, [one.note for one in left_out]


def test_of_a_sound_recording_nothing_is_left_out() -> None:
    found, notes = looked_at(HEART)
    assert (found.record.leads, found.obstacle, notes) == (TWELVE_LEADS, None, [])


@pytest.mark.parametrize("mv", [0.005, 0.01, 0.02, 0.05, 0.5])
def test_up_to_a_third_without_heartbeats_are_left_out(mv: float) -> None:
    found, notes = looked_at(spoilt(silent=4, mv=mv))
    assert found.obstacle is None
    assert found.record.leads == TWELVE_LEADS[:8]
    assert len(found.quality.noise) == len(found.gaps) == len(found.unlike) == 8
    # Beats are those of the leads that are left.
    np.testing.assert_array_equal(found.rpeaks, look(HEART, TWELVE_LEADS[8:]).rpeaks)
    assert notes == [
        "no heartbeats: leads V3 to V6 show none of those that other leads show: "
        "zeros are in place of these leads"
    ]


@pytest.mark.parametrize("mv", [0.005, 0.02, 0.05])
@pytest.mark.parametrize("silent", [5, 8, 10])
def test_more_than_a_third_without_heartbeats_are_an_obstacle_that_names_them(silent: int, mv: float) -> None:
    found, _ = looked_at(spoilt(silent=silent, mv=mv))
    assert found.obstacle is not None
    assert found.record.leads == TWELVE_LEADS[: 12 - silent]
    assert found.obstacle.reason.startswith("no heartbeats: leads ")
    assert found.obstacle.reason.endswith("to V6 show none of those that other leads show")


def test_flat_leads_are_as_if_they_were_not_there_unless_others_are_noise() -> None:
    assert looked_at(spoilt(flat=6))[0].obstacle is None
    found, notes = looked_at(spoilt(flat=4, silent=1))
    assert found.obstacle is not None
    assert found.obstacle.reason == "no heartbeats: lead V6 shows none of those that other leads show"
    assert notes[0] == "flat line: leads I, II, III, aVR do not move: zeros are in place of these leads"
    assert looked_at(spoilt(flat=3, silent=1))[0].obstacle is None


def test_hum_counts_as_something_else() -> None:
    found, notes = looked_at(spoilt(hum=3))
    assert found.obstacle is None
    assert found.record.leads == ("I", "II", "III", *TWELVE_LEADS[6:])
    assert notes[0].endswith(
        "times the power of the ECG in leads aVR, aVL, aVF: zeros are in place of these leads"
    )
    found, _ = looked_at(spoilt(hum=3, silent=2))
    assert found.obstacle is not None
    mains, silent = found.obstacle.reason.split("; ")
    assert mains.startswith("mains noise: ") and silent.startswith("no heartbeats: leads V5, V6 show none")


def test_fewer_than_two_are_too_few() -> None:
    found, notes = looked_at(spoilt(silent=11))
    assert found.obstacle is not None
    assert found.obstacle.reason == (
        "fewer than 2 usable leads: no heartbeats: leads II, III, aVR, aVL, aVF, V1 to V6 show none of those "
        "that other leads show"
    )
    assert (found.record.leads, notes) == (TWELVE_LEADS, [])
    assert (found.obstacle.leads, found.obstacle.measure) == (tuple(range(1, 12)), "heartbeats")
    alone = HEART.select(["V2"])
    found, _ = usable(alone, look(alone, ()))
    assert found.obstacle is not None
    assert found.obstacle.reason == "fewer than 2 usable leads: only lead V2 is there"
