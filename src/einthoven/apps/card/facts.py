"""Words for what a provenance states: a figure, or that it was not measured."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from einthoven.bundle.facts import is_number, stated

if TYPE_CHECKING:
    from einthoven.bundle import Bundle

NOT_MEASURED = "not measured"
NOT_STATED = "not stated"
ECTOPIC = ("S", "V")
"""The classes of heartbeats that a reader asks for first."""


def unit_of(bundle: Bundle) -> str:
    """Return what a model answers, and its figures count: a "recording", or a "heartbeat"."""
    return "recording" if bundle.cut is None else "heartbeat"


def count(value: Any) -> str:
    """Return a whole number with commas.

    >>> count(6868), count(None)
    ('6,868', 'not measured')
    """
    return f"{value:,.0f}" if is_number(value) else NOT_MEASURED


def share(value: Any) -> str:
    """Return a number between 0 and 1 with three digits."""
    return f"{value:.3f}" if is_number(value) else NOT_MEASURED


def percent(value: Any) -> str:
    """Return a number between 0 and 1 in percent.

    >>> percent(0.9003)
    '90.0 %'
    """
    return f"{100 * value:.1f} %" if is_number(value) else NOT_MEASURED


def score(value: Any) -> str:
    """Return a score with its interval, as far as it has one.

    >>> score({"value": 0.8, "low": 0.7, "high": 0.9}), score({"value": None})
    ('0.800 (0.700 to 0.900)', 'not measured')
    """
    low, high = stated(value, "low"), stated(value, "high")
    text = share(stated(value, "value"))
    is_whole = text != NOT_MEASURED and is_number(low) and is_number(high)
    return f"{text} ({low:.3f} to {high:.3f})" if is_whole else text
