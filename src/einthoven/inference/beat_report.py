"""What the classified beats of a recording add up to: counts, heart rate, R-R statistics, ectopic runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from einthoven.aami import CLASSES
from einthoven.inference.annotated_beats import AnnotatedBeats, Comparison, compare
from einthoven.inference.beat_doubts import MIN_BEATS, Misplaced, doubts
from einthoven.record import Record
from einthoven.signal.ectopy import Ectopy, find_ectopy
from einthoven.signal.left_out import (
    FLUTTER,
    NO_SIGNAL,
    Stretch,
    in_order,
    joined_samples,
    lie_outside,
    stretches_of,
)
from einthoven.signal.rpeaks import find_rpeaks
from einthoven.signal.rr_intervals import (
    HeartRate,
    RRIntervals,
    Variability,
    measure_rate,
    measure_variability,
    rr_intervals,
)

if TYPE_CHECKING:
    from einthoven.inference.heartbeats import Heartbeats

SCHEMA_VERSION = 1
ECTOPIC = ("S", "V")
"""Classes whose beats in a row are told: supraventricular and ventricular."""


@dataclass(frozen=True, slots=True, eq=False)
class BeatReport:
    """The beats of a recording, and what they add up to; `beats.schema.json` beside this module describes it.

    beats : every beat with its class
    intervals : between them; `rate`, `variability` and `ectopy` come from these
    counts : class -> beats, for all five classes
    unsure : class -> beats that the model is not sure of
    rate : of all beats, where there are at least three
    variability : of the normal-to-normal intervals
    ectopy : S and V -> what these beats do; empty where their classes should not be believed, and then
        `variability` holds no number, nor does `rate` unless the R peaks hold
    left_out : stretches in which no beats can be told
    comparison : with annotated beats, where these were given
    warnings : what a reader should know
    """

    beats: Heartbeats
    intervals: RRIntervals
    counts: Mapping[str, int]
    unsure: Mapping[str, int]
    rate: HeartRate
    variability: Variability
    ectopy: Mapping[str, Ectopy]
    left_out: tuple[Stretch, ...]
    comparison: Comparison | None
    warnings: tuple[str, ...]

    @property
    def obstacle(self) -> str | None:
        """Why nothing, or nothing reliable, can be said."""
        return self.beats.obstacle or (None if self.beats.labels else "no heartbeat was found")

    @property
    def probs(self) -> NDArray[np.float32]:
        """The probability of each beat's class, (n,)."""
        columns = np.array([self.beats.classes.index(label) for label in self.beats.labels], np.int64)
        return self.beats.probs[np.arange(len(columns)), columns]

    @property
    def pauses(self) -> tuple[tuple[float, float], ...]:
        """Intervals of more than 3 s: when they begin, and how long they last, s."""
        places = np.flatnonzero(self.intervals.is_pause)
        starts = self.beats.rpeaks[places] / self.beats.fs
        return tuple(zip(starts.tolist(), (self.intervals.ms[places] / 1000).tolist(), strict=True))

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON object, its keys in the order of the schema."""
        beats = self.beats
        return {
            "schema": SCHEMA_VERSION,
            "record": beats.record,
            "path": beats.path,
            "fs": beats.fs,
            "n_samples": beats.n_samples,
            "lead": beats.lead,
            "model": beats.model,
            "model_version": beats.model_version,
            "rpeaks": beats.rpeaks.tolist(),
            "labels": list(beats.labels),
            "probs": [round(prob, 4) for prob in self.probs.tolist()],
            "sure": beats.sure.tolist(),
            "counts": dict(self.counts),
            "unsure": dict(self.unsure),
            "heart_rate": _rounded(asdict(self.rate), 1),
            "rr": _rounded(asdict(self.variability), 2),
            "runs": {name: _rounded(asdict(found), 3) for name, found in self.ectopy.items()} or None,
            "pauses": [
                {"start_s": round(start, 3), "duration_s": round(length, 3)} for start, length in self.pauses
            ],
            "left_out": [_rounded(asdict(stretch), 3) for stretch in self.left_out],
            "reference": None if self.comparison is None else self.comparison.to_dict(),
            "obstacle": self.obstacle,
            "warnings": list(self.warnings),
        }


def report(beats: Heartbeats, record: Record, annotated: AnnotatedBeats | None = None) -> BeatReport:
    """Add up the beats of a recording.

    Parameters
    ----------
    beats : as a model classified them
    record : the recording that they are of
    annotated : to compare them with. No beat that was found in annotated flutter counts; R peaks that were
        given there stay. Where there is no signal neither given nor annotated beats count

    Raises
    ------
    RecordError if the record has no such lead, or if R peaks do not increase.
    """
    record.select((beats.lead,))  # refuses another recording
    flutter = () if annotated is None else _flutter(annotated, beats.fs)
    left_out = in_order(beats.left_out, flutter)
    gaps = joined_samples(left_out, beats.fs)
    silent = joined_samples([one for one in left_out if one.reason == NO_SIGNAL], beats.fs)
    heard = _outside(beats, silent)
    chosen = heard if beats.are_given else _outside(heard, joined_samples(flutter, beats.fs))
    labels = np.array(chosen.labels, "U1")
    intervals = rr_intervals(chosen.rpeaks, beats.fs, labels == "N", gaps)
    if beats.obstacle:
        intervals = _disbelieved(intervals, beats.have_rhythm)
    counts, unsure = (
        {name: int((some == name).sum()) for name in CLASSES} for some in (labels, labels[~chosen.sure])
    )
    found = BeatReport(
        beats=chosen,
        intervals=intervals,
        counts=MappingProxyType(counts),
        unsure=MappingProxyType(unsure),
        # One interval alone does not show what is usual.
        rate=measure_rate(intervals) if len(labels) >= MIN_BEATS else HeartRate(None, None, None),
        variability=measure_variability(intervals),
        ectopy=MappingProxyType({} if beats.obstacle else _ectopy(chosen, intervals)),
        left_out=left_out,
        comparison=None
        if annotated is None
        else compare(heard, annotated, _found(heard, record, left_out), silent),
        warnings=(*beats.warnings, *(annotated.warnings if annotated else ())),
    )
    told = annotated.rpeaks if annotated is not None else beats.rpeaks[: len(beats.rpeaks) * beats.are_given]
    places = Misplaced(
        in_flutter=len(heard.labels) - len(chosen.labels), in_silence=int((~lie_outside(told, silent)).sum())
    )
    return replace(found, warnings=(*found.warnings, *doubts(found, record, annotated, places)))


def _flutter(annotated: AnnotatedBeats, fs: float) -> tuple[Stretch, ...]:
    return stretches_of([(first, last + 1) for first, last in annotated.flutter], fs, FLUTTER)


def _outside(beats: Heartbeats, gaps: Sequence[tuple[int, int]]) -> Heartbeats:
    """Return the beats that lie outside of (start, end) samples."""
    kept = lie_outside(beats.rpeaks, gaps)
    if kept.all():
        return beats
    labels = tuple(label for label, is_kept in zip(beats.labels, kept.tolist(), strict=True) if is_kept)
    return replace(
        beats, rpeaks=beats.rpeaks[kept], labels=labels, probs=beats.probs[kept], sure=beats.sure[kept]
    )


def _found(beats: Heartbeats, record: Record, left_out: Sequence[Stretch]) -> NDArray[np.int64]:
    """Return the R peaks that are found, also where others were given; not those where none can be told."""
    if not beats.are_given:
        return beats.rpeaks
    peaks = find_rpeaks(record.select((beats.lead,)).signal, record.fs, warn=False)
    silent = [stretch for stretch in left_out if stretch.reason != FLUTTER]
    return peaks[lie_outside(peaks, joined_samples(silent, beats.fs))]


def _disbelieved(intervals: RRIntervals, have_rhythm: bool) -> RRIntervals:
    """Return intervals of which none is an NN interval, and, unless the R peaks hold, none counts at all."""
    none = np.zeros(len(intervals.ms), bool)
    if have_rhythm:
        return replace(intervals, is_normal=none)
    return RRIntervals(intervals.ms, none, none, none)


def _ectopy(beats: Heartbeats, intervals: RRIntervals) -> dict[str, Ectopy]:
    labels = np.array(beats.labels, "U1")
    rest = (labels == "N", intervals.is_joined)
    return {name: find_ectopy(beats.rpeaks, beats.fs, labels == name, *rest) for name in ECTOPIC}


def _rounded(value: Any, digits: int) -> Any:
    """Round every float in a tree of mappings and lists."""
    if isinstance(value, Mapping):
        return {key: _rounded(item, digits) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_rounded(item, digits) for item in value]
    return round(value, digits) if isinstance(value, float) else value
