"""What a person sees while a network trains: one bar, and nothing from Lightning."""

from __future__ import annotations

import contextlib
import logging
import math
from collections.abc import Callable, Iterator

from lightning.fabric.strategies.ddp import DDPStrategy
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

Report = Callable[[str, int, int, float], None]
"""Told (what goes on, steps done, steps in all, loss or NaN)."""

_LIGHTNING = ("lightning.fabric", "lightning.pytorch")


@contextlib.contextmanager
def progress_bar(shown: bool) -> Iterator[Report]:
    """Show a progress bar on stderr; yields the function that moves it."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), disable=not shown) as bar:
        task = bar.add_task("starting", total=None)

        def report(what: str, done: int, n: int, loss: float) -> None:
            text = what if math.isnan(loss) else f"{what}, loss {loss:.3f}"
            bar.update(task, description=text, completed=done, total=n)

        yield report


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
