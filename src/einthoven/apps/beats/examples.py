"""Five example beats of each class, cut and annotated, and the template of the class beside them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, MultipleLocator
from numpy.typing import NDArray

from einthoven.apps.beats.style import COLOURS, MARKS, NAMES, TICK, axes_at
from einthoven.apps.paper.style import INK, MARGIN, QUIET, UNSURE, fitted, points, write
from einthoven.apps.text import counted
from einthoven.duration import format_time
from einthoven.record import Signal
from einthoven.signal.templates import cut_around, spread, template

if TYPE_CHECKING:
    from einthoven.inference.beat_report import BeatReport

EXAMPLES = 5
BEFORE_S, AFTER_S = 0.30, 0.50
ROW_MM = 27.0
_LABEL, _CELL, _GAP, _APART, _TEMPLATE = 35.0, 34.0, 2.2, 2.6, 56.0
_CELL_HEIGHT = 21.0
_MOST_IN_A_TEMPLATE = 2000
"""A template is made of at most so many beats, spread over the recording: more would not change it."""
_QRS_S, _LEAST_LIKENESS = 0.12, 0.85
"""Below this mean correlation with their template, that near the R peak, beats have several shapes: see
`mean_likeness`."""
_CAPTION = 2.4
_LEAST_MV, _ROOM, _WIDER = 0.5, 1.06, 2.0


@dataclass(frozen=True, slots=True, eq=False)
class ClassBeats:
    """The beats of one class.

    name : N, S, V, F or Q
    places : (n,) which beats of the recording they are
    examples : up to five of them, spread over the recording
    times : (n_samples,) s from the R peak
    cut : (n_examples, n_samples) mV
    usual : template of the class
    is_mixed : whether its beats have several shapes, and the template may be one that no beat has
    """

    name: str
    places: NDArray[np.int64]
    examples: NDArray[np.int64]
    times: NDArray[np.float64]
    cut: Signal
    usual: tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]
    is_mixed: bool


def gather(row: Signal, report: BeatReport) -> list[ClassBeats]:
    """Cut the beats of each class that occurs out of the lead that was read, (n_samples,) mV."""
    beats = report.beats
    labels = np.array(beats.labels, "U1")
    found = []
    for name in (name for name, n in report.counts.items() if n):
        places = np.flatnonzero(labels == name)
        examples = spread(places, EXAMPLES)
        times, cut = cut_around(row, beats.fs, beats.rpeaks[examples], BEFORE_S, AFTER_S)
        many = beats.rpeaks[spread(places, _MOST_IN_A_TEMPLATE)]
        all_cut = cut_around(row, beats.fs, many, BEFORE_S, AFTER_S)[1]
        usual = template(all_cut)
        is_mixed = mean_likeness(times, all_cut, usual.median) < _LEAST_LIKENESS
        bands = (usual.low, usual.median, usual.high)
        found.append(ClassBeats(name, places, examples, times, cut, bands, is_mixed))
    return found


def mean_likeness(times: NDArray[np.float64], cut: Signal, usual: NDArray[np.float64]) -> float:
    """Return the mean correlation of beats with their template, around the QRS complex; 1 of no beat.

    times, cut, usual : (n,), s from the R peak; (n_beats, n) and (n,), mV

    >>> times = np.linspace(-0.1, 0.1, 5)
    >>> beats = np.array([[0, 1, 3, 1, 0], [0, -1, -3, -1, 0]], np.float32)
    >>> round(mean_likeness(times, beats, np.array([0, 1.0, 3.0, 1.0, 0])), 6)
    0.0
    """
    near = np.abs(times) <= _QRS_S
    beats, middle = np.nan_to_num(cut[:, near]), np.nan_to_num(usual[near])
    beats, middle = beats - beats.mean(axis=1, keepdims=True), middle - middle.mean()
    sizes = np.linalg.norm(beats, axis=1) * np.linalg.norm(middle)
    told = sizes > 0
    return float((beats[told] @ middle / sizes[told]).mean()) if told.any() else 1.0


def limits_of(classes: Sequence[ClassBeats]) -> tuple[float, float, bool]:
    """Return the mV between which all cells show, and whether a trace goes beyond.

    There is one scale, so that heights can be compared. It holds all traces, but an artefact may make it at
    most twice as wide as the medians.
    """
    usual = _span(group.usual[1] for group in classes)
    lowest, highest = _span(part for group in classes for part in (*group.usual, *group.cut))
    room = (_WIDER - 1) / 2 * max(usual[1] - usual[0], _LEAST_MV)
    low, high = max(lowest, usual[0] - room), min(highest, usual[1] + room)
    middle, half = (low + high) / 2, _ROOM * max(high - low, _LEAST_MV) / 2
    return middle - half, middle + half, lowest < middle - half or highest > middle + half


def draw_classes(
    figure: Figure, page: Axes, classes: Sequence[ClassBeats], report: BeatReport, top: float
) -> None:
    """Draw a row for each class, downwards from `top` mm of a page in millimetres."""
    low, high, _ = limits_of(classes)
    for number, group in enumerate(classes):
        bottom = top - (number + 1) * ROW_MM + ROW_MM - _CELL_HEIGHT
        is_last = number == len(classes) - 1
        _write_label(page, group, report, bottom)
        for column in range(len(group.examples) + 1):
            is_template = column == len(group.examples)
            place = EXAMPLES if is_template else column
            left = MARGIN + _LABEL + place * (_CELL + _GAP) + is_template * _APART
            axes = axes_at(figure, page, (left, bottom, _TEMPLATE if is_template else _CELL, _CELL_HEIGHT))
            _set_scale(axes, (low, high), has_mv=column == 0, has_ms=is_last)
            if is_template:
                _draw_template(axes, group)
            else:
                _draw_example(axes, group, report, column)


def _span(parts: Iterable[NDArray[np.floating]]) -> tuple[float, float]:
    """Return the lowest and the highest of all samples that are there."""
    samples = np.concatenate([part[~np.isnan(part)] for part in parts])
    return (float(samples.min()), float(samples.max())) if len(samples) else (0.0, 0.0)


def _write_label(page: Axes, group: ClassBeats, report: BeatReport, bottom: float) -> None:
    colour, y = COLOURS[group.name], bottom + _CELL_HEIGHT - 6.0
    page.plot(MARGIN + 1.3, y + 1.7, MARKS[group.name], color=colour, markersize=points(2.4), mew=0)
    write(page, MARGIN + 4.2, y, group.name, 5.5, colour=colour, weight="bold")
    name, size = fitted(NAMES[group.name], _LABEL - 13.0, 3.0, 2.4)
    write(page, MARGIN, y - 5.0, name, size, colour=colour)
    n, n_unsure = len(group.places), report.unsure[group.name]
    write(page, MARGIN, y - 9.5, counted(n, "beat"), 3.0)
    if n_unsure:
        write(page, MARGIN, y - 13.5, f"{n_unsure} not sure", 2.6, colour=UNSURE)


def _set_scale(axes: Axes, limits: tuple[float, float], *, has_mv: bool, has_ms: bool) -> None:
    axes.set(xlim=(-1000 * BEFORE_S, 1000 * AFTER_S), ylim=limits)
    axes.xaxis.set_major_locator(MultipleLocator(200))
    axes.yaxis.set_major_locator(MaxNLocator(4, steps=[1, 2, 5, 10]))
    axes.tick_params(labelleft=has_mv, labelbottom=has_ms)
    if has_mv:
        axes.set_ylabel("mV", fontsize=points(TICK), color=QUIET, labelpad=points(0.3))
    if has_ms:
        axes.set_xlabel("ms", fontsize=points(TICK), color=QUIET, labelpad=points(0.2))


def _draw_example(axes: Axes, group: ClassBeats, report: BeatReport, column: int) -> None:
    place, colour = int(group.examples[column]), COLOURS[group.name]
    (trace,) = axes.plot(1000 * group.times, group.cut[column], color=INK, linewidth=points(0.28))
    trace.set_gid(f"beat-{group.name}")
    axes.axvline(0, color=colour, linewidth=points(0.15), linestyle=(0, (3, 3)), zorder=1)
    axes.plot(0, 1.0, "v", color=colour, markersize=points(1.7), mew=0, clip_on=False,
              transform=axes.get_xaxis_transform())  # fmt: skip
    is_sure = bool(report.beats.sure[place])
    said = (
        f"{group.name} {report.probs[place]:.2f}" if is_sure else f"{group.name}? {report.probs[place]:.2f}"
    )
    when = format_time(report.beats.rpeaks[place] / report.beats.fs)
    weight = "bold" if is_sure else "normal"
    for x, text, ink, align in (
        (0.02, said, colour if is_sure else UNSURE, "left"),
        (1.0, when, QUIET, "right"),
    ):
        axes.text(x, 1.03, text, transform=axes.transAxes, fontsize=points(_CAPTION), color=ink, ha=align,
                  weight=weight if align == "left" else "normal", parse_math=False)  # fmt: skip


def _draw_template(axes: Axes, group: ClassBeats) -> None:
    low, median, high = group.usual
    colour, times = COLOURS[group.name], 1000 * group.times
    axes.fill_between(times, low, high, color=colour, alpha=0.22, linewidth=0)
    (trace,) = axes.plot(times, median, color=colour, linewidth=points(0.4))
    trace.set_gid(f"template-{group.name}")
    shapes = ", of several shapes" if group.is_mixed else ""
    text = f"median, 10 to 90 % of {counted(len(group.places), 'beat')}{shapes}"
    text, size = fitted(text, 0.98 * _TEMPLATE, _CAPTION, 1.8)
    axes.text(0.02, 1.03, text, transform=axes.transAxes, fontsize=points(size), color=QUIET,
              parse_math=False)  # fmt: skip
