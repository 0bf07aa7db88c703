"""The reliability diagram: whether of the answers given with 0.8 about 80 % are right.

Of a model of several labels: whether of the recordings that get 0.8 for a class about 80 % have it.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from einthoven.apps.card.facts import NOT_MEASURED, unit_of
from einthoven.apps.picture import (
    INK,
    PAPER,
    QUIET,
    SURE,
    axes_in_inches,
    calm,
    check_ending,
    reproducible,
    save,
)
from einthoven.bundle.facts import is_number, listed, stated

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from einthoven.bundle import Bundle

_SIZE = (4.6, 5.7)
# Left, bottom, width, height. All in inches; one unit is as long in both directions of the upper one.
_UPPER, _LOWER = (0.7, 1.6, 3.7, 3.7), (0.7, 0.55, 3.7, 0.8)
SOME = 0.01
"""Of a smaller share of all answers nothing can be said."""
_EMPTY = "#dfe2e6"
_LARGEST_POINTS2, _SMALLEST_POINTS2 = 260.0, 14.0


@dataclass(frozen=True, slots=True)
class Bin:
    """Held-out recordings, or heartbeats, whose answer has a probability above `low` and up to `high`.

    Of several labels it is pairs of a recording and a class, and whether the one has the other.

    n_records : how many
    confidence : mean probability of their answers
    accuracy : share of their answers that are right
    """

    low: float
    high: float
    n_records: int
    confidence: float
    accuracy: float


def reliability_bins(bundle: Bundle) -> tuple[Bin, ...]:
    """Return the bins of a bundle's reliability curve that hold recordings; none if it was not measured."""
    curve = stated(bundle.provenance, "calibrated", "reliability")
    edges = listed(curve, "edges")
    columns = (edges[:-1], edges[1:], *(listed(curve, name) for name in ("counts", "confidence", "accuracy")))
    rows = zip(*columns, strict=False)
    return tuple(Bin(*row) for row in rows if all(map(is_number, row)) and row[2] > 0)


def bin_span(at: Bin) -> str:
    """Return the bounds of a bin."""
    return f"{at.low:.2f} to {at.high:.2f}"


def furthest_off(bundle: Bundle) -> Bin | None:
    """Return the bin, of those of some size, whose share of right answers is least like its probability."""
    bins = reliability_bins(bundle)
    large = [at for at in bins if at.n_records >= SOME * sum(item.n_records for item in bins)]
    return max(large, key=lambda at: abs(at.confidence - at.accuracy), default=None)


def draw_reliability(bundle: Bundle, path: Path) -> None:
    """Draw how often a bundle's answers are right, over their probability, and how many there are of each.

    The same bundle always gives the same bytes.

    Parameters
    ----------
    bundle : Bundle
        Its provenance holds the curve; without one the diagram says that it was not measured.
    path : Path
        The picture: .svg, .png or .pdf.

    Raises
    ------
    SettingsError
        If the ending is another.
    OSError
        If the file cannot be written.
    """
    from matplotlib.figure import Figure

    check_ending(path)
    bins = reliability_bins(bundle)
    with reproducible():
        figure = Figure(figsize=_SIZE, facecolor=PAPER)
        upper, lower = (axes_in_inches(figure, box, xlim=(0, 1)) for box in (_UPPER, _LOWER))
        words = _words(bundle)
        _draw_curve(upper, bins, words.share)
        _draw_counts(lower, bins, words)
        title = f"{bundle.name} {bundle.version}: {words.title}"
        upper.set_title(title, fontsize=10, color=INK, loc="left", parse_math=False)
        for axes in (upper, lower):
            calm(axes)
        save(figure, path)


@dataclass(frozen=True, slots=True)
class _Words:
    """What stands beside the axes, and above."""

    title: str
    share: str
    things: str
    probability: str


def _words(bundle: Bundle) -> _Words:
    things = f"{unit_of(bundle)}s"
    if bundle.single_label:
        return _Words(f"held-out {things}", "share of answers that are right", things,
                      "probability of the answer")  # fmt: skip
    # A count of pairs has more digits than there is room for beside a longer word.
    return _Words("all classes, held out", "share that have the class", "pairs", "probability of a class")


def _draw_curve(axes: Axes, bins: tuple[Bin, ...], share: str) -> None:
    axes.plot((0, 1), (0, 1), color=QUIET, linewidth=0.8, linestyle=(0, (4, 3)), zorder=1)
    xs, ys = [item.confidence for item in bins], [item.accuracy for item in bins]
    (curve,) = axes.plot(xs, ys, color=SURE, linewidth=0.9, zorder=2, clip_on=False)
    curve.set_gid("reliability")
    most = max((item.n_records for item in bins), default=1)
    sizes = [max(_LARGEST_POINTS2 * item.n_records / most, _SMALLEST_POINTS2) for item in bins]
    axes.scatter(xs, ys, s=sizes, color=SURE, edgecolor=PAPER, linewidth=0.8, zorder=3,
                 clip_on=False)  # fmt: skip
    if not bins:
        axes.text(0.3, 0.7, NOT_MEASURED, color=QUIET, fontsize=11, ha="center")
    axes.set_ylim(0, 1)
    axes.tick_params(labelbottom=False)
    axes.set_ylabel(share, fontsize=9, color=INK)


def _draw_counts(axes: Axes, bins: tuple[Bin, ...], words: _Words) -> None:
    widths = [item.high - item.low for item in bins]
    axes.bar([item.low for item in bins], [item.n_records for item in bins], widths, align="edge",
             color=_EMPTY, edgecolor=PAPER, linewidth=0.8)  # fmt: skip
    axes.set_ylabel(words.things, fontsize=9, color=INK)
    axes.set_xlabel(words.probability, fontsize=9, color=INK)
    if not bins:
        axes.set_yticks([])
