"""A recording that is upside down is found, and no other one is called so."""

import numpy as np
import pytest

from einthoven.record import TWELVE_LEADS
from einthoven.signal.inversion import find_inversion
from einthoven.signal.polarity import Polarity
from einthoven.signal.simulated import simulate


@pytest.mark.parametrize("seed", range(5))
def test_a_simulated_recording_is_upright_and_its_mirror_is_not(seed: int) -> None:
    record = simulate(leads=TWELVE_LEADS, duration_s=10.0, seed=seed)
    found = find_inversion(record.signal, record.leads, record.fs)
    mirrored = find_inversion(-record.signal, record.leads, record.fs)
    assert found is not None and mirrored is not None
    assert (found.is_inverted, mirrored.is_inverted) == (False, True)
    assert tuple(found.votes) == ("I", "II", "V6", "aVR")
    assert found.votes == {name: -vote for name, vote in mirrored.votes.items()}


def test_without_avr_it_is_computed() -> None:
    record = simulate(leads=("V6", "II", "I"), duration_s=10.0)
    found = find_inversion(-record.signal, record.leads, record.fs)
    assert found is not None and found.is_inverted
    assert found.votes["aVR"].qrs == -1
    flat = np.concatenate([-record.signal, np.zeros_like(record.signal[:1])])
    again = find_inversion(flat, (*record.leads, "aVR"), record.fs)
    assert again is not None and again.votes == found.votes


def test_what_cannot_be_told_is_not() -> None:
    record = simulate(leads=("I", "II", "V6"), duration_s=10.0)
    assert find_inversion(record.signal[:2], ("I", "II"), record.fs) is None
    assert find_inversion(record.signal, record.leads, 39.0) is None
    assert find_inversion(record.signal[:, :300], record.leads, record.fs) is None
    for value in (0.0, np.nan):
        signal = record.signal.copy()
        signal[2] = value
        assert find_inversion(signal, record.leads, record.fs) is None


_DOWN, _UP = Polarity(-1, -1, -1), Polarity(1, 1, 1)


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        # I, II, V6, aVR as they point; aVR is normally down.
        ((_DOWN, _DOWN, _DOWN, _UP), True),
        ((_DOWN, _UP, _DOWN, _UP), True),
        ((_DOWN, _DOWN, _UP, _UP), False),
        ((_DOWN, _DOWN, Polarity(-1, 0, -1), _UP), False),
        ((Polarity(1, -1, 1), Polarity(1, -1, 1), Polarity(1, -1, 1), Polarity(-1, 1, -1)), False),
        ((Polarity(0, -1, 0), Polarity(0, -1, 0), Polarity(0, -1, -1), Polarity(0, 1, 0)), False),
        ((Polarity(-1, 1, -1), Polarity(-1, 1, -1), Polarity(-1, -1, -1), Polarity(1, -1, 1)), False),
    ],
)
def test_qrs_and_other_waves_have_to_agree(
    monkeypatch: pytest.MonkeyPatch, found: tuple[Polarity, ...], expected: bool
) -> None:
    record = simulate(leads=("I", "II", "V6", "aVR"), duration_s=10.0)
    monkeypatch.setattr("einthoven.signal.inversion.polarities", lambda *_: found)
    inversion = find_inversion(record.signal, record.leads, record.fs)
    assert inversion is not None and inversion.is_inverted is expected
