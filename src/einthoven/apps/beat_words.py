"""What the classes of beats are called, and what ectopic beats do, in words for tables and pictures."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

from einthoven.apps.text import counted
from einthoven.duration import format_time
from einthoven.signal.ectopy import Ectopy

if TYPE_CHECKING:
    from einthoven.inference.beat_report import BeatReport

CLASS_NAMES: Mapping[str, str] = MappingProxyType(
    {
        "N": "normal, or bundle branch block",
        "S": "supraventricular ectopic",
        "V": "ventricular ectopic",
        "F": "fusion",
        "Q": "paced or unclassifiable",
    }
)
"""AAMI classes of heartbeats."""


def ectopy_words(found: Ectopy) -> str:
    """Say what the ectopic beats of a class do; nothing if there are none.

    >>> from einthoven.signal.ectopy import Run
    >>> ectopy_words(Ectopy(7, 2, 0, (Run(90, 5, 70.0, 72.0, 120.0),), (), ()))
    '7 isolated, 2 couplets, 1 run (5 beats at 120 bpm, from 1:10 min)'
    >>> ectopy_words(Ectopy(0, 0, 0, (), (), ()))
    ''
    """
    words = [f"{found.isolated} isolated"] if found.isolated else []
    words += [counted(found.couplets, "couplet")] if found.couplets else []
    if found.runs:
        longest = max(found.runs, key=lambda run: run.n_beats)
        which = "longest: " if len(found.runs) > 1 else ""
        pace = f"{longest.n_beats} beats at {longest.rate_bpm:.0f} bpm"
        start = format_time(longest.start_s)
        words.append(f"{counted(len(found.runs), 'run')} ({which}{pace}, from {start})")
    for name, episodes in (("bigeminy", found.bigeminy), ("trigeminy", found.trigeminy)):
        words += [f"{name} {counted(len(episodes), 'time')}"] if episodes else []
    return ", ".join(words)


def doubt_words(report: BeatReport) -> str:
    """Say what of a report is not to be believed, and why; nothing if all of it is."""
    if report.beats.obstacle is None:
        return report.obstacle or ""
    what = "classes not to be believed" if report.beats.have_rhythm else "not to be believed"
    return f"{what}: {report.beats.obstacle}"
