"""The picture of a transfer: whose marks stand where, and what they are called."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from einthoven.apps.transfer_plot import PUBLISHED_LABEL, draw_transfer
from einthoven.errors import SettingsError
from einthoven.training.transfer import VariantScores

Make = Callable[..., list[VariantScores]]
OURS = {"1": 0.7, "2": 0.75, "all": 0.8, "scratch": 0.78}
PUBLISHED = {"1": 71.6, "2": 81.2, "3": 96.4, "scratch": 99.1}


def drawn(scores: list[VariantScores], path: Path, published: Mapping[str, float] = PUBLISHED) -> Figure:
    """Draw, and return the figure that was written."""
    figures: list[Any] = []
    written = Figure.savefig

    def save(self: Any, *arguments: Any, **more: Any) -> None:
        figures.append(self)
        written(self, *arguments, **more)

    with patch.object(Figure, "savefig", save):
        draw_transfer(scores, path, published)
    # Text keeps the resolution that it was last drawn at.
    FigureCanvasAgg(figures[0]).draw()
    return figures[0]


def test_marks_stand_at_their_scores_and_published_ones_only_where_there_are_any(
    transfer_scores: Make, tmp_path: Path
) -> None:
    figure = drawn(transfer_scores(OURS), tmp_path / "a.png")
    accuracy, area = figure.axes
    beats, recordings = (container[0].get_ydata() for container in accuracy.containers)  # type: ignore[index]
    assert list(beats) == pytest.approx([70, 75, 80, 78])
    assert list(recordings) == pytest.approx([75, 80, 85, 83])
    (published,) = [line for line in accuracy.lines if line.get_gid() == "published"]
    assert list(published.get_xdata()) == [0, 1, 3]
    assert list(published.get_ydata()) == [71.6, 81.2, 99.1]
    (always,) = [line for line in accuracy.lines if line.get_gid() == "always"]
    assert set(always.get_ydata()) == {75.0}
    assert list(area.containers[0][0].get_ydata()) == pytest.approx([71, 76, 81, 79])  # type: ignore[index]
    assert [text.get_text() for text in accuracy.get_xticklabels()] == [
        "1\n10", "2\n100", "all\n1.0k", "scratch\n10k"]  # fmt: skip
    for axes in (accuracy, area):
        assert axes.get_ylim()[0] >= 0
        assert axes.get_ylim()[1] <= 101


@pytest.mark.parametrize(
    ("split_by", "said"),
    [("patient", "split by patient"), ("beat", "split at random: one patient's beats on both sides")],
)
def test_every_mark_says_on_which_data_and_split_it_is(
    transfer_scores: Make, tmp_path: Path, split_by: str, said: str
) -> None:
    figure = drawn(transfer_scores(OURS, split_by=split_by), tmp_path / "a.svg")
    labels = [text.get_text() for text in figure.legends[0].get_texts()]
    ours = [label for label in labels if label.startswith("ours")]
    assert len(ours) == (2 if split_by == "patient" else 1)
    assert all(label.endswith(f"ptbxl, {said}") for label in ours)
    assert PUBLISHED_LABEL in labels
    assert "always the most frequent class: 75.0 % of the heartbeats" in labels
    assert "fold 0, 2 of 9" in figure.get_suptitle()


def test_all_lettering_is_inside_the_picture(transfer_scores: Make, tmp_path: Path) -> None:
    figure = drawn(
        transfer_scores(dict.fromkeys(("1", "2", "3", "4", "all", "scratch"), 0.7)), tmp_path / "a.png"
    )
    bounds, whole = figure.get_tightbbox(), figure.bbox_inches
    assert bounds.x0 >= whole.x0
    assert bounds.y0 >= whole.y0
    assert bounds.x1 <= whole.x1
    assert bounds.y1 <= whole.y1
    legend = figure.legends[0].get_window_extent()
    assert all(not legend.overlaps(axes.get_tightbbox()) for axes in figure.axes)


def test_simulated_recordings_are_called_so(transfer_scores: Make, tmp_path: Path) -> None:
    figure = drawn(transfer_scores(OURS, kind="simulated"), tmp_path / "a.png")
    assert "SIMULATED" in figure.get_suptitle()
    assert "SIMULATED" in figure.legends[0].get_texts()[0].get_text()


def test_a_score_that_is_not_defined_leaves_a_gap(transfer_scores: Make, tmp_path: Path) -> None:
    figure = drawn(transfer_scores({**OURS, "2": float("nan")}), tmp_path / "a.png")
    assert list(figure.axes[0].containers[0][0].get_xdata()) == pytest.approx([-0.12, 1.88, 2.88])  # type: ignore[index]


@pytest.mark.parametrize("ending", ["svg", "png", "pdf"])
def test_the_same_scores_give_the_same_bytes(transfer_scores: Make, tmp_path: Path, ending: str) -> None:
    for name in "ab":
        draw_transfer(transfer_scores(OURS), tmp_path / f"{name}.{ending}", PUBLISHED)
    one, other = ((tmp_path / f"{name}.{ending}").read_bytes() for name in "ab")
    assert one == other
    assert len(one) > 1000


def test_another_ending_is_refused(transfer_scores: Make, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"expected an ending among .*, found \.gif"):
        draw_transfer(transfer_scores(OURS), tmp_path / "a.gif", PUBLISHED)
    assert not list(tmp_path.iterdir())


def test_a_second_line_names_the_settings_that_were_changed(transfer_scores: Make, tmp_path: Path) -> None:
    plain, changed = (drawn(transfer_scores(OURS, batch_size=n), tmp_path / "a.png") for n in (64, 8))
    assert changed.get_suptitle() == f"{plain.get_suptitle()}\nbatch_size=8"
    (title,) = changed.texts
    assert all(not title.get_window_extent().overlaps(axes.get_tightbbox()) for axes in changed.axes)
