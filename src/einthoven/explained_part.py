"""What is to be explained: which label, which part of a recording, which of its heartbeats."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np

from einthoven.errors import RecordError, SettingsError
from einthoven.record import Signal, lead_words

MAX_PART_S = 60.0
"""No longer part is explained at once, s; more would fit no page."""


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


def choose_beat(labels: Sequence[str], number: int | None, label: str | None, where: str) -> int:
    """Return the position of the heartbeat that is to be explained.

    Parameters
    ----------
    labels : class of each heartbeat of a recording
    number : of the heartbeat, from 1, or None
    label : class whose first heartbeat is meant, or None; with neither, the first heartbeat of all
    where : what messages call the recording

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
    return labels.index(label) if label is not None else (number or 1) - 1


def column_of(label: str, labels: tuple[str, ...], model: str) -> int:
    """Return the position of a label. Raises SettingsError naming the known ones if it is none of them."""
    if label not in labels:
        raise SettingsError(f"model {model}: expected a label among {', '.join(labels)}, found {label}")
    return labels.index(label)
