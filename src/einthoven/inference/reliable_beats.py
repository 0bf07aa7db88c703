"""Whether the heartbeats of a recording are any: many must resemble each other, few must stand out."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from einthoven.inference.obstacles import Obstacle, has_reliable_beats
from einthoven.record import Record, Signal, lead_words, leads_words
from einthoven.signal.beats.told import ToldBeats
from einthoven.signal.left_out import NOISE, joined_samples
from einthoven.signal.prominence import stand_out
from einthoven.signal.quality import Quality

MIN_ALIKE = 8
"""From so many beats on their likeness tells whether they are any; it is too often chance among fewer."""
MIN_STANDING = 0.75
"""Of fewer beats, at least this share must stand out: one false beat among three is no quarter."""
MIN_USABLE_SHARE = 0.1
"""A lead of which less is usable, see `Quality.usable`, has hardly anything to be read.

None of 1,191 recordings of PTB-XL and Challenge 2020 has that in most leads.
"""
MIN_BESIDE_NOISE = 3
"""Fewer beats are not believed where all else that was found is noise."""


def unreliable_reason(beats: ToldBeats, row: Signal, fs: float, quality: Quality, lead: str) -> str | None:
    """Return why the beats that were found are not reliable, or None; also where there are none.

    Parameters
    ----------
    beats : that were found
    row : (n_samples,), mV, the lead that they are of, NaN where a sample is missing
    fs : its sampling rate, Hz
    quality : of that lead, measured at these beats
    lead : its name
    """
    rpeaks = beats.inputs.rpeaks
    n, where = len(rpeaks), lead_words(lead)
    if n >= MIN_ALIKE:
        if has_reliable_beats(quality):
            return None
        return f"no reliable heartbeat: the beats found in {where} hardly resemble each other"
    if 0 < n < MIN_BESIDE_NOISE and any(stretch.reason == NOISE for stretch in beats.left_out):
        return f"no reliable heartbeat: nearly all that was found in {where} is noise"
    gaps = joined_samples(beats.left_out, fs)
    n_standing = int(stand_out(row, fs, rpeaks, gaps).sum())
    if n_standing >= MIN_STANDING * n:
        return None
    return f"no reliable heartbeat: of the {n} found in {where} only {n_standing} stand out from the rest"


def no_beats(record: Record, rpeaks: NDArray[np.int64], quality: Quality) -> Obstacle | None:
    """Return that no lead has reliable heartbeats, or hardly any lead; None if that is not so.

    For models of several leads: they have no class for what is too noisy, and name diagnoses in pure noise.
    Of white, pink and brown noise of 5 to 30 s on twelve leads nothing passes; of 1,191 recordings of PTB-XL
    and Challenge 2020 all do.

    Parameters
    ----------
    record : with the leads that the model looks at
    rpeaks : (n_beats,) sample indices of the R peaks
    quality : of these leads, measured at these beats
    """
    if has_reliable_beats(quality):
        return _hardly_any(record, rpeaks, quality)
    every = tuple(range(record.n_leads))
    if not len(rpeaks):
        return Obstacle("no reliable heartbeat: none was found in any lead", every, "noise")
    if len(rpeaks) >= MIN_ALIKE:
        what = "hardly resemble each other in any lead"
    elif max(stand_out(row, record.fs, rpeaks).mean() for row in record.signal) < MIN_STANDING:
        what = "hardly stand out from the rest in any lead"
    else:
        return None
    return Obstacle(f"no reliable heartbeat: the beats found {what}", every, "noise")


def _hardly_any(record: Record, rpeaks: NDArray[np.int64], quality: Quality) -> Obstacle | None:
    """Return that most leads have hardly anything to be read, or None; as `no_beats`."""
    poor = tuple(lead for lead, share in enumerate(quality.usable) if share < MIN_USABLE_SHARE)
    if len(rpeaks) < MIN_ALIKE or 2 * len(poor) <= record.n_leads:
        return None
    where = leads_words([record.leads[lead] for lead in poor])
    return Obstacle(f"no reliable heartbeat: hardly any of those found can be read in {where}", poor, "noise")
