"""What speaks against an answer, and what a reader of it should know.

The limits on gaps, flat, stuck and missing signal were measured with the shipped model on 150 recordings of
normal rhythm (CinC 2017) in which parts were blanked. Of the answers that it was sure of were wrong: 4 of 133
for whole recordings; 3 of 121 with 15 % at the start flat, 5 of 80 with 20 %; 5 of 131 with 1 % in the middle
flat, 8 of 117 with 2 %, 14 of 108 with 5 %. None of that collection's own recordings has such gaps.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from math import inf

import numpy as np
from numpy.typing import NDArray

from einthoven.duration import format_duration
from einthoven.record import Record, is_ecg_lead, lead_words, leads_words
from einthoven.signal.amplitude import peak_to_peak
from einthoven.signal.foreign import MAX_MAINS
from einthoven.signal.quality import PLAUSIBLE_MV, Quality

MAX_MISSING = 0.15
"""Above this share of missing samples the model abstains: too much of the input would be made up."""
MAX_UNUSABLE = 0.15
"""Above this share of flat, or of stuck, signal the model abstains."""
MAX_GAPS = 0.01
"""Above this share of gaps inside a recording the model abstains: what hides a beat looks like a pause."""
MAX_NOISE_OF_RATE = 0.7
"""From this share of beats that resemble no other on, those found are no heartbeats, nor have they a rate.

Of 872 CinC 2017 recordings of class N, A or O the noisiest has 0.57.
"""
LOW_MV = 0.4
"""Below this height of the highest lead, mV, see `Quality.amplitude_mv`, all leads are implausibly low.

Of 1,191 recordings of PTB-XL and Challenge 2020 one lies below it (0.31 mV); 0.1 % lie below 0.46 mV. Ten
times too small, 94 % of them would. Of their limb leads alone 0.3 % lie below it.
"""
MAX_PACED = 0.25
"""From this share of beats with a pacing spike on, a model that knows no paced beats is not to be believed.

Recordings that are not paced have less: MIT-BIH DS1 under 0.01 in each lead; CinC 2017, 6,868 recordings,
up to 0.08; leads I, II, V1 and V5 of PTB-XL and Challenge 2020, 746 recordings, up to 0.12, but for one of
right bundle branch block with 0.25. Paced ones have more: MIT-BIH 102, 104, 107 and 217 from 0.41 on, and
seven of eight in PTB-XL and Challenge 2020 from 0.45 on in lead II; in the eighth no spike can be seen.
"""
WIDE_QRS_MS = 96.0
"""From this width on, see `usual_qrs_ms`, a usual QRS complex is wide.

