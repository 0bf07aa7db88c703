"""The page: example beats and templates above, Poincaré plot and tachogram below."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from einthoven import __version__
from einthoven.apps.beat_words import doubt_words, ectopy_words
from einthoven.apps.beats.examples import EXAMPLES, ROW_MM, ClassBeats, draw_classes, gather, limits_of
from einthoven.apps.beats.rhythm import draw_poincare, draw_tachogram
from einthoven.apps.beats.style import axes_at
from einthoven.apps.paper.style import (
    FAILED,
    MARGIN,
    MM_AN_INCH,
    PAPER,
    QUIET,
    UNSURE,
    WIDTH,
    fitted,
    width_of,
    wrapped,
    write,
)
from einthoven.apps.picture import check_ending, drawing_page, save
from einthoven.apps.text import counted
from einthoven.duration import format_time
from einthoven.record import Record

if TYPE_CHECKING:
    from einthoven.inference.beat_report import BeatReport

_HEAD, _DOUBT, _FOOT, _LINE, _SMALL, _TITLE = 25.0, 6.0, 9.0, 4.4, 3.0, 3.2
_LEGEND = 2.4
_SQUARE, _BELOW, _ABOVE, _BESIDE = 60.0, 11.0, 16.0, 14.0
"""The Poincaré plot, and the room around it for axes and titles, mm."""
_MAX_REMARKS = 6


def draw_beats(record: Record, report: BeatReport, path: Path) -> None:
    """Draw the beats of a recording on one page.

    Of each class that occurs: five beats spread over the recording, cut from 0.3 s before to 0.5 s after the
    R peak, with what the model says of them; and the template, the median of its beats with the band that
    holds 80 % of them. Below: the Poincaré plot, and the tachogram, ectopic beats coloured by class.

    Parameters
    ----------
    record : Record
        The recording; its lead `report.beats.lead` is drawn.
    report : BeatReport
        Its beats.
    path : Path
        The picture: .png, .pdf or .svg. The same beats always give the same bytes.

    Raises
    ------
    SettingsError
        If the ending is another.
    RecordError
        If the record has no such lead.
    OSError
        If the file cannot be written.
    """
    check_ending(path)
    classes = gather(record.select((report.beats.lead,)).signal[0], report)
    with drawing_page():
        save(draw_page(record, report, classes), path)


def draw_page(record: Record, report: BeatReport, classes: Sequence[ClassBeats]) -> Figure:
    """Lay the page out, as high as the rows of classes need, and draw it."""
    lines = _remarks(report, classes)
    rows = max(len(classes), 1) * ROW_MM
    foot = _FOOT + _LINE * len(lines) + 1.0
    head = _HEAD + (_DOUBT if report.obstacle else 0.0)
    height = head + rows + _ABOVE + _SQUARE + _BELOW + foot
    figure = Figure(figsize=(WIDTH / MM_AN_INCH, height / MM_AN_INCH), facecolor=PAPER)
    page = figure.add_axes((0, 0, 1, 1), xlim=(0, WIDTH), ylim=(0, height))
    page.set_axis_off()
    _write_head(page, record, report, height)
    if classes:
        draw_classes(figure, page, classes, report, height - head)
    else:
        write(page, MARGIN, height - head - 8, "no beats to show", 4.2, colour=QUIET)
    _draw_rhythm(figure, page, report, foot + _BELOW)
    for number, line in enumerate(lines):
        write(page, MARGIN, foot - 4.0 - _LINE * number, line, _SMALL)
    write(page, MARGIN, 5.0, "▼ R peak   ? not sure" if classes else "", _SMALL)
    write(page, MARGIN, foot + 1.5, _legend(report), _LEGEND, colour=QUIET)
    made = f"model {report.beats.model} {report.beats.model_version}, einthoven {__version__}"
    note, size = fitted(f"{made}: research software, not a medical device", 200.0, _SMALL, 2.4)
    write(page, WIDTH - MARGIN, 5.0, note, size, colour=QUIET, align="right")
    return figure


def _draw_rhythm(figure: Figure, page: Axes, report: BeatReport, bottom: float) -> None:
    """Draw Poincaré plot and tachogram beside each other, from `bottom` mm upwards, with titles above."""
    measured, title = report.variability, bottom + _SQUARE + 3.0
    square = MARGIN + _BESIDE
    left = square + _SQUARE + 1.5 * _BESIDE
    right = WIDTH - MARGIN
    draw_poincare(axes_at(figure, page, (square, bottom, _SQUARE, _SQUARE)), report)
    draw_tachogram(axes_at(figure, page, (left, bottom, right - left, _SQUARE)), report)
    write(page, square, title, "Poincaré plot", _TITLE, weight="bold")
    if measured.sd1_ms is not None and measured.sd2_ms is not None:
        spread = f"SD1 {measured.sd1_ms:.0f} ms   SD2 {measured.sd2_ms:.0f} ms"
        write(page, square + _SQUARE, title, spread, 2.6, colour=QUIET, align="right")
    write(page, left, title, "R-R intervals", _TITLE, weight="bold")
    told = [f"{name}: {text}" for name, found in report.ectopy.items() if (text := ectopy_words(found))]
    room = right - left - width_of("R-R intervals", _TITLE, "bold") - 5.0
    for number, line in enumerate(reversed(told)):
        words, size = fitted(line, room, 2.6, 2.2)
        write(page, right, title + 4.0 * number, words, size, colour=QUIET, align="right")


def _write_head(page: Axes, record: Record, report: BeatReport, height: float) -> None:
    name, size = fitted(record.name or "recording", 120.0, 4.2, 3.2, "bold")
    write(page, MARGIN, height - 12, name, size, weight="bold")
    beats = report.beats
    facts = f"lead {beats.lead}   {format_time(beats.duration_s)}   {beats.fs:g} Hz   "
    facts, size = fitted(facts + counted(len(beats.labels), "beat"), 120.0, 3.2, 2.8)
    write(page, MARGIN, height - 17.5, facts, size, colour=QUIET)
    if report.obstacle:
        reason, size = fitted(doubt_words(report), WIDTH - 2 * MARGIN, 3.2, 2.6)
        write(page, MARGIN, height - 23, reason, size, colour=FAILED if not beats.labels else UNSURE)
    x = WIDTH - MARGIN
    for value, meaning in reversed(_figures(report)):
        wide = max(width_of(value, 5.0, "bold"), width_of(meaning, 2.6))
        write(page, x - wide, height - 12, value, 5.0, weight="bold")
        write(page, x - wide, height - 17, meaning, 2.6, colour=QUIET)
        x -= wide + 7.0


def _legend(report: BeatReport) -> str:
    """Say what the lines and bands in the lower plots are, those that are there."""
    intervals, words = report.intervals, []
    if (intervals.is_joined[:-1] & intervals.is_joined[1:]).any():
        words.append("dashed: one interval like the next (identity)")
    if report.variability.sd1_ms is not None:
        words.append("ellipse: SD1 and SD2 of the NN intervals")
    if intervals.is_joined.any() and report.beats.obstacle:
        words.append("dots: all R-R intervals, whatever the class")
    if report.left_out:
        words.append("grey band: left out")
    if report.pauses:
        words.append("pink band: a pause, or beats that were missed")
    return "   ".join(words)


def _figures(report: BeatReport) -> list[tuple[str, str]]:
    """Return the numbers at the top of the page, each with what it is; what is not known is left out."""
    rate, found = report.rate, report.variability
    span = "" if rate.lowest is None else f", {rate.lowest:.0f} to {rate.highest:.0f}"
    numbers = (
        (rate.mean, "{:.0f}", f"beats a minute{span}"),
        (found.sdnn_ms, "{:.0f} ms", "SDNN"),
        (found.rmssd_ms, "{:.0f} ms", "RMSSD"),
        (found.pnn50, "{:.1f} %", "pNN50"),
    )
    return [(form.format(value), meaning) for value, form, meaning in numbers if value is not None]


def _remarks(report: BeatReport, classes: Sequence[ClassBeats]) -> list[str]:
    words = list(report.warnings)
    if any(len(group.places) > EXAMPLES for group in classes):
        words.append("the examples are spread evenly over the recording")
    if classes:
        words.append("each beat is shifted so that its median is 0 mV")
        low, high, is_cut = limits_of(classes)
        words += [f"traces are cut off below {low:.1f} and above {high:.1f} mV"] if is_cut else []
    return wrapped("; ".join(words), WIDTH - 2 * MARGIN, _SMALL, _MAX_REMARKS)
