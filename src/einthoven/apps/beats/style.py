"""What the pictures of beats have in common: a colour and a mark for each class, and calm axes."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from einthoven.apps.paper.style import COARSE, PAPER, QUIET, points

COLOURS: Mapping[str, str] = MappingProxyType(
    {"N": "#0072b2", "S": "#00795a", "V": "#d55e00", "F": "#b0528a", "Q": "#5d636e"}
)
"""Of each class; after M. Okabe and K. Ito, 2008: told apart by those who see no red or no green too."""
MARKS: Mapping[str, str] = MappingProxyType({"N": "o", "S": "^", "V": "D", "F": "P", "Q": "X"})
"""Of each class, so that nothing depends on colour alone."""
NAMES: Mapping[str, str] = MappingProxyType(
    {
        "N": "normal",
        "S": "supraventricular",
        "V": "ventricular",
        "F": "fusion",
        "Q": "paced or unclear",
    }
)
TICK = 2.3
"""Height of the letters at axes, mm."""


def axes_at(figure: Figure, page: Axes, box: tuple[float, float, float, float]) -> Axes:
    """Return axes at (left, bottom, width, height) mm of a page, calm enough for what is drawn in them."""
    width, height = page.get_xlim()[1], page.get_ylim()[1]
    left, bottom, wide, high = box
    axes = figure.add_axes((left / width, bottom / height, wide / width, high / height), facecolor=PAPER)
    axes.spines[["top", "right"]].set_visible(False)
    axes.spines[["left", "bottom"]].set(color=QUIET, linewidth=points(0.15))
    axes.tick_params(labelsize=points(TICK), colors=QUIET, width=points(0.15), length=points(0.8),
                     pad=points(0.6))  # fmt: skip
    axes.grid(color=COARSE, alpha=0.45, linewidth=points(0.12))
    axes.set_axisbelow(True)
    return axes
