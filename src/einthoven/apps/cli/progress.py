"""Progress on stderr: a bar on a terminal, a line now and then elsewhere, nothing for what is soon over."""

from __future__ import annotations

import math
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from rich.progress import Progress

BAR_AFTER_S = 1.0
LINE_EVERY_S = 30.0


class Report(Protocol):
    """What to call with (done, total) as often as one likes, and with how many of those done have failed.

    A total of None: nobody knows yet.
    """

    def __call__(self, done: int, total: int | None, n_failed: int = 0) -> None: ...


@contextmanager
def progress(what: str, *, enabled: bool = True) -> Iterator[Report]:
    """Yield a function to call with (done, total), or with (done, total, failed).

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
    activity = ""

    def report(what: str, done: int, total: int, loss: float) -> None:
        nonlocal activity
        if what != activity:
            # What was done before, by a run that goes on or in another activity, says nothing of the pace.
            activity = what
            shown.pace.restart(done)
        shown.what = what if math.isnan(loss) else f"{what}, loss {loss:.3f}"
        shown(done, total)

    try:
        yield report
    finally:
        shown.close()


class _Pace:
    """How fast things get done."""

    def __init__(self) -> None:
        self.restart(0)

    def restart(self, done: int) -> None:
        """Begin to measure, when so many are done already."""
        self._since, self._before = time.monotonic(), done

    def measured(self, done: int, total: int | None) -> list[str]:
        """Return the rate and the time left in words, nothing while neither is known."""
        elapsed = time.monotonic() - self._since
        if elapsed <= 0 or done <= self._before:
            return []
        rate = (done - self._before) / elapsed
        left = [] if total is None or total <= done else [f"{_clock((total - done) / rate)} left"]
        return [f"{rate:.0f}/s" if rate >= 10 else f"{rate:.2g}/s", *left]


def _clock(seconds: float) -> str:
    """Return a length of time as on a clock.

    >>> _clock(9), _clock(3725)
    ('0:09', '1:02:05')
    """
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


class _Shown:
    """What a bar and a line have in common."""

    def __init__(self, what: str) -> None:
        self.what = what
        self.pace = _Pace()

    def _state(self, done: int, total: int | None, n_failed: int) -> str:
        failed = [f"{n_failed} failed"] if n_failed else []
        counted = f"{done}" if total is None else f"{done} of {total}"
        return ", ".join([counted, *self.pace.measured(done, total), *failed])


class _Bar(_Shown):
    def __init__(self, what: str) -> None:
        super().__init__(what)
        self._started = time.monotonic()
        self._bar: Progress | None = None

    def __call__(self, done: int, total: int | None, n_failed: int = 0) -> None:
        if self._bar is None:
            if time.monotonic() - self._started < BAR_AFTER_S:
                return
            self._bar = self._open()
        state = self._state(done, total, n_failed)
        task = self._bar.task_ids[0]
        self._bar.update(task, description=self.what, completed=done, total=total or None, state=state)

    def close(self) -> None:
        if self._bar is not None:
            self._bar.stop()

    def _open(self) -> Progress:
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TextColumn

        columns = (
            TextColumn("{task.description}", markup=False),
            BarColumn(bar_width=20),
            TextColumn("{task.fields[state]}", markup=False),
        )
        bar = Progress(*columns, console=Console(stderr=True), transient=True)
        bar.add_task(self.what, total=None, state="")
        bar.start()
        return bar


class _Lines(_Shown):
    def __init__(self, what: str) -> None:
        super().__init__(what)
        self._last = time.monotonic()

    def __call__(self, done: int, total: int | None, n_failed: int = 0) -> None:
        if time.monotonic() - self._last >= LINE_EVERY_S:
            self._last = time.monotonic()
            print(f"{self.what}: {self._state(done, total, n_failed)}", file=sys.stderr, flush=True)

    def close(self) -> None:
        """Nothing is open."""
