"""How the beats follow each other: Poincaré plot and tachogram."""

from __future__ import annotations

from operator import itemgetter
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Ellipse
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

from einthoven.aami import CLASSES
from einthoven.apps.beats.style import COLOURS, MARKS, TICK
from einthoven.apps.paper.style import EMPTY, FINE, INK, PAPER, QUIET, points

if TYPE_CHECKING:
    from einthoven.inference.beat_report import BeatReport

_BEHIND, _ABOVE = 2, 3
_SMALL, _LARGE = 0.9, 1.1
_FEW = 60
_ALL = "all"
"""Under this name points are drawn whose classes are not to be believed."""
_MANY = 3000
"""From so many points on they are drawn as one picture inside a PDF or SVG, which else grows large."""
_LINE_UP_TO = 300
_LEAST_MS = 100.0
_NAMED_FROM = 0.1
"""A stretch that is left out is named in the plot from this share of the recording on."""
_MINUTES_FROM_S, _HOURS_FROM_S = 180.0, 4 * 3600.0
_TEXT = 2.6


def draw_poincare(axes: Axes, report: BeatReport) -> None:
    """Draw each R-R interval over the one before it, with the ellipse of SD1 and SD2 of the NN intervals."""
    intervals = report.intervals
    pairs = np.flatnonzero(intervals.is_joined[:-1] & intervals.is_joined[1:])
    axes.set_xlabel("R-R interval, ms", fontsize=points(_TEXT), color=INK, labelpad=points(0.5))
    axes.set_ylabel("next R-R interval, ms", fontsize=points(_TEXT), color=INK, labelpad=points(0.5))
    if not len(pairs):
        axes.set(xticks=[])
        _say_none(axes, report, "three beats in a row")
        return
    low, high = rr_limits(report)
    axes.set(xlim=(low, high), ylim=(low, high), aspect="equal")
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_locator(MaxNLocator(5, steps=[1, 2, 5, 10]))
    axes.plot((low, high), (low, high), color=QUIET, linewidth=points(0.12), linestyle=(0, (4, 3)), zorder=1)
    first, second = intervals.ms[pairs], intervals.ms[pairs + 1]
    _scatter(axes, first, second, _shown_labels(report, ectopic_of_pairs(report, pairs)))
    _draw_ellipse(axes, report)


def draw_tachogram(axes: Axes, report: BeatReport) -> None:
    """Draw each R-R interval over the time at which it ends, coloured by the class of the beat there."""
    beats, intervals = report.beats, report.intervals
    unit, per_s = _time_unit(beats.duration_s)
    axes.set(xlim=(0, beats.duration_s * per_s))
    axes.set_xlabel(f"time, {unit}", fontsize=points(_TEXT), color=INK, labelpad=points(0.5))
    axes.set_ylabel("R-R interval, ms", fontsize=points(_TEXT), color=INK, labelpad=points(0.5))
    _draw_left_out(axes, report, per_s)
    joined = np.flatnonzero(intervals.is_joined)
    if not len(joined):
        _say_none(axes, report, "two beats in a row")
        return
    low, high = rr_limits(report)
    axes.set(ylim=(low, high))
    axes.yaxis.set_major_locator(MaxNLocator(5, steps=[1, 2, 5, 10]))
    times = beats.rpeaks[1:] / beats.fs * per_s
    if len(joined) <= _LINE_UP_TO:
        shown = np.where(intervals.is_joined, intervals.ms, np.nan)
        axes.plot(times, shown, color=QUIET, linewidth=points(0.15), zorder=1)
    labels = np.array(beats.labels, "U1")[1:]
    _scatter(axes, times[joined], intervals.ms[joined], _shown_labels(report, labels[joined]))
    _draw_pauses(axes, report, per_s)


def _draw_left_out(axes: Axes, report: BeatReport, per_s: float) -> None:
    for stretch in report.left_out:
        start, end = stretch.start_s * per_s, stretch.end_s * per_s
        axes.axvspan(start, end, color=EMPTY, linewidth=0, zorder=0.5).set_gid("left-out")
        if stretch.end_s - stretch.start_s >= _NAMED_FROM * report.beats.duration_s:
            axes.text((start + end) / 2, 0.02, stretch.reason, transform=axes.get_xaxis_transform(),
                      fontsize=points(TICK), color=QUIET, ha="center")  # fmt: skip


