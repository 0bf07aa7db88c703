"""What is said of leads, by what was measured in them: see `einthoven.signal.quality`."""

from __future__ import annotations

from collections.abc import Sequence

MEASURES = ("missing_fraction", "flat", "saturated", "mains_ratio", "heartbeats", "noise", "amplitude_mv")
"""Fields of `Quality` of which something may be said, in this order."""


def say(measure: str, values: Sequence[float]) -> str:
    """Return what was found in leads of which something has to be said.

    measure : one of `MEASURES`
    values : what was measured in each of these leads, at least one

    >>> say("flat", [0.151]), say("flat", [0.15, 1.0])
    ('flat for 15 % of the time', 'flat for 15 % to 100 % of the time')
    """
    low, high = min(values), max(values)
    share = _span(_percent(low), _percent(high))
    if measure == "missing_fraction":
        return f"{share} of the samples are missing"
    if measure == "flat":
        return f"flat for {share} of the time"
    if measure == "saturated":
        return f"stuck at its highest or lowest value for {share} of the time"
    if measure == "mains_ratio":
        return f"mains hum has {_span(f'{low:.2g}', f'{high:.2g}')} times the power of the ECG"
    if measure == "heartbeats":
        return "none of the heartbeats that other leads show"
    if measure == "noise":
        return f"noisy: {share} of what should be heartbeats looks like no other beat"
    return (
        f"an amplitude of {_span(_mv(low), _mv(high))} mV is not that of a body-surface ECG: check the unit"
    )


def _span(low: str, high: str) -> str:
    return low if low == high else f"{low} to {high}"


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %" if share >= 0.01 else f"{100 * share:.2g} %"


def _mv(height: float) -> str:
    return f"{height:.0f}" if height >= 10 else f"{height:.3f}"
