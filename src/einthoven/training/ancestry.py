"""What a network has seen: recordings that trained or stopped it, or the networks that it comes from.

Of heartbeats it is kept which recordings they were cut from. Who saw one beat of a recording is taken to have
seen all of it, as the next beat looks the same. So where the split is by beat, and every recording is on both
sides, no weights that have seen any of the data set may begin a run that is tested on it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal, get_args

from einthoven.datasets.dataset import KINDS, Dataset, Entry, Kind
from einthoven.datasets.ptbxl import TEST_FOLD
from einthoven.errors import RunError

if TYPE_CHECKING:
    from einthoven.training.folds import Split

Role = Literal["trained", "stopped"]
_DIGITS = 12
"""Hexadecimal digits of a record id's hash: among a million recordings, two share them once in 500 times."""
# Runs and bundles that do not state the kind of their data set: what these names meant when they were made.
_KIND_OF_NAME: Mapping[str, Kind] = {"cinc2017": "public", "simulated": "simulated"}


SHARED: Mapping[tuple[str, str], Callable[[Entry], bool]] = MappingProxyType(
    {
        # Fold 10 of PTB-XL is left out there, for models to be judged on.
        ("twelve-leads", "ptbxl"): lambda entry: entry.fold != TEST_FOLD,
        ("twelve-leads", "cinc2020"): lambda entry: entry.source != "ptb-xl",
        ("twelve-leads", "cpsc2018"): lambda _: True,
        ("ptbxl", "twelve-leads"): lambda entry: entry.source == "ptbxl",
        ("cinc2020", "twelve-leads"): lambda entry: entry.source != "ptbxl",
        ("cinc2020", "cpsc2018"): lambda _: True,
        ("cpsc2018", "twelve-leads"): lambda entry: entry.source == "cpsc_2018",
        ("cpsc2018", "cinc2020"): lambda entry: entry.source == "cpsc_2018",
    }
)
"""Public data sets that share recordings under one id: which of the second who saw all of the first has seen.

The challenge's copies of PTB-XL's recordings have ids of their own: they are not recognised.
"""


@dataclass(frozen=True)
class Seen:
    """Recordings of one data set that trained a network, or decided when to stop it.

    dataset, kind, fingerprint, n_records : of the data set
    role : "trained" or "stopped"
    records : the first digits of the SHA-256 of each recording's id; None for all recordings, or any of them
    """

    dataset: str
    kind: Kind
    fingerprint: str
    n_records: int
    role: Role
    records: frozenset[str] | None

    def is_of(self, dataset: Dataset) -> bool:
        """Tell whether a data set is this one, or a part or another form of it, by fingerprint or name."""
        is_named_so = self.is_named_as(dataset)
        # Of a folder whose recordings are not known one by one, the name alone says nothing.
        return self.fingerprint == dataset.fingerprint() or (
            is_named_so and (self.records is not None or self.kind == "public")
        )

    def is_named_as(self, dataset: Dataset) -> bool:
        """Tell whether a data set has this one's name and kind, or is a public one that shares recordings."""
        if self.kind != dataset.kind:
            return False
        shares = self.kind == "public" and (self.dataset, dataset.name) in SHARED
        return shares or self.dataset == dataset.name

    def among(self, dataset: Dataset) -> set[str]:
        """Return the ids of a data set's entries that are among these, or beats of one of these."""
        if not self.is_of(dataset):
            return set()
        if self.records is None:
            is_shared = SHARED.get((self.dataset, dataset.name))
            return {one.record_id for one in dataset.entries if is_shared is None or is_shared(one)}
        seen = {name for name in set(map(recording_of, dataset.entries)) if digest(name) in self.records}
        return {entry.record_id for entry in dataset.entries if recording_of(entry) in seen}

    def to_json(self) -> dict[str, Any]:
        """Return JSON values, the recordings as one text; `from_json` reads them back."""
        records = "all" if self.records is None else " ".join(sorted(self.records))
        return {**self.__dict__, "records": records}

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Seen:
        """Build what `to_json` wrote. Raises ValueError, KeyError or TypeError if it is nothing like it."""
        texts = {name: values[name] for name in ("dataset", "kind", "fingerprint", "role", "records")}
        n_records = values["n_records"]
        if not (all(isinstance(text, str) for text in texts.values()) and isinstance(n_records, int)):
            raise TypeError("expected texts and a number of recordings")
        if texts["kind"] not in KINDS or texts["role"] not in get_args(Role):
            raise ValueError(f"expected a kind and a role, found {texts['kind']} and {texts['role']}")
        records = None if texts.pop("records") == "all" else frozenset(values["records"].split())
        return cls(**texts, n_records=n_records, records=records)


