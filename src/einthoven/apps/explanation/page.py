"""The picture of an explanation: attribution behind the trace, and below it what the layers see."""

from __future__ import annotations

from itertools import pairwise
from math import ceil

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

from einthoven import __version__
from einthoven.apps.explanation.axes import count_seconds, draw_rpeak, draw_trace, place, scale_of
from einthoven.apps.explanation.colours import AGAINST, DIVERGING, FOR
from einthoven.apps.explanation.panels import draw_kernels, draw_layers, kernels_mm, layers_mm
from einthoven.apps.explanation.story import CAVEAT, Story
from einthoven.apps.paper.style import (
    FAILED,
    INK,
    MARGIN,
    MM_AN_INCH,
    PAPER,
    QUIET,
    UNSURE,
    WIDTH,
    fitted,
    points,
    width_of,
    wrapped,
    write,
)
from einthoven.apps.paper.times import part_of

LINE_S = 10.0
MAX_STRIPS = 24
"""Lines of all leads together; leads beyond that are not drawn."""
_LEFT, _TRACE = MARGIN + 16, 250.0
_STRIP, _STRIP_OF_SEVERAL, _GAP = 22.0, 13.0, 8.0
_TOLD, _SMALL, _LINE, _BASE = 33.0, 3.0, 4.4, 5.0
_MAX_LINES, _MAX_REMARKS = 2, 5
PALE = 0.3
"""How opaque bars are that hardly mean anything."""
_OVER_S = 0.2
"""A line may run on for so long, s, rather than that a few samples begin one of their own."""
_REACH = 1.0
"""A trace is cut so far, in heights, beyond where all but one in a thousand of its samples lie."""


def figure_of(story: Story) -> Figure:
    """Draw an explanation on one page as wide as A4 is long, as high as it needs."""
    lines = _lines(story)
    leads, left_out = _leads(story, len(lines))
    strip = _STRIP if len(leads) == 1 else _STRIP_OF_SEVERAL
    part_mm = len(lines) * (len(leads) * strip + _GAP)
    remarks = _remarks(story, left_out)
    foot = _BASE + 6 + _LINE * len(remarks)
    below = layers_mm(story, len(lines)) + kernels_mm(story)
    head = _TOLD + _LINE * len(_told(story)) + (2 if story.explanation.rpeak_s is None else 4)
    height = head + part_mm + below + foot
    figure = Figure(figsize=(WIDTH / MM_AN_INCH, height / MM_AN_INCH), facecolor=PAPER)
    page = figure.add_axes((0, 0, 1, 1), xlim=(0, WIDTH), ylim=(0, height))
    page.set_axis_off()
    _write_head(page, story, height)
    _draw_scale(page, story, height)
    top = height - head
    for start, end in lines:
        _draw_line(figure, story, leads, (start, end), top, strip)
        top -= len(leads) * strip + _GAP
    top = draw_layers(figure, page, story, top, (_LEFT, _TRACE), len(lines))
    draw_kernels(figure, page, story, top)
    _write_foot(page, story, remarks, foot)
    return figure


def _lines(story: Story) -> list[tuple[int, int]]:
    """Divide the part that is explained into lines of 10 s: first sample, first after it."""
    shown = story.explanation
    n, fs = len(shown.attribution), shown.fs
    n_lines = max(1, ceil((n / fs - _OVER_S) / LINE_S))
    edges = [shown.first + round(LINE_S * fs * k) for k in range(n_lines)] + [shown.first + n]
    return list(pairwise(edges))


