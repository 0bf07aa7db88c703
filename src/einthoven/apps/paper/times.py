"""Times of a recording as people write them."""

from __future__ import annotations

from einthoven.duration import format_duration

_SECONDS_ONLY_S = 120.0


def clock(seconds: float) -> str:
    """Return a time from the start of a recording, with its unit.

    >>> [clock(s) for s in (0, 12.5, 70, 1830, 5400.25)]
    ['0 s', '12.5 s', '70 s', '30:30 min', '1:30:00.2 h']
    """
    tenths = round(10 * seconds)
    if tenths < 10 * _SECONDS_ONLY_S:
        return f"{tenths / 10:g} s"
    minutes, rest = divmod(tenths, 600)
    parts = f"{rest // 10:02d}" + (f".{rest % 10}" if rest % 10 else "")
    if minutes < 60:
        return f"{minutes}:{parts} min"
    return f"{minutes // 60}:{minutes % 60:02d}:{parts} h"


def part_of(start_s: float, end_s: float, duration_s: float) -> str:
    """Say which part of a recording something is.

    >>> part_of(0, 60, 1800), part_of(5400, 5460, 86400)
    ('0 to 60 s of 30 min', '1:30:00 to 1:31:00 h of 24 h')
    """
    first, last = clock(start_s), clock(end_s)
    # One unit is enough where both have the same.
    if first.split(" ")[1] == last.split(" ")[1]:
        first = first.split(" ")[0]
    return f"{first} to {last} of {format_duration(duration_s)}"