Of recordings that are not paced so wide are: none of MIT-BIH DS1 (80 at most in MLII); 0.6 % of class N in
CinC 2017, 1.6 % of A, 5 % of O; in lead II 8 of 429 of PTB-XL, among them 3 of 7 of left bundle branch block.
Paced MIT-BIH 104, 107 and 217 are, and the recording whose spikes cannot be seen.
"""
MIN_MOVING = 0.5
"""A lead that moves in more of its seconds is worth reading in place of one that never does."""
_PLAUSIBLE_BPM = (25.0, 220.0)
SHORT_S = 5.0
"""Below this length, s, a heart that beats 40 times a minute may beat fewer than three times."""
LONG_S = 300.0
"""Above this length, s, one answer for all of a recording says little of a rhythm that comes and goes."""
FAR_LONGER = 2.0
"""From this many times the longest recording that a model learnt from on, a recording is far longer."""


@dataclass(frozen=True, slots=True)
class Obstacle:
    """Why no answer should be believed.

    reason : in words
    leads : the positions of the leads that it is about
    measure : the field of `Quality` that it comes from, or `gaps` or `unlike`
    """

    reason: str
    leads: tuple[int, ...]
    measure: str


def find_obstacle(
    quality: Quality,
    gaps: NDArray[np.float64],
    unlike: Sequence[str | None],
    leads: Sequence[str],
    among: Collection[str] | None = None,
) -> Obstacle | None:
    """Return why no answer should be believed, or None.

    Parameters
    ----------
    quality : of the leads that the model looks at
    gaps : (n_leads,) see `einthoven.signal.contact.gap_share`
    unlike : n_leads reasons, see `einthoven.signal.likeness.unlike_ecg`
    leads : their names
    among : measures that count; None: all of them
    """
    found = find_obstacles(quality, gaps, leads, among)
    if found:
        return found[0]
    if all(unlike) and (among is None or "unlike" in among):
        alike = tuple(lead for lead, reason in enumerate(unlike) if reason == unlike[0])
        does = f"do{'es' * (len(alike) == 1)} not look like an ECG"
        return Obstacle(f"{leads_words([leads[at] for at in alike])} {does}: {unlike[0]}", alike, "unlike")
    return None


def find_obstacles(
    quality: Quality,
    gaps: NDArray[np.float64],
    leads: Sequence[str],
    among: Collection[str] | None = None,
) -> tuple[Obstacle, ...]:
    """Return what speaks against single leads, each lead in one obstacle at most; as `find_obstacle`."""
    found: dict[str, list[int]] = {}
    for lead in range(len(leads)):
        against = _against(quality, float(gaps[lead]), lead)
        first = next((measure for measure in against if among is None or measure in among), None)
        if first is not None:
            found.setdefault(first, []).append(lead)
    obstacles = []
    for measure, where in found.items():
        measured = gaps if measure == "gaps" else getattr(quality, measure)
        values = [float(measured[lead]) for lead in where]
        obstacles.append(
            Obstacle(_reason(measure, values, [leads[at] for at in where]), tuple(where), measure)
        )
    return tuple(obstacles)


def _against(quality: Quality, gaps: float, lead: int) -> Iterator[str]:
    """Yield the measures by which no answer should be believed that a lead has a part in."""
    if quality.missing_fraction[lead] > MAX_MISSING:
        yield "missing_fraction"
    if quality.flat[lead] > MAX_UNUSABLE:
        yield "flat"
    if quality.saturated[lead] > MAX_UNUSABLE:
        yield "saturated"
    if quality.amplitude_mv[lead] > PLAUSIBLE_MV[1]:
        yield "amplitude_mv"
    if quality.mains_ratio[lead] > MAX_MAINS:
        yield "mains_ratio"
    if gaps > MAX_GAPS:
        yield "gaps"
    if not quality.shows_heartbeats(lead):
        yield "heartbeats"


def _reason(measure: str, values: Sequence[float], names: Sequence[str]) -> str:
    """Say what a measure found in these leads, by its value in each."""
    who, low, high, is_one = leads_words(names), min(values), max(values), len(names) == 1
    share, number = _span(f"{low:.0%}", f"{high:.0%}"), _span(f"{low:.0f}", f"{high:.0f}")
    if measure == "missing_fraction":
        return f"missing samples: {share} of {who} are not there"
    if measure == "flat":
        how_long = "" if low >= 1 else f" for {share} of the time"
        return f"flat line: {who} {'does' if is_one else 'do'} not move{how_long}"
    if measure == "saturated":
        return f"saturated: {who} {'is at its' if is_one else 'are at their'} limit for {share} of the time"
    if measure == "amplitude_mv":
        return f"amplitude: {number} mV in {who}: check the unit"
    if measure == "mains_ratio":
        return f"mains noise: {number} times the power of the ECG in {who}"
    if measure == "gaps":
        return f"gaps: for {share} of the time {who} show{'s' * is_one} nothing, which may hide beats"
    return f"no heartbeats: {who} show{'s' * is_one} none of those that other leads show"


def _span(low: str, high: str) -> str:
    return low if low == high else f"{low} to {high}"


def likeness_warnings(
    unlike: Sequence[str | None], leads: Sequence[str], said: tuple[Collection[int], str] | None = None
) -> tuple[str, ...]:
    """Name the leads that do not look like an ECG.

    said : leads and a measure: what was said of these already, and is left out
    """
    left_out = said[0] if said is not None and said[1] == "unlike" else ()
    found: dict[str, list[str]] = {}
    for lead, (name, reason) in enumerate(zip(leads, unlike, strict=True)):
        if reason is not None and lead not in left_out:
            found.setdefault(reason, []).append(name)
    return tuple(
        f"{leads_words(names)}: do{'es' * (len(names) == 1)} not look like an ECG: {reason}"
        for reason, names in found.items()
    )


def has_reliable_beats(quality: Quality) -> bool:
    """Tell whether in any lead most of the beats found resemble each other."""
    return min(quality.noise) < MAX_NOISE_OF_RATE


def height_warning(quality: Quality) -> tuple[str, ...]:
    """Say if the highest of several leads is so low that a wrong unit or gain is likely."""
    highest = max(quality.amplitude_mv)
    if highest >= LOW_MV:
        return ()
    return (f"every lead is very low (largest {highest:.2g} mV): if that is not so, unit or gain are wrong",)


def rate_warning(rate: float | None, quality: Quality, fs: float) -> tuple[str, ...]:
    """Say what is odd about the rate, beats a minute, of what was found, or None, in a recording at fs Hz."""
    if rate is not None and not has_reliable_beats(quality):
        return ("no reliable heartbeat: the beats found hardly resemble each other, so none is given",)
    return implausible_rate(rate, fs)


def implausible_rate(rate: float | None, fs: float, duration_s: float = inf) -> tuple[str, ...]:
    """Say if there are too few beats for a rate, None, or if it, in beats a minute, can hardly be one.

    fs, duration_s : sampling rate, Hz, and length of the recording: a short one holds few beats
    """
    if rate is None and duration_s < SHORT_S:
        return (f"{format_duration(duration_s)} is too short for a heart rate: three heartbeats are needed",)
    if rate is None:
        return ("hardly any heartbeat was found: check the sampling rate and the lead",)
    low, high = _PLAUSIBLE_BPM
    if low <= rate <= high:
        return ()
    return (f"{rate:.0f} heartbeats a minute were found: check the sampling rate ({fs:g} Hz)",)


def silent_lead(record: Record, lead: str) -> tuple[str, ...] | None:
    """Say which other ECG lead can be read if this one never moves; None if it moves.

    record : all of it
    lead : name of the lead that was read
    """
    if _moving(record, lead) > 0:
        return None
    others = (name for name in record.leads if name != lead and is_ecg_lead(name))
    other = next((name for name in others if _moving(record, name) > MIN_MOVING), None)
    if other is None:
        return ()
    return (f"{lead_words(lead)} is flat: --lead {other} carries a signal",)


def _moving(record: Record, lead: str) -> float:
    """Return the share of the seconds in which a lead moves."""
    return float((peak_to_peak(record.select([lead]).signal[0], record.fs) >= PLAUSIBLE_MV[0]).mean())


def pacing_reason(spikes: float | None, lead: str) -> str | None:
    """Return why a model that has learnt no paced beats should not be believed, or None.

    spikes : see `einthoven.signal.pacing.spike_share`
    lead : name of the lead
    """
    if spikes is None or spikes < MAX_PACED:
        return None
    return (f"pacing spikes: {spikes:.0%} of the beats in {lead_words(lead)} have one, and this model has "
            "learnt no paced beats: none of the classes should be believed")  # fmt: skip


def width_warning(qrs_ms: float | None, lead: str) -> tuple[str, ...]:
    """Say so if the usual QRS complex is wide, and a model has learnt no paced beats.

    qrs_ms : see `einthoven.signal.pacing.usual_qrs_ms`
    lead : name of the lead
    """
    if qrs_ms is None or qrs_ms < WIDE_QRS_MS:
        return ()
    return (f"wide QRS complexes in {lead_words(lead)} (more than {qrs_ms:.0f} ms): bundle branch block, "
            "ventricular or paced rhythm; this model has learnt no paced beats, and may call them "
            "normal",)  # fmt: skip


def length_warning(duration_s: float, trained_s: tuple[float, float] | None) -> tuple[str, ...]:
    """Say if a recording is shorter, or far longer, than those that the model learnt from.

    trained_s : the shortest and the longest of those, s, if they are known
    """
    if trained_s is not None and duration_s < trained_s[0]:
        return (
            f"{format_duration(duration_s)} is shorter than any recording this model learnt from "
            f"(from {format_duration(trained_s[0])}): how good its answers are there was not measured",
        )
    longest_s = trained_s[1] if trained_s is not None else 0.0
    if duration_s <= max(LONG_S, FAR_LONGER * longest_s):
        return ()
    up_to = f" (up to {format_duration(longest_s)})" if longest_s else ""
    return (
        f"{format_duration(duration_s)} is far longer than the recordings this model learnt from{up_to}: "
        "one answer for all of it; a rhythm that comes and goes may be missed",
    )
