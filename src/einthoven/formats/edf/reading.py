"""An EDF or BDF file as a Record."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from einthoven.errors import FormatError
from einthoven.formats.edf.annotations import Timeline, read_timeline
from einthoven.formats.edf.channels import Channel, find_channels
from einthoven.formats.edf.header import Header, read_header
from einthoven.formats.edf.identification import filters, read_identification
from einthoven.formats.edf.labels import unique_names
from einthoven.formats.edf.marks import Marks, end_of_recording, read_marks
from einthoven.formats.edf.samples import digital_blocks
from einthoven.formats.edf.timing import Layout, lay_out
from einthoven.formats.given import Given
from einthoven.record import Record, Signal

_LOWEST_HZ, _HIGHEST_HZ = 0.1, 1e6
_MOST_REPEATS = 16


def read_edf(data: bytes, given: Given) -> Record:
    """Read EDF, EDF+C, EDF+D, BDF, BDF+C or BDF+D.

    ECG leads are found by their labels; all other signals are left out, with a warning, and not decoded.
    Where no label is that of an ECG, signals in volts that have no label of something else are taken, as a
    doubt. Leads of a lower rate are repeated to the highest one, with a warning. A file that was cut off, or
    never closed, is read up to its last whole data record, with a warning. Gaps of EDF+D become missing
    samples.

    Raises FormatError if what decides the samples is damaged or contradicts itself, or is more than
    `given.limits` allow; RecordError if there is no ECG or no whole data record, if sampling rate or units
    are not the ones given or not stated, if a lead asked for is not there, or on a doubt if the caller is
    strict.
    """
    where = given.where
    header = read_header(data, given)
    channels, of_channels = find_channels(header, given)
    per_record, of_rates = _common_rate(header, channels, where)
    fs = per_record / header.record_s
    given.agree_fs(fs)
    timeline = read_timeline(data, header, where)
    layout = lay_out(header, timeline, per_record, len(channels), given.limits, where)
    leads = unique_names([channel.name for channel in channels])
    n_samples = end_of_recording(
        timeline.tals, timeline.start_s, fs, layout.n_samples, int(layout.starts[-1])
    )
    marks = read_marks(timeline.tals, timeline.start_s, fs, n_samples, leads)
    signal = _signal(data, header, channels, per_record, layout)[:, :n_samples]
    _leave_out(signal, leads, marks.missing)
    noticed = (*header.warnings, *of_channels, *of_rates, *layout.warnings)
    record = Record(signal, fs, leads, name=given.name, path=given.path, warnings=noticed)
    record = _described(record, header, channels, timeline, marks)
    return record.select(given.leads) if given.leads is not None else record


def _described(
    record: Record, header: Header, channels: Sequence[Channel], timeline: Timeline, marks: Marks
) -> Record:
    """Return a record with what the file says beside the samples."""
    who = read_identification(header, timeline.start_s)
    common = filters(tuple(header.signals[channel.signal].prefiltering for channel in channels))
    damaged = (f"{timeline.n_damaged} annotations are damaged: left out",) if timeline.n_damaged else ()
    return replace(
        record,
        annotations=marks.annotations,
        patient=MappingProxyType(marks.facts.patient | who.patient),
        recording=MappingProxyType(marks.facts.recording | common | who.recording),
        statements=marks.facts.statements,
        comments=(*who.comments, *marks.facts.comments),
        warnings=(*record.warnings, *damaged, *marks.warnings, *who.warnings),
    )


def _common_rate(header: Header, channels: Sequence[Channel], where: str) -> tuple[int, tuple[str, ...]]:
    """Return how many samples of every lead a data record becomes, and a warning where some are repeated.

    Raises FormatError if there is no rate, or one that is no whole part of the highest one, or too low.
    """
    counts = [header.signals[channel.signal].samples_per_record for channel in channels]
    most = max(counts)
    if not _LOWEST_HZ * header.record_s <= most <= _HIGHEST_HZ * header.record_s:
        raise FormatError(f"{where}: expected a sampling rate of {_LOWEST_HZ:g} to {_HIGHEST_HZ:g} Hz, "
                          f"found {most} samples in data records of {header.record_s:g} s")  # fmt: skip
    slower = [channel.name for channel, count in zip(channels, counts, strict=True) if count < most]
    if any(most % count or most > _MOST_REPEATS * count for count in counts):
        rates = ", ".join(f"{channel.name} {count / header.record_s:g} Hz"
                          for channel, count in zip(channels, counts, strict=True))  # fmt: skip
        raise FormatError(f"{where}: expected one rate, or whole parts of the highest one down to "
                          f"1/{_MOST_REPEATS}, found {rates}: choose leads of one rate")  # fmt: skip
    return most, (
        (f"{', '.join(slower)}: samples repeated to the highest rate of the recording",) if slower else ()
    )


def _signal(
    data: bytes, header: Header, channels: Sequence[Channel], per_record: int, layout: Layout
) -> Signal:
    signal = np.empty((len(channels), layout.n_samples), np.float32)
    if layout.n_samples > header.n_records * per_record:
        signal.fill(np.nan)
    for records, digital in digital_blocks(data, header, [channel.signal for channel in channels]):
        starts = layout.starts[records]
        runs = np.flatnonzero(np.diff(starts, prepend=starts[0] - per_record) != per_record).tolist()
        for row, channel, values in zip(signal, channels, digital, strict=True):
            physical = _millivolts(values, channel)
            repeats = per_record * len(starts) // len(physical)
            if repeats > 1:
                physical = np.repeat(physical, repeats)
            for first, end in zip((0, *runs), (*runs, len(starts)), strict=True):
                at = int(starts[first])
                row[at : at + (end - first) * per_record] = physical[first * per_record : end * per_record]
    return signal


def _millivolts(digital: NDArray[np.int16] | NDArray[np.int32], channel: Channel) -> Signal:
    with np.errstate(over="ignore"):
        # In the order of edfio and EDFlib, so that doubles come out the same to the last bit.
        values = (digital + channel.offset) * channel.gain
        if channel.factor != 1.0:
            values *= channel.factor
        return values.astype(np.float32)


def _leave_out(signal: Signal, leads: Sequence[str], missing: Iterable[tuple[str, int, int]]) -> None:
    rows = dict(zip(leads, signal, strict=True))
    done = dict.fromkeys(leads, 0)
    # In order, so that no sample is visited twice, however often the file says that it is missing.
    for lead, start, end in sorted(missing):
        rows[lead][max(start, done[lead]) : end] = np.nan
        done[lead] = max(end, done[lead])
