"""Repeat, take the median, and say how it varied."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Timing:
    """Seconds of several runs of one piece of work."""

    seconds: tuple[float, ...]

    @property
    def median(self) -> float:
        """The middle run, in seconds."""
        return statistics.median(self.seconds)

    def __str__(self) -> str:
        low, high = min(self.seconds), max(self.seconds)
        return f"{self.median:.3f} s ({low:.3f} to {high:.3f}, n={len(self.seconds)})"


def time_calls(work: Callable[[], object], runs: int = 5) -> Timing:
    """Time `work` after one unmeasured call, so that caches and imports are the same for all."""
    work()
    seconds = []
    for _ in range(runs):
        start = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - start)
    return Timing(tuple(seconds))


def time_processes(*commands: list[str], runs: int = 7) -> list[Timing]:
    """Time whole commands, one after the other in turn, so that a busy moment strikes all of them alike."""
    seconds: list[list[float]] = [[] for _ in commands]
    for turn in range(runs + 1):
        for command, taken in zip(commands, seconds, strict=True):
            start = time.perf_counter()
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            if turn:
                taken.append(time.perf_counter() - start)
    return [Timing(tuple(taken)) for taken in seconds]


def python(*arguments: str) -> list[str]:
    """Return a command that runs this interpreter."""
    return [sys.executable, *arguments]
