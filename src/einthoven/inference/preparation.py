"""From a recording to a network's input, with everything that speaks against an answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from einthoven.bundle import InputSpec
from einthoven.errors import RecordError
from einthoven.pipeline import Pipeline
from einthoven.record import Record, Signal
from einthoven.signal.quality import PLAUSIBLE_MV, Quality, assess
from einthoven.signal.rate import heart_rate
from einthoven.signal.rpeaks import find_rpeaks

MIN_FS = 50.0
"""Below this rate, Hz, a QRS complex is a few samples at best."""
MAX_MISSING = 0.2
"""Above this share of missing samples the model abstains: too much of the input would be made up."""
MAX_UNUSABLE = 0.5
"""Above this share of flat, or of stuck, signal the model abstains."""
_UNNAMED = frozenset({"", "ECG", "EKG"})
"""What recorders of a single lead call it; it says nothing of where the electrodes were."""
MAX_MAINS = 10.0
"""Above this power at 50 or 60 Hz over that of the rest, the model abstains: it was not made for hum."""
_PLAUSIBLE_BPM = (25.0, 220.0)
LONG_S = 300.0
"""Above this length, s, one answer for all of a recording says little of a rhythm that comes and goes."""
FAR_LONGER = 2.0
"""From this many times the longest recording that a model learnt from on, a recording is far longer."""


@dataclass(frozen=True, slots=True, eq=False)
class Prepared:
    """A recording, ready for the network.

    record, path : its name, and the file it was read from
    signal : (n_leads, ..., time) float32, the pipeline's output
    leads : the leads it came from
    obstacle : why no answer should be believed, or None
    heart_rate : beats a minute in these leads; None if there is an obstacle, or fewer than three beats
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
    record: Record, expected: InputSpec, pipeline: Pipeline, longest_s: float | None = None
) -> Prepared:
    """Choose leads, find the beats in them, measure quality and run the pipeline.

    longest_s : the longest recording that the model learnt from, s, if it is known

    A flat, stuck or mostly missing lead is no error: the answer is computed, and `obstacle` says why it
    should not be believed, so that in a long list such a recording stays visible with its measurements.

    Raises RecordError if the recording is shorter, longer or more coarsely sampled than the model was made
    for, or if one of several leads that a model needs is not there.
    """
    _check_extent(record, expected)
    chosen = record.for_model(expected.leads)
    notes = _choice(record, chosen, expected.leads) + _length_warning(chosen.duration_s, longest_s)
    rpeaks = find_rpeaks(chosen.signal, chosen.fs)
    quality = assess(chosen.signal, chosen.fs, rpeaks)
    obstacle = _obstacle(quality, chosen.leads)
    rate = None if obstacle else heart_rate(rpeaks, chosen.fs)
    if obstacle is None:
        notes += _rate_warning(rate, chosen.fs)
    signal, _ = pipeline(chosen.signal, chosen.fs)
    return Prepared(
        record=record.name,
        path=record.path,
        signal=np.asarray(signal, dtype=np.float32),
        leads=chosen.leads,
        obstacle=obstacle,
        heart_rate=None if rate is None else round(rate, 1),
        quality=_quality_json(quality),
        warnings=(*record.warnings, *notes, *quality.warnings(chosen.leads)),
    )


def _choice(record: Record, chosen: Record, wanted: tuple[str, ...]) -> tuple[str, ...]:
    """Say which lead was read where a reader of the answer could think it was another, or all."""
    name = chosen.leads[0]
    if len(wanted) > 1 or (record.n_leads == 1 and (name == wanted[0] or name.upper() in _UNNAMED)):
        return ()
    if record.n_leads == 1:
        return (f"lead {name} was looked at in place of lead {wanted[0]}",)
    if name == wanted[0]:
        return (f"of {record.n_leads} leads only lead {name} was looked at",)
    return (
        f"lead {wanted[0]} is not there: of {record.n_leads} leads only the first, {name}, was looked at",
    )


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


def format_duration(seconds: float) -> str:
    """Return a length of time as people say it.

    >>> [format_duration(seconds) for seconds in (0.98, 90, 3600, 720000)]
    ['0.98 s', '90 s', '1 h', '200 h']
    """
    if seconds < 120:
        return f"{seconds:.3g} s"
    return f"{seconds / 60:.3g} min" if seconds < 3600 else f"{seconds / 3600:.4g} h"


def _obstacle(quality: Quality, leads: tuple[str, ...]) -> str | None:
    for lead, name in enumerate(leads):
        if quality.missing_fraction[lead] > MAX_MISSING:
            return f"missing samples: {quality.missing_fraction[lead]:.0%} of lead {name} are not there"
        if quality.flat[lead] >= 1:
            return f"flat line: lead {name} does not move"
        if quality.flat[lead] > MAX_UNUSABLE:
            return f"flat line: lead {name} does not move for {quality.flat[lead]:.0%} of the time"
        if quality.saturated[lead] > MAX_UNUSABLE:
            return f"saturated: lead {name} is at its limit for {quality.saturated[lead]:.0%} of the time"
        if quality.amplitude_mv[lead] > PLAUSIBLE_MV[1]:
            return f"amplitude: {quality.amplitude_mv[lead]:.0f} mV in lead {name}: check the unit"
        if quality.mains_ratio[lead] > MAX_MAINS:
            return f"mains noise: {quality.mains_ratio[lead]:.0f} times the power of the ECG in lead {name}"
    return None


def _rate_warning(rate: float | None, fs: float) -> tuple[str, ...]:
    if rate is None:
        return ("hardly any heartbeat was found: check the sampling rate and the lead",)
    low, high = _PLAUSIBLE_BPM
    if low <= rate <= high:
        return ()
    return (f"{rate:.0f} heartbeats a minute were found: check the sampling rate ({fs:g} Hz)",)


def _length_warning(duration_s: float, longest_s: float | None) -> tuple[str, ...]:
    if duration_s <= max(LONG_S, FAR_LONGER * (longest_s or 0)):
        return ()
    up_to = f" (up to {format_duration(longest_s)})" if longest_s else ""
    return (
        f"{format_duration(duration_s)} is far longer than the recordings this model learnt from{up_to}: "
        "one answer for all of it; a rhythm that comes and goes may be missed",
    )


def _quality_json(quality: Quality) -> dict[str, Any]:
    measured = {name: [round(value, 4) for value in values] for name, values in asdict(quality).items()}
    return {"score": round(quality.score, 4), **measured}
