"""Scores over the number of layers that learn, with those that were published."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Any

from einthoven.apps.picture import INK, PAPER, QUIET, axes_in_inches, calm, check_ending, reproducible, save
from einthoven.atomic import written_atomically

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from einthoven.metrics import Score
    from einthoven.training.evaluate import Evaluation
    from einthoven.training.transfer import VariantScores

_SIZE = (8.6, 4.7)
# Left, bottom, width, height, inches.
_ACCURACY, _AREA = (0.65, 1.55, 3.55, 2.55), (4.85, 1.55, 3.55, 2.55)
_BEATS, _RECORDINGS, _PUBLISHED = "#0072b2", "#d55e00", "#5d636e"
_APART = 0.12
"""From a variant's place to its marks on either side."""
_SPLITS = {
    "patient": "split by patient",
    "recording": "split at random: no patients are known",
    "beat": "split at random: one patient's beats on both sides",
}
PUBLISHED_LABEL = "published: heartbeats, PTB, split at random: one patient's beats on both sides"


def draw_transfer(scores: Sequence[VariantScores], path: Path, published: Mapping[str, float]) -> None:
    """Draw accuracy and area under the ROC curve over what learnt, with 95 % intervals.

    The same scores always give the same bytes.

    Parameters
    ----------
    scores : of each variant, in the order of the axis
    path : the picture: .svg, .png or .pdf
    published : accuracy by variant, percent

    Raises
    ------
    SettingsError
        If the ending is another.
    OSError
        If the file cannot be written.
    """
    from matplotlib.figure import Figure

    check_ending(path)
    with reproducible():
        figure = Figure(figsize=_SIZE, facecolor=PAPER)
        left, right = (axes_in_inches(figure, box) for box in (_ACCURACY, _AREA))
        _draw_accuracy(left, scores, published)
        _draw_area(right, scores)
        for axes in (left, right):
            _count_layers(axes, scores)
        figure.suptitle(_title(scores[0].evaluation), x=0.02, y=0.975, ha="left", fontsize=9.5, color=INK,
                        parse_math=False)  # fmt: skip
        figure.legend(handles=_marks(left), loc="lower left", bbox_to_anchor=(0.015, 0.01),
                      fontsize=8, frameon=False, labelcolor=INK)  # fmt: skip
        with written_atomically(path) as partial:
            save(figure, partial)


def _title(evaluation: Evaluation) -> str:
    """Say what was run; a second line names settings that were changed."""
    from einthoven.apps.cli.deviations import NAMED, in_words
    from einthoven.apps.cli.transfer_table import changed_settings

    where = "SIMULATED recordings" if evaluation.is_simulated else evaluation.dataset
    folds = ", ".join(map(str, evaluation.folds))
    unit = evaluation.table.resampled.removesuffix("s")
    changed = in_words(changed_settings(evaluation), NAMED)
    title = (f"{evaluation.protocol.recipe}, budget {evaluation.budget}, on {where}: "
            f"fold {folds} of {evaluation.n_folds}, 95 % intervals by {unit}")  # fmt: skip
    return f"{title}\n{changed}" if changed else title


def _draw_accuracy(axes: Axes, scores: Sequence[VariantScores], published: Mapping[str, float]) -> None:
    evaluation = scores[0].evaluation
    where = "SIMULATED" if evaluation.is_simulated else evaluation.dataset
    ours = f"{where}, {_SPLITS[evaluation.split_by]}"
    _draw(axes, [one.beats.accuracy for one in scores], -_APART, "o", _BEATS, f"ours: heartbeats, {ours}")
    if all(one.recordings for one in scores):
        found = [one.recordings.accuracy for one in scores if one.recordings]
        label = f"ours: recordings (mean probability of their beats), {ours}"
        _draw(axes, found, _APART, "s", _RECORDINGS, label)
    stated = [(k, published[one.variant.name]) for k, one in enumerate(scores)
              if one.variant.name in published]  # fmt: skip
    axes.plot([k for k, _ in stated], [value for _, value in stated], "D", color=_PUBLISHED, ms=5,
              fillstyle="none", label=PUBLISHED_LABEL, gid="published")  # fmt: skip
    always = 100 * scores[0].beats.always
    axes.axhline(always, color=QUIET, linewidth=0.8, linestyle=(0, (4, 3)), zorder=1, gid="always",
                 label=f"always the most frequent class: {always:.1f} % of the heartbeats")  # fmt: skip
    axes.set_ylabel("accuracy, %", fontsize=9, color=INK)


def _draw_area(axes: Axes, scores: Sequence[VariantScores]) -> None:
    _draw(axes, [one.beats.auroc for one in scores], -_APART, "o", _BEATS, "")
    if all(one.recordings for one in scores):
        found = [one.recordings.auroc for one in scores if one.recordings]
        _draw(axes, found, _APART, "s", _RECORDINGS, "")
    axes.axhline(50, color=QUIET, linewidth=0.8, linestyle=(0, (4, 3)), zorder=1)
    axes.set_ylabel("AUROC, % (50: by chance)", fontsize=9, color=INK)


def _draw(axes: Axes, found: Sequence[Score], aside: float, mark: str, colour: str, label: str) -> None:
    """Draw a score with its interval for each variant; one that is not defined leaves a gap."""
    places = [(k + aside, score) for k, score in enumerate(found) if isfinite(score.value)]
    values = [100 * score.value for _, score in places]
    reach = [[100 * (score.value - score.low) for _, score in places],
             [100 * (score.high - score.value) for _, score in places]]  # fmt: skip
    axes.errorbar([x for x, _ in places], values, yerr=reach, fmt=mark, color=colour, ms=5, elinewidth=1,
                  capsize=2.5, capthick=1, label=label or None)  # fmt: skip


def _marks(axes: Axes) -> list[Any]:
    """Return what has a label, ours first."""
    return sorted(
        axes.get_legend_handles_labels()[0], key=lambda mark: not mark.get_label().startswith("ours")
    )


def _count_layers(axes: Axes, scores: Sequence[VariantScores]) -> None:
    calm(axes)
    axes.grid(axis="y", color=QUIET, alpha=0.2, linewidth=0.6)
    axes.set_xlim(-0.5, len(scores) - 0.5)
    axes.set_xticks(range(len(scores)), [f"{one.variant.name}\n{_short(one.n_trained)}" for one in scores])
    low, high = axes.get_ylim()
    axes.set_ylim(max(low, 0), min(high + 1, 101))
    axes.set_xlabel("layers that learn, from the last on; weights that learn", fontsize=8.5,
                    color=INK)  # fmt: skip


def _short(n: int) -> str:
    """Return a number of weights with two digits.

    >>> _short(66), _short(8290), _short(270690), _short(4989282)
    ('66', '8.3k', '271k', '5.0M')
    """
    for unit, name in ((1e6, "M"), (1e3, "k")):
        if n >= unit:
            return f"{n / unit:.1f}{name}" if n < 10 * unit else f"{n / unit:.0f}{name}"
    return str(n)
