"""An explanation as a file: a picture, or a web page that needs nothing else."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from einthoven.apps import picture

if TYPE_CHECKING:
    from einthoven.apps.explanation.story import Story

ENDINGS = (*picture.ENDINGS, ".html")
PNG_DPI = 150


def check_ending(path: Path) -> None:
    """Raise SettingsError if a file's ending is not that of an explanation that can be drawn."""
    picture.check_ending(path, ENDINGS)


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

    with picture.drawing_page():
        if path.suffix.lower() == ".html":
            path.write_text(html_of(story), encoding="utf-8")
        else:
            picture.save(figure_of(story), path, PNG_DPI)
