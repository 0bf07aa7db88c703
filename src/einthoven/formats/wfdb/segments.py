"""WFDB records of several segments: in a row, with gaps, with other leads in each of them.

Source: WFDB Applications Guide, header(5), "Multi-segment records",
https://physionet.org/physiotools/wag/header-5.htm. A first segment of no samples is a layout: it names the
signals, which the others then hold in any order, or lack. Without one all have the same signals.
Differences: a gap (`~`) may also stand in a record without a layout.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from einthoven.errors import FormatError, RecordError
from einthoven.formats.given import FS_TOLERANCE, Given
from einthoven.formats.wfdb.header import Header, SignalLine, read_header
from einthoven.formats.wfdb.signal_files import measure, signal_files, size_of
from einthoven.formats.wfdb.signals import Signals, common_width, ecg_rows, fill

_GAP = "~"
_MOST_HEADER_BYTES = 2**24
"""Of all segments: ten thousands of them have fewer."""


@dataclass(frozen=True, slots=True)
class _Segment:
    """A segment that holds samples: its header, what messages call it, and its frames in the record."""

    header: Header
    where: str
    start: int
    length: int

    def row_of(self, name: str, position: int, has_layout: bool) -> int | None:
        """Return which of its signals belongs to a signal of the record, or None if it lacks it."""
        if not has_layout:
            return position
        names = [line.description for line in self.header.signals]
        return names.index(name) if name in names else None


def read_segments(folder: Path, header: Header, given: Given) -> Signals:
    """Read and join the segments of a record; signals that are no ECG are left out with a warning.

    What lies in a gap, or is not in a segment, is missing.

    Raises FormatError if a segment is missing, damaged, within another, there twice, or does not fit the
    others, or if something goes beyond the limits; RecordError if there is no sample.
    """
    n_samples = sum(length for _, length in header.segments)
    if n_samples == 0:
        raise RecordError(f"{given.where}: expected at least one sample, found segments of 0 samples")
    layout, segments = _find(folder, header, given)
    lines = _signal_lines(layout, segments, header, given.where)
    names = [line.description for line in lines]
    rows, left_out = ecg_rows([line.units for line in lines], names, given)
    width, repeated = common_width(
        [lines[row].samples_per_frame for row in rows], [names[row] for row in rows], given.where
    )
    given.limits.check("samples", len(rows) * n_samples * width, given.where)
    stored = 0
    places = []
    for segment in segments:
        own = [segment.row_of(names[row], row, layout is not None) for row in rows]
        stored += segment.length * sum(
            segment.header.signals[i].samples_per_frame for i in own if i is not None
        )
        places.append(own)
    given.limits.check("gap_samples", len(rows) * n_samples * width - stored, given.where)
    signal = np.full((len(rows), n_samples * width), np.nan, np.float32)
    noticed: tuple[str, ...] = ()
    for segment, own in zip(segments, places, strict=True):
        _check_widths(segment, own, [lines[row] for row in rows])
        part = signal[:, segment.start * width : (segment.start + segment.length) * width]
        noticed += _fill(part, folder, segment, own, given)
    return Signals(signal, width, tuple(names[row] for row in rows), noticed + left_out + repeated)


def _find(folder: Path, header: Header, given: Given) -> tuple[Header | None, list[_Segment]]:
    layout: Header | None = None
    segments: list[_Segment] = []
    seen: set[str] = set()
    start = n_bytes = 0
    for i, (name, length) in enumerate(header.segments):
        if name != _GAP:
            if name in seen:
                raise FormatError(f"{given.where}: expected each segment once, found {name} again")
            seen.add(name)
            n_bytes += size_of(folder / f"{name}.hea", folder, given.where) or 0
            if n_bytes > _MOST_HEADER_BYTES:
                raise FormatError(f"{given.where}: expected segments whose headers have at most "
                                  f"{_MOST_HEADER_BYTES} bytes in all, found {n_bytes}")  # fmt: skip
            if length == 0 and i == 0:
                layout, _ = _read(folder, name, given)
            elif length:
                own, where = _read(folder, name, given)
                _check(own, length, header, where, given)
                segments.append(_Segment(own, where, start, length))
        start += length
    return layout, segments


def _read(folder: Path, name: str, given: Given) -> tuple[Header, str]:
    path = folder / f"{name}.hea"
    header = read_header(path)
    if header.segments:
        raise FormatError(f"{path}: expected a segment with signals, found segments within a segment")
    given.limits.check("leads", header.n_signals, str(path))
    return header, str(path)


def _check(segment: Header, length: int, header: Header, where: str, given: Given) -> None:
    if segment.n_samples not in (None, length):
        raise FormatError(
            f"{where}: expected {length} samples, as {given.where} says, found {segment.n_samples}"
        )
    if segment.states_fs and header.states_fs and abs(segment.fs - header.fs) > FS_TOLERANCE * header.fs:
        raise FormatError(
            f"{where}: expected {header.fs:g} Hz, as {given.where} says, found {segment.fs:g} Hz"
        )


def _signal_lines(
    layout: Header | None, segments: Sequence[_Segment], header: Header, where: str
) -> tuple[SignalLine, ...]:
    """Return the record's signals: what the layout names, with the units that segments give them."""
    if not segments:
        raise RecordError(f"{where}: expected at least one segment with samples, found only gaps")
    if layout is None:
        first = segments[0].header.signals
        for segment in segments:
            if segment.header.n_signals != len(first):
                raise FormatError(f"{segment.where}: expected {len(first)} signals, as {segments[0].where} "
                                  f"has, found {segment.header.n_signals}")  # fmt: skip
        lines = first
    else:
        units: dict[str, str] = {}
        for segment in segments:
            for line in segment.header.signals:
                units.setdefault(line.description, line.units)
        lines = tuple(replace(line, units=units.get(line.description, line.units)) for line in layout.signals)
    if len(lines) != header.n_signals:
        raise FormatError(f"{where}: expected {header.n_signals} signals in its segments, found {len(lines)}")
    return lines


def _check_widths(segment: _Segment, own: Sequence[int | None], lines: Sequence[SignalLine]) -> None:
    for row, line in zip(own, lines, strict=True):
        if row is None:
            continue
        found = segment.header.signals[row].samples_per_frame
        if found != line.samples_per_frame:
            name = line.description or f"signal {row + 1}"
            raise FormatError(f"{segment.where}: expected {line.samples_per_frame} samples a frame in {name} "
                              f"as in the whole record, found {found}")  # fmt: skip


def _fill(
    part: np.ndarray, folder: Path, segment: _Segment, own: Sequence[int | None], given: Given
) -> tuple[str, ...]:
    if all(row is None for row in own):
        return ()
    there = replace(given, where=segment.where)
    files = signal_files(folder, segment.header.signals, segment.where, given.limits)
    _, longer = measure(files, segment.length, segment.where)
    doubts = tuple(there.doubt(text) for text in segment.header.doubts)
    return doubts + longer + fill(part, segment.length, files, segment.header, own, there)
