"""Ranges that the settings of networks are checked against, each in one line of refusal."""

from __future__ import annotations

from typing import NoReturn

from einthoven.errors import SettingsError


def at_least(low: int, settings: object, *names: str) -> None:
    """Refuse settings of which a value is below `low`."""
    for name in names:
        if getattr(settings, name) < low:
            refuse(settings, name, f"{low} or more")


def odd(settings: object, *names: str) -> None:
    """Refuse settings of which a value is not an odd number above 0."""
    for name in names:
        if getattr(settings, name) < 1 or getattr(settings, name) % 2 == 0:
            refuse(settings, name, "an odd number")


def probability(settings: object, *names: str) -> None:
    """Refuse settings of which a value is not in [0, 1)."""
    for name in names:
        if not 0 <= getattr(settings, name) < 1:
            refuse(settings, name, "a probability below 1")


def one_of(allowed: tuple[str, ...], settings: object, name: str) -> None:
    """Refuse settings of which a value is none of those allowed."""
    if getattr(settings, name) not in allowed:
        refuse(settings, name, " or ".join(allowed))


def refuse(settings: object, name: str, expected: str) -> NoReturn:
    """Raise SettingsError: what a value was expected to be, and what it is."""
    found = getattr(settings, name)
    raise SettingsError(f"{type(settings).__name__}: expected {name} to be {expected}, found {found!r}")
