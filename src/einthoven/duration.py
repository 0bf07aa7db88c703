"""Lengths of time in words."""


def format_duration(seconds: float) -> str:
    """Return a length of time as people say it.

    >>> [format_duration(seconds) for seconds in (0.98, 90, 3600, 72000000)]
    ['0.98 s', '90 s', '1 h', '20,000 h']
    """
    if seconds < 120:
        return f"{seconds:.3g} s"
    if seconds < 3600:
        return f"{seconds / 60:.3g} min"
    hours = seconds / 3600
    return f"{hours:.4g} h" if hours < 1000 else f"{hours:,.0f} h"


def format_time(seconds: float) -> str:
    """Return a time from the start, or a length, as minutes and seconds from a minute on, with its unit.

    >>> [format_time(seconds) for seconds in (0, 12.54, 100, 175.4, 5400.25)]
    ['0 s', '12.5 s', '1:40 min', '2:55.4 min', '1:30:00.2 h']
    """
    tenths = round(10 * seconds)
    if tenths < 600:
        return f"{tenths / 10:g} s"
    return f"{minutes_and_seconds(seconds).removesuffix('.0')} {'min' if tenths < 36_000 else 'h'}"


def format_span(start: float, end: float, between: str = "to") -> str:
    """Return two times of a recording, s, the second the later one, both in the unit of that.

    >>> format_span(1540, 1560), format_span(29.5, 149.5), format_span(3, 42)
    ('25:40 to 26:00 min', '0:29.5 to 2:29.5 min', '3 to 42 s')
    """
    last, unit = format_time(end).split(" ")
    first = f"{round(start, 1):g}" if unit == "s" else minutes_and_seconds(start).removesuffix(".0")
    return f"{first} {between} {last} {unit}"


def minutes_and_seconds(seconds: float) -> str:
    """Return a time as a column of them shows it: minutes and seconds, and hours if there are any.

    >>> [minutes_and_seconds(seconds) for seconds in (8, 175.4, 5400.25)]
    ['0:08.0', '2:55.4', '1:30:00.2']
    """
    minutes, tenths = divmod(round(10 * seconds), 600)
    rest = f"{tenths // 10:02d}.{tenths % 10}"
    return f"{minutes}:{rest}" if minutes < 60 else f"{minutes // 60}:{minutes % 60:02d}:{rest}"
