"""Which stretch of which lead goes where on which page, in millimetres."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil

import numpy as np
from numpy.typing import NDArray

from einthoven.apps.paper.times import clock
from einthoven.duration import format_duration
from einthoven.errors import SettingsError
from einthoven.record import Record

MM_A_SECOND = 25.0
MM_A_MV = 10.0
BOX_MM = 5.0
LINE_S = 10.0
MAX_PAGES = 60
"""Pages of one picture: an hour of a single lead, ten minutes of the twelve."""
MAX_LEADS = 12
COLUMNS = (("I", "II", "III"), ("aVR", "aVL", "aVF"), ("V1", "V2", "V3"), ("V4", "V5", "V6"))
RHYTHM_LEAD = "II"

# Lines a page, and how many a page may have if that saves another page: one more.
_LINES, _LINES_AT_MOST = 6, 7
# A line may run on for so long, s, rather than that a few samples begin a line of their own.
_OVERRUN_S = 0.2
# Below this length, s, a quarter of it is too short for a column of the twelve leads.
_COLUMNS_FROM_S = 4.0
_LEAST_ABOVE_MM, _LEAST_BELOW_MM, _MOST_MM = 15.0, 10.0, 45.0
# With head and foot this is an A3 page, which is as high as an A4 page is long.
_LINES_MM = 360.0
_GAP_MM, _NAME_MM, _LETTER_MM = 1.0, 5.5, 2.6


@dataclass(frozen=True, slots=True)
class Strip:
    """A stretch of one lead.

    row : position of the lead in the record
    start_s, seconds : which part of the recording
    line : line on the page, from 0 at the top
    x_mm : where it begins, from the start of its line
    name : the lead's
    time : when it begins, where that has to be said
    """

    row: int
    start_s: float
    seconds: float
    line: int
    x_mm: float
    name: str
    time: str = ""


@dataclass(frozen=True, slots=True)
class Room:
    """How far a line reaches above and below its zero, mm, in whole boxes; what is beyond is cut off."""

    above_mm: float
    below_mm: float


@dataclass(frozen=True, slots=True)
class Sheet:
    """A page of a recording.

    strips : what is drawn
    rooms : of each line
    start_s, end_s : which part of the recording it is
    left_out : leads that are not on it
    """

    strips: tuple[Strip, ...]
    rooms: tuple[Room, ...]
    start_s: float
    end_s: float
    left_out: tuple[str, ...] = ()

    @property
    def has_columns(self) -> bool:
        """Whether stretches of different leads follow each other on a line."""
        return any(strip.x_mm for strip in self.strips)

    @property
    def height_mm(self) -> float:
        """Height of the grid: all lines, and a box below them."""
        return sum(room.above_mm + room.below_mm for room in self.rooms) + BOX_MM

    def zero_mm(self, line: int) -> float:
        """Return how far below the top of the grid a line has its zero."""
        before = sum(room.above_mm + room.below_mm for room in self.rooms[:line])
        return before + self.rooms[line].above_mm


def lay_out(
    record: Record, start_s: float = 0.0, duration_s: float | None = None, max_pages: int = MAX_PAGES
) -> tuple[Sheet, ...]:
    """Lay a recording, or a part of it, out on pages.

    The twelve leads come as three lines of four stretches of 2.5 s, one after the other in time, above 10 s
    of lead II, one such block a page. Anything else comes as lines of 10 s, lead below lead, six lines a
    page (seven if that saves another page); of more than six leads up to twelve on a page.

    Parameters
    ----------
    record : Record
        Any number of leads, any length.
    start_s : float
        Where to begin, s from the start of the recording.
    duration_s : float, optional
        How much to show; what fits one page if not given. It ends with the recording in any case.
    max_pages : int
        More are refused.

    Returns
    -------
    tuple of Sheet
        The pages.

    Raises
    ------
    SettingsError
        If the start is not within the recording, the duration is not above 0, or it needs too many pages.
    """
    seconds = _seconds(record, start_s, duration_s)
    is_twelve = _is_twelve(record) and seconds >= _COLUMNS_FROM_S
    n_leads = min(record.n_leads, MAX_LEADS)
    n_blocks = _n_blocks(seconds)
    a_page = 1 if is_twelve else max(1, _LINES // n_leads)
    if not is_twelve and n_blocks <= _LINES_AT_MOST // n_leads:
        a_page = n_blocks
    if duration_s is None:
        seconds = seconds if n_blocks <= a_page else a_page * LINE_S
    elif ceil(n_blocks / a_page) > max_pages:
        pages = f"{max_pages} pages" if max_pages > 1 else "one page"
        hint = "" if max_pages > 1 else f": a .pdf has up to {MAX_PAGES}"
        raise SettingsError(f"expected a duration of at most {format_duration(max_pages * a_page * LINE_S)} "
                            f"on {pages}, found {format_duration(seconds)}{hint}")  # fmt: skip
    end_s, page_s = start_s + seconds, a_page * LINE_S
    n_pages = ceil(_n_blocks(seconds) / a_page)
    bounds = [(start_s + page_s * page, start_s + page_s * (page + 1)) for page in range(n_pages)]
    bounds[-1] = (bounds[-1][0], end_s)
    return tuple(_sheet(record, *bound) for bound in bounds)


def trace_mv(record: Record, strip: Strip) -> NDArray[np.float64]:
    """Return the samples of a strip, mV from their median, (n_samples,); NaN where one is missing."""
    start, end = round(strip.start_s * record.fs), round((strip.start_s + strip.seconds) * record.fs)
    values = record.signal[strip.row, start:end].astype(np.float64)
    return values if np.isnan(values).all() else values - np.nanmedian(values)


def _seconds(record: Record, start_s: float, duration_s: float | None) -> float:
    """Return the length of the part, s, as far as the recording has it."""
    # Written so that NaN fails too.
    if not 0 <= start_s < record.duration_s:
        raise SettingsError(f"expected a start from 0 to below {record.duration_s:g} s, "
                            f"the recording's length, found {start_s:g} s")  # fmt: skip
    if duration_s is not None and not duration_s > 0:
        raise SettingsError(f"expected a duration above 0 s, found {duration_s:g} s")
    rest = record.duration_s - start_s
    return rest if duration_s is None else min(duration_s, rest)


def _is_twelve(record: Record) -> bool:
    return all(lead in record.leads for column in COLUMNS for lead in column)


def _n_blocks(seconds: float) -> int:
    return max(1, ceil((seconds - _OVERRUN_S) / LINE_S))


def _sheet(record: Record, start_s: float, end_s: float) -> Sheet:
    if _is_twelve(record) and end_s - start_s >= _COLUMNS_FROM_S:
        strips = _twelve(record, start_s, end_s)
    else:
        strips = _lines(record, start_s, end_s)
    drawn = {strip.row for strip in strips}
    left_out = tuple(lead for row, lead in enumerate(record.leads) if row not in drawn)
    return Sheet(strips, _rooms(record, strips), start_s, end_s, left_out)


def _time(start_s: float) -> str:
    # 25:10 needs no unit, and there is little room.
    return clock(start_s).removesuffix(" min").removesuffix(" h") if start_s else ""


def _twelve(record: Record, start_s: float, end_s: float) -> tuple[Strip, ...]:
    width_s = (end_s - start_s) / len(COLUMNS)
    grid = [
        Strip(record.leads.index(lead), start_s + width_s * column, width_s, line,
              width_s * column * MM_A_SECOND, lead, "" if column else _time(start_s))
        for column, leads in enumerate(COLUMNS)
        for line, lead in enumerate(leads)
    ]  # fmt: skip
    rhythm = Strip(record.leads.index(RHYTHM_LEAD), start_s, end_s - start_s, len(COLUMNS[0]), 0.0,
                   RHYTHM_LEAD, _time(start_s))  # fmt: skip
    return (*grid, rhythm)


def _lines(record: Record, start_s: float, end_s: float) -> tuple[Strip, ...]:
    n_leads = min(record.n_leads, MAX_LEADS)
    n_blocks = _n_blocks(end_s - start_s)
    starts = [start_s + LINE_S * block for block in range(n_blocks)]
    ends = [*starts[1:], end_s]
    return tuple(
        Strip(row, start, end - start, block * n_leads + row, 0.0, record.leads[row], _time(start))
        for block, (start, end) in enumerate(zip(starts, ends, strict=True))
        for row in range(n_leads)
    )


def _rooms(record: Record, strips: tuple[Strip, ...]) -> tuple[Room, ...]:
    """Return the room that each line needs, and less for the highest where the page has not that much."""
    n_lines = 1 + max(strip.line for strip in strips)
    needed = np.tile((_LEAST_ABOVE_MM, _LEAST_BELOW_MM), (n_lines, 1))
    for strip in strips:
        needed[strip.line] = np.maximum(needed[strip.line], _reach_mm(record, strip))
    boxes = BOX_MM * np.ceil(np.round(needed / BOX_MM, 6))
    most = _MOST_MM
    while np.minimum(boxes, most).sum() > _LINES_MM and most > _LEAST_ABOVE_MM:
        most -= BOX_MM
    return tuple(Room(float(above), float(below)) for above, below in np.minimum(boxes, most))


def _reach_mm(record: Record, strip: Strip) -> tuple[float, float]:
    """Return how far a strip reaches above and below zero, with the name that a column has above it."""
    trace = MM_A_MV * trace_mv(record, strip)
    if np.isnan(trace).all():
        return 0.0, 0.0
    named_s = _LETTER_MM * len(strip.name) / MM_A_SECOND if strip.x_mm else 0.0
    named = trace[: ceil(named_s * record.fs)]
    below_name = float(np.max(named[~np.isnan(named)], initial=0.0)) + _NAME_MM
    return max(float(np.nanmax(trace)) + _GAP_MM, below_name), _GAP_MM - float(np.nanmin(trace))
