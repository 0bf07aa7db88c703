"""What a reader of the beats of a recording should be warned of."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

from einthoven.aami import CLASSES
from einthoven.duration import format_duration, format_span, format_time
from einthoven.inference.obstacles import SHORT_S
from einthoven.inference.rhythm_doubts import fast_warning, irregular_warning
from einthoven.record import Record, lead_words
from einthoven.signal.amplitude import peak_to_peak
from einthoven.signal.left_out import FLUTTER, HIGH, HUM, NO_ECG, NO_SIGNAL, NOISE
from einthoven.signal.quality import PLAUSIBLE_MV
from einthoven.signal.rr_intervals import PAUSE_S
from einthoven.signal.templates import downward_share, spread

if TYPE_CHECKING:
    from einthoven.inference.annotated_beats import AnnotatedBeats
    from einthoven.inference.beat_report import BeatReport

MIN_BEATS = 3
"""Of fewer beats there is neither a heart rate nor a statistic."""
_MAX_PACED = 0.5
_PACING = re.compile(r"\b(paced|pacing|(?<!atrial )pacemaker|10370003)\b", re.IGNORECASE)
"""Words of a file, and the SNOMED CT code of the challenges; a wandering atrial pacemaker is no device."""
_MAX_UNSURE = 0.2
_UPRIGHT = frozenset({"I", "II", "MLII"})
_MAX_DOWNWARD = 0.6
_LOOKED_AT = 2000
"""In which leads QRS complexes usually point up, the share from which on a warning is due that they do not,
and of how many beats, spread over the recording, that is told."""
_MAX_LOST = 0.01
"""Of no signal a warning is due from this share of the recording on: below, it may be one lost contact."""
_MAX_SILENT = 0.5
"""If more of a recording is without signal, and R peaks were found in it, its unit may be wrong."""
_MAX_COMMENT = 60
_MIN_BEYOND = 3
"""From so many R peaks before the first, or after the last, annotated beat on, annotations do not reach."""
_MAX_NOT_ANNOTATED = 1 / 3
"""From this share of R peaks that nobody annotated on, rate and runs are not those of the heart [choice]."""
_LOST: Mapping[str, str] = MappingProxyType(
    {
        NO_SIGNAL: "no signal",
        HUM: "nothing but mains hum",
        NO_ECG: "nothing as sharp as a QRS complex",
        NOISE: "noise (or a rhythm without distinct beats)",
        HIGH: "more than 20 mV (a jolt, a discharge, an electrode that moves)",
        FLUTTER: FLUTTER,
    }
)


@dataclass(frozen=True, slots=True)
class Misplaced:
    """How many beats lie where none count.

    in_flutter : beats that were found in annotated flutter
    in_silence : beats that were given, or annotated, where there is no signal
    """

    in_flutter: int = 0
    in_silence: int = 0


def doubts(
    found: BeatReport, record: Record, annotated: AnnotatedBeats | None, misplaced: Misplaced
) -> Iterator[str]:
    """Yield what a reader of a report should be warned of.

    Parameters
    ----------
    found : the report
    record : the recording that it is of
    annotated : the annotated beats that it is compared with, if there are any
    misplaced : beats that were left out
    """
    n, n_unsure = len(found.beats.labels), sum(found.unsure.values())
    yield from _few(found)
    yield from _paced(found, record, annotated)
    if n_unsure > _MAX_UNSURE * n:
        yield f"the model is not sure of {100 * n_unsure / n:.0f} % of the beats"
    yield from irregular_warning(found.intervals)
    yield from fast_warning(found.intervals)
    yield from _downward(found, record)
    yield from _wrong_unit(found, record, found.beats.n_dropped + misplaced.in_silence)
    yield from _lost(found)
    yield from _not_annotated(found)
    yield from _misplaced(found.beats.n_dropped, misplaced, "given" if annotated is None else "annotated")
    if found.pauses:
        several, longest_s = "s" if len(found.pauses) > 1 else "", max(length for _, length in found.pauses)
        yield (f"{len(found.pauses)} R-R interval{several} of more than {PAUSE_S:g} s, up to "
               f"{longest_s:.1f} s: a pause, or beats that were missed; in no statistic")  # fmt: skip


def _few(found: BeatReport) -> Iterator[str]:
    """Yield that statistics have little to go by."""
    n, duration_s = len(found.beats.labels), found.beats.duration_s
    if n == 0 or not found.beats.have_rhythm:
        return
    if n < MIN_BEATS:
        yield f"only {n} heartbeat{'s' if n > 1 else ''}: too few for the statistics of R-R intervals"
    elif duration_s < SHORT_S:
        yield f"{format_duration(duration_s)} is short: rate and statistics of {n} heartbeats say little"


def _misplaced(n_dropped: int, misplaced: Misplaced, told: str) -> Iterator[str]:
    for n, kind, where in (
        (n_dropped, "found", "where there is no ECG to be read"),
        (misplaced.in_flutter, "found", "in annotated flutter"),
        (misplaced.in_silence, told, "where there is no signal"),
    ):
        several = n > 1
        # The words for those that were found: "2 beats found lie in ...".
        beats = f"beat{'s' * several} found" if kind == "found" else f"{kind} beat{'s' * several}"
        if n:
            lie, were = ("lie", "were") if several else ("lies", "was")
            yield f"{n:,} {beats} {lie} {where}, and {were} left out"


def _paced(found: BeatReport, record: Record, annotated: AnnotatedBeats | None) -> Iterator[str]:
    n = len(found.beats.labels)
    stated = next(filter(_PACING.search, record.comments), None)
    is_annotated = annotated is not None and (annotated.classes == CLASSES.index("Q")).mean() > _MAX_PACED
    if is_annotated or (n and found.counts["Q"] > _MAX_PACED * n):
        yield ("more than half of the beats are paced or unclassifiable: of a paced rhythm the classes by "
               "shape are not meaningful")  # fmt: skip
    elif stated is not None:
        comment = textwrap.shorten(stated, _MAX_COMMENT, placeholder=" ...")
        yield (f"the file speaks of pacing ({comment}): of a paced rhythm the classes by shape are not "
               "meaningful, and paced beats are rarely told as such")  # fmt: skip


def _downward(found: BeatReport, record: Record) -> Iterator[str]:
    beats = found.beats
    if beats.lead not in _UPRIGHT or len(beats.labels) < MIN_BEATS:
        return
    row = record.select((beats.lead,)).signal[0]
    share = downward_share(row, beats.fs, spread(beats.rpeaks, _LOOKED_AT))
    if share > _MAX_DOWNWARD:
        does = "the classes do not depend on it"
        if not beats.ignores_polarity:
            does = "if they are reversed, the classes are not to be believed"
        yield (f"{100 * share:.0f} % of the QRS complexes point down in {lead_words(beats.lead)}: an axis "
               f"that points away from it, or reversed electrodes; {does}")  # fmt: skip


def _lost(found: BeatReport) -> Iterator[str]:
    for reason, words in _LOST.items():
        lost = [stretch for stretch in found.left_out if stretch.reason == reason]
        lengths = [stretch.end_s - stretch.start_s for stretch in lost]
        # What is found, or annotated, there is no lost contact, however short.
        if sum(lengths) > (_MAX_LOST * found.beats.duration_s if reason == NO_SIGNAL else 0):
            longest = lost[int(np.argmax(lengths))]
            span = format_span(longest.start_s, longest.end_s)
            which = f"from {span}" if len(lost) == 1 else f"in {len(lost)} stretches, the longest from {span}"
            counts = "neither intervals nor comparisons count" if reason == FLUTTER else "nothing is counted"
            yield f"{words} for {format_time(sum(lengths))}, {which}: {counts} there"


def _wrong_unit(found: BeatReport, record: Record, n_lost: int) -> Iterator[str]:
    """Yield the likely cause if R peaks were found in a lead that hardly moves."""
    silent_s = sum(one.end_s - one.start_s for one in found.left_out if one.reason == NO_SIGNAL)
    if n_lost < MIN_BEATS or silent_s <= _MAX_SILENT * found.beats.duration_s:
        return
    seconds = peak_to_peak(record.select((found.beats.lead,)).signal[0], record.fs)
    height = float(np.nanmedian(seconds)) if np.isfinite(seconds).any() else 0.0
    if 0 < height < PLAUSIBLE_MV[0]:
        yield (f"amplitude of {height:.2g} mV in {lead_words(found.beats.lead)}: check the unit; what "
               "moves by less than 0.01 mV is taken for no signal")  # fmt: skip


def _not_annotated(found: BeatReport) -> Iterator[str]:
    """Yield that many R peaks are not annotated, and that annotations begin late or end early."""
    if found.comparison is None:
        return
    peaks = found.comparison.peaks
    n_alone = peaks.n_found - peaks.n_matched
    if found.beats.are_given and n_alone >= max(_MIN_BEYOND, _MAX_NOT_ANNOTATED * peaks.n_found):
        yield (f"{n_alone:,} of the {peaks.n_found:,} R peaks found are not annotated: rate, pauses and runs "
               "are of the annotated beats only")  # fmt: skip
    for n, words, place_s, side in (
        (peaks.n_before, "begin only at", peaks.first_s, "before"),
        (peaks.n_after, "end at", peaks.last_s, "after"),
    ):
        if n >= _MIN_BEYOND:
            where = format_span(place_s, found.beats.duration_s, "of")
            yield (f"annotations {words} {where}; {n} R peaks found {side} that are not annotated: the "
                   "comparison says nothing of them")  # fmt: skip
