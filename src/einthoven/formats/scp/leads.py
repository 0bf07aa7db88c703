"""Section 3 of SCP-ECG: which leads there are, and which samples of the recording each holds.

Source: EN 1064:2005+A1:2007, 5.6, table of lead identifications; ISO/IEEE 11073-10101 numbers its leads
alike.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from einthoven.errors import FormatError
from einthoven.formats.given import Given
from einthoven.formats.scp.sections import Section

_STANDARD = (
    *("I", "II", "V1", "V2", "V3", "V4", "V5", "V6", "V7", "V2R", "V3R", "V4R", "V5R", "V6R", "V7R"),
    *("X", "Y", "Z", "CC5", "CM5", "LA", "RA", "LL", "fI", "fE", "fC", "fA", "fM", "fF", "fH"),
)
"""Leads 1 to 30; 31 to 60 are their calibration pulses."""
_CALIBRATED = ("V8", "V9", "V8R", "V9R", "D", "A", "J")
"""Their calibration pulses are leads 79 to 85."""
_DERIVED = ("dI", "dII", "dV1", "dV2", "dV3", "dV4", "dV5", "dV6")
"""What EN 1064:2020 calls leads 31 to 38."""
_NAMES: Mapping[int, str] = MappingProxyType(
    {
        **dict(enumerate(_STANDARD, 1)),
        **dict(enumerate((f"{name}-cal" for name in _STANDARD), 31)),
        **dict(enumerate(("III", "aVR", "aVL", "aVF", "-aVR", *_CALIBRATED), 61)),
        **dict(enumerate(("Defib", "Extern", "A1", "A2", "A3", "A4"), 73)),
        **dict(enumerate((f"{name}-cal" for name in _CALIBRATED), 79)),
        **dict(enumerate(("C", "V", "VR", "VL", "VF", "MCL", *(f"MCL{i}" for i in range(1, 7))), 86)),
        **dict(enumerate(("CC", "CC1", "CC2", "CC3", "CC4", "CC6", "CC7"), 98)),
        **dict(enumerate(("CM", "CM1", "CM2", "CM3", "CM4", "CM6"), 105)),
        **dict(enumerate(("dIII", "daVR", "daVL", "daVF"), 111)),
        **dict(enumerate(("CM7", "CH5", "CS5", "CB5", "CR5", "ML", "AB1", "AB2", "AB3", "AB4"), 121)),
        **dict(enumerate(("ES", "AS", "AI", "S"), 131)),
        **dict(enumerate(("RL", "CV5RL", "CV6LL", "CV6LU", "V10"), 147)),
    }
)
_CALIBRATION = "-cal"
_SUBTRACTED, _SIMULTANEOUS = 0x01, 0x04


@dataclass(frozen=True, slots=True)
class Lead:
    """One lead of section 3.

    name : as the standard calls it; of calibration pulses with `-cal`
    start, end : its first and last sample, both included, in the recording's own count
    """

    name: str
    start: int
    end: int

    @property
    def n_samples(self) -> int:
        """How many samples it has."""
        return self.end - self.start + 1

    @property
    def is_calibration(self) -> bool:
        """Whether it holds calibration pulses, and no ECG."""
        return _CALIBRATION in self.name


@dataclass(frozen=True, slots=True)
class Leads:
    """Section 3.

    leads : in the order of the data
    subtracted : whether the reference beat was subtracted from the rhythm data
    warnings : what is not certain of the leads
    """

    leads: tuple[Lead, ...]
    subtracted: bool
    warnings: tuple[str, ...]


def read_leads(section: Section, given: Given, *, revision_3: bool = False) -> Leads:
    """Read section 3.

    revision_3 : whether it is of EN 1064:2020, which knows of no subtraction and renames some leads

    Raises FormatError if there is no lead, more than the limit, or one that ends before it begins;
    RecordError if a lead's name is not certain and the caller is strict.
    """
    n_leads, flags = section.unpack("<BB", 0, "the number of leads and flags")
    given.limits.check("leads", n_leads, section.where)
    if n_leads == 0:
        raise FormatError(f"{section.where}: expected at least one lead, found none")
    leads: list[Lead] = []
    warnings: list[str] = []
    for i in range(n_leads):
        start, end, code = section.unpack("<IIB", 2 + 9 * i, f"lead {i + 1} of {n_leads}")
        if end < start:
            raise FormatError(
                f"{section.where}: lead {i + 1}: expected an end after sample {start}, found {end}"
            )
        leads.append(Lead(_name(code, i + 1, revision_3, given, warnings), start, end))
    groups_of = flags >> 3
    starts = {lead.start for lead in leads}
    if not flags & _SIMULTANEOUS and 0 < groups_of < n_leads and len(starts) == 1:
        warnings.append(
            f"the leads were recorded in groups of {groups_of}, yet all are said to begin at sample "
            f"{min(starts)}: leads of different groups do not show the same beats"
        )
    return Leads(_told_apart(leads, warnings), bool(flags & _SUBTRACTED) and not revision_3, tuple(warnings))


def _name(code: int, number: int, revision_3: bool, given: Given, warnings: list[str]) -> str:
    if revision_3 and 0 <= code - 31 < len(_DERIVED):
        return _DERIVED[code - 31]
    if code not in _NAMES:
        found = "an unspecified one" if code == 0 else f"the code {code}"
        warnings.append(given.doubt(f"section 3: expected a lead of the standard, found {found}: "
                                    f"called lead {number}"))  # fmt: skip
        return f"lead {number}"
    return _NAMES[code]


def _told_apart(leads: list[Lead], warnings: list[str]) -> tuple[Lead, ...]:
    """Number leads of the same name, such as a rhythm strip beside the lead itself."""
    seen: dict[str, int] = {}
    named = []
    for lead in leads:
        seen[lead.name] = count = seen.get(lead.name, 0) + 1
        named.append(lead if count == 1 else Lead(f"{lead.name} ({count})", lead.start, lead.end))
    again = [lead.name for lead, first in zip(named, leads, strict=True) if lead.name != first.name]
    if again:
        warnings.append(f"section 3: leads of a name that was there before: called {', '.join(again)}")
    return tuple(named)