def _draw_pauses(axes: Axes, report: BeatReport, per_s: float) -> None:
    """Mark the intervals that are longer than any that is drawn, and name the longest."""
    for start_s, length_s in report.pauses:
        span = axes.axvspan(
            start_s * per_s, (start_s + length_s) * per_s, color=FINE, linewidth=0, zorder=0.6
        )
        span.set_gid("pause")
    longest = max(report.pauses, key=itemgetter(1), default=None)
    if longest is not None:
        start_s, length_s = longest
        axes.annotate(f"pause? {length_s:.1f} s", ((start_s + length_s / 2) * per_s, 0.99), ha="center",
                      va="top", xycoords=axes.get_xaxis_transform(), fontsize=points(TICK), color=INK,
                      bbox={"facecolor": PAPER, "edgecolor": "none", "pad": 0.4, "alpha": 0.85})  # fmt: skip


def rr_limits(report: BeatReport) -> tuple[float, float]:
    """Return the ms between which all joined intervals lie."""
    shown = report.intervals.ms[report.intervals.is_joined]
    low, high = float(shown.min()), float(shown.max())
    room = max(0.06 * (high - low), _LEAST_MS)
    return max(low - room, 0.0), high + room


def ectopic_of_pairs(report: BeatReport, pairs: NDArray[np.int64]) -> NDArray[np.str_]:
    """Return the class that a pair of intervals is coloured by: N only if all three beats are.

    Of several that are not normal the middle beat counts first, as both intervals end or begin with it, then
    the last.
    """
    labels = np.array(report.beats.labels, "U1")
    before, middle, after = labels[pairs], labels[pairs + 1], labels[pairs + 2]
    return np.where(middle != "N", middle, np.where(after != "N", after, before))


def _scatter(axes: Axes, x: NDArray[np.float64], y: NDArray[np.float64], labels: NDArray[np.str_]) -> None:
    is_many = len(x) > _MANY
    for name in (*CLASSES, _ALL):
        chosen = labels == name
        if chosen.any():
            is_small = name in ("N", _ALL)
            # Where there are many, they lie on each other and on the normal ones: those must show through.
            alpha = 0.45 if is_small else 0.85 if chosen.sum() <= _FEW else 0.4
            dots = axes.scatter(
                x[chosen], y[chosen], s=points(_SMALL if is_small else _LARGE) ** 2,
                marker=MARKS.get(name, "o"), color=COLOURS.get(name, QUIET), alpha=alpha, linewidths=0,
                rasterized=is_many, zorder=_BEHIND if is_small else _ABOVE, clip_on=False,
            )  # fmt: skip
            dots.set_gid(f"points-{name}")


def _shown_labels(report: BeatReport, labels: NDArray[np.str_]) -> NDArray[np.str_]:
    """Return labels as they are drawn: all the same where the classes are not to be believed."""
    return labels if report.beats.obstacle is None else np.full(len(labels), _ALL)


def _draw_ellipse(axes: Axes, report: BeatReport) -> None:
    found = report.variability
    if found.sd1_ms is None or found.sd2_ms is None:
        return
    first, second = report.intervals.adjacent_nn
    centre = (float(first.mean()), float(second.mean()))
    ellipse = Ellipse(centre, 2 * found.sd2_ms, 2 * found.sd1_ms, angle=45, fill=False, edgecolor=INK,
                      linewidth=points(0.22), zorder=4)  # fmt: skip
    ellipse.set_gid("sd1-sd2")
    axes.add_patch(ellipse)


def _say_none(axes: Axes, report: BeatReport, needed: str) -> None:
    text = "the beats are not reliable" if report.beats.obstacle else f"needs {needed}"
    axes.set(yticks=[])
    axes.grid(visible=False)
    axes.text(0.5, 0.5, text, transform=axes.transAxes, fontsize=points(3.0), color=QUIET, ha="center",
              va="center")  # fmt: skip


def _time_unit(duration_s: float) -> tuple[str, float]:
    """Return the unit of the time axis, and how many of it a second is."""
    if duration_s < _MINUTES_FROM_S:
        return "s", 1.0
    return ("min", 1 / 60) if duration_s < _HOURS_FROM_S else ("h", 1 / 3600)
