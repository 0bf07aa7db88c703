"""A recording on ECG paper, to scale, with the answer above it."""

from einthoven.apps.paper.margins import shown_part
from einthoven.apps.paper.page import draw, max_pages
from einthoven.apps.paper.strips import Sheet, Strip, lay_out
from einthoven.apps.picture import check_ending

__all__ = ["Sheet", "Strip", "check_ending", "draw", "lay_out", "max_pages", "shown_part"]
