"""R peaks: `gaps` -> `bands` -> `levels` -> `scores` -> `choice` -> `peaks`, driven by `stream`.

`flat` tells of leads that carry nothing.
"""

from einthoven.signal.rpeaks.stream import MIN_FS, RPeakStream, find_rpeaks

__all__ = ["MIN_FS", "RPeakStream", "find_rpeaks"]
