"""Parts of the public data sets: which recordings a protocol uses, by a name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from types import MappingProxyType

from einthoven.datasets.dataset import Dataset
from einthoven.datasets.mitdb import PARTS as MITDB_PARTS
from einthoven.datasets.mitdb import take_part
from einthoven.datasets.ptbxl import take_infarction, take_test_fold
from einthoven.errors import SettingsError

Take = Callable[[Dataset], Dataset]


def _take_all(dataset: Dataset) -> Dataset:
    """Return every recording, without the publisher's folds."""
    return replace(dataset, entries=tuple(replace(entry, fold=None) for entry in dataset.entries))


PARTS: Mapping[str, Mapping[str, Take]] = MappingProxyType(
    {
        "mitdb": {name: partial(take_part, part=name) for name in MITDB_PARTS},
        "mitdb-beats": {"all": _take_all},
        "ptbdb": {"all": _take_all},
        "ptbdb-beats": {"all": _take_all},
        "ptbxl": {"all": _take_all, "infarction": take_infarction, "test": take_test_fold},
    }
)
"""Data set -> part -> what takes it."""


def parts_of(name: str) -> tuple[str, ...]:
    """Return the parts that a public data set of this name has; none if it can only be used as it is.

    >>> parts_of("ptbxl"), parts_of("cinc2017")
    (('all', 'infarction', 'test'), ())
    """
    return tuple(PARTS.get(name, ()))


def select_part(dataset: Dataset, part: str) -> Dataset:
    """Return a part of a data set, told by the data set's name.

    Parameters
    ----------
    dataset : a public data set; one's own and simulated recordings have no parts: they stay whole, and
        `notes` tells
    part : one of `parts_of`; empty for everything as it is published, folds too. `all` is everything, and
        states no folds

    Raises
    ------
    SettingsError if the data set has no such part; DatasetError if no recording of the part is there.
    """
    if not part:
        return dataset
    if dataset.kind != "public":
        note = f"used whole: the part {part} is one of a public data set"
        return replace(dataset, notes=(*dataset.notes, note))
    takers = PARTS.get(dataset.name, {})
    if part not in takers:
        expected = f"a part among {', '.join(takers)}" if takers else "no part"
        unknown = all(entry.patient is None for entry in dataset.entries)
        hint = (
            ": whose they are is not known, so only split=random divides them" if unknown and takers else ""
        )
        raise SettingsError(f"{dataset.name}: expected {expected}, found {part!r}{hint}")
    return takers[part](dataset)
