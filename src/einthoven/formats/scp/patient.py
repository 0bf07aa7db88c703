"""The patient, from section 1 of SCP-ECG.

Source: EN 1064:2005+A1:2007, 5.4.5, tags 0 to 10 and 35. Codes of drugs (tag 10) and of the medical history
(tag 32) are passed over: only what is written out is taken.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from einthoven.formats.scp.tags import Tags

_SEXES: Mapping[int, str] = MappingProxyType({1: "male", 2: "female"})
_RACES: Mapping[int, str] = MappingProxyType({1: "Caucasian", 2: "Black", 3: "Oriental"})
_YEARS: Mapping[int, float] = MappingProxyType({1: 1.0, 2: 1 / 12, 3: 7 / 365.25, 4: 1 / 365.25, 5: 1 / 8766})
"""Years, months, weeks, days, hours."""
_CENTIMETRES: Mapping[int, float] = MappingProxyType({1: 1.0, 2: 2.54, 3: 0.1})
"""Centimetres, inches, millimetres."""
_KILOGRAMS: Mapping[int, float] = MappingProxyType({1: 1.0, 2: 0.001, 3: 0.45359237, 4: 0.028349523125})
"""Kilograms, grams, pounds, ounces."""


def patient_of(tags: Tags, warnings: list[str]) -> dict[str, str]:
    """Return what section 1 states of the patient, by the names of `Record.patient`; add warnings."""
    born = tags.date(5, warnings)
    facts = {
        "id": tags.text(2),
        "name": " ".join(filter(None, (tags.text(1), tags.text(0), tags.text(3)))),
        "birth_date": born.isoformat() if born else "",
        "age": _measure(tags, 4, _YEARS),
        "sex": _SEXES.get(_code(tags, 8), ""),
        "race": _RACES.get(_code(tags, 9), ""),
        "height_cm": _measure(tags, 6, _CENTIMETRES),
        "weight_kg": _measure(tags, 7, _KILOGRAMS),
        "medication": "; ".join(tags.texts(10, skip=3)),
        "history": "; ".join(tags.texts(35)),
    }
    return {name: value for name, value in facts.items() if value}


def _code(tags: Tags, tag: int) -> int:
    return (tags.numbers(tag, "<B") or (0,))[0]


def _measure(tags: Tags, tag: int, units: Mapping[int, float]) -> str:
    """Return a value in its usual unit; empty if it is 0, or in no unit that the standard knows."""
    number, unit = tags.numbers(tag, "<HB") or (0, 0)
    return f"{number * units[unit]:.4g}" if number and unit in units else ""
