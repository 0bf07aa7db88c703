"""What a pipeline takes and looks at of a recording, found before or without running all of it."""

from __future__ import annotations

from math import inf

from einthoven.duration import format_duration
from einthoven.errors import RecordError
from einthoven.inference.obstacles import length_warning
from einthoven.pipeline import FixLength, LogSpectrogram, Pipeline, Resample, TakeRate, Upright
from einthoven.record import Record
from einthoven.signal.inversion import Inversion
from einthoven.signal.missing import fill_missing

MAX_OFF = 0.01
"""By so much, as a share, the rate of a recording may differ from the one that its samples are taken for."""


def check_rate(record: Record, pipeline: Pipeline) -> None:
    """Raise RecordError if samples that are taken as they come are of another rate than the network reads.

    A heart recorded at 250 Hz would be read at 500 Hz as one that beats twice as fast.
    """
    fs = record.fs
    for step in pipeline.steps:
        if isinstance(step, TakeRate) and abs(fs - step.fs) > MAX_OFF * step.fs:
            where = record.path or record.name or "record"
            raise RecordError(f"{where}: expected {step.fs:g} Hz, found {record.fs:g} Hz: this model takes "
                              "samples as they come")  # fmt: skip
        if isinstance(step, Resample | TakeRate):
            fs = step.fs


def seen_s(fs: float, pipeline: Pipeline) -> float:
    """Return how much of a recording at `fs` Hz a pipeline keeps at most, s, from the start; inf if all."""
    seen = inf
    for step in pipeline.steps:
        if isinstance(step, Resample | TakeRate):
            fs = step.fs
        elif isinstance(step, LogSpectrogram):
            fs /= step.window - step.overlap
        elif isinstance(step, FixLength):
            seen = min(seen, step.n_samples / fs)
    return seen


def cut_warning(record: Record, pipeline: Pipeline) -> tuple[str, ...]:
    """Say if only the start of a recording is looked at."""
    seen = seen_s(record.fs, pipeline)
    # A few samples are not worth a word.
    if record.duration_s <= seen or format_duration(seen) == format_duration(record.duration_s):
        return ()
    return (f"only the first {format_duration(seen)} of {format_duration(record.duration_s)} are looked at",)


def extent_warning(
    record: Record, pipeline: Pipeline, trained_s: tuple[float, float] | None
) -> tuple[str, ...]:
    """Say how a recording's length speaks against one answer to it, by what the pipeline makes of it.

    Of what is cut off nothing can be missed for being one among many parts, so only that is said.

    trained_s : the shortest and the longest recording that the model learnt from, s, if they are known
    """
    return cut_warning(record, pipeline) or length_warning(record.duration_s, trained_s)


def look_upright(chosen: Record, pipeline: Pipeline) -> tuple[Inversion | None, bool]:
    """Return whether a recording is upside down as the pipeline sees it, and whether it turns such over.

    chosen : with the leads of the model
    """
    steps = pipeline.steps
    for at, step in enumerate(steps):
        if isinstance(step, Upright):
            return step.look(*Pipeline(steps[:at])(chosen.signal, chosen.fs)), True
    return Upright(chosen.leads).look(fill_missing(chosen.signal), chosen.fs), False
