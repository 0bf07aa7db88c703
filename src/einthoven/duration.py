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