def _leads(story: Story, n_lines: int) -> tuple[list[int], list[str]]:
    """Return the rows that are drawn, and the names of those that are not."""
    names = story.explanation.leads
    n = max(1, min(len(names), MAX_STRIPS // n_lines))
    return list(range(n)), list(names[n:])


def _rests(story: Story, row: int) -> NDArray[np.float64]:
    """Return the explained samples of a lead, from the medians of their lines."""
    lead = np.asarray(story.explanation.signal[row], np.float64)
    return np.concatenate([lead[start:end] - np.median(lead[start:end]) for start, end in _lines(story)])


def _bounds(story: Story, row: int) -> tuple[float, float]:
    """Return how far the traces of a lead are drawn, from the medians of their lines."""
    rests = _rests(story, row)
    low, high = np.quantile(rests, [0.001, 0.999])
    reach = _REACH * max(float(high - low), 1e-3)
    return max(float(rests.min()), float(low) - reach), min(float(rests.max()), float(high) + reach)


def _draw_line(
    figure: Figure, story: Story, leads: list[int], line: tuple[int, int], top: float, strip: float
) -> None:
    """Draw one line of all leads below `top`, mm; `strip` is the height of each."""
    shown, (start, end) = story.explanation, line
    is_only = len(_lines(story)) == 1
    width = _TRACE if is_only else _TRACE * (end - start) / shown.fs / LINE_S
    for number, row in enumerate(leads, 1):
        axes = place(figure, _LEFT, top - number * strip, width, strip - 1)
        axes.spines[["top", "right", "left"]].set_visible(False)
        low, high = _bounds(story, row)
        room = 0.12 * max(high - low, 1e-3)
        draw_trace(axes, story, row, line, (low - 2 * room, high + room), 0.25)
        _draw_marks(axes, story, line, low - 2 * room, room)
        if number == 1:
            draw_rpeak(axes, story)
        axes.yaxis.set_major_locator(MaxNLocator(3, steps=[1, 2, 5, 10]))
        count_seconds(axes)
        if number < len(leads):
            axes.tick_params(bottom=False, labelbottom=False)
            axes.spines["bottom"].set_visible(False)
        name, size = fitted(shown.leads[row], 9.0, 3.0, 2.2, "bold")
        for y, text, height, colour, weight in ((0.82, name, size, INK, "bold"),
                                                (0.58, shown.unit, 2.4, QUIET, "normal")):  # fmt: skip
            axes.text((MARGIN - _LEFT) / width, y, text, transform=axes.transAxes, parse_math=False,
                      fontsize=points(height), color=colour, weight=weight)  # fmt: skip


def _draw_marks(axes: Axes, story: Story, line: tuple[int, int], bottom: float, height: float) -> None:
    """Draw a bar below each marked piece."""
    for first, end in story.explanation.runs():
        a, b = (story.explanation.time_of(min(max(at, line[0]), line[1])) for at in (first, end))
        if b > a:
            bar = Rectangle((a, bottom), b - a, height, facecolor=FOR, edgecolor="none", zorder=2,
                            alpha=PALE if story.is_slight else None)  # fmt: skip
            bar.set_gid(f"marked-{first}")
            axes.add_patch(bar)


def _write_head(page: Axes, story: Story, height: float) -> None:
    room = WIDTH - 2 * MARGIN
    shown = story.explanation
    beside = room - 80
    name, size = fitted(shown.record or "recording", beside, 4.2, 3.2, "bold")
    write(page, MARGIN, height - 12, name, size, weight="bold")
    length_s = shown.signal.shape[-1] / shown.fs
    is_whole = shown.beat is not None or len(shown.attribution) == shown.signal.shape[-1]
    part = "" if is_whole else f"   explained: {part_of(shown.start_s, shown.end_s, length_s)}"
    facts, size = fitted(f"{story.facts}{part}", beside, 3.2, 2.6)
    write(page, MARGIN, height - 17.5, facts, size, colour=QUIET)
    words, smaller = fitted(story.probability, 0.45 * room, 4.2, 2.8)
    write(page, WIDTH - MARGIN, height - 27, words, smaller, align="right")
    title, size = fitted(story.title, room - width_of(words, smaller) - 4, 6.5, 4.2, "bold")
    write(page, MARGIN, height - 27, title, size, colour=UNSURE if story.unsure else FOR, weight="bold")
    for position, (line, colour) in enumerate(_told(story)):
        write(page, MARGIN, height - _TOLD - _LINE * position, line, _SMALL, colour=colour)


def _told(story: Story) -> list[tuple[str, str]]:
    """Return the lines that say how far it can be believed, and how it was found out, with their colours."""
    room = WIDTH - 2 * MARGIN
    texts = [(text, FAILED) for text in story.alarms]
    texts += [(story.unsure, UNSURE)] if story.unsure else []
    texts += [(text, INK) for text in (story.slight, story.method, story.check, story.beside) if text]
    return [(line, colour) for text, colour in texts for line in wrapped(text, room, _SMALL, _MAX_LINES)]


def _draw_scale(page: Axes, story: Story, height: float) -> None:
    """Draw what the colours mean, at the top right."""
    width, right, y = 46.0, WIDTH - MARGIN, height - 12.5
    left = right - width
    page.imshow(np.linspace(-1, 1, 256)[None], cmap=DIVERGING, aspect="auto", zorder=1,
                extent=(left, right, y, y + 3.2))  # fmt: skip
    page.set(xlim=(0, WIDTH), ylim=(0, height))
    label = fitted(story.explanation.label, 12.0, 2.6, 2.6)[0]
    write(page, left, y - 3.4, f"against {label}", 2.6, colour=AGAINST)
    write(page, right, y - 3.4, f"for {label}", 2.6, colour=FOR, align="right")
    write(
        page, right, y - 7.2, f"full colour: {scale_of(story):.2g} log-odds", 2.6, colour=QUIET, align="right"
    )
    page.add_patch(Rectangle((left - 24, y + 0.4), 5, 1.6, facecolor=FOR, edgecolor="none"))
    write(page, left - 17, y + 0.3, "marked", 2.6, colour=QUIET)


def _remarks(story: Story, left_out: list[str]) -> list[tuple[str, str]]:
    """Return the lines below, each with its colour."""
    room = WIDTH - 2 * MARGIN
    missing = (f"not shown: {', '.join(left_out)}",) if left_out else ()
    doubts = wrapped("; ".join([*story.doubts, *missing, *_cut_off(story)]), room, _SMALL, _MAX_REMARKS)
    return [(line, INK) for line in doubts] + [(line, QUIET) for line in wrapped(CAVEAT, room, _SMALL, 2)]


def _cut_off(story: Story) -> list[str]:
    shown = story.explanation
    cut = []
    for row, name in enumerate(shown.leads):
        (low, high), rests = _bounds(story, row), _rests(story, row)
        if rests.min() < low or rests.max() > high:
            cut.append(f"{name} reaches from {rests.min():.3g} to {rests.max():.3g} {shown.unit}, drawn to "
                       f"{low:.3g} and {high:.3g}")  # fmt: skip
    return cut


def _write_foot(page: Axes, story: Story, remarks: list[tuple[str, str]], foot: float) -> None:
    for position, (line, colour) in enumerate(remarks):
        write(page, MARGIN, foot - 3.5 - _LINE * position, line, _SMALL, colour=colour)
    note = (
        f"model {story.explanation.model}, einthoven {__version__}: research software, not a medical device"
    )
    fit, size = fitted(note, WIDTH - 2 * MARGIN, _SMALL, 2.4)
    write(page, WIDTH - MARGIN, _BASE - 1.5, fit, size, colour=QUIET, align="right")
