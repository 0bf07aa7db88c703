"""Which leads of a recording can be read: what was measured in them, and which are left out for what."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from einthoven.inference.obstacles import Obstacle, find_obstacles
from einthoven.record import Record, lead_words
from einthoven.signal.contact import gap_share
from einthoven.signal.likeness import unlike_ecg
from einthoven.signal.quality import Quality, assess
from einthoven.signal.rpeaks import find_rpeaks

MIN_USABLE = 2
"""So many leads a model needs whose leads may be lacking."""
TOO_FEW = f"fewer than {MIN_USABLE} usable leads: "
"""What the obstacle begins with where it has fewer."""
MAX_FOREIGN = 1 / 3
"""Above this share of unusable leads what is left is not believed, if one of them shows something else.

A recording may lack as many to be answered by a model of twelve leads. Where all of them are flat or missing
nothing but an electrode was not there.
"""
FOREIGN = frozenset({"heartbeats", "mains_ratio"})
"""What leads that show something else were measured by."""


@dataclass(frozen=True, slots=True, eq=False)
class Looked:
    """What was measured on the leads that a model can look at; everything has one entry a lead.

    record : with these leads only
    obstacle : why too few of them are usable, or None
    """

    record: Record
    rpeaks: NDArray[np.int64]
    quality: Quality
    gaps: NDArray[np.float64]
    unlike: tuple[str | None, ...]
    obstacle: Obstacle | None = None


def look(chosen: Record, lacking: Collection[str]) -> Looked:
    """Measure the leads that are not lacking."""
    there = chosen.select([name for name in chosen.leads if name not in lacking]) if lacking else chosen
    rpeaks = find_rpeaks(there.signal, there.fs, warn=False)
    return Looked(
        record=there,
        rpeaks=rpeaks,
        quality=assess(there.signal, there.fs, rpeaks, there.leads),
        gaps=gap_share(there.signal, there.fs),
        unlike=unlike_ecg(there.signal, there.fs),
    )


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Leads that are there and become zeros: their names, what they were measured by, and why."""

    names: tuple[str, ...]
    measure: str
    reason: str

    @property
    def note(self) -> str:
        """What is said of them."""
        return (
            f"{self.reason}: zeros are in place of {'this lead' if len(self.names) == 1 else 'these leads'}"
        )


def usable(chosen: Record, every: Looked) -> tuple[Looked, list[LeftOut]]:
    """Return what was measured on the usable leads, and the others.

    Where fewer than two are usable none is left out, and there is an obstacle; there is one too where too
    many show no heartbeats.

    chosen : with all leads of the model
    every : what was measured on those that are there
    """
    looked, kept, left_out = _sorted_out(chosen, every)
    if len(kept) < MIN_USABLE:
        return replace(every, obstacle=_too_few(every.record.leads, left_out)), []
    return replace(looked, obstacle=_too_many_foreign(every.record.leads, left_out)), left_out


def usable_names(chosen: Record, every: Looked) -> tuple[str, ...]:
    """Return the names of the usable leads, however few; parameters as `usable`."""
    return _sorted_out(chosen, every)[1]


def _sorted_out(chosen: Record, every: Looked) -> tuple[Looked, tuple[str, ...], list[LeftOut]]:
    """Return what was measured without the leads that are left out, the names of the others, and those."""
    looked, kept = every, every.record.leads
    left_out: list[LeftOut] = []
    # Beats found without the noise of some leads may show what is wrong with another.
    while found := find_obstacles(looked.quality, looked.gaps, looked.record.leads):
        names = looked.record.leads
        left_out += [LeftOut(tuple(names[at] for at in one.leads), one.measure, one.reason) for one in found]
        unusable = [name for one in left_out for name in one.names]
        kept = tuple(name for name in every.record.leads if name not in unusable)
        if len(kept) < MIN_USABLE:
            break
        looked = look(chosen, [name for name in chosen.leads if name not in kept])
    return looked, kept, left_out


def _too_many_foreign(leads: tuple[str, ...], left_out: Sequence[LeftOut]) -> Obstacle | None:
    """Return that too many leads are unusable for what is left to be believed, or None."""
    foreign = [one for one in left_out if one.measure in FOREIGN]
    n_unusable = sum(len(one.names) for one in left_out)
    if not foreign or n_unusable <= MAX_FOREIGN * len(leads):
        return None
    return Obstacle("; ".join(one.reason for one in foreign), (), "heartbeats")


def _too_few(leads: tuple[str, ...], left_out: Sequence[LeftOut]) -> Obstacle:
    """Return that fewer than two of the leads that are there are usable."""
    if not left_out:
        return Obstacle(f"{TOO_FEW}only {lead_words(leads[0])} is there", (), "")
    reasons, first = "; ".join(one.reason for one in left_out), left_out[0]
    return Obstacle(f"{TOO_FEW}{reasons}", tuple(leads.index(name) for name in first.names), first.measure)
