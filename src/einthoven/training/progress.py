"""Who is told how far training is, and nothing from Lightning in between."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager

from lightning.fabric.strategies.ddp import DDPStrategy

Report = Callable[[str, int, int, float], None]
"""Told (what goes on, steps done, steps in all, loss or NaN)."""

Display = Callable[[], AbstractContextManager[Report]]
"""Opens what shows progress. It may be asked for in another process, so pickle must be able to send it."""

_LIGHTNING = ("lightning.fabric", "lightning.pytorch")


@contextlib.contextmanager
def unseen() -> Iterator[Report]:
    """Give a report that nobody reads."""
    yield lambda *_: None


@contextlib.contextmanager
def quiet_lightning() -> Iterator[None]:
    """Keep Lightning from announcing devices and processes; its warnings still come through."""
    loggers = [logging.getLogger(name) for name in _LIGHTNING]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.WARNING)
    try:
        yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)


class QuietDDP(DDPStrategy):
    """Lightning's distributed data parallel training, whose processes do not announce themselves."""

    def setup_environment(self) -> None:
        """Join the other processes."""
        with quiet_lightning():
            super().setup_environment()
