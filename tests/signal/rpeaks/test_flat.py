"""Which leads are flat, however the samples come."""

import numpy as np
import pytest

from einthoven.signal.rpeaks.flat import FlatLeads

LEADS = np.array([[2, np.nan, 2, 2], [np.nan] * 4, [0, 0, 0, 0], [-1, -1, -1, np.nan]], np.float32)


@pytest.mark.parametrize("step", [1, 2, 3, 4])
def test_flat_and_missing_leads_are_numbered_from_1(step: int) -> None:
    leads = FlatLeads(4)
    for at in range(0, 4, step):
        leads.look(LEADS[:, at : at + step])
    words = leads.words()
    assert words is not None
    assert words.endswith("found leads 1, 3 and 4 flat, lead 2 missing")


@pytest.mark.parametrize("step", [1, 2, 4])
@pytest.mark.parametrize("at", [0, 2, 3])
def test_one_lead_that_moves_is_enough(at: int, step: int) -> None:
    moving = LEADS.copy()
    moving[2, at] = np.nextafter(np.float32(0), np.float32(1))
    leads = FlatLeads(4)
    for start in range(0, 4, step):
        leads.look(moving[:, start : start + step])
    assert leads.words() is None


def test_of_nothing_nothing_is_said() -> None:
    leads = FlatLeads(1)
    leads.look(np.empty((1, 0), np.float32))
    assert leads.words() is None
    leads.look(np.zeros((1, 1), np.float32))
    assert leads.words() == "no R peaks: expected a lead that moves, found the only lead flat"
