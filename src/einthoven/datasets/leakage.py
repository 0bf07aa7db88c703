"""Whether two sides of a split share a recording or a patient, in whatever packaging a database comes."""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from types import MappingProxyType

from einthoven.datasets.dataset import Entry
from einthoven.errors import DatasetError

DATABASES: Mapping[str, str] = MappingProxyType(
    {"ptbxl": "PTB-XL", "ptb-xl": "PTB-XL", "ptbdb": "PTB", "ptb": "PTB", "cpsc2018": "CPSC 2018",
     "cpsc_2018": "CPSC 2018"}
)  # fmt: skip
"""Source of an entry -> database, where one has several packagings."""

SEVERAL_A_PATIENT = ("PTB-XL", "PTB")
"""Databases with several recordings of a patient: where one packaging does not tell the patients, its
recordings may be of those on the other side."""

_HR = re.compile(r"(?:HR0*)?(\d+)", re.ASCII)

_Key = Callable[[Entry], Hashable | None]


def check_apart(
    first: Iterable[Entry], second: Iterable[Entry], names: tuple[str, str] = ("train", "test")
) -> None:
    """Check that two sides of a split share nothing.

    HR00001 of the CinC Challenge 2020 is recording 1 of PTB-XL, and A0001 is the same in every packaging of
    CPSC 2018. Patients are compared within a database. Recordings of the challenge's PTB-XL or PTB whose
    patient is unknown must not face the database itself, in which that patient may be.

    Parameters
    ----------
    first, second : the recordings, or heartbeats, of each side; of one data set or of several
    names : what a message calls the sides

    Raises
    ------
    DatasetError naming the first pair that shares a recording, a patient, or a database with unknown
    patients, and how many recordings of each side are concerned.
    """
    sides = (tuple(first), tuple(second))
    _check(sides, names, _recording, "one recording in two parts")
    _check(sides, names, _patient, "one patient in two parts")
    for database in SEVERAL_A_PATIENT:
        _check_unknown(sides, names, database)


def database_of(entry: Entry) -> str:
    """Return the database that a recording is of; its source where that has no other packaging."""
    if entry.source is None and re.fullmatch(r"HR\d{5}", entry.recording or entry.record_id, re.ASCII):
        return "PTB-XL"
    return DATABASES.get(entry.source or "", entry.source or "")


def _recording(entry: Entry) -> Hashable:
    name, database = entry.recording or entry.record_id, database_of(entry)
    match = _HR.fullmatch(name) if database == "PTB-XL" else None
    return database, match[1] if match else name


def _patient(entry: Entry) -> Hashable | None:
    return None if entry.patient is None else (database_of(entry), entry.patient)


def _check(sides: Sequence[Sequence[Entry]], names: tuple[str, str], key: _Key, what: str) -> None:
    keys = [[key(entry) for entry in side] for side in sides]
    shared = (set(keys[0]) & set(keys[1])) - {None}
    if not shared:
        return
    concerned = [
        [entry for entry, own in zip(side, side_keys, strict=True) if own in shared]
        for side, side_keys in zip(sides, keys, strict=True)
    ]
    one = concerned[0][0]
    other = next(entry for entry in concerned[1] if key(entry) == key(one))
    _refuse(one, other, concerned, names, what)


def _check_unknown(sides: Sequence[Sequence[Entry]], names: tuple[str, str], database: str) -> None:
    first, second = ([entry for entry in side if database_of(entry) == database] for side in sides)
    one, other = _facing_unknown(first, second), _facing_unknown(second, first)
    if one:
        opposite = _facing_unknown(other, one[:1])[0]
        _refuse(one[0], opposite, (one, other), names, f"recordings of {database} whose patient is not known")


def _facing_unknown(side: Sequence[Entry], facing: Sequence[Entry]) -> list[Entry]:
    """Return what faces another packaging while the patient of one of the two is unknown.

    Within one packaging patients are as unknown as in any other data set, whose notes say so.
    """
    kinds = {(entry.source, entry.patient is None) for entry in facing}
    return [
        entry
        for entry in side
        if any(source != entry.source and (entry.patient is None or unknown) for source, unknown in kinds)
    ]


def _refuse(
    one: Entry, other: Entry, concerned: Sequence[Sequence[Entry]], names: tuple[str, str], what: str
) -> None:
    counts = " and ".join(f"{len(side)} in {name}" for side, name in zip(concerned, names, strict=True))
    of_one, of_other = (
        f"{entry.record_id} ({entry.source or 'source not stated'})" for entry in (one, other)
    )
    raise DatasetError(f"expected each recording and patient in one part, found {what}: {of_one} in "
                       f"{names[0]}, {of_other} in {names[1]}; recordings concerned: {counts}")  # fmt: skip