@dataclass(frozen=True)
class Ancestry:
    """All that a network, or what its weights come from, has seen.

    parts : data set by data set
    is_known : false where some of it is not stated
    """

    parts: tuple[Seen, ...] = ()
    is_known: bool = True

    def __or__(self, other: Ancestry) -> Ancestry:
        """Return what either has seen."""
        parts: dict[tuple[object, ...], Seen] = {}
        for part in (*self.parts, *other.parts):
            key = (part.dataset, part.kind, part.fingerprint, part.role)
            parts[key] = _both(parts[key], part) if key in parts else part
        return Ancestry(tuple(parts.values()), self.is_known and other.is_known)

    def among(self, dataset: Dataset, *roles: Role) -> set[str]:
        """Return the ids of a data set's entries that it has seen; in these roles, if some are named."""
        parts = [part for part in self.parts if not roles or part.role in roles]
        return set().union(*(part.among(dataset) for part in parts))

    def to_json(self) -> dict[str, Any]:
        """Return JSON values; `from_json` reads them back."""
        return {"is_known": self.is_known, "parts": [part.to_json() for part in self.parts]}

    @classmethod
    def from_json(cls, values: Any) -> Ancestry:
        """Build what `to_json` wrote; from anything else, an ancestry that is not known."""
        try:
            parts = tuple(map(Seen.from_json, values["parts"]))
            return cls(parts, values["is_known"] is True)
        except (KeyError, TypeError, ValueError, AttributeError):
            return UNKNOWN


UNKNOWN = Ancestry(is_known=False)
"""What weights have seen of which nobody says where they come from."""


def digest(record_id: str) -> str:
    """Return what stands for a recording where its name would take too much room, or tell too much.

    >>> digest("A00001")
    '7169b713f58c'
    """
    return hashlib.sha256(record_id.encode()).hexdigest()[:_DIGITS]


def recording_of(entry: Entry) -> str:
    """Return the id of the recording that an entry is, or was cut from."""
    return entry.record_id if entry.recording is None else entry.recording


def seen_of(dataset: Mapping[str, Any], role: Role, record_ids: Iterable[str] | None) -> Seen:
    """Return what was seen of a data set, as a run's settings describe it.

    record_ids : of recordings, those of which beats were seen among them; None stands for all of them
    """
    records = None if record_ids is None else frozenset(map(digest, record_ids))
    name, fingerprint = str(dataset.get("name")), str(dataset.get("fingerprint"))
    n_records = dataset.get("n_records")
    part = Seen(name, kind_of(dataset), fingerprint, n_records if isinstance(n_records, int) else 0, role,
                records)  # fmt: skip
    return _shortened(part)


def describe(dataset: Dataset) -> dict[str, Any]:
    """Return what a run's settings say of a data set: name, kind, number of recordings and fingerprint."""
    fingerprint = dataset.fingerprint()
    return {"name": dataset.name, "kind": dataset.kind, "n_records": len(dataset), "fingerprint": fingerprint}


def kind_of(dataset: Mapping[str, Any]) -> Kind:
    """Return the kind of a data set as a run or a bundle describes it."""
    for kind in KINDS:
        if dataset.get("kind") == kind:
            return kind
    return _KIND_OF_NAME.get(str(dataset.get("name")), "own")


def bundle_ancestry(provenance: Mapping[str, Any]) -> Ancestry:
    """Return what the networks of a bundle have seen, as far as its provenance says.

    A bundle that does not list it, and states the data set that its networks learnt from, is taken to have
    seen all of it.
    """
    if "learnt_from" in provenance:
        return Ancestry.from_json(provenance["learnt_from"])
    dataset, networks = provenance.get("dataset"), provenance.get("networks")
    if not isinstance(dataset, Mapping) or not dataset.get("name"):
        return UNKNOWN
    listed = networks if isinstance(networks, list | tuple) else []
    is_known = bool(listed) and all(is_begun_afresh(item) for item in listed)
    return Ancestry((seen_of(dataset, "trained", None),), is_known)


def is_begun_afresh(network: Any) -> bool:
    """Tell whether a provenance says of a network that it has neither initial weights nor a teacher."""
    return isinstance(network, Mapping) and network.get("init") is None and not network.get("distilled")


def check_unseen(ancestry: Ancestry, dataset: Dataset, split: Split, where: object) -> None:
    """Raise RunError if initial weights have seen recordings that are to test or stop a run.

    Those that only stopped them may stop the run too: neither trains on them.
    """
    test, validation = ({dataset.record_ids[i] for i in part} for part in (split.test, split.validation))
    if split.test.size == 0:
        # Then those that stop the run are all that it will be judged by.
        test = validation
    leaked = test & ancestry.among(dataset) | validation & ancestry.among(dataset, "trained")
    if leaked:
        names = {recording_of(entry) for entry in dataset.entries if entry.record_id in leaked}
        raise RunError(f"{where}: the initial weights, or what they come from, saw {len(names)} of the "
                       f"recordings of {dataset.name} that are to test or stop this run, {min(names)} among "
                       "them: expected others, or a run that is not tested (fold all)")  # fmt: skip


def _both(one: Seen, other: Seen) -> Seen:
    if one.records is None or other.records is None:
        return replace(one, records=None)
    return _shortened(replace(one, records=one.records | other.records))


def _shortened(part: Seen) -> Seen:
    """Say "all" where it is: of a public data set, that says which recordings these are.

    Never of heartbeats, of which there are more than recordings: these are listed.
    """
    is_all = part.kind == "public" and part.records is not None and len(part.records) == part.n_records
    return replace(part, records=None) if is_all else part
