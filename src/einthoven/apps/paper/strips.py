"""Which stretch of which lead goes where on the paper, in millimetres."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, floor

import numpy as np

from einthoven.record import Record, Signal

MM_A_SECOND = 25.0
MM_A_MV = 10.0
LINE_S = 10.0
MAX_LINES = 12
COLUMNS = (("I", "II", "III"), ("aVR", "aVL", "aVF"), ("V1", "V2", "V3"), ("V4", "V5", "V6"))
RHYTHM_LEAD = "II"
BOX_MM = 5.0
_ABOVE_MM, _BELOW_MM = (20.0, 35.0), (10.0, 30.0)
_NAME_MM = 4.0
# What a landscape A4 page has left for the grid: a printed page is to scale only if it fits.
_A4_LINES, _A4_LINES_MM = 4, 150.0


@dataclass(frozen=True, slots=True)
class Strip:
    """A stretch of one lead.

    row : position of the lead in the record
    start_s, seconds : which part of the recording
    line : line on the paper, from 0 at the top
    x_mm : where it begins, from the start of its line
    """

    row: int
    start_s: float
    seconds: float
    line: int
    x_mm: float


@dataclass(frozen=True, slots=True)
class Sheet:
    """A recording laid out.

    strips : what is drawn
    above_mm, below_mm : room of each line above and below its zero
    shown_s : seconds of the recording that are on the paper
    left_out : leads that are not
    """

    strips: tuple[Strip, ...]
    above_mm: float
    below_mm: float
    shown_s: float
    left_out: tuple[str, ...] = ()

    @property
    def line_mm(self) -> float:
        """Distance between lines."""
        return self.above_mm + self.below_mm

    @property
    def n_lines(self) -> int:
        """Lines on the paper."""
        return 1 + max(strip.line for strip in self.strips)


def lay_out(record: Record) -> Sheet:
    """Lay a recording out.

    The twelve leads come as three lines of four stretches of 2.5 s, one after the other in time, above 10 s
    of lead II. Anything else comes as lines of 10 s, lead below lead, up to `MAX_LINES` of them.

    Parameters
    ----------
    record : Record
        Any number of leads, any length.

    Returns
    -------
    Sheet
    """
    if all(lead in record.leads for column in COLUMNS for lead in column):
        strips = _twelve(record)
        shown_s = min(record.duration_s, LINE_S)
    else:
        strips, shown_s = _lines(record)
    drawn = {strip.row for strip in strips}
    left_out = tuple(lead for row, lead in enumerate(record.leads) if row not in drawn)
    return Sheet(strips, *_room_mm(record.signal, 1 + max(strip.line for strip in strips)), shown_s, left_out)


def _twelve(record: Record) -> tuple[Strip, ...]:
    width_s = LINE_S / len(COLUMNS)
    grid = [
        Strip(record.leads.index(lead), width_s * column, width_s, line, width_s * column * MM_A_SECOND)
        for column, leads in enumerate(COLUMNS)
        for line, lead in enumerate(leads)
    ]
    return (*grid, Strip(record.leads.index(RHYTHM_LEAD), 0.0, LINE_S, len(COLUMNS[0]), 0.0))


def _lines(record: Record) -> tuple[tuple[Strip, ...], float]:
    n_leads = min(record.n_leads, MAX_LINES)
    n_stretches = min(ceil(record.duration_s / LINE_S), MAX_LINES // n_leads)
    strips = tuple(
        Strip(row, LINE_S * stretch, LINE_S, stretch * n_leads + row, 0.0)
        for stretch in range(n_stretches)
        for row in range(n_leads)
    )
    return strips, min(record.duration_s, n_stretches * LINE_S)


def _room_mm(signal: Signal, n_lines: int) -> tuple[float, float]:
    """Return how far lines must reach above and below zero, so that they and their names stay apart."""
    if np.isnan(signal).all():
        return _ABOVE_MM[0], _BELOW_MM[0]
    centred = signal[~np.isnan(signal).all(axis=1)]
    centred = centred - np.nanmedian(centred, axis=1, keepdims=True)
    above = MM_A_MV * float(np.nanmax(centred)) + _NAME_MM
    below = -MM_A_MV * float(np.nanmin(centred))
    above_mm, below_mm = _whole_boxes(above, _ABOVE_MM), _whole_boxes(below, _BELOW_MM)
    if n_lines <= _A4_LINES:
        most = BOX_MM * floor(_A4_LINES_MM / n_lines / BOX_MM)
        above_mm = max(min(above_mm, most - below_mm), _ABOVE_MM[0])
        below_mm = min(below_mm, most - above_mm)
    return above_mm, below_mm


def _whole_boxes(mm: float, limits: tuple[float, float]) -> float:
    return min(max(BOX_MM * ceil(mm / BOX_MM), limits[0]), limits[1])
