"""What is to be explained: which label, which part of a recording, which of its heartbeats."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from einthoven.errors import RecordError, SettingsError
from einthoven.record import Signal, lead_words

MAX_PART_S = 60.0
"""No longer part is explained at once, s; more would fit no page."""
MAX_WINDOW_S = 10.0
"""No more is removed, or summed over, at once, s: more would say nothing of where."""
_ROUNDING = 1e-3
"""What is written as 0.00333 s is one sample at 300 Hz."""


@dataclass(frozen=True, slots=True)
class Choice:
    """Which heartbeat is explained.

    position : from 0
    words : how it was chosen, where its class was named
    """

    position: int
    words: str = ""


def part_of(
    n_samples: int, fs: float, start_s: float = 0.0, duration_s: float | None = None
) -> tuple[int, int]:
    """Return the first sample of a part, and the first after it.

    Parameters
    ----------
    n_samples : of the recording
    fs : Hz
    start_s : where the part begins, s
    duration_s : its length, s; to the end of the recording in any case. None: as much as can be explained

    Raises
    ------
    SettingsError
        If it does not begin within the recording, is not longer than 0 s, or is longer than `MAX_PART_S`.
    """
    length_s = n_samples / fs
    # Written so that NaN fails too.
    if not 0 <= start_s < length_s:
        raise SettingsError(f"expected a start from 0 to below {length_s:g} s, the recording's length, "
                            f"found {start_s:g} s")  # fmt: skip
    if duration_s is not None and not 0 < duration_s <= MAX_PART_S:
        raise SettingsError(f"expected a duration above 0 and up to {MAX_PART_S:g} s to explain, "
                            f"found {duration_s:g} s")  # fmt: skip
    first = round(start_s * fs)
    end = min(n_samples, first + round((duration_s or MAX_PART_S) * fs))
    if end <= first:
        raise SettingsError(f"expected a part of at least one sample ({1 / fs:g} s), found none")
    return first, end


def check_moves(signal: Signal, leads: tuple[str, ...], where: str) -> None:
    """Raise RecordError if nothing in a signal (n_leads, n_samples) moves: there is nothing to explain."""
    if not np.ptp(signal, axis=-1).any():
        raise RecordError(
            f"{where}: expected a signal that moves, found a flat line in {', '.join(map(lead_words, leads))}"
        )


def check_window(window_s: float) -> None:
    """Raise SettingsError if a window is not above 0 s and at most `MAX_WINDOW_S` long."""
    # Written so that NaN is refused too.
    if not 0 < window_s <= MAX_WINDOW_S:
        raise SettingsError(f"expected a window above 0 s and up to {MAX_WINDOW_S:g} s, found {window_s:g} s")


def check_length(what: str, length_s: float, fs: float) -> None:
    """Raise SettingsError if a window or step, in seconds, is shorter than a sample at fs Hz."""
    if length_s * fs < 1 - _ROUNDING:
        raise SettingsError(f"expected a {what} of at least 1 sample ({1 / fs:.3g} s), found {length_s:g} s")


def choose_beat(
    labels: Sequence[str],
    number: int | None,
    label: str | None,
    where: str,
    sure: Sequence[bool] | None = None,
) -> Choice:
    """Choose the heartbeat that is to be explained.

    Parameters
    ----------
    labels : class of each heartbeat of a recording
    number : of the heartbeat, from 1, or None
    label : class whose first heartbeat is meant, or None; with neither, the first heartbeat of all
    where : what messages call the recording
    sure : of each heartbeat, whether the model is sure of its class: of a class, the first of these is
        chosen, or where it is sure of none, the first; None: nobody knows

    Raises
    ------
    RecordError
        If there is no heartbeat, not so many, or none of this class.
    SettingsError
        If both a number and a class are given.
    """
    if number is not None and label is not None:
        raise SettingsError("expected the number of a beat or a class of beats, found both")
    if not labels:
        raise RecordError(f"{where}: expected heartbeats, found none")
    if number is not None and not 1 <= number <= len(labels):
        raise RecordError(f"{where}: expected a beat from 1 to {len(labels)}, found {number}")
    if label is not None and label not in labels:
        counts = ", ".join(f"{n} {name}" for name, n in Counter(labels).items())
        raise RecordError(f"{where}: expected a beat that the model calls {label}, found {counts}")
    return Choice((number or 1) - 1) if label is None else _first_of(label, labels, sure)


def _first_of(label: str, labels: Sequence[str], sure: Sequence[bool] | None) -> Choice:
    positions = [position for position, name in enumerate(labels) if name == label]
    firm = [] if sure is None else [position for position in positions if sure[position]]
    n, n_firm = len(positions), len(firm)
    which = f"the first of {n} {label}" if n > 1 else f"the only {label}"
    if sure is None:
        return Choice(positions[0], which)
    if not firm:
        return Choice(positions[0], f"{which}, " + ("none of them sure" if n > 1 else "not sure"))
    if n_firm == n:
        return Choice(firm[0], which)
    of_sure = f"the first of {n_firm} sure {label}" if n_firm > 1 else f"the only sure {label}"
    return Choice(firm[0], f"{of_sure}, of {n} {label}")


def column_of(label: str, labels: tuple[str, ...], model: str) -> int:
    """Return the position of a label. Raises SettingsError naming the known ones if it is none of them."""
    if label not in labels:
        raise SettingsError(f"model {model}: expected a label among {', '.join(labels)}, found {label}")
    return labels.index(label)
