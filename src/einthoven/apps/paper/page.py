"""The page: a coordinate system in millimetres, a grid, calibration pulses and traces."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_pdf import PdfPages
from matplotlib.collections import LineCollection, PolyCollection
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from numpy.typing import NDArray

from einthoven.apps.paper.margins import Caption, foot_mm, head_mm, remarks, write_foot, write_head
from einthoven.apps.paper.strips import (
    BOX_MM,
    MAX_PAGES,
    MM_A_MV,
    MM_A_SECOND,
    Room,
    Sheet,
    Strip,
    lay_out,
    trace_mv,
)
from einthoven.apps.paper.style import (
    COARSE,
    FAILED,
    FINE,
    INK,
    MARGIN,
    MM_AN_INCH,
    PAPER,
    QUIET,
    WIDTH,
    fitted,
    points,
    write,
)
from einthoven.apps.picture import check_ending, drawing_page, save
from einthoven.bundle import Label
from einthoven.errors import SettingsError
from einthoven.inference.prediction import Failure, Prediction
from einthoven.record import Record

_LEAD_IN = 15.0
_CALIBRATION_MV, _CALIBRATION_S = 1.0, 0.2
_NAME_BELOW_TOP, _NAME_SIZE, _TIME_SIZE = 3.5, 3.2, 2.8
_LONGEST_NAME = 40.0
_ARROW, _ARROWS_APART = 1.6, 3.0
_WIDEST = 100.0


def max_pages(path: Path) -> int:
    """Return how many pages a picture of this ending can have: .png and .svg one."""
    return MAX_PAGES if path.suffix.lower() == ".pdf" else 1


def draw(
    record: Record,
    path: Path,
    answer: Prediction | Failure | None = None,
    labels: Sequence[Label] = (),
    sheets: Sequence[Sheet] | None = None,
) -> None:
    """Draw a recording on ECG paper: 25 mm/s, 10 mm/mV, grid of 1 and 5 mm, calibration pulse on each line.

    Nothing is cut in silence: a line grows with its trace, and what goes beyond even so is marked by
    arrowheads and put in words; so is the part of the recording that is shown, where it is not all of it.

    Parameters
    ----------
    record : Record
        Any number of leads, any length.
    path : Path
        The picture: .png, .pdf or .svg. A PDF printed at 100 % is to scale.
    answer : Prediction or Failure, optional
        What is written above.
    labels : sequence of Label
        The model's classes, whose meanings are written instead of their names.
    sheets : sequence of Sheet, optional
        The pages, as `lay_out` gives them; one with the beginning of the recording if not given.

    Raises
    ------
    SettingsError
        If the ending is another, or it has not so many pages.
    OSError
        If the file cannot be written.
    """
    check_ending(path)
    sheets = lay_out(record) if sheets is None else sheets
    if len(sheets) > max_pages(path):
        raise SettingsError(f"{path}: expected one page, found {len(sheets)}: a .pdf takes up to {MAX_PAGES}")
    caption = Caption(record, answer, labels, len(sheets))
    with drawing_page(), mpl.rc_context({"path.simplify": False}):
        if path.suffix.lower() == ".pdf":
            with PdfPages(path, metadata={"CreationDate": None}) as pdf:
                for figure in _figures(caption, sheets):
                    pdf.savefig(figure)
            return
        for figure in _figures(caption, sheets):
            save(figure, path)


def _figures(caption: Caption, sheets: Sequence[Sheet]) -> Iterator[Figure]:
    """Yield the pages, all of one size, one at a time: each holds much."""
    lines = [remarks(caption, sheet, _beyond(caption.record, sheet)) for sheet in sheets]
    foot = foot_mm(max(map(len, lines)))
    head = head_mm(caption)
    height = head + max(sheet.height_mm for sheet in sheets) + foot
    for number, sheet in enumerate(sheets, 1):
        figure = Figure(figsize=(WIDTH / MM_AN_INCH, height / MM_AN_INCH), facecolor=PAPER)
        page = figure.add_axes((0, 0, 1, 1), xlim=(0, WIDTH), ylim=(0, height))
        page.set_axis_off()
        top = height - head
        _draw_grid(page, top - sheet.height_mm, sheet.height_mm)
        for line in range(len(sheet.rooms)):
            _draw_calibration(page, top - sheet.zero_mm(line))
        for strip in sheet.strips:
            _draw_strip(page, caption.record, strip, sheet.rooms[strip.line], top - sheet.zero_mm(strip.line))
        write_head(page, caption, sheet, height)
        write_foot(page, caption, lines[number - 1], number, foot)
        yield figure


def _draw_grid(page: Axes, bottom: float, height: float) -> None:
    left, right = MARGIN, WIDTH - MARGIN
    for step, colour, width in ((1.0, FINE, 0.1), (BOX_MM, COARSE, 0.2)):
        xs = np.arange(left, right + step / 2, step)
        ys = np.arange(bottom, bottom + height + step / 2, step)
        lines = [[(x, bottom), (x, bottom + height)] for x in xs] + [[(left, y), (right, y)] for y in ys]
        page.add_collection(LineCollection(lines, colors=colour, linewidths=points(width), zorder=1))


def _draw_calibration(page: Axes, y: float) -> None:
    width, height = _CALIBRATION_S * MM_A_SECOND, _CALIBRATION_MV * MM_A_MV
    x = MARGIN + BOX_MM
    xs = (x - 2, x, x, x + width, x + width, x + width + 2)
    ys = (y, y, y + height, y + height, y, y)
    (pulse,) = page.plot(xs, ys, color=INK, linewidth=points(0.3), solid_joinstyle="miter", zorder=3)
    pulse.set_gid("calibration")


def _draw_strip(page: Axes, record: Record, strip: Strip, room: Room, y: float) -> None:
    left = MARGIN + _LEAD_IN + strip.x_mm
    _write_name(page, strip, left, y, room)
    trace = MM_A_MV * trace_mv(record, strip)
    if not np.isfinite(trace).any():
        write(page, left + 1, y - 1, "no samples", _TIME_SIZE, colour=FAILED, backed=True)
        return
    xs = left + np.arange(len(trace)) / record.fs * MM_A_SECOND
    # Beyond its line a trace is not seen, but a value of a million must not upset who draws it.
    ys = y + np.clip(trace, -room.below_mm - _WIDEST, room.above_mm + _WIDEST)
    (drawn,) = page.plot(xs, ys, color=INK, linewidth=points(0.3), solid_joinstyle="round", zorder=4)
    drawn.set_gid(f"trace-{strip.row}-{strip.start_s:g}")
    corner, height = (0.0, y - room.below_mm), room.above_mm + room.below_mm
    drawn.set_clip_path(Rectangle(corner, WIDTH, height, transform=page.transData))
    _draw_arrows(page, xs[trace > room.above_mm], y + room.above_mm, -1)
    _draw_arrows(page, xs[trace < -room.below_mm], y - room.below_mm, 1)


def _write_name(page: Axes, strip: Strip, left: float, y: float, room: Room) -> None:
    """Write a lead's name: where a line begins around its calibration pulse, else above the trace."""
    top = y + room.above_mm - _NAME_BELOW_TOP
    if strip.x_mm:
        write(page, left + 0.8, top, strip.name, _NAME_SIZE, weight="bold", backed=True)
        page.plot((left, left), (y - BOX_MM, y + BOX_MM), color=QUIET, linewidth=points(0.35), zorder=2)
        return
    pulse = MARGIN + BOX_MM - 2
    name, size = fitted(strip.name, _LONGEST_NAME, _NAME_SIZE, _NAME_SIZE, "bold")
    write(page, pulse, top, name, size, weight="bold", backed=True)
    write(page, pulse, y - _NAME_BELOW_TOP - 1, strip.time, _TIME_SIZE, colour=QUIET, backed=True)


