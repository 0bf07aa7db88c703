"""From a recording to a network's input, with what was found on the way."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from einthoven.bundle import InputSpec
from einthoven.duration import format_duration
from einthoven.errors import RecordError
from einthoven.inference.obstacles import (
    find_obstacle,
    has_reliable_beats,
    length_warning,
    likeness_warnings,
    rate_warning,
)
from einthoven.pipeline import Pipeline
from einthoven.record import Record, Signal, lead_words
from einthoven.signal.contact import gap_share
from einthoven.signal.likeness import unlike_ecg
from einthoven.signal.quality import Quality, assess
from einthoven.signal.rate import heart_rate
from einthoven.signal.rpeaks import find_rpeaks

MIN_FS = 50.0
"""Below this rate, Hz, a QRS complex is a few samples at best."""
_UNNAMED = frozenset({"", "ECG", "EKG"})
"""What recorders of a single lead call it; it says nothing of where the electrodes were."""


@dataclass(frozen=True, slots=True, eq=False)
class Prepared:
    """A recording, ready for the network.

    record, path : its name, and the file it was read from
    signal : (n_leads, ..., time) float32, the pipeline's output
    leads : the leads it came from
    obstacle : why no answer should be believed, or None
    heart_rate : beats a minute in these leads; None if there is an obstacle, or no three reliable beats
    quality : the measurements, as JSON values, one number a lead
    warnings : what a reader of the answer should know
    """

    record: str
    path: str
    signal: Signal
    leads: tuple[str, ...]
    obstacle: str | None
    heart_rate: float | None
    quality: Mapping[str, Any]
    warnings: tuple[str, ...]


def prepare(
    record: Record, expected: InputSpec, pipeline: Pipeline, trained_s: tuple[float, float] | None = None
) -> Prepared:
    """Choose leads, find the beats in them, measure quality and run the pipeline.

    trained_s : the shortest and the longest recording that the model learnt from, s, if they are known

    A lead that is flat, stuck or missing for more than 15 % of the time, has gaps, or is no ECG is no error:
    the answer is computed, and `obstacle` says why it should not be believed, so that in a long list such a
    recording stays visible with its measurements. See `einthoven.inference.obstacles` for the limits.

    Raises RecordError if the recording is shorter, longer or more coarsely sampled than the model was made
    for, or if one of several leads that a model needs is not there.
    """
    _check_extent(record, expected)
    chosen = record.for_model(expected.leads)
    notes = lead_choice(record, chosen, expected.leads) + length_warning(chosen.duration_s, trained_s)
    rpeaks = find_rpeaks(chosen.signal, chosen.fs, warn=False)
    quality = assess(chosen.signal, chosen.fs, rpeaks)
    unlike = unlike_ecg(chosen.signal, chosen.fs)
    obstacle = find_obstacle(quality, gap_share(chosen.signal, chosen.fs), unlike, chosen.leads)
    rate = heart_rate(rpeaks, chosen.fs) if obstacle is None else None
    # What the obstacle says is not said a second time.
    said = None if obstacle is None else (obstacle.lead, obstacle.measure)
    notes += likeness_warnings(unlike, chosen.leads, 0 if said == (0, "unlike") else None)
    if obstacle is None:
        notes += rate_warning(rate, quality, chosen.fs)
    if not has_reliable_beats(quality):
        rate = None
    signal, _ = pipeline(chosen.signal, chosen.fs)
    return Prepared(
        record=record.name,
        path=record.path,
        signal=np.asarray(signal, dtype=np.float32),
        leads=chosen.leads,
        obstacle=None if obstacle is None else obstacle.reason,
        heart_rate=None if rate is None else round(rate, 1),
        quality=_quality_json(quality),
        warnings=(*record.warnings, *notes, *quality.warnings(chosen.leads, said)),
    )


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
