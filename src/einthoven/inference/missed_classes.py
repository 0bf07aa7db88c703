"""Classes of which a model misses most, by its own bundle: whoever reads an answer must be told."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

MOST = 0.5
"""Below this share of found ones, most are missed."""


def missed_classes(provenance: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the classes of which a model missed most where it was judged, in the order of its classes.

    It was judged by the folds that calibrated it (`held_out`), and by what was measured of it afterwards on
    others than those it learnt from (`tested`). A class that did not occur tells nothing.

    Parameters
    ----------
    provenance : of a bundle; what is not stated, or nothing like it, is passed over
    """
    found: dict[str, bool] = {}
    for name, recall in (*_held_out(provenance), *_tested(provenance)):
        found[name] = found.get(name, False) or recall < MOST
    return tuple(name for name, is_missed in found.items() if is_missed)


def missed_warning(missed: tuple[str, ...]) -> tuple[str, ...]:
    """Say it.

    >>> missed_warning(("S", "F"))
    ('of S, F this model missed most in people it had not seen: neither such a label nor none says much',)
    """
    if not missed:
        return ()
    return (
        f"of {', '.join(missed)} this model missed most in people it had not seen: "
        "neither such a label nor none says much",
    )


def _held_out(provenance: Mapping[str, Any]) -> Iterator[tuple[str, float]]:
    table = _mapping(_mapping(provenance.get("held_out")).get("table"))
    names, recalls = table.get("classes"), table.get("recall")
    if isinstance(names, list | tuple) and isinstance(recalls, list | tuple):
        for name, recall in zip(names, recalls, strict=False):
            yield from _value(name, recall)


def _tested(provenance: Mapping[str, Any]) -> Iterator[tuple[str, float]]:
    tests = provenance.get("tested")
    for test in tests if isinstance(tests, list | tuple) else ():
        test = _mapping(test)
        if test.get("learnt_from_it") is None:
            names = test.get("classes")
            recalls = _mapping(_mapping(test.get("scores")).get("recall"))
            for name in names if isinstance(names, list | tuple) else ():
                yield from _value(name, recalls.get(name))


def _value(name: object, recall: object) -> Iterator[tuple[str, float]]:
    value = _mapping(recall).get("value")
    if isinstance(name, str) and isinstance(value, int | float):
        yield name, float(value)


def _mapping(found: object) -> Mapping[str, Any]:
    return found if isinstance(found, Mapping) else {}
