"""Lengths of time in words."""


def format_duration(seconds: float) -> str:
    """Return a length of time as people say it.

    >>> [format_duration(seconds) for seconds in (0.98, 90, 3600, 720000)]
    ['0.98 s', '90 s', '1 h', '200 h']
    """
    if seconds < 120:
        return f"{seconds:.3g} s"
    return f"{seconds / 60:.3g} min" if seconds < 3600 else f"{seconds / 3600:.4g} h"
