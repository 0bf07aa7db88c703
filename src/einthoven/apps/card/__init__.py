"""The model card: what a bundle states of itself, for people. No figure in it is typed by hand."""

from einthoven.apps.card.page import model_card
from einthoven.apps.card.reliability import draw_reliability

__all__ = ["draw_reliability", "model_card"]
