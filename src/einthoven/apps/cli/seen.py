"""Which recordings of a data set a model has seen while it was made, and which parts hold them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

from einthoven.apps.cli.output import say
from einthoven.apps.text import counted
from einthoven.errors import DatasetError, SettingsError

if TYPE_CHECKING:
    from einthoven.bundle import Bundle
    from einthoven.datasets import Dataset

_WORDS: Mapping[str, str] = MappingProxyType(
    {"ds1": "to train", "ds2": "to test", "paced": "with pacemakers", "inter-patient": "ds1 and ds2"}
)
"""What parts of MIT-BIH are, as far as their names do not say it."""


@dataclass(frozen=True, slots=True)
class Seen:
    """Recordings of a data set that a model has seen while it was made.

    recordings : that trained it, or decided when to stop
    same_patient : others of the patients of these
    is_known : whether all that it learnt from is stated
    """

    recordings: tuple[str, ...]
    same_patient: tuple[str, ...]
    is_known: bool

    def __len__(self) -> int:
        return len(self.recordings) + len(self.same_patient)


def seen_of(bundle: Bundle, whole: Dataset, dataset: Dataset) -> Seen:
    """Tell which recordings of a data set a model has seen; of patients it is told by the whole data set."""
    from einthoven.training.ancestry import bundle_ancestry

    ancestry, names = bundle_ancestry(bundle.provenance), dataset.record_ids
    seen = ancestry.among(whole) | ancestry.among(dataset)
    patient_of = {entry.record_id: entry.patient for entry in whole.entries}
    patients = {patient for name, patient in patient_of.items() if name in seen} - {None}
    return Seen(
        tuple(name for name in names if name in seen),
        tuple(name for name in names if patient_of.get(name) in patients and name not in seen),
        ancestry.is_known,
    )


def say_seen(bundle: Bundle, whole: Dataset, dataset: Dataset) -> None:
    """Say on stderr, before a model is scored, how many of the recordings it has seen, if it has any."""
    seen, n = seen_of(bundle, whole, dataset), len(dataset)
    if not len(seen):
        return
    share, whose = (f"all {n}", "the") if len(seen) == n else (f"{len(seen)} of {n}", "their")
    people = ", or of the same people" if seen.same_patient else ""
    say(f"{dataset.name}: {share} recordings are among those that {bundle.name} learnt from{people}: {whose} "
        "scores are flattering")  # fmt: skip


def need_part(bundle: Bundle, whole: Dataset) -> None:
    """Raise SettingsError if a public data set has parts of annotated recordings, as none was asked for.

    Pooled, people that a model of heartbeats learnt from would stand beside others, and pacemakers.
    """
    from einthoven.datasets import parts_of
    from einthoven.training.ancestry import bundle_ancestry

    if whole.kind != "public" or any(entry.labels for entry in whole.entries) or not parts_of(whole.name):
        return
    is_known = bundle_ancestry(bundle.provenance).is_known
    hint = "" if is_known else f" (what {bundle.name} learnt from is not all stated)"
    raise SettingsError(
        f"{whole.name}: expected --part with one of {', '.join(_parts(bundle, whole))}{hint}; found none"
    )


def _parts(bundle: Bundle, whole: Dataset) -> Iterator[str]:
    """Yield each part with its recordings, and how many of these a model has seen; all of them last."""
    from einthoven.datasets import parts_of, select_part

    is_first = True
    for name in sorted(parts_of(whole.name), key=lambda name: name == "all"):
        try:
            part = select_part(whole, name)
        except DatasetError:
            # Nothing of it is there.
            continue
        n, n_seen = len(part), len(seen_of(bundle, whole, part))
        words = f"{_WORDS[name]}: " if name in _WORDS else ""
        counts = f"{n}, {n_seen}"
        if is_first:
            counts = f"{counted(n, 'recording')}, {n_seen} of people that {bundle.name} learnt from"
        is_first = False
        yield f"{name} ({words}{counts})"
