"""The page: a coordinate system in millimetres, a grid, traces, and what is written around them."""

from __future__ import annotations

import textwrap
import warnings
from collections.abc import Sequence
from pathlib import Path

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from matplotlib.patches import FancyBboxPatch, Rectangle

from einthoven import __version__
from einthoven.apps.paper.strips import BOX_MM, MM_A_MV, MM_A_SECOND, Sheet, Strip, lay_out
from einthoven.bundle import Label
from einthoven.errors import SettingsError
from einthoven.inference.prediction import Failure, Prediction
from einthoven.record import Record

ENDINGS = (".png", ".pdf", ".svg")
PNG_DPI = 200
_MM_AN_INCH, _POINTS_AN_INCH = 25.4, 72.0

_WIDTH, _MARGIN, _LEAD_IN, _RUN_OUT = 297.0, 11.0, 15.0, 10.0
_HEAD, _FOOT = 36.0, 18.0
_CALIBRATION_MV, _CALIBRATION_S = 1.0, 0.2

_PAPER, _INK, _QUIET = "#fffdfb", "#14181f", "#6b6f78"
_FINE, _COARSE, _EMPTY = "#f7d9d2", "#eba99d", "#eceef1"
_SURE, _UNSURE, _FAILED = "#0f6e56", "#a15c00", "#b3261e"


def check_ending(path: Path) -> None:
    """Raise SettingsError if a file's ending is not that of a picture that can be drawn."""
    if path.suffix.lower() not in ENDINGS:
        raise SettingsError(
            f"{path}: expected an ending among {', '.join(ENDINGS)}, found {path.suffix or 'none'}"
        )


def draw(
    record: Record, path: Path, answer: Prediction | Failure | None = None, labels: Sequence[Label] = ()
) -> None:
    """Draw a recording on ECG paper: 25 mm/s, 10 mm/mV, grid of 1 and 5 mm, calibration pulse on each line.

    Parameters
    ----------
    record : Record
        Any number of leads; of a long recording the beginning, which is then said.
    path : Path
        The picture: .png, .pdf or .svg. A PDF printed at 100 % is to scale.
    answer : Prediction or Failure, optional
        What is written above.
    labels : sequence of Label
        The model's classes, whose meanings are written instead of their names.

    Raises
    ------
    SettingsError
        If the ending is another.
    OSError
        If the file cannot be written.
    """
    check_ending(path)
    sheet = lay_out(record)
    grid_height = sheet.n_lines * sheet.line_mm + BOX_MM
    height = _HEAD + grid_height + _FOOT
    # A file name may hold letters that the font has not: they become boxes, which is no reason to complain.
    with mpl.rc_context({"svg.hashsalt": "einthoven", "path.simplify": False}), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing")
        figure = Figure(figsize=(_WIDTH / _MM_AN_INCH, height / _MM_AN_INCH), facecolor=_PAPER)
        page = figure.add_axes((0, 0, 1, 1), xlim=(0, _WIDTH), ylim=(0, height))
        page.set_axis_off()
        _draw_grid(page, _FOOT, grid_height)
        for line in range(sheet.n_lines):
            _draw_calibration(page, _line_y(sheet, line, grid_height))
        for strip in sheet.strips:
            _draw_strip(page, record, strip, _line_y(sheet, strip.line, grid_height), sheet.above_mm)
        _write_head(page, record, answer, {label.name: label.meaning for label in labels}, height)
        _write_foot(page, record, answer, sheet)
        dated = {".pdf": {"CreationDate": None}, ".svg": {"Date": None}}.get(path.suffix.lower(), {})
        figure.savefig(path, dpi=PNG_DPI, format=path.suffix.lower()[1:], metadata=dated)


def _line_y(sheet: Sheet, line: int, grid_height: float) -> float:
    """Return the height of a line's zero, which lies on the coarse grid."""
    return _FOOT + grid_height - sheet.line_mm * line - sheet.above_mm


def _points(mm: float) -> float:
    return mm / _MM_AN_INCH * _POINTS_AN_INCH


def _draw_grid(page: Axes, bottom: float, height: float) -> None:
    left, right = _MARGIN, _WIDTH - _MARGIN
    for step, colour, width in ((1.0, _FINE, 0.1), (BOX_MM, _COARSE, 0.2)):
        xs = np.arange(left, right + step / 2, step)
        ys = np.arange(bottom, bottom + height + step / 2, step)
        lines = [[(x, bottom), (x, bottom + height)] for x in xs] + [[(left, y), (right, y)] for y in ys]
        page.add_collection(LineCollection(lines, colors=colour, linewidths=_points(width), zorder=1))


def _draw_calibration(page: Axes, y: float) -> None:
    width, height = _CALIBRATION_S * MM_A_SECOND, _CALIBRATION_MV * MM_A_MV
    x = _MARGIN + BOX_MM
    xs = (x - 2, x, x, x + width, x + width, x + width + 2)
    ys = (y, y, y + height, y + height, y, y)
    (pulse,) = page.plot(xs, ys, color=_INK, linewidth=_points(0.3), solid_joinstyle="miter", zorder=3)
    pulse.set_gid("calibration")


