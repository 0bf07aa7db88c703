"""Axes placed in millimetres, ticks in seconds, and attribution as colour behind a trace."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from einthoven.apps.explanation.colours import DIVERGING
from einthoven.apps.explanation.story import Story
from einthoven.apps.paper.style import INK, MM_AN_INCH, QUIET, points
from einthoven.explanation import SLIGHT

SCALE_FLOOR = 0.05
"""Log-odds at least that are drawn in full colour: less matters to no answer."""
_HAIR = 1e-9


def place(figure: Figure, left: float, bottom: float, width: float, height: float) -> Axes:
    """Add axes at a place in millimetres, with thin lines and small letters."""
    wide, high = figure.get_size_inches() * MM_AN_INCH
    axes = figure.add_axes((left / wide, bottom / high, width / wide, height / high))
    axes.set_facecolor("none")
    axes.spines[:].set(color=QUIET, linewidth=points(0.13))
    axes.tick_params(labelsize=points(2.4), colors=QUIET, width=points(0.15), length=points(0.8), pad=1.5)
    return axes


def count_seconds(axes: Axes) -> None:
    """Label a horizontal axis, whose limits are set, in seconds; the first tick bears the unit."""
    locator = MaxNLocator(10, steps=[1, 2, 5, 10])
    ticks = locator.tick_values(*axes.get_xlim())
    first = min((tick for tick in ticks if tick >= axes.get_xlim()[0] - _HAIR), default=None)
    axes.xaxis.set_major_locator(locator)
    axes.xaxis.set_major_formatter(FuncFormatter(lambda tick, _: f"{tick:g}{' s' if tick == first else ''}"))


def scale_of(story: Story) -> float:
    """Return the log-odds that have the full colour; what hardly matters stays pale."""
    floor = SLIGHT if story.is_slight else SCALE_FLOOR
    return max(float(np.quantile(np.abs(story.explanation.attribution), 0.995)), floor)


def draw_trace(
    axes: Axes, story: Story, row: int, part: tuple[int, int], bounds: tuple[float, float], width_mm: float
) -> None:
    """Draw a stretch of a lead, measured from its median, over the colour of what it speaks for.

    row : of the signal
    part : first sample, first after it
    bounds : of the vertical axis, in the signal's unit
    width_mm : of the line
    """
    shown, (start, end) = story.explanation, part
    limit = scale_of(story)
    values = shown.attribution[start - shown.first : end - shown.first]
    image = axes.imshow(
        values[None], cmap=DIVERGING, vmin=-limit, vmax=limit, aspect="auto", interpolation="nearest",
        extent=(shown.time_of(start), shown.time_of(end), *bounds), zorder=0,
    )  # fmt: skip
    image.set_gid(f"attribution-{row}-{start}")
    trace = np.asarray(shown.signal[row, start:end], np.float64)
    times = shown.time_of(0) + (np.arange(start, end) + 0.5) / shown.fs
    (line,) = axes.plot(times, trace - np.median(trace), color=INK, linewidth=points(width_mm), zorder=3)
    line.set_gid(f"trace-{row}-{start}")
    axes.set(xlim=(shown.time_of(start), shown.time_of(end)), ylim=bounds)


def draw_rpeak(axes: Axes, story: Story) -> None:
    """Draw where the R peak of the heartbeat lies that is explained: others may lie beside it."""
    shown = story.explanation
    if shown.rpeak_s is None:
        return
    # The middle of its sample, as the trace.
    at = shown.rpeak_s + 0.5 / shown.fs
    line = axes.axvline(at, color=INK, linewidth=points(0.15), linestyle=(0, (4, 4)), zorder=2.5)
    line.set_gid("rpeak")
    axes.annotate(f"R of beat {shown.beat}", (at, 1.0), xycoords=("data", "axes fraction"), ha="center",
                  va="bottom", fontsize=points(2.4), color=INK, annotation_clip=False)  # fmt: skip
