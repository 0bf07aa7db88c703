"""Whether the heartbeats of a recording are any: many must resemble each other, few must stand out."""

from __future__ import annotations

from einthoven.inference.obstacles import has_reliable_beats
from einthoven.record import Signal, lead_words
from einthoven.signal.beats.told import ToldBeats
from einthoven.signal.left_out import NOISE, joined_samples
from einthoven.signal.prominence import stand_out
from einthoven.signal.quality import Quality

MIN_ALIKE = 8
"""From so many beats on their likeness tells whether they are any; it is too often chance among fewer."""
MIN_STANDING = 0.75
"""Of fewer beats, at least this share must stand out: one false beat among three is no quarter."""
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
