"""Progress on stderr: a bar on a terminal, a line now and then elsewhere, nothing for what is soon over."""

from __future__ import annotations

import math
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.progress import Progress

BAR_AFTER_S = 1.0
LINE_EVERY_S = 30.0


@contextmanager
def progress(what: str, *, enabled: bool = True) -> Iterator[Callable[[int, int], None]]:
    """Yield a function to call with (done, total) as often as one likes.

    what : the activity, as in `reading recordings`
    enabled : whether anything may be shown on a terminal
    """
    shown = _Bar(what) if enabled and sys.stderr.isatty() else _Lines(what)
    try:
        yield shown
    finally:
        shown.close()


@contextmanager
def training_progress() -> Iterator[Callable[[str, int, int, float], None]]:
    """Yield a function to call with (activity, done, total, loss), NaN where there is no loss."""
    shown = _Bar("training") if sys.stderr.isatty() else _Lines("training")

    def report(what: str, done: int, total: int, loss: float) -> None:
        shown.what = what if math.isnan(loss) else f"{what}, loss {loss:.3f}"
        shown(done, total)

    try:
        yield report
    finally:
        shown.close()


class _Bar:
    def __init__(self, what: str) -> None:
        self.what = what
        self._started = time.monotonic()
        self._bar: Progress | None = None

    def __call__(self, done: int, total: int) -> None:
        if self._bar is None:
            if time.monotonic() - self._started < BAR_AFTER_S:
                return
            self._bar = self._open()
        task = self._bar.task_ids[0]
        self._bar.update(task, description=self.what, completed=done, total=total or None)

    def close(self) -> None:
        if self._bar is not None:
            self._bar.stop()

    def _open(self) -> Progress:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

        columns = (TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn(),
                   TimeRemainingColumn())  # fmt: skip
        bar = Progress(*columns, console=Console(stderr=True), transient=True)
        bar.add_task(self.what, total=None)
        bar.start()
        return bar


class _Lines:
    def __init__(self, what: str) -> None:
        self.what = what
        self._last = time.monotonic()

    def __call__(self, done: int, total: int) -> None:
        if time.monotonic() - self._last >= LINE_EVERY_S:
            self._last = time.monotonic()
            print(f"{self.what}: {done} of {total}", file=sys.stderr, flush=True)

    def close(self) -> None:
        """Nothing is open."""
