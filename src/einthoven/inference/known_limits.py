"""What a bundle's own provenance says its model cannot do: whoever reads an answer must be told."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
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
