"""Pictures as files: the endings there are, the same bytes for the same picture, and calm axes in inches."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from einthoven.errors import SettingsError

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

ENDINGS = (".png", ".pdf", ".svg")
PNG_DPI = 200

PAPER, INK, QUIET, SURE = "#fffdfb", "#14181f", "#6b6f78", "#0f6e56"


def check_ending(path: Path, endings: Sequence[str] = ENDINGS) -> None:
    """Raise SettingsError if a file's ending is not that of a picture that can be drawn."""
    if path.suffix.lower() not in endings:
        raise SettingsError(
            f"{path}: expected an ending among {', '.join(endings)}, found {path.suffix or 'none'}"
        )


@contextmanager
def reproducible() -> Iterator[None]:
    """Have the same picture, drawn and saved meanwhile, give the same bytes every time."""
    import matplotlib as mpl

    with mpl.rc_context({"svg.hashsalt": "einthoven"}):
        yield


@contextmanager
def drawing_page() -> Iterator[None]:
    """Do so for a page whose lettering was measured beforehand, and may be from a stranger's file."""
    import matplotlib as mpl

    with (
        reproducible(),
        # Hinted letters are wider than those that were measured.
        mpl.rc_context({"text.hinting": "no_hinting"}),
        warnings.catch_warnings(),
    ):
        # A file name may hold letters that the font has not: they become boxes, no reason to complain.
        warnings.filterwarnings("ignore", message="Glyph .* missing")
        yield


def save(figure: Figure, path: Path, dpi: int = PNG_DPI) -> None:
    """Save a figure in the format that the file's ending, one of `ENDINGS`, names, without the date.

    Raises OSError if the file cannot be written.
    """
    ending = path.suffix.lower()
    dated = {".pdf": {"CreationDate": None}, ".svg": {"Date": None}}.get(ending, {})
    figure.savefig(path, dpi=dpi, format=ending[1:], metadata=dated)


def axes_in_inches(figure: Figure, box: tuple[float, float, float, float], **more: Any) -> Axes:
    """Add axes at (left, bottom, width, height) inches; `more` is for `Figure.add_axes`."""
    wide, high = figure.get_size_inches().tolist()
    left, bottom, width, height = box
    return figure.add_axes((left / wide, bottom / high, width / wide, height / high), **more)


def calm(axes: Axes) -> None:
    """Let lines and ticks of axes step back behind what is drawn in them."""
    axes.set_facecolor(PAPER)
    axes.spines[["top", "right"]].set_visible(False)
    axes.spines[["left", "bottom"]].set_color(QUIET)
    axes.tick_params(labelsize=8, colors=QUIET, width=0.6, length=3)
