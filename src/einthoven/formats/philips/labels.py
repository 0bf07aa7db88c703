"""What Philips calls its leads, and what they are called here."""

from __future__ import annotations

import re
from collections.abc import Sequence

from einthoven.errors import FormatError
from einthoven.formats.channels import is_other
from einthoven.record import TWELVE_LEADS

_CHEST = re.compile(r"C(\d)(R?)(d?)")
_DERIVED = re.compile(r"(-?aV[RLF]|I{1,3}|V\d|V\dR|[XYZ])d")
_NO_LEAD = frozenset({"PACE", "?"})
_TWELVE = ("STD-12", "10-WIRE")


def usual_names(labels: Sequence[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Translate labels of the schema's list: C1 is V1, and V1d the derived V1, where there is no other one.

    Returns the names, and a warning that says which leads are derived.
    """
    plain = [_CHEST.sub(r"V\1\2\3", label) if _CHEST.fullmatch(label) else label for label in labels]
    derived = [_DERIVED.fullmatch(name) for name in plain]
    names = [
        match[1] if match and match[1] not in plain else name
        for name, match in zip(plain, derived, strict=True)
    ]
    of_others = [label for label, match in zip(labels, derived, strict=True) if match]
    notes = (f"derived from other leads, as the file says: {', '.join(of_others)}",) if of_others else ()
    return tuple(names), notes


def is_no_ecg(label: str) -> bool:
    """Tell whether a channel of this label is something else: RESP, PLETH, PACE, `?`."""
    return label in _NO_LEAD or is_other(label)


def labels_of_acquisition(acquisition: str, n_channels: int, where: str) -> tuple[str, ...]:
    """Return the leads of a document that names none, as those of version 1.03, from how it was taken.

    Raises FormatError if it was not taken with the standard twelve leads.
    """
    if acquisition not in _TWELVE or n_channels < len(TWELVE_LEADS):
        raise FormatError(
            f"{where}: expected lead labels or the twelve leads of an acquisition {' or '.join(_TWELVE)}, "
            f"found {n_channels} unnamed channels of {acquisition!r:.40}"
        )
    return TWELVE_LEADS
