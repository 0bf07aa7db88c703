"""Which multiplex groups are the recording, on one line of time, and which is its median beat.

Source: DICOM PS3.3, C.10.9.1.1 (time offsets), C.10.9.1.3 (originality); A.34.3 (four groups of three leads,
one after the other, and a fifth of one lead for the rhythm).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from einthoven.errors import FormatError
from einthoven.formats.dicom.multiplex_group import MultiplexGroup, read_samples
from einthoven.formats.given import Given
from einthoven.record import Signal

LONGEST_BEAT_S = 3.0
"""A derived group of at most so many seconds, and at most half the recording, is a beat: 20 a minute."""
_SAME_RATE = 1e-6


@dataclass(frozen=True, slots=True)
class Place:
    """Where a group lies in the recording.

    start : its first sample, in samples of the recording
    ratio : samples of the recording for one of its own
    """

    group: MultiplexGroup
    start: int
    ratio: int

    @property
    def end(self) -> int:
        """Return the sample after its last."""
        return self.start + self.group.n_samples * self.ratio


@dataclass(frozen=True, slots=True)
class Roles:
    """What the groups of a file are.

    rhythm : those that make up the recording
    beat : the median beat, or None
    """

    rhythm: tuple[MultiplexGroup, ...]
    beat: MultiplexGroup | None
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Rhythm:
    """The recording.

    signal : (n_leads, n_samples), mV, NaN where no group has samples of a lead
    places : of the groups that are in it
    """

    signal: Signal
    fs: float
    leads: tuple[str, ...]
    places: tuple[Place, ...]
    warnings: tuple[str, ...]


def roles_of(groups: Sequence[MultiplexGroup], where: str) -> Roles:
    """Tell the recording from the median beat, and name the groups that are neither.

    The recording is what is original; without that, the longest derived group. A median beat is a group that
    is called so, or a derived one that is short beside the recording.

    Raises FormatError if no group has a lead of an ECG.
    """
    ecg = [group for group in groups if group.channels and group.n_samples]
    if not ecg:
        found = [text for group in groups for text in group.others] or ["none with samples"]
        raise FormatError(f"{where}: expected a channel of an ECG lead, found {', '.join(found)[:200]}")
    named = [group for group in ecg if not group.is_called_a_beat]
    originals = [group for group in named if not group.is_derived]
    longest = max(originals or named or ecg, key=lambda group: group.duration_s)
    beats = [group for group in ecg if group is not longest and _is_beat(group, longest)]
    rhythm = [group for group in ecg if group not in beats] if originals else [longest]
    unread = [group for group in ecg if group not in rhythm and group not in beats[:1]]
    warnings = [f"not read: {group.words} of {group.duration_s:g} s" for group in unread]
    warnings += [f"left out: {', '.join(group.others)}" for group in groups if group.others]
    derived = [group for group in rhythm if group.is_derived]
    warnings += [f"{group.words} was computed by the device from other waveforms" for group in derived]
    return Roles(tuple(rhythm), beats[0] if beats else None, tuple(warnings))


def _is_beat(group: MultiplexGroup, longest: MultiplexGroup) -> bool:
    is_short = group.duration_s <= min(LONGEST_BEAT_S, longest.duration_s / 2)
    return group.is_called_a_beat or (group.is_derived and is_short)


def join(groups: Sequence[MultiplexGroup], given: Given) -> Rhythm:
    """Put groups on one line of time at the highest of their rates.

    Of a lead that several groups have at the same time, the longest is read, and the others are named.
    Samples of slower groups are repeated; groups whose rates are no whole fractions are named too.

    Raises FormatError if there are fewer samples than stated, or more of them, or of gaps, than the limits.
    """
    places, warnings = _places(groups, given)
    if len(places) == 1 and places[0].ratio == 1:
        group = places[0].group
        signal, more = read_samples(group)
        return Rhythm(
            signal, group.fs, tuple(c.name for c in group.channels), tuple(places), (*warnings, *more)
        )
    fs = places[0].group.fs * places[0].ratio
    rows, kept, left_out = _rows(places)
    n_samples = max(place.end for place in places)
    given.limits.check("samples", len(rows) * n_samples, given.where)
    stored = sum(len(targets) * places[i].group.n_samples for i, targets in kept.items())
    given.limits.check("gap_samples", len(rows) * n_samples - stored, given.where)
    signal = np.full((len(rows), n_samples), np.nan, np.float32)
    for i, targets in kept.items():
        place = places[i]
        own, more = read_samples(place.group)
        warnings += more
        for channel, row in targets:
            signal[row, place.start : place.end].reshape(-1, place.ratio)[:] = own[channel][:, np.newaxis]
    return Rhythm(signal, fs, tuple(rows), tuple(places), (*warnings, *left_out))


def _places(groups: Sequence[MultiplexGroup], given: Given) -> tuple[list[Place], list[str]]:
    longest = max(groups, key=lambda group: (group.duration_s, len(group.channels)))
    fitting = [group for group in groups if _ratio(group.fs, longest.fs) or _ratio(longest.fs, group.fs)]
    fs = max(group.fs for group in fitting)
    kept = [group for group in fitting if _ratio(fs, group.fs)]
    warnings = [
        f"not read: {group.words}, as its {group.fs:g} Hz do not fit the {fs:g} Hz of the others"
        for group in groups
        if group not in kept
    ]
    slower = [group.words for group in kept if _ratio(fs, group.fs) > 1]
    if slower:
        warnings.append(f"{', '.join(slower)}: samples repeated to the highest rate of the recording")
    unplaced = [group.words for group in kept if group.offset_s is None]
    if unplaced and len(kept) > 1:
        warnings.append(f"{', '.join(unplaced)}: no time offset stated, taken to begin with the recording")
    first = min(group.offset_s or 0.0 for group in kept)
    places = []
    for group in kept:
        start = ((group.offset_s or 0.0) - first) * fs
        # Before it becomes an integer: what is claimed may be beyond all of them.
        given.limits.check("samples", int(min(start, 2.0**62)) + group.n_samples, given.where)
        places.append(Place(group, round(start), _ratio(fs, group.fs)))
    return places, warnings


def _ratio(higher: float, lower: float) -> int:
    """Return how often a rate is another one, or 0 if it is so no whole number of times."""
    ratio = round(min(higher / lower, 2.0**31))
    return ratio if ratio and abs(higher / lower - ratio) < _SAME_RATE * ratio else 0


def _rows(places: Sequence[Place]) -> tuple[list[str], dict[int, list[tuple[int, int]]], list[str]]:
    """Give each channel the row of its lead, if no other lies there at the same time.

    Returns the leads; for the index of each place its (channel, row); what is left out.
    """
    rows: dict[tuple[str, int], int] = {}
    for place in places:
        for key in _keys(place):
            rows.setdefault(key, len(rows))
    kept: dict[int, list[tuple[int, int]]] = {}
    taken: dict[int, list[tuple[int, int]]] = {}
    warnings = []
    for i in sorted(range(len(places)), key=lambda i: places[i].start - places[i].end):
        place, again = places[i], []
        for channel, key in enumerate(_keys(place)):
            row = rows[key]
            if any(start < place.end and place.start < end for start, end in taken.get(row, ())):
                again.append(key[0])
                continue
            taken.setdefault(row, []).append((place.start, place.end))
            kept.setdefault(i, []).append((channel, row))
        if again:
            warnings.append(
                f"not read: {', '.join(again)} of {place.group.words}, as another group has them too"
            )
    return [name for name, _ in rows], kept, warnings


def _keys(place: Place) -> list[tuple[str, int]]:
    """Return the names of a group's leads, and how often each was there before, as a group may repeat one."""
    names: list[str] = []
    keys = []
    for channel in place.group.channels:
        keys.append((channel.name, names.count(channel.name)))
        names.append(channel.name)
    return keys
