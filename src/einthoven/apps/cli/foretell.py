"""How long something will take, said once, when the first part of it is done."""

from __future__ import annotations

import time
from collections.abc import Callable

from einthoven.apps.cli.output import say
from einthoven.duration import format_duration

WORTH_SAYING_S = 5.0
"""What is sooner over is not foretold, s."""


class Foretold:
    """Passes progress on, and says on stderr how long all of it will take, if that is long.

    what : that is counted and done, as in `windows`
    report : called with (done, total) as this is; first with nothing done, when the work begins
    advice : what would take less
    clock : seconds
    """

    def __init__(
        self,
        what: str,
        report: Callable[[int, int], None],
        advice: str = "",
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._what, self._report, self._advice, self._clock = what, report, advice, clock
        self._since: float | None = clock()

    def __call__(self, done: int, total: int) -> None:
        """Take note that so many of all are done."""
        if not done:
            self._since = self._clock()
        elif self._since is not None:
            all_s = (self._clock() - self._since) * total / done
            self._since = None
            if all_s >= WORTH_SAYING_S:
                advice = f"; {self._advice}" if self._advice else ""
                say(f"{total:,} {self._what}: about {_roughly(all_s)}{advice}")
        self._report(done, total)


def _roughly(seconds: float) -> str:
    """Return a length of time in as few words as it is known.

    >>> _roughly(34.2), _roughly(342.57), _roughly(7400)
    ('34 s', '5.7 min', '2.1 h')
    """
    unit = 1 if seconds < 120 else 60 if seconds < 3600 else 3600
    return format_duration(unit * float(f"{seconds / unit:.2g}"))
