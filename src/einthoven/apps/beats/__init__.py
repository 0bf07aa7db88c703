"""The beats of a recording in pictures: examples, templates, Poincaré plot and tachogram on one page."""

from einthoven.apps.beats.page import draw_beats

__all__ = ["draw_beats"]
