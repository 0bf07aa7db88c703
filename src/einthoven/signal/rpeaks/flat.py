"""Leads that carry nothing, while a recording comes in."""

from __future__ import annotations

import numpy as np

from einthoven.record import Signal


class FlatLeads:
    """Watch for the first lead that moves; until one does, remember what each of them shows.

    Flat is a lead whose samples are all the same: a unit or a gain, of which a limit in mV would have to
    know, does not matter.
    """

    def __init__(self, n_leads: int) -> None:
        self._lowest = np.full(n_leads, np.nan, np.float32)
        self._highest = self._lowest.copy()
        self._moves = False
        self._n_samples = 0

    def look(self, samples: Signal) -> None:
        """Take the next (n_leads, n_samples); NaN where one is missing."""
        if self._moves or not samples.shape[-1]:
            # One lead that moves is enough: whether others do makes no difference to what is said.
            return
        self._n_samples += samples.shape[-1]
        self._lowest = np.fmin(self._lowest, np.fmin.reduce(samples, axis=-1))
        self._highest = np.fmax(self._highest, np.fmax.reduce(samples, axis=-1))
        self._moves = bool((self._highest > self._lowest).any())

    def words(self) -> str | None:
        """Say in one line which leads, counted from 1, are flat; None if one moves, or no sample came.

        >>> leads = FlatLeads(3)
        >>> leads.look(np.array([[0, 0], [np.nan, np.nan], [5, 5]], np.float32))
        >>> leads.words()
        'no R peaks: expected a lead that moves, found leads 1 and 3 flat, lead 2 missing'
        >>> leads.look(np.array([[0], [1], [6]], np.float32))
        >>> leads.words() is None
        True
        """
        if self._moves or not self._n_samples:
            return None
        missing = np.isnan(self._lowest)
        states = (("flat", np.flatnonzero(~missing)), ("missing", np.flatnonzero(missing)))
        n = len(missing)
        found = [f"{_numbered(which.tolist(), n)} {state}" for state, which in states if len(which)]
        return f"no R peaks: expected a lead that moves, found {', '.join(found)}"


def _numbered(which: list[int], n: int) -> str:
    if len(which) == n:
        return "the only lead" if n == 1 else f"all {n} leads"
    numbers = [str(lead + 1) for lead in which]
    return f"lead {numbers[0]}" if len(numbers) == 1 else f"leads {', '.join(numbers[:-1])} and {numbers[-1]}"
