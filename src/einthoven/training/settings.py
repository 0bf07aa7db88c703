"""Change a frozen dataclass by `key=value`, with the types of its fields checked.

Keys are dotted paths: `batch_size`, `network.width`, `phases.0.epochs`. A field whose metadata say
`{"settable": False}` has no key.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass, replace
from difflib import get_close_matches
from types import NoneType, UnionType
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

from einthoven.errors import ECGError, SettingsError

Settings = TypeVar("Settings")

NEAREST = 3
"""So many of the names most like an unknown one are told first."""


@dataclass(frozen=True, slots=True)
class Others:
    """Settings that can be set beside those of a dataclass, for the message about an unknown one.

    whose : in words
    names : their keys
    """

    whose: str
    names: tuple[str, ...]


class _UnknownKeyError(Exception):
    """There is no such key; the innermost settings that were reached know why."""


def resolve(settings: Settings, overrides: Mapping[str, str], others: Others | None = None) -> Settings:
    """Return the settings with every override applied.

    Parameters
    ----------
    settings : a frozen dataclass; its fields may be dataclasses or tuples of them
    overrides : dotted key -> value as text
    others : what can be set too, but elsewhere: a message about an unknown key tells these first

    Raises
    ------
    SettingsError if a key is unknown (the message tells the names most like it, and the known ones where it
    was looked for), or a value is not of its field's type or out of its range.
    """
    try:
        changed: Settings = _apply(settings, "", dict(overrides))
    except _UnknownKeyError as error:
        raise SettingsError(_unknown(settings, str(error), others)) from None
    return changed


def known_keys(settings: object, prefix: str = "") -> tuple[str, ...]:
    """List the keys that `resolve` takes, in the order of the fields."""
    keys: list[str] = []
    for name, value in _children(settings):
        nested = known_keys(value, f"{prefix}{name}.") if _is_branch(value) else ()
        keys.extend(nested or (f"{prefix}{name}",))
    return tuple(keys)


def _is_branch(value: object) -> bool:
    return (is_dataclass(value) and not isinstance(value, type)) or (
        isinstance(value, tuple) and any(is_dataclass(item) for item in value)
    )


def _children(value: object) -> list[tuple[str, Any]]:
    if isinstance(value, tuple):
        return [(str(index), item) for index, item in enumerate(value)]
    return [
        (field.name, getattr(value, field.name))
        for field in fields(value)  # type: ignore[arg-type]
        if field.metadata.get("settable", True)
    ]


def _apply(settings: Any, prefix: str, overrides: dict[str, str]) -> Any:
    """Set all of one object's fields at once: two of them may only make sense together."""
    children = dict(_children(settings))
    nested: dict[str, dict[str, str]] = {}
    changed: dict[str, Any] = {}
    for key, text in overrides.items():
        name, _, rest = key.partition(".")
        is_branch = name in children and _is_branch(children[name])
        if name not in children or (rest and not is_branch) or (not rest and isinstance(settings, tuple)):
            raise _UnknownKeyError(prefix + key)
        if rest:
            nested.setdefault(name, {})[rest] = text
        else:
            changed[name] = _parse(prefix + key, get_type_hints(type(settings))[name], text)
    for name, inner in nested.items():
        changed[name] = _apply(children[name], f"{prefix}{name}.", inner)
    if isinstance(settings, tuple):
        return tuple(changed.get(str(index), item) for index, item in enumerate(settings))
    try:
        return replace(settings, **changed)
    except ECGError as error:
        raise SettingsError(f"{', '.join(prefix + key for key in overrides)}: {error}") from error


def _unknown(settings: object, key: str, others: Others | None) -> str:
    """Say that a key is unknown, which ones are like it, and which ones there are where it was looked for."""
    own = others.names if others is not None else ()
    near = _nearest(key, (*own, *(name for name in known_keys(settings) if name not in own)))
    where, place = _deepest(settings, key)
    known = [f"{name}.*" if _is_branch(value) else name for name, value in _children(place)]
    listed = f"known {f'in {where}' if where else 'here'}: {', '.join(known)}"
    if others is not None and not where:
        listed = f"{others.whose}: {', '.join(own)}"
        if not near:
            listed += f"; settings of any recipe: {', '.join(name for name in known if name not in own)}"
    hint = f": did you mean {', '.join(near)}?" if near else ";"
    return f"unknown setting {key}{hint} {listed}"


def _nearest(key: str, known: Sequence[str]) -> list[str]:
    # Names with the same beginning are alike by that alone.
    near = get_close_matches(key, known, n=NEAREST, cutoff=0.8 if "." in key else 0.6)
    # Any name is compared by its last part too: few write `phases.0.epochs` from memory.
    last = {name: name.rpartition(".")[2] for name in known}
    alike = get_close_matches(key.rpartition(".")[2], sorted(set(last.values())), n=NEAREST)
    near += [name for part in alike for name in known if last[name] == part and name not in near]
    return near[:NEAREST]


def _deepest(settings: object, key: str) -> tuple[str, object]:
    """Return the innermost settings that a key leads to, and its beginning that does: empty for none."""
    where, place = "", settings
    for part in key.split("."):
        inner = dict(_children(place)).get(part)
        if not _is_branch(inner):
            break
        where, place = f"{where}.{part}".lstrip("."), inner
    return where, place


def _parse(key: str, wanted: Any, text: str) -> Any:
    origin, inner = get_origin(wanted), get_args(wanted)
    if origin in (Union, UnionType):
        if NoneType in inner and text.lower() in ("none", "null"):
            return None
        return _parse_first(key, [kind for kind in inner if kind is not NoneType], text)
    if origin is Literal:
        if text in inner:
            return text
        raise SettingsError(f"{key}: expected one of {', '.join(map(str, inner))}, found {text}")
    if origin is tuple:
        if text.lower() in ("", "none"):
            return ()
        return tuple(_parse(key, inner[0], item.strip()) for item in text.split(","))
    return _parse_plain(key, wanted, text)


def _parse_first(key: str, kinds: list[Any], text: str) -> Any:
    problems = []
    for kind in kinds:
        try:
            return _parse(key, kind, text)
        except SettingsError as error:
            problems.append(error)
    raise problems[0]


def _parse_plain(key: str, wanted: Any, text: str) -> Any:
    if wanted is bool:
        answers = {"true": True, "false": False, "yes": True, "no": False, "1": True, "0": False}
        if text.lower() in answers:
            return answers[text.lower()]
    elif wanted in (int, float):
        try:
            return wanted(text)
        except ValueError:
            pass
    elif wanted is str:
        return text
    else:
        raise SettingsError(f"{key} cannot be set as text; set one of its parts")
    raise SettingsError(f"{key}: expected {wanted.__name__}, found {text}")
