"""What went wrong: kept once for each place in the code, as the smallest input that leads there."""

from __future__ import annotations

import re
import traceback
from dataclasses import dataclass
from pathlib import Path

from fuzz.targets import BrokenPromise

OURS = "einthoven"
_ODD = re.compile(r"[^\w.-]", re.ASCII)
_SUFFIX = ".txt"


@dataclass(frozen=True, slots=True)
class Findings:
    """A folder of inputs that made a target raise, each beside a text that says what was raised."""

    folder: Path

    def keep(self, data: bytes, error: Exception) -> None:
        """Keep an input, unless a smaller one led to the same place."""
        path = self.folder / signature(error)
        if path.exists() and path.stat().st_size <= len(data):
            path.touch()
            return
        self.folder.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        path.with_name(path.name + _SUFFIX).write_text("".join(traceback.format_exception(error)))

    def names(self, since: float = 0.0) -> list[str]:
        """Return the findings, those of the fuzzing engine (time, memory, a crash) with them.

        since : seconds since the epoch; what was found before, and not again, is left out
        """
        if not self.folder.is_dir():
            return []
        paths = [path for path in self.folder.iterdir() if path.suffix != _SUFFIX]
        return sorted(path.name for path in paths if path.stat().st_mtime >= since)


def signature(error: Exception) -> str:
    """Return what was raised, and the function of ours that it came from; of a broken promise also which."""
    origin = error.__cause__ or error
    frames = [frame for frame in traceback.extract_tb(origin.__traceback__) if OURS in frame.filename]
    places = [f"{Path(frame.filename).stem}.{frame.name.strip('<>')}" for frame in frames[-1:]]
    what = error.args[0].split() if isinstance(error, BrokenPromise) else ()
    return _ODD.sub("", "-".join((type(error).__name__, *what, *places)))
