"""An explanation as a file: a picture, or a web page that needs nothing else."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from einthoven.errors import SettingsError

if TYPE_CHECKING:
    from einthoven.apps.explanation.story import Story

ENDINGS = (".png", ".pdf", ".svg", ".html")
PNG_DPI = 150


def check_ending(path: Path) -> None:
    """Raise SettingsError if a file's ending is not that of an explanation that can be drawn."""
    if path.suffix.lower() not in ENDINGS:
        raise SettingsError(
            f"{path}: expected an ending among {', '.join(ENDINGS)}, found {path.suffix or 'none'}"
        )


def draw(story: Story, path: Path) -> None:
    """Draw an explanation; the same one always gives the same bytes.

    Parameters
    ----------
    story : Story
        What is told.
    path : Path
        .png, .pdf, .svg, or .html: one file with the picture and a table, that loads nothing.

    Raises
    ------
    SettingsError
        If the ending is another.
    OSError
        If the file cannot be written.
    """
    check_ending(path)
    from einthoven.apps.explanation.html import html_of
    from einthoven.apps.explanation.page import figure_of

    ending = path.suffix.lower()[1:]
    with _drawing():
        if ending == "html":
            path.write_text(html_of(story), encoding="utf-8")
            return
        dated = {"pdf": {"CreationDate": None}, "svg": {"Date": None}}.get(ending, {})
        figure_of(story).savefig(path, dpi=PNG_DPI, format=ending, metadata=dated)


@contextmanager
def _drawing() -> Iterator[None]:
    import matplotlib as mpl

    with (
        # Hinted letters are wider than those that were measured.
        mpl.rc_context({"svg.hashsalt": "einthoven", "text.hinting": "no_hinting"}),
        warnings.catch_warnings(),
    ):
        # A file name may hold letters that the font has not: they become boxes, no reason to complain.
        warnings.filterwarnings("ignore", message="Glyph .* missing")
        yield