def _draw_arrows(page: Axes, xs: NDArray[np.float64], edge: float, inwards: int) -> None:
    """Draw arrowheads, their tips at the edge, where a trace goes beyond it.

    xs : where the samples beyond are, mm, ascending
    inwards : 1 where the line is above the edge, -1 where it is below
    """
    if not xs.size:
        return
    places: list[float] = []
    for run in np.split(xs, np.flatnonzero(np.diff(xs) > _ARROWS_APART) + 1):
        width = float(run[-1] - run[0])
        # One in the middle of a peak, several along a stretch.
        n = 1 + round(width / _ARROWS_APART)
        places += [run.mean()] if n == 1 else np.linspace(run[0], run[-1], n).tolist()
    base = edge + inwards * 1.4 * _ARROW
    heads = [[(x, edge), (x - _ARROW / 2, base), (x + _ARROW / 2, base)] for x in places]
    arrows = PolyCollection(heads, facecolors=FAILED, edgecolors="none", zorder=5)
    arrows.set_gid("beyond")
    page.add_collection(arrows)


def _beyond(record: Record, sheet: Sheet) -> list[str]:
    """Say how far traces go that leave their lines."""
    words: dict[str, tuple[float, float]] = {}
    for strip in sheet.strips:
        trace, room = trace_mv(record, strip), sheet.rooms[strip.line]
        low, high = (float(f(trace[~np.isnan(trace)], initial=0.0)) for f in (np.min, np.max))
        if MM_A_MV * high > room.above_mm or MM_A_MV * low < -room.below_mm:
            before = words.get(strip.name, (0.0, 0.0))
            words[strip.name] = (min(low, before[0]), max(high, before[1]))
    spans = ", ".join(f"{name} from {low:.3g} to {high:.3g} mV" for name, (low, high) in words.items())
    return [f"arrowheads mark where a trace goes beyond its line: {spans}"] if words else []