def _draw_strip(page: Axes, record: Record, strip: Strip, y: float, above: float) -> None:
    left = _MARGIN + _LEAD_IN + strip.x_mm
    name = record.leads[strip.row]
    if strip.start_s and strip.x_mm == 0:
        name = f"{name}  {strip.start_s:.0f} s"
    _write(page, left, y + above - 3.5, name, 3.2, weight="bold", backed=True)
    if strip.x_mm:
        page.plot((left, left), (y - BOX_MM, y + BOX_MM), color=_QUIET, linewidth=_points(0.2), zorder=2)
    start, end = round(strip.start_s * record.fs), round((strip.start_s + strip.seconds) * record.fs)
    values = record.signal[strip.row, start:end].astype(np.float64)
    if not np.isfinite(values).any():
        return
    xs = left + np.arange(len(values)) / record.fs * MM_A_SECOND
    ys = y + (values - np.nanmedian(values)) * MM_A_MV
    (trace,) = page.plot(xs, ys, color=_INK, linewidth=_points(0.3), solid_joinstyle="round", zorder=4)
    trace.set_gid(f"trace-{strip.row}-{strip.start_s:g}")
    top, bottom = page.get_ylim()[1] - _HEAD, _FOOT
    trace.set_clip_path(Rectangle((0, bottom), _WIDTH, top - bottom, transform=page.transData))


def _write_head(
    page: Axes, record: Record, answer: Prediction | Failure | None, meanings: dict[str, str], height: float
) -> None:
    _write(page, _MARGIN, height - 12, _shortened(record.name or "recording", 60), 4.2, weight="bold")
    _write(page, _MARGIN, height - 17.5, _facts(record), 3.2, colour=_QUIET)
    if isinstance(answer, Failure):
        _write(page, _MARGIN, height - 28, _shortened(f"no answer: {answer.error}", 110), 4.2, colour=_FAILED)
    elif answer is not None:
        words = " + ".join(meanings.get(label, label) for label in answer.labels) or "none of the labels"
        colour = _UNSURE if answer.abstained else _SURE
        text = f"not sure: {words}?" if answer.abstained else words[:1].upper() + words[1:]
        _write(page, _MARGIN, height - 27, _shortened(text, 48), 7.5, colour=colour, weight="bold")
        if answer.abstain_reason:
            _write(page, _MARGIN, height - 32, _shortened(answer.abstain_reason, 100), 3.2, colour=colour)
        _draw_probs(page, answer, meanings, height - 6)


def _draw_probs(page: Axes, answer: Prediction, meanings: dict[str, str], top: float) -> None:
    """Draw one bar a class, most probable first, at the right."""
    full, right = 45.0, _WIDTH - _MARGIN - 10
    ranked = sorted(answer.probs.items(), key=lambda item: -item[1])[:4]
    for position, (label, prob) in enumerate(ranked):
        y = top - 6.0 * (position + 1)
        name = meanings.get(label, label)
        is_chosen = label in answer.labels
        colour = (_UNSURE if answer.abstained else _SURE) if is_chosen else _QUIET
        weight = "bold" if is_chosen else "normal"
        _write(page, right - full - 3, y, name, 3.2, colour=colour, weight=weight, align="right")
        _draw_bar(page, right - full, y - 0.5, full, _EMPTY)
        _draw_bar(page, right - full, y - 0.5, max(full * prob, 1.0), colour)
        _write(page, right + 10, y, f"{prob:.2f}", 3.2, colour=colour, weight=weight, align="right")


def _draw_bar(page: Axes, x: float, y: float, width: float, colour: str) -> None:
    corner, width = (x + 0.5, y + 0.5), max(width - 1, 0.01)
    shape = "round,pad=0.5,rounding_size=0.5"
    page.add_patch(
        FancyBboxPatch(corner, width, 2, boxstyle=shape, facecolor=colour, edgecolor="none", zorder=3)
    )


def _write_foot(page: Axes, record: Record, answer: Prediction | Failure | None, sheet: Sheet) -> None:
    remarks = list(answer.warnings if isinstance(answer, Prediction) else record.warnings)
    if sheet.shown_s < record.duration_s - 0.05:
        remarks.append(f"the first {sheet.shown_s:.0f} s of {record.duration_s:.0f} s are shown")
    if sheet.left_out:
        remarks.append(f"not shown: {', '.join(sheet.left_out)}")
    quality = f"quality {answer.quality['score']:.2f}" if isinstance(answer, Prediction) else ""
    text = "; ".join(filter(None, [quality, *remarks]))
    for position, line in enumerate(textwrap.wrap(text, 165, max_lines=2, placeholder=" ...")):
        _write(page, _MARGIN, _FOOT - 5.5 - 4.5 * position, line, 3.0)
    model = f"model {answer.model} {answer.model_version}, " if isinstance(answer, Prediction) else ""
    scale = f"{MM_A_SECOND:g} mm/s   {MM_A_MV:g} mm/mV"
    _write(page, _MARGIN, 5, scale, 3.0, weight="bold")
    note = f"{model}einthoven {__version__}: research software, not a medical device"
    _write(page, _WIDTH - _MARGIN, 5, note, 3.0, colour=_QUIET, align="right")


def _facts(record: Record) -> str:
    leads = f"lead {record.leads[0]}" if record.n_leads == 1 else f"{record.n_leads} leads"
    age, sex = record.patient.get("age"), record.patient.get("sex")
    facts = [leads, f"{record.duration_s:.1f} s", f"{record.fs:g} Hz", f"{age} years" if age else None, sex]
    return _shortened("   ".join(fact for fact in facts if fact), 90)


def _shortened(text: str, n: int) -> str:
    return text if len(text) <= n else text[: n - 3] + "..."


def _write(
    page: Axes,
    x: float,
    y: float,
    text: str,
    size_mm: float,
    *,
    colour: str = _INK,
    weight: str = "normal",
    align: str = "left",
    backed: bool = False,
) -> None:
    """Write text whose letters are `size_mm` high; `$` in it means a dollar."""
    box = {"facecolor": _PAPER, "edgecolor": "none", "pad": 0.8, "alpha": 0.85} if backed else None
    page.text(x, y, text, fontsize=_points(size_mm), color=colour, weight=weight, ha=align, va="baseline",
              parse_math=False, bbox=box, zorder=2)  # fmt: skip
