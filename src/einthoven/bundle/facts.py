"""Reading a provenance: whatever it holds, a value or nothing."""

from __future__ import annotations

from collections.abc import Mapping
from math import isfinite
from typing import Any


def stated(facts: Any, *keys: str) -> Any:
    """Return a value of nested JSON objects, None where whoever made them did not state it.

    >>> stated({"a": {"b": 1}}, "a", "b"), stated({"a": 2}, "a", "b")
    (1, None)
    """
    for key in keys:
        facts = facts.get(key) if isinstance(facts, Mapping) else None
    return facts


def listed(facts: Any, *keys: str) -> list[Any]:
    """Return a list as `stated` finds it, an empty one where there is none."""
    found = stated(facts, *keys)
    return list(found) if isinstance(found, list | tuple) else []


def objects(facts: Any, *keys: str) -> list[Mapping[str, Any]]:
    """Return the JSON objects of a list, as `listed` finds it."""
    return [item for item in listed(facts, *keys) if isinstance(item, Mapping)]


def is_number(value: Any) -> bool:
    """Tell whether a value is a finite number."""
    return isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value)
