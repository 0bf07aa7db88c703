"""Where runs differ from the protocol of their recipe and budget, in words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from einthoven.errors import SettingsError

if TYPE_CHECKING:
    from einthoven.training.evaluate import HeldOut

NAMED = 3
"""So many deviations are named in a heading; the notes have all."""
_OWN_CLASSES = ("classes", "scored")


def deviations(evaluation: HeldOut) -> dict[str, Any]:
    """Return each setting in which runs differ from their recipe's protocol for the budget, and its value.

    Settings are named as `--set` takes them: options of the recipe, as far as these tell the difference, and
    dotted paths for the rest; beside them `init` and `teacher`. Classes that come from the
    data are no deviation.
    """
    from einthoven.recipes import RECIPES
    from einthoven.training.run_folder import differing_keys

    recipe = RECIPES.get(evaluation.protocol.recipe)
    found: dict[str, Any] = {}
    try:
        closest = None if recipe is None else recipe.closest(evaluation.budget, evaluation.protocol)
    except SettingsError:
        # A budget that the recipe has no longer.
        closest = None
    if closest is not None:
        options, expected = closest[0], closest[1].to_json()
        ours = evaluation.protocol.to_json()
        left_out = {"seed", "teacher", *(_OWN_CLASSES if ours["classes"] != expected["classes"] else ())}
        keys = [key for key in differing_keys(expected, ours) if key not in left_out]
        found = options | {key: _value(ours, key) for key in keys}
        if evaluation.seeds != (expected["seed"],):
            found["seed"] = list(evaluation.seeds)
    others = {"init": evaluation.has_init, "teacher": evaluation.has_teacher}
    return found | {name: True for name, has in others.items() if has}


def in_words(found: dict[str, Any], most: int | None = None) -> str:
    """Return deviations as text, the first `most` of them.

    >>> in_words({"batch_size": 8, "seed": [0, 1], "augmentations": [], "init": True}, most=3)
    'batch_size=8, seed=0 and 1, augmentations=none and 1 more'
    """
    words = [_word(key, value) for key, value in found.items()]
    more = f" and {len(words) - most} more" if most is not None and len(words) > most else ""
    return ", ".join(words[:most]) + more


def distinct(sources: Sequence[str], names: Sequence[str]) -> list[str]:
    """Return headings, those that are there twice with the name of what each is of.

    >>> distinct(["ours", "theirs", "ours"], ["a", "b", "c"])
    ['ours [a]', 'theirs', 'ours [c]']
    """
    return [
        f"{source} [{name}]" if sources.count(source) > 1 else source
        for source, name in zip(sources, names, strict=True)
    ]


def _value(values: Any, key: str) -> Any:
    for part in key.split("."):
        if isinstance(values, list):
            values = values[int(part)] if int(part) < len(values) else None
        else:
            values = values.get(part)
    return values


def _word(key: str, value: Any) -> str:
    if value is True and key in ("init", "teacher"):
        return "begun with given weights" if key == "init" else "taught"
    if key == "seed":
        return f"seed={' and '.join(map(str, value))}"
    items = value if isinstance(value, list) else [value]
    return f"{key}={','.join(map(_name, items)) or 'none'}"


def _name(item: Any) -> str:
    """Return a plain value, or what an object among the settings is called: that is its first entry."""
    return str(next(iter(item.values()), "none")) if isinstance(item, dict) else str(item)
