"""What was measured of a bundle after it was packed, on recordings that neither trained nor judged it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from einthoven.bundle.facts import objects
from einthoven.bundle.file import encode_bundle
from einthoven.bundle.model import Bundle

TESTED = "tested"
"""The key of a provenance that lists what was measured: nobody else writes it."""
_KEYS = ("dataset", "kind", "part", "way")


def with_test(bundle: Bundle, results: Iterable[Mapping[str, Any]]) -> Bundle:
    """Return a bundle that also states what was measured of it; what it answers does not change.

    A result takes the place of one of the same data set, part and way. `looks` counts how often that has
    been measured and written: who looks twice may have changed something in between.

    Parameters
    ----------
    bundle : the model
    results : JSON objects, each with `dataset`, `kind`, `part` and `way`
    """
    kept = {_key(result): result for result in stated_tests(bundle)}
    for result in results:
        before = kept.get(_key(result), {}).get("looks", 0)
        looks = before + 1 if isinstance(before, int) else 1
        kept[_key(result)] = {**result, "looks": looks}
    return replace(bundle, provenance={**bundle.provenance, TESTED: list(kept.values())})


def stated_tests(bundle: Bundle) -> list[Mapping[str, Any]]:
    """Return what was measured of a bundle, as JSON objects."""
    return objects(bundle.provenance, TESTED)


def is_same_model(one: Bundle, other: Bundle) -> bool:
    """Tell whether two bundles are the same but for what they state of where they come from."""
    return encode_bundle(replace(one, provenance={})) == encode_bundle(replace(other, provenance={}))


def _key(result: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(str(result.get(name)) for name in _KEYS)
