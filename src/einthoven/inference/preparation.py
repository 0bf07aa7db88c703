"""From a recording to a network's input, with what was found on the way."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np

from einthoven.bundle import InputSpec
from einthoven.duration import format_duration
from einthoven.errors import RecordError
from einthoven.inference.lead_doubts import inversion_obstacle, lead_doubts
from einthoven.inference.obstacles import (
    Obstacle,
    find_obstacle,
    has_reliable_beats,
    height_warning,
    likeness_warnings,
    rate_warning,
)
from einthoven.inference.pipeline_limits import check_rate, extent_warning, look_upright
from einthoven.inference.reliable_beats import no_beats
from einthoven.inference.unexplained_rhythm import rr_change
from einthoven.inference.usable_leads import FOREIGN, Looked, look, usable
from einthoven.pipeline import Pipeline
from einthoven.record import Record, Signal, lead_words
from einthoven.signal.quality import Quality
from einthoven.signal.rate import heart_rate

MIN_FS = 50.0
"""Below this rate, Hz, a QRS complex is a few samples at best."""
_UNNAMED = frozenset({"", "ECG", "EKG"})
"""What recorders of a single lead call it; it says nothing of where the electrodes were."""


@dataclass(frozen=True, slots=True, eq=False)
class Prepared:
    """A recording, ready for the network.

    record, path : its name, and the file it was read from
    signal : (n_leads, ..., time) float32, the pipeline's output
    leads : the leads it came from, without those that are zeros
    obstacle : why no answer should be believed, or None
    heart_rate : beats a minute in these leads; None if there is an obstacle, or no three reliable beats
    rr_change : see `unexplained_rhythm.rr_change`; None as the heart rate is, or of too few beats
    quality : the measurements, as JSON values, one number a lead
    warnings : what a reader of the answer should know
    """

    record: str
    path: str
    signal: Signal
    leads: tuple[str, ...]
    obstacle: str | None
    heart_rate: float | None
    rr_change: float | None
    quality: Mapping[str, Any]
    warnings: tuple[str, ...]


def prepare(
    record: Record, expected: InputSpec, pipeline: Pipeline, trained_s: tuple[float, float] | None = None
) -> Prepared:
    """Choose leads, find the beats in them, measure quality and run the pipeline.

    trained_s : the shortest and the longest recording that the model learnt from, s, if they are known

    Of a model whose leads may be lacking, those that are not there are zeros, and those that are there and
    unusable become zeros; warnings name them, and `leads` has neither. It needs two usable ones.

    A lead that is flat, stuck or missing for more than 15 % of the time, has gaps, or is no ECG is no error,
    nor are several leads without reliable heartbeats, or upside down: the answer is computed, and `obstacle`
    says why it should not be believed, so that in a long list such a recording stays visible with its
    measurements. See `einthoven.inference.obstacles` for the limits.

    Raises RecordError if the recording is shorter, longer or more coarsely sampled than the model was made
    for, or of another rate than a pipeline demands that takes samples as they come, or if one of several
    leads that a model needs is not there nor can be computed from others.
    """
    _check_extent(record, expected)
    check_rate(record, pipeline)
    may_lack = expected.may_lack_leads and len(expected.leads) > 1
    chosen = record.for_model(expected.leads, may_lack=may_lack)
    notes = lead_choice(record, chosen, expected.leads)
    notes += extent_warning(chosen, pipeline, trained_s)
    looked = look(chosen, record.lacks(expected.leads) if may_lack else ())
    if may_lack:
        looked, left_out = usable(chosen, looked)
        # What the obstacle says is not said a second time.
        is_said = looked.obstacle is not None
        notes += tuple(one.note for one in left_out if not (is_said and one.measure in FOREIGN))
        chosen = _without(chosen, [name for one in left_out for name in one.names])
    rpeaks, quality, unlike = looked.rpeaks, looked.quality, looked.unlike
    obstacle = looked.obstacle or _obstacle(looked, of_one_lead=len(expected.leads) == 1)
    inversion, is_turned_over = (None, False) if len(expected.leads) == 1 else look_upright(chosen, pipeline)
    if obstacle is None and not is_turned_over:
        obstacle = inversion_obstacle(inversion)
    rate = heart_rate(rpeaks, chosen.fs) if obstacle is None else None
    said = None if obstacle is None else (obstacle.leads, obstacle.measure)
    notes += likeness_warnings(unlike, looked.record.leads, said)
    if obstacle is None:
        notes += rate_warning(rate, quality, chosen.fs)
        if len(expected.leads) > 1:
            computed = [name for name in looked.record.leads if name not in record.leads]
            notes += height_warning(quality) + lead_doubts(looked.record, computed, rpeaks, inversion)
    if not has_reliable_beats(quality):
        rate = None
    signal, _ = pipeline(chosen.signal, chosen.fs)
    return Prepared(
        record=record.name,
        path=record.path,
        signal=np.asarray(signal, dtype=np.float32),
        leads=looked.record.leads,
        obstacle=None if obstacle is None else obstacle.reason,
        heart_rate=None if rate is None else round(rate, 1),
        rr_change=None if rate is None else rr_change(rpeaks),
        quality=_quality_json(quality),
        warnings=(*chosen.warnings, *notes, *quality.warnings(looked.record.leads, said)),
    )


def _obstacle(looked: Looked, *, of_one_lead: bool) -> Obstacle | None:
    """Return what speaks against an answer; noise does not where a model of one lead is left to name it."""
    found = find_obstacle(looked.quality, looked.gaps, looked.unlike, looked.record.leads)
    if found is not None or of_one_lead:
        return found
    return no_beats(looked.record, looked.rpeaks, looked.quality)


def _without(chosen: Record, leads: Collection[str]) -> Record:
    """Return the record with zeros in these leads."""
    if not leads:
        return chosen
    signal = chosen.signal.copy()
    signal[[name in leads for name in chosen.leads]] = 0
    return replace(chosen, signal=signal)


def lead_choice(record: Record, chosen: Record, wanted: tuple[str, ...]) -> tuple[str, ...]:
    """Say which lead was read where a reader of the answer could think it was another, or all."""
    name = chosen.leads[0]
    if len(wanted) > 1 or (record.n_leads == 1 and (name == wanted[0] or name.upper() in _UNNAMED)):
        return ()
    if record.n_leads == 1:
        return (f"{lead_words(name)} was looked at in place of {lead_words(wanted[0])}",)
    if name == wanted[0]:
        return (f"of {record.n_leads} leads only {lead_words(name)} was looked at",)
    which = f"the first, {name}," if name == record.leads[0] else name
    return (f"{lead_words(wanted[0])} is not there: of {record.n_leads} leads only {which} was looked at",)


def _check_extent(record: Record, expected: InputSpec) -> None:
    where = record.path or record.name or "record"
    if record.fs < MIN_FS:
        raise RecordError(f"{where}: expected at least {MIN_FS:g} Hz, found {record.fs:g} Hz")
    if record.duration_s < expected.min_duration_s:
        raise RecordError(f"{where}: expected at least {format_duration(expected.min_duration_s)} of signal, "
                          f"found {format_duration(record.duration_s)}")  # fmt: skip
    check_longest(record.duration_s, expected, where)


def check_longest(duration_s: float, expected: InputSpec, where: str) -> None:
    """Raise RecordError if a recording of `duration_s` seconds is longer than the model was made for."""
    if duration_s > expected.max_duration_s:
        raise RecordError(f"{where}: {format_duration(duration_s)} of signal, but this model was made for "
                          f"windows of up to {format_duration(expected.max_duration_s)}")  # fmt: skip


def _quality_json(quality: Quality) -> dict[str, Any]:
    measured = {name: [round(value, 4) for value in values] for name, values in asdict(quality).items()}
    return {"score": round(quality.score, 4), **measured}
