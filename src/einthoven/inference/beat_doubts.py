"""What a reader of the beats of a recording should be warned of."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

from einthoven.datasets.mitdb import CLASSES
from einthoven.duration import format_duration
from einthoven.record import Record, lead_words
from einthoven.signal.left_out import HUM, NO_ECG, NO_SIGNAL, NOISE
from einthoven.signal.rr_intervals import PAUSE_S
from einthoven.signal.templates import downward_share, spread

if TYPE_CHECKING:
    from einthoven.inference.annotated_beats import AnnotatedBeats
    from einthoven.inference.beat_report import BeatReport

_MIN_BEATS = 3
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
"""A warning is due from this share of the recording on: below, a gap may be one lost electrode contact."""
_LOST: Mapping[str, str] = MappingProxyType(
    {
        NO_SIGNAL: "no signal",
        HUM: "nothing but mains hum",
        NO_ECG: "nothing as sharp as a QRS complex",
        NOISE: "noise, or ventricular fibrillation,",
    }
)


def doubts(
    found: BeatReport, record: Record, annotated: AnnotatedBeats | None, n_in_flutter: int = 0
) -> Iterator[str]:
    """Yield what a reader of a report should be warned of.

    Parameters
    ----------
    found : the report
    record : the recording that it is of
    annotated : the annotated beats that it is compared with, if there are any
    n_in_flutter : beats that were found in annotated flutter
    """
    n, n_unsure = len(found.beats.labels), sum(found.unsure.values())
    if 0 < n < _MIN_BEATS:
        yield f"only {n} heartbeat{'s' if n > 1 else ''}: too few for the statistics of R-R intervals"
    yield from _paced(found, record, annotated)
    if n_unsure > _MAX_UNSURE * n:
        yield f"the model is not sure of {100 * n_unsure / n:.0f} % of the beats"
    yield from _reversed(found, record)
    yield from _lost(found)
    places = {
        "where there is no ECG to be read": found.beats.n_dropped,
        "in annotated flutter": n_in_flutter,
    }
    for where, n_inside in places.items():
        if n_inside:
            lie, were = ("beat found lies", "was") if n_inside == 1 else ("beats found lie", "were")
            yield f"{n_inside} {lie} {where}, and {were} left out"
    if found.pauses:
        several, longest_s = "s" if len(found.pauses) > 1 else "", max(length for _, length in found.pauses)
        yield (f"{len(found.pauses)} R-R interval{several} of more than {PAUSE_S:g} s, up to "
               f"{longest_s:.1f} s: a pause, or beats that were missed; in no statistic")  # fmt: skip


def _paced(found: BeatReport, record: Record, annotated: AnnotatedBeats | None) -> Iterator[str]:
    n = len(found.beats.labels)
    stated = next(filter(_PACING.search, record.comments), None)
    is_annotated = annotated is not None and (annotated.classes == CLASSES.index("Q")).mean() > _MAX_PACED
    if is_annotated or (n and found.counts["Q"] > _MAX_PACED * n):
        yield ("more than half of the beats are paced or unclassifiable: of a paced rhythm the classes by "
               "shape are not meaningful")  # fmt: skip
    elif stated is not None:
        yield (f"the file speaks of pacing ({stated:.60}): of a paced rhythm the classes by shape are not "
               "meaningful, and paced beats are rarely told as such")  # fmt: skip


def _reversed(found: BeatReport, record: Record) -> Iterator[str]:
    beats = found.beats
    if beats.lead not in _UPRIGHT or len(beats.labels) < _MIN_BEATS:
        return
    row = record.select((beats.lead,)).signal[0]
    share = downward_share(row, beats.fs, spread(beats.rpeaks, _LOOKED_AT))
    if share > _MAX_DOWNWARD:
        yield (f"{100 * share:.0f} % of the QRS complexes in {lead_words(beats.lead)} point down: if the "
               "electrodes are reversed, the classes are not to be believed")  # fmt: skip


def _lost(found: BeatReport) -> Iterator[str]:
    for reason, words in _LOST.items():
        lost = [stretch for stretch in found.left_out if stretch.reason == reason]
        lengths = [stretch.end_s - stretch.start_s for stretch in lost]
        if sum(lengths) > _MAX_LOST * found.beats.duration_s:
            longest = lost[int(np.argmax(lengths))]
            where = f"from {longest.start_s:.1f} to {longest.end_s:.1f} s"
            which = where if len(lost) == 1 else f"in {len(lost)} stretches, the longest {where}"
            yield f"{words} for {format_duration(sum(lengths))}, {which}: nothing is counted there"
