"""What a bundle's own provenance says its model cannot do: whoever reads an answer must be told."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from einthoven.bundle.facts import is_number, listed, objects, stated
from einthoven.bundle.tested import TESTED

MOST = 0.5
"""Below this share of found ones, most are missed."""
PACED, MIN_PACED = "Q", 0.01
"""A model knows paced beats if at least this share of the beats that judged it are of their class."""


def missed_classes(provenance: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the classes of which a model missed most where it was judged, in the order of its classes.

    It was judged by the folds that calibrated it (`held_out`), and by what was measured of it afterwards on
    others than those it learnt from (`tested`). A class that did not occur tells nothing.

    Parameters
    ----------
    provenance : of a bundle; what is not stated, or nothing like it, is passed over
    """
    found: dict[str, bool] = {}
    for name, recall in (*_held_out_recalls(provenance), *_tested_recalls(provenance)):
        value = stated(recall, "value")
        if isinstance(name, str) and is_number(value):
            found[name] = found.get(name, False) or value < MOST
    return tuple(name for name, is_missed in found.items() if is_missed)


def missed_warning(missed: tuple[str, ...]) -> tuple[str, ...]:
    """Say it.

    >>> missed_warning(("S", "F"))
    ('in people it had not seen, this model missed most S and F beats: finding none, or some, proves little',)
    """
    if not missed:
        return ()
    *others, last = missed
    names = f"{', '.join(others)} and {last}" if others else last
    return (f"in people it had not seen, this model missed most {names} beats: finding none, or some, "
            "proves little",)  # fmt: skip


def label_precisions(provenance: Mapping[str, Any]) -> dict[str, float | None]:
    """Return how often each label of a model of several was right where it was given, None if it never was.

    They are of held-out recordings, decided by the rule that found the bundle's thresholds; empty where a
    bundle does not state them.
    """
    calibrated = stated(provenance, "calibrated")
    heads = objects(provenance, "held_out", "heads")
    head = next((one for one in heads if one.get("head") == stated(calibrated, "head")), {})
    rules = objects(head, "decided")
    table = stated(next((one for one in rules if one.get("rule") == stated(calibrated, "rule")), {}), "table")
    found: dict[str, float | None] = {}
    for name, precision in zip(listed(table, "classes"), listed(table, "precision"), strict=False):
        value = stated(precision, "value")
        found[str(name)] = float(value) if is_number(value) else None
    return found


def imprecise_warning(given: Sequence[str], precisions: Mapping[str, float | None]) -> tuple[str, ...]:
    """Say which of the labels given are as often wrong as right, or were given to no held-out recording.

    >>> imprecise_warning(("NORM", "MI"), {"NORM": 0.82, "MI": 0.466})
    ('more often wrong than right: MI (47 % of the held-out recordings given it have it)',)
    """
    words = []
    for name in given:
        precision = precisions.get(name, 1.0)
        if precision is None:
            words.append(f"{name} (no held-out recording was given it)")
        elif precision < MOST:
            words.append(f"{name} ({100 * precision:.0f} % of the held-out recordings given it have it)")
    return (f"more often wrong than right: {', '.join(words)}",) if words else ()


def knows_paced(provenance: Mapping[str, Any]) -> bool:
    """Tell whether paced beats were among those that judged a model, and so among those that trained it.

    >>> knows_paced({"held_out": {"table": {"classes": ["N", "Q"], "support": [900, 100]}}})
    True
    """
    table = stated(provenance, "held_out", "table")
    columns = zip(listed(table, "classes"), listed(table, "support"), strict=False)
    support = {name: float(count) for name, count in columns if is_number(count)}
    return 0 < MIN_PACED * sum(support.values()) <= support.get(PACED, 0)


def trained_span(provenance: Mapping[str, Any]) -> tuple[float, float] | None:
    """Return the shortest and the longest recording that trained a network, s, where a bundle states them.

    `trained_s` is the shortest, the median and the longest length: of all networks, or of each.

    >>> trained_span({"networks": [{"trained_s": [9, 30, 61]}, {"trained_s": [10, 30, 60]}]})
    (9.0, 61.0)
    """
    spans = [listed(facts, "trained_s") for facts in (provenance, *objects(provenance, "networks"))]
    ends = [(span[0], span[-1]) for span in spans if span]
    known = [(float(a), float(b)) for a, b in ends if is_number(a) and is_number(b)]
    return (min(a for a, _ in known), max(b for _, b in known)) if known else None


def _held_out_recalls(provenance: Mapping[str, Any]) -> Iterator[tuple[object, object]]:
    table = stated(provenance, "held_out", "table")
    yield from zip(listed(table, "classes"), listed(table, "recall"), strict=False)


def _tested_recalls(provenance: Mapping[str, Any]) -> Iterator[tuple[object, object]]:
    for test in objects(provenance, TESTED):
        if test.get("learnt_from_it") is None:
            for name in listed(test, "classes"):
                yield name, stated(test, "scores", "recall", str(name))
