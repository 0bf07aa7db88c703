"""Which channels of a file are no ECG, told from their names."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from einthoven.formats.given import Given

_OTHERS = frozenset(
    {
        *("RESP", "RESPIRATION", "RR", "CO2", "ETCO2", "AIRFLOW", "FLOW", "THORAX", "ABDOMEN"),
        *("PLETH", "PPG", "SPO2", "SAO2", "PULSE", "HR"),
        *("BP", "ABP", "NIBP", "ART", "CVP", "PAP", "ICP"),
        *("EEG", "EMG", "EOG", "PCG", "SCG", "EDA", "GSR", "TEMP"),
        *("ACC", "ACCEL", "GYRO", "MARKER", "EVENT"),
    }
)
"""First words, in capitals, of what monitors, sleep laboratories and wearables record beside the ECG."""
_WORD = re.compile(r"[A-Z]+O2|[A-Z]+")


def is_other(name: str) -> bool:
    """Tell whether a channel of this name is something else than an ECG.

    >>> [is_other(name) for name in ("RESP", "Pleth", "EEG (C4-A1)", "acc_x", "SpO2", "ABP 1", "II", "MLII")]
    [True, True, True, True, True, True, False, False]
    """
    word = _WORD.match(name.strip().upper())
    return word is not None and word[0] in _OTHERS


def without_others(
    names: Sequence[str], wanted: Collection[str] | None = None
) -> tuple[list[int], tuple[str, ...]]:
    """Find the channels whose names do not speak against an ECG.

    Parameters
    ----------
    names : of the channels, as the file states them
    wanted : names that the caller asked for, which are never left out

    Returns
    -------
    Their positions, and a warning that names the others. Where none would be left, all are kept, and the
    warning says what they are.

    >>> without_others(["RESP", "II"])
    ([1], ('left out, as their names are not those of ECG leads: RESP',))
    """
    kept = [i for i, name in enumerate(names) if name in (wanted or ()) or not is_other(name)]
    if len(kept) == len(names):
        return kept, ()
    if not kept:
        return list(range(len(names))), (f"no channel has the name of an ECG lead: {', '.join(names)}",)
    others = ", ".join(name for i, name in enumerate(names) if i not in kept)
    return kept, (f"left out, as their names are not those of ECG leads: {others}",)


def all_named(names: Sequence[str], given: Given) -> tuple[list[str], tuple[str, ...]]:
    """Return names in which `lead 2` stands for an empty one in the second place, and a warning of that.

    Raises RecordError if the caller is strict and one is empty.
    """
    found = [name or f"lead {i}" for i, name in enumerate(names, 1)]
    unnamed = [new for new, old in zip(found, names, strict=True) if not old]
    if not unnamed:
        return found, ()
    return found, (given.doubt(f"the file does not name every lead: called {', '.join(unnamed)}"),)
