"""Channels of a table that are no leads: times, and numbers of samples.

An ECG goes up and down: what never falls over a whole recording is none. Such a channel that nobody named is
told from its steps; what it was taken for is said in the record's warnings.
"""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from einthoven.errors import FormatError
from einthoven.formats.given import Given, stating

MIN_LEVELS = 10
"""A channel of fewer different values may rise by chance."""
PLAUSIBLE_HZ = (25.0, 5_000.0)
"""Rates between which times without a unit are looked for, so that only one of the units below fits."""
UNITS_S = {"s": 1.0, "ms": 1e-3, "us": 1e-6, "ns": 1e-9}

_FS_TOLERANCE = 1e-4
"""How near a rate computed from rounded times is to a whole number of Hz for that to be meant."""
_LOOKED_AT = 1000


@dataclass(frozen=True, slots=True)
class Steps:
    """What an evenly rising channel says.

    fs : Hz, or None if it numbers the samples, or rises as no times of an ECG do
    unit : of the times, empty where there is no fs
    meaning : in words
    """

    fs: float | None
    unit: str
    meaning: str


@np.errstate(over="ignore", invalid="ignore")
def rises(channel: NDArray[Any]) -> bool:
    """Tell whether a channel, shape (n_samples,), never falls, and takes at least `MIN_LEVELS` values.

    Missing samples are passed over.
    """
    for part in (channel[:_LOOKED_AT], channel):
        values = np.asarray(part, np.float64)
        values = values[~np.isnan(values)]
        if np.isinf(values).any() or (np.diff(values) < 0).any():
            return False
    return int(np.count_nonzero(np.diff(values))) >= MIN_LEVELS - 1


@np.errstate(over="ignore", invalid="ignore")
def even_step(channel: NDArray[np.float64]) -> float | None:
    """Return by how much a channel, shape (n_samples,), rises from sample to sample.

    Rounded values are even if they are less than a step from where they would be. None if it is not even, has
    gaps or missing values, falls, or holds fewer than two values.
    """
    if len(channel) < 2 or not np.isfinite(channel).all():
        return None
    step = float(channel[-1] - channel[0]) / (len(channel) - 1)
    even = channel[0] + step * np.arange(len(channel))
    return step if step > 0 and bool((np.abs(channel - even) < step).all()) else None


def rate_of(step_s: float) -> float:
    """Return the sampling rate, Hz, of steps in seconds; a whole number where that is meant."""
    # What is far below a nanosecond may have become 0 on the way.
    fs = 1 / step_s if step_s else np.inf
    whole = float(np.rint(fs))
    return whole if abs(fs - whole) < _FS_TOLERANCE * fs else fs


def read_steps(channel: NDArray[np.float64]) -> Steps | None:
    """Say what an evenly rising channel without a unit is, or None if it does not rise evenly."""
    step = even_step(channel)
    if step is None:
        return None
    if step == 1 and bool((np.diff(channel) == 1).all()) and float(channel[0]).is_integer():
        return Steps(None, "", "counts from sample to sample: taken as numbers of samples, not as a lead")
    found = f"rises evenly by {step:.6g}"
    low, high = PLAUSIBLE_HZ
    for unit, seconds in UNITS_S.items():
        if low * step * seconds <= 1 <= high * step * seconds:
            fs = rate_of(step * seconds)
            return Steps(fs, unit, f"{found}: taken as times in {unit}, so {fs:.6g} Hz, not as a lead")
    return Steps(None, "", f"{found}: left out, as it is no lead, nor times of a plausible sampling rate")


def without_times(
    channels: Sequence[NDArray[Any]],
    names: Sequence[str],
    given: Given,
    known_leads: Container[int] = (),
) -> tuple[list[int], Given, tuple[str, ...]]:
    """Find the channels that are no leads, though nothing says what they are.

    Parameters
    ----------
    channels : n_channels times (n_samples,); where only one is left it is taken as a lead in any case
    names : what messages call them
    given : what is known of the recording
    known_leads : positions of channels that something says are leads

    Returns
    -------
    The positions of the leads; `given` with the sampling rate that the others state; warnings that say so.

    Raises
    ------
    FormatError if the first channel rises, but not evenly: it is no lead, and the samples may have gaps.
    RecordError if another sampling rate is known.
    """
    leads: list[int] = []
    notes: list[str] = []
    for i, (channel, name) in enumerate(zip(channels, names, strict=True)):
        is_last_hope = not leads and i == len(channels) - 1
        if i in known_leads or is_last_hope or not rises(channel):
            leads.append(i)
            continue
        steps = read_steps(np.asarray(channel, np.float64))
        if steps is not None:
            given = stating(given, fs=steps.fs, where_fs=f"{name}, which rises evenly")
            notes.append(f"{name} {steps.meaning}")
        elif leads:
            # Times stand before the leads; a lead that came off may drift.
            notes.append(f"{name} rises throughout, as no ECG does")
            leads.append(i)
        else:
            raise FormatError(
                f"{given.where}: expected leads, which rise and fall, or evenly spaced times, "
                f"found {name} that only rises, with gaps or repeats"
            )
    return leads, given, tuple(notes)
