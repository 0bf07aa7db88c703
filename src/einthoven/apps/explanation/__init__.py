"""What speaks for an answer, drawn over the signal, with what the layers see."""

from einthoven.apps.explanation.draw import ENDINGS, check_ending, draw
from einthoven.apps.explanation.story import Story

__all__ = ["ENDINGS", "Story", "check_ending", "draw"]
