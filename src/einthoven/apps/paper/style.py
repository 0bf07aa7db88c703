"""What pages look like: sizes in millimetres, colours, and lettering that is measured beforehand."""

from __future__ import annotations

from bisect import bisect_right
from functools import lru_cache

from matplotlib.axes import Axes
from matplotlib.font_manager import FontProperties
from matplotlib.textpath import text_to_path

from einthoven.apps import picture
from einthoven.apps.text import one_line

WIDTH, MARGIN = 297.0, 11.0
MM_AN_INCH, POINTS_AN_INCH = 25.4, 72.0

PAPER, INK, QUIET, SURE = picture.PAPER, picture.INK, picture.QUIET, picture.SURE
FINE, COARSE, EMPTY = "#f7d9d2", "#eba99d", "#eceef1"
UNSURE, FAILED = "#a15c00", "#b3261e"


_MOST_LETTERS = 1000


def points(mm: float) -> float:
    """Return a length in points, the unit of line widths and letters."""
    return mm / MM_AN_INCH * POINTS_AN_INCH


@lru_cache(maxsize=4096)
def width_of(text: str, size: float, weight: str = "normal") -> float:
    """Return the width of a line of text, mm, whose letters are `size` mm high."""
    if not text.strip():
        return 0.0
    font = FontProperties(size=points(size), weight=weight)
    wide: float = text_to_path.get_text_width_height_descent(one_line(text), font, False)[0]
    return wide / POINTS_AN_INCH * MM_AN_INCH


def fitted(
    text: str, width: float, size: float, smallest: float, weight: str = "normal"
) -> tuple[str, float]:
    """Return text and the size at which it is not wider than `width` mm; what is too long even so ends in ...

    text : one line
    size, smallest : height of the letters, mm
    """
    # Far more letters than any line has: a file may hold text of any length.
    line = one_line(text[:_MOST_LETTERS])
    size = max(min(size, size * width / max(width_of(line, size, weight), 0.1)), smallest)
    # Where the smaller size was chosen to fit, it may be too wide by a rounding.
    if width_of(line, size, weight) <= width + 1e-6:
        return line, size
    n = bisect_right(range(len(line)), width, key=lambda n: width_of(f"{line[:n]}...", size, weight)) - 1
    return f"{line[: max(n, 1)]}...", size


def wrapped(text: str, width: float, size: float, max_lines: int) -> list[str]:
    """Return the lines, none wider than `width` mm, that a text becomes; the last one ends in ... if cut."""
    lines: list[str] = []
    for word in one_line(text[: _MOST_LETTERS * max_lines]).split():
        longer = f"{lines[-1]} {word}" if lines else word
        if not lines or width_of(longer, size) > width:
            lines.append(word)
        else:
            lines[-1] = longer
    if len(lines) > max_lines:
        lines = [*lines[: max_lines - 1], f"{' '.join(lines[max_lines - 1 :])}"]
    return [fitted(line, width, size, size)[0] for line in lines]


def write(
    page: Axes,
    x: float,
    y: float,
    text: str,
    size: float,
    *,
    colour: str = INK,
    weight: str = "normal",
    align: str = "left",
    backed: bool = False,
) -> None:
    """Write a line of text, letters `size` mm high, from the left or to the right of (x, y) mm.

    `$` in it means a dollar; what does not print is escaped. `backed`: the grid does not show through.
    """
    box = {"facecolor": PAPER, "edgecolor": "none", "pad": 0.8, "alpha": 0.85} if backed else None
    page.text(x, y, one_line(text), fontsize=points(size), color=colour, weight=weight, ha=align,
              va="baseline", parse_math=False, bbox=box, zorder=2)  # fmt: skip
